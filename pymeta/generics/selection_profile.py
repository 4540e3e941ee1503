"""Profile likelihood of a selection model's tau2 and selection parameters, and the intervals that it makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pymeta.arrays import FloatArray, as_vector, read_only
from pymeta.effects.asked import percentage
from pymeta.errors import OptionError
from pymeta.inference.wald import quantile
from pymeta.models.selection import at, null_of, problem_of, starts_of, theta_of
from pymeta.models.selection_search import Selected, highest
from pymeta.numerics.solve import falling_root
from pymeta.results.intervals import ConfidenceIntervals, Interval
from pymeta.results.predictions import SelectionProfile
from pymeta.results.selection import SelectionResult

__all__ = ["confint_of_selection", "profiles_of_selection"]

_LOWEST = -50.0
"""Of a log-likelihood below the cutoff: all that is lower counts as this."""
_DOUBLINGS = 30
_LIKELIER = 1e-3
"""By how much a log-likelihood must exceed the estimate's to be told of, as in metafor."""


class _Ridge:
    """The profile log-likelihood of one parameter, less its maximum; it remembers where the others were."""

    def __init__(self, result: SelectionResult, place: int) -> None:
        cut = float(result.delta[1]) if result.type == "truncest" else None
        self._problem, self.place = problem_of(null_of(result), result.selection, cut=cut), place
        self._top, self._estimate = result.ll, theta_of(result)
        self._everywhere = [*starts_of(result)]
        self._known = {self.estimate: self._estimate}

    @property
    def estimate(self) -> float:
        """The parameter in the fitted model."""
        return float(self._estimate[self.place])

    @property
    def ends(self) -> tuple[float, float]:
        """Between which it may be."""
        return float(self._problem.low[self.place]), float(self._problem.high[self.place])

    @property
    def unit(self) -> float:
        """What it is measured in."""
        return float(self._problem.unit[self.place])

    def highest(self, value: float, *, thorough: bool) -> Selected:
        """The highest place of the other parameters; `thorough` starts everywhere, not only near what is known."""
        given = self._problem.given.copy()
        given[self.place] = value
        problem = replace(self._problem, given=given)
        if value in self.ends and not np.isfinite(problem.evaluate(there := self._with(value)).value):
            return _impossible(there)
        near = sorted(self._known, key=lambda other: abs(other - value))[:2]
        first, *others = (self._known[one] for one in near)
        starts = [first, *(first + (first - one) * ((value - near[0]) / (near[0] - near[1])) for one in others)]
        found = highest(problem, [*starts, *self._everywhere] if thorough else starts)
        self._known[value] = found.theta
        return found

    def _with(self, value: float) -> FloatArray:
        theta = self._estimate.copy()
        theta[self.place] = value
        return theta

    def at(self, value: float, *, thorough: bool = False) -> float:
        """Its value."""
        return self.highest(value, thorough=thorough).value - self._top


def _impossible(theta: FloatArray) -> Selected:
    """Where no other parameters can have made the studies: there are some where none is selected."""
    n = len(theta)
    return Selected(theta, -np.inf, np.full((n, n), np.nan), False, np.zeros(n, dtype=bool), 0, 1)


def confint_of_selection(
    result: SelectionResult, tau2: bool | None, delta: int | Sequence[int] | bool | None, level: float | None
) -> ConfidenceIntervals:
    """Profile likelihood intervals of tau2, with tau, and of selection parameters: see `confint`."""
    wanted = result.spec.level if level is None else percentage(level)
    places = _places(result, tau2, delta)
    random: list[tuple[str, Interval]] = []
    for name, place in places:
        found = _interval(_Ridge(result, place), float(quantile(wanted, None)))
        random.append((name, found))
        if name == "tau2":
            tau, lb, ub = np.sqrt([found.estimate, found.ci_lb, found.ci_ub]).tolist()
            random.append(("tau", replace(found, estimate=tau, ci_lb=lb, ci_ub=ub)))
    notes = tuple(f"The upper bound of {name} lies above {one.ci_ub:g}." for name, one in random if one.ub_sign)
    return ConfidenceIntervals(fixed=(), random=tuple(random), type="PL", level=wanted, notes=notes)


