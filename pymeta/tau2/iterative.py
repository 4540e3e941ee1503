"""Maximum likelihood and restricted maximum likelihood.

Both have the highest maximum over tau² ≥ tau2_min: the likelihood may have several maxima, also one at the boundary
beside one inside. All roots of the score below a proven bound are found, and the likelihoods at them compared.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.numerics.linalg import centred, residual_square_trace, wls
from pymeta.numerics.marginal import Engine, engine
from pymeta.numerics.solve import Solve
from pymeta.tau2.estimate import Tau2
from pymeta.tau2.search import Falls, falls

__all__ = ["log_likelihood", "maximum_likelihood", "restricted_log_likelihood", "restricted_maximum_likelihood"]

Likelihood = Callable[[FloatArray, FloatArray, FloatArray, float], float]


def restricted_maximum_likelihood(
    yi: FloatArray, vi: FloatArray, X: FloatArray, weights: FloatArray | None = None, tau2_min: float = 0.0
) -> Tau2:
    """The highest maximum of the restricted likelihood.

    yi, vi : (k,) effects and their sampling variances; X : (k, p) design, k > p; tau2_min : the boundary, > −min vi
    Source: Patterson & Thompson (1971); score and information as in Viechtbauer (2005), eqs. 13 and 14.
    metafor: ``rma(yi, vi, method="REML")``. Differs from metafor: that follows the one maximum its start leads to
    """
    X, v = centred(X), vi + tau2_min
    studies = engine(yi, v, X)
    found = falls(_reml_score, studies, _negative_beyond(studies, X.shape[1]))
    t, solve = _highest(found, restricted_log_likelihood, yi, v, X)
    w = 1.0 / (v + t)
    return Tau2(t + tau2_min, sqrt(2.0 / residual_square_trace(X, w)), solve)


def maximum_likelihood(
    yi: FloatArray, vi: FloatArray, X: FloatArray, weights: FloatArray | None = None, tau2_min: float = 0.0
) -> Tau2:
    """The highest maximum of the likelihood.

    yi, vi : (k,) effects and their sampling variances; X : (k, p) design, k > p; tau2_min : the boundary, > −min vi
    Source: Hardy & Thompson (1996); score and information as in Viechtbauer (2005).
    metafor: ``rma(yi, vi, method="ML")``. Differs from metafor: that follows the one maximum its start leads to
    """
    X, v = centred(X), vi + tau2_min
    studies = engine(yi, v, X)
    found = falls(_ml_score, studies, _negative_beyond(studies, 0))
    t, solve = _highest(found, log_likelihood, yi, v, X)
    return Tau2(t + tau2_min, sqrt(2.0 / float((1.0 / (v + t) ** 2).sum())), solve)


def _reml_score(studies: Engine, w: FloatArray) -> FloatArray:
    """Twice the derivative of the restricted log-likelihood, y'PPy − tr P."""
    return studies.qq_less_trace(w)


def _ml_score(studies: Engine, w: FloatArray) -> FloatArray:
    """Twice the derivative of the log-likelihood, y'PPy − tr W."""
    return np.asarray(studies.qq(w) - w.sum(axis=1))


def _highest(found: Falls, likelihood: Likelihood, yi: FloatArray, vi: FloatArray, X: FloatArray) -> tuple[float, Solve]:
    """The likeliest of the maxima; the boundary is one where the score is negative there."""
    places = [0.0] * found.from_zero + found.roots
    tau2 = places[0] if len(places) == 1 else max(places, key=lambda t: likelihood(yi, vi, X, t))
    if found.roots:
        reason = f"highest of {len(found.roots)} interior maxima and the boundary"
    else:
        reason = "the likelihood falls from tau² = 0 on"
    return tau2, Solve(True, reason, found.evaluations, tau2 == 0.0)


def restricted_log_likelihood(yi: FloatArray, vi: FloatArray, X: FloatArray, tau2: float) -> float:
    """The restricted log-likelihood at `tau2`, up to a constant that depends on X and k alone.

    Source: Harville (1974), eq. 3; Viechtbauer (2005), eq. 12.
    """
    w = 1.0 / (vi + tau2)
    fit = wls(yi, X, w)
    return 0.5 * (float(np.log(w).sum()) - fit.logdet - fit.ss)


def log_likelihood(yi: FloatArray, vi: FloatArray, X: FloatArray, tau2: float) -> float:
    """The log-likelihood at `tau2`, without its constant −k log(2π)/2. Source: Viechtbauer (2005)."""
    w = 1.0 / (vi + tau2)
    return 0.5 * (float(np.log(w).sum()) - wls(yi, X, w).ss)


def _negative_beyond(studies: Engine, lost: int) -> float:
    """A tau² above which the score cannot be positive. lost : p for REML, 0 for ML.

    With S the unweighted residual sum of squares, y'PPy ≤ S / (tau² + min v)², while tr P or tr W is at least
    (k − lost) / (tau² + max v); the score's sign is settled where the first bound meets the second, a quadratic in
    tau² + min v.
    """
    s = studies.unweighted_ss() / (studies.vi.size - lost)
    u = 0.5 * (s + sqrt(s * s + 4.0 * s * (studies.high - studies.low)))
    return max(u - studies.low, 0.0)
