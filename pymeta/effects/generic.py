"""Effects that are given as they are, with their variances or standard errors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pymeta.arrays import FloatArray, refuse
from pymeta.effects.records import Effects
from pymeta.errors import DataError

__all__ = ["given", "prepare"]


def prepare(columns: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """yi and vi, the latter from standard errors where these are given.

    Raises DataError for a variance below 0; one of 0 is for the model to refuse, see `kept_studies`.
    """
    values = dict(columns)
    if {"vi", "sei"} <= values.keys():
        raise DataError("effects and variances are given by yi, vi or yi, sei; got yi, vi, sei; leave out sei")
    if "sei" in values:
        refuse("sei", values["sei"], values["sei"] < 0, "is negative; a standard error is above 0")
        values["vi"] = values.pop("sei") ** 2
    vi = values["vi"]
    if np.count_nonzero(vi < 0):
        refuse("vi", vi, vi < 0, "is negative; a sampling variance is above 0")
    return values


def given(*, yi: FloatArray, vi: FloatArray) -> Effects:
    """What was given; a number that is missing leaves the other, one that is infinite does not.

    metafor: ``escalc("GEN", yi=…, vi=…)``
    """
    infinite = np.isinf(yi) | np.isinf(vi)
    return Effects(np.where(infinite, np.nan, yi), np.where(infinite, np.nan, vi))