def _places(result: SelectionResult, tau2: bool | None, delta: int | Sequence[int] | bool | None) -> list[tuple[str, int]]:
    """Names of the parameters that are asked for, by default all that were estimated, and where theta has them."""
    if result.type == "truncest" and np.isnan(result.selection.delta[1]):
        raise OptionError(
            "type='truncest' with an estimated cutpoint has a likelihood that jumps at each effect; "
            f"use type='trunc' with steps={result.delta[1]:g}"
        )
    neither = tau2 is None and delta is None
    estimated = result.random and result.spec.tau2 is None
    if tau2 and not estimated:
        raise OptionError("tau2=True: the model has no tau2 that was estimated")
    found = [("tau2", result.p)] if estimated and (tau2 or neither) else []
    free = np.flatnonzero(np.isnan(result.selection.delta)).tolist()
    given = isinstance(delta, bool | np.bool_) or delta is None
    chosen = (free if delta or neither else []) if given else [int(j) for j in np.atleast_1d(np.asarray(delta))]
    if not set(chosen) <= set(free):
        raise OptionError(f"delta={delta!r}: needs positions, from 0, of selection parameters that were estimated: {free}")
    shift = result.p + 1 + (1 if result.type in ("trunc", "truncest") else 0)
    found += [(f"delta.{j + 1}", shift + j) for j in chosen]
    if not found:
        raise OptionError("tau2, delta: nothing is asked for, or nothing was estimated; fixed=True gives the coefficients")
    return found


def _interval(ridge: _Ridge, z: float) -> Interval:
    low, high = ridge.ends
    (lb, _), (ub, beyond) = (_bound(ridge, end, sign, 0.5 * z**2) for end, sign in ((low, -1.0), (high, 1.0)))
    return Interval(ridge.estimate, lb, ub, "", ">" if beyond else "")


def _bound(ridge: _Ridge, end: float, sign: float, cutoff: float) -> tuple[float, bool]:
    """Where the profile has fallen by the cutoff; or the end of where the parameter may be, and that it is.

    The search follows the ridge from the estimate; that nothing else is higher is looked at where it ends.
    """
    room = abs(end - ridge.estimate)

    def excess(distance: float, *, thorough: bool = False) -> float:
        value = end if distance == room else ridge.estimate + sign * distance
        return max(ridge.at(value, thorough=thorough) + cutoff, _LOWEST)

    inside, outside, above = 0.0, min(_first_step(ridge), room), cutoff
    for _ in range(_DOUBLINGS):
        beyond = excess(outside) if outside > 0.0 else above
        if beyond <= 0.0:
            distance = falling_root(excess, inside, outside, above, beyond)
            beyond = excess(min(distance * (1.0 + 1e-6), outside), thorough=True)
            if beyond <= 0.0:
                return ridge.estimate + sign * distance, False
        if outside == room:
            return end, True
        inside, outside, above = outside, min(2.0 * outside, room), beyond
    return sign * np.inf, True


def _first_step(ridge: _Ridge) -> float:
    """A tenth of the estimate or of what parameters are measured in: quadratic growth is found in a few doublings."""
    return max(0.25 * abs(ridge.estimate), 0.1 * ridge.unit)


def profiles_of_selection(
    result: SelectionResult, tau2: bool | None, delta: int | None, xlim: Sequence[float] | None, steps: int | Sequence[float]
) -> list[SelectionProfile]:
    """The log-likelihood at values of tau2 or of a selection parameter, or of each that was estimated: see `profile`."""
    return [_profile(result, name, place, xlim, steps) for name, place in _places(result, tau2, delta)]


def _profile(
    result: SelectionResult, name: str, place: int, xlim: Sequence[float] | None, steps: int | Sequence[float]
) -> SelectionProfile:
    ridge = _Ridge(result, place)
    values = _values(ridge, xlim, steps)
    found = [ridge.highest(float(value), thorough=True) for value in values]
    models = [at(result, one.theta, held=(place,)) if np.isfinite(one.value) else None for one in found]
    ll = np.array([np.nan if model is None else one.value for one, model in zip(found, models, strict=True)])
    nothing = np.full(result.p, np.nan)
    likelier = bool((ll > result.ll + _LIKELIER).any())
    columns = {
        column: read_only(np.array([nothing if one is None else getattr(one, column) for one in models]))
        for column in ("beta", "ci_lb", "ci_ub")
    }
    return SelectionProfile(
        value=read_only(values),
        ll=read_only(ll),
        **columns,
        name=name,
        names=result.names,
        estimate=ridge.estimate,
        maxll=result.ll,
        notes=(f"Some values of {name} are likelier than that of the fitted model.",) * likelier,
    )


def _values(ridge: _Ridge, xlim: Sequence[float] | None, steps: int | Sequence[float]) -> FloatArray:
    """The values between the limits, by default those of the 95 % interval, or the values that are given."""
    low, high = ridge.ends
    if not isinstance(steps, int):
        values = as_vector("steps", steps)
    elif steps < 2:
        raise OptionError(f"steps={steps!r}: needs 2 or more")
    else:
        usual = _interval(ridge, float(quantile(95.0, None)))
        limits = np.array([usual.ci_lb, usual.ci_ub]) if xlim is None else np.sort(as_vector("xlim", xlim))
        if len(limits) != 2 or not np.isfinite(limits).all():
            raise OptionError(f"xlim={xlim!r}: needs two values")
        values = np.linspace(limits[0], limits[1], steps)
    if not ((values >= low) & (values <= high)).all():
        raise OptionError(f"steps={steps!r}, xlim={xlim!r}: the parameter is from {low:g} to {high:g}")
    return values
