"""The unbiased correlation of Olkin & Pratt (1958) and the unbiased variance of it, to the last digits.

With c = (n − 2)/2, x = 1 − r² and the hypergeometric functions F₁ = F(½, ½; c; x) and F₂ = F(1, 1; c + 1; x),

    G = r F₁  is unbiased for ρ,    Q = 1 − (n − 3)/(n − 2) x F₂  for ρ²,    G² − Q  for the variance of G.

F₁ and F₂ are 1 + small for large n, and G² − Q is a small difference of both where n is large or r is near ±1. So they are
not computed themselves, but what they have beyond 1 is: each an integral of something positive, to which the trapezoidal
rule on the whole line converges like exp(−π²/step), as its integrand has no singularity within π/2 of the real axis.

    F₁ = E[(1 − xT)^(−½)]  with T = tanh² s and s of density proportional to cosh^(1−2c) s: Euler's integral in s
    F₂ = c ∫ (1 − t)^(c−1) / (1 − xt) dt  over 0 < t < 1, where t = e^s / (1 + e^s)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pymeta.arrays import FloatArray

__all__ = ["Unbiased", "unbiased_correlation", "unbiased_variance"]

_STEP = 0.16  # exp(−π²/0.16) < 1e-26, times the factor that a pole of order 2c brings
_REACH = 42.0  # exp(−42) < 1e-18


class Unbiased(NamedTuple):
    """The unbiased correlation G and 1 − G² without the difference, both (k,)."""

    G: FloatArray
    complement: FloatArray

    @property
    def gap(self) -> FloatArray:
        """1 − G, (k,), without that difference where G is near 1."""
        return np.where(self.G > 0.0, self.complement / (1.0 + np.abs(self.G)), 1.0 - self.G)


def unbiased_correlation(r: FloatArray, n: FloatArray) -> Unbiased:
    """G of correlations r from n people, (k,) each; NaN where n ≤ 4.

    Source: Olkin & Pratt (1958), eq. 2.3.
    """
    known, r_, c = _known(r, n)
    f = _excess(r_, c)[0]
    x = (1.0 - r_) * (1.0 + r_)
    G, complement = np.full((2, r.size), np.nan)
    G[known] = r_ + r_ * f
    complement[known] = x - r_**2 * f * (2.0 + f)
    return Unbiased(G, complement)


def unbiased_variance(r: FloatArray, n: FloatArray) -> FloatArray:
    """The unbiased estimate of the variance of G, (k,); NaN where n ≤ 4.

    With F₁ = 1 + f₁ = 1 + x/(4c) + g and F₂ = 1 + f₂, what cancels in G² − Q drops out, and there remains
    2g + f₁² − x f₁ (2 + f₁) + x f₂ (1 − 1/(2c)), in which each term is of the order of the sum, x²/n.

    Source: Olkin & Pratt (1958); Hedges (1989).
    """
    known, r_, c = _known(r, n)
    f, g = _excess(r_, c)
    x = (1.0 - r_) * (1.0 + r_)
    found = 2.0 * g + f * f - x * f * (2.0 + f) + x * _excess_of_f2(r_, c) * (1.0 - 0.5 / c)
    variance = np.full(r.size, np.nan)
    variance[known] = np.where(r_ == 0.0, 0.5 / (c - 1.0), found)
    return variance


def _known(r: FloatArray, n: FloatArray) -> tuple[npt.NDArray[np.intp], FloatArray, FloatArray]:
    """The rows that have an estimate, with their r and c."""
    rows = np.flatnonzero((n > 4.0) & ~np.isnan(r))
    return rows, r[rows], n[rows] / 2.0 - 1.0


def _excess(r: FloatArray, c: FloatArray) -> tuple[FloatArray, FloatArray]:
    """f = F₁ − 1 and g = f − x/(4c), both (k,); 0 where r is 0: there 0 · F₁ is 0 anyway."""
    scale = np.sqrt(np.maximum(c / 4.0, 1.0))  # cosh^(1−2c) narrows like a normal density
    decay = _REACH / (2.0 * c - 2.0)  # of log cosh s
    reach = decay + np.log1p(np.sqrt(-np.expm1(-2.0 * decay)))
    return _means(r, c, _STEP / scale, np.minimum(reach, _beyond(r)))


def _beyond(r: FloatArray) -> FloatArray:
    """Where r eˢ has grown so that integrands fall by it; 0 where r is 0."""
    return _REACH - np.log(np.where(r == 0.0, np.exp(_REACH), np.abs(r)))


def _means(r: FloatArray, c: FloatArray, step: FloatArray, reach: FloatArray) -> tuple[FloatArray, FloatArray]:
    """E[1/q − 1] and E[1/q − 1 − (1 − q²)/2], with q² = 1 − xT, as sums over s ≥ 0."""
    x = (1.0 - r) * (1.0 + r)
    size = np.maximum(np.abs(r), 1e-300)

    def terms(s: FloatArray) -> FloatArray:
        tanh = np.tanh(s)
        q = np.hypot(1.0 / np.cosh(s), size * tanh)
        short = x * tanh**2 / (1.0 + q)  # 1 − q
        weight = np.exp((0.5 - c) * _log_cosh2(s))
        return np.array([weight, weight * short / q, weight * short**2 * (2.0 + q) / (2.0 * q)])

    at_zero = np.array([1.0, 0.0, 0.0])[:, np.newaxis]
    total, f, g = _sum(terms, np.zeros_like(r), step, reach) - 0.5 * at_zero
    return np.asarray(f / total), np.asarray(g / total)


def _log_cosh2(s: FloatArray) -> FloatArray:
    """2 log cosh s of s ≥ 0."""
    large = 2.0 * (s + np.log1p(np.exp(-2.0 * s)) - np.log(2.0))
    return np.asarray(np.where(s < 1.0, np.log1p(np.sinh(np.minimum(s, 1.0)) ** 2), large))


def _excess_of_f2(r: FloatArray, c: FloatArray) -> FloatArray:
    """F₂ − 1 = c x ∫ t (1 − t)^(c−1) / (1 − xt) dt, (k,)."""
    x, r2 = (1.0 - r) * (1.0 + r), np.maximum(r * r, 1e-300)
    low = -np.log(c) - _REACH / 2.0
    high = np.minimum(_log_expm1(_REACH / (c - 1.0)), 2.0 * _beyond(r))

    def terms(s: FloatArray) -> FloatArray:
        t, u = 1.0 / (1.0 + np.exp(-s)), 1.0 / (1.0 + np.exp(s))  # u = 1 − t
        return np.asarray(np.exp(-c * np.logaddexp(0.0, s)) * t * t / (u + r2 * t))

    return c * x * _sum(terms, low, np.full_like(r, _STEP), high - low) * _STEP


def _log_expm1(a: FloatArray) -> FloatArray:
    """log(eᵃ − 1)."""
    return a + np.log(-np.expm1(-a))


def _sum(terms: Callable[[FloatArray], FloatArray], low: FloatArray, step: FloatArray, reach: FloatArray) -> FloatArray:
    """Σ terms(low + j step) over j from 0, as far as the row that reaches farthest needs."""
    nodes = int(np.ceil(np.max(reach / step, initial=0.0)))
    with np.errstate(over="ignore", under="ignore"):
        total = terms(low)
        for j in range(1, nodes + 1):
            total = total + terms(low + j * step)
    return total
