"""Weighted least squares and the traces that the estimators are written in.

Throughout, W = diag(w), and P = W − W X (X'WX)⁻¹ X'W is the matrix of the residuals. P is (k, k) and is
never built: everything here is O(k p²) in time and O(k p) in memory.
"""

from __future__ import annotations

from math import log
from typing import NamedTuple

import numpy as np

from pymeta.arrays import FloatArray

__all__ = ["Wls", "centred", "residual_square_trace", "residual_trace", "spans", "wls"]


class Wls(NamedTuple):
    """A weighted fit: coefficients (p,), bread = (X'WX)⁻¹ (p, p), residuals (k,), log det X'WX and the weights (k,)."""

    beta: FloatArray
    bread: FloatArray
    residuals: FloatArray
    logdet: float
    w: FloatArray

    @property
    def ss(self) -> float:
        """y'Py, the weighted sum of squares Σ w r²."""
        return float((self.w * self.residuals) @ self.residuals)


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
    return Wls(beta, inverse @ inverse.T, y - X @ beta, logdet, w)


def _wls_of_one_column(y: FloatArray, x: FloatArray, w: FloatArray) -> Wls:
    """The same for p = 1, with the heaviest study as the origin.

    That study's residual may be many digits smaller than y, and carries weight: as a difference of two y it keeps its
    digits, as a difference of y and the fit it would not.
    """
    wx = w * x
    u = wx * x
    heaviest = int(u.argmax())
    origin = y[heaviest] / x[heaviest]
    moved = y - origin * x
    total = float(np.add.reduce(u))
    slope = float(wx @ moved) / total
    return Wls(np.array([origin + slope]), np.array([[1.0 / total]]), moved - slope * x, log(total), w)


def residual_trace(X: FloatArray, w: FloatArray, s: FloatArray | None = None) -> float:
    """tr PS for weights w (k,) and S = diag(s), the identity unless given: where s are the variances of y, the mean of y'Py.

    With h the leverages of W^½ X it is Σ w s (1 − h), which keeps the digits that (X'WX)⁻¹ loses where columns of X are
    nearly collinear. For p = 1, with u = w x² and U = Σ u, 1 − h_i = (U − u_i) / U.
    """
    d = w if s is None else w * s
    if X.shape[1] == 1:
        u = w * X[:, 0] ** 2
        return float(d @ _sum_of_others(u)) / float(np.add.reduce(u))
    Q, _ = np.linalg.qr(np.sqrt(w)[:, None] * X)
    return float(d @ (1.0 - np.einsum("kp,kp->k", Q, Q)))


def residual_square_trace(X: FloatArray, w: FloatArray, s: FloatArray | None = None) -> float:
    """tr PSPS for weights w (k,) and S = diag(s), the identity unless given: half the variance of y'Py.

    With Q the orthonormal basis of W^½ X, PS has the traces of D − QQ'D, D = WS. For p = 1, P_ii = w_i (U − u_i) / U and
    P_ij² = w_i u_i w_j u_j / U². Both are sums of squares: differences would lose all digits when few studies have nearly
    all the weight.
    """
    d = w if s is None else w * s
    if X.shape[1] == 1:
        u = w * X[:, 0] ** 2
        shares = d / np.add.reduce(u)
        diagonal, product = shares * _sum_of_others(u), shares * u
        return float(diagonal @ diagonal + product @ _sum_of_others(product))
    Q, _ = np.linalg.qr(np.sqrt(w)[:, None] * X)
    h = np.einsum("kp,kp->k", Q, Q)
    diagonal = d * (1.0 - h)
    return float(diagonal @ diagonal) + _off_diagonal_squares(d, Q, h)


def _off_diagonal_squares(d: FloatArray, Q: FloatArray, h: FloatArray) -> float:
    """Σ_{i≠j} d_i d_j (q_i'q_j)² for the rows q of Q (k, p) of lengths h^½, in O(k p²).

    It is |Q'DQ|² − Σ d² h², of which few rows may have nearly all: those p are taken one by one.
    """
    p = Q.shape[1]
    heavy = np.argpartition(d * h, -p)[-p:]
    products = d[heavy, None] * d * (Q[heavy] @ Q.T) ** 2
    products[np.arange(p), heavy] = 0.0
    among = float(products[:, heavy].sum())
    rest = np.delete(np.arange(len(d)), heavy)
    inner = Q[rest].T @ (d[rest, None] * Q[rest])
    dh = d[rest] * h[rest]
    return 2.0 * float(products.sum()) - among + float((inner * inner).sum()) - float(dh @ dh)


def _sum_of_others(a: FloatArray) -> FloatArray:
    """Σ_{j≠i} a_j for every i and a ≥ 0, (k,): only where a_i is the largest could the subtraction cost digits."""
    largest = int(a.argmax())
    rest = float(np.add.reduce(a[:largest])) + float(np.add.reduce(a[largest + 1 :]))
    others: FloatArray = (rest + float(a[largest])) - a
    others[largest] = rest
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
