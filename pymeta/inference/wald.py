"""Tests and intervals of coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import NamedTuple

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.numerics.tails import chi2_upper, f_upper, normal_quantile, normal_two_sided, t_quantile, t_two_sided

__all__ = ["Omnibus", "Wald", "omnibus", "quantile", "two_sided", "wald", "wald_z"]


class Wald(NamedTuple):
    """Standard errors, z or t values, two-sided p-values and interval bounds, each (p,)."""

    se: FloatArray
    zval: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray


class Omnibus(NamedTuple):
    """A test of several coefficients at once: a chi-squared or F statistic and its p-value."""

    QM: float
    QMp: float


def quantile(level: float, ddf: float | None) -> float:
    """How many standard errors an interval reaches; `ddf` None is the normal distribution."""
    upper = (100.0 - level) / 200.0
    return normal_quantile(upper) if ddf is None else t_quantile(upper, ddf)


def two_sided(statistic: FloatArray, ddf: float | None) -> FloatArray:
    """Two-sided p-values of z or t statistics."""
    return normal_two_sided(statistic) if ddf is None else t_two_sided(statistic, ddf)


def wald(beta: FloatArray, vb: FloatArray, level: float, ddf: float | None) -> Wald:
    """Tests and intervals from a t distribution with `ddf` degrees of freedom, or from a normal one where that is None.

    beta : (p,) coefficients; vb : (p, p) their covariance matrix; level : of the interval, in percent
    A standard error of 0 gives an infinite test value (of an effect of 0, none). metafor: ``test="z"``, ``test="t"``
    """
    se = np.sqrt(vb.diagonal())
    with np.errstate(divide="ignore", invalid="ignore") if np.count_nonzero(se) < len(se) else nullcontext():
        zval = beta / se
    reach = quantile(level, ddf) * se
    return Wald(se, zval, two_sided(zval, ddf), beta - reach, beta + reach)


def wald_z(beta: FloatArray, vb: FloatArray, level: float) -> Wald:
    """Tests and intervals from a standard normal distribution. metafor: ``test="z"``."""
    return wald(beta, vb, level, None)


def omnibus(beta: FloatArray, vb: FloatArray, which: Sequence[int], ddf: float | None) -> Omnibus:
    """The Wald-type test that the coefficients `which` are all 0: chi-squared, or F over their number with `ddf`.

    Source: Raudenbush (2009), in The Handbook of Research Synthesis, ch. 16. metafor: ``btt=``
    """
    chosen, m = list(which), len(which)
    if m == 1:
        b, v = float(beta[chosen[0]]), float(vb[chosen[0], chosen[0]])
        QM = b * b / v if v else np.nan
    else:
        QM = float(beta[chosen] @ np.linalg.solve(vb[np.ix_(chosen, chosen)], beta[chosen]))
    return Omnibus(QM, chi2_upper(QM, m)) if ddf is None else Omnibus(QM / m, f_upper(QM / m, m, ddf))
