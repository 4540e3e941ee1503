"""The highest place of a selection model's likelihood, from several starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from pymeta.arrays import BoolArray, FloatArray
from pymeta.models.selection_likelihood import Evaluation, SelectionModel, Steps, evaluate
from pymeta.numerics.ascent import Bounds, Peak, ascend

__all__ = ["Problem", "Selected", "covariance", "each_start", "highest", "highest_cut"]

_SPAN = 1e-6, 1e4
"""Which values of delta are looked at by their logarithms."""
_FAR = 1e3
"""In units of size 1: a place so far away that it is on the way to infinity."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A likelihood of theta = (beta, tau2, delta), (n,).

    given : values that are not estimated, NaN elsewhere; low, high : bounds; unit : what each is measured in
    falling : pairs of places, the second of which may not be above the first
    logs : whether theta has the logarithms of delta
    """

    model: SelectionModel
    given: FloatArray
    low: FloatArray
    high: FloatArray
    unit: FloatArray
    falling: tuple[tuple[int, int], ...] = ()
    logs: bool = False

    def evaluate(self, theta: FloatArray) -> Evaluation:
        """The log-likelihood and its derivatives."""
        if not self.logs:
            return evaluate(self.model, theta)
        d, by_log = self.model.deltas, np.ones(len(theta))
        by_log[-d:] = np.exp(theta[-d:])
        value, gradient, hessian = evaluate(self.model, np.concatenate([theta[:-d], by_log[-d:]]))
        bent = np.concatenate([np.zeros(len(theta) - d), (by_log * gradient)[-d:]])
        return Evaluation(value, by_log * gradient, by_log[:, None] * hessian * by_log + np.diag(bent))

    @property
    def free(self) -> BoolArray:
        """Which are estimated, (n,)."""
        return np.isnan(self.given)


@dataclass(frozen=True, slots=True)
class Selected:
    """The highest place that was found, or one that was asked for.

    theta : (n,); value : the log-likelihood; covariance : (n, n), NaN for what was given and for what a bound holds
    drifting : there is no highest place; held : (n,) at a bound; starts, evaluations : how many there were
    """

    theta: FloatArray
    value: float
    covariance: FloatArray
    drifting: bool
    held: BoolArray
    starts: int
    evaluations: int


class _Scaled(NamedTuple):
    """theta[free] = T x, where the x are of size 1."""

    T: FloatArray
    bounds: Bounds


def highest(problem: Problem, starts: Iterable[FloatArray]) -> Selected:
    """The highest maximum that the starts (n,) lead to, within the bounds."""
    free = problem.free
    if not free.any():
        here = evaluate(problem.model, problem.given)
        nothing = np.full((len(free), len(free)), np.nan)
        return Selected(problem.given, here.value, nothing, False, np.zeros(len(free), dtype=bool), 1, 1)
    places, evaluations = [_inside(problem, start) for start in starts], 0
    begun = len(places)
    if isinstance(problem.model.weights, Steps):
        places, evaluations = _near_peaks(problem, places)
    scaled = _scaled(problem)
    peaks = _climbed(problem, scaled, places)
    evaluations += sum(peak.evaluations for peak in peaks)
    return replace(_selected(problem, scaled, peaks), starts=begun, evaluations=evaluations)


def _climbed(problem: Problem, scaled: _Scaled, places: Iterable[FloatArray]) -> list[Peak]:
    """The peaks that the places lead to, a peak a place."""
    free, inverse = problem.free, np.linalg.inv(scaled.T)

    def surface(x: FloatArray) -> Evaluation:
        return _inner(problem.evaluate(_theta(problem, scaled.T @ x)), free, scaled.T)

    peaks: list[Peak] = []
    for place in np.unique([one[free] for one in places], axis=0):
        peaks.append(ascend(surface, inverse @ place, scaled.bounds, known=peaks))
    return peaks


def _near_peaks(problem: Problem, places: Iterable[FloatArray]) -> tuple[list[FloatArray], int]:
    """Where the places lead to by the logarithms of delta, in which the likelihood is nearer to a parabola; evaluations."""
    d = problem.model.deltas

    def logs(theta: FloatArray) -> FloatArray:
        return np.concatenate([theta[:-d], np.log(np.clip(theta[-d:], *_SPAN))])

    logged = replace(
        problem,
        given=logs(problem.given),
        low=logs(problem.low),
        high=logs(problem.high),
        unit=np.concatenate([problem.unit[:-d], np.ones(d)]),
        logs=True,
    )
    scaled = _scaled(logged)
    peaks = _climbed(logged, scaled, map(logs, places))
    found = [_theta(logged, scaled.T @ peak.x) for peak in peaks]
    near = [_inside(problem, np.concatenate([theta[:-d], np.exp(theta[-d:])])) for theta in found]
    return near, sum(peak.evaluations for peak in peaks)


def _selected(problem: Problem, scaled: _Scaled, peaks: list[Peak]) -> Selected:
    top = max(peak.at.value for peak in peaks)
    close = [peak for peak in peaks if peak.at.value >= top - 1e-9]
    best = min(close, key=lambda peak: (peak.flat, not peak.settled, -peak.at.value))
    theta = _inside(problem, _theta(problem, scaled.T @ best.x))
    drifting = not np.isfinite(best.at.value) or (best.flat and bool(np.abs(best.x).max() > _FAR))
    met = scaled.bounds.A[scaled.bounds.slack(best.x) <= 1e-9]
    V, held = covariance(problem, theta, met @ np.linalg.inv(scaled.T))
    return Selected(theta, best.at.value, V, drifting, held, len(peaks), 0)


def covariance(problem: Problem, theta: FloatArray, held: FloatArray) -> tuple[FloatArray, BoolArray]:
    """The inverse of the observed information along what the bounds `held` (m, free) leave; and which none is left of."""
    free = problem.free
    basis = np.eye(int(free.sum()))
    if len(held):
        _, sizes, V = np.linalg.svd(held)
        basis = V[int((sizes > 1e-10 * sizes[0]).sum()) :].T
    information = -evaluate(problem.model, theta).hessian[np.ix_(free, free)]
    found = np.full((len(theta), len(theta)), np.nan)
    still = np.zeros(len(theta), dtype=bool)
    loose = np.abs(basis).max(axis=1, initial=0.0) > 1e-9
    still[np.flatnonzero(free)[~loose]] = True
    seen = basis.T @ information @ basis
    size = np.sqrt(np.abs(seen.diagonal()))
    if basis.shape[1] and size.all() and np.linalg.eigvalsh(seen / np.outer(size, size))[0] > 1e-12:
        part = basis @ (np.linalg.inv(seen / np.outer(size, size)) / np.outer(size, size)) @ basis.T
        part[~loose] = part[:, ~loose] = np.nan
        found[np.ix_(free, free)] = (part + part.T) / 2.0
    return found, still


def _theta(problem: Problem, values: FloatArray) -> FloatArray:
    theta = problem.given.copy()
    theta[problem.free] = values
    return theta


def _inside(problem: Problem, theta: FloatArray) -> FloatArray:
    """The place with what is given, and the rest within the bounds."""
    found = np.where(problem.free, np.clip(theta, problem.low, problem.high), problem.given)
    for before, after in problem.falling:
        if problem.free[after]:
            found[after] = min(found[after], found[before])
    return found


def _inner(here: Evaluation, free: BoolArray, T: FloatArray) -> Evaluation:
    value, gradient, hessian = here.value, here.gradient[free], here.hessian[np.ix_(free, free)]
    n = len(gradient)
    if not (np.isfinite(value) and np.isfinite(gradient).all() and np.isfinite(hessian).all()):
        return Evaluation(-np.inf, np.full(n, 1e9), -np.eye(n))
    return Evaluation(value, T.T @ gradient, T.T @ hessian @ T)


def _scaled(problem: Problem) -> _Scaled:
    X, free = problem.model.X, problem.free
    p, n = X.shape[1], len(free)
    whole = np.diag(problem.unit)
    if free[:p].all():
        whole[:p, :p] = np.linalg.inv(np.linalg.qr(X, mode="r")) * np.sqrt(len(X)) * problem.unit[0]
    T = whole[np.ix_(free, free)]
    rows, limits = [], []
    for bound, sign in ((problem.low, 1.0), (problem.high, -1.0)):
        for i in np.flatnonzero(free & np.isfinite(bound)):
            rows.append(sign * np.eye(n)[i])
            limits.append(sign * bound[i])
    for before, after in problem.falling:
        rows.append(np.eye(n)[before] * free[before] - np.eye(n)[after] * free[after])
        limits.append(
            0.0 if free[before] and free[after] else problem.given[after] if free[before] else -problem.given[before]
        )
    A = np.array(rows).reshape(len(rows), n)[:, free] @ T
    length = np.linalg.norm(A, axis=1)
    kept = length > 0.0
    return _Scaled(T, Bounds(A[kept] / length[kept, None], np.array(limits)[kept] / length[kept]))


def highest_cut(problem: Problem, starts: list[FloatArray]) -> tuple[Selected, float]:
    """The same over all places of the one edge of a step function as well, and where it then is.

    Between two effects the likelihood rises with the edge, or falls, so that it is highest at an effect: at one that counts
    as lying below, or, as the limit, at one that counts as lying above.
    """
    steps = problem.model.weights
    assert isinstance(steps, Steps)
    yi = problem.model.yi[problem.model.affected]
    best: tuple[Selected, float] | None = None
    near = starts
    for cut in np.unique(yi):
        for below, edge in ((yi < cut, np.nextafter(cut, -np.inf)), (yi <= cut, cut)):
            moved = replace(steps, edges=_moved(steps.edges, cut), group=np.where(below, 1, 0))
            found = highest(replace(problem, model=replace(problem.model, weights=moved)), near)
            near = [*starts, found.theta]
            if not found.drifting and (best is None or found.value > best[0].value + 1e-12):
                best = found, float(edge)
    return best if best is not None else (found, float(edge))


def _moved(edges: FloatArray, cut: float) -> FloatArray:
    found = edges.copy()
    found[1] = cut
    return found


def each_start(beta: FloatArray, tau2: float, spread: float, deltas: Iterable[FloatArray]) -> Iterator[FloatArray]:
    """Starts: the model without selection, each with some selection; and one with more heterogeneity."""
    for delta in deltas:
        yield np.array([*beta, tau2, *delta])
    yield np.array([*beta, tau2 + spread, *delta])
