"""Models with what R's iteration found in place of what pymeta's did: then that is no longer what makes them differ.

R stops where two steps differ by less than a threshold, by default with some five digits of tau2. Numbers that agree once
pymeta takes that tau2 are limited by R, provided that it is no better an estimate than pymeta's own (`no_worse`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.optimize import brentq

from pymeta.arrays import FloatArray
from pymeta.data.design import design
from pymeta.data.specs import UniSpec
from pymeta.generics.scale_profile import profile_of_scale
from pymeta.inference.heterogeneity import cochran_q, from_tau2
from pymeta.inference.likelihood import maximum_likelihood, restricted_likelihood
from pymeta.inference.wald import quantile
from pymeta.models import location_scale
from pymeta.models.subsets import fit_of_some
from pymeta.models.uni import estimated, null_tau2, pooled
from pymeta.numerics.linalg import wls
from pymeta.port.calls.numbers import Numbers
from pymeta.results.intervals import ConfidenceIntervals
from pymeta.results.location_scale import LocationScaleResult
from pymeta.results.residuals import Residuals
from pymeta.results.selection import SelectionResult
from pymeta.results.uni import UniResult
from pymeta.tau2.estimate import Tau2
from pymeta.tau2.scale import evaluate

__all__ = [
    "NUMERICAL_HESSIAN",
    "SECOND_DIFFERENCES",
    "conditioned_digits",
    "is_of_scale",
    "not_excluded",
    "pinned",
    "pinned_deleted_z",
    "pinned_deletions",
    "pinned_intervals",
    "reached",
]

_BY_LIKELIHOOD = ("ML", "REML")
_SLACK = 1e-8
"""How much lower a log-likelihood may be, for rounding."""

_OWN_DIGITS = {"EB": 4.5, "PM": 1.7}
"""Digits of tau2 in metafor's answer at worst, measured against tightened control; of other methods as many as for EB."""

_ROOT = 1.3e-4
"""How far from the root R's uniroot stops, as confint calls it: .Machine$double.eps^0.25, and a little."""

NUMERICAL_HESSIAN = 5.5
"""Digits of the variances of scale coefficients: metafor's come from second derivatives by differences."""

SECOND_DIFFERENCES, _OF_INTEGRALS = 2.7, 1.0
"""Digits of standard errors in metafor's selection models, which come from second differences where its search ended: of
closed forms, and of integrals with a tolerance of 1e-4. With tighter control both have eight: see the parity grid."""

_DOUBLE = 15.9
"""Digits of a double."""


def is_of_scale(place: str) -> bool:
    """Whether a number at that place of R's answer is a test or variance of scale coefficients."""
    parts = place.split("$")
    return parts[-1].endswith(".alpha") or parts[-1] in ("va", "QS", "QSp") or parts[0] == "alpha"


def pinned(result: Any, reference: Numbers) -> Any:
    """The model at R's tau2, or at R's scale coefficients; None where R's answer has none, or a better one than pymeta's."""
    if type(result) is UniResult and "tau2" in reference and np.isfinite(reference["tau2"]).all():
        return _at_tau2(result, float(reference["tau2"].flat[0]), reference)
    if isinstance(result, LocationScaleResult) and "alpha" in reference and np.isfinite(reference["alpha"]).all():
        return _at_alpha(result, reference["alpha"].ravel(), reference)
    return None


def _at_tau2(result: UniResult, tau2: float, reference: Numbers) -> UniResult | None:
    if not _no_worse(result.spec, result.tau2, tau2) or not _same(result, _pooled_at(result, result.tau2)):
        return None
    found = _pooled_at(result, tau2)
    return replace(found, R2=_r_squared(result, found, reference))


def _pooled_at(result: UniResult, tau2: float) -> UniResult:
    spec = result.spec
    given = estimated(replace(spec, tau2=tau2))[1]
    heterogeneity = from_tau2(cochran_q(spec.studies.yi, spec.studies.vi, spec.X), spec.studies.vi, spec.X, tau2)
    return pooled(spec, Tau2(tau2, given.se_tau2, result.solve), heterogeneity, result.notes, result.call)


