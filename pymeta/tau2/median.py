"""The median-unbiased version of the generalised Q estimator."""

from __future__ import annotations

from collections.abc import Callable
from math import expm1

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.numerics.linalg import centred, residual_trace, wls
from pymeta.numerics.residual_forms import form_cdf
from pymeta.numerics.solve import Solve, falling_root
from pymeta.tau2.closed import needed, standard_error
from pymeta.tau2.estimate import Tau2

__all__ = ["generalised_q_median"]

Function = Callable[[float], float]


def generalised_q_median(
    yi: FloatArray, vi: FloatArray, X: FloatArray, weights: FloatArray | None = None, tau2_min: float = 0.0
) -> Tau2:
    """The tau² at which the observed y'Ay is the median of its distribution.

    P(y'Ay ≤ observed) falls with tau², since every variance v + tau² rises: there is one root, or none where that
    probability is at most a half at the boundary, and the estimate is there. The bracket is found by going outwards.

    yi, vi : (k,) effects and their sampling variances; X : (k, p) design, k > p; weights : (k,), needed
    tau2_min : the boundary, > −min vi
    Raises OptionError without weights.
    Source: Viechtbauer (2021); distribution: Jackson (2013).
    metafor: ``rma(yi, vi, weights, method="GENQM")``
    Differs from metafor: no fixed upper end of the search; no k x k matrix and its eigenvalues
    """
    w = needed(weights, "GENQM")
    X = centred(X)
    fit = wls(yi, X, w)
    excess, tau2_at = _excess(fit.ss, vi + tau2_min, X, w)
    at_zero = excess(0.0)
    s, calls = _root(excess, at_zero) if at_zero > 0.0 else (0.0, 1)
    t = tau2_at(s)
    trace = residual_trace(X, w)
    se = standard_error(1.0 / trace, vi + max(tau2_min + t, 0.0), X, w)
    reason = "y'Ay is the median of its distribution" if t > 0.0 else "y'Ay is at or below its median at tau² = 0 already"
    return Tau2(t + tau2_min, se, Solve(True, reason, calls, t == 0.0))


def _excess(observed: float, v: FloatArray, X: FloatArray, w: FloatArray) -> tuple[Function, Function]:
    """P(y'Ay ≤ observed) − ½ as a function of s = log(1 + tau²/min v), and tau² as a function of it."""
    Q, _ = np.linalg.qr(np.sqrt(w)[:, None] * X)
    low = float(v.min())

    def tau2_at(s: float) -> float:
        return low * expm1(s)

    def excess(s: float) -> float:
        return form_cdf(observed, w * (v + tau2_at(s)), Q) - 0.5 if observed > 0.0 else -0.5

    return excess, tau2_at


def _root(excess: Function, at_zero: float) -> tuple[float, int]:
    """The root of a falling function that is positive at 0, and the number of evaluations."""
    calls = 1

    def counted(s: float) -> float:
        nonlocal calls
        calls += 1
        return excess(s)

    a, fa, b = 0.0, at_zero, 1.0
    while (fb := counted(b)) > 0.0:
        a, fa, b = b, fb, b + 2.0
    return falling_root(counted, a, b, fa, fb), calls
