"""Plots: `layout` gives numbers, ink comes after."""
