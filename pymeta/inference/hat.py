"""What a weighted fit does to each study: the hat matrix, and the variances of what is left over.

H = X (X'WX)⁻¹ X'W takes y to its fitted values. M = diag(v + tau²) is the model's covariance of y, and W = diag(w) is
its inverse, or a person's own weights. Diagonals are O(k p²); the matrices are built only for who asks for them.
"""

from __future__ import annotations

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.numerics.linalg import wls

__all__ = ["hat_diagonal", "hat_matrix", "residual_covariance", "residual_variances"]


def hat_matrix(X: FloatArray, w: FloatArray) -> FloatArray:
    """H, (k, k)."""
    return X @ _bread(X, w) @ (w[:, None] * X).T


def hat_diagonal(X: FloatArray, w: FloatArray) -> FloatArray:
    """The leverages h_ii, (k,). Source: Viechtbauer & Cheung (2010), section 3."""
    return w * _quadratic(X, _bread(X, w))


def residual_covariance(X: FloatArray, w: FloatArray, variances: FloatArray) -> FloatArray:
    """(I − H) M (I − H)', (k, k). Source: Viechtbauer & Cheung (2010), section 2."""
    rest = np.eye(len(X)) - hat_matrix(X, w)
    return rest @ (variances[:, None] * rest.T)


def residual_variances(X: FloatArray, w: FloatArray, variances: FloatArray) -> FloatArray:
    """Its diagonal: m_i (1 − 2 h_ii) + x_i' (X'WX)⁻¹ X'WMWX (X'WX)⁻¹ x_i, (k,)."""
    bread = _bread(X, w)
    spread = (w[:, None] * X) @ bread
    return variances * (1.0 - 2.0 * w * _quadratic(X, bread)) + _quadratic(X, spread.T @ (variances[:, None] * spread))


def _bread(X: FloatArray, w: FloatArray) -> FloatArray:
    return wls(np.zeros(len(X)), X, w).bread


def _quadratic(X: FloatArray, A: FloatArray) -> FloatArray:
    """x_i' A x_i for each row, (k,)."""
    return np.asarray(np.einsum("ij,jl,il->i", X, A, X, optimize=True))
