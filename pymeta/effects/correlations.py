"""Correlations of two variables. ri: correlation, ni: people; both (k,).

As in metafor, a row may have an effect and no variance: a correlation of two or three people is one, but nothing is known
of its precision.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pymeta.arrays import FloatArray, refuse
from pymeta.effects.olkin_pratt import unbiased_correlation, unbiased_variance
from pymeta.effects.records import Effects
from pymeta.numerics.tails import t_of_p

__all__ = [
    "check_p",
    "check_r",
    "check_size",
    "correlation",
    "effects_known",
    "fisher_z",
    "prepare",
    "r_of_t",
    "unbiased",
    "weighted_mean",
]


def prepare(columns: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """ri and ni; in a row without ri that of its t-test, from its statistic ti, or else from its signed p-value pi.

    Raises DataError for a correlation or p-value beyond ±1, for less than one person, and for a t-statistic of one person.
    """
    ni = columns["ni"]
    check_size("ni", ni)
    check_p(columns)
    check_r(columns)
    ri = columns.get("ri", np.full_like(ni, np.nan))
    df = ni - 2.0
    if "ti" in columns:
        tested = np.isnan(ri) & ~np.isnan(columns["ti"])
        refuse("ni", ni, tested & (df < 0.0), "people have no t-test of a correlation (column ti); it takes two")
        ri = np.where(tested, r_of_t(columns["ti"], df), ri)
    if "pi" in columns:
        ri = np.where(np.isnan(ri), r_of_t(t_of_p(columns["pi"], df), df), ri)
    return {"ri": ri, "ni": ni}


def check_size(name: str, sizes: FloatArray) -> None:
    """Raise DataError for a study of less than one person."""
    refuse(name, sizes, sizes < 1.0, "people; a study needs at least one")


def check_r(columns: Mapping[str, FloatArray]) -> None:
    """Raise DataError for a correlation beyond ±1."""
    if "ri" in columns:
        refuse("ri", columns["ri"], np.abs(columns["ri"]) > 1.0, "is no correlation; it lies between -1 and 1")


def check_p(columns: Mapping[str, FloatArray]) -> None:
    """Raise DataError for a p-value beyond ±1."""
    if "pi" in columns:
        problem = "is no p-value with a sign; it lies between -1 and 1"
        refuse("pi", columns["pi"], np.abs(columns["pi"]) > 1.0, problem)


def r_of_t(t: FloatArray, df: FloatArray) -> FloatArray:
    """r = t/√(t² + df), (k,); NaN where both are 0. Differs from metafor: t² does not overflow."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(t), np.sign(t), t / np.hypot(t, np.sqrt(df)))


def weighted_mean(r: FloatArray, n: FloatArray) -> FloatArray:
    """Σ n r / Σ n over the rows that have both, as an array of shape (); NaN if there is none."""
    known = ~(np.isnan(r) | np.isnan(n))
    with np.errstate(invalid="ignore"):
        return np.asarray(np.sum((n * r)[known]) / np.sum(n[known]))


def effects_known(yi: FloatArray, vi: FloatArray) -> Effects:
    """Effects with NaN in both where an effect is not defined or its variance infinite, and in vi where that is below 0.

    An effect whose variance is not known (NaN) stays, as in metafor.
    """
    lost = ~np.isfinite(yi) | np.isinf(vi)
    return Effects(np.where(lost, np.nan, yi), np.where(lost | (vi < 0.0), np.nan, vi))


def _where_known(ni: FloatArray) -> FloatArray:
    """ni, but NaN up to three people, of whose correlation the variance is not known."""
    return np.where(ni > 3.0, ni, np.nan)


def correlation(*, ri: FloatArray, ni: FloatArray, vtype: str) -> Effects:
    """Correlation as it is.

    vtype : "LS" (1 − r²)²/(n − 1); "AV" the same with the mean of all rows' correlations, weighted by n, for r;
        "H0" (1 − r²)/(n − 2), which is that of a t-test of ρ = 0

    Source: Borenstein (2009), eq. 12.27. metafor: ``escalc("COR", ri=, ni=, vtype=)``; no variance for n ≤ 3 there too.
    """
    yi, n = np.where(np.isnan(ni), np.nan, ri), _where_known(ni)
    if vtype == "H0":
        return effects_known(yi, (1.0 - ri) * (1.0 + ri) / (n - 2.0))
    r = weighted_mean(ri, ni) if vtype == "AV" else ri
    return effects_known(yi, ((1.0 - r) * (1.0 + r)) ** 2 / (n - 1.0))


def unbiased(*, ri: FloatArray, ni: FloatArray, vtype: str) -> Effects:
    """Unbiased correlation G of Olkin & Pratt (1958); NaN for n ≤ 4.

    vtype : "LS" (1 − G²)²/(n − 1); "AV" the same with the mean of all rows' G, weighted by n, for G; "UB" the unbiased
        estimate of G's variance

    Source: Olkin & Pratt (1958), eq. 2.3; Hedges (1989) for "UB"; see ``pymeta.effects.olkin_pratt``.
    metafor: ``escalc("UCOR", ri=, ni=, vtype=)``, which needs the R package gsl.
    Differs from metafor: "UB" is not computed as a difference, which costs metafor digits from n = 50 on; and gsl's
    hypergeometric function has but 7 digits for r = 0.005 and n = 12.
    """
    G, complement = unbiased_correlation(ri, ni)
    if vtype == "UB":
        return effects_known(G, unbiased_variance(ri, ni))
    if vtype == "AV":
        mean = weighted_mean(G, ni)
        complement = (1.0 - mean) * (1.0 + mean)
    return effects_known(G, complement**2 / (_where_known(ni) - 1.0))


def fisher_z(*, ri: FloatArray, ni: FloatArray) -> Effects:
    """Fisher's z, artanh r, with variance 1/(n − 3); NaN for r = ±1.

    Source: Fisher (1921). metafor: ``escalc("ZCOR", ri=, ni=)``
    """
    with np.errstate(divide="ignore"):
        yi = np.where(np.isnan(ni), np.nan, np.arctanh(ri))
    return effects_known(yi, 1.0 / (_where_known(ni) - 3.0))
