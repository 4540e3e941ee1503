"""Estimators of tau² that solve an equation, one function a published estimator."""

from __future__ import annotations

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.numerics.linalg import residual_traces, wls
from pymeta.numerics.solve import Solve, roots_down
from pymeta.tau2.estimate import Tau2

__all__ = ["restricted_log_likelihood", "restricted_maximum_likelihood"]

_GRID = 96  # points between 0 and the upper bound; maxima closer together than that in log(tau² + v) would be merged


def restricted_maximum_likelihood(yi: FloatArray, vi: FloatArray, X: FloatArray) -> Tau2:
    """The highest maximum of the restricted likelihood over tau² ≥ 0.

    The likelihood may have several maxima, also one at zero beside one inside: all roots of the score below a
    proven bound are found, and the likelihoods at them and at zero compared.

    yi, vi : (k,) effects and their sampling variances; X : (k, p) design
    Source: Patterson & Thompson (1971); score and information as in Viechtbauer (2005), eqs. 13 and 14.
    metafor: ``rma(yi, vi, method="REML")``, which follows the one maximum its start leads to
    """
    calls = 0

    def score(tau2: float) -> float:
        nonlocal calls
        calls += 1
        w = 1.0 / (vi + tau2)
        fit = wls(yi, X, w)
        return float((w**2 * fit.residuals**2).sum()) - residual_traces(X, w, fit.bread)[0]

    maxima = roots_down(score, _grid(vi, _score_is_negative_beyond(yi, vi, X)))
    tau2 = max([0.0, *maxima], key=lambda t: restricted_log_likelihood(yi, vi, X, t))
    w = 1.0 / (vi + tau2)
    _, trace_squared = residual_traces(X, w, wls(yi, X, w).bread)
    reason = (
        f"highest of {len(maxima)} interior maxima and the boundary" if maxima else "the likelihood falls from tau² = 0 on"
    )
    return Tau2(tau2, float(np.sqrt(2.0 / trace_squared)), Solve(True, reason, calls, tau2 == 0.0))


def restricted_log_likelihood(yi: FloatArray, vi: FloatArray, X: FloatArray, tau2: float) -> float:
    """The restricted log-likelihood at `tau2`, up to a constant that depends on X and k alone.

    Source: Harville (1974), eq. 3; Viechtbauer (2005), eq. 12.
    """
    w = 1.0 / (vi + tau2)
    fit = wls(yi, X, w)
    return 0.5 * (float(np.log(w).sum()) - fit.logdet - float((w * fit.residuals**2).sum()))


def _score_is_negative_beyond(yi: FloatArray, vi: FloatArray, X: FloatArray) -> float:
    """A tau² above which the REML score cannot be positive.

    With S the unweighted residual sum of squares, y'PPy ≤ S / (tau² + min v)² and tr P ≥ (k − p) / (tau² + max v);
    the score's sign is settled where the first bound meets the second, a quadratic in tau² + min v.
    """
    k, p = X.shape
    residuals = wls(yi, X, np.ones(k)).residuals
    s = float((residuals**2).sum()) / (k - p)
    low, high = float(vi.min()), float(vi.max())
    u = 0.5 * (s + np.sqrt(s * s + 4.0 * s * (high - low)))
    return float(max(u - low, 0.0))


def _grid(vi: FloatArray, top: float) -> FloatArray:
    """0 and points up to `top`, spaced evenly in log(tau² + v) for the smallest v: the scale on which a likelihood bends."""
    low = float(vi.min())
    points = low * np.expm1(np.linspace(0.0, np.log1p(top / low), _GRID))
    points[-1] = max(top, points[-1]) * (1.0 + 1e-12)  # the bound itself may be the root: with equal v, it is
    return points
