"""Weighted least squares and the traces that the estimators are written in.

Throughout, W = diag(w), and P = W − W X (X'WX)⁻¹ X'W is the matrix of the residuals. P is (k, k) and is
never built: everything here is O(k p²) in time and O(k p) in memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pymeta.arrays import FloatArray

__all__ = ["Wls", "centred", "residual_traces", "spans", "wls"]


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


def residual_traces(
    X: FloatArray, w: FloatArray, bread: FloatArray | None = None, s: FloatArray | None = None
) -> tuple[float, float]:
    """tr PS and tr PSPS for weights w (k,) and S = diag(s), the identity unless given.

    With s the variances of y, they are the mean of y'Py and half its variance. `bread` is not looked at: with h and Q the
    leverages and the orthonormal basis of W^½ X, PS has the traces of D − QQ'D, D = WS, which keep the digits that
    (X'WX)⁻¹ loses where columns of X are nearly collinear.
    """
    if X.shape[1] == 1:
        return _traces_of_one_column(X[:, 0], w, s)
    d = w if s is None else w * s
    Q, _ = np.linalg.qr(np.sqrt(w)[:, None] * X)
    h = np.einsum("kp,kp->k", Q, Q)
    inner = Q.T @ (d[:, None] * Q)
    return float(d @ (1.0 - h)), float((d * d) @ (1.0 - 2.0 * h)) + float((inner * inner).sum())


def _traces_of_one_column(x: FloatArray, w: FloatArray, s: FloatArray | None) -> tuple[float, float]:
    """The same for p = 1, as sums of positive terms: differences lose all digits when one study has nearly all the weight.

    With u = w x² and U = Σ u: P_ii = w_i (U − u_i) / U and P_ij² = w_i u_i w_j u_j / U².
    """
    u = w * x**2
    total = u.sum()
    d = w if s is None else w * s
    diagonal = d * (_sum_of_others(u) / total)
    product = d * u / total
    return float(diagonal.sum()), float(diagonal @ diagonal + product @ _sum_of_others(product))


def _sum_of_others(a: FloatArray) -> FloatArray:
    """Σ_{j≠i} a_j for every i and a ≥ 0, (k,): only where a_i is the largest could the subtraction cost digits."""
    largest = int(a.argmax())
    rest = a.copy()
    rest[largest] = 0.0
    total = rest.sum()
    others = np.asarray((total + a[largest]) - a)
    others[largest] = total
    return others


def centred(X: FloatArray) -> FloatArray:
    """A design (k, p) with the span and the determinant of X, whose columns are farther from collinear.

    Where a column is constant, the others are taken from one of their own values near the middle: for the years of
    studies, say, the condition falls from 100,000 to 10, and differences of such neighbours are exact.
    """
    if X.shape[1] == 1:
        return X
    constant = (X[0] == X).all(axis=0) & (X[0] != 0.0)
    if not constant.any():
        return X
    middle = X[np.abs(X - X.mean(axis=0)).argmin(axis=0), np.arange(X.shape[1])]
    return X - np.where(constant, 0.0, middle)


def spans(X: FloatArray, y: FloatArray) -> bool:
    """Whether y (k,) is a combination of the columns of X (k, p)."""
    residuals = wls(y, X, np.ones(len(y))).residuals
    return bool(np.abs(residuals).max() <= 1e-10 * np.abs(y).max())
