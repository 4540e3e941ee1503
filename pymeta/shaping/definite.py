"""Positive definite matrices: whether one is, and the nearest one."""

from __future__ import annotations

import numpy as np

from pymeta.arrays import FloatArray

__all__ = ["is_definite", "nearest_correlation"]

_EIGEN_TOL, _POSITIVE_TOL, _CONVERGED, _MOST = 1e-6, 1e-8, 1e-7, 100


def is_definite(V: FloatArray) -> bool:
    """Whether V (m, m) is positive definite to the digits that there are, whatever its scale.

    The eigenvalues are those of V as a matrix of correlations, each at least m ε.
    Differs from metafor: its ``aggregate`` takes the eigenvalues of V itself, so that it refuses variances below 2e-16.
    """
    diagonal = np.diag(V)
    if not (diagonal > 0.0).all():
        return False
    root = np.sqrt(diagonal)
    smallest = np.linalg.eigvalsh(V / (root[:, None] * root))[0]
    return bool(smallest > len(V) * np.finfo(float).eps)


def nearest_correlation(R: FloatArray) -> FloatArray:
    """The correlation matrix nearest to the symmetric matrix R (m, m), made definite: no eigenvalue below 1e-8 λ₁.

    Source: Higham (2002), algorithm 3.3, alternating projections with Dykstra's correction; Matrix's documentation of
    ``nearPD`` for its tolerances. R: ``Matrix::nearPD(R, corr=TRUE)``, whose steps and limits these are
    """
    X, correction = R.copy(), np.zeros_like(R)
    for _ in range(_MOST):
        before = X
        shifted = before - correction
        projected = _on_the_cone(shifted)
        correction = projected - shifted
        X = _unit_diagonal(projected)
        if np.abs(before - X).sum(axis=1).max() <= _CONVERGED * np.abs(before).sum(axis=1).max():
            break
    return _lifted(X)


def _on_the_cone(A: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh(A)
    kept = values > _EIGEN_TOL * values[-1]
    return np.asarray((vectors[:, kept] * values[kept]) @ vectors[:, kept].T)


def _unit_diagonal(A: FloatArray) -> FloatArray:
    out = (A + A.T) / 2.0
    np.fill_diagonal(out, 1.0)
    return out


def _lifted(X: FloatArray) -> FloatArray:
    """X with its eigenvalues raised to 1e-8 of the largest, scaled back to a diagonal of 1."""
    values, vectors = np.linalg.eigh(X)
    least = _POSITIVE_TOL * np.abs(values[-1])
    if values[0] < least:
        raised = (vectors * np.maximum(values, least)) @ vectors.T
        scale = np.sqrt(np.maximum(least, np.diag(X)) / np.diag(raised))
        X = scale[:, None] * raised * scale
    return _unit_diagonal(X)
