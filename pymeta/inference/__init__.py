"""Tests, intervals and heterogeneity."""
