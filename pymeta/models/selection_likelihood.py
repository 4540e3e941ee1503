"""The likelihood of a meta-analysis whose studies were selected, with both derivatives.

ℓ = Σ log φ(y; x'β, v + τ²) + log w(y) − log A, the last two for the studies that selection applies to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pymeta.arrays import BoolArray, FloatArray, IntArray
from pymeta.models.selection_integrals import Moments, Smooth, interval_moments

__all__ = ["Evaluation", "SelectionModel", "Steps", "evaluate"]


@dataclass(frozen=True, slots=True)
class Steps:
    """A step function of n studies: edges (m + 1, n), which delta rules between them, and the group (n,) of each study."""

    edges: FloatArray
    owners: tuple[int, ...]
    group: IntArray


@dataclass(frozen=True, slots=True)
class SelectionModel:
    """Effects, variances (k,), design X (k, p), and how studies were selected: large effects are the significant ones.

    affected : (k,) which studies selection applies to; prec : (k,) their imprecision
    """

    yi: FloatArray
    vi: FloatArray
    X: FloatArray
    weights: Smooth | Steps
    affected: BoolArray
    prec: FloatArray
    deltas: int


class Evaluation(NamedTuple):
    """A function's value, gradient and Hessian by (beta, tau2, delta), (n,) and (n, n)."""

    value: float
    gradient: FloatArray
    hessian: FloatArray


def evaluate(model: SelectionModel, theta: FloatArray) -> Evaluation:
    """The log-likelihood, constants included, at theta = (beta, tau2, delta)."""
    X, p, d = model.X, model.X.shape[1], model.deltas
    mu, s2, delta = X @ theta[:p], model.vi + theta[p], theta[p + 1 :]
    value, G, H = _normal(model.yi - mu, s2, d)
    chosen = model.affected
    with np.errstate(all="ignore"):
        seen, g, h = _seen(model, delta)
        A = _moments(model, mu[chosen], s2[chosen], delta)
        value += float(seen.sum() - (np.log(A.mu[0]) + A.shift).sum())
        a, b = _log_derivatives(A)
    a[2:] -= g
    b[2:, 2:] -= h
    G[:, chosen] -= a
    H[:, :, chosen] -= b
    gradient, hessian = np.empty(p + 1 + d), np.empty((p + 1 + d, p + 1 + d))
    gradient[:p], gradient[p:] = G[0] @ X, G[1:].sum(axis=1)
    hessian[:p, :p] = X.T @ (H[0, 0][:, None] * X)
    hessian[p:, :p] = H[0, 1:] @ X
    hessian[:p, p:] = hessian[p:, :p].T
    hessian[p:, p:] = H[1:, 1:].sum(axis=2)
    return Evaluation(value, gradient, hessian)


def _normal(r: FloatArray, s2: FloatArray, d: int) -> tuple[float, FloatArray, FloatArray]:
    """Σ log φ, and its derivatives by μ and s² of each study, with room for those by delta."""
    k = len(r)
    G, H = np.zeros((2 + d, k)), np.zeros((2 + d, 2 + d, k))
    G[0], G[1] = r / s2, 0.5 * (r**2 / s2 - 1.0) / s2
    H[0, 0] = -1.0 / s2
    H[0, 1] = H[1, 0] = -r / s2**2
    H[1, 1] = (0.5 - r**2 / s2) / s2**2
    return -0.5 * float(np.log(2.0 * np.pi * s2).sum() + (r**2 / s2).sum()), G, H


def _seen(model: SelectionModel, delta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """log w at the estimates, and its derivatives by delta."""
    if isinstance(model.weights, Steps):
        group = model.weights.group
        n, d = len(group), len(delta)
        g, h = np.zeros((d, n)), np.zeros((d, d, n))
        g[group, np.arange(n)] = 1.0 / delta[group]
        h[group, group, np.arange(n)] = -1.0 / delta[group] ** 2
        return np.log(delta[group]), g, h
    chosen = model.affected
    return model.weights.weights(model.yi[chosen] / np.sqrt(model.vi[chosen]), delta, model.prec[chosen])


def _moments(model: SelectionModel, mu: FloatArray, s2: FloatArray, delta: FloatArray) -> Moments:
    if isinstance(model.weights, Steps):
        return interval_moments(model.weights.edges, model.weights.owners, mu, s2, delta)
    chosen = model.affected
    return model.weights.moments(mu, s2, np.sqrt(model.vi[chosen]), delta, model.prec[chosen])


def _log_derivatives(A: Moments) -> tuple[FloatArray, FloatArray]:
    """Of log A by (μ, s², delta): (n, k) and (n, n, k)."""
    d, k = len(A.delta), A.mu.shape[1]
    m1, m2, m3, m4 = A.mu[1:] / A.mu[0]
    by_delta, by_delta2 = A.delta / A.mu[0], A.delta2 / A.mu[0]
    first = np.concatenate([[m1, 0.5 * m2], by_delta[:, 0]])
    second = np.zeros((2 + d, 2 + d, k))
    second[0, 0], second[1, 1] = m2, 0.25 * m4
    second[0, 1] = second[1, 0] = 0.5 * m3
    second[0, 2:] = second[2:, 0] = by_delta[:, 1]
    second[1, 2:] = second[2:, 1] = 0.5 * by_delta[:, 2]
    second[2:, 2:] = by_delta2
    return first, second - first[:, None] * first[None]
