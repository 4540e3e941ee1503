"""Estimators that set the generalised Q statistic Q(tau²) = y'Py, with weights 1/(v + tau²), equal to a number.

Q falls with tau², strictly unless it is 0: dQ/dtau² = −y'PPy. So there is one root, or none where Q(0) is at most that
number and the estimate is 0. Q(tau²) ≤ S / (tau² + min v), with S the unweighted residual sum of squares, bounds the root.
"""

from __future__ import annotations

from math import sqrt

from scipy import special

from pymeta.arrays import FloatArray
from pymeta.numerics.linalg import centred
from pymeta.numerics.marginal import Engine, engine
from pymeta.numerics.solve import Solve
from pymeta.tau2.estimate import Tau2
from pymeta.tau2.search import falls

__all__ = ["empirical_bayes", "iterated_dersimonian_laird", "iterated_sidik_jonkman", "paule_mandel", "paule_mandel_median"]


def paule_mandel(
    yi: FloatArray, vi: FloatArray, X: FloatArray, weights: FloatArray | None = None, tau2_min: float = 0.0
) -> Tau2:
    """The tau² at which Q has its expectation, k − p.

    yi, vi : (k,) effects and their sampling variances; X : (k, p) design, k > p; tau2_min : the boundary, > −min vi
    Source: Paule & Mandel (1982); Viechtbauer et al. (2015); for the standard error see `empirical_bayes`.
    metafor: ``rma(yi, vi, method="PM")``. Differs from metafor: no fixed upper end of the search
    """
    df = X.shape[0] - X.shape[1]
    return _where_q_is(float(df), f"Q(tau²) = k − p = {df}", yi, vi, X, tau2_min)


def paule_mandel_median(
    yi: FloatArray, vi: FloatArray, X: FloatArray, weights: FloatArray | None = None, tau2_min: float = 0.0
) -> Tau2:
    """The tau² at which Q is the median of its distribution, chi-squared with k − p degrees of freedom.

    yi, vi : (k,) effects and their sampling variances; X : (k, p) design, k > p; tau2_min : the boundary, > −min vi
    Source: Viechtbauer (2021).
    metafor: ``rma(yi, vi, method="PMM")``. Differs from metafor: no fixed upper end of the search
    """
    df = X.shape[0] - X.shape[1]
    median = 2.0 * float(special.gammaincinv(0.5 * df, 0.5))
    return _where_q_is(median, f"Q(tau²) = the median of chi-squared with {df} df", yi, vi, X, tau2_min)


def empirical_bayes(
    yi: FloatArray, vi: FloatArray, X: FloatArray, weights: FloatArray | None = None, tau2_min: float = 0.0
) -> Tau2:
    """Morris's estimator, tau² = Σ w (k r²/(k − p) − v) / Σ w: its equation is Paule & Mandel's.

    yi, vi : (k,) effects and their sampling variances; X : (k, p) design, k > p; tau2_min : the boundary, > −min vi
    Source: Morris (1983); Berkey et al. (1995); the standard error is that of the sum in the equation with its
        weights as given, √(2 k² / (k − p)) / Σ w. Equality: Viechtbauer et al. (2015).
    metafor: ``rma(yi, vi, method="EB")``
    """
    return paule_mandel(yi, vi, X, weights, tau2_min)


def iterated_sidik_jonkman(
    yi: FloatArray, vi: FloatArray, X: FloatArray, weights: FloatArray | None = None, tau2_min: float = 0.0
) -> Tau2:
    """The limit of Sidik & Jonkman's update tau² ← tau² Q(tau²) / (k − p), from whatever start above 0.

    tau² Q(tau²) = min over b of Σ r² tau²/(v + tau²) rises with tau² and Q falls, so that the iteration goes straight to
    Paule & Mandel's root without passing it. Where that is 0 the steps become ever smaller; the limit is found here
    without them.
    Source: Sidik & Jonkman (2007), repeated. metafor: ``rma(yi, vi, method="SJIT")``
    Differs from metafor: that stops on the way, and never is quite 0 unless the effects are equal
    """
    return paule_mandel(yi, vi, X, weights, max(tau2_min, 0.0))


def iterated_dersimonian_laird(
    yi: FloatArray, vi: FloatArray, X: FloatArray, weights: FloatArray | None = None, tau2_min: float = 0.0
) -> Tau2:
    """The fixed point of the moment estimator whose weights are 1/(v + tau²), tau² ← tau² + (Q(tau²) − (k − p)) / tr P.

    It is Paule & Mandel's root, the only one, and found as such: the update itself may jump about it for ever.
    Source: DerSimonian & Kacker (2007), repeated. metafor: ``rma(yi, vi, method="DLIT")`` from 4.0 on
    """
    return paule_mandel(yi, vi, X, weights, tau2_min)


def _where_q_is(target: float, equation: str, yi: FloatArray, vi: FloatArray, X: FloatArray, tau2_min: float) -> Tau2:
    k, p = X.shape
    v = vi + tau2_min

    def excess(studies: Engine, w: FloatArray) -> FloatArray:
        return studies.q(w) - target

    known = engine(yi, v, centred(X))
    found = falls(excess, known, max(known.unweighted_ss() / target - known.low, 0.0))
    t = found.roots[-1] if found.roots else 0.0
    se = sqrt(2.0 * k * k / (k - p)) / float((1.0 / (v + t)).sum())
    reason = equation if found.roots else f"Q is below that of {equation} at tau² = 0 already"
    return Tau2(t + tau2_min, se, Solve(True, reason, found.evaluations, t == 0.0))
