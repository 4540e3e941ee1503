"""Effects of event counts over person-time. x1i, x2i, xi: events; t1i, t2i, ti: person-times; all (k,).

Events are corrected as wished, person-times never. For standardized incidence ratios ti are the expected events.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pymeta.arrays import FloatArray, refuse
from pymeta.effects.records import Effects, defined
from pymeta.effects.zero_cells import added
from pymeta.numerics.logarithms import log_ratio

__all__ = [
    "adjusted_one",
    "adjusted_two",
    "freeman_tukey_rate",
    "from_root",
    "log_rate",
    "log_rate_ratio",
    "prepare_one",
    "prepare_two",
    "rate",
    "rate_difference",
    "root_rate",
    "root_rate_difference",
]


def prepare_two(columns: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """The columns of two groups, checked. Raises DataError for negative events, and person-times not above 0."""
    return {**_checked(columns, "x1i", "t1i"), **_checked(columns, "x2i", "t2i")}


def prepare_one(columns: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """The columns of one group, checked. Raises DataError for negative events, and person-times not above 0."""
    return _checked(columns, "xi", "ti")


def _checked(columns: Mapping[str, FloatArray], events: str, time: str) -> dict[str, FloatArray]:
    x, t = columns[events], columns[time]
    refuse(events, x, x < 0, "is negative; a number of events is 0 or more")
    refuse(time, t, t <= 0, "is not above 0, as the time in which events were counted must be")
    return {events: x, time: t}


def adjusted_two(inputs: Mapping[str, FloatArray], *, add: float, to: str, drop00: bool) -> dict[str, FloatArray]:
    """`add` added to both groups' events where `to` says; `drop00` makes rows without events in both NaN, first."""
    x1i, x2i = inputs["x1i"], inputs["x2i"]
    dropped = (x1i == 0) & (x2i == 0) & drop00
    amount = np.where(dropped, np.nan, added(((x1i == 0) | (x2i == 0)) & ~dropped, add=add, to=to))
    return {**inputs, "x1i": x1i + amount, "x2i": x2i + amount}


def adjusted_one(inputs: Mapping[str, FloatArray], *, add: float, to: str, drop00: bool) -> dict[str, FloatArray]:
    """`add` added to the events where `to` says; metafor drops no single group without events, whatever `drop00` is."""
    return {**inputs, "xi": inputs["xi"] + added(inputs["xi"] == 0, add=add, to=to)}


def log_rate_ratio(*, x1i: FloatArray, x2i: FloatArray, t1i: FloatArray, t2i: FloatArray) -> Effects:
    """Log incidence rate ratio, V = 1/x1 + 1/x2. Source: Rothman et al. (2008). metafor: ``escalc("IRR", …)``."""
    with np.errstate(all="ignore"):
        return defined(log_ratio(x1i * t2i, x2i * t1i), 1.0 / x1i + 1.0 / x2i)


def rate_difference(*, x1i: FloatArray, x2i: FloatArray, t1i: FloatArray, t2i: FloatArray) -> Effects:
    """Incidence rate difference, V = x1/t1² + x2/t2². Source: Rothman et al. (2008). metafor: ``escalc("IRD", …)``."""
    with np.errstate(all="ignore"):
        return defined(x1i / t1i - x2i / t2i, x1i / t1i / t1i + x2i / t2i / t2i)


def root_rate_difference(*, x1i: FloatArray, x2i: FloatArray, t1i: FloatArray, t2i: FloatArray) -> Effects:
    """Difference of the square roots of incidence rates, V = 1/4t1 + 1/4t2.

    Source: Bagos & Nikolopoulos (2009). metafor: ``escalc("IRSD", …)``.
    """
    with np.errstate(all="ignore"):
        return defined(np.sqrt(x1i / t1i) - np.sqrt(x2i / t2i), 1.0 / (4.0 * t1i) + 1.0 / (4.0 * t2i))


def rate(*, xi: FloatArray, ti: FloatArray) -> Effects:
    """The incidence rate itself, V = x/t². Source: Rothman et al. (2008). metafor: ``escalc("IR", …)``."""
    with np.errstate(all="ignore"):
        return defined(xi / ti, xi / ti / ti)


def log_rate(*, xi: FloatArray, ti: FloatArray) -> Effects:
    """Log incidence rate, V = 1/x; NaN without events. Source: Rothman et al. (2008). metafor: ``escalc("IRLN", …)``."""
    with np.errstate(all="ignore"):
        return defined(log_ratio(xi, ti), 1.0 / xi)


def root_rate(*, xi: FloatArray, ti: FloatArray) -> Effects:
    """Square root of the incidence rate, V = 1/4t. Source: the delta method. metafor: ``escalc("IRS", …)``."""
    with np.errstate(all="ignore"):
        return defined(np.sqrt(xi / ti), 1.0 / (4.0 * ti))


def freeman_tukey_rate(*, xi: FloatArray, ti: FloatArray) -> Effects:
    """The mean of √(x/t) and √((x + 1)/t), V = 1/4t. Source: Freeman & Tukey (1950). metafor: ``escalc("IRFT", …)``."""
    with np.errstate(all="ignore"):
        return defined((np.sqrt(xi / ti) + np.sqrt((xi + 1.0) / ti)) / 2.0, 1.0 / (4.0 * ti))


def from_root(values: FloatArray) -> FloatArray:
    """The square, from a root back to a rate; roots below 0 are at 0. metafor: ``transf.isqrt``."""
    return np.maximum(values, 0.0) ** 2
