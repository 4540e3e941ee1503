"""The highest place of a smooth function of few variables within linear bounds, by Newton's steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np

from pymeta.arrays import BoolArray, FloatArray

__all__ = ["Bounds", "Peak", "Surface", "ascend"]

_FLAT = 1e-9
"""A curvature below which a variable of size 1 has no place of its own."""
_CLEAR = 1e-3
"""A curvature above which Newton's steps are to be trusted."""
_LONGEST = 3.0
"""No step is longer."""
_NEAR = 1e-12
"""A bound that is closer than this is met."""


class Surface(Protocol):
    """What a function has at a place: its value, gradient (n,) and Hessian (n, n)."""

    @property
    def value(self) -> float: ...  # noqa: D102
    @property
    def gradient(self) -> FloatArray: ...  # noqa: D102
    @property
    def hessian(self) -> FloatArray: ...  # noqa: D102


class Bounds(NamedTuple):
    """A x ≥ b for A (m, n), its rows of length 1, and b (m,)."""

    A: FloatArray
    b: FloatArray

    def slack(self, x: FloatArray) -> FloatArray:
        """How far x is from each bound, (m,)."""
        return np.asarray(self.A @ x - self.b)


@dataclass(frozen=True, slots=True)
class Peak:
    """Where an ascent ended.

    x : (n,) the place; at : the function there; met : (m,) which bounds hold it
    flat : the function has no bend there, so that it goes on rising, or nearly, without end
    settled : whether no step leads higher
    """

    x: FloatArray
    at: Surface
    met: BoolArray
    flat: bool
    settled: bool
    evaluations: int


class _Step(NamedTuple):
    d: FloatArray
    gain: float  # of a linear function with this gradient: twice what Newton's step promises
    bend: float  # the smallest curvature, downwards, along the directions that are free
    held: BoolArray


def ascend(
    f: Callable[[FloatArray], Surface], x: FloatArray, bounds: Bounds, most: int = 200, known: Sequence[Peak] = ()
) -> Peak:
    """Climb from x (n,), which is within the bounds, to a place where no direction leads up.

    known : peaks that other ascents found; one is returned as soon as this ascent is about to end there
    Variables should be of size 1. A step solves Newton's equations with the curvatures' sizes, so that it never leads
    down, in the space that the bounds leave. Source: Nocedal & Wright (2006), Numerical Optimization, sections 3.4 and 16.5.
    """
    here, evaluations, settled = f(x), 1, False
    step = _step(here, x, bounds)
    while evaluations < most and not settled:
        for peak in known:
            if _leads_to(peak, x, step):
                return replace(peak, evaluations=evaluations)
        room = _room(step.d, x, bounds)
        if step.gain < 1e-11 and room >= 1.0:  # values no longer tell; a full step is taken if it lessens the gradient
            there = f(x + step.d)
            following = _step(there, x + step.d, bounds)
            settled = not following.gain < 0.25 * step.gain
            evaluations += 1
        else:
            size, there, used = _shortened(f, here, x, step, min(room, 1.0))
            evaluations += used
            settled = size == 0.0
            following = _step(there, _moved(x, size * step.d, bounds), bounds) if not settled else step
            step = step._replace(d=size * step.d)
        if not settled:
            x, here, step = _moved(x, step.d, bounds), there, following
            settled = step.gain == 0.0 or (step.bend < _FLAT and step.gain < _FLAT)
    return Peak(x, here, step.held, step.bend < _FLAT, settled or step.gain < 1e-11, evaluations)


def _leads_to(peak: Peak, x: FloatArray, step: _Step) -> bool:
    """Whether Newton's step ends much nearer to the peak than it began, so that the next ones do all the more."""
    if step.bend < _CLEAR or not peak.settled or peak.flat or not np.array_equal(peak.met, step.held):
        return False
    length = np.linalg.norm(step.d)
    return bool(length < 1.0 and np.linalg.norm(x + step.d - peak.x) < 0.2 * length)


