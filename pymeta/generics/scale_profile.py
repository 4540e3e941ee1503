"""Profile likelihood of a scale coefficient, and the interval that it makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pymeta.arrays import FloatArray, as_vector, read_only
from pymeta.effects.asked import percentage
from pymeta.errors import OptionError
from pymeta.inference.wald import quantile
from pymeta.models.location_scale import box_of, model_of, result_at
from pymeta.numerics.solve import falling_root
from pymeta.results.intervals import ConfidenceIntervals, Interval
from pymeta.results.location_scale import LocationScaleResult
from pymeta.results.predictions import ScaleProfile
from pymeta.tau2.scale import evaluate
from pymeta.tau2.scale_search import Highest, highest

__all__ = ["LIKELIER", "confint_of_scale", "profile_of_scale", "scale_profiles"]

LIKELIER = 1e-3
"""By how much a log-likelihood must exceed the estimate's to be told of, as in metafor."""

_NEXT_TO_NOTHING = -300.0
"""A logarithm of tau²."""
_DOUBLINGS = 10
"""Of the first step, a standard error: what is not excluded by then never is."""
_LOWEST = -50.0
"""Of a log-likelihood below the cutoff: all that is lower, or has no likelihood at all, counts as this."""


class _Ridge:
    """The profile likelihood of one coefficient, less its maximum; it remembers where the others were."""

    def __init__(self, result: LocationScaleResult, which: int) -> None:
        model, box = model_of(result.spec, result.scale), box_of(result.scale)
        free, place = result.alpha[result.scale.free], int(result.scale.free[:which].sum())
        self._column, self._given = model.Z[:, place], model.offset
        self._rest = replace(model, Z=np.delete(model.Z, place, axis=1))
        self._box = None if box is None else (np.delete(box[0], place), np.delete(box[1], place))
        self._top = evaluate(model, free).value
        self._known = {float(result.alpha[which]): np.delete(free, place)}

    def highest(self, a: float, *, thorough: bool = True) -> Highest | None:
        """The highest place of the other coefficients; None where none make a tau² that the link allows."""
        held = replace(self._rest, offset=self._given + a * self._column)
        found = highest(held, self._box, self._starts(a), thorough=thorough)
        if found is not None:
            self._known[a] = found.alpha
        return found

    def at(self, a: float, *, thorough: bool = True) -> float:
        """Its value at a; −inf where no other coefficients make a tau² that the link allows."""
        found = self.highest(a, thorough=thorough)
        return -np.inf if found is None else found.value - self._top

    def _starts(self, a: float) -> list[FloatArray]:
        """The others at the estimate, at the nearest place, and on the line through the two nearest: ridges are long.

        And where tau² is next to nothing in all studies, if it can be: the likelihood's plateau, which no hill leads to.
        """
        near = sorted(self._known, key=lambda b: abs(b - a))[:2]
        starts = [next(iter(self._known.values())), self._known[near[0]]]
        if len(near) == 2:
            (b, c), (at_b, at_c) = near, (self._known[place] for place in near)
            starts.append(at_b + (at_b - at_c) * ((a - b) / (b - c)))
        if self._rest.log:
            starts.append(
                np.asarray(
                    np.linalg.lstsq(self._rest.Z, _NEXT_TO_NOTHING - self._rest.offset - a * self._column)[0],
                    dtype=np.float64,
                )
            )
        return starts


def profile_of_scale(result: LocationScaleResult, which: int, values: FloatArray) -> FloatArray:
    """The log-likelihood with the coefficient at position `which` held at each of `values`, (n,), less the model's own.

    −inf where no other coefficients make a tau² that the link allows. metafor: ``profile(result, alpha=)``
    """
    ridge = _Ridge(result, which)
    return np.array([ridge.at(float(a)) for a in values])


def scale_profiles(
    result: LocationScaleResult, alpha: int | None, xlim: Sequence[float] | None, steps: int | Sequence[float]
) -> list[ScaleProfile]:
    """The profile of one scale coefficient, or of each that was estimated: see `profile`."""
    estimated = np.flatnonzero(result.scale.free).tolist()
    chosen = estimated if alpha is None else [alpha]
    if not chosen or chosen[0] not in estimated or isinstance(alpha, bool):
        raise OptionError(f"alpha={alpha!r}: needs the position of a scale coefficient that was estimated: {estimated}")
    return [_scale_profile(result, which, xlim, steps) for which in chosen]


def _scale_profile(
    result: LocationScaleResult, which: int, xlim: Sequence[float] | None, steps: int | Sequence[float]
) -> ScaleProfile:
    values = _places(result, which, xlim, steps)
    models = [_with_held(result, which, float(a), found) for a, found in _along(result, which, values)]
    kind, nothing = result.spec.method, np.full(result.p, np.nan)
    ll = np.array([np.nan if one is None else one.fit_stats[kind].logLik for one in models])
    maxll = result.fit_stats[kind].logLik
    likelier = bool((ll > maxll + LIKELIER).any())
    columns = {
        name: read_only(np.array([nothing if one is None else getattr(one, name) for one in models]))
        for name in ("beta", "ci_lb", "ci_ub")
    }
    return ScaleProfile(
        alpha=read_only(values),
        ll=read_only(ll),
        **columns,
        name=result.scale.names[which],
        names=result.names,
        estimate=float(result.alpha[which]),
        maxll=maxll,
        restricted=kind == "REML",
        notes=("Some values of alpha are likelier than that of the fitted model.",) * likelier,
    )


