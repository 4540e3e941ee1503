"""The distribution of a quadratic form of residuals, from the design instead of eigenvalues of a k x k matrix."""

from __future__ import annotations

from math import cos, pi, sin, sqrt

import numpy as np
import numpy.typing as npt

from pymeta.arrays import FloatArray

__all__ = ["form_cdf"]

ComplexArray = npt.NDArray[np.complex128]

_ANGLE = pi / 8.0  # of the contour's arms with the vertical
_STEP = 0.05
_BLOCK = 48
_MOST = 40  # blocks; along each the arms grow by a factor of e^2.4
_CHUNK = 1 << 16


def form_cdf(q: float, d: FloatArray, Q: FloatArray) -> float:
    """P(y'Ay ≤ q) for q > 0, y ~ N(Xb, S) and A = W − W X (X'WX)⁻¹ X'W, with d = diag WS (k,) and Q of the QR of W^½ X.

    y'Ay has the Laplace transform det(I + 2zM)^−½ with M = D^½ (I − QQ') D^½, and the determinant is
    Π (1 + 2z d_i) det Q'(I + 2zD)⁻¹Q: O(k p²) for each z. The inversion integral is taken along a hyperbola about the
    negative real axis, where M has its singularities, by the trapezoidal rule, which converges geometrically. Where the
    answer is 0 or 1 but for 1e-17 it is said to be. The error is at most about 4e-13.
    Source: Weideman & Trefethen (2007), Mathematics of Computation 76, 1341-1356, for the contour; Imhof (1961) for the
    problem; Laurent & Massart (2000), lemma 1, for the tails.
    """
    mean, variance = _moments(d, Q)
    sd = sqrt(variance)
    if q <= mean - 9.0 * sd:
        return 0.0
    if q >= mean + 9.0 * sd + 80.0 * float(d.max()):
        return 1.0
    total, largest = 0.0, 0.0
    for block in range(_MOST):
        u = np.asarray(_STEP * np.arange(block * _BLOCK, (block + 1) * _BLOCK), dtype=np.float64)
        values = _integrand(u, 1.0 / sd, q, d, Q)
        total += float(values.imag.sum()) - 0.5 * float(values[0].imag) * (block == 0)
        largest = max(largest, float(np.abs(values).max()))
        if float(np.abs(values[-4:]).max()) < 1e-18 * largest:
            break
    return total * _STEP / pi


def _moments(d: FloatArray, Q: FloatArray) -> tuple[float, float]:
    """The mean tr M and the variance 2 tr MM of y'Ay."""
    h = np.einsum("kp,kp->k", Q, Q)
    inner = Q.T @ (d[:, None] * Q)
    squares = float((d**2 * (1.0 - 2.0 * h)).sum()) + float((inner**2).sum())
    return float((d * (1.0 - h)).sum()), 2.0 * max(squares, 1e-8 * float(d.max()) ** 2)


def _integrand(u: FloatArray, size: float, q: float, d: FloatArray, Q: FloatArray) -> ComplexArray:
    """exp(zq) E exp(−z y'Ay) / z dz/du at u (n,), on the hyperbola z = size (1 + sin(iu − angle))."""
    z = size * (1.0 - sin(_ANGLE) * np.cosh(u) + 1j * cos(_ANGLE) * np.sinh(u))
    slope = size * (-sin(_ANGLE) * np.sinh(u) + 1j * cos(_ANGLE) * np.cosh(u))
    return np.asarray(np.exp(z * q + _log_transform(z, d, Q)) / z * slope)


def _log_transform(z: ComplexArray, d: FloatArray, Q: FloatArray) -> ComplexArray:
    """log det(I + 2zM)^−½ for each of z (n,), on the branch that is 0 at 0."""
    rows = max(1, _CHUNK // Q.size)
    return np.concatenate([_log_transform_of_few(z[i : i + rows], d, Q) for i in range(0, len(z), rows)])


def _log_transform_of_few(z: ComplexArray, d: FloatArray, Q: FloatArray) -> ComplexArray:
    """Each pivot of Q'(I + 2zD)⁻¹Q is a ratio of interlacing products, so its argument is within (−π, π)."""
    factors = 1.0 + 2.0 * z[:, None] * d
    products = (Q[:, :, None] * Q[:, None, :]).reshape(len(d), -1)
    inner = ((1.0 / factors) @ products).reshape(len(z), Q.shape[1], -1)
    logs = np.log(factors).sum(axis=1)
    for j in range(Q.shape[1]):
        pivot = inner[:, j, j]
        logs = logs + np.log(pivot)
        inner = inner - inner[:, :, j, None] * inner[:, None, j, :] / pivot[:, None, None]
    return np.asarray(-0.5 * logs)
