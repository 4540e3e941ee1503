"""The likelihood of tau2 away from its estimate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import overload

import numpy as np

from pymeta.arrays import FloatArray, as_vector, read_only
from pymeta.errors import OptionError
from pymeta.generics.confint import likelihood_of
from pymeta.generics.scale_profile import LIKELIER, scale_profiles
from pymeta.generics.selection_profile import profiles_of_selection
from pymeta.inference.heterogeneity import from_tau2
from pymeta.inference.tau2_intervals import q_profile
from pymeta.models.uni import pooled
from pymeta.numerics.solve import Solve
from pymeta.results.location_scale import LocationScaleResult
from pymeta.results.predictions import Profile, Profiles, ScaleProfile, SelectionProfile
from pymeta.results.robust import RobustResult
from pymeta.results.selection import SelectionResult
from pymeta.results.uni import UniResult
from pymeta.tau2.estimate import Tau2

__all__ = ["profile"]


@overload
def profile(
    result: UniResult, *, alpha: None = None, xlim: Sequence[float] | None = None, steps: int | Sequence[float] = 20
) -> Profile: ...
@overload
def profile(
    result: SelectionResult,
    *,
    tau2: bool | None = None,
    delta: int | None = None,
    xlim: Sequence[float] | None = None,
    steps: int | Sequence[float] = 20,
) -> SelectionProfile | Profiles: ...
@overload
def profile(
    result: LocationScaleResult,
    *,
    alpha: int | None = None,
    xlim: Sequence[float] | None = None,
    steps: int | Sequence[float] = 20,
) -> ScaleProfile | Profiles: ...
def profile(
    result: UniResult | LocationScaleResult | SelectionResult,
    *,
    alpha: int | None = None,
    tau2: bool | None = None,
    delta: int | None = None,
    xlim: Sequence[float] | None = None,
    steps: int | Sequence[float] = 20,
) -> Profile | ScaleProfile | SelectionProfile | Profiles:
    """The log-likelihood (restricted for method="REML") and the coefficients at values of tau2, or of another parameter.

    alpha : of a location-scale model, the position, from 0, of the scale coefficient that is held while the others are
        estimated
    tau2, delta : of a selection model: that it is tau2, or the position, from 0, of the selection parameter
        Where none of these is given, all that were estimated are profiled, one after the other, as `Profiles`.
    steps : how many values between the limits `xlim`, evenly spaced, or the values themselves
    xlim : default: the bounds of the Q-profile interval, wide enough for the estimate; of a scale coefficient, those of its
        99 % interval; of a selection model, of the 95 % interval by the profile likelihood

    Raises OptionError for models without tau2, and for scale coefficients that are not there or were given.
    Source: Hardy & Thompson (1996), Statistics in Medicine 15, 619.
    metafor: ``profile(result, alpha=, xlim=, steps=, plot=FALSE)``, which counts alpha from 1
    Differs from metafor: its default `xlim` of tau² ends at 0.1 at least, whatever the scale, and has four digits; of a
    scale coefficient it has no value where its search for the others does not converge
    """
    if isinstance(result, SelectionResult):
        return _of_each(profiles_of_selection(result, tau2, delta, xlim, steps))
    if tau2 is not None or delta is not None:
        raise OptionError("tau2, delta: are of a selection model; the profile of another one is of its tau2")
    if isinstance(result, LocationScaleResult):
        return _of_each(scale_profiles(result, alpha, xlim, steps))
    if alpha is not None:
        raise OptionError(f"alpha={alpha!r}: the model has no scale coefficients; rma(scale=…) has")
    if not isinstance(result, UniResult) or not result.random:
        raise OptionError("profile: the model has no tau2; another method has")
    values = _values(result, xlim, steps)
    likelihood = likelihood_of(result)
    models = [_model(result, float(value)) for value in values]
    ll = np.array([likelihood(float(value)) for value in values])
    maxll = likelihood(result.tau2)
    likelier = float(ll.max()) > maxll + LIKELIER
    return Profile(
        tau2=read_only(values),
        ll=read_only(ll),
        **{
            name: read_only(np.array([getattr(one, name) for one in models]))
            for name in ("beta", "ci_lb", "ci_ub", "I2", "H2")
        },
        names=result.names,
        estimate=result.tau2,
        maxll=maxll,
        restricted=result.spec.method == "REML",
        notes=("Some values of tau^2 are likelier than that of the fitted model.",) if likelier else (),
    )


def _of_each(found: Sequence[ScaleProfile | SelectionProfile]) -> ScaleProfile | SelectionProfile | Profiles:
    return found[0] if len(found) == 1 else Profiles(tuple(found))


def _values(result: UniResult, xlim: Sequence[float] | None, steps: int | Sequence[float]) -> FloatArray:
    if not isinstance(steps, int):
        values = as_vector("steps", steps)
        if len(values) < 2 or not (values > -result.studies.vi.min()).all():
            raise OptionError(f"steps={steps!r}: needs how many values, 2 or more, or the values of tau2 themselves")
        return values
    if steps < 2:
        raise OptionError(f"steps={steps!r}: needs 2 or more")
    low, high = _limits(result) if xlim is None else _given(xlim, float(result.studies.vi.min()))
    return np.linspace(low, high, steps)


def _given(xlim: Sequence[float], smallest: float) -> tuple[float, float]:
    limits = np.sort(as_vector("xlim", xlim))
    if len(limits) != 2 or not limits[0] > -smallest:
        raise OptionError(f"xlim={xlim!r}: needs two values of tau2, above {-smallest:g}")
    return float(limits[0]), float(limits[1])


def _limits(result: UniResult) -> tuple[float, float]:
    """The Q-profile interval with the estimate; up to the largest sampling variance where that is 0 alone."""
    spec = result.spec
    if result.k == result.p:
        return 0.0, float(spec.studies.vi.max())
    bounds = q_profile(spec.studies.yi, spec.studies.vi, spec.X, spec.level)
    top = max(bounds.ci_ub, result.tau2)
    return min(bounds.ci_lb, result.tau2), top if top > 0.0 else float(spec.studies.vi.max())


def _model(result: UniResult, tau2: float) -> UniResult:
    """The model with tau2 given; without what the moderators explain, which nobody asks for here."""
    vi, X = result.studies.vi, result.spec.X
    heterogeneity = from_tau2(result.QE, vi, X, tau2)
    # the intervals of what robust() returned are not its own, but by its distribution, as in metafor
    test = "t" if isinstance(result, RobustResult) else result.spec.test
    return pooled(
        replace(result.spec, tau2=tau2, test=test), Tau2(tau2, None, Solve(True, "given", 0, False)), heterogeneity
    )
