r"""Tetrachoric correlations: of the two normal variables that a 2x2 table shows dichotomized; tables (k,) at a time.

The table's three free proportions fix thresholds h, k and correlation ρ = sin θ, so that the maximum of the likelihood
solves Φ₂(h, k; ρ) = a/n. By Plackett's identity, with g(θ) = exp(−(h² − 2hk sin θ + k²) / (2cos²θ)) / 2π,

    (ad − bc) / n² = ∫₀^θ g        and, for ad > bc,        min(b, c) / n = ∫_θ^{π/2} g.

Whichever of the two is smaller is solved: an integral of what is positive against an exact number, so that no digits are
lost in rare cells, near ρ = 0 or near ρ = 1. With t = tan(angle/2) the integrand's exponent is rational, and the integral is
taken by the Gauss-Legendre rule, with nodes gathered about ρ = 1, where g is steep or all but a step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from pymeta.arrays import BoolArray, FloatArray
from pymeta.effects.records import Effects

__all__ = ["tetrachoric_correlation", "z_tetrachoric_correlation"]

BLOCK = 1024  # tables at a time: what a processor's cache holds
ITERATIONS = 60
TINY = 1e-300


def tetrachoric_correlation(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effects:
    """Maximum-likelihood tetrachoric correlation and its asymptotic variance under multinomial sampling.

    One empty cell gives ±1 without a variance, two on a diagonal ±1 with variance 0; an empty row or column gives NaN.
    Source: Pearson (1900); Kirk (1973); Drezner & Wesolowsky (1990), eq. 3, for the integral; the variance by the delta
    method from ∂Φ₂/∂h = φ(h)Φ((k − ρh)/√(1 − ρ²)), as in Brown (1977).
    metafor: ``escalc("RTET", …)``.
    Differs from metafor, which finds the maximum to some 5 digits, loses it near ±1 (a correlation of 1.2 from 1000, 2, 3,
    10⁵; the digits of the variance before those), and gives the noise of 0/0 as the variance of a table with one empty cell.
    """
    found = _solved(ai, bi, ci, di)
    return Effects(found.sign * found.rho, found.variance)


def z_tetrachoric_correlation(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effects:
    """Fisher's r-to-z of the tetrachoric correlation, variance by the delta method; NaN where the correlation is ±1.

    Source: as `tetrachoric_correlation`. metafor: ``escalc("ZTET", …)``.
    """
    found = _solved(ai, bi, ci, di)
    with np.errstate(divide="ignore", invalid="ignore"):
        vi = found.variance / found.cos**4
    lost = ~np.isfinite(found.z) | ~np.isfinite(vi)
    return Effects(np.where(lost, np.nan, found.sign * found.z), np.where(lost, np.nan, vi))


@dataclass(frozen=True, slots=True)
class _Solution:
    """ρ ≥ 0 and its sign, √(1 − ρ²), artanh ρ and the variance of ρ, each (k,)."""

    rho: FloatArray
    sign: FloatArray
    cos: FloatArray
    z: FloatArray
    variance: FloatArray


@dataclass(frozen=True, slots=True)
class _Tables:
    """Cells' proportions with ad ≥ bc, thresholds h and k, and h − k, each (k,)."""

    a: FloatArray
    b: FloatArray
    c: FloatArray
    d: FloatArray
    h: FloatArray
    k: FloatArray
    gap: FloatArray


