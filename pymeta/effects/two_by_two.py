"""Effects of 2x2 tables. ai, bi: events and others in group 1; ci, di: in group 2; all (k,), corrected as wished.

A table in which an effect is not defined (a ratio with an empty cell) gives NaN in its row.
"""

from __future__ import annotations

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.effects.records import Effects

__all__ = ["log_odds_ratio", "log_risk_ratio", "risk_difference"]


def log_odds_ratio(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effects:
    """Log odds ratio. Source: Woolf (1955). metafor: ``escalc("OR", …)``."""
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = np.log(ai * di / (bi * ci))
        vi = 1.0 / ai + 1.0 / bi + 1.0 / ci + 1.0 / di
    return _defined(yi, vi)


def log_risk_ratio(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effects:
    """Log risk ratio. Source: Katz, Baptista, Azen & Pike (1978). metafor: ``escalc("RR", …)``."""
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = np.log((ai / (ai + bi)) / (ci / (ci + di)))
        vi = 1.0 / ai - 1.0 / (ai + bi) + 1.0 / ci - 1.0 / (ci + di)
    return _defined(yi, vi)


def risk_difference(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effects:
    """Risk difference. Source: Cohen (1995), Deeks & Higgins (2010). metafor: ``escalc("RD", …)``."""
    n1, n2 = ai + bi, ci + di
    return Effects(ai / n1 - ci / n2, ai * bi / n1**3 + ci * di / n2**3)


def _defined(yi: FloatArray, vi: FloatArray) -> Effects:
    """NaN in place of the infinities of empty cells, in both or neither."""
    lost = ~(np.isfinite(yi) & np.isfinite(vi))
    return Effects(np.where(lost, np.nan, yi), np.where(lost, np.nan, vi))
