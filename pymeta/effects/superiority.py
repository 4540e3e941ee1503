"""Stochastic superiority: P(X > Y) + P(X = Y)/2 for X of group 1 and Y of group 2.

It is known as common language effect size (CLES), area under the ROC curve (AUC) and concordance probability.

Either as reported (ai), or for normal X and Y: Φ(δ), δ = (m1 − m2)/√(sd1² + sd2²). All inputs are (k,).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import special

from pymeta.arrays import FloatArray, refuse
from pymeta.effects.means import cohens_d
from pymeta.effects.records import Effects, defined

__all__ = ["auc", "binormal_auc", "paired_binormal_auc", "prepare"]


def prepare(columns: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """The columns, checked. Raises DataError for a group without people, or ai or mi outside [0, 1]."""
    for size in ("n1i", "n2i"):
        refuse(size, columns[size], columns[size] < 1, "patients; a group needs at least one")
    for name, what in (("ai", "an area under the curve"), ("mi", "a proportion of ties")):
        if name in columns:
            outside = (columns[name] < 0) | (columns[name] > 1)
            refuse(name, columns[name], outside, f"is not between 0 and 1, as {what} is")
    return dict(columns)


def auc(*, ai: FloatArray, n1i: FloatArray, n2i: FloatArray, mi: FloatArray, vtype: str) -> Effects:
    """A reported AUC θ, with a variance from it and the groups' sizes; NaN for a group of one.

    V = {θ(1 − θ)[1 + a(1 − θ)/(2 − θ) + bθ/(1 + θ)] − mi/4} / {(n1 − 1)(n2 − 1)}
    vtype : "LS", where a = b = N/2 − 1 and ties do not count; "LS2", where a = n1 − 1, b = n2 − 1
    mi : the proportion of ties, none where it is missing
    Source: Newcombe (2006), method 4, "LS"; Hanley & McNeil (1982), eqs. 1-2, "LS2", with Q1 − θ² = θ(1 − θ)²/(2 − θ) and
    Q2 − θ² = θ²(1 − θ)/(1 + θ); ties and denominator as in Cho et al. (2019). metafor: ``escalc("AUC", …)``
    Differs from metafor: where more ties are given than θ leaves room for, the variance may be negative, and yi is NaN too.
    """
    with np.errstate(all="ignore"):
        a = b = (n1i + n2i) / 2.0 - 1.0
        ties = np.zeros_like(ai)
        if vtype == "LS2":
            a, b = n1i - 1.0, n2i - 1.0
            ties = np.where(np.isnan(mi), 0.0, mi)
        spread = ai * (1.0 - ai) * (1.0 + a * (1.0 - ai) / (2.0 - ai) + b * ai / (1.0 + ai)) - ties / 4.0
        vi = np.where(spread >= 0.0, spread, np.nan) / (n1i - 1.0) / (n2i - 1.0)
    return defined(ai, vi)


def binormal_auc(
    *,
    n1i: FloatArray,
    m1i: FloatArray,
    sd1i: FloatArray,
    n2i: FloatArray,
    m2i: FloatArray,
    sd2i: FloatArray,
    di: FloatArray,
    ti: FloatArray,
    pi: FloatArray,
    ai: FloatArray,
    vtype: str,
) -> Effects:
    """AUC of two normal groups, from the first there is of d, t or p (equal variances), means, and ai; ai itself if given.

    V = φ(δ)² {w1²/(n1 − 1) + w2²/(n2 − 1) + δ²/2 [w1⁴/(n1 − 1) + w2⁴/(n2 − 1)]}, w = sd/√(sd1² + sd2²); with equal
    variances, where δ = d/√2: V = φ(δ)² {(1/n1 + 1/n2)/2 + δ²/2N}
    vtype : "LS"; "HO" takes the variances to be equal in every row, as rows without both standard deviations always do
    Source: McGraw & Wong (1992); Goddard & Hinberg (1990), eqs. 3-4 with its misprinted plus sign corrected, n − 1 for n.
    metafor: ``escalc("CLESN", …)``, which takes the variance from d, t, p or the means also where ai is the effect
    """
    none = np.full_like(n1i, np.nan)
    with np.errstate(all="ignore"):
        reported = cohens_d(n1i, none, none, n2i, none, none, di, none, ti, pi) / np.sqrt(2.0)
        if vtype == "HO":
            own = cohens_d(n1i, m1i, sd1i, n2i, m2i, sd2i, none, none, none, none) / np.sqrt(2.0)
        else:
            own = (m1i - m2i) / np.hypot(sd1i, sd2i)
        delta = _first(reported, own, special.ndtri(ai))
        unequal = np.isnan(reported) & ~np.isnan(sd1i + sd2i) & (vtype != "HO")
        vi = np.where(unequal, _variance(delta, n1i, sd1i, n2i, sd2i), _equal_variance(delta, n1i, n2i))
        return defined(_first(ai, special.ndtr(delta)), _density(delta) ** 2 * vi)


def paired_binormal_auc(
    *, m1i: FloatArray, m2i: FloatArray, sd1i: FloatArray, sd2i: FloatArray, ri: FloatArray, ni: FloatArray
) -> Effects:
    """AUC of two normal measurements of the same people, Φ(δ); ri is their correlation, which counts for the variance only.

    V = φ(δ)² {1 − 2r w1w2 + δ²/2 [w1⁴ + w2⁴ + 2r² w1²w2²]}/(n − 1), w = sd/√(sd1² + sd2²); NaN for one person.
    Source: Goddard & Hinberg (1990) by the delta method with correlated means and variances.
    metafor: ``escalc("CLESCN", …)``
    """
    with np.errstate(all="ignore"):
        spread = np.hypot(sd1i, sd2i)
        delta, w1, w2 = (m1i - m2i) / spread, sd1i / spread, sd2i / spread
        means = (w1 - w2) ** 2 + 2.0 * (1.0 - ri) * w1 * w2  # 1 − 2r w1w2, without the difference
        spreads = w1**4 + w2**4 + 2.0 * (ri * w1 * w2) ** 2
        return defined(special.ndtr(delta), _density(delta) ** 2 * (means + delta**2 / 2.0 * spreads) / (ni - 1.0))


def _variance(delta: FloatArray, n1i: FloatArray, sd1i: FloatArray, n2i: FloatArray, sd2i: FloatArray) -> FloatArray:
    """The variance of δ with each group's own variance. Source: Goddard & Hinberg (1990), eq. 4."""
    spread = np.hypot(sd1i, sd2i)
    w1, w2 = (sd1i / spread) ** 2, (sd2i / spread) ** 2
    return (w1 + delta**2 / 2.0 * w1**2) / (n1i - 1.0) + (w2 + delta**2 / 2.0 * w2**2) / (n2i - 1.0)


def _equal_variance(delta: FloatArray, n1i: FloatArray, n2i: FloatArray) -> FloatArray:
    """The variance of δ = d/√2: half of d's. Source: Hedges & Olkin (1985)."""
    return (1.0 / n1i + 1.0 / n2i) / 2.0 + delta**2 / (2.0 * (n1i + n2i))


def _density(x: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-(x**2) / 2.0) / np.sqrt(2.0 * np.pi))


def _first(*choices: FloatArray) -> FloatArray:
    """Row by row the first that is not NaN."""
    found = choices[0]
    for other in choices[1:]:
        found = np.where(np.isnan(found), other, found)
    return found
