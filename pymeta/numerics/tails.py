"""Tail probabilities and quantiles, exact to the last digits in both tails."""

from __future__ import annotations

import numpy as np
from scipy import special

from pymeta.arrays import FloatArray

__all__ = ["chi2_upper", "normal_quantile", "normal_two_sided"]


def normal_two_sided(z: FloatArray) -> FloatArray:
    """P(|Z| ≥ |z|) of a standard normal Z. metafor: ``2*pnorm(abs(z), lower.tail=FALSE)``."""
    return np.asarray(special.erfc(np.abs(z) / np.sqrt(2.0)), dtype=np.float64)


def chi2_upper(q: float, df: float) -> float:
    """P(X ≥ q) of a chi-squared X; 1 where there are no degrees of freedom. metafor: ``pchisq(q, df, lower.tail=FALSE)``."""
    return float(special.gammaincc(df / 2.0, q / 2.0)) if df > 0 else 1.0


def normal_quantile(upper: float) -> float:
    """The z with P(Z > z) = `upper`. metafor: ``qnorm(upper, lower.tail=FALSE)``."""
    return float(-special.ndtri(upper))
