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
    root = np.sqrt(w)
    Q, R = np.linalg.qr(root[:, None] * X)
    inverse = np.linalg.inv(R)
    beta = inverse @ (Q.T @ (root * y))
    # One step of refinement mends beta's last digits: the residuals are small, and so is their rounding.
    beta = beta + inverse @ (Q.T @ (root * (y - X @ beta)))
    logdet = 2.0 * float(np.log(np.abs(np.diag(R))).sum())
    return Wls(beta, inverse @ inverse.T, y - X @ beta, logdet)


def residual_traces(X: FloatArray, w: FloatArray, bread: FloatArray) -> tuple[float, float]:
    """tr P and tr PP for weights w (k,), given bread = (X'WX)⁻¹."""
    A = bread @ (X.T @ (w[:, None] ** 2 * X))
    trace = w.sum() - np.trace(A)
    trace_squared = (w**2).sum() - 2.0 * np.trace(bread @ (X.T @ (w[:, None] ** 3 * X))) + np.trace(A @ A)
    return float(trace), float(trace_squared)
