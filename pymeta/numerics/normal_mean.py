"""Means of functions of a normal variable, and the modes of some."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from pymeta.arrays import FloatArray

__all__ = ["normal_mean", "tanh_peak"]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_REACH = np.array([0.0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64])
_RISE = np.arange(-40.0, 41.0)
"""Where tanh, the logistic and the normal distribution function rise; beyond, they are flat or exponential."""


def normal_mean(
    h: Callable[[FloatArray], FloatArray],
    mean: FloatArray,
    sd: float,
    limits: tuple[float, float],
    within: tuple[float, float] = (-np.inf, np.inf),
) -> FloatArray:
    """∫ h(z) f(z) dz between `limits`, (k,); f is the normal density, divided by its mass `within` an interval.

    h : smooth but for the ends of `within`, and nowhere on a finer scale than 1
    mean, sd : of the normal density, (k,) and a number above 0

    By Gauss-Legendre of 24 nodes on panels that follow the density's scale; 13 digits and more.
    """
    ends = [end for end in within if np.isfinite(end)]
    top = np.clip(mean, *within)
    whole = _integral(h, mean, sd, top, limits, [*_RISE, *ends])
    return whole / _integral(np.ones_like, mean, sd, top, within, []) if ends else whole


def _integral(
    h: Callable[[FloatArray], FloatArray],
    mean: FloatArray,
    sd: float,
    top: FloatArray,
    limits: tuple[float, float],
    breaks: list[float],
) -> FloatArray:
    """∫ h(z) f(z) dz where f(z) is scaled so that far tails do not vanish: f(top) is the density at the mean."""
    low, high = sorted(limits)
    peak = np.clip(mean, low, high)
    scale = sd**2 / np.maximum(sd, np.abs(peak - mean))  # beyond its peak, a tail falls by 1/e in so much
    points = [peak + side * reach * scale for side in (-1.0, 1.0) for reach in _REACH]
    points += [np.full_like(mean, point) for point in breaks]
    low_k, high_k = np.maximum(low, peak - _REACH[-1] * scale), np.minimum(high, peak + _REACH[-1] * scale)
    edges = np.sort(np.clip([low_k, *points, high_k], low_k, high_k), axis=0)
    total = np.zeros_like(mean)
    for left, right in pairwise(edges):
        half = (right - left)[:, None] / 2.0
        z = (left + right)[:, None] / 2.0 + half * _NODES
        fall = (z - top[:, None]) * (z + (top - 2.0 * mean)[:, None]) / (2.0 * sd**2)
        total += (half * _WEIGHTS * h(z) * np.exp(-fall)).sum(axis=1)
    sign = -1.0 if limits[0] > limits[1] else 1.0
    return np.asarray(sign * total / (sd * np.sqrt(2.0 * np.pi)))


def tanh_peak(mean: FloatArray, variance: float, c: float) -> FloatArray:
    """The largest root z of (z − m)/v = c tanh(c z/2) at m ≥ 0, with the sign of m, (k,).

    For c = 2 the mode of an atanh-normal variable on the normal's scale, for c = 1 that of a logit-normal one.
    """
    m = np.abs(mean)
    z = m + c * variance
    for _ in range(200):  # Newton from the right, where the difference is convex: it falls to the root
        t = np.tanh(c * z / 2.0)
        slope = 1.0 / variance - c**2 / 2.0 * (1.0 - t**2)
        z = np.maximum(z - ((z - m) / variance - c * t) / np.where(slope > 0.0, slope, np.inf), m)
    alone = (m == 0.0) & (c**2 * variance <= 2.0)  # 0 is the only root, and where Newton would creep
    return np.asarray(np.where(alone, 0.0, np.copysign(z, np.where(mean == 0.0, 1.0, mean))))
