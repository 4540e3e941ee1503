"""Log odds ratios from standardized mean differences, as of an outcome cut in two. Inputs as in `means`; all (k,)."""

from __future__ import annotations

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.effects.means import cohens_d
from pymeta.effects.records import Effects, defined

__all__ = ["log_odds_ratio_logistic", "log_odds_ratio_normal"]

LOGISTIC = np.pi / np.sqrt(3.0)
"""The standard deviation of the standard logistic distribution."""

NORMAL = 1.65
"""Cox's: near enough for normal distributions wherever they are cut."""


def log_odds_ratio_logistic(
    *,
    n1i: FloatArray,
    m1i: FloatArray,
    sd1i: FloatArray,
    n2i: FloatArray,
    m2i: FloatArray,
    sd2i: FloatArray,
    di: FloatArray,
    ri: FloatArray,
    ti: FloatArray,
    pi: FloatArray,
) -> Effects:
    """dπ/√3, with Cohen's d, for logistic distributions; NaN for two groups of one person.

    Source: Hasselblad & Hedges (1995); Chinn (2000). metafor: ``escalc("D2ORL", …)``, also named "D2OR"
    """
    return _times(LOGISTIC, cohens_d(n1i, m1i, sd1i, n2i, m2i, sd2i, di, ri, ti, pi), n1i, n2i)


def log_odds_ratio_normal(
    *,
    n1i: FloatArray,
    m1i: FloatArray,
    sd1i: FloatArray,
    n2i: FloatArray,
    m2i: FloatArray,
    sd2i: FloatArray,
    di: FloatArray,
    ri: FloatArray,
    ti: FloatArray,
    pi: FloatArray,
) -> Effects:
    """1.65 d, with Cohen's d, for normal distributions; NaN for two groups of one person.

    Source: Cox & Snell (1989); Sánchez-Meca et al. (2003). metafor: ``escalc("D2ORN", …)``
    """
    return _times(NORMAL, cohens_d(n1i, m1i, sd1i, n2i, m2i, sd2i, di, ri, ti, pi), n1i, n2i)


def _times(factor: float, d: FloatArray, n1i: FloatArray, n2i: FloatArray) -> Effects:
    """factor · d, whose variance is factor² · (1/n1 + 1/n2 + d²/2N). Source: Hedges & Olkin (1985), the variance of d."""
    N = n1i + n2i
    with np.errstate(over="ignore"):
        vi = factor**2 * (1.0 / n1i + 1.0 / n2i + d**2 / (2.0 * N))
    return defined(np.where(N > 2.0, factor * d, np.nan), vi)
