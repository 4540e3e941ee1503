"""The likelihood of a location-scale model as a function of the scale coefficients, with both derivatives.

With W = diag(w), w = 1/(v + tau²), and P = W − W X (X'WX)⁻¹ X'W, the coefficients of the location are profiled out of the
likelihood, or integrated out of the restricted one, and what is left is a function of tau² (k,) alone:
ℓ = −½ (Σ log(v + tau²) + y'Py), and −½ log|X'WX| more where it is restricted. Nothing (k, k) is built.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.numerics.linalg import Wls, wls

__all__ = ["Evaluation", "ScaleModel", "evaluate", "tau2_of", "variance_unit"]


@dataclass(frozen=True, slots=True)
class ScaleModel:
    """Effects, variances (k,), designs of location X (k, p) and scale Z (k, q), the link, and which likelihood it is.

    offset : (k,) what is added to Z alpha
    """

    yi: FloatArray
    vi: FloatArray
    X: FloatArray
    Z: FloatArray
    offset: FloatArray
    log: bool
    restricted: bool


class Evaluation(NamedTuple):
    """A function's value, gradient (q,) and Hessian (q, q)."""

    value: float
    gradient: FloatArray
    hessian: FloatArray


def tau2_of(model: ScaleModel, alpha: FloatArray) -> FloatArray:
    """tau² in each study, (k,)."""
    eta = model.offset + model.Z @ alpha
    return np.exp(np.minimum(eta, 600.0)) if model.log else np.maximum(eta, 0.0)


def variance_unit(model: ScaleModel) -> float:
    """A variance that is typical of the effects about their regression, for measuring others by."""
    residuals = wls(model.yi, model.X, np.ones(len(model.yi))).residuals
    return float(np.median(model.vi) + residuals @ residuals / len(residuals))


def evaluate(model: ScaleModel, alpha: FloatArray) -> Evaluation:
    """The log-likelihood (without its constants), score and second derivatives at alpha.

    With e = Py: ∂ℓ/∂tau_i² = −½ (P_ii − e_i²) and ∂²ℓ/∂tau_i²∂tau_j² = ½ P_ij² − e_i P_ij e_j; without restriction W stands
    for P except between the two e. Source: Harville (1977), JASA 72, 320, eqs. 5.1 to 5.6
    """
    tau2 = tau2_of(model, alpha)
    w = 1.0 / (model.vi + tau2)
    fit = wls(model.yi, model.X, w)
    e = w * fit.residuals
    value = 0.5 * float(np.log(w).sum() - e @ fit.residuals - (fit.logdet if model.restricted else 0.0))
    leverage = np.einsum("ij,jk,ik->i", model.X, fit.bread, model.X) if model.restricted else np.zeros_like(w)
    slope = 0.5 * (e**2 - w * (1.0 - w * leverage))
    U = tau2[:, None] * model.Z if model.log else model.Z  # the derivatives of tau² by alpha
    hessian = 0.5 * _squares(model, U, w, fit, leverage) - _between(model.X, e[:, None] * U, w, fit.bread)
    if model.log:
        hessian = hessian + (slope[:, None] * U).T @ model.Z
    return Evaluation(value, U.T @ slope, hessian)


def _squares(model: ScaleModel, U: FloatArray, w: FloatArray, fit: Wls, leverage: FloatArray) -> FloatArray:
    """Σ_ij U_i P_ij² U_j' (q, q), or with W for P.

    P_ij² = δ_ij w_i² (1 − 2 w_i h_i) + w_i² w_j² (x_i'B x_j)², and the last is tr(B G_a B G_b), G_a = X' diag(w² U_a) X.
    """
    own = U.T @ ((w**2 * (1.0 - 2.0 * w * leverage))[:, None] * U)
    if not model.restricted:
        return np.asarray(own)
    G = np.einsum("ia,ij,ik->ajk", w[:, None] ** 2 * U, model.X, model.X)
    BG = fit.bread @ G
    return np.asarray(own + np.einsum("ajk,bkj->ab", BG, BG))


def _between(X: FloatArray, F: FloatArray, w: FloatArray, bread: FloatArray) -> FloatArray:
    """F'PF (q, q), as products of the residuals of F."""
    residuals = F - X @ (bread @ (X.T @ (w[:, None] * F)))
    return np.asarray(residuals.T @ (w[:, None] * residuals))
