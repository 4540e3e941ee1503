"""Inverse-variance models: equal-, fixed-, random- and mixed-effects, with or without moderators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from pymeta.arrays import FloatArray, read_only
from pymeta.data.design import design
from pymeta.data.specs import INTERCEPT, UniSpec
from pymeta.errors import ConvergenceError, DataError
from pymeta.inference.heterogeneity import Heterogeneity, cochran_q, from_q, from_tau2
from pymeta.inference.wald import omnibus, wald
from pymeta.numerics.linalg import Wls, spans, wls
from pymeta.numerics.solve import Solve
from pymeta.results.pooled import inferred
from pymeta.results.uni import UniResult
from pymeta.tau2.estimate import Tau2
from pymeta.tau2.methods import TAU2, Tau2Method

__all__ = ["TESTS", "estimated", "fit", "null_tau2", "pooled"]

TESTS = ("z", "t", "knha", "hksj", "adhoc")
"""Ways to test coefficients; "hksj" is another name of "knha"."""

_NO_DF = Solve(True, "no degrees of freedom", 0, True)


def fit(spec: UniSpec, call: Mapping[str, Any] | None = None, notes: tuple[str, ...] = ()) -> UniResult:
    """Estimate tau², then the coefficients with weights 1/(v + tau²) or a person's own.

    Raises DataError when there are too few studies for the coefficients, ConvergenceError when no method has an answer.
    Source: Raudenbush (2009); Viechtbauer (2005). metafor: ``rma(yi, vi, mods=…, method=…)``
    """
    k, p = spec.X.shape
    if k < p or (k == p > 1 and TAU2[spec.method].random):
        raise DataError(f"{k} studies cannot carry {p} coefficients{' and tau^2' * (k == p)}; use fewer moderators")
    if k == p > 1 and spec.test != "z":
        raise DataError(
            f"test={spec.test!r}: {k} studies and {p} coefficients leave no degrees of freedom; test='z' needs none"
        )
    if k == p:
        note = "as many coefficients as studies: tau^2 cannot be estimated and is taken as 0"
        alone = replace(spec, test="z" if p == 1 else spec.test)
        tau2 = Tau2(spec.tau2 or 0.0, None, _NO_DF)
        return pooled(alone, tau2, from_q(0.0, 0), (*notes, *(note,) * TAU2[spec.method].random), call)
    if np.count_nonzero(spec.studies.vi) < k:
        return _without_q(spec, notes, call)
    spec, estimate = estimated(spec)
    return pooled(spec, estimate, _heterogeneity(spec, estimate.tau2), notes, call)


def _without_q(spec: UniSpec, notes: tuple[str, ...], call: Mapping[str, Any] | None) -> UniResult:
    """The model by a person's own weights where variances are 0: what is made of 1/v has no value."""
    if spec.test in ("knha", "adhoc"):
        raise DataError(f"test={spec.test!r} weights by 1/vi, and vi is 0 in places; test='z' or 't' does not")
    k, p = spec.X.shape
    none = Heterogeneity(np.nan, k - p, np.nan, np.nan, np.nan)
    note = "variances of 0: there is no Q, no I^2, no H^2 and no likelihood"
    return pooled(spec, Tau2(0.0, None, _NO_DF), none, (*notes, note), call)


def _of(method: str) -> Tau2Method:
    """The estimator; Review Manager 5's is DerSimonian and Laird's, about another centre."""
    return TAU2["DL" if method == "revman5" else method]


def estimated(spec: UniSpec) -> tuple[UniSpec, Tau2]:
    """tau² by the first of the methods that has an answer, or as given; and the spec with that method's name."""
    yi, vi = spec.studies.yi, spec.studies.vi
    if spec.tau2 is not None and TAU2[spec.method].random:
        return spec, _given(spec, spec.tau2)
    problems = []
    for name in spec.methods or (spec.method,):
        method = TAU2[name]
        start = {"tau2_init": spec.tau2_init} if name == "SJ" else {}
        weights = spec.weights if method.needs_weights else None
        found = method.fit(yi, vi, spec.X, weights, tau2_min=spec.tau2_min, **start)
        if found.solve.converged:
            return spec if name == spec.method else replace(spec, method=name), found
        problems.append(f"{name}: {found.solve.reason}")
    raise ConvergenceError("tau^2 was not found; " + "; ".join(problems))


def _given(spec: UniSpec, tau2: float) -> Tau2:
    """A tau² known beforehand, with the standard error that the method would have there.

    Without any spread of effects every estimator ends at its lower bound, and has its standard error at that.
    """
    start = {"tau2_init": float(np.var(spec.studies.yi))} if spec.method == "SJ" else {}
    level = np.zeros(spec.studies.k)
    found = TAU2[spec.method].fit(level, spec.studies.vi, spec.X, spec.weights, tau2_min=tau2, **start)
    return Tau2(tau2, found.se_tau2, Solve(True, "given beforehand", 0, tau2 == 0.0))


