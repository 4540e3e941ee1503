"""Effects of two groups' means. n1i m1i sd1i: size, mean and standard deviation in group 1; n2i …: in group 2; all (k,)."""

from __future__ import annotations

import numpy as np
from scipy import special

from pymeta.arrays import FloatArray
from pymeta.effects.records import Effects

__all__ = ["mean_difference", "pooled_sd", "standardized_mean_difference", "standardized_mean_difference_revman5"]


def mean_difference(
    *, n1i: FloatArray, m1i: FloatArray, sd1i: FloatArray, n2i: FloatArray, m2i: FloatArray, sd2i: FloatArray
) -> Effects:
    """Mean difference, with each group's own variance. Source: Deeks & Higgins (2010). metafor: ``escalc("MD", …)``."""
    return Effects(m1i - m2i, sd1i**2 / n1i + sd2i**2 / n2i)


def pooled_sd(n1i: FloatArray, sd1i: FloatArray, n2i: FloatArray, sd2i: FloatArray) -> FloatArray:
    """The two groups' standard deviation under equal variances, (k,)."""
    return np.sqrt(((n1i - 1.0) * sd1i**2 + (n2i - 1.0) * sd2i**2) / (n1i + n2i - 2.0))


def standardized_mean_difference(
    *, n1i: FloatArray, m1i: FloatArray, sd1i: FloatArray, n2i: FloatArray, m2i: FloatArray, sd2i: FloatArray
) -> Effects:
    """Hedges' g with the exact bias correction, and its large-sample variance.

    Source: Hedges (1981), eqs. 6e (J) and Hedges & Olkin (1985), ch. 5, eq. 14. metafor: ``escalc("SMD", …)``, vtype "LS".
    """
    df = n1i + n2i - 2.0
    exact = np.exp(special.gammaln(df / 2.0) - special.gammaln((df - 1.0) / 2.0) - 0.5 * np.log(df / 2.0))
    yi = exact * (m1i - m2i) / pooled_sd(n1i, sd1i, n2i, sd2i)
    return Effects(yi, 1.0 / n1i + 1.0 / n2i + yi**2 / (2.0 * (n1i + n2i)))


def standardized_mean_difference_revman5(
    *, n1i: FloatArray, m1i: FloatArray, sd1i: FloatArray, n2i: FloatArray, m2i: FloatArray, sd2i: FloatArray
) -> Effects:
    """Hedges' g as Review Manager 5 defines it: J ≈ 1 − 3/(4N − 9) and 3.94 in the variance.

    Source: Deeks & Higgins (2010), "Statistical algorithms in Review Manager 5", standardised mean difference.
    metafor: none; r_reference/pool.R writes it out.
    """
    N = n1i + n2i
    yi = (1.0 - 3.0 / (4.0 * N - 9.0)) * (m1i - m2i) / pooled_sd(n1i, sd1i, n2i, sd2i)
    return Effects(yi, N / (n1i * n2i) + yi**2 / (2.0 * (N - 3.94)))
