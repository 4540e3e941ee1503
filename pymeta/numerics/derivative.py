"""Derivatives of functions that are only known by their values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pymeta.arrays import FloatArray

__all__ = ["derivative"]

_STEPS = 2.0 ** -np.arange(2.0, 62.0)
_ORDERS = 8


def derivative(f: Callable[[FloatArray], FloatArray], x: FloatArray) -> FloatArray:
    """f′(x) of a function that takes (k,) to (k,) element by element; NaN where f is not defined on both sides of x.

    Central differences with 60 steps, each halved, extrapolated to a step of 0 from every one of them; taken is the
    extrapolation with the smallest error, truncation (what the orders disagree by) and rounding (of f) together. For
    smooth functions about 12 digits.
    Source: Ridders (1982), Advances in Engineering Software 4, with steps that need not be chosen.
    """
    with np.errstate(all="ignore"):
        sizes = np.maximum(np.abs(x), 1.0)
        differences, noise = _differences(f, x, _STEPS[:, None] * sizes)
        best, error = np.full_like(x, np.nan), np.full_like(x, np.inf)
        for order in range(1, _ORDERS):
            finer = differences[1:]
            higher = (4.0**order * finer - differences[:-1]) / (4.0**order - 1.0)
            noise = noise[1:]  # the finer step's rounding is what the extrapolation carries on
            doubt = np.maximum(np.abs(higher - finer), np.abs(higher - differences[:-1]) / 4.0**order) + 2.0 * noise
            doubt = np.where(np.isfinite(doubt), doubt, np.inf)
            row = doubt.argmin(axis=0), np.arange(x.size)
            better = doubt[row] < error
            best, error = np.where(better, higher[row], best), np.where(better, doubt[row], error)
            differences = higher
        return best


def _differences(f: Callable[[FloatArray], FloatArray], x: FloatArray, steps: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Central differences of each step, and the rounding error they may have, both (steps, k)."""
    slopes, noise = np.empty_like(steps), np.empty_like(steps)
    for i, step in enumerate(steps):
        low, high = x - step, x + step
        below, above = f(low), f(high)
        slopes[i] = np.where((low < x) & (x < high), (above - below) / (high - low), np.nan)
        noise[i] = np.finfo(float).eps * np.maximum(np.abs(below), np.abs(above)) / step
    return slopes, noise
