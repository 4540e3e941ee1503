"""Averages over the rows of a data set, for sampling variances that take what the rows share from all of them."""

from __future__ import annotations

import numpy as np

from pymeta.arrays import FloatArray

__all__ = ["weighted_average"]


def weighted_average(values: FloatArray, weights: FloatArray) -> np.float64:
    """Over the rows that have a value and a weight; NaN where none has.

    A NumPy number, whose square may overflow to infinity, where Python's raises.
    """
    there = np.isfinite(values) & np.isfinite(weights)
    return np.float64(np.average(values[there], weights=weights[there])) if there.any() else np.float64(np.nan)
