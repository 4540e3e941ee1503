"""The Mantel-Haenszel method for 2x2 tables."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pymeta.arrays import FloatArray, read_only
from pymeta.data.specs import INTERCEPT, DataSpec
from pymeta.effects.studies import studies_of
from pymeta.errors import DataError
from pymeta.inference.heterogeneity import about, from_q
from pymeta.inference.wald import wald_z
from pymeta.results.mh import MHResult
from pymeta.results.pooled import inferred

__all__ = ["MH_MEASURES", "MHEstimate", "fit", "mantel_haenszel"]


class MHEstimate(NamedTuple):
    """A pooled effect (log scale for ratios), its variance, and each table's weight (k,), not yet scaled."""

    estimate: float
    variance: float
    weights: FloatArray


def fit(spec: DataSpec) -> MHResult:
    """Pool the raw tables, and set the study effects' heterogeneity about that estimate.

    Raises DataError when the estimate is not defined, as without any event in one of the groups.
    metafor: ``rma.mh(ai, bi, ci, di, measure=…)``, without its CMH and Tarone tests
    """
    complete = spec.complete
    estimate = mantel_haenszel(spec.measure, **{name: values[complete] for name, values in spec.inputs.items()})
    slab = tuple(label for label, there in zip(spec.slab, complete, strict=True) if there)
    studies = studies_of(spec)
    heterogeneity = from_q(about(studies.yi, studies.vi, estimate.estimate), studies.k - 1)
    beta = np.array([estimate.estimate])
    return MHResult(
        spec=spec,
        studies=studies,
        label="Equal-Effects Model, Mantel-Haenszel",
        names=INTERCEPT,
        slab=slab,
        weights=read_only(100.0 * estimate.weights / estimate.weights.sum()),
        beta=read_only(beta),
        **inferred(wald_z(beta, np.array([[estimate.variance]]), spec.level), heterogeneity),
    )


def mantel_haenszel(measure: str, *, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> MHEstimate:
    """The Mantel-Haenszel estimate of `measure` ("OR", "RR" or "RD") from raw cells, each (k,).

    Raises DataError when it is not defined.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = _ESTIMATORS[measure](ai, bi, ci, di)
    if not (np.isfinite(estimate.estimate) and estimate.variance > 0.0):
        way_out = "" if measure == "RD" else ", or measure='RD',"
        raise DataError(
            f"the Mantel-Haenszel {measure} or its variance is not defined for these tables: over all studies a group has "
            f"no events, or nothing but events; an inverse-variance method (rma with method='DL'){way_out} may be"
        )
    return estimate


def _odds_ratio(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> MHEstimate:
    """Source: Mantel & Haenszel (1959); variance of Robins, Breslow & Greenland (1986), eq. 3."""
    N = a + b + c + d
    P, Q = (a + d) / N, (b + c) / N
    R, S = a * d / N, b * c / N
    sum_R, sum_S = R.sum(), S.sum()
    variance = 0.5 * ((P * R).sum() / sum_R**2 + (P * S + Q * R).sum() / (sum_R * sum_S) + (Q * S).sum() / sum_S**2)
    return MHEstimate(float(np.log(sum_R / sum_S)), float(variance), S)


def _risk_ratio(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> MHEstimate:
    """Source: Greenland & Robins (1985), eqs. 4 and 13."""
    n1, n2 = a + b, c + d
    N = n1 + n2
    R, S = (a * n2 / N).sum(), (c * n1 / N).sum()
    variance = ((n1 * n2 * (a + c) - a * c * N) / N**2).sum() / (R * S)
    return MHEstimate(float(np.log(R / S)), float(variance), c * n1 / N)


def _risk_difference(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> MHEstimate:
    """Source: Greenland & Robins (1985), eq. 7; variance of Sato, Greenland & Robins (1989)."""
    n1, n2 = a + b, c + d
    N = n1 + n2
    weights = n1 * n2 / N
    total = weights.sum()
    estimate = ((a * n2 - c * n1) / N).sum() / total
    P = (n1**2 * c - n2**2 * a + n1 * n2 * (n2 - n1) / 2.0) / N**2
    Q = (a * d + b * c) / (2.0 * N)
    return MHEstimate(float(estimate), float((estimate * P.sum() + Q.sum()) / total**2), weights)


_ESTIMATORS = {"RR": _risk_ratio, "OR": _odds_ratio, "RD": _risk_difference}
MH_MEASURES = tuple(_ESTIMATORS)
"""The measures that it pools."""
