"""Location-scale models: moderators of how large effects are, and of how much they vary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from pymeta.arrays import FloatArray, read_only
from pymeta.data.scale import ScaleSpec
from pymeta.data.specs import UniSpec
from pymeta.errors import ConvergenceError, DataError, OptionError
from pymeta.inference.heterogeneity import cochran_q, typical_variance
from pymeta.inference.wald import omnibus, wald
from pymeta.models.uni import _own_weights, _residual_variance
from pymeta.numerics.linalg import wls
from pymeta.numerics.solve import Solve
from pymeta.numerics.tails import chi2_upper
from pymeta.results.location_scale import LocationScaleResult
from pymeta.tau2.scale import ScaleModel, evaluate, tau2_of
from pymeta.tau2.scale_search import Box, Highest, highest

__all__ = ["METHODS", "at", "box_of", "fit", "model_of", "result_at"]

METHODS = ("REML", "ML")
"""What alpha can be estimated by."""

_ZERO_NOTE = "tau^2 is 0 in at least one study, the bound of link='identity': the scale coefficients have no standard errors"
_BOX_NOTE = "a scale coefficient is at alpha_min or alpha_max: its test and interval mean little"


def fit(
    spec: UniSpec,
    scale: ScaleSpec,
    call: Mapping[str, Any] | None = None,
    notes: tuple[str, ...] = (),
    *,
    drifting: bool = False,
) -> LocationScaleResult:
    """Estimate alpha, hence tau² in each study, then beta with weights 1/(v + tau²) or a person's own.

    spec : the location, with method "REML" or "ML" (a given tau2 is not looked at); scale : the scale, rows as spec.X;
        coefficients that it gives have neither standard errors nor tests
    drifting : take the model far out where a likelihood without a maximum rises on, for what is at its limit there
    The likelihood's highest maximum over alpha; standard errors of alpha by the observed information. Tests of alpha are
    z-tests, or t-tests with k − q degrees of freedom where those of beta are.
    Raises OptionError for another method, DataError when studies are too few, ConvergenceError when the likelihood has no
    maximum. Source: Viechtbauer & López-López (2022), Research Synthesis Methods 13, 697, section 2.
    metafor: ``rma(yi, vi, mods=…, scale=…, link=, att=, alpha=, control=list(alpha.min=, alpha.max=))``
    Differs from metafor: that follows the maximum its start leads to, and reports a likelihood that goes on rising as
    coefficients drift to infinity by the place where it stopped.
    """
    _check(spec, scale)
    found = highest(model_of(spec, scale), box_of(scale))
    if found is None:
        raise OptionError("alpha, alpha_min, alpha_max: with link='identity', no coefficients within them give tau^2 >= 0")
    if not found.settled or (found.drifting and not drifting):
        raise ConvergenceError(_why(found, scale))
    return result_at(spec, scale, found, call, notes)


def at(result: LocationScaleResult, alpha: FloatArray) -> LocationScaleResult:
    """The model at other values of the scale coefficients that it estimates, (q,), as if these had been found.

    Where it has no standard errors, as tau² is at its bound, it has none there either.
    """
    none = result.scale.free & np.isnan(result.se_alpha)
    model, free = model_of(result.spec, result.scale), alpha[result.scale.free]
    here = evaluate(model, free)
    found = Highest(
        alpha=free,
        tau2=tau2_of(model, free),
        va=np.full(here.hessian.shape, np.nan) if none.any() else np.asarray(np.linalg.inv(-here.hessian), dtype=np.float64),
        value=here.value,
        drifting=False,
        zero=bool(none.any()),
        bounded=False,
        settled=True,
        starts=0,
        evaluations=1,
    )
    return result_at(result.spec, result.scale, found, result.call, result.notes)


def model_of(spec: UniSpec, scale: ScaleSpec) -> ScaleModel:
    """The likelihood that is asked for, of the coefficients that are estimated."""
    free, alpha = scale.free, np.zeros(scale.q) if scale.alpha is None else np.nan_to_num(scale.alpha)
    offset = scale.Z @ alpha
    return ScaleModel(
        spec.studies.yi, spec.studies.vi, spec.X, scale.Z[:, free], offset, scale.link == "log", spec.method == "REML"
    )


def box_of(scale: ScaleSpec) -> Box | None:
    """Where the coefficients that are estimated may lie, if that is limited."""
    if scale.alpha_min is None and scale.alpha_max is None:
        return None
    low = np.full(scale.q, -np.inf) if scale.alpha_min is None else np.asarray(scale.alpha_min, dtype=float)
    high = np.full(scale.q, np.inf) if scale.alpha_max is None else np.asarray(scale.alpha_max, dtype=float)
    return low[scale.free], high[scale.free]


def _check(spec: UniSpec, scale: ScaleSpec) -> None:
    if spec.method not in METHODS:
        raise OptionError(f"method={spec.method!r}: location-scale models are fitted by {' or '.join(METHODS)}")
    k, p = spec.X.shape
    if len(scale.Z) != k:
        raise DataError(f"{len(scale.Z)} rows for {k} studies", argument="scale")
    if k <= p or k < scale.q:
        raise DataError(f"{k} studies cannot carry {p} location and {scale.q} scale coefficients; use fewer predictors")


def _why(found: Highest, scale: ScaleSpec) -> str:
    if not found.drifting:
        return "the search for the scale coefficients did not come to an end; try predictors of a similar size, or fewer"
    names = [name for name, free in zip(scale.names, scale.free, strict=True) if free]
    ends = ", ".join(f"{name} {alpha:.3g}" for name, alpha in zip(names, found.alpha, strict=True))
    return (
        f"the likelihood has no maximum: it rises, or stays, while scale coefficients drift to infinity ({ends}, and on) "
        f"and tau^2 nears 0 somewhere (first in study {int(found.tau2.argmin()) + 1}); use fewer scale predictors, "
        "link='identity', where tau^2 may be 0, or alpha_min and alpha_max"
    )


def result_at(
    spec: UniSpec,
    scale: ScaleSpec,
    found: Highest,
    call: Mapping[str, Any] | None = None,
    notes: tuple[str, ...] = (),
) -> LocationScaleResult:
    """The model with the scale coefficients that were found."""
    yi, vi, X = spec.studies.yi, spec.studies.vi, spec.X
    k, p = X.shape
    best = wls(yi, X, 1.0 / (vi + found.tau2))
    own = spec.weights is not None or not spec.weighted
    total = replace(spec, studies=replace(spec.studies, vi=vi + found.tau2))
    beta, vb = _own_weights(total, 0.0) if own else (best.beta, best.bread)
    s2w = _residual_variance(spec.test, best, k - p)
    vb = vb * s2w
    ddf, ddf_alpha = (None, None) if spec.test == "z" else (float(k - p), float(k - scale.q))
    tests = wald(beta, vb, spec.level, ddf)._asdict()
    alpha, va = _all_coefficients(scale, found)
    tests |= {f"{name}_alpha": x for name, x in wald(alpha, va, spec.level, ddf_alpha)._asdict().items()}
    named: dict[str, Any] = {name: read_only(values) for name, values in tests.items()}
    QS, QSp = omnibus(alpha, va, scale.chosen, ddf_alpha)
    Q, typical = cochran_q(yi, vi, X), typical_variance(vi, X)
    more = (_ZERO_NOTE,) * found.zero + (_BOX_NOTE,) * found.bounded
    return LocationScaleResult(
        spec=spec,
        scale=scale,
        call=call or {},
        studies=spec.studies,
        label="Location-Scale Model",
        names=spec.names,
        beta=read_only(beta),
        vb=read_only(vb),
        **named,
        **omnibus(beta, vb, spec.btt, ddf)._asdict(),
        QE=Q,
        QE_df=k - p,
        QEp=chi2_upper(Q, k - p),
        I2=read_only(100.0 * found.tau2 / (found.tau2 + typical)),
        H2=read_only(found.tau2 / typical + 1.0),
        tau2=read_only(found.tau2),
        alpha=read_only(alpha),
        va=read_only(va),
        QS=QS,
        QSp=QSp,
        ddf=ddf,
        ddf_alpha=ddf_alpha,
        s2w=s2w,
        solve=_solve(found),
        notes=(*notes, *more),
    )


def _all_coefficients(scale: ScaleSpec, found: Highest) -> tuple[FloatArray, FloatArray]:
    """Those that were estimated and those that were given, and their covariance, NaN of the latter."""
    alpha = np.full(scale.q, np.nan) if scale.alpha is None else np.array(scale.alpha)
    va = np.full((scale.q, scale.q), np.nan)
    alpha[scale.free], va[np.ix_(scale.free, scale.free)] = found.alpha, found.va
    return alpha, va


def _solve(found: Highest) -> Solve:
    where = "at the bound tau² = 0" if found.zero else "at a bound that was given" if found.bounded else "inside"
    return Solve(True, f"highest maximum from {found.starts} starts, {where}", found.evaluations, found.zero)
