"""Effects of 2x2 tables. ai, bi: events and others in group 1; ci, di: in group 2; all (k,), corrected as wished.

A table in which an effect is not defined (a ratio with an empty cell) gives NaN in its row.
"""

from __future__ import annotations

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.effects.records import Effects, defined

__all__ = ["log_odds_ratio", "log_risk_ratio", "risk_difference"]


def log_odds_ratio(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effects:
    """Log odds ratio. Source: Woolf (1955). metafor: ``escalc("OR", …)``."""
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = _log_ratio(ai * di, bi * ci)
        vi = 1.0 / ai + 1.0 / bi + 1.0 / ci + 1.0 / di
    return defined(yi, vi)


def log_risk_ratio(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effects:
    """Log risk ratio. Source: Katz, Baptista, Azen & Pike (1978). metafor: ``escalc("RR", …)``."""
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = _log_ratio(ai * (ci + di), ci * (ai + bi))
        vi = bi / (ai * (ai + bi)) + di / (ci * (ci + di))  # 1/a − 1/n1 + 1/c − 1/n2, without the differences
    return defined(yi, vi)


def risk_difference(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effects:
    """Risk difference. Source: Cohen (1995), Deeks & Higgins (2010). metafor: ``escalc("RD", …)``."""
    n1, n2 = ai + bi, ci + di
    yi = (ai * di - bi * ci) / (n1 * n2)  # a/n1 − c/n2, with an exact difference of products
    return defined(yi, ai * bi / n1**3 + ci * di / n2**3)


def _log_ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """log(above / below); products of counts are exact, and so is their difference, which keeps the digits near 0."""
    difference = (above - below) / below
    return np.where(np.abs(difference) < 0.5, np.log1p(np.maximum(difference, -0.5)), np.log(above / below))
