"""Confidence intervals of tau²: each a function of the studies, searched without a fixed maximum."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy import special

from pymeta.arrays import FloatArray
from pymeta.inference.heterogeneity import cochran_q
from pymeta.numerics.linalg import wls
from pymeta.numerics.residual_forms import form_cdf
from pymeta.numerics.solve import falling_root
from pymeta.numerics.tails import normal_quantile

__all__ = ["Tau2Bounds", "chi2_quantile", "generalized_q", "higgins_thompson", "profile_likelihood", "q_profile"]

_GRID = 96  # points at which a profile likelihood is looked at, evenly in log(tau² + min v)


class Tau2Bounds(NamedTuple):
    """Bounds of tau², with "<" or ">" beside one that lies beyond where the search was to end.

    empty : no tau² of 0 or more is in the set; gaps : there is more than one piece, of which these are the outer ends
    """

    ci_lb: float
    ci_ub: float
    lb_sign: str = ""
    ub_sign: str = ""
    empty: bool = False
    gaps: bool = False


def chi2_quantile(upper: float, df: float) -> float:
    """The q with P(X > q) = `upper` of a chi-squared X. metafor: ``qchisq(upper, df, lower.tail=FALSE)``."""
    return 2.0 * float(special.gammainccinv(df / 2.0, upper))


def q_profile(
    yi: FloatArray, vi: FloatArray, X: FloatArray, level: float, low: float = 0.0, high: float = np.inf
) -> Tau2Bounds:
    """All tau² at which Q(tau²) = Σ (y − Xb)² / (v + tau²) lies between chi-squared quantiles with k − p degrees of freedom.

    Q falls in tau², to 0. level : in percent; low, high : where the search ends
    Source: Viechtbauer (2007), Statistics in Medicine 26, 37, eqs. 11 and 12; Hartung & Knapp (2005).
    """
    alpha, df = (100.0 - level) / 100.0, len(yi) - X.shape[1]
    return _between(
        lambda tau2: cochran_q(yi, vi + tau2, X),
        chi2_quantile(alpha / 2.0, df),
        chi2_quantile(1.0 - alpha / 2.0, df),
        vi,
        low,
        high,
    )


def generalized_q(
    yi: FloatArray,
    vi: FloatArray,
    X: FloatArray,
    weights: FloatArray,
    level: float,
    low: float = 0.0,
    high: float = np.inf,
) -> Tau2Bounds:
    """All tau² at which Q with fixed `weights` (k,) lies between quantiles of its own distribution.

    Q = y'Ay with A = W − W X (X'WX)⁻¹ X'W; the probability of a smaller Q falls in tau².
    Source: Jackson (2013), Research Synthesis Methods 4, 220; Jackson et al. (2014), with moderators.
    """
    observed = wls(yi, X, weights).ss
    basis, _ = np.linalg.qr(np.sqrt(weights)[:, None] * X)

    def probability(tau2: float) -> float:
        return form_cdf(observed, weights * (vi + tau2), basis) if observed > 0.0 else 0.0

    alpha = (100.0 - level) / 100.0
    return _between(probability, 1.0 - alpha / 2.0, alpha / 2.0, vi, low, high)


def _between(f: Callable[[float], float], top: float, bottom: float, vi: FloatArray, low: float, high: float) -> Tau2Bounds:
    """Where a falling f lies between `bottom` and `top`."""
    start = f(low)
    if start < bottom:
        return Tau2Bounds(low, low, "<", "<", empty=True)
    unit = float(np.median(vi)) + max(low, 0.0)
    ci_lb, lb_sign = (low, "<" if low != 0.0 else "") if start <= top else _falls_to(f, top, unit, low, high)
    ci_ub, ub_sign = _falls_to(f, bottom, unit, low, high)
    return Tau2Bounds(ci_lb, ci_ub, lb_sign, ub_sign)


def _falls_to(f: Callable[[float], float], target: float, unit: float, low: float, high: float) -> tuple[float, str]:
    """Where f, above `target` at `low`, falls through it; `high` with ">" where it has not until there."""

    def excess(tau2: float) -> float:
        return f(tau2) - target

    a, fa, b = low, excess(low), min(low + unit, high)
    while (fb := excess(b)) > 0.0:
        if b >= high:
            return high, ">"
        a, fa, b = b, fb, min(low + 4.0 * (b - low), high)
    return falling_root(excess, a, b, fa, fb), ""


def profile_likelihood(
    likelihood: Callable[[float], float],
    tau2: float,
    residuals: FloatArray,
    vi: FloatArray,
    df: int,
    level: float,
    low: float = 0.0,
    high: float = np.inf,
) -> Tau2Bounds:
    """All tau² whose log-likelihood falls short of the estimate's by at most half a chi-squared quantile.

    likelihood : of tau², maximised over the coefficients; residuals : (k,) of an unweighted fit; df : k − p
    Of a set in pieces the outer ends. Source: Hardy & Thompson (1996), Statistics in Medicine 15, 619, section 3.
    """
    floor = likelihood(tau2) - 0.5 * normal_quantile((100.0 - level) / 200.0) ** 2

    def excess(t: float) -> float:
        return likelihood(t) - floor

    top = _nothing_beyond(excess, tau2, residuals, vi, df)
    if low >= top:
        return Tau2Bounds(low, low, "<", "<", empty=True)
    inside = np.unique([low, *_grid(vi, low, min(top, high)), *([tau2] if low < tau2 < high else [])])
    values = [excess(float(t)) for t in inside]
    pairs = list(pairwise(zip(inside.tolist(), values, strict=True)))
    rises = [falling_root(lambda t: -excess(t), a, b, -fa, -fb) for (a, fa), (b, fb) in pairs if fa < 0.0 <= fb]
    falls = [falling_root(excess, a, b, fa, fb) if fa > 0.0 else a for (a, fa), (b, fb) in pairs if fa >= 0.0 > fb]
    from_start, to_end = values[0] >= 0.0, values[-1] >= 0.0
    if not (rises or falls or from_start):
        return Tau2Bounds(low, low, "<", "<", empty=True) if tau2 < low else Tau2Bounds(high, high, ">", ">", empty=True)
    return Tau2Bounds(
        low if from_start else rises[0],
        high if to_end else falls[-1],
        "<" if from_start and low != 0.0 else "",
        ">" if to_end else "",
        gaps=len(rises) + from_start > 1,
    )


def _nothing_beyond(excess: Callable[[float], float], tau2: float, residuals: FloatArray, vi: FloatArray, df: int) -> float:
    """A tau² that is outside the set, and beyond which likelihoods only fall.

    With s = Σ r²/(k − p), the score Σ r²/(v + tau²)² − tr P is below 0 where s/(tau² + min v)² < 1/(tau² + max v).
    """
    s, v_low, v_high = float((residuals**2).sum()) / df, float(vi.min()), float(vi.max())
    top = max(0.5 * (s + np.sqrt(s * s + 4.0 * s * (v_high - v_low))) - v_low, 2.0 * tau2, v_low)
    while excess(top) >= 0.0:
        top = 2.0 * top
    return float(top)


def _grid(vi: FloatArray, low: float, top: float) -> FloatArray:
    shift = float(vi.min())
    points: FloatArray = np.geomspace(low + shift, top + shift, _GRID) - shift
    points[0], points[-1] = low, top
    return points


def higgins_thompson(Q: float, k: int, H2: float, level: float) -> tuple[float, float]:
    """Bounds of H², at least 1, from an approximate standard error of log H. k > 2

    Source: Higgins & Thompson (2002), Statistics in Medicine 21, 1539, p. 1549 (method III), whose se follows Q.
    """
    if k < Q:
        se = 0.5 * (np.log(Q) - np.log(k - 1.0)) / (np.sqrt(2.0 * Q) - np.sqrt(2.0 * k - 3.0))
    else:
        se = np.sqrt((1.0 - 1.0 / (3.0 * (k - 2.0) ** 2)) / (2.0 * (k - 2.0)))
    factor = float(np.exp(2.0 * normal_quantile((100.0 - level) / 200.0) * se))
    return max(H2 / factor, 1.0), max(H2 * factor, 1.0)