def _along(result: LocationScaleResult, which: int, values: FloatArray) -> list[tuple[float, Highest | None]]:
    ridge = _Ridge(result, which)
    return [(float(a), ridge.highest(float(a))) for a in values]


def _with_held(result: LocationScaleResult, which: int, a: float, found: Highest | None) -> LocationScaleResult | None:
    """The model in which the coefficient is given."""
    if found is None:
        return None
    alpha = np.full(result.q, np.nan) if result.scale.alpha is None else np.array(result.scale.alpha)
    alpha[which] = a
    return result_at(result.spec, replace(result.scale, alpha=alpha), found)


def _places(
    result: LocationScaleResult, which: int, xlim: Sequence[float] | None, steps: int | Sequence[float]
) -> FloatArray:
    """The values between the limits, or those that are given."""
    if not isinstance(steps, int):
        return as_vector("steps", steps)
    reach = quantile(99.0, None) * _first_step(result, which)
    middle = float(result.alpha[which])
    limits = np.array([middle - reach, middle + reach]) if xlim is None else np.sort(as_vector("xlim", xlim))
    if steps < 2 or len(limits) != 2:
        raise OptionError(f"steps={steps!r}, xlim={xlim!r}: needs 2 steps or more, between two limits")
    return np.linspace(limits[0], limits[1], steps)


def confint_of_scale(
    result: LocationScaleResult, which: Sequence[int] | None = None, *, level: float | None = None
) -> ConfidenceIntervals:
    """All values of a scale coefficient whose profile likelihood falls short by at most half a chi-squared quantile.

    which : positions from 0; default: all that were estimated. level : in percent; default: the model's
    A bound is infinite, with "<" or ">" beside it, where the likelihood excludes nothing on that side.
    Raises OptionError for a coefficient that was given.
    Source: Hardy & Thompson (1996), Statistics in Medicine 15, 619, section 3, for alpha.
    metafor: ``confint(result, alpha=, control=list(vc.min=, vc.max=))``
    Differs from metafor: that ends the search at vc.min and vc.max
    """
    estimated = np.flatnonzero(result.scale.free).tolist()
    chosen = estimated if which is None else tuple(which)
    if not chosen or not set(chosen) <= set(estimated):
        raise OptionError(f"which={list(chosen)}: needs positions of scale coefficients that were estimated: {estimated}")
    wanted = result.spec.level if level is None else percentage(level)
    random = tuple((result.scale.names[j], _interval(result, j, wanted)) for j in chosen)
    notes = ("a bound is infinite: the likelihood excludes nothing on that side",)
    unbounded = any(not np.isfinite([one.ci_lb, one.ci_ub]).all() for _, one in random)
    return ConfidenceIntervals(fixed=(), random=random, type="PL", level=wanted, notes=notes * unbounded)


def _interval(result: LocationScaleResult, which: int, level: float) -> Interval:
    estimate = float(result.alpha[which])
    low, high = (_distance(result, which, level, sign) for sign in (-1.0, 1.0))
    return Interval(estimate, estimate - low, estimate + high, "<" if np.isinf(low) else "", ">" if np.isinf(high) else "")


def _distance(result: LocationScaleResult, which: int, level: float, sign: float) -> float:
    """How far the interval goes to one side; infinite where no end is in sight."""
    ridge, estimate = _Ridge(result, which), float(result.alpha[which])
    cutoff, first = 0.5 * quantile(level, None) ** 2, _first_step(result, which)

    def excess(distance: float, *, thorough: bool = False) -> float:
        return max(ridge.at(estimate + sign * distance, thorough=thorough) + cutoff, _LOWEST)

    inside, outside = 0.0, first
    while (beyond := excess(outside, thorough=True)) > 0.0:
        inside, outside = outside, 2.0 * outside
        if outside > first * 2.0**_DOUBLINGS:
            return np.inf
    above = max(excess(inside), 1e-300)
    found = falling_root(excess, inside, outside, above, beyond)
    if excess(found * (1.0 + 1e-6), thorough=True) <= 0.0:
        return found
    return falling_root(lambda d: excess(d, thorough=True), inside, outside, above, beyond)


def _first_step(result: LocationScaleResult, which: int) -> float:
    """The standard error, or what moves tau² as much as it is large."""
    se = float(result.se_alpha[which])
    if np.isfinite(se) and se > 0.0:
        return se
    size = float(np.abs(result.scale.Z[:, which]).max())
    return (1.0 if result.link == "log" else max(float(result.tau2.max()), float(np.median(result.studies.vi)))) / size
