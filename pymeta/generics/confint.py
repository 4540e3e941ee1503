"""Confidence intervals of coefficients, and of the amount of heterogeneity with what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.effects.asked import is_number, percentage
from pymeta.effects.scales import ordered, scale_of
from pymeta.errors import OptionError, no_such
from pymeta.generics.scale_profile import confint_of_scale
from pymeta.generics.selection_profile import confint_of_selection
from pymeta.inference.heterogeneity import from_tau2
from pymeta.inference.likelihood import maximum_likelihood, restricted_likelihood
from pymeta.inference.tau2_intervals import Tau2Bounds, generalized_q, higgins_thompson, profile_likelihood, q_profile
from pymeta.inference.wald import quantile
from pymeta.numerics.linalg import wls
from pymeta.results.intervals import ConfidenceIntervals, Interval
from pymeta.results.location_scale import LocationScaleResult
from pymeta.results.pooled import Pooled
from pymeta.results.selection import SelectionResult
from pymeta.results.uni import UniResult

__all__ = ["TYPES", "confint", "likelihood_of"]

TYPES = ("QP", "GENQ", "PL", "HT")
"""Ways to make an interval of tau2."""

_OWN_WEIGHTS = ("GENQ", "GENQM")
Named = tuple[tuple[str, Interval], ...]


def confint(
    result: Pooled,
    *,
    fixed: bool | None = None,
    random: bool | None = None,
    type: str | None = None,
    level: float | None = None,
    transf: Any = None,
    targs: Any = None,
    tau2_min: float = 0.0,
    tau2_max: float | None = None,
    tau2: bool | None = None,
    delta: int | Sequence[int] | bool | None = None,
) -> ConfidenceIntervals:
    """Intervals of tau2, tau, I2 and H2 (`random`), of the coefficients (`fixed`), or both.

    fixed, random : default: tau2 where the model has estimated one, the coefficients otherwise; of a location-scale model
        `random` are its scale coefficients, by default unless fixed=True
    type : "QP", the Q-profile method; "GENQ", by the generalised Q statistic, only for fits with that method and then the
        default; "PL", by the profile likelihood, restricted for method="REML"; "HT", by an approximate standard error of
        log H, for models without moderators and k > 2
    level : in percent; default: the model's; transf, targs : as of `predict`, for the coefficients
    tau2, delta : of a selection model: whether tau2, and the positions, from 0, of selection parameters, or True for all;
        default: all that were estimated, unless fixed=True. By the profile likelihood, up to the end of where they may be
    tau2_min, tau2_max : where the search ends; the default has no upper end. Not for "HT"

    The estimate need not lie between bounds that another method made. An empty set has bounds `tau2_min`, signs "<" and
    a note.
    Raises OptionError where the model has no estimated tau2, or not what the type needs.
    Source: Viechtbauer (2007), Statistics in Medicine 26, 37; Jackson (2013), Research Synthesis Methods 4, 220; Hardy &
    Thompson (1996), Statistics in Medicine 15, 619; Higgins & Thompson (2002), Statistics in Medicine 21, 1539.
    metafor: ``confint(result, fixed=, random=, type=, control=list(tau2.min=, tau2.max=))``; it counts delta from 1
    Differs from metafor: bounds have all their digits, whatever the scale of the effects, where metafor's default
    is an absolute tolerance of 1e-4 (``control=list(tol=)``); it ends the search at max(100, 10 tau2); of a likelihood with
    two maxima the outer ends of the set are given; type "HT" came with metafor 4.
    """
    wanted = result.spec.level if level is None else percentage(level)
    if isinstance(result, LocationScaleResult):
        scale = None if fixed and not random else confint_of_scale(result, level=level)
        own = _coefficients(result, wanted, transf, targs) if fixed else ()
        if scale is None:
            return ConfidenceIntervals(fixed=own, random=(), type="", level=wanted)
        return replace(scale, fixed=own)
    if isinstance(result, SelectionResult):
        own = _coefficients(result, wanted, transf, targs) if fixed else ()
        if fixed and not random:
            return ConfidenceIntervals(fixed=own, random=(), type="", level=wanted)
        return replace(confint_of_selection(result, tau2, delta, level), fixed=own)
    if tau2 is not None or delta is not None:
        raise OptionError("tau2, delta: are of a selection model; use random=True for the tau2 of another")
    estimated = isinstance(result, UniResult) and result.random and result.spec.tau2 is None
    asked_random = (estimated and (not fixed or _has_df(result))) if random is None else random
    asked_fixed = not asked_random if fixed is None else fixed
    if not (asked_fixed or asked_random):
        raise OptionError("fixed, random: both are False; one must be True")
    found: Named = ()
    kind, bounds = "", Tau2Bounds(0.0, 0.0)
    notes: tuple[str, ...] = ()
    if asked_random:
        uni = _with_tau2(result)
        kind = _type(uni, type)
        bounds = _bounds(uni, kind, wanted, *_ends(uni, tau2_min, tau2_max))
        found, notes = _heterogeneity(uni, bounds), _notes(bounds)
    return ConfidenceIntervals(
        fixed=_coefficients(result, wanted, transf, targs) if asked_fixed else (),
        random=found,
        type=kind,
        level=wanted,
        empty=bounds.empty,
        notes=notes,
    )


def _has_df(result: Pooled) -> bool:
    """Whether studies are left to tell tau2 from."""
    return isinstance(result, UniResult) and result.k > result.p


def _with_tau2(result: Pooled) -> UniResult:
    if not isinstance(result, UniResult) or not result.random:
        raise OptionError("random=True: the model has no tau2; fixed=True gives its coefficients' intervals")
    if result.spec.tau2 is not None:
        raise OptionError("random=True: tau2 was given, not estimated; fit the model without tau2= for its interval")
    if not _has_df(result):
        raise OptionError(f"random=True: {result.k} studies and {result.p} coefficients leave nothing to tell tau2 from")
    return result


def _type(result: UniResult, asked: str | None) -> str:
    own = result.spec.method in _OWN_WEIGHTS
    kind = ("GENQ" if own else "QP") if asked is None else str(asked).upper()
    if kind not in TYPES:
        raise no_such("type", asked, TYPES, what="kind of interval of tau2")
    if kind == "GENQ" and not own:
        raise OptionError(
            f"type='GENQ': needs a fit with method='GENQ' or 'GENQM', not {result.spec.method!r}; or type='QP'"
        )
    if kind == "HT" and (result.moderated or result.k < 3):
        raise OptionError("type='HT': needs a model without moderators and 3 studies; type='QP' does not")
    return kind


def _ends(result: UniResult, low: float, high: float | None) -> tuple[float, float]:
    smallest = float(result.studies.vi.min())
    if not (is_number(low) and -smallest < low < np.inf):
        raise OptionError(f"tau2_min={low!r}: needs a number above {-smallest:.6g}, minus the smallest sampling variance")
    if high is not None and not (is_number(high) and low < high):
        raise OptionError(f"tau2_max={high!r}: needs a number above tau2_min={low:g}")
    return float(low), np.inf if high is None else float(high)


def _bounds(result: UniResult, kind: str, level: float, low: float, high: float) -> Tau2Bounds:
    spec = result.spec
    yi, vi, X = spec.studies.yi, spec.studies.vi, spec.X
    if kind == "QP":
        return q_profile(yi, vi, X, level, low, high)
    if kind == "GENQ":
        return generalized_q(yi, vi, X, _own(result), level, low, high)
    if kind == "HT":
        typical = _typical(result)
        lb, ub = higgins_thompson(result.QE, result.k, result.H2, level)
        return Tau2Bounds((lb - 1.0) * typical, (ub - 1.0) * typical)
    residuals = wls(yi, X, _own(result)).residuals
    return profile_likelihood(likelihood_of(result), result.tau2, residuals, vi, len(yi) - X.shape[1], level, low, high)


def _typical(result: UniResult) -> float:
    """The "typical" sampling variance: H² = 1 + tau2 / typical."""
    spec = result.spec
    vi = spec.studies.vi
    scale = float(vi.max())
    return scale / (from_tau2(0.0, vi, spec.X, scale).H2 - 1.0)


def _plain(result: UniResult) -> bool:
    """Whether the weights are 1/(v + tau2)."""
    return result.spec.weighted and result.spec.weights is None


def likelihood_of(result: UniResult) -> Callable[[float], float]:
    """The log-likelihood of tau2, at the coefficients that the model's weights give; restricted for method="REML"."""
    spec = result.spec
    yi, vi, X = spec.studies.yi, spec.studies.vi, spec.X
    fixed = None if _plain(result) else wls(yi, X, _own(result)).residuals
    restricted = spec.method == "REML"

    def likelihood(tau2: float) -> float:
        variances = vi + tau2
        residuals = wls(yi, X, 1.0 / variances).residuals if fixed is None else fixed
        return restricted_likelihood(residuals, variances, X) if restricted else maximum_likelihood(residuals, variances)

    return likelihood


