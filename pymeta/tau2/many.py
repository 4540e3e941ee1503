"""tau² of many data sets at once, by the estimators that need no more than sums of products: those of `METHODS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log1p

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.numerics.panels import evenly
from pymeta.numerics.stacks import Stack

__all__ = ["METHODS", "forms_of", "weights_at"]

_SPACING = 0.2  # of the grid, as in pymeta.tau2.search


@dataclass(slots=True)
class Forms:
    """What estimators are written in, at weights w: q = y'Py, and where asked for qq = y'PPy and trace = tr P, (n,)."""

    q: FloatArray
    qq: FloatArray
    trace: FloatArray


def forms_of(stack: Stack, w: FloatArray, middle: FloatArray | None = None) -> Forms:
    """middle : what stands for V in tr PV instead of 1, times w; the squares of the weights if None."""
    A, c, d = stack.sums(w)
    inverse = np.linalg.inv(A)
    beta = np.einsum("nij,nj->ni", inverse, c)
    squares = w * w if middle is None else middle
    A2, c2, d2 = stack.sums(squares)
    qq = d2 - 2.0 * np.einsum("ni,ni->n", beta, c2) + np.einsum("ni,nij,nj->n", beta, A2, beta)
    trace = stack.total(w if middle is None else middle / w) - np.einsum("nij,nij->n", inverse, A2)
    return Forms(d - np.einsum("ni,ni->n", beta, c), qq, trace)


def weights_at(stack: Stack, tau2: FloatArray) -> FloatArray:
    """Weights at one tau2 for all, or at tau2 (n,)."""
    return 1.0 / (stack.vi + (tau2[:, None] if np.ndim(tau2) else tau2))


def _reml(stack: Stack, w: FloatArray) -> FloatArray:
    forms = forms_of(stack, w)
    return forms.qq - forms.trace


def _ml(stack: Stack, w: FloatArray) -> FloatArray:
    return forms_of(stack, w).qq - stack.total(w)


def _explained(A: FloatArray, c: FloatArray) -> FloatArray:
    """c'A⁻¹c of each, (n,)."""
    return np.asarray(np.einsum("ni,ni->n", c, np.linalg.solve(A, c[:, :, None])[:, :, 0]))


def _paule_mandel(stack: Stack, w: FloatArray) -> FloatArray:
    A, c, d = stack.sums(w)
    found: FloatArray = d - _explained(A, c) - (stack.k - stack.p)
    return found


def _likelihood(stack: Stack, tau2: FloatArray, restricted: bool) -> FloatArray:
    w = weights_at(stack, tau2)
    A, c, d = stack.sums(w)
    q = d - _explained(A, c)
    return 0.5 * (stack.total(np.log(w)) - q - (np.linalg.slogdet(A)[1] if restricted else 0.0))


_Score = Callable[[Stack, FloatArray], FloatArray]


def _solved(stack: Stack, score: _Score, likelihood: Callable[[Stack, FloatArray], FloatArray] | None) -> FloatArray:
    """Where the score falls through 0; the likeliest of several places. Beyond the grid's end it is negative."""
    low, spread = float(stack.vi.min()), float(stack.vi.max() - stack.vi.min())
    s2 = forms_of(stack, np.ones(len(stack.vi))).q / np.maximum(stack.k - stack.p, 1)
    top = float(np.max(0.5 * (s2 + np.sqrt(s2 * s2 + 4.0 * s2 * spread)), initial=low))
    grid = low * np.expm1(evenly(log1p(max(top - low, low) / low), _SPACING))
    values = np.array([score(stack, weights_at(stack, t)) for t in grid])
    falls = (values[:-1] > 0.0) & (values[1:] <= 0.0)
    which, cell = np.nonzero(falls.T)
    roots = _roots(stack.take(which), score, grid[cell], grid[cell + 1], values[cell, which], values[cell + 1, which])
    found = np.zeros(stack.n)
    if likelihood is None:
        found[which] = roots
        return found
    best = np.where(values[0] <= 0.0, likelihood(stack, np.zeros(stack.n)), -np.inf)
    for place in range(int(falls.sum(axis=0).max(initial=0))):  # almost always one
        nth = np.flatnonzero(np.arange(len(which)) - np.searchsorted(which, which) == place)
        here, at = which[nth], roots[nth]
        height = likelihood(stack.take(here), at)
        better = height > best[here]
        found[here[better]], best[here[better]] = at[better], height[better]
    return found


def _roots(stack: Stack, score: _Score, a: FloatArray, b: FloatArray, fa: FloatArray, fb: FloatArray) -> FloatArray:
    """Roots of falling functions between a and b, each by Chandrupatla's method: see `falling_root`."""
    a, b, fa, fb = (x.copy() for x in (a, b, fa, fb))
    c, fc = a.copy(), fa.copy()
    best, share = np.where(np.abs(fa) < np.abs(fb), a, b), np.full(len(a), 0.5)
    left = np.arange(len(a))
    for _ in range(100):
        if not left.size:
            break
        x = a + share * (b - a)
        fx = score(stack, weights_at(stack, x))
        same = (fx > 0.0) == (fa > 0.0)
        c, fc, b, fb = np.where(same, a, b), np.where(same, fa, fb), np.where(same, b, a), np.where(same, fb, fa)
        a, fa = x, fx
        near = np.abs(fa) < np.abs(fb)
        best[left] = np.where(near, a, b)
        least = 4.0 * np.finfo(float).eps * np.maximum(np.abs(best[left]), stack.vi.min() * 1e-3)
        width = np.abs(b - a)
        open_ = (width > least) & (np.where(near, fa, fb) != 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
            inverse = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        share = np.where((phi * phi < xi) & ((1.0 - phi) ** 2 < 1.0 - xi), inverse, 0.5)
        nearest = 0.5 * least / np.maximum(width, least)
        share = np.clip(np.nan_to_num(share, nan=0.5), nearest, 1.0 - nearest)
        if not open_.all():
            left, stack = left[open_], stack.take(np.flatnonzero(open_))
            a, b, c, fa, fb, fc, share = (z[open_] for z in (a, b, c, fa, fb, fc, share))
    return best


def _moment(stack: Stack) -> FloatArray:
    forms = forms_of(stack, 1.0 / stack.vi)
    return np.asarray((forms.q - (stack.k - stack.p)) / forms.trace)


def _hedges(stack: Stack) -> FloatArray:
    ones = np.ones(len(stack.vi))
    forms = forms_of(stack, ones, middle=stack.vi)
    return np.asarray((forms.q - forms.trace) / (stack.k - stack.p))


def _hunter_schmidt(stack: Stack) -> FloatArray:
    w = 1.0 / stack.vi
    return (forms_of(stack, w).q - stack.k) / stack.total(w)


METHODS: dict[str, Callable[[Stack], FloatArray]] = {
    **dict.fromkeys(("EE", "FE", "CE"), lambda stack: np.zeros(stack.n)),
    "DL": _moment,
    "HE": _hedges,
    "HS": _hunter_schmidt,
    "REML": lambda stack: _solved(stack, _reml, lambda some, t: _likelihood(some, t, True)),
    "ML": lambda stack: _solved(stack, _ml, lambda some, t: _likelihood(some, t, False)),
    "EB": lambda stack: _solved(stack, _paule_mandel, None),
    "PM": lambda stack: _solved(stack, _paule_mandel, None),
}
"""Estimators of tau² that are there for many data sets at once."""
