"""Roots of one-dimensional functions, with a record of how the search went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from pymeta.arrays import FloatArray

__all__ = ["Solve", "roots_down"]


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
    from scipy.optimize import brentq  # a quarter of a second that closed forms need not pay

    values = [f(float(x)) for x in grid]
    return [
        float(brentq(f, a, b, xtol=1e-300, rtol=1e-15, maxiter=200))
        for (a, fa), (b, fb) in pairwise(zip(grid, values, strict=True))
        if fa > 0.0 >= fb
    ]
