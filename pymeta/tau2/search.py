"""Where an estimating function of tau² falls through zero: all the places, each to the last digit."""

from __future__ import annotations

from collections.abc import Callable
from math import expm1, log1p
from typing import NamedTuple

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.numerics.marginal import Engine
from pymeta.numerics.panels import NODES, evenly, root_in_panel

__all__ = ["Falls", "Score", "falls"]

Score = Callable[[Engine, FloatArray], FloatArray]
"""An estimating function: (G,) values from an engine and its weights (G, k)."""

_SPACING = 0.2  # of the grid, in log(tau² + min v): a likelihood bends over distances of 1 there
_MARGIN = 0.004  # by which a panel reaches over its neighbours, for roots that rounding moves across
_MANY = 200  # studies from which on sums of products are faster than residuals for p = 1; for p > 1 they always are
_CHUNK = 1 << 16  # numbers a working array may hold


class Falls(NamedTuple):
    """The roots, ascending; whether the function is negative at 0 already; and how often it was evaluated."""

    roots: list[float]
    from_zero: bool
    evaluations: int


def falls(score: Score, studies: Engine, top: float) -> Falls:
    """The tau² ≥ 0 where `score` falls through zero; beyond `top` it must be negative.

    The score is analytic in s = log(tau² + min v) up to a distance of π from the real axis, so that 10 points in a panel
    of the grid give a root in all its digits, and a grid of 0.2 shows every bump that a likelihood can have.
    """
    low = studies.low
    s = evenly(log1p(top / low) + 2.0 * _MARGIN, _SPACING)
    values = _over(score, _quick(studies, 0.0, 1e5), low * np.expm1(s))
    roots = []
    positive = values > 0.0
    for i in (positive[:-1] & ~positive[1:]).nonzero()[0].tolist():
        near = _of_log(score, _quick(studies, low * expm1(s[i]), 100.0))
        roots.append(max(low * expm1(root_in_panel(near, s[i] - _MARGIN, s[i + 1] + _MARGIN)), 0.0))
    return Falls(roots, bool(values[0] <= 0.0), len(s) + NODES * len(roots))


def _of_log(score: Score, studies: Engine) -> Callable[[FloatArray], FloatArray]:
    return lambda s: score(studies, studies.weights(studies.low * np.expm1(s)))


def _quick(studies: Engine, tau2: float, most: float) -> Engine:
    """Sums of products where they are the faster way and the weights from `tau2` on are within a factor of `most`."""
    few = studies.X.shape[1] == 1 and studies.vi.size < _MANY
    if few or studies.high + tau2 > most * (studies.low + tau2):
        return studies
    return studies.moments


def _over(score: Score, studies: Engine, tau2: FloatArray) -> FloatArray:
    """`score` for all of tau2 (G,), some at a time, so that memory stays O(k p)."""
    rows = max(1, _CHUNK // studies.X.size)
    if rows >= len(tau2):
        return score(studies, studies.weights(tau2))
    return np.concatenate([score(studies, studies.weights(tau2[i : i + rows])) for i in range(0, len(tau2), rows)])
