"""Roots of one-dimensional functions, with a record of how the search went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from pymeta.arrays import FloatArray

__all__ = ["Solve", "falling_root", "roots_down"]

_EPS = 2.0**-52


@dataclass(frozen=True, slots=True)
class Solve:
    """How an estimate was found.

    converged : whether `reason` is an answer
    reason : in words, and what to try where it failed
    iterations : evaluations of the estimating function; 0 for a closed form
    at_zero : the estimate lies at the boundary, tau2 = 0
    """

    converged: bool
    reason: str
    iterations: int
    at_zero: bool


def roots_down(f: Callable[[float], float], grid: FloatArray) -> list[float]:
    """Every root at which f falls through zero between two neighbours of `grid`, to the last digit.

    Where f is the derivative of a likelihood, these are its interior maxima that the grid can tell apart.
    """
    points = grid.tolist()
    values = [float(f(x)) for x in points]
    return [
        falling_root(f, a, b, fa, fb) for (a, fa), (b, fb) in pairwise(zip(points, values, strict=True)) if fa > 0.0 >= fb
    ]


def falling_root(f: Callable[[float], float], a: float, b: float, fa: float, fb: float) -> float:
    """The root of f between a and b, where f(a) = fa > 0 ≥ fb = f(b), to the last digit of the root.

    Inverse quadratic interpolation where it is safe, else bisection: at most some 60 evaluations, typically 7.
    Source: Chandrupatla (1997), Advances in Engineering Software 28, 145-149.
    """
    c, fc, share = a, fa, 0.5
    for _ in range(_MOST):
        if fb == 0.0 or a == b:
            return float(b)
        x = a + share * (b - a)
        fx = float(f(x))
        c, fc, a, fa, b, fb = (a, fa, x, fx, b, fb) if (fx > 0.0) == (fa > 0.0) else (b, fb, x, fx, a, fa)
        best, fbest = (a, fa) if abs(fa) < abs(fb) else (b, fb)
        least = 2.0 * _EPS * abs(best)
        if fbest == 0.0 or abs(b - a) <= least:
            return float(best)
        nearest = 0.5 * least / abs(b - a)
        share = min(max(_share(a, fa, b, fb, c, fc), nearest), 1.0 - nearest)
    return float(best)


_MOST = 1200  # bisections from 1 down to the smallest double


def _share(a: float, fa: float, b: float, fb: float, c: float, fc: float) -> float:
    """The next point's share of the way from a to b: a half, unless the inverse parabola through the three is monotone."""
    xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
    if not (phi * phi < xi and (1.0 - phi) ** 2 < 1.0 - xi):
        return 0.5
    return fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
