"""Studies and specifications: what the models are given."""