def _heterogeneity(spec: UniSpec, tau2: float) -> Heterogeneity:
    yi, vi, X = spec.studies.yi, spec.studies.vi, spec.X
    Q = cochran_q(yi, vi, X)
    return from_tau2(Q, vi, X, tau2) if TAU2[spec.method].random else from_q(Q, len(yi) - X.shape[1])


def pooled(
    spec: UniSpec,
    estimate: Tau2,
    heterogeneity: Heterogeneity,
    notes: tuple[str, ...] = (),
    call: Mapping[str, Any] | None = None,
) -> UniResult:
    """The coefficients, their tests and intervals for an estimate of tau² that is at hand."""
    yi, vi, X = spec.studies.yi, spec.studies.vi, spec.X
    k, p = X.shape
    own = spec.weights is not None or not spec.weighted
    if own and spec.test not in ("knha", "adhoc"):
        (beta, vb), s2w = _own_weights(spec, estimate.tau2), 1.0
    else:
        best = wls(yi, X, 1.0 / (vi + estimate.tau2))
        beta, vb = _own_weights(spec, estimate.tau2) if own else (best.beta, best.bread)
        s2w = _residual_variance(spec.test, best, k - p)
    ddf = None if spec.test == "z" else float(k - p)
    vb = vb * s2w
    return UniResult(
        spec=spec,
        call=call or {},
        studies=spec.studies,
        label=_label(spec),
        names=spec.names,
        beta=read_only(beta),
        vb=read_only(vb),
        **inferred(wald(beta, vb, spec.level, ddf), heterogeneity),
        **omnibus(beta, vb, spec.btt, ddf)._asdict(),
        tau2=estimate.tau2,
        se_tau2=estimate.se_tau2,
        random=_of(spec.method).random,
        R2=_explained(spec, estimate.tau2),
        s2w=s2w,
        ddf=ddf,
        solve=estimate.solve,
        notes=notes,
    )


def _own_weights(spec: UniSpec, tau2: float) -> tuple[FloatArray, FloatArray]:
    """Coefficients by a person's weights A, and their covariance (X'AX)⁻¹ X'A M A X (X'AX)⁻¹ with M = diag(v + tau²)."""
    weights = np.ones(len(spec.X)) if spec.weights is None or not spec.weighted else spec.weights
    found = wls(spec.studies.yi, spec.X, weights)
    spread = weights[:, None] * spec.X @ found.bread
    return found.beta, spread.T @ ((spec.studies.vi + tau2)[:, None] * spread)


def _residual_variance(test: str, best: Wls, df: int) -> float:
    """What Knapp & Hartung multiply the covariance by: Σ r²/(v + tau²) / (k − p); "adhoc": that, and at least 1.

    The residuals are those of the best weights, also where a person gives others, as in metafor.
    Source: Knapp & Hartung (2003), eq. 2; Sidik & Jonkman (2002); adhoc: Röver, Knapp & Friede (2015).
    """
    if test not in ("knha", "adhoc"):
        return 1.0
    q = best.ss / df
    return max(1.0, q) if test == "adhoc" else q


def _label(spec: UniSpec) -> str:
    method = _of(spec.method)
    if spec.names == INTERCEPT:
        return method.label
    return "Mixed-Effects Model" if method.random else "Fixed-Effects with Moderators Model"


def null_tau2(spec: UniSpec) -> float:
    """tau² of the model without moderators."""
    null = replace(spec, design=design(None, None, len(spec.X)), btt=(0,), tau2=None)
    return estimated(null)[1].tau2


def _explained(spec: UniSpec, tau2: float) -> float | None:
    """R², in percent: the part of the intercept-only model's tau² that the moderators take away, at least 0.

    None without moderators, and without an intercept among what they span. Models without tau²: the adjusted R² of the
    weighted regression. Source: Raudenbush (2009), eq. 16.37; Lopez-Lopez et al. (2014)
    """
    X = spec.X
    k, p = X.shape
    if spec.names == INTERCEPT or k == p or not (spec.design.intercept or spans(X, np.ones(k))):
        return None
    if TAU2[spec.method].random:
        without = null_tau2(spec)
        return 100.0 * max(0.0, (without - tau2) / without) if without > 0.0 else 0.0
    weights = np.ones(k) if not spec.weighted else spec.weights if spec.weights is not None else 1.0 / spec.studies.vi
    error, total = (wls(spec.studies.yi, Z, weights).ss for Z in (X, np.ones((k, 1))))
    return 100.0 * max(0.0, 1.0 - (error / (k - p)) / (total / (k - 1))) if total > 0.0 else 0.0
