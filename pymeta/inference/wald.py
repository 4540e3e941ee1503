"""Tests and intervals of coefficients."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.numerics.tails import normal_quantile, normal_two_sided

__all__ = ["Wald", "wald_z"]


class Wald(NamedTuple):
    """Standard errors, z values, two-sided p-values and interval bounds, each (p,)."""

    se: FloatArray
    zval: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray


def wald_z(beta: FloatArray, vb: FloatArray, level: float) -> Wald:
    """Tests and intervals from a standard normal distribution.

    beta : (p,) coefficients; vb : (p, p) their covariance matrix; level : of the interval, in percent
    metafor: ``test="z"``
    """
    se = np.sqrt(np.diag(vb))
    zval = beta / se
    reach = normal_quantile((100.0 - level) / 200.0) * se
    return Wald(se, zval, normal_two_sided(zval), beta - reach, beta + reach)
