"""Estimators of the variance between studies."""
