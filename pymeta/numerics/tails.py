"""Tail probabilities and quantiles, exact to the last digits in both tails."""

from __future__ import annotations

from functools import lru_cache
from math import sqrt

import numpy as np
from scipy import special

from pymeta.arrays import FloatArray

__all__ = ["chi2_upper", "f_upper", "normal_quantile", "normal_two_sided", "t_of_p", "t_quantile", "t_two_sided"]

_ROOT_2 = sqrt(2.0)


def normal_two_sided(z: FloatArray) -> FloatArray:
    """P(|Z| ≥ |z|) of a standard normal Z. metafor: ``2*pnorm(abs(z), lower.tail=FALSE)``."""
    return np.asarray(special.erfc(np.abs(z) / _ROOT_2), dtype=np.float64)


def chi2_upper(q: float, df: float) -> float:
    """P(X ≥ q) of a chi-squared X; 1 where there are no degrees of freedom. metafor: ``pchisq(q, df, lower.tail=FALSE)``."""
    return float(special.gammaincc(df / 2.0, q / 2.0)) if df > 0 else 1.0


@lru_cache(maxsize=1024)
def normal_quantile(upper: float) -> float:
    """The z with P(Z > z) = `upper`. metafor: ``qnorm(upper, lower.tail=FALSE)``."""
    return float(-special.ndtri(upper))


def t_two_sided(t: FloatArray, df: float | FloatArray) -> FloatArray:
    """P(|T| ≥ |t|) of a t distribution. metafor: ``2*pt(abs(t), df, lower.tail=FALSE)``."""
    with np.errstate(over="ignore", invalid="ignore"):
        square = np.square(np.asarray(t, dtype=np.float64))
        share = np.where(np.isinf(square), 1.0, square / (df + square))
        near, far = 1.0 - special.betainc(0.5, df / 2.0, share), special.betaincc(0.5, df / 2.0, share)
    return np.asarray(np.where(square < 1.0, near, np.where(share < 0.5, far, _t_far(square, df))))


def _t_far(square: FloatArray, df: float | FloatArray) -> FloatArray:
    """The same by df/(df + t²), which keeps its digits where t is large."""
    with np.errstate(over="ignore"):
        return np.asarray(special.betainc(df / 2.0, 0.5, df / (df + square)))


def t_quantile(upper: float, df: float) -> float:
    """The t with P(T > t) = `upper`, at most 0.5. metafor: ``qt(upper, df, lower.tail=FALSE)``."""
    return _t_quantile(float(upper), float(df))


@lru_cache(maxsize=1024)
def _t_quantile(upper: float, df: float) -> float:
    t = float(-special.stdtrit(df, upper))
    for _ in range(2):  # Newton's steps mend the last digits
        density = np.exp(-(df + 1.0) / 2.0 * np.log1p(t * t / df) - special.betaln(df / 2.0, 0.5)) / np.sqrt(df)
        t += float((float(t_two_sided(np.array(t), df)) / 2.0 - upper) / density)
    return t


def f_upper(f: float, df1: float, df2: float) -> float:
    """P(F ≥ f). metafor: ``pf(f, df1, df2, lower.tail=FALSE)``."""
    return float(special.betainc(df2 / 2.0, df1 / 2.0, df2 / (df2 + df1 * f)))


def t_of_p(p: FloatArray, df: FloatArray) -> FloatArray:
    """The t of a two-sided p-value |p|, with the sign of p, (k,); NaN for p = 0, which tells nothing of t, and for df ≤ 0.

    t²/(t² + df) has a beta distribution; its quantile and that of what it lacks to 1 give t without a difference. Where the
    latter, u, is 1e-200 or less, the first term of its distribution function, 2uˢ/{df B(s, ½)} with s = df/2, is all of it.
    metafor: ``sign(p) * qt(abs(p)/2, df, lower.tail=FALSE)``
    """
    known = (p != 0.0) & (df > 0.0)
    size, half = np.where(known, np.abs(p), np.nan), np.where(known, df, np.nan) / 2.0
    with np.errstate(divide="ignore", over="ignore"):
        lacking = special.betaincinv(half, 0.5, size)
        t = np.sqrt(2.0 * half * (special.betainccinv(0.5, half, size) / lacking))
        far = np.sqrt(2.0 * half) * (size * half * special.beta(half, 0.5)) ** (-0.5 / half)
    return np.asarray(np.copysign(np.where(lacking < 1e-200, far, t), p))
