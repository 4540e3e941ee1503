"""Cronbach's alpha. ai: alpha, mi: items of the instrument, ni: people; all (k,).

As in metafor, the alpha of one person is an effect without a variance.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pymeta.arrays import FloatArray, refuse
from pymeta.effects.correlations import check_size, effects_known
from pymeta.effects.records import Effects

__all__ = ["alpha", "bonett", "hakstian_whalen", "prepare"]


def prepare(columns: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """The columns, checked. Raises DataError for an alpha above 1, for less than two items and less than one person."""
    refuse("ai", columns["ai"], columns["ai"] > 1.0, "is no alpha; it is at most 1")
    refuse("mi", columns["mi"], columns["mi"] < 2.0, "items; an instrument that has an alpha has at least two")
    check_size("ni", columns["ni"])
    return dict(columns)


def _log_scale_variance(mi: FloatArray, ni: FloatArray) -> FloatArray:
    """2m/((m − 1)(n − 2)), the variance of −log(1 − alpha). Source: Bonett (2002)."""
    with np.errstate(divide="ignore"):
        return 2.0 * mi / ((mi - 1.0) * (ni - 2.0))


def _complete(yi: FloatArray, vi: FloatArray, mi: FloatArray, ni: FloatArray) -> Effects:
    """Effects of the rows that have all data."""
    return effects_known(np.where(np.isnan(mi + ni), np.nan, yi), vi)


def alpha(*, ai: FloatArray, mi: FloatArray, ni: FloatArray) -> Effects:
    """Alpha as it is. Source: van Zyl et al. (2000); Bonett (2010). metafor: ``escalc("ARAW", ai=, mi=, ni=)``."""
    log_scale = _log_scale_variance(mi, ni)
    with np.errstate(invalid="ignore"):  # a perfect alpha of two people
        vi = (1.0 - ai) ** 2 * log_scale
    return _complete(ai, np.where(np.isinf(log_scale), np.inf, vi), mi, ni)


def hakstian_whalen(*, ai: FloatArray, mi: FloatArray, ni: FloatArray) -> Effects:
    """1 − (1 − alpha)^(1/3), a cube root turned round so that it grows with alpha.

    Source: Hakstian & Whalen (1976). metafor: ``escalc("AHW", …)``
    Differs from metafor: effects near 0 are not computed as a difference.
    """
    with np.errstate(divide="ignore"):
        yi = -np.expm1(np.log1p(-ai) / 3.0)
    vi = 18.0 * mi * (ni - 1.0) * np.cbrt(1.0 - ai) ** 2 / ((mi - 1.0) * (9.0 * ni - 11.0) ** 2)
    return _complete(yi, vi, mi, ni)


def bonett(*, ai: FloatArray, mi: FloatArray, ni: FloatArray) -> Effects:
    """−log(1 − alpha); NaN for alpha = 1. Source: Bonett (2002). metafor: ``escalc("ABT", …)``.

    Differs from metafor: effects near 0 keep their digits.
    """
    with np.errstate(divide="ignore"):
        yi = -np.log1p(-ai)
    return _complete(yi, _log_scale_variance(mi, ni), mi, ni)
