"""All places where a smooth function falls through zero, by values of whole arrays instead of one call after another."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.numerics.solve import falling_root

__all__ = ["NODES", "evenly", "root_in_panel"]

NODES = 10
"""How many values of f a root takes."""
_TURN = (np.arange(NODES) + 0.5) * np.pi / NODES
_X = np.cos(_TURN)
_TO_COEFFICIENTS = np.cos(np.outer(np.arange(NODES), _TURN)) * (2.0 / NODES)
_TO_COEFFICIENTS[0] *= 0.5


def evenly(end: float, spacing: float, least: int = 4) -> FloatArray:
    """Points from 0 to `end`, no more than `spacing` apart, at least `least` of them."""
    n = max(least, ceil(end / spacing) + 1)
    return np.asarray(np.arange(n) * (end / (n - 1)))


def root_in_panel(f: Callable[[FloatArray], FloatArray], a: float, b: float) -> float:
    """The root of f between a and b, where f falls, from one call of f with 10 points.

    f is replaced by its interpolating polynomial in Chebyshev's points, whose relative error is about ρ⁻¹⁰ where f is
    analytic in an ellipse about the panel with half axes that add up to ρ (b − a)/2. A root that rounding has
    put a little outside is found at the nearer end.
    Source: Trefethen (2013), Approximation Theory and Approximation Practice, theorem 8.2.
    """
    middle, half = 0.5 * (a + b), 0.5 * (b - a)
    c = (_TO_COEFFICIENTS @ f(middle + half * _X)).tolist()
    low, high = _clenshaw(c, -1.0), _clenshaw(c, 1.0)
    if low <= 0.0:
        return a
    if high > 0.0:
        return b
    return middle + half * _falling_root(c, low, high)


def _falling_root(c: list[float], low: float, high: float) -> float:
    """The root of Σ c_n T_n between −1 and 1, by secants, of which straight ones need few, or with brackets."""
    before, now = 1.0, (low + high) / (low - high)
    fbefore = high
    for _ in range(6):
        fnow = _clenshaw(c, now)
        if fnow == fbefore:
            break
        following = now - fnow * (now - before) / (fnow - fbefore)
        if not -1.0 <= following <= 1.0:
            break
        if abs(following - now) <= 4e-16:
            return following
        before, fbefore, now = now, fnow, following
    return falling_root(lambda x: _clenshaw(c, x), -1.0, 1.0, low, high)


def _clenshaw(c: list[float], x: float) -> float:
    """Σ c_n T_n(x)."""
    before, now, twice = 0.0, 0.0, x + x
    for coefficient in c[:0:-1]:
        before, now = now, coefficient + twice * now - before
    return c[0] + x * now - before
