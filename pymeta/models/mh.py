"""The Mantel-Haenszel method for 2x2 tables and for events in person-times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from pymeta.arrays import BoolArray, FloatArray, read_only
from pymeta.data.specs import INTERCEPT, DataSpec
from pymeta.errors import DataError
from pymeta.inference import stratified
from pymeta.inference.heterogeneity import about, from_q
from pymeta.inference.stratified import ScoreTest
from pymeta.inference.wald import wald_z
from pymeta.models.tables import as_they_are, studies_with_effects, tables_of
from pymeta.results.mh import MHResult
from pymeta.results.pooled import inferred

__all__ = ["MH_MEASURES", "RATE_MEASURES", "RATIOS", "MHEstimate", "fit", "mantel_haenszel"]

MH_MEASURES = ("RR", "OR", "RD")
"""The measures of 2x2 tables that it pools."""
RATE_MEASURES = ("IRR", "IRD")
"""Those of events in person-times."""
RATIOS = ("RR", "OR", "IRR")
"""Those whose effect is a logarithm."""


class MHEstimate(NamedTuple):
    """A pooled effect (log scale for ratios), its variance, and each table's weight (k,), not yet scaled.

    numerators : (k,) Σ numerators / Σ weights is the effect, or the ratio whose logarithm it is
    """

    estimate: float
    variance: float
    weights: FloatArray
    numerators: FloatArray


def fit(spec: DataSpec, pooled: DataSpec | None = None, chosen: BoolArray | None = None) -> MHResult:
    """Pool the tables, set the study effects' heterogeneity about that estimate, and test the tables' association.

    spec : the data with what is done about zeros for the study effects
    pooled : the same data with what is done for the tables themselves; default: nothing
    chosen : (n,) the rows of a subset
    Raises DataError when the estimate is not defined, as without any event in one of the groups.
    metafor: ``rma.mh(ai, bi, ci, di, measure=…)``
    """
    pooled = as_they_are(spec) if pooled is None else pooled
    tables = tables_of(pooled)
    association = _association(spec.measure, tables.columns, spec.correct)
    estimate = _estimate(spec.measure, tables.columns, association.get("MH"))
    studies = studies_with_effects(spec, chosen)
    heterogeneity = from_q(about(studies.yi, studies.vi, estimate.estimate), max(studies.k - 1, 0))
    beta = np.array([estimate.estimate])
    return MHResult(
        spec=spec,
        pooled=pooled,
        studies=studies,
        label="Equal-Effects Model, Mantel-Haenszel",
        names=INTERCEPT,
        slab=tables.slab,
        weights=read_only(estimate.weights),
        beta=read_only(beta),
        **inferred(wald_z(beta, np.array([[estimate.variance]]), spec.level), heterogeneity),
        **_fields(association | _heterogeneity_tests(spec.measure, tables.columns, estimate.estimate)),
    )


def _association(measure: str, columns: Any, correct: bool) -> dict[str, ScoreTest]:
    match measure:
        case "OR":
            return {
                "MH": stratified.mantel_haenszel(**columns, correct=correct),
                "CO": stratified.cochran(**columns, correct=correct),
            }
        case "IRR":
            return {"MH": stratified.person_times(**columns, correct=correct)}
    return {}


def _heterogeneity_tests(measure: str, columns: Any, estimate: float) -> dict[str, ScoreTest]:
    if measure != "OR":
        return {}
    breslow_day, tarone = stratified.homogeneity(**columns, log_or=estimate)
    return {"BD": breslow_day, "TA": tarone}


def _fields(tests: dict[str, ScoreTest]) -> dict[str, Any]:
    """MH, MHdf and MHp, and so on."""
    return {f"{name}{part}": x for name, test in tests.items() for part, x in zip(("", "df", "p"), test, strict=True)}


def _estimate(measure: str, columns: Any, test: ScoreTest | None) -> MHEstimate:
    """The estimate; the error where there is none tells the test, which needs no estimate."""
    try:
        return mantel_haenszel(measure, **columns)
    except DataError as error:
        if test is None or np.isnan(test.statistic):
            raise
        told = f"the Mantel-Haenszel test still is: {test.statistic:.6g}, df = {test.df}, p-val = {test.p:.4g}"
        raise DataError(f"{error.problem}; {told}") from None


def mantel_haenszel(measure: str, **columns: FloatArray) -> MHEstimate:
    """The Mantel-Haenszel estimate of `measure` from raw counts, each (k,).

    columns : ai, bi, ci, di for "OR", "RR" and "RD"; x1i, x2i, t1i, t2i for "IRR" and "IRD"
    Raises DataError when it is not defined.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = _ESTIMATORS[measure](**columns)
    if not (np.isfinite(estimate.estimate) and estimate.variance > 0.0):
        raise DataError(_undefined(measure))
    return estimate


