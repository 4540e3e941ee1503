"""Effects of two groups' means. n1i m1i sd1i: size, mean and standard deviation in group 1; n2i …: in group 2; all (k,).

A standardized mean difference may also come as it was reported: di (Cohen's d), ti or pi (t statistic and signed two-sided
p-value of Student's t-test), ri (point-biserial correlation), all (k,). Who makes d of them is `cohens_d`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import special

from pymeta.arrays import FloatArray, refuse
from pymeta.effects.averages import weighted_average
from pymeta.effects.records import Effects, defined
from pymeta.numerics.tails import t_of_p

__all__ = [
    "cohens_d",
    "hedges_j",
    "hedges_j_excess",
    "mean_difference",
    "pomp_mean_difference",
    "pooled_sd",
    "prepare",
    "standardized_by_average_sd_unequal",
    "standardized_by_second_sd",
    "standardized_by_second_sd_unequal",
    "standardized_mean_difference",
    "standardized_mean_difference_revman5",
]

REVMAN_N = 3.94
"""What Review Manager 5 takes off the sample size in the variance of a standardized mean difference."""


def prepare(columns: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """The columns, checked. Raises DataError for a group without people, a negative standard deviation, a correlation or
    p-value outside [-1, 1], an area under the curve outside [0, 1], or a scale whose maximum is not above its minimum."""
    given = dict(columns)
    for size in ("n1i", "n2i"):
        refuse(size, given[size], given[size] < 1, "patients; a group needs at least one")
    for sd in ("sd1i", "sd2i"):
        if sd in given:
            refuse(sd, given[sd], given[sd] < 0, "is negative; a standard deviation is 0 or more")
    for name, what in (("ri", "a correlation"), ("pi", "a p-value, with the sign of the effect,")):
        if name in given:
            refuse(name, given[name], np.abs(given[name]) > 1, f"is outside [-1, 1]; {what} lies within")
    if "ai" in given:
        refuse("ai", given["ai"], np.abs(given["ai"] - 0.5) > 0.5, "is not between 0 and 1, as an area under the curve is")
    if {"mini", "maxi"} <= given.keys():
        refuse("maxi", given["maxi"], given["maxi"] <= given["mini"], "is not above the scale's minimum (column mini)")
    return given


# ---- What the effects are made of ---------------------------------------------------------------------------------------


def pooled_sd(n1i: FloatArray, sd1i: FloatArray, n2i: FloatArray, sd2i: FloatArray) -> FloatArray:
    """The two groups' standard deviation under equal variances, (k,); NaN for two groups of one person."""
    with np.errstate(invalid="ignore"):
        return np.sqrt(((n1i - 1.0) * sd1i**2 + (n2i - 1.0) * sd2i**2) / (n1i + n2i - 2.0))


def cohens_d(
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
) -> FloatArray:
    """Cohen's d, row by row from the first there is of di, ti, pi, ri, and the means; (k,).

    d = t√(1/n1 + 1/n2), and d = r√h / √(1 − r²) with h = m(1/n1 + 1/n2), m = n1 + n2 − 2.
    A p-value of 0 tells nothing of t, and counts as missing; r = ±1 is an infinite d. metafor: ``escalc("SMD", …)``
    """
    with np.errstate(all="ignore"):
        m, noise = n1i + n2i - 2.0, 1.0 / n1i + 1.0 / n2i
        choices = (
            di,
            ti * np.sqrt(noise),
            t_of_p(pi, m) * np.sqrt(noise),
            ri * np.sqrt(m * noise) / np.sqrt((1.0 - ri) * (1.0 + ri)),
            (m1i - m2i) / pooled_sd(n1i, sd1i, n2i, sd2i),
        )
    found = choices[0]
    for other in choices[1:]:
        found = np.where(np.isnan(found), other, found)
    return found


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


def hedges_j_excess(df: FloatArray) -> FloatArray:
    """1 − (df − 2)/(df J²), which makes the variance of Hedges' g unbiased, about 1/(2 df), (k,); NaN for df ≤ 1.

    From df = 40 on by logarithms, J as in `hedges_j` with two terms more: the difference would lose the digits of df.
    """
    m = np.maximum(df, 40.0)
    z = (m - 1.0) / 2.0
    correction = (
        -1.0 / (8.0 * z) + 1.0 / (192.0 * z**3) - 1.0 / (640.0 * z**5) + 17.0 / (14336.0 * z**7) - 31.0 / (18432.0 * z**9)
    )
    large = -np.expm1(np.log1p(-1.0 / (m - 1.0)) - 2.0 * correction)
    return np.where(df >= 40.0, large, 1.0 - (df - 2.0) / (df * hedges_j(df) ** 2))


