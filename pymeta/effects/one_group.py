"""Effects of one group's mean or spread. mi sdi ni: mean, standard deviation and size, all (k,)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pymeta.arrays import FloatArray, refuse
from pymeta.effects.means import hedges_j
from pymeta.effects.records import Effects, defined

__all__ = ["log_cv", "log_mean", "log_sd", "mean", "pomp_mean", "prepare", "standardized_mean"]


def prepare(columns: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """The columns, checked. Raises DataError for a group without people, a negative standard deviation, or a scale whose
    maximum is not above its minimum."""
    given = dict(columns)
    refuse("ni", given["ni"], given["ni"] < 1, "patients; a group needs at least one")
    refuse("sdi", given["sdi"], given["sdi"] < 0, "is negative; a standard deviation is 0 or more")
    if {"mini", "maxi"} <= given.keys():
        refuse("maxi", given["maxi"], given["maxi"] <= given["mini"], "is not above the scale's minimum (column mini)")
    return given


def mean(*, mi: FloatArray, sdi: FloatArray, ni: FloatArray, vtype: str) -> Effects:
    """The mean itself.

    vtype : "LS" with the group's own variance; "HO" with the pooled one of all rows that have sdi and ni
    Source: the variance of a mean. metafor: ``escalc("MN", …)``.
    """
    with np.errstate(all="ignore"):
        return defined(mi, _variance(sdi, ni, vtype) / ni)


def pomp_mean(*, mi: FloatArray, sdi: FloatArray, ni: FloatArray, mini: FloatArray, maxi: FloatArray, vtype: str) -> Effects:
    """The mean in percent of the most possible, on a scale from `mini` to `maxi`.

    vtype : see `mean`; "HO" pools the variances on the percent scale
    Source: Cohen, Cohen, Aiken & West (1999). metafor: ``escalc("POMPMN", …, mini=, maxi=)``.
    Differs from metafor: that stops for maxi < mini with a message on standard deviations, and gives NA for maxi = mini.
    """
    with np.errstate(all="ignore"):
        unit = 100.0 / (maxi - mini)
        return mean(mi=unit * (mi - mini), sdi=unit * sdi, ni=ni, vtype=vtype)


def standardized_mean(*, mi: FloatArray, sdi: FloatArray, ni: FloatArray, correct: bool) -> Effects:
    """The mean by its standard deviation, with Hedges' correction; NaN without spread.

    Source: Hedges (1981), eq. 6e, for one group. metafor: ``escalc("SMN", …)``; any `vtype` gives the same there.
    """
    with np.errstate(all="ignore"):
        yi = (hedges_j(ni - 1.0) if correct else 1.0) * mi / sdi
        return defined(yi, 1.0 / ni + yi**2 / (2.0 * ni))


def log_mean(*, mi: FloatArray, sdi: FloatArray, ni: FloatArray) -> Effects:
    """Log of the mean; NaN for a mean of 0. Raises DataError for a negative one.

    Source: Nakagawa et al. (2015). metafor: ``escalc("MNLN", …)``.
    """
    _refuse_negative(mi, "log")
    with np.errstate(all="ignore"):
        return defined(np.log(mi), (sdi / mi) ** 2 / ni)


def log_sd(*, sdi: FloatArray, ni: FloatArray, correct: bool) -> Effects:
    """Log of the standard deviation, less its bias; NaN without spread or for one person.

    Source: Raudenbush & Bryk (1987); Nakagawa et al. (2015). metafor: ``escalc("SDLN", …)``.
    """
    with np.errstate(all="ignore"):
        vi = 1.0 / (2.0 * (ni - 1.0))
        return defined(np.log(sdi) + (vi if correct else 0.0), vi)


def log_cv(*, mi: FloatArray, sdi: FloatArray, ni: FloatArray, correct: bool) -> Effects:
    """Log of the coefficient of variation; NaN without spread, for a mean of 0 or one person. Raises DataError for a
    negative mean.

    Source: Nakagawa et al. (2015), eq. 27 without the correlation of mean and spread. metafor: ``escalc("CVLN", …)``.
    """
    _refuse_negative(mi, "coefficient of variation")
    with np.errstate(all="ignore"):
        spread = 1.0 / (2.0 * (ni - 1.0))
        return defined(np.log(sdi / mi) + (spread if correct else 0.0), spread + (sdi / mi) ** 2 / ni)


def _variance(sdi: FloatArray, ni: FloatArray, vtype: str) -> FloatArray:
    """Each group's variance or, under "HO", the pooled one in every row; NaN where there are only groups of one person."""
    if vtype != "HO":
        return sdi**2
    known = ~np.isnan(sdi * ni)
    df = np.where(known, ni - 1.0, 0.0)
    return np.full_like(sdi, np.sum(df * np.where(known, sdi, 0.0) ** 2) / np.sum(df))


def _refuse_negative(mi: FloatArray, what: str) -> None:
    refuse("mi", mi, mi < 0, f"is negative; the {what} needs a mean of 0 or more")
