"""Effects of two groups' means. n1i m1i sd1i: size, mean and standard deviation in group 1; n2i …: in group 2; all (k,)."""

from __future__ import annotations

import numpy as np
from scipy import special

from pymeta.arrays import FloatArray
from pymeta.effects.records import Effects, defined

__all__ = [
    "hedges_j",
    "mean_difference",
    "pooled_sd",
    "standardized_mean_difference",
    "standardized_mean_difference_revman5",
]


def mean_difference(
    *, n1i: FloatArray, m1i: FloatArray, sd1i: FloatArray, n2i: FloatArray, m2i: FloatArray, sd2i: FloatArray
) -> Effects:
    """Mean difference, with each group's own variance. Source: Deeks & Higgins (2010). metafor: ``escalc("MD", …)``."""
    return defined(m1i - m2i, sd1i**2 / n1i + sd2i**2 / n2i)


def pooled_sd(n1i: FloatArray, sd1i: FloatArray, n2i: FloatArray, sd2i: FloatArray) -> FloatArray:
    """The two groups' standard deviation under equal variances, (k,); NaN for two groups of one person."""
    with np.errstate(invalid="ignore"):
        return np.sqrt(((n1i - 1.0) * sd1i**2 + (n2i - 1.0) * sd2i**2) / (n1i + n2i - 2.0))


def hedges_j(df: FloatArray) -> FloatArray:
    """J = Γ(df/2) / (√(df/2) Γ((df − 1)/2)), which makes a standardized mean difference unbiased, (k,); NaN for df ≤ 1.

    Source: Hedges (1981), eq. 6e. From df = 300 on the gammas' quotient is taken from its expansion, three terms of
    Tricomi & Erdélyi (1951; DLMF 5.11.13) in the logarithm: a difference of log-gammas would lose three digits and more.
    """
    small = np.where((df > 1.0) & (df < 300.0), df, np.nan)
    z = (np.maximum(df, 300.0) - 1.0) / 2.0
    correction = -1.0 / (8.0 * z) + 1.0 / (192.0 * z**3) - 1.0 / (640.0 * z**5)
    large = np.sqrt(z / (z + 0.5)) * np.exp(correction)
    direct = special.gamma(small / 2.0) / (np.sqrt(small / 2.0) * special.gamma((small - 1.0) / 2.0))
    return np.where(df >= 300.0, large, direct)


def standardized_mean_difference(
    *, n1i: FloatArray, m1i: FloatArray, sd1i: FloatArray, n2i: FloatArray, m2i: FloatArray, sd2i: FloatArray
) -> Effects:
    """Hedges' g with the exact bias correction, and its large-sample variance; NaN without spread or with df ≤ 1.

    Source: Hedges (1981), eqs. 6e (J) and Hedges & Olkin (1985), ch. 5, eq. 14. metafor: ``escalc("SMD", …)``, vtype "LS".
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = hedges_j(n1i + n2i - 2.0) * (m1i - m2i) / pooled_sd(n1i, sd1i, n2i, sd2i)
        vi = 1.0 / n1i + 1.0 / n2i + yi**2 / (2.0 * (n1i + n2i))
    return defined(yi, vi)


def standardized_mean_difference_revman5(
    *, n1i: FloatArray, m1i: FloatArray, sd1i: FloatArray, n2i: FloatArray, m2i: FloatArray, sd2i: FloatArray
) -> Effects:
    """Hedges' g as Review Manager 5 defines it: J ≈ 1 − 3/(4N − 9) and 3.94 in the variance.

    Source: Deeks & Higgins (2010), "Statistical algorithms in Review Manager 5", standardised mean difference.
    metafor: none; r_reference/pool.R writes it out.
    """
    N = n1i + n2i
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = (1.0 - 3.0 / (4.0 * N - 9.0)) * (m1i - m2i) / pooled_sd(n1i, sd1i, n2i, sd2i)
        vi = N / (n1i * n2i) + yi**2 / (2.0 * (N - 3.94))
    return defined(yi, vi)
