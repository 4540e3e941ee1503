"""Inverse-variance models: equal-effects and random-effects, with or without moderators."""

from __future__ import annotations

from pymeta.arrays import FloatArray, read_only
from pymeta.data.specs import INTERCEPT, DataSpec, UniSpec
from pymeta.data.studies import Studies
from pymeta.errors import DataError
from pymeta.inference.heterogeneity import Heterogeneity, cochran_q, from_q, from_tau2
from pymeta.inference.wald import wald_z
from pymeta.numerics.linalg import wls
from pymeta.numerics.solve import Solve
from pymeta.results.pooled import inferred
from pymeta.results.uni import UniResult
from pymeta.tau2.estimate import Tau2
from pymeta.tau2.methods import TAU2, Tau2Method

__all__ = ["fit", "pooled"]


def fit(spec: UniSpec) -> UniResult:
    """Estimate tau², then the coefficients with weights 1 / (v + tau²).

    Raises DataError when there are fewer studies than coefficients.
    Source: Raudenbush (2009); Viechtbauer (2005). metafor: ``rma(yi, vi, method=…)``
    """
    yi, vi, X = spec.studies.yi, spec.studies.vi, spec.X
    k, p = X.shape
    if k < p:
        raise DataError(f"{k} studies cannot carry {p} coefficients; use fewer moderators")
    method = TAU2[spec.method]
    if k == p:
        notes = ("as many coefficients as studies: tau^2 cannot be estimated and is taken as 0",) * method.random
        return pooled(spec, spec.studies, X, method, Tau2(0.0, None, _NO_DF), from_q(0.0, 0), notes)
    estimate = method.fit(yi, vi, X)
    Q = cochran_q(yi, vi, X)
    heterogeneity = from_tau2(Q, vi, X, estimate.tau2) if method.random else from_q(Q, k - p)
    return pooled(spec, spec.studies, X, method, estimate, heterogeneity)


_NO_DF = Solve(True, "no degrees of freedom", 0, True)


def pooled(
    spec: UniSpec | DataSpec,
    studies: Studies,
    X: FloatArray,
    method: Tau2Method,
    estimate: Tau2,
    heterogeneity: Heterogeneity,
    notes: tuple[str, ...] = (),
) -> UniResult:
    """The coefficients with weights 1 / (v + tau²) for an estimate of tau² that is at hand, and their tests."""
    weighted = wls(studies.yi, X, 1.0 / (studies.vi + estimate.tau2))
    return UniResult(
        spec=spec,
        studies=studies,
        label=method.label,
        names=spec.names if isinstance(spec, UniSpec) else INTERCEPT,
        beta=read_only(weighted.beta),
        vb=read_only(weighted.bread),
        **inferred(wald_z(weighted.beta, weighted.bread, spec.level), heterogeneity),
        tau2=estimate.tau2,
        se_tau2=estimate.se_tau2,
        random=method.random,
        solve=estimate.solve,
        notes=notes,
    )
