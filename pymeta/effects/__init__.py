"""Effect measures: data to effects and their sampling variances."""
