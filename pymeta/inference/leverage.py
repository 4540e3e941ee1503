"""Standard errors of combinations of coefficients, with all their digits where the covariance matrix has not."""

from __future__ import annotations

import numpy as np

from pymeta.arrays import FloatArray

__all__ = ["standard_errors"]


def standard_errors(
    rows: FloatArray, X: FloatArray, weights: FloatArray, variances: FloatArray, factor: float = 1.0
) -> FloatArray:
    """√(x' vb x) for every x of `rows` (n, p), where vb = `factor` · (X'AX)⁻¹ X'A M A X (X'AX)⁻¹.

    X : (k, p) design; weights : (k,) the diagonal of A; variances : (k,) of M. For A = M⁻¹, vb = (X'AX)⁻¹.
    With A^½X = QR it is ‖M^½ A^½ Q R⁻ᵀx‖: solved, not multiplied with an inverse, so that moderators such as years, whose
    vb is large and cancels in x' vb x, cost no digits.
    """
    root = np.sqrt(weights)
    Q, R = np.linalg.qr(root[:, None] * X)
    spread = (np.sqrt(variances) * root)[:, None] * Q
    return np.asarray(np.sqrt(factor) * np.linalg.norm(spread @ _solved(R, rows), axis=0))


def _solved(R: FloatArray, rows: FloatArray) -> FloatArray:
    """R⁻ᵀx for every x of `rows`, (p, n), by forward substitution."""
    found = np.empty(rows.T.shape)
    for j in range(len(R)):
        found[j] = (rows[:, j] - R[:j, j] @ found[:j]) / R[j, j]
    return found