def _solved(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> _Solution:
    """Every table's correlation: by columns that change places where it is negative."""
    n = ai + bi + ci + di
    with np.errstate(all="ignore"):
        excess = (ai * di - bi * ci) / n / n
        flip = excess < 0
        a, b, c, d = (np.where(flip, y, x) / n for x, y in ((ai, bi), (bi, ai), (ci, di), (di, ci)))
        excess, corner = np.abs(excess), np.minimum(b, c)
        whole = np.minimum(np.minimum(a + b, c + d), np.minimum(a + c, b + d)) > 0
        tables = _Tables(a, b, c, d, h := _threshold(a + b, c + d), k := _threshold(a + c, b + d), _gap(h, k, b - c))
        near_one = corner < excess
        x = _root(tables, np.where(whole, np.minimum(corner, excess), np.nan), near_one)
        t = np.where(near_one, x, (1.0 - x) / (1.0 + x))
        cos = 2.0 * t / (1.0 + t * t)
        rho = np.where(near_one, (1.0 - t) * (1.0 + t) / (1.0 + t * t), 2.0 * x / (1.0 + x * x))
        z = np.where(near_one, -np.log(x), 2.0 * np.arctanh(x))
        variance = np.where((b == 0) & (c == 0), 0.0 * x, _variance(tables, t, cos) / n)
    return _Solution(rho, np.where(flip, -1.0, 1.0), cos, z, variance)


def _threshold(below: FloatArray, above: FloatArray) -> FloatArray:
    """The normal quantile of `below` = 1 − `above`, exact in both tails."""
    quantile = np.where(below < above, special.ndtri(below), -special.ndtri(above))
    return np.where(below == above, 0.0, quantile)


def _gap(h: FloatArray, k: FloatArray, between: FloatArray) -> FloatArray:
    """h − k, to all digits also where the thresholds are so close that their difference has few of them.

    between : Φ(h) − Φ(k) = φ(m) (g + He₂(m) g³/24 + He₄(m) g⁵/1920 + He₆(m) g⁷/322560 …) about the midpoint m
    """
    gap, square = h - k, (h + k) ** 2 / 4.0
    he2, he4 = square - 1.0, (square - 6.0) * square + 3.0
    he6 = ((square - 15.0) * square + 45.0) * square - 15.0
    g2 = gap * gap
    series = 1.0 + g2 * (he2 / 24.0 + g2 * (he4 / 1920.0 + g2 * he6 / 322560.0))
    close = np.abs(gap) * np.maximum(np.sqrt(square), 1.0) < 0.1
    return np.where(close, between * np.sqrt(2.0 * np.pi) * np.exp(square / 2.0) / series, gap)


@dataclass(frozen=True, slots=True)
class _Rule:
    """Gauss-Legendre nodes and weights on (0, 1), and the power of the nodes at which the integrand is taken.

    A power gathers the nodes about 0: near ρ = 1, where the integrand has exp(−A/s²) from its smooth rest, a few nodes in
    each octave of s see the step at s = √A wherever it lies.
    """

    nodes: FloatArray
    weights: FloatArray
    power: int


def _rule(count: int, power: int) -> _Rule:
    nodes, weights = special.roots_legendre(count)
    return _Rule((nodes + 1.0) / 2.0, weights / 2.0, power)


NEAR_ONE = _rule(24, 8), _rule(64, 8)  # errors of 1e-7, for all but the last steps, and 1e-13
NEAR_ZERO = _rule(12, 1), _rule(32, 1)


def _integrand(gap2: FloatArray, hk: FloatArray, x: FloatArray, near_one: bool) -> FloatArray:
    """g times d angle/dx at the angle 2·arctan x from ρ = 1, or from ρ = 0."""
    t = x if near_one else (1.0 - x) / (1.0 + x)
    q = 1.0 + t * t
    exponent = gap2 * (q / t) ** 2 / -8.0 - hk * q / 2.0
    return np.asarray(np.exp(exponent) / (np.pi * (1.0 + x * x)))


def _integral(gap2: FloatArray, hk: FloatArray, x: FloatArray, near_one: bool, rule: _Rule) -> FloatArray:
    """The integral of the integrand from 0 to x, (k,): near ρ = 1 from where it is above e⁻⁴⁰ of what it is at x."""
    first = (1.0 + 320.0 * x * x / gap2) ** (-0.5 / rule.power) if near_one else np.zeros_like(x)
    length = (1.0 - first)[:, None]
    v = first[:, None] + length * rule.nodes
    s = v**rule.power
    heights = _integrand(gap2[:, None], hk[:, None], x[:, None] * s, near_one) * (s / v)
    return np.asarray((heights @ rule.weights) * x * length[:, 0] * rule.power)


def _root(tables: _Tables, target: FloatArray, near_one: BoolArray) -> FloatArray:
    """x = tan(angle/2) in [0, 1] at which the integral is `target`, (k,); 0 where that is 0, NaN where it is NaN."""
    x = np.where(target == 0.0, 0.0, np.nan)
    start = _start(tables, near_one)
    gap2, hk = tables.gap**2, tables.h * tables.k
    for side in (True, False):
        rows = np.flatnonzero((target > 0.0) & (near_one == side))
        for block in np.split(rows, range(BLOCK, rows.size, BLOCK)):
            x[block] = _newton(gap2[block], hk[block], target[block], start[block], side)
    return x


def _start(tables: _Tables, near_one: BoolArray) -> FloatArray:
    """A first guess. Source: Bonett & Price (2005), ρ ≈ cos(π / (1 + ω^c)) with ω the odds ratio."""
    a, b, c, d = tables.a, tables.b, tables.c, tables.d
    rarest = np.minimum(np.minimum(a + b, c + d), np.minimum(a + c, b + d))
    power = (1.0 - np.abs(b - c) / 5.0 - (0.5 - rarest) ** 2) / 2.0
    lift = power * (np.log(a) + np.log(d) - np.log(b) - np.log(c))
    return np.asarray(np.tan(np.where(near_one, np.pi / 2.0 * special.expit(-lift), np.pi / 4.0 * np.tanh(lift / 2.0))))


def _newton(gap2: FloatArray, hk: FloatArray, target: FloatArray, start: FloatArray, near_one: bool) -> FloatArray:
    """The roots of some tables (k,), all of one side: with the coarse rule from `start`, then with the fine one."""
    y = np.log(np.maximum(start, TINY))
    for rule, enough in zip(NEAR_ONE if near_one else NEAR_ZERO, (1e-3, 1e-8), strict=True):
        low, high = np.log(target) + np.log(np.pi), np.zeros_like(target)  # since g ≤ 1/2π
        y, at = np.clip(y, low, high), np.arange(y.size)
        for _ in range(ITERATIONS):
            x = np.exp(y[at])
            integral = _integral(gap2[at], hk[at], x, near_one, rule)
            error = np.log(integral) - np.log(target[at])
            low[at], high[at] = np.where(error <= 0, y[at], low[at]), np.where(error >= 0, y[at], high[at])
            new = y[at] - error * integral / (x * _integrand(gap2[at], hk[at], x, near_one))
            new = np.where((new >= low[at]) & (new <= high[at]), new, (low[at] + high[at]) / 2.0)
            moved, y[at] = np.abs(new - y[at]), new
            at = at[moved > enough]  # Newton's next step is of the order of this one's square
            if not at.size:
                break
    return np.exp(y)


def _variance(tables: _Tables, t: FloatArray, cos: FloatArray) -> FloatArray:
    """n times the variance of ρ: squares only, so that no digits are lost.

    ρ moves by (1 − H − K, −H, −K, 0) / φ₂ with the cells' proportions, where H = Φ((k − ρh)/√(1 − ρ²)) and K likewise.
    """
    a, b, c, d = tables.a, tables.b, tables.c, tables.d
    by_h, by_k = tables.h * t - tables.gap / cos, tables.k * t + tables.gap / cos
    H, K, H1, K1 = (special.ndtr(z) for z in (by_h, by_k, -by_h, -by_k))
    spread = a * b * K1**2 + a * c * H1**2 + a * d * (H1 - K) ** 2 + b * c * (H - K) ** 2 + b * d * H**2 + c * d * K**2
    q = 1.0 + t * t
    exponent = tables.gap**2 * (q / t) ** 2 / 8.0 + tables.h * tables.k * q / 2.0
    variance = spread * (2.0 * np.pi * cos) ** 2 * np.exp(2.0 * exponent)
    return np.asarray(np.where(np.isfinite(variance) & (t > 0), variance, np.nan))
