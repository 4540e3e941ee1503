"""Effects of two means of the same people, or of matched pairs. m1i sd1i: mean and standard deviation at the first occasion,
m2i sd2i: at the second; ri: the correlation of the two; ni: people, or pairs; all (k,).

metafor names them all from ``escalc(measure, m1i=, m2i=, sd1i=, sd2i=, ri=, ni=)``; a measure takes the columns it needs.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pymeta.arrays import FloatArray, refuse
from pymeta.effects.means import hedges_j, hedges_j_excess
from pymeta.effects.olkin_pratt import unbiased_correlation
from pymeta.effects.records import Effects, defined
from pymeta.numerics.logarithms import log_ratio
from pymeta.numerics.tails import t_of_p

__all__ = [
    "change_variance",
    "log_ratio_of_cvs",
    "log_ratio_of_means",
    "log_variability_ratio",
    "mean_change",
    "pomp_mean_change",
    "prepare",
    "standardized_by_average_sd",
    "standardized_by_average_sd_unequal",
    "standardized_by_change_sd",
    "standardized_by_first_sd",
    "standardized_by_first_sd_unequal",
]


def prepare(columns: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """The columns, checked. Raises DataError for a study without people, a negative standard deviation, a correlation
    or p-value outside [-1, 1], or a scale whose maximum is not above its minimum."""
    given = dict(columns)
    if "ni" in given:
        refuse("ni", given["ni"], given["ni"] < 1, "patients; a study needs at least one")
    for sd in {"sd1i", "sd2i"} & given.keys():
        refuse(sd, given[sd], given[sd] < 0, "is negative; a standard deviation is 0 or more")
    for name, what in (("ri", "a correlation"), ("pi", "a p-value, with the sign of the effect,")):
        if name in given:
            refuse(name, given[name], np.abs(given[name]) > 1, f"is outside [-1, 1]; {what} lies within")
    if {"mini", "maxi"} <= given.keys():
        refuse("maxi", given["maxi"], given["maxi"] <= given["mini"], "is not above the scale's minimum (column mini)")
    return given


def change_variance(sd1i: FloatArray, sd2i: FloatArray, ri: FloatArray) -> FloatArray:
    """Variance of the difference of two correlated variables, (k,): s1² + s2² − 2 r s1 s2, without that difference."""
    return (sd1i - sd2i) ** 2 + 2.0 * (1.0 - ri) * sd1i * sd2i


def mean_change(
    *, m1i: FloatArray, m2i: FloatArray, sd1i: FloatArray, sd2i: FloatArray, ri: FloatArray, ni: FloatArray
) -> Effects:
    """Mean change m1 − m2. Source: Morris & DeShon (2002). metafor: ``escalc("MC", …)``, the same there for any vtype."""
    with np.errstate(all="ignore"):
        return defined(m1i - m2i, change_variance(sd1i, sd2i, ri) / ni)


def pomp_mean_change(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    ri: FloatArray,
    ni: FloatArray,
    mini: FloatArray,
    maxi: FloatArray,
) -> Effects:
    """Mean change in percent of the most possible, on a scale from `mini` to `maxi`.

    Source: Cohen, Cohen, Aiken & West (1999). metafor: ``escalc("POMPMC", …, mini=, maxi=)``.
    Differs from metafor: that stops for maxi < mini with a message on standard deviations, and gives NA for maxi = mini.
    """
    with np.errstate(all="ignore"):
        unit = 100.0 / (maxi - mini)
        return defined(unit * (m1i - m2i), unit**2 * change_variance(sd1i, sd2i, ri) / ni)


def standardized_by_change_sd(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    ri: FloatArray,
    ni: FloatArray,
    di: FloatArray,
    ti: FloatArray,
    pi: FloatArray,
    vtype: str,
    correct: bool,
) -> Effects:
    """Standardized mean change by the change scores' standard deviation.

    di, ti, pi : standardized changes, paired t statistics or their two-sided p-values with the effect's sign; the first
        of them that a row has is used before its means
    vtype : "LS", "LS2", "UB" or "H0", see `_standardized`
    Source: Gibbons, Hedeker & Davis (1993). metafor: ``escalc("SMCC", …)``.
    """
    with np.errstate(all="ignore"):
        d = (m1i - m2i) / np.sqrt(change_variance(sd1i, sd2i, ri))
        for given in (t_of_p(pi, ni - 1.0) / np.sqrt(ni), ti / np.sqrt(ni), di):
            d = np.where(np.isnan(given), d, given)
        return _standardized(d, 1.0 / ni, 1.0 / ni, ni, vtype, correct)


def standardized_by_first_sd(
    *, m1i: FloatArray, m2i: FloatArray, sd1i: FloatArray, ri: FloatArray, ni: FloatArray, vtype: str, correct: bool
) -> Effects:
    """Standardized mean change by the first occasion's standard deviation; NaN without spread.

    vtype : "LS", "LS2", "UB" or "H0", see `_standardized`; the latter two use the unbiased correlation, and need n > 4
    Source: Becker (1988); Morris (2000); Olkin & Pratt (1958). metafor: ``escalc("SMCR", …)``; for "UB" and "H0"
    it wants the package gsl, and names UCOR where that is missing.
    """
    with np.errstate(all="ignore"):
        noise = 2.0 * (1.0 - ri) / ni
        unbiased = 2.0 * unbiased_correlation(ri, ni).gap / ni if vtype in ("UB", "H0") else noise
        return _standardized((m1i - m2i) / sd1i, noise, unbiased, ni, vtype, correct)


def standardized_by_first_sd_unequal(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    ri: FloatArray,
    ni: FloatArray,
    vtype: str,
    correct: bool,
) -> Effects:
    """Standardized mean change by the first occasion's standard deviation, the occasions' variances being unequal.

    vtype : "LS" divides by n − 1, "LS2" by n
    Source: Bonett (2008), with n − 1 as in metafor from 4.6 on. metafor: ``escalc("SMCRH", …)``.
    """
    df = _divisor(ni, vtype)
    with np.errstate(all="ignore"):
        yi = _j(ni - 1.0, correct) * (m1i - m2i) / sd1i
        vi = change_variance(sd1i, sd2i, ri) / (sd1i**2 * df) + yi**2 / (2.0 * df)
    return defined(yi, vi)


def standardized_by_average_sd(
    *, m1i: FloatArray, m2i: FloatArray, sd1i: FloatArray, sd2i: FloatArray, ri: FloatArray, ni: FloatArray, correct: bool
) -> Effects:
    """Standardized mean change by the root of the occasions' average variance; J has 2 (n − 1)/(1 + r²) degrees of freedom.

    Source: Cousineau (2020). metafor: ``escalc("SMCRP", …)``.
    """
    with np.errstate(all="ignore"):
        yi = _by_average_sd(m1i, m2i, sd1i, sd2i, ri, ni, correct)
        vi = 2.0 * (1.0 - ri) / ni + yi**2 * (1.0 + ri**2) / (4.0 * ni)
    return defined(yi, vi)


def standardized_by_average_sd_unequal(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    ri: FloatArray,
    ni: FloatArray,
    vtype: str,
    correct: bool,
) -> Effects:
    """Standardized mean change by the root of the occasions' average variance, these being unequal.

    vtype : "LS" divides by n − 1, "LS2" by n
    Source: Bonett (2008); Cousineau (2020) for J. metafor: ``escalc("SMCRPH", …)``.
    """
    df = _divisor(ni, vtype)
    with np.errstate(all="ignore"):
        yi = _by_average_sd(m1i, m2i, sd1i, sd2i, ri, ni, correct)
        average = (sd1i**2 + sd2i**2) / 2.0
        q1, q2 = sd1i**2 / average, sd2i**2 / average
        vi = change_variance(sd1i, sd2i, ri) / (average * df) + yi**2 * (q1**2 + q2**2 + 2.0 * ri**2 * q1 * q2) / (8.0 * df)
    return defined(yi, vi)


def log_ratio_of_means(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    ri: FloatArray,
    ni: FloatArray,
    vtype: str,
    correct: bool,
) -> Effects:
    """Log ratio of the two means; NaN unless they have one sign.

    vtype : "LS" the first-order variance, "LS2" the second-order one
    correct : adds half the difference of the squared coefficients of variation, over n
    Source: Lajeunesse (2011); Lajeunesse (2015), eqs. 8 and 9, with the two means' covariance, whose square the second-order
    variance takes off. metafor: ``escalc("ROMC", …)``.
    """
    with np.errstate(all="ignore"):
        return defined(*_log_ratio_of_means(m1i, m2i, sd1i / m1i, sd2i / m2i, ri, ni, vtype, correct))


def log_variability_ratio(*, sd1i: FloatArray, sd2i: FloatArray, ri: FloatArray, ni: FloatArray, vtype: str) -> Effects:
    """Log ratio of the two standard deviations; the bias correction cancels, since there is one n.

    vtype : "LS" the first-order variance, "LS2" the second-order one
    Source: Senior, Viechtbauer & Nakagawa (2020), eq. 21; for "LS2" not their eq. 22, which is wrong, but the next term of
    the same expansion. metafor: ``escalc("VRC", …)``.
    """
    with np.errstate(all="ignore"):
        return defined(*_log_variability_ratio(sd1i, sd2i, ri, ni, vtype))


def log_ratio_of_cvs(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    ri: FloatArray,
    ni: FloatArray,
    vtype: str,
    correct: bool,
) -> Effects:
    """Log ratio of the two coefficients of variation, log(sd1/m1) − log(sd2/m2); NaN unless both means are above 0.

    vtype, correct : as for the ratios of standard deviations and of means, whose variances are added
    Source: Senior, Viechtbauer & Nakagawa (2020), eq. 23. metafor: ``escalc("CVRC", …)``.
    """
    m1, m2 = np.where(m1i > 0.0, m1i, np.nan), np.where(m2i > 0.0, m2i, np.nan)
    with np.errstate(all="ignore"):
        spreads = _log_variability_ratio(sd1i, sd2i, ri, ni, vtype)
        means = _log_ratio_of_means(m1, m2, sd1i / m1, sd2i / m2, ri, ni, vtype, correct)
    return defined(spreads.yi - means.yi, spreads.vi + means.vi)


def _log_ratio_of_means(
    m1i: FloatArray,
    m2i: FloatArray,
    cv1: FloatArray,
    cv2: FloatArray,
    ri: FloatArray,
    ni: FloatArray,
    vtype: str,
    correct: bool,
) -> Effects:
    yi = log_ratio(m1i, m2i)
    vi = change_variance(cv1, cv2, ri) / ni
    difference = (cv1 - cv2) * (cv1 + cv2)
    if vtype == "LS2":  # + (c1⁴ + c2⁴ − 2 r² c1² c2²)/(2 n²)
        vi = vi + (difference**2 + 2.0 * (1.0 - ri) * (1.0 + ri) * (cv1 * cv2) ** 2) / (2.0 * ni**2)
    return Effects(yi + difference / (2.0 * ni) if correct else yi, vi)


def _log_variability_ratio(sd1i: FloatArray, sd2i: FloatArray, ri: FloatArray, ni: FloatArray, vtype: str) -> Effects:
    vi = (1.0 - ri) * (1.0 + ri) / (ni - 1.0)
    if vtype == "LS2":  # + (1 − r⁴)/(n − 1)²
        vi = vi * (1.0 + (1.0 + ri**2) / (ni - 1.0))
    return Effects(log_ratio(sd1i, sd2i), vi)


def _standardized(
    d: FloatArray, noise: FloatArray, unbiased_noise: FloatArray, ni: FloatArray, vtype: str, correct: bool
) -> Effects:
    """J d, or d, and its variance; `noise` is the variance of the mean change over that of the standardizer.

    vtype : "LS" the usual large-sample variance; "LS2" the same of d, times J²; "UB" the unbiased estimate (Hedges 1983,
        eq. 9, for one group); "H0" the exact variance where there is no change, for n > 3
    Differs from metafor: for "H0" and p-values alone, that gives a variance to a row without effect.
    """
    df = ni - 1.0
    J = _j(df, correct)
    yi = J * d
    match vtype:
        case "LS2":
            vi = J**2 * (noise + d**2 / (2.0 * ni))
        case "UB":
            vi = unbiased_noise + (hedges_j_excess(df) if correct else 2.0 / df) * yi**2
        case "H0":
            vi = J**2 * unbiased_noise * np.where(df > 2.0, df / (df - 2.0), np.nan)
        case _:
            vi = noise + yi**2 / (2.0 * ni)
    few = np.isnan(vi)  # too few people for this variance: the effect stays, as in metafor
    known = defined(yi, np.where(few, noise, vi))
    return Effects(known.yi, np.where(few, np.nan, known.vi))


def _by_average_sd(
    m1i: FloatArray, m2i: FloatArray, sd1i: FloatArray, sd2i: FloatArray, ri: FloatArray, ni: FloatArray, correct: bool
) -> FloatArray:
    return _j(2.0 * (ni - 1.0) / (1.0 + ri**2), correct) * (m1i - m2i) / np.sqrt((sd1i**2 + sd2i**2) / 2.0)


def _divisor(ni: FloatArray, vtype: str) -> FloatArray:
    return ni if vtype == "LS2" else ni - 1.0


def _j(df: FloatArray, correct: bool) -> FloatArray:
    return hedges_j(df) if correct else np.ones_like(df)