# ---- Differences of means -----------------------------------------------------------------------------------------------


def mean_difference(
    *,
    n1i: FloatArray,
    m1i: FloatArray,
    sd1i: FloatArray,
    n2i: FloatArray,
    m2i: FloatArray,
    sd2i: FloatArray,
    vtype: str = "LS",
) -> Effects:
    """Mean difference.

    vtype : "LS" (or "UB", the same here) each group's own variance; "HO" one variance for both, NaN for two groups of one
    Source: Borenstein (2009), eqs. 12.5 ("LS") and 12.3 ("HO"). metafor: ``escalc("MD", …, vtype=…)``
    """
    with np.errstate(over="ignore"):
        if vtype == "HO":
            return defined(m1i - m2i, pooled_sd(n1i, sd1i, n2i, sd2i) ** 2 * (1.0 / n1i + 1.0 / n2i))
        return defined(m1i - m2i, sd1i**2 / n1i + sd2i**2 / n2i)


def pomp_mean_difference(
    *,
    n1i: FloatArray,
    m1i: FloatArray,
    sd1i: FloatArray,
    n2i: FloatArray,
    m2i: FloatArray,
    sd2i: FloatArray,
    mini: FloatArray,
    maxi: FloatArray,
    vtype: str,
) -> Effects:
    """Mean difference in percent of what the scale, from mini to maxi, allows.

    vtype : as in `mean_difference`
    Source: Cohen et al. (1999); Borenstein (2009). metafor: ``escalc("POMPMD", …, mini=, maxi=, vtype=…)``
    """
    percent = 100.0 / (maxi - mini)
    yi, vi = mean_difference(n1i=n1i, m1i=m1i, sd1i=sd1i, n2i=n2i, m2i=m2i, sd2i=sd2i, vtype=vtype)
    with np.errstate(over="ignore"):
        return defined(percent * yi, percent**2 * vi)


# ---- Standardized by one spread, equal in both groups -------------------------------------------------------------------


def standardized_mean_difference(
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
    vtype: str,
    correct: bool,
) -> Effects:
    """Hedges' g, or Cohen's d where it is not to be corrected; NaN without spread, and for df ≤ 1 (d: for df = 0).

    vtype : see `_standardized`
    Source: Hedges (1981), eq. 6e; `_standardized` for the variances. metafor: ``escalc("SMD", …, vtype=…, correct=…)``
    Differs from metafor: above 10^4 patients, where its J loses digits (its log-gammas are 10^9 times the logarithm of J);
    with "AV" and a correlation of ±1, or a row of two patients, where metafor has no variances, or only one.
    """
    df = n1i + n2i - 2.0
    d = cohens_d(n1i, m1i, sd1i, n2i, m2i, sd2i, di, ri, ti, pi)
    return _standardized(np.where(df > 0.0, d, np.nan), df, n1i + n2i, n1i, n2i, vtype, correct)


