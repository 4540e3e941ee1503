"""Cochran's Q and the shares of variability that I² and H² tell."""

from __future__ import annotations

from typing import NamedTuple

from pymeta.arrays import FloatArray
from pymeta.numerics.linalg import residual_trace, wls
from pymeta.numerics.tails import chi2_upper

__all__ = ["Heterogeneity", "about", "cochran_q", "from_q", "from_tau2", "typical_variance"]


class Heterogeneity(NamedTuple):
    """Q, its degrees of freedom and p-value; I² in percent; H²."""

    QE: float
    QE_df: int
    QEp: float
    I2: float
    H2: float


def cochran_q(yi: FloatArray, vi: FloatArray, X: FloatArray) -> float:
    """Q = Σ (y − Xb)² / v about the inverse-variance fit b. Source: Cochran (1954), eq. 7; Hedges & Olkin (1985), ch. 8."""
    return wls(yi, X, 1.0 / vi).ss


def about(yi: FloatArray, vi: FloatArray, centre: float) -> float:
    """Q about a given pooled effect, such as that of Mantel and Haenszel."""
    return float(((yi - centre) ** 2 / vi).sum())


def from_q(Q: float, df: int) -> Heterogeneity:
    """I² and H² from Q itself. Source: Higgins & Thompson (2002), eqs. 6 and 10. metafor: equal-effects and M-H models."""
    if df == 0:
        return Heterogeneity(0.0, 0, 1.0, 0.0, 1.0)
    I2 = 100.0 * max(0.0, (Q - df) / Q) if Q > 0.0 else 0.0
    return Heterogeneity(Q, df, chi2_upper(Q, df), I2, Q / df)


def typical_variance(vi: FloatArray, X: FloatArray) -> float:
    """(k − p) / tr P at tau² = 0. Source: Higgins & Thompson (2002), eq. 9, for designs with moderators as in metafor."""
    return float(len(vi) - X.shape[1]) / residual_trace(X, 1.0 / vi)


def from_tau2(Q: float, vi: FloatArray, X: FloatArray, tau2: float) -> Heterogeneity:
    """I² and H² from an estimate of tau² and the "typical" sampling variance.

    Source: Higgins & Thompson (2002). metafor: random-effects models
    """
    k, p = X.shape
    if k == p:
        return from_q(0.0, 0)
    typical = typical_variance(vi, X)
    return Heterogeneity(Q, k - p, chi2_upper(Q, k - p), 100.0 * tau2 / (tau2 + typical), tau2 / typical + 1.0)
