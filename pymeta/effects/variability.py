"""Two groups' spreads. n1i m1i sd1i: size, mean and standard deviation in group 1; n2i …: in group 2; all (k,)."""

from __future__ import annotations

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.effects.records import Effects, defined
from pymeta.numerics.logarithms import log_ratio

__all__ = ["log_ratio_of_cvs", "log_variability_ratio"]


def log_variability_ratio(
    *, n1i: FloatArray, sd1i: FloatArray, n2i: FloatArray, sd2i: FloatArray, vtype: str, correct: bool
) -> Effects:
    """log(sd1/sd2), corrected by 1/2(n1 − 1) − 1/2(n2 − 1); NaN for a group of one, and where a group has no spread.

    vtype : "LS" 1/2(n1 − 1) + 1/2(n2 − 1); "LS2" adds 1/2(n1 − 1)² + 1/2(n2 − 1)²
    Source: Senior et al. (2020), eqs. 5 (y), 11 ("LS") and 15 ("LS2"). metafor: ``escalc("VR", …, vtype=…, correct=…)``
    """
    with np.errstate(all="ignore"):
        bias, vi = _of_spreads(n1i, n2i, vtype)
        yi = log_ratio(sd1i, sd2i)
        return defined(yi + bias if correct else yi, vi)


def log_ratio_of_cvs(
    *,
    n1i: FloatArray,
    m1i: FloatArray,
    sd1i: FloatArray,
    n2i: FloatArray,
    m2i: FloatArray,
    sd2i: FloatArray,
    vtype: str,
    correct: bool,
) -> Effects:
    """log(c1/c2), cj = sdj/mj, corrected as the variability ratio and by (c2²/n2 − c1²/n1)/2; NaN for a mean of 0 or less.

    vtype : "LS" c1²/n1 + c2²/n2 and the variability ratio's; "LS2" adds (c1⁴/n1² + c2⁴/n2²)/2 to its "LS2"
    Source: Senior et al. (2020), eqs. 6 (y), 13 ("LS"), and 16 with its third and sixth term halved ("LS2").
    metafor: ``escalc("CVR", …, vtype=…, correct=…)``
    """
    with np.errstate(all="ignore"):
        bias, vi = _of_spreads(n1i, n2i, vtype)
        positive = (m1i > 0.0) & (m2i > 0.0)
        c1, c2 = np.where(positive, sd1i / m1i, np.nan), np.where(positive, sd2i / m2i, np.nan)
        e1, e2 = c1**2 / n1i, c2**2 / n2i
        yi = log_ratio(c1, c2)
        second = (e1**2 + e2**2) / 2.0 if vtype == "LS2" else 0.0
        return defined(yi + bias + (e2 - e1) / 2.0 if correct else yi, vi + e1 + e2 + second)


def _of_spreads(n1i: FloatArray, n2i: FloatArray, vtype: str) -> tuple[FloatArray, FloatArray]:
    """What corrects the log ratio of standard deviations, (n2 − n1)/2(n1 − 1)(n2 − 1), and its variance."""
    h1, h2 = 0.5 / (n1i - 1.0), 0.5 / (n2i - 1.0)
    second = 2.0 * (h1**2 + h2**2) if vtype == "LS2" else 0.0
    return 2.0 * h1 * h2 * (n2i - n1i), h1 + h2 + second
