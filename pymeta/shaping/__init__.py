"""Data put into another shape: long, wide, by cluster, in blocks, as a matrix of covariances or contrasts."""
