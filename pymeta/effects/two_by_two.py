"""Effects of 2x2 tables. ai, bi: events and others in group 1; ci, di: in group 2; all (k,), corrected as wished.

A table in which an effect is not defined (a ratio with an empty cell) gives NaN in its row. Differences are taken of
products of counts, as in p1 − p2 = (ad − bc)/(n1 n2): below 90 million people both products are exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from pymeta.arrays import FloatArray, refuse
from pymeta.effects.proportions import one_group, probit, total
from pymeta.effects.records import Effects, defined
from pymeta.effects.zero_cells import corrected
from pymeta.numerics.logarithms import log_ratio

__all__ = [
    "adjusted",
    "arcsine_difference",
    "log_odds_ratio",
    "log_risk_ratio",
    "peto_log_odds_ratio",
    "phi",
    "phi_z",
    "prepare",
    "probit_difference",
    "refuse_empty",
    "risk_difference",
    "smd_logistic",
    "smd_normal",
    "yule_q",
    "yule_y",
]

COX_SNELL = 1.65
"""A log odds ratio for each standard deviation between two normal groups. Source: Cox & Snell (1989)."""
LOGISTIC_SD = np.pi / np.sqrt(3.0)
"""The standard deviation of the logistic distribution."""


class _Arms(NamedTuple):
    """Events and others of both arms, from which the variances take the risks."""

    x1: FloatArray
    y1: FloatArray
    x2: FloatArray
    y2: FloatArray


def prepare(columns: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """The four cells; the others of a group are its size less its events where only the size is given, row by row.

    Raises DataError for counts that cannot be. A group may be empty: see `refuse_empty`.
    Differs from metafor: that has n1i equal ai + bi to the last bit, where here rounding is forgiven.
    """
    one = one_group(columns, "ai", "bi", "n1i", empty=True)
    return {**one, **one_group(columns, "ci", "di", "n2i", empty=True)}


def refuse_empty(
    columns: Mapping[str, FloatArray], inputs: Mapping[str, FloatArray], *, add: float, to: str, drop00: bool
) -> None:
    """Raise DataError for an empty group to which `to` adds nothing, in a table that `drop00` leaves.

    columns : as a person gives them, of which `inputs` was prepared
    Differs from metafor: that gives such a row NA.
    """
    groups = (("ai", "bi", "n1i"), ("ci", "di", "n2i"))
    if not any(np.count_nonzero(inputs[x] + inputs[y] == 0) for x, y, _ in groups):
        return
    cells = adjusted(inputs, add=add, to=to, drop00=drop00)
    for x, y, n in groups:
        empty = cells[x] + cells[y] == 0
        if n in columns:
            refuse(n, columns[n], empty & (columns[n] == 0), "patients; a group needs at least one")
        refuse(y, inputs[y], empty, f"and no {x} either: the group is empty; leave the row out, or fill it by add= and to=")


def adjusted(inputs: Mapping[str, FloatArray], *, add: float, to: str, drop00: bool) -> dict[str, FloatArray]:
    """The four cells with `add` added where `to` says."""
    cells = corrected(**inputs, add=add, to=to, drop00=drop00)
    return dict(zip(("ai", "bi", "ci", "di"), cells, strict=True))


# ---- The arms' risks ----------------------------------------------------------------------------------------------------


def log_odds_ratio(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray, vtype: str) -> Effects:
    """Log odds ratio, V = 1/{n1 p1(1 − p1)} + 1/{n2 p2(1 − p2)}, which is 1/a + 1/b + 1/c + 1/d.

    vtype : "LS"; "AV" with each arm's risk over all tables in the variance; "H0" with the risk of both arms together
    Source: Woolf (1955). metafor: ``escalc("OR", …)``, which has H0 without saying so.
    """
    with np.errstate(all="ignore"):
        yi = log_ratio(ai * di, bi * ci)
        if vtype == "LS":
            return defined(yi, 1.0 / ai + 1.0 / bi + 1.0 / ci + 1.0 / di)
        x1, y1, x2, y2 = _arms(ai, bi, ci, di, vtype)
        vi = (x1 + y1) / x1 * ((x1 + y1) / y1) / (ai + bi) + (x2 + y2) / x2 * ((x2 + y2) / y2) / (ci + di)
        return defined(yi, vi)


def log_risk_ratio(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray, vtype: str) -> Effects:
    """Log risk ratio, V = (1 − p1)/(n1 p1) + (1 − p2)/(n2 p2).

    vtype : as in `log_odds_ratio`
    Source: Katz, Baptista, Azen & Pike (1978). metafor: ``escalc("RR", …)``, which has H0 without saying so.
    """
    with np.errstate(all="ignore"):
        x1, y1, x2, y2 = _arms(ai, bi, ci, di, vtype)
        yi = log_ratio(ai * (ci + di), ci * (ai + bi))
        return defined(yi, y1 / x1 / (ai + bi) + y2 / x2 / (ci + di))


def risk_difference(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray, vtype: str) -> Effects:
    """Risk difference, V = p1(1 − p1)/n1 + p2(1 − p2)/n2.

    vtype : as in `log_odds_ratio`; and "UB", which is unbiased, with n − 1 for n
    Source: Cohen (1995), Deeks & Higgins (2010). metafor: ``escalc("RD", …)``, which has H0 without saying so.
    """
    less = 1.0 if vtype == "UB" else 0.0
    with np.errstate(all="ignore"):
        n1, n2 = ai + bi, ci + di
        x1, y1, x2, y2 = _arms(ai, bi, ci, di, vtype)
        v1 = x1 / (x1 + y1) * (y1 / (x1 + y1)) / (n1 - less)
        v2 = x2 / (x2 + y2) * (y2 / (x2 + y2)) / (n2 - less)
        vi = np.where((v1 >= 0.0) & (v2 >= 0.0), v1 + v2, np.nan)  # corrected cells may sum to less than 1
        return defined((ai * di - bi * ci) / (n1 * n2), vi)


def arcsine_difference(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effects:
    """arcsin √p1 − arcsin √p2, V = 1/4n1 + 1/4n2; the angle's sine is (√(ad) − √(bc))/√(n1 n2).

    Source: Rücker, Schwarzer, Carpenter & Olkin (2009). metafor: ``escalc("AS", …)``.
    """
    with np.errstate(all="ignore"):
        roots = np.sqrt(ai * di) + np.sqrt(bi * ci)
        sine = np.where(roots > 0.0, (ai * di - bi * ci) / roots, 0.0)
        yi = np.arctan2(sine, np.sqrt(ai * ci) + np.sqrt(bi * di))
        return defined(yi, 1.0 / (4.0 * (ai + bi)) + 1.0 / (4.0 * (ci + di)))


def peto_log_odds_ratio(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effects:
    """Peto's log odds ratio (O − E)/V with variance 1/V: O − E = (ad − bc)/N and V = m1 m2 n1 n2/{N²(N − 1)}.

    m1, m2 : all events, all others. NaN where one of these is 0
    Source: Yusuf, Peto, Lewis, Collins & Sleight (1985). metafor: ``escalc("PETO", …)``.
    """
    with np.errstate(all="ignore"):
        N = ai + bi + ci + di
        vi = N / (ai + ci) * (N / (bi + di)) / (ai + bi) * ((N - 1.0) / (ci + di))
        return defined((ai * di - bi * ci) / N * vi, np.where(vi >= 0.0, vi, np.nan))


def _arms(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray, vtype: str) -> _Arms:
    """The counts whose proportions are the risks in the variance."""
    match vtype:
        case "AV":
            return _Arms(*total(ai, bi), *total(ci, di))
        case "H0":
            return _Arms(ai + ci, bi + di, ai + ci, bi + di)
    return _Arms(ai, bi, ci, di)


# ---- Standardized mean differences of what was cut in two ---------------------------------------------------------------


def probit_difference(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effects:
    """Φ⁻¹(p1) − Φ⁻¹(p2): the standardized mean difference of two normal groups cut at one value.

    V = p1(1 − p1)/(n1 φ(z1)²) + p2(1 − p2)/(n2 φ(z2)²)
    Source: Sánchez-Meca, Marín-Martínez & Chacón-Moscoso (2003), eqs. 16-17. metafor: ``escalc("PBIT", …)``.
    """
    with np.errstate(all="ignore"):
        one, two = probit(ai, bi), probit(ci, di)
        return defined(one.yi - two.yi, one.vi + two.vi)


def smd_normal(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray, vtype: str) -> Effects:
    """Log odds ratio/1.65: the standardized mean difference of two normal groups cut at one value.

    vtype : as in `log_odds_ratio`
    Source: Cox & Snell (1989); Sánchez-Meca et al. (2003), eqs. 14-15. metafor: ``escalc("OR2DN", …)``.
    """
    return _scaled(log_odds_ratio(ai=ai, bi=bi, ci=ci, di=di, vtype=vtype), COX_SNELL)


def smd_logistic(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray, vtype: str) -> Effects:
    """Log odds ratio · √3/π: the standardized mean difference of two logistic groups cut at one value.

    vtype : as in `log_odds_ratio`
    Source: Hasselblad & Hedges (1995); Chinn (2000). metafor: ``escalc("OR2DL", …)``, and "OR2D".
    """
    return _scaled(log_odds_ratio(ai=ai, bi=bi, ci=ci, di=di, vtype=vtype), LOGISTIC_SD)


def _scaled(effects: Effects, unit: float) -> Effects:
    return Effects(effects.yi / unit, effects.vi / unit**2)


# ---- Association --------------------------------------------------------------------------------------------------------


def phi(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray, vtype: str) -> Effects:
    """Phi coefficient (ad − bc)/√(n1 n2 m1 m2), m1 and m2 the column totals; NaN where one of the totals is 0.

    vtype : "LS" or "CS" for a cross-sectional sample (multinomial), "ST" for group sizes fixed by design (two binomials)
    Source: Yule (1912); its variances by the delta method, as in Bishop, Fienberg & Holland (1975) for "CS".
    metafor: ``escalc("PHI", …, vtype=…)``
    Differs from metafor: where phi is ±1, its variance is 0; metafor's rounding may give NA.
    """
    with np.errstate(all="ignore"):
        n1, n2, m1, m2 = ai + bi, ci + di, ai + ci, bi + di
        yi = (ai * di - bi * ci) / np.sqrt(n1 * n2 * (m1 * m2))
        return defined(yi, _phi_variance(ai, bi, ci, di, vtype))


def phi_z(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray, vtype: str) -> Effects:
    """Fisher's z of phi, with V/(1 − φ²)²; NaN where phi is ±1.

    1 − φ² = N(abc + abd + acd + bcd)/(n1 n2 m1 m2), without the difference, and so z = asinh{φ/√(1 − φ²)}.
    vtype : as in `phi`
    Source: Fisher (1921) and the delta method. metafor: ``escalc("ZPHI", …, vtype=…)``.
    """
    with np.errstate(all="ignore"):
        n1, n2, m1, m2 = ai + bi, ci + di, ai + ci, bi + di
        rest = (n1 + n2) * (ai * bi * n2 + ci * di * n1)
        yi = np.arcsinh((ai * di - bi * ci) / np.sqrt(rest))
        return defined(yi, _phi_variance(ai, bi, ci, di, vtype) * (n1 / rest * n2 * m1 * m2) ** 2)


def yule_q(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effects:
    """Yule's Q = (OR − 1)/(OR + 1), V = (1 − Q²)²(1/a + 1/b + 1/c + 1/d)/4; NaN where a cell is empty.

    Source: Yule (1912). metafor: ``escalc("YUQ", …)``.
    """
    with np.errstate(all="ignore"):
        above, below = ai * di, bi * ci
        rest = 2.0 * above / (above + below) * (below / (above + below))  # (1 − Q²)/2
        return defined((above - below) / (above + below), rest**2 * _log_odds_ratio_variance(ai, bi, ci, di))


def yule_y(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effects:
    """Yule's Y = (√OR − 1)/(√OR + 1), V = (1 − Y²)²(1/a + 1/b + 1/c + 1/d)/16; NaN where a cell is empty.

    Source: Yule (1912). metafor: ``escalc("YUY", …)``.
    """
    with np.errstate(all="ignore"):
        above, below = np.sqrt(ai * di), np.sqrt(bi * ci)
        rest = above / (above + below) * (below / (above + below))  # (1 − Y²)/4
        yi = (ai * di - bi * ci) / (above + below) ** 2
        return defined(yi, rest**2 * _log_odds_ratio_variance(ai, bi, ci, di))


def _log_odds_ratio_variance(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> FloatArray:
    return 1.0 / ai + 1.0 / bi + 1.0 / ci + 1.0 / di


def _phi_variance(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray, vtype: str) -> FloatArray:
    """By the delta method, from phi's derivatives in the cells, which are sums of terms of one sign.

    In a: {b n2/n1 + c m2/m1}/2√(n1 n2 m1 m2), in b: −{a n2/n1 + d m1/m2}/2√(…), and so on. Phi does not change with the
    scale of a table, so that multinomial sampling leaves Σ count · derivative²; fixed rows leave p(1 − p)n · (a's − b's)².
    """
    n1, n2, m1, m2 = ai + bi, ci + di, ai + ci, bi + di
    rows, columns = n2 / n1, m2 / m1
    in_a, in_d = bi * rows + ci * columns, bi / columns + ci / rows
    in_b, in_c = ai * rows + di / columns, di / rows + ai * columns
    if vtype == "ST":
        spread = ai * bi / n1 * (in_a + in_b) ** 2 + ci * di / n2 * (in_c + in_d) ** 2
    else:
        spread = ai * in_a**2 + bi * in_b**2 + ci * in_c**2 + di * in_d**2
    return spread / (4.0 * n1 * n2) / (m1 * m2)
