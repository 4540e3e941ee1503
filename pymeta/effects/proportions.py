"""Effects of one group's proportion. xi, mi: people with the event and without it, both (k,), corrected as wished.

Both are kept, and not xi and ni, since 1 − p = m/n keeps its digits where p is near 1.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import special

from pymeta.arrays import FloatArray, refuse
from pymeta.effects.records import Effects, defined
from pymeta.effects.zero_cells import added
from pymeta.numerics.logarithms import log_ratio

__all__ = [
    "adjusted",
    "arcsine",
    "double_arcsine",
    "from_arcsine",
    "log_proportion",
    "logit",
    "one_group",
    "prepare",
    "probit",
    "probit_proportion",
    "proportion",
    "total",
]

ROUNDING = 1e-12
"""How far, of itself, a size may be from the sum of its parts, for 0.1 + 0.2 is not 0.3."""


def prepare(columns: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """xi and mi; mi is ni − xi where only the size is given, row by row. Raises DataError for a group that cannot be.

    Differs from metafor: that has ni equal xi + mi to the last bit, here rounding is forgiven.
    """
    return one_group(columns, "xi", "mi", "ni")


def one_group(
    columns: Mapping[str, FloatArray], events: str, others: str, size: str, *, empty: bool = False
) -> dict[str, FloatArray]:
    """A group's events and others, by these names; empty : whether it may be.

    Raises DataError for counts that cannot be, and for a group that must not be empty.
    """
    x = columns[events]
    refuse(events, x, x < 0, "is negative; a number of events is 0 or more")
    if size in columns:
        _refuse_size(columns, events, others, size, empty)
    y = _others(columns, events, others, size)
    refuse(others, y, y < 0, "is negative; a number of patients is 0 or more")
    if not empty:
        refuse(others, y, x + y == 0, f"and no {events} either: the group is empty; leave the row out")
    return {events: x, others: y}


def _refuse_size(columns: Mapping[str, FloatArray], events: str, others: str, size: str, empty: bool) -> None:
    x, n = columns[events], columns[size]
    refuse(size, n, (n < 0) | ((n == 0) & (x > 0)) if empty else n <= 0, "patients; a group needs at least one")
    refuse(events, x, x > n, f"events are more than the group has patients (column {size}); correct one of them")
    if others in columns:
        apart = np.abs(n - (x + columns[others])) > ROUNDING * n
        refuse(size, n, apart, f"is not {events} + {others}; correct one of the three")


def _others(columns: Mapping[str, FloatArray], events: str, others: str, size: str) -> FloatArray:
    """Those without the event, as given; where they are not, the group's size less its events."""
    if size not in columns:
        return columns[others]
    rest = columns[size] - columns[events]
    return np.where(np.isnan(columns[others]), rest, columns[others]) if others in columns else rest


def adjusted(inputs: Mapping[str, FloatArray], *, add: float, to: str, drop00: bool) -> dict[str, FloatArray]:
    """xi and mi with `add` added where `to` says; metafor drops no single group without events, whatever `drop00` is."""
    amount = added((inputs["xi"] == 0) | (inputs["mi"] == 0), add=add, to=to)
    return {name: values + amount for name, values in inputs.items()}


def proportion(*, xi: FloatArray, mi: FloatArray, vtype: str) -> Effects:
    """The proportion p = x/n itself, V = p(1 − p)/n.

    vtype : "LS"; "UB", which is unbiased, with n − 1 for n; "AV" with the proportion of all rows in its variance
    Source: the variance of a binomial proportion. metafor: ``escalc("PR", …)``.
    """
    with np.errstate(all="ignore"):
        ni = xi + mi
        x, m = total(xi, mi) if vtype == "AV" else (xi, mi)
        vi = x / (x + m) * (m / (x + m)) / (ni - 1.0 if vtype == "UB" else ni)
        return defined(xi / ni, np.where(vi >= 0.0, vi, np.nan))


def log_proportion(*, xi: FloatArray, mi: FloatArray, vtype: str) -> Effects:
    """Log of the proportion, V = (1 − p)/(np); NaN without events.

    vtype : "LS"; "AV" with the proportion of all rows in its variance
    Source: the delta method. metafor: ``escalc("PLN", …)``.
    """
    with np.errstate(all="ignore"):
        ni = xi + mi
        x, m = total(xi, mi) if vtype == "AV" else (xi, mi)
        return defined(np.where(mi < xi, np.log1p(-mi / ni), np.log(xi / ni)), m / x / ni)


def logit(*, xi: FloatArray, mi: FloatArray, vtype: str) -> Effects:
    """Log odds, V = 1/{np(1 − p)}; NaN without events and with nothing but events.

    vtype : as in `log_proportion`
    Source: the delta method. metafor: ``escalc("PLO", …)``.
    """
    with np.errstate(all="ignore"):
        x, m = total(xi, mi) if vtype == "AV" else (xi, mi)
        return defined(log_ratio(xi, mi), (x + m) / x * ((x + m) / m) / (xi + mi))


def probit_proportion(*, xi: FloatArray, mi: FloatArray) -> Effects:
    """Standard normal quantile of the proportion, z = Φ⁻¹(p); V = p(1 − p)/(nφ(z)²). NaN where p is 0 or 1.

    Source: the delta method. metafor: ``escalc("PRZ", …)``.
    """
    with np.errstate(all="ignore"):
        return defined(*probit(xi, mi))


def arcsine(*, xi: FloatArray, mi: FloatArray) -> Effects:
    """arcsin √p, V = 1/4n. Source: the delta method, Freeman & Tukey (1950). metafor: ``escalc("PAS", …)``."""
    with np.errstate(all="ignore"):
        return defined(np.arctan2(np.sqrt(xi), np.sqrt(mi)), 1.0 / (4.0 * (xi + mi)))


def double_arcsine(*, xi: FloatArray, mi: FloatArray) -> Effects:
    """The mean of arcsin √(x/(n + 1)) and arcsin √((x + 1)/(n + 1)), V = 1/(4n + 2).

    Source: Freeman & Tukey (1950). metafor: ``escalc("PFT", …)``.
    """
    with np.errstate(all="ignore"):
        low = np.arctan2(np.sqrt(xi), np.sqrt(mi + 1.0))
        high = np.arctan2(np.sqrt(xi + 1.0), np.sqrt(mi))
        return defined((low + high) / 2.0, 1.0 / (4.0 * (xi + mi) + 2.0))


def from_arcsine(values: FloatArray) -> FloatArray:
    """sin², from an angle back to a proportion; angles beyond 0 and π/2 are at these. metafor: ``transf.iarcsin``."""
    return np.asarray(np.sin(np.clip(values, 0.0, np.pi / 2.0)) ** 2)


def probit(x: FloatArray, m: FloatArray) -> Effects:
    """z = Φ⁻¹(x/(x + m)) and its variance: near ½ from p − ½ = (x − m)/2n, else on the side of the smaller proportion."""
    n = x + m
    middle = np.sqrt(2.0) * special.erfinv((x - m) / n)
    tail = np.where(x < m, 1.0, -1.0) * special.ndtri(np.minimum(x, m) / n)
    z = np.where(np.abs(x - m) < n / 4.0, middle, tail)
    return Effects(z, 2.0 * np.pi * (x / n) * (m / n) * np.exp(z**2) / n)


def total(events: FloatArray, others: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The sums over all rows that have both, in every row."""
    known = ~np.isnan(events + others)
    return np.full_like(events, events[known].sum()), np.full_like(others, others[known].sum())
