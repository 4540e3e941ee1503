"""Linear algebra, roots and tail probabilities."""
