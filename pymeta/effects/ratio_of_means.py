"""Ratio of two groups' means. n1i m1i sd1i: size, mean and standard deviation in group 1; n2i …: in group 2; all (k,)."""

from __future__ import annotations

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.effects.averages import weighted_average
from pymeta.effects.means import pooled_sd
from pymeta.effects.records import Effects, defined
from pymeta.numerics.logarithms import log_ratio

__all__ = ["log_ratio_of_means"]


def log_ratio_of_means(
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
    """Log ratio of means (log response ratio), NaN for means of opposite signs; with cj = sdj/|mj|:

    y = log(m1/m2), corrected by (c1²/n1 − c2²/n2)/2.
    vtype : "LS" c1²/n1 + c2²/n2; "HO" with one variance for both groups; "LS2" adds (c1⁴/n1² + c2⁴/n2²)/2; "AV" as "LS" with
        each group's average c over all rows, weighted by its size; "AVHO" with one average over both groups, of the rows
        that have both; without correction these two need no standard deviation from the row itself
    Source: Hedges et al. (1999), eq. 1 and the next; Lajeunesse (2015), eqs. 8 (y) and 9 ("LS2"); Nakagawa et al. (2023).
    metafor: ``escalc("ROM", …, vtype=…, correct=…)``
    Differs from metafor: in "AV" and "AVHO" metafor gives c the mean's sign, so that negative and positive means cancel; and
    a mean of 0 in any row leaves it without any variance, where here that group's c is left out of the average.
    """
    with np.errstate(all="ignore"):
        c1, c2 = sd1i / np.abs(m1i), sd2i / np.abs(m2i)
        e1, e2 = c1**2 / n1i, c2**2 / n2i
        yi = log_ratio(m1i, m2i)
        match vtype:
            case "HO":
                spread = pooled_sd(n1i, sd1i, n2i, sd2i)
                vi = (spread / m1i) ** 2 / n1i + (spread / m2i) ** 2 / n2i
            case "LS2":
                vi = e1 + e2 + (e1**2 + e2**2) / 2.0
            case "AV":
                vi = weighted_average(c1, n1i) ** 2 / n1i + weighted_average(c2, n2i) ** 2 / n2i
            case "AVHO":
                vi = weighted_average((n1i * c1 + n2i * c2) / (n1i + n2i), n1i + n2i) ** 2 * (1.0 / n1i + 1.0 / n2i)
            case _:
                vi = e1 + e2
        return defined(yi + (e1 - e2) / 2.0 if correct else yi, vi)