def _moved(x: FloatArray, d: FloatArray, bounds: Bounds) -> FloatArray:
    """x + d, put back where rounding has taken it outside."""
    new = x + d
    slack = bounds.slack(new)
    if len(slack) and slack.min() < 0.0:
        worst = int(slack.argmin())
        new = new - slack[worst] * bounds.A[worst]
    return new


def _shortened(
    f: Callable[[FloatArray], Surface], here: Surface, x: FloatArray, step: _Step, size: float
) -> tuple[float, Surface, int]:
    """The longest of size, size/4, … that leads as much higher as its slope promises in part; 0 where none does."""
    for used in range(1, 25):
        there = f(x + size * step.d)
        if there.value >= here.value + 1e-4 * size * step.gain:
            return size, there, used
        size = 0.25 * size
    return 0.0, here, used


def _room(d: FloatArray, x: FloatArray, bounds: Bounds) -> float:
    """How often d fits between x and the bounds that it leads to."""
    toward = bounds.A @ d
    closing = toward < -1e-14 * np.linalg.norm(d)
    if not closing.any():
        return np.inf
    slack = np.maximum(bounds.slack(x)[closing], 0.0)
    return float((slack / -toward[closing]).min())


def _step(here: Surface, x: FloatArray, bounds: Bounds) -> _Step:
    """Newton's step along the bounds that hold x; where another bound is in its way, the gradient's part inside."""
    met = bounds.slack(x) <= _NEAR * max(1.0, float(np.abs(x).max(initial=0.0)))
    held, inward = _held(here.gradient, bounds.A, met)
    while True:
        basis = _free(bounds.A[held], len(x))
        d, bend = _newton(here, basis)
        in_the_way = met & ~held & (bounds.A @ d < -1e-12 * np.linalg.norm(d))
        if not in_the_way.any():
            break
        held = held | in_the_way
    gain = float(here.gradient @ d)
    if met.any() and gain <= 1e-16 * float(here.gradient @ inward):
        d = inward * min(1.0, _LONGEST / max(float(np.linalg.norm(inward)), 1e-300))
        gain = float(here.gradient @ d)
    return _Step(d, gain, bend, held)


def _held(gradient: FloatArray, A: FloatArray, met: BoolArray) -> tuple[BoolArray, FloatArray]:
    """The bounds that the gradient presses on, and what is left of it: the part that leads inside.

    By Moreau's decomposition: with λ ≥ 0 that makes |gradient + A'λ| least, that vector is the gradient's projection
    upon the directions that are allowed.
    """
    from scipy.optimize import nnls  # a fifth of a second that other models need not pay

    held = np.zeros(len(A), dtype=bool)
    if not met.any():
        return held, gradient
    size = max(float(np.abs(gradient).max()), 1e-300)
    pressure = nnls(A[met].T, -gradient / size)[0]
    held[met] = pressure > 0.0
    inward = gradient + size * (A[met].T @ pressure)
    return held, np.where(np.abs(inward) > 1e-12 * size, inward, 0.0)


def _free(A: FloatArray, n: int) -> FloatArray:
    """An orthonormal basis (n, r) of what the rows of A leave."""
    if not len(A):
        return np.eye(n)
    _, sizes, V = np.linalg.svd(A)
    return np.asarray(V[int((sizes > 1e-10).sum()) :].T)


def _newton(here: Surface, basis: FloatArray) -> tuple[FloatArray, float]:
    """The step in the space of `basis`, at most `_LONGEST`, and the smallest curvature downwards."""
    if not basis.shape[1]:
        return np.zeros(len(basis)), np.inf
    curvature, axes = np.linalg.eigh(-basis.T @ here.hessian @ basis)
    size = np.abs(curvature)
    along = axes.T @ (basis.T @ here.gradient) / np.maximum(size, max(1e-12 * float(size.max()), 1e-280))
    d = basis @ (axes @ np.clip(along, -_LONGEST, _LONGEST))
    return d * min(1.0, _LONGEST / max(float(np.linalg.norm(d)), 1e-300)), float(curvature.min())