def _same(one: UniResult, other: UniResult) -> bool:
    """Whether the numbers of a result are those that its own tau2 makes: else more than tau2 is different."""
    names = ("beta", "se", "zval", "pval", "ci_lb", "ci_ub", "vb", "QE", "QEp", "QM", "QMp", "I2", "H2", "s2w")
    return all(np.allclose(getattr(one, n), getattr(other, n), rtol=1e-11, atol=0.0, equal_nan=True) for n in names)


def _no_worse(spec: UniSpec, own: float, other: float) -> bool:
    """Whether pymeta's tau2 is as good as R's: no less likely; by other methods, the same but for R's threshold."""
    if spec.method in _BY_LIKELIHOOD and spec.weights is None and spec.weighted:
        return _likelihood(spec, own) >= _likelihood(spec, other) - _SLACK
    digits = _OWN_DIGITS.get(spec.method, _OWN_DIGITS["EB"])
    scale = max(abs(other), float(spec.studies.vi.mean()))
    return bool(abs(own - other) <= max(scale * 10.0**-digits, _ROOT))


def _likelihood(spec: UniSpec, tau2: float) -> float:
    variances = spec.studies.vi + tau2
    residuals = wls(spec.studies.yi, spec.X, 1.0 / variances).residuals
    if spec.method == "REML":
        return restricted_likelihood(residuals, variances, spec.X)
    return maximum_likelihood(residuals, variances)


def _r_squared(own: UniResult, found: UniResult, reference: Numbers) -> float | None:
    """R² from R's tau2 of the model without moderators, which R's R² tells: taken if it is no better than pymeta's."""
    if own.R2 is None or "R2" not in reference:
        return own.R2
    share = float(reference["R2"].flat[0]) / 100.0
    without = null_tau2(own.spec)
    if not 0.0 < share < 1.0:  # cut off at 0, or all is explained
        return max(0.0, 100.0 * (1.0 - found.tau2 / without)) if without > 0.0 else own.R2
    null = replace(own.spec, design=design(None, None, own.k), btt=(0,))
    return 100.0 * share if _no_worse(null, without, found.tau2 / (1.0 - share)) else own.R2


def _at_alpha(result: LocationScaleResult, alpha: Any, reference: Numbers) -> LocationScaleResult | None:
    model, free = location_scale.model_of(result.spec, result.scale), result.scale.free
    if len(alpha) != result.q:
        return None
    if evaluate(model, np.asarray(result.alpha)[free]).value < evaluate(model, alpha[free]).value - _SLACK:
        return None
    found = location_scale.at(result, alpha)
    if "va" in reference and np.isnan(reference["va"]).all():  # R could not invert its Hessian, and says so
        nothing = np.full(result.q, np.nan)
        found = replace(found, va=np.full((result.q, result.q), np.nan), se_alpha=nothing, QS=np.nan, QSp=np.nan)
        found = replace(found, zval_alpha=nothing, pval_alpha=nothing, ci_lb_alpha=nothing, ci_ub_alpha=nothing)
    return found


def pinned_intervals(own: ConfidenceIntervals, vt: float, reference: Numbers) -> ConfidenceIntervals | None:
    """The intervals that R's bounds of tau2 make; None where these are not pymeta's, within R's tolerance."""
    table = reference.get("random")
    if table is None or table.shape != (4, 3) or len(own.random) != 4:
        return None
    mine = own.random[0][1]
    bounds = table[0, 1:]
    if not (np.abs(bounds - [mine.ci_lb, mine.ci_ub]) <= _ROOT * np.maximum(1.0, np.abs(bounds))).all():
        return None
    tau2 = np.array([mine.estimate, *bounds])
    rows = [tau2, np.sqrt(np.maximum(tau2, 0.0)), 100.0 * tau2 / (tau2 + vt), tau2 / vt + 1.0]
    named = zip(own.random, rows, strict=True)
    return replace(own, random=tuple((name, replace(old, ci_lb=row[1], ci_ub=row[2])) for (name, old), row in named))


