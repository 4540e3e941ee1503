"""A published analysis, pymeta and R side by side."""
