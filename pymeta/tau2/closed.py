"""Estimators of tau² in closed form, one function a published estimator.

All are linear in a quadratic form of y: with A = W − W X (X'WX)⁻¹ X'W for some weights W and M = V + tau²I, y'Ay has mean
tr AM = tr AV + tau² tr A and variance 2 tr AMAM, which gives the standard errors, at the estimate itself.
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.errors import OptionError
from pymeta.numerics.linalg import centred, residual_square_trace, residual_trace, wls
from pymeta.numerics.solve import Solve
from pymeta.tau2.estimate import Tau2

__all__ = [
    "dersimonian_laird",
    "generalised_q",
    "hedges",
    "hunter_schmidt",
    "hunter_schmidt_corrected",
    "needed",
    "none",
    "sidik_jonkman",
    "standard_error",
]


def none(yi: FloatArray, vi: FloatArray, X: FloatArray, weights: FloatArray | None = None, tau2_min: float = 0.0) -> Tau2:
    """tau² = 0: the equal-effects and the fixed-effects model, which have no heterogeneity to estimate."""
    return Tau2(0.0, None, Solve(True, "tau² is 0 by the model", 0, False))


def dersimonian_laird(
    yi: FloatArray, vi: FloatArray, X: FloatArray, weights: FloatArray | None = None, tau2_min: float = 0.0
) -> Tau2:
    """The moment estimator of DerSimonian & Laird, (Q − (k − p)) / tr P.

    yi, vi : (k,) effects and their sampling variances; X : (k, p) design, k > p; tau2_min : the estimate is at least that
    Source: DerSimonian & Laird (1986), eq. 8, for p = 1; for p > 1 and the standard error Raudenbush (2009), in The
        Handbook of Research Synthesis, ch. 16.
    metafor: ``rma(yi, vi, method="DL")``
    """
    k, p = X.shape
    return _moment(yi, vi, X, 1.0 / vi, float(k - p), tau2_min)


def hedges(yi: FloatArray, vi: FloatArray, X: FloatArray, weights: FloatArray | None = None, tau2_min: float = 0.0) -> Tau2:
    """The unweighted moment estimator of Hedges, also called Cochran's or the variance component estimator.

    yi, vi : (k,) effects and their sampling variances; X : (k, p) design, k > p; tau2_min : the estimate is at least that
    Source: Hedges (1983); Raudenbush (2009). metafor: ``rma(yi, vi, method="HE")``
    """
    return _moment(yi, vi, X, np.ones(len(yi)), None, tau2_min)


def generalised_q(
    yi: FloatArray, vi: FloatArray, X: FloatArray, weights: FloatArray | None = None, tau2_min: float = 0.0
) -> Tau2:
    """The moment estimator with weights of one's own, (y'Ay − tr AV) / tr A.

    yi, vi : (k,) effects and their sampling variances; X : (k, p) design, k > p; weights : (k,), needed
    tau2_min : the estimate is at least that
    Raises OptionError without weights.
    Source: DerSimonian & Kacker (2007); Jackson et al. (2014). metafor: ``rma(yi, vi, weights, method="GENQ")``
    """
    return _moment(yi, vi, X, needed(weights, "GENQ"), None, tau2_min)


def hunter_schmidt(
    yi: FloatArray, vi: FloatArray, X: FloatArray, weights: FloatArray | None = None, tau2_min: float = 0.0
) -> Tau2:
    """Hunter & Schmidt's estimator, (Q − k) / Σ w.

    yi, vi : (k,) effects and their sampling variances; X : (k, p) design, k > p; tau2_min : the estimate is at least that
    Source: Hunter & Schmidt (1990); in general Viechtbauer (2005); Viechtbauer et al. (2015).
    metafor: ``rma(yi, vi, method="HS")``
    """
    return _weighted_variance(yi, vi, X, 1.0, tau2_min)


def hunter_schmidt_corrected(
    yi: FloatArray, vi: FloatArray, X: FloatArray, weights: FloatArray | None = None, tau2_min: float = 0.0
) -> Tau2:
    """Hunter & Schmidt's estimator with a correction for small k, (Q k/(k − p) − k) / Σ w.

    yi, vi : (k,) effects and their sampling variances; X : (k, p) design, k > p; tau2_min : the estimate is at least that
    Source: Brannick et al. (2019). metafor: ``rma(yi, vi, method="HSk")``
    """
    k, p = X.shape
    return _weighted_variance(yi, vi, X, k / (k - p), tau2_min)


def sidik_jonkman(
    yi: FloatArray,
    vi: FloatArray,
    X: FloatArray,
    weights: FloatArray | None = None,
    tau2_min: float = 0.0,
    tau2_init: float | None = None,
) -> Tau2:
    """Sidik & Jonkman's estimator, one step from a crude start: tau0² Q(tau0²) / (k − p). It is never negative.

    yi, vi : (k,) effects and their sampling variances; X : (k, p) design, k > p; tau2_min : the estimate is at least that
    tau2_init : tau0², the variance of yi with divisor k unless given
    Source: Sidik & Jonkman (2005, 2007). metafor: ``rma(yi, vi, method="SJ")``, ``control=list(tau2.init=…)``
    """
    k, p = X.shape
    X = centred(X)
    start = float(np.var(yi)) if tau2_init is None else tau2_init
    w = 1.0 / (vi + start)
    fit = wls(yi, X, w)
    raw = start / (k - p) * fit.ss
    return _linear(raw, start / (k - p), vi, X, w, tau2_min)


def needed(weights: FloatArray | None, method: str) -> FloatArray:
    """The weights; raises OptionError where there are none."""
    if weights is None:
        raise OptionError(f"method={method!r} needs weights=, one number a study, 0 or more; without them take 'DL' or 'HE'")
    return weights


def _moment(yi: FloatArray, vi: FloatArray, X: FloatArray, w: FloatArray, expected: float | None, tau2_min: float) -> Tau2:
    """The tau² at which y'Ay has its expectation, tr AV + tau² tr A; expected : tr AV where it is known."""
    X = centred(X)
    fit = wls(yi, X, w)
    trace = residual_trace(X, w)
    mean = residual_trace(X, w, vi) if expected is None else expected
    return _linear((fit.ss - mean) / trace, 1.0 / trace, vi, X, w, tau2_min)


def _weighted_variance(yi: FloatArray, vi: FloatArray, X: FloatArray, factor: float, tau2_min: float) -> Tau2:
    X, w = centred(X), 1.0 / vi
    fit = wls(yi, X, w)
    total = float(w.sum())
    raw = (factor * fit.ss - len(yi)) / total
    return _linear(raw, factor / total, vi, X, w, tau2_min)


def _linear(raw: float, slope: float, vi: FloatArray, X: FloatArray, w: FloatArray, tau2_min: float) -> Tau2:
    """An estimate, truncated, that is `slope` y'Ay and a constant; its variance is slope² 2 tr AMAM, at 0 if it is below."""
    tau2 = max(tau2_min, raw)
    se = standard_error(slope, vi + max(tau2, 0.0), X, w)
    return Tau2(tau2, se, Solve(True, "closed form", 0, raw <= tau2_min))


def standard_error(slope: float, variances: FloatArray, X: FloatArray, w: FloatArray) -> float:
    """That of `slope` y'Ay, with the variances of y (k,)."""
    return slope * sqrt(2.0 * residual_square_trace(X, w, variances))
