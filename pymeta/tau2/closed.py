"""Estimators of tau² in closed form, one function a published estimator."""

from __future__ import annotations

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.numerics.linalg import residual_traces, wls
from pymeta.numerics.solve import Solve
from pymeta.tau2.estimate import Tau2

__all__ = ["dersimonian_laird", "none"]


def none(yi: FloatArray, vi: FloatArray, X: FloatArray) -> Tau2:
    """tau² = 0: the equal-effects and the fixed-effects model, which have no heterogeneity to estimate."""
    return Tau2(0.0, None, Solve(True, "tau² is 0 by the model", 0, False))


def dersimonian_laird(yi: FloatArray, vi: FloatArray, X: FloatArray) -> Tau2:
    """The moment estimator of DerSimonian & Laird, truncated at zero.

    yi, vi : (k,) effects and their sampling variances; X : (k, p) design
    Source: DerSimonian & Laird (1986), eq. 8, for p = 1; for p > 1 and the standard error,
        Var(y'Py) = 2 tr(PΣPΣ) at Σ = V + tau²I, as in Raudenbush (2009), in The Handbook of Research Synthesis, ch. 16.
    metafor: ``rma(yi, vi, method="DL")``
    """
    k, p = X.shape
    w = 1.0 / vi
    fit = wls(yi, X, w)
    Q = float((w * fit.residuals**2).sum())
    trace, trace_squared = residual_traces(X, w, fit.bread)
    raw = (Q - (k - p)) / trace
    tau2 = max(0.0, raw)
    variance = (2.0 * (k - p) + 4.0 * tau2 * trace + 2.0 * tau2**2 * trace_squared) / trace**2
    return Tau2(tau2, float(np.sqrt(variance)), Solve(True, "closed form", 0, raw <= 0.0))