def _own(result: UniResult) -> FloatArray:
    """A person's weights, or all 1."""
    return np.ones(result.k) if result.spec.weights is None or not result.spec.weighted else result.spec.weights


def _heterogeneity(result: UniResult, bounds: Tau2Bounds) -> Named:
    """tau2, tau, I2 and H2 at the estimate and the bounds; tau is NaN below 0."""
    vi, X = result.studies.vi, result.spec.X
    values = (result.tau2, bounds.ci_lb, bounds.ci_ub)
    shares = [from_tau2(result.QE, vi, X, tau2) for tau2 in values]
    columns: dict[str, tuple[float, float, float]] = {
        "tau2": values,
        "tau": (_root(values[0]), _root(values[1]), _root(values[2])),
        "I2": (shares[0].I2, shares[1].I2, shares[2].I2),
        "H2": (shares[0].H2, shares[1].H2, shares[2].H2),
    }
    return tuple(
        (name, Interval(estimate, lb, ub, bounds.lb_sign, bounds.ub_sign)) for name, (estimate, lb, ub) in columns.items()
    )


def _root(tau2: float) -> float:
    return float(np.sqrt(tau2)) if tau2 >= 0.0 else np.nan


def _notes(bounds: Tau2Bounds) -> tuple[str, ...]:
    if bounds.empty:
        beyond = "above" if bounds.lb_sign == ">" else "below"
        return (f"The interval of tau^2 is empty: both bounds lie {beyond} {bounds.ci_lb:g}.",)
    notes = [f"The lower bound of tau^2 lies below {bounds.ci_lb:g}."] * (bounds.lb_sign == "<")
    notes += [f"The upper bound of tau^2 lies above {bounds.ci_ub:g}."] * (bounds.ub_sign == ">")
    notes += ["The set of tau^2 has gaps; the bounds are its outer ends."] * bounds.gaps
    return tuple(notes)


def _coefficients(result: Pooled, level: float, transf: Any, targs: Any) -> Named:
    reach = quantile(level, result.ddf if isinstance(result, UniResult | LocationScaleResult) else None) * result.se
    beta, lb, ub = result.beta, result.beta - reach, result.beta + reach
    if transf is not None:
        scale, _ = scale_of(transf, targs)
        beta, (lb, ub) = scale(beta), ordered(scale, lb, ub)
    numbers = zip(beta, lb, ub, strict=True)
    return tuple(
        (name, Interval(float(b), float(low), float(high)))
        for name, (b, low, high) in zip(result.names, numbers, strict=True)
    )
