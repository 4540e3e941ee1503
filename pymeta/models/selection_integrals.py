"""How likely a study is to be seen at all: the integral of its selection function over what it might have found.

With w(y) the selection function and A(μ, s²) = ∫ φ(y; μ, s²) w(y) dy, the m-th derivative of A by μ is the same integral
with He_m(z)/s^m, z = (y − μ)/s, beside w; and ∂A/∂s² = ½ ∂²A/∂μ². So four derivatives by μ make all by μ and s².
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from pymeta.arrays import BoolArray, FloatArray, IntArray
from pymeta.models.selection_weights import LogWeights, Selection

__all__ = ["Moments", "Smooth", "interval_moments", "log_probabilities"]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_ROOT_2_PI = np.sqrt(2.0 * np.pi)
_IN_SD = np.array([0.0, 1.5, 3, 4.5, 6, 7.5, 9, 12, 18, 26, 38])
"""Ends of panels about the mean, in standard deviations; a density is no number beyond."""
_IN_SE = np.array([*np.arange(0.5, 5.1, 0.5), 6, 7.5, 9, 12, 16, 22, 30, 45, 64])
"""Ends of panels about 0, in standard errors: p-values turn from 1 to 0 there."""
_NEAR_ZERO = 0.5 ** np.arange(2.0, 19.0)
"""More of them where 1 − p of a two-sided test, or a power of it, starts as |y| does."""


class Moments(NamedTuple):
    """A and its derivatives for n studies, all divided by exp(shift).

    mu : (5, n) by μ, the first being A itself; delta : (d, 3, n), by delta as well; delta2 : (d, d, n) by delta twice
    """

    mu: FloatArray
    delta: FloatArray
    delta2: FloatArray
    shift: FloatArray


def interval_moments(
    edges: FloatArray, owners: tuple[int, ...], mu: FloatArray, s2: FloatArray, delta: FloatArray
) -> Moments:
    """Of a step function: w is delta[owners[j]] between edges j and j + 1; edges (m + 1, n) rise from −∞ to ∞."""
    s = np.sqrt(s2)
    z = (edges - mu) / s
    inner = z[1:-1]
    phi = np.exp(-0.5 * inner**2) / (_ROOT_2_PI * s)
    parts = np.zeros((len(owners), 5, len(mu)))
    right = z[:-1] > 0.0
    near, far = np.where(right, -z[:-1], z[1:]), np.where(right, -z[1:], z[:-1])
    parts[:, 0] = special.ndtr(near) - special.ndtr(far)
    square, by = inner**2, phi / s
    slopes = np.stack([-phi, -inner * by, (1.0 - square) * (by / s), (3.0 - square) * inner * (by / s**2)], axis=1)
    parts[:-1, 1:] += slopes
    parts[1:, 1:] -= slopes
    owned = np.equal.outer(np.arange(len(delta)), owners).astype(float)
    each = np.tensordot(owned, parts, 1)
    total = np.tensordot(delta, each, 1)
    return Moments(total, each[:, :3], np.zeros((len(delta), len(delta), len(mu))), np.zeros(len(mu)))


def log_probabilities(x: FloatArray, two_sided: bool, both: bool) -> tuple[FloatArray, FloatArray]:
    """log p and, where `both` are wanted, log(1 − p) of estimates x in standard errors, (n,); large ones are significant."""
    if not two_sided:
        lp = special.log_ndtr(-x)
        return lp, special.log_ndtr(x) if both else lp
    size = np.abs(x)
    lp = np.minimum(np.log(2.0) + special.log_ndtr(-size), 0.0)
    with np.errstate(divide="ignore"):
        return lp, np.log(special.erf(size / np.sqrt(2.0))) if both else lp


class Smooth:
    """A smooth selection function, kept away from p-values of 0 and 1, and constant where there are thresholds.

    steps : a threshold below which w is 1, relative to w there; two for "beta", beyond which w is what it is at them
    censored : p-values are kept at least this far from 0 and 1
    """

    def __init__(self, selection: Selection, two_sided: bool, steps: tuple[float, ...], censored: float) -> None:
        self._selection, self.two_sided = selection, two_sided
        low, high = steps if len(steps) == 2 else (0.0, 1.0)
        self._low, self._high = max(low, censored), min(high, 1.0 - censored)
        self._threshold = steps[0] if len(steps) == 1 else 0.0
        self._both = selection.censored > 0.0
        self._breaks = self._break_points()

    def _break_points(self) -> FloatArray:
        """Where w bends, and where its scale changes, in standard errors."""
        bends = [p for p in (self._low, self._high, self._threshold) if 0.0 < p < 1.0]
        sides = np.array([-special.ndtri(p / 2.0 if self.two_sided else p) for p in bends])
        if not self.two_sided:
            return np.concatenate([-_IN_SE, [0.0], _IN_SE, sides])
        close = _NEAR_ZERO if self._both else np.zeros(0)
        positive = np.concatenate([_IN_SE, sides, close])
        return np.concatenate([-positive, [0.0], positive])

    def weights(self, x: FloatArray, delta: FloatArray, prec: FloatArray) -> LogWeights:
        """log w of estimates x in standard errors, (n,)."""
        lp, lq = log_probabilities(x, self.two_sided, self._both)
        if self._both:
            with np.errstate(divide="ignore"):
                lp = np.clip(lp, np.log(self._low), np.log(self._high))
                lq = np.clip(lq, np.log1p(-self._high), np.log1p(-self._low))
        found = self._weigh(delta, lp, lq, prec)
        if self._threshold == 0.0:
            return found
        a = np.array([self._threshold])
        there = self._weigh(delta, np.log(a), np.log1p(-a), prec)
        above = lp > np.log(self._threshold)
        return LogWeights(*(np.where(above, here - base, 0.0) for here, base in zip(found, there, strict=True)))

    def _weigh(self, delta: FloatArray, lp: FloatArray, lq: FloatArray, prec: FloatArray) -> LogWeights:
        assert self._selection.weigh is not None
        return self._selection.weigh(delta, lp, lq, prec)

    def moments(self, mu: FloatArray, s2: FloatArray, se: FloatArray, delta: FloatArray, prec: FloatArray) -> Moments:
        """By Gauss-Legendre of 16 nodes on panels that follow the density and the p-values; about 14 digits."""
        s = np.sqrt(s2)
        y, dy, row, first = _nodes(mu, s, se, self._breaks)
        z = (y - mu[row]) / s[row]
        found = self.weights(y / se[row], delta, prec[row])
        size = found.value - 0.5 * z**2
        shift = np.maximum.reduceat(size, first)
        f = dy * np.exp(size - shift[row]) / (s[row] * _ROOT_2_PI)
        by_mu = np.stack([f, f * z, f * (z**2 - 1.0), f * (z**3 - 3.0 * z), f * (z**4 - 6.0 * z**2 + 3.0)])
        g, d = found.gradient, len(delta)
        scale = s ** -np.arange(5.0)[:, None]
        A = np.add.reduceat(by_mu, first, axis=1) * scale
        D = np.add.reduceat(g[:, None] * by_mu[None, :3], first, axis=2) * scale[:3]
        E = np.empty((d, d, len(mu)))
        for i in range(d):
            for j in range(i, d):
                E[i, j] = E[j, i] = np.add.reduceat(f * (g[i] * g[j] + found.hessian[i, j]), first)
        return Moments(A, D, E, shift)


def _nodes(
    mu: FloatArray, s: FloatArray, se: FloatArray, breaks: FloatArray
) -> tuple[FloatArray, FloatArray, IntArray, IntArray]:
    """Nodes and weights of all studies one after another, whose they are, and where each study's begin."""
    reach = np.concatenate([-_IN_SD[:0:-1], _IN_SD])
    ends = np.concatenate([mu[:, None] + s[:, None] * reach, se[:, None] * breaks], axis=1)
    far = _IN_SD[-1] * s[:, None]
    edges = np.sort(np.clip(ends, mu[:, None] - far, mu[:, None] + far), axis=1)
    half = 0.5 * np.diff(edges)
    wide: BoolArray = half > 0.0
    middle = 0.5 * (edges[:, 1:] + edges[:, :-1])
    half, row = half[wide], np.repeat(np.nonzero(wide)[0], len(_NODES))
    y = middle[wide][:, None] + half[:, None] * _NODES
    panels = wide.sum(axis=1)
    first = (np.cumsum(panels) - panels) * len(_NODES)
    return y.ravel(), np.ravel(half[:, None] * _WEIGHTS), row, first
