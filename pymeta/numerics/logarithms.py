"""Logarithms that keep their digits where a plain one would lose them."""

from __future__ import annotations

import numpy as np

from pymeta.arrays import FloatArray

__all__ = ["log_ratio"]


def log_ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """log(above/below), (k,), to the last digits also where the two are nearly equal; NaN for opposite signs.

    Near 1 by the difference of the two, which is exact there (as are products of counts).
    """
    excess = (above - below) / below
    near = np.abs(excess) < 0.5
    found = np.log(above / below)
    found[near] = np.log1p(excess[near])
    return found
