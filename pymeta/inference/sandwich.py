"""Cluster-robust covariances of coefficients, and the degrees of freedom of tests that use them.

For clusters j with rows X_j, residuals e_j and weights W_j, and B = (X'WX)⁻¹:

    V = B [Σ_j X_j'W_j A_j e_j e_j' A_j' W_j X_j] B

where A_j is I (CR0), the root of a constant (CR1, CR1p), or what makes V exact (CR2) under the working model
M = diag(v + tau²).
Everything is linear in the number of clusters: matrices between clusters are kept as a diagonal and a product of thin ones.

Source: Bell & McCaffrey (2002), Survey Methodology 28, 169; Tipton & Pustejovsky (2015), Journal of Educational and
Behavioral Statistics 40, 604; Pustejovsky & Tipton (2018), Journal of Business & Economic Statistics 36, 672.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pymeta.arrays import FloatArray, IntArray

__all__ = ["ESTIMATORS", "Sandwich", "hotelling_df", "sandwich", "satterthwaite_df"]

ESTIMATORS = ("CR0", "CR1", "CR1p", "CR2")
"""CR1 multiplies CR0 by n/(n − 1), CR1p by n/(n − p), for n clusters and p coefficients."""

_SINGULAR = 1e-10  # eigenvalues that are this small a part of the largest possible are 0


@dataclass(frozen=True, slots=True)
class Sandwich:
    """A robust covariance and what its degrees of freedom are computed from.

    vb : (p, p); meat : (p, p) what is between the breads
    scores : for each cluster U_j = A_j'W_jX_jB, (n_j, p), without the constants, which no degrees of freedom depend on
    """

    vb: FloatArray
    meat: FloatArray
    bread: FloatArray
    X: FloatArray
    w: FloatArray
    variances: FloatArray
    groups: tuple[IntArray, ...]
    scores: tuple[FloatArray, ...]


def sandwich(
    X: FloatArray,
    w: FloatArray,
    bread: FloatArray,
    variances: FloatArray,
    residuals: FloatArray,
    groups: Sequence[IntArray],
    estimator: str,
) -> Sandwich:
    """The covariance by one of ESTIMATORS. groups : the rows of each cluster; variances : v + tau², of the working model."""
    weighted = w[:, None] * X
    middle = weighted.T @ (variances[:, None] * weighted)  # X'WMWX
    n, p = len(groups), X.shape[1]
    scores = []
    for g in groups:
        U = weighted[g] @ bread
        scores.append(_bias_reducing(X[g], w[g], variances[g], bread, middle).T @ U if estimator == "CR2" else U)
    factor = {"CR1": n / (n - 1.0) if n > 1 else np.inf, "CR1p": n / (n - p) if n > p else np.inf}.get(estimator, 1.0)
    parts = np.array([U.T @ residuals[g] for U, g in zip(scores, groups, strict=True)])
    vb = factor * (parts.T @ parts)
    inverse = np.linalg.inv(bread)
    return Sandwich(vb, inverse @ vb @ inverse, bread, X, w, variances, tuple(groups), tuple(scores))


def _bias_reducing(X: FloatArray, w: FloatArray, variances: FloatArray, bread: FloatArray, middle: FloatArray) -> FloatArray:
    """D (D R D)^(−½) D with D = M_j^½ and R the working model's covariance of the cluster's residuals.

    The root is of the pseudo-inverse: a cluster that the moderators fit exactly has none.
    Source: Pustejovsky & Tipton (2018), eq. 9.
    """
    D = np.sqrt(variances)
    cross = X @ bread @ (w[:, None] * X).T * variances  # X_j B X_j'W_j M_j
    R = np.diag(variances) - cross - cross.T + X @ bread @ middle @ bread @ X.T
    values, vectors = np.linalg.eigh(D[:, None] * R * D)
    kept = values > _SINGULAR * (variances**2).max()
    root = (vectors[:, kept] / np.sqrt(values[kept])) @ vectors[:, kept].T
    return np.asarray(D[:, None] * root * D)


@dataclass(frozen=True, slots=True)
class _Between:
    """diag(d) + L R', (n, n), of n clusters."""

    d: FloatArray
    L: FloatArray
    R: FloatArray

    def inner(self, other: _Between) -> float:
        """Σ_ij of the products of their elements."""
        own = (self.L * self.R).sum(axis=1)
        others = (other.L * other.R).sum(axis=1)
        thin = np.trace((self.L.T @ other.L) @ (other.R.T @ self.R))
        return float(self.d @ other.d + self.d @ others + other.d @ own + thin)

    @property
    def T(self) -> _Between:
        """The transpose."""
        return _Between(self.d, self.R, self.L)

    def trace(self) -> float:
        """Σ_i of the diagonal."""
        return float(self.d.sum() + (self.L * self.R).sum())


def _between(found: Sandwich, C: FloatArray) -> list[list[_Between]]:
    """For contrasts s, t (rows of C) the working covariances P_sij = p_si' M p_tj between clusters i and j.

    The contrast's robust variance is Σ_j (p_sj'y)², with p_sj = E_j u_sj − W X z_sj, u_sj = U_j c_s and z_sj = B X_j'u_sj.
    """
    u = [U @ C.T for U in found.scores]  # (n_j, q)
    clusters = list(zip(found.groups, u, strict=True))
    z = np.array([found.bread @ found.X[g].T @ v for g, v in clusters])  # (n, p, q)
    mixed = np.array([(found.X[g] * (found.w[g] * found.variances[g])[:, None]).T @ v for g, v in clusters])
    own = np.array([v.T @ (found.variances[g][:, None] * v) for g, v in clusters])  # (n, q, q)
    weighted = found.w[:, None] * found.X
    middle = weighted.T @ (found.variances[:, None] * weighted)
    q = len(C)

    def pair(s: int, t: int) -> _Between:
        L = np.hstack([z[:, :, s] @ middle - mixed[:, :, s], -z[:, :, s]])
        return _Between(own[:, s, t], L, np.hstack([z[:, :, t], mixed[:, :, t]]))

    return [[pair(s, t) for t in range(q)] for s in range(q)]


def satterthwaite_df(found: Sandwich, C: FloatArray) -> FloatArray:
    """Degrees of freedom of the t-test of each contrast, (q,): (tr P)² / tr P².

    Source: Pustejovsky & Tipton (2018), eq. 11.
    """
    df = []
    for row in C:
        P = _between(found, row[None, :])[0][0]
        df.append(P.trace() ** 2 / P.inner(P))
    return np.array(df)


def hotelling_df(found: Sandwich, C: FloatArray) -> float:
    """η, with which (η − q + 1)/(η q) times the Wald statistic of q contrasts is about F, with q and η − q + 1 df.

    η = q(q + 1) / Σ_st Var(d_st), of D = Ω^(−½) C V C' Ω^(−½) with Ω the working model's expectation of C V C'.
    Source: Tipton & Pustejovsky (2015), eqs. 13 and 14 (HTZ, after Zhang 2012).
    """
    q = len(C)
    expected = _between(found, C)
    omega = np.array([[P.trace() for P in row] for row in expected])
    values, vectors = np.linalg.eigh(omega)
    P = _between(found, (vectors / np.sqrt(values)) @ vectors.T @ C)
    total = sum(P[s][s].inner(P[t][t]) + P[s][t].inner(P[s][t].T) for s in range(q) for t in range(q))
    return q * (q + 1) / total
