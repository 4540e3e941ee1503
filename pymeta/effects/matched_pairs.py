"""Effects of two treatments of the same people, or of matched pairs. All (k,), corrected as wished.

Paired tables: ai, di pairs that have outcome 1, or outcome 2, under both treatments; bi outcome 1 under the first alone, ci
under the second alone. The margins' covariance leaves variances in which every term is positive. Marginal tables (MPORM):
ai, bi people with outcome 1, 2 under the first treatment; ci, di under the second; and ri, the correlation of the outcomes.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pymeta.arrays import FloatArray, refuse
from pymeta.effects.correlations import effects_known
from pymeta.effects.proportions import ROUNDING
from pymeta.effects.records import Effects, defined
from pymeta.effects.zero_cells import corrected
from pymeta.numerics.logarithms import log_ratio

__all__ = [
    "adjusted",
    "conditional_log_odds_ratio",
    "log_odds_ratio",
    "log_odds_ratio_of_margins",
    "log_risk_ratio",
    "peto_log_odds_ratio",
    "prepare",
    "risk_difference",
]


def prepare(columns: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """The four cells and ri; a row's second cell is its total less its first where that is all there is.

    ri comes from pi, the proportion with outcome 1 under both treatments, where ri is not given.
    Raises DataError for negative counts, a total that contradicts its cells, and ri or pi that cannot be.
    """
    cells = {**_row(columns, "ai", "bi", "n1i"), **_row(columns, "ci", "di", "n2i")}
    if "ri" in columns or "pi" in columns:
        cells["ri"] = _correlation(columns, cells)
    return cells


def _row(columns: Mapping[str, FloatArray], first: str, second: str, total: str) -> dict[str, FloatArray]:
    """A row of the tables, by the names of its cells and its total. Raises DataError for counts that cannot be."""
    x = columns[first]
    refuse(first, x, x < 0, "is negative; a number of pairs is 0 or more")
    y = columns.get(second, np.full_like(x, np.nan))
    if total in columns:
        n = columns[total]
        refuse(first, x, x > n, f"pairs are more than the row has (column {total}); correct one of them")
        refuse(total, n, np.abs(n - (x + y)) > ROUNDING * n, f"is not {first} + {second}; correct one of the three")
        y = np.where(np.isnan(y), n - x, y)
    refuse(second, y, y < 0, "is negative; a number of pairs is 0 or more")
    return {first: x, second: y}


def _correlation(columns: Mapping[str, FloatArray], cells: Mapping[str, FloatArray]) -> FloatArray:
    """ri, or else phi of the paired table that has the proportion pi in its first cell; NaN where there is no such.

    With n = a + b pairs: phi = (pi n² − ac)/√(ab c(n − c)).
    """
    ri = columns.get("ri", np.full_like(cells["ai"], np.nan))
    refuse("ri", ri, np.abs(ri) > 1, "is no correlation; it lies between -1 and 1")
    if "pi" not in columns:
        return ri
    pi = columns["pi"]
    refuse("pi", pi, (pi < 0) | (pi > 1), "is no proportion; it lies between 0 and 1")
    a, b, c, n = cells["ai"], cells["bi"], cells["ci"], cells["ai"] + cells["bi"]
    with np.errstate(all="ignore"):
        phi = (pi * n * n - a * c) / np.sqrt(a * b * c * (n - c))
    return np.where(np.isnan(ri), phi, ri)


def adjusted(inputs: Mapping[str, FloatArray], *, add: float, to: str, drop00: bool) -> dict[str, FloatArray]:
    """The four cells with `add` added where `to` says."""
    names = ("ai", "bi", "ci", "di")
    cells = corrected(*(inputs[name] for name in names), add=add, to=to, drop00=drop00)
    return {**inputs, **dict(zip(names, cells, strict=True))}


def risk_difference(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effects:
    """Marginal risk difference (b − c)/n, V = ((b + c) − (b − c)²/n)/n².

    Source: Newcombe (1998). metafor: ``escalc("MPRD", …)``.
    """
    n = ai + bi + ci + di
    with np.errstate(all="ignore"):
        return defined((bi - ci) / n, ((ai + di) * (bi + ci) + 4.0 * bi * ci) / n / n / n)


def log_risk_ratio(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effects:
    """Marginal log risk ratio log{(a + b)/(a + c)}, V = (b + c)/((a + b)(a + c)).

    Source: Zou (2007); Fagerland, Lydersen & Laake (2014). metafor: ``escalc("MPRR", …)``.
    """
    first, second = ai + bi, ai + ci
    with np.errstate(all="ignore"):
        vi = np.where(np.isnan(di), np.nan, (bi + ci) / first / second)
        return defined(log_ratio(first, second), vi)


def log_odds_ratio(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effects:
    """Marginal log odds ratio of (a + b)/(c + d) to (a + c)/(b + d).

    V = 1/(a + b) + 1/(c + d) + 1/(a + c) + 1/(b + d) − 2n(ad − bc)/{(a + b)(c + d)(a + c)(b + d)}, which is
    n{(a + d)(b + c) + 4bc} over that product. Source: Becker & Balagtas (1993), via Elbourne et al. (2002), appendix.
    metafor: ``escalc("MPOR", …)``.
    """
    r1, r2, c1, c2 = ai + bi, ci + di, ai + ci, bi + di
    with np.errstate(all="ignore"):
        vi = (r1 + r2) / r1 / r2 * (((ai + di) * (bi + ci) + 4.0 * bi * ci) / c1 / c2)
        return defined(log_ratio(r1 * c2, r2 * c1), vi)


def conditional_log_odds_ratio(*, bi: FloatArray, ci: FloatArray) -> Effects:
    """Conditional log odds ratio log(b/c), V = 1/b + 1/c; NaN where there are none of either.

    Source: Curtin, Elbourne & Altman (2002). metafor: ``escalc("MPORC", …)``.
    """
    with np.errstate(all="ignore"):
        return defined(log_ratio(bi, ci), 1.0 / bi + 1.0 / ci)


def peto_log_odds_ratio(*, bi: FloatArray, ci: FloatArray) -> Effects:
    """Peto's conditional log odds ratio (O − E)/V with variance 1/V: O − E = (b − c)/2 and V = (b + c)/4.

    Source: Yusuf et al. (1985), via Curtin, Elbourne & Altman (2002). metafor: ``escalc("MPPETO", …)``.
    """
    with np.errstate(all="ignore"):
        return defined(2.0 * (bi - ci) / (bi + ci), 4.0 / (bi + ci))


def log_odds_ratio_of_margins(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray, ri: FloatArray) -> Effects:
    """Marginal log odds ratio log(ad/bc) of marginal tables, V = 1/a + 1/b + 1/c + 1/d − 2rn/√(abcd).

    n is half the table's total, rounded, as in metafor: both of its rows are the same people. No variance (NaN) where
    |r| > 1, so that there is no table with this pi, or where V < 0. metafor knows no other test of what r the margins allow.
    Source: Elbourne et al. (2002), appendix. metafor: ``escalc("MPORM", ai=, bi=, ci=, di=, ri=)`` or ``pi=``.
    """
    with np.errstate(all="ignore"):
        n = np.rint((ai + bi + ci + di) / 2.0)
        vi = 1.0 / ai + 1.0 / bi + 1.0 / ci + 1.0 / di - 2.0 * ri * n / np.sqrt(ai * bi) / np.sqrt(ci * di)
        yi = np.where(np.isnan(ri), np.nan, log_ratio(ai * di, bi * ci))
        return effects_known(yi, np.where(np.abs(ri) <= 1.0, vi, np.nan))
