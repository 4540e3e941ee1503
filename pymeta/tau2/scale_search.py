"""The scale coefficients at which the likelihood is highest, from many starts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.numerics.ascent import Bounds, Peak, ascend
from pymeta.numerics.linalg import wls
from pymeta.tau2.scale import ScaleModel, evaluate, tau2_of, variance_unit

__all__ = ["Box", "Highest", "highest"]

Box = tuple[FloatArray, FloatArray]
"""Lower and upper bounds of the coefficients, each (q,), infinite where there is none."""

_LEVELS = (-6.0, -2.0, 0.0, 2.0)
"""Starts: logarithms of tau² relative to the effects' variance. A likelihood's maxima lie a few units from one another."""
_ASIDE = 2.0
"""Starts: how far along each predictor, in units of its own spread, on the log scale."""


@dataclass(frozen=True, slots=True)
class Highest:
    """The highest place that was found.

    alpha : (q,); tau2 : (k,); va : (q, q) the inverse of the observed information, NaN where it has none
    value : the log-likelihood, without its constants
    drifting : the likelihood goes on rising, or nearly, as coefficients go to infinity: there is no highest place
    zero : some studies' tau² is at its bound of 0; bounded : a coefficient is at a bound that was given
    starts, evaluations : how many there were; settled : whether the best start came to an end
    """

    alpha: FloatArray
    tau2: FloatArray
    va: FloatArray
    value: float
    drifting: bool
    zero: bool
    bounded: bool
    settled: bool
    starts: int
    evaluations: int


def highest(
    model: ScaleModel, box: Box | None = None, near: Sequence[FloatArray] = (), *, thorough: bool = True
) -> Highest | None:
    """The highest maximum over all alpha that the link and the box allow; None where they allow none.

    near : places (q,) to start from; thorough : whether to start from many others too
    """
    q = model.Z.shape[1]
    if q == 0:
        return _of_nothing(model)
    unit = 1.0 if model.log else variance_unit(model)
    T = np.linalg.inv(np.linalg.qr(model.Z, mode="r")) * (np.sqrt(len(model.Z)) * unit)  # alpha = T x, x of size 1
    scaled = replace(model, Z=model.Z @ T)
    bounds, links = _bounds(scaled, T, box, unit)
    inside = _interior(bounds, q) if len(bounds.b) else np.zeros(q)
    if inside is None:
        return None
    starts = [np.linalg.solve(T, place) for place in near] + (list(_starts(scaled, unit)) if thorough else [])
    peaks = [ascend(lambda x: evaluate(scaled, x), _pulled(start, inside, bounds), bounds) for start in starts]
    best = _best(peaks)
    total = sum(peak.evaluations for peak in peaks)
    return _found(scaled, T, best, links, total, len(peaks))


def _of_nothing(model: ScaleModel) -> Highest | None:
    """The likelihood where no coefficient is free."""
    if not model.log and (model.offset < 0.0).any():
        return None
    none = np.zeros(0)
    value = evaluate(model, none).value
    return Highest(none, tau2_of(model, none), np.zeros((0, 0)), value, False, False, False, True, 1, 1)


def _best(peaks: list[Peak]) -> Peak:
    """The highest; one that stays where it is before one that drifts and is no higher."""
    top = max(peak.at.value for peak in peaks)
    close = [peak for peak in peaks if peak.at.value >= top - 1e-9]
    return min(close, key=lambda peak: (peak.flat, not peak.settled, -peak.at.value))


def _found(scaled: ScaleModel, T: FloatArray, peak: Peak, links: int, total: int, starts: int) -> Highest:
    q = len(T)
    zero, bounded = bool(peak.met[:links].any()), bool(peak.met[links:].any())
    information = -peak.at.hessian
    steep = np.linalg.eigvalsh(information)[0] > 0.0 and not zero
    va = T @ np.linalg.inv(information) @ T.T if steep else np.full((q, q), np.nan)
    tau2 = tau2_of(scaled, peak.x)
    if not scaled.log:
        tau2 = np.where(tau2 <= 1e-12 * variance_unit(scaled), 0.0, tau2)
    return Highest(T @ peak.x, tau2, (va + va.T) / 2.0, peak.at.value, peak.flat, zero, bounded, peak.settled, starts, total)


def _bounds(scaled: ScaleModel, T: FloatArray, box: Box | None, unit: float) -> tuple[Bounds, int]:
    """tau² ≥ 0 where the link does not see to it, then the box; and how many are of the first kind."""
    q = len(T)
    rows, limits = [np.zeros((0, q))], [np.zeros(0)]
    if not scaled.log:
        both = np.unique(np.column_stack([scaled.Z, -scaled.offset]) / unit, axis=0)
        rows, limits = [both[:, :q]], [both[:, q]]
    links = len(limits[0])
    for sign, bound in zip((1.0, -1.0), box or (), strict=False):
        given = np.isfinite(bound)
        rows.append(sign * T[given])
        limits.append(sign * bound[given])
    A, b = np.vstack(rows), np.concatenate(limits)
    length = np.linalg.norm(A, axis=1)
    length[length == 0.0] = 1.0
    return Bounds(A / length[:, None], b / length), links


def _interior(bounds: Bounds, q: int) -> FloatArray | None:
    """A place as far from all bounds as can be, at most 1; None where no place is within them."""
    from scipy.optimize import linprog  # a fifth of a second that other models need not pay

    m = len(bounds.b)
    A = np.column_stack([-bounds.A, np.ones(m)])
    found = linprog([0.0] * q + [-1.0], A_ub=A, b_ub=-bounds.b, bounds=[(None, None)] * q + [(None, 1.0)], method="highs")
    if found.status != 0 or found.x[q] < -1e-9:
        return None
    return np.asarray(found.x[:q])


def _pulled(x: FloatArray, inside: FloatArray, bounds: Bounds) -> FloatArray:
    """The place on the way from `inside` to x that is within the bounds, short of the first that is in the way."""
    slack, toward = np.maximum(bounds.slack(inside), 0.0), bounds.A @ (x - inside)
    closing = toward < 0.0
    far = float((slack[closing] / -toward[closing]).min(initial=np.inf))
    return x if far >= 1.0 else inside + 0.9 * far * (x - inside)


def _starts(scaled: ScaleModel, unit: float) -> Iterator[FloatArray]:
    """Levels of a tau² that all studies share, tilted along each predictor; and the regression of squared residuals."""
    k, q = scaled.Z.shape
    variance = variance_unit(scaled)
    residuals = wls(scaled.yi, scaled.X, 1.0 / scaled.vi).residuals

    def at(eta: FloatArray) -> FloatArray:
        return wls(eta - scaled.offset, scaled.Z, np.ones(k)).beta

    squares = np.maximum(residuals**2 - scaled.vi, 0.05 * scaled.vi)
    yield at(np.log(squares) if scaled.log else squares)
    for level in _LEVELS:
        shift = np.log(variance) + level if scaled.log else variance * np.exp(level)
        middle = at(np.full(k, shift))
        yield middle
        aside = _ASIDE if scaled.log else 0.5 * shift / unit
        for j in range(q):
            tilt = np.zeros(q)
            tilt[j] = aside
            yield from (middle + tilt, middle - tilt)