def reached(own: float, bound: float, sign: str) -> bool:
    """Whether a bound is R's within the tolerance of its search; where R says "<" or ">", that it lies beyond R's."""
    slack = _ROOT * max(1.0, abs(bound))
    if sign == "<":
        return own <= bound + slack
    return own >= bound - slack if sign == ">" else abs(own - bound) <= slack


def not_excluded(model: LocationScaleResult, name: str, value: float, level: float) -> bool:
    """Whether a scale coefficient's profile likelihood has not fallen at a value as far as an interval's end is."""
    fallen = -profile_of_scale(model, model.scale.names.index(name), np.array([value]))[0]
    return bool(2.0 * fallen < quantile(level, None) ** 2 - _ROOT)


def pinned_deletions(model: UniResult, own: Residuals, reference: Numbers) -> Residuals | None:
    """Deleted residuals at the tau2 that R has without each study, which R's standard errors tell.

    A standard error's square is s²_w (v + tau²) + x'vb x, of the model without the study.
    """
    if "se" not in reference or reference["se"].shape != own.se.shape:
        return None
    found = [_deleted(model, i, lambda resid, variance: variance, float(se) ** 2) for i, se in enumerate(reference["se"])]
    if any(one is None for one in found):
        return None
    resid, se = (np.array([one[j] for one in found if one is not None]) for j in (0, 1))
    return Residuals(resid, se, resid / se, own.slab)


def pinned_deleted_z(model: UniResult, own: FloatArray, z: FloatArray) -> FloatArray | None:
    """Deleted residuals over their standard errors, at the tau2 that R has without each study, which R's own tell."""
    if z.shape != own.shape:
        return None
    found = [_deleted(model, i, lambda resid, variance: resid / np.sqrt(variance), float(one)) for i, one in enumerate(z)]
    return None if None in found else np.array([one[0] / one[1] for one in found if one is not None])


def _deleted(model: UniResult, i: int, of: Callable[[float, float], float], value: float) -> tuple[float, float] | None:
    """A study's deleted residual and its standard error at the tau2 where `of` these, the error squared, is `value`."""
    own = fit_of_some(model, np.arange(model.k) != i)
    if not isinstance(own, UniResult) or not np.isfinite(value):
        return None
    yi, vi, X = model.studies.yi[i], model.studies.vi[i], model.spec.X[i]

    def residual(tau2: float) -> tuple[float, float]:
        rest = _pooled_at(own, tau2)
        return float(yi - X @ rest.beta), float(rest.s2w * (vi + tau2) + X @ rest.vb @ X)

    low, high = max(0.0, 0.9 * own.tau2 - _ROOT), 1.1 * own.tau2 + _ROOT
    ends = [of(*residual(tau2)) - value for tau2 in (low, high)]
    if abs(ends[0]) <= 1e-12 * abs(value):
        tau2 = low
    elif ends[0] * ends[1] > 0.0:
        return None
    else:
        tau2 = float(brentq(lambda x: of(*residual(x)) - value, low, high, xtol=1e-14, rtol=1e-14))
    return (residual(tau2)[0], np.sqrt(residual(tau2)[1])) if _no_worse(own.spec, own.tau2, tau2) else None


def conditioned_digits(model: Any) -> float:
    """Digits of a regression whose design is ill-conditioned: R solves for the coefficients in doubles, as pymeta does."""
    if isinstance(model, SelectionResult):
        return SECOND_DIFFERENCES if model.type in ("stepfun", "trunc", "truncest") else _OF_INTEGRALS
    if not isinstance(model, UniResult | LocationScaleResult):
        return _DOUBLE
    variances = model.studies.vi + np.maximum(model.tau2, 0.0)
    w = 1.0 / np.sqrt(variances) if variances.all() else np.ones(model.k)
    return float(max(1.0, _DOUBLE - 2.0 * np.log10(np.linalg.cond(w[:, None] * model.spec.X))))
