"""Weighted least squares and the traces that the estimators are written in.

Throughout, W = diag(w), and P = W − W X (X'WX)⁻¹ X'W is the matrix of the residuals. P is (k, k) and is
never built: everything here is O(k p²) in time and O(k p) in memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pymeta.arrays import FloatArray

__all__ = ["Wls", "residual_traces", "wls"]


@dataclass(frozen=True, slots=True)
class Wls:
    """A weighted fit: coefficients (p,), bread = (X'WX)⁻¹ (p, p), residuals (k,) and log det X'WX."""

    beta: FloatArray
    bread: FloatArray
    residuals: FloatArray
    logdet: float


def wls(y: FloatArray, X: FloatArray, w: FloatArray) -> Wls:
    """Least squares of y (k,) on X (k, p) with weights w (k,), by a QR of W^½ X."""
    if X.shape[1] == 1:
        return _wls_of_one_column(y, X[:, 0], w)
    root = np.sqrt(w)
    Q, R = np.linalg.qr(root[:, None] * X)
    inverse = np.linalg.inv(R)
    beta = inverse @ (Q.T @ (root * y))
    # One step of refinement mends beta's last digits: the residuals are small, and so is their rounding.
    beta = beta + inverse @ (Q.T @ (root * (y - X @ beta)))
    logdet = 2.0 * float(np.log(np.abs(np.diag(R))).sum())
    return Wls(beta, inverse @ inverse.T, y - X @ beta, logdet)


def _wls_of_one_column(y: FloatArray, x: FloatArray, w: FloatArray) -> Wls:
    """The same for p = 1, with the heaviest study as the origin.

    That study's residual may be many digits smaller than y, and carries weight: as a difference of two y it keeps its
    digits, as a difference of y and the fit it would not.
    """
    u = w * x**2
    heaviest = int(np.argmax(u))
    origin = y[heaviest] / x[heaviest]
    moved = y - origin * x
    total = float(u.sum())
    slope = float((w * x * moved).sum()) / total
    bread = np.array([[1.0 / total]])
    return Wls(np.array([origin + slope]), bread, moved - slope * x, float(np.log(total)))


def residual_traces(X: FloatArray, w: FloatArray, bread: FloatArray) -> tuple[float, float]:
    """tr P and tr PP for weights w (k,), given bread = (X'WX)⁻¹."""
    if X.shape[1] == 1:
        return _traces_of_one_column(X[:, 0], w)
    A = bread @ (X.T @ (w[:, None] ** 2 * X))
    trace = w.sum() - np.trace(A)
    trace_squared = (w**2).sum() - 2.0 * np.trace(bread @ (X.T @ (w[:, None] ** 3 * X))) + np.trace(A @ A)
    return float(trace), float(trace_squared)


def _traces_of_one_column(x: FloatArray, w: FloatArray) -> tuple[float, float]:
    """The same for p = 1, as sums of positive terms: differences lose all digits when one study has nearly all the weight.

    With u = w x² and U = Σ u: P_ii = w_i (U − u_i) / U and P_ij² = w_i u_i w_j u_j / U².
    """
    u = w * x**2
    total = u.sum()
    diagonal = w * _sum_of_others(u) / total
    beside = w * u / total * (_sum_of_others(w * u) / total)
    return float(diagonal.sum()), float((diagonal**2).sum() + beside.sum())


def _sum_of_others(a: FloatArray) -> FloatArray:
    """Σ_{j≠i} a_j for every i, without subtracting, (k,)."""
    before = np.concatenate([[0.0], np.cumsum(a[:-1])])
    after = np.concatenate([np.cumsum(a[:0:-1])[::-1], [0.0]])
    return np.asarray(before + after)