def standardized_by_second_sd(
    *,
    n1i: FloatArray,
    m1i: FloatArray,
    n2i: FloatArray,
    m2i: FloatArray,
    sd2i: FloatArray,
    vtype: str,
    correct: bool,
) -> Effects:
    """Glass' Δ: in standard deviations of the second group, with n2 − 1 degrees of freedom.

    vtype : see `_standardized`; "AV" averages with weights n1 + n2
    Source: Hedges (1981) and `_standardized`. metafor: ``escalc("SMD1", …, vtype=…, correct=…)``
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        d = (m1i - m2i) / sd2i
    return _standardized(d, n2i - 1.0, n2i, n1i, n2i, vtype, correct)


def _standardized(
    d: FloatArray, df: FloatArray, size: FloatArray, n1i: FloatArray, n2i: FloatArray, vtype: str, correct: bool
) -> Effects:
    """g = Jd, or d, and its variance; N = `size` people make the standardizer, with `df` degrees of freedom.

    vtype, with v = 1/n1 + 1/n2 : "LS" v + g²/2N, Hedges (1982), eq. 8; "LS2" J²(v + d²/2N), Borenstein (2009), eq. 12.17;
        "LS3" v + g²/2(N − 3.94), as in Review Manager 5, Lin & Aloe (2020), eq. 14; "UB" unbiased, Hedges (1983), eq. 9;
        "AV" as "LS" with the rows' average g, weighted by n1 + n2; "H0" of no difference, J²v df/(df − 2)
    There may be an effect without a variance: "H0" has none for df ≤ 2, and "LS3" none where it is negative, by N ≤ 3.
    """
    with np.errstate(all="ignore"):
        J, noise = hedges_j(df) if correct else 1.0, 1.0 / n1i + 1.0 / n2i
        yi = J * d
        match vtype:
            case "LS2":
                vi = J**2 * (noise + d**2 / (2.0 * size))
            case "LS3":
                vi = noise + yi**2 / (2.0 * (size - REVMAN_N))
            case "UB":
                vi = noise + (hedges_j_excess(df) if correct else 2.0 / df) * yi**2
            case "AV":
                vi = noise + weighted_average(yi, n1i + n2i) ** 2 / (2.0 * size)
            case "H0":
                vi = J**2 * noise * np.where(df > 2.0, df / (df - 2.0), np.nan)
            case _:
                vi = noise + yi**2 / (2.0 * size)
    exists = np.isfinite(yi) & np.isfinite(noise) & ~np.isinf(vi)
    return Effects(np.where(exists, yi, np.nan), np.where(exists & (vi >= 0.0), vi, np.nan))


# ---- Standardized where the groups' spreads differ ----------------------------------------------------------------------


def standardized_by_average_sd_unequal(
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
    """Mean difference in units of √((sd1² + sd2²)/2), with J of n1 + n2 − 2; no equal variances are assumed.

    V = 2w1/(n1 − 1) + 2w2/(n2 − 1) + g²/2 [w1²/(n1 − 1) + w2²/(n2 − 1)], wj = sdj²/(sd1² + sd2²)
    vtype : "LS" so; "LS2" with n for every n − 1; "LS3" with n for n − 1 in the means' part only
    Source: Bonett (2008), eq. 10; Bonett (2009). metafor: ``escalc("SMDH", …, vtype=…, correct=…)``
    """
    with np.errstate(all="ignore"):
        spread = np.hypot(sd1i, sd2i)
        w1, w2 = (sd1i / spread) ** 2, (sd2i / spread) ** 2
        J = hedges_j(n1i + n2i - 2.0) if correct else 1.0
        yi = J * (m1i - m2i) / spread * np.sqrt(2.0)
        less, less_in_spread = float(vtype == "LS"), float(vtype != "LS2")
        of_means = 2.0 * w1 / (n1i - less) + 2.0 * w2 / (n2i - less)
        of_spread = w1**2 / (n1i - less_in_spread) + w2**2 / (n2i - less_in_spread)
        return defined(yi, of_means + yi**2 / 2.0 * of_spread)


def standardized_by_second_sd_unequal(
    *,
    n1i: FloatArray,
    m1i: FloatArray,
    sd1i: FloatArray,
    n2i: FloatArray,
    m2i: FloatArray,
    sd2i: FloatArray,
    correct: bool,
) -> Effects:
    """Glass' Δ with J of n2 − 1, without equal variances: V = (sd1/sd2)²/(n1 − 1) + 1/(n2 − 1) + g²/2(n2 − 1).

    Source: Bonett (2008), eq. 12; Hedges (1981). metafor: ``escalc("SMD1H", …, correct=…)``
    """
    with np.errstate(all="ignore"):
        yi = (hedges_j(n2i - 1.0) if correct else 1.0) * (m1i - m2i) / sd2i
        vi = (sd1i / sd2i) ** 2 / (n1i - 1.0) + (1.0 + yi**2 / 2.0) / (n2i - 1.0)
        return defined(yi, vi)


# ---- Review Manager 5 ---------------------------------------------------------------------------------------------------


def standardized_mean_difference_revman5(
    *,
    n1i: FloatArray,
    n2i: FloatArray,
    m1i: FloatArray | None = None,
    sd1i: FloatArray | None = None,
    m2i: FloatArray | None = None,
    sd2i: FloatArray | None = None,
    di: FloatArray | None = None,
    ri: FloatArray | None = None,
    ti: FloatArray | None = None,
    pi: FloatArray | None = None,
    **_: FloatArray,
) -> Effects:
    """Hedges' g as Review Manager 5 defines it: J ≈ 1 − 3/(4N − 9) and 3.94 in the variance.

    Source: Deeks & Higgins (2010), "Statistical algorithms in Review Manager 5", standardised mean difference; RevMan itself
    takes means and standard deviations only, and d from elsewhere is treated as if it came from these.
    metafor: none; r_reference/pool.R writes it out.
    """
    none = np.full_like(n1i, np.nan)
    m1i, sd1i, m2i, sd2i, di, ri, ti, pi = (none if x is None else x for x in (m1i, sd1i, m2i, sd2i, di, ri, ti, pi))
    N = n1i + n2i
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = (1.0 - 3.0 / (4.0 * N - 9.0)) * cohens_d(n1i, m1i, sd1i, n2i, m2i, sd2i, di, ri, ti, pi)
        vi = N / (n1i * n2i) + yi**2 / (2.0 * (N - REVMAN_N))
    return defined(yi, vi)
