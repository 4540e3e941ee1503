"""Frozen records of what came out."""