def _undefined(measure: str) -> str:
    rates = measure in RATE_MEASURES
    why = "a group has no events" if rates else "a group has no events, or nothing but events"
    difference = "IRD" if rates else "RD"
    way_out = "" if measure == difference else f", or measure={difference!r},"
    return (
        f"the Mantel-Haenszel {measure} or its variance is not defined for these tables: over all studies {why}; "
        f"an inverse-variance method (rma with method='DL'){way_out} may be"
    )


def _odds_ratio(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> MHEstimate:
    """Source: Mantel & Haenszel (1959), p. 736; variance of Robins, Breslow & Greenland (1986), eq. 3."""
    N = ai + bi + ci + di
    P, Q = (ai + di) / N, (bi + ci) / N
    R, S = ai * di / N, bi * ci / N
    sum_R, sum_S = R.sum(), S.sum()
    variance = 0.5 * ((P * R).sum() / sum_R**2 + (P * S + Q * R).sum() / (sum_R * sum_S) + (Q * S).sum() / sum_S**2)
    return MHEstimate(float(np.log(sum_R / sum_S)), float(variance), S, R)


def _risk_ratio(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> MHEstimate:
    """Source: Greenland & Robins (1985), eqs. 4 and 13."""
    n1, n2 = ai + bi, ci + di
    N = n1 + n2
    R, S = ai * n2 / N, ci * n1 / N
    sum_R, sum_S = R.sum(), S.sum()
    variance = ((n1 * n2 * (ai + ci) - ai * ci * N) / N**2).sum() / (sum_R * sum_S)
    return MHEstimate(float(np.log(sum_R / sum_S)), float(variance), S, R)


def _risk_difference(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> MHEstimate:
    """Source: Greenland & Robins (1985), eq. 7; variance of Sato, Greenland & Robins (1989)."""
    n1, n2 = ai + bi, ci + di
    N = n1 + n2
    weights = n1 * n2 / N
    total = weights.sum()
    numerators = (ai * n2 - ci * n1) / N
    estimate = numerators.sum() / total
    P = (n1**2 * ci - n2**2 * ai + n1 * n2 * (n2 - n1) / 2.0) / N**2
    Q = (ai * di + bi * ci) / (2.0 * N)
    return MHEstimate(float(estimate), float((estimate * P.sum() + Q.sum()) / total**2), weights, numerators)


def _rate_ratio(x1i: FloatArray, x2i: FloatArray, t1i: FloatArray, t2i: FloatArray) -> MHEstimate:
    """Σ x1 t2/T over Σ x2 t1/T. Source: Greenland & Robins (1985), section 3; Nurminen (1981)."""
    T = t1i + t2i
    R, S = x1i * (t2i / T), x2i * (t1i / T)
    sum_R, sum_S = R.sum(), S.sum()
    variance = ((x1i + x2i) * (t1i / T) * (t2i / T)).sum() / (sum_R * sum_S)
    return MHEstimate(float(np.log(sum_R / sum_S)), float(variance), S, R)


def _rate_difference(x1i: FloatArray, x2i: FloatArray, t1i: FloatArray, t2i: FloatArray) -> MHEstimate:
    """Weights t1 t2/T. Source: Greenland & Robins (1985), section 3; Rothman, Greenland & Lash (2008), ch. 15."""
    T = t1i + t2i
    weights = t1i / T * t2i
    total = weights.sum()
    numerators = x1i * (t2i / T) - x2i * (t1i / T)
    estimate = numerators.sum() / total
    # w² (x1/t1² + x2/t2²)
    variance = (x1i * (t2i / T) ** 2 + x2i * (t1i / T) ** 2).sum() / total**2
    return MHEstimate(float(estimate), float(variance), weights, numerators)


_ESTIMATORS: Mapping[str, Callable[..., MHEstimate]] = {
    "RR": _risk_ratio,
    "OR": _odds_ratio,
    "RD": _risk_difference,
    "IRR": _rate_ratio,
    "IRD": _rate_difference,
}
