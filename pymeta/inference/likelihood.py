"""Likelihoods of inverse-variance models, and the criteria made of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pymeta.arrays import FloatArray

__all__ = ["FitStatistics", "criteria", "maximum_likelihood", "restricted_likelihood", "saturated"]


class FitStatistics(NamedTuple):
    """What models are compared by."""

    logLik: float
    deviance: float
    AIC: float
    BIC: float
    AICc: float


def maximum_likelihood(residuals: FloatArray, variances: FloatArray) -> float:
    """The log-likelihood of residuals (k,) with variances v + tau² (k,)."""
    return -0.5 * float(np.log(2.0 * np.pi * variances).sum() + (residuals**2 / variances).sum())


def restricted_likelihood(residuals: FloatArray, variances: FloatArray, X: FloatArray) -> float:
    """The restricted log-likelihood, log|X'X|/2 added, as metafor has it. Source: Harville (1974), eq. 3."""
    weighted = X / variances[:, None]
    logdets = np.linalg.slogdet(X.T @ X)[1] - np.linalg.slogdet(X.T @ weighted)[1]
    freed = X.shape[1] * np.log(2.0 * np.pi)
    return maximum_likelihood(residuals, variances) + 0.5 * float(logdets + freed)


def saturated(vi: FloatArray) -> float:
    """The log-likelihood of a model that meets every effect, without tau²."""
    return -0.5 * float(np.log(2.0 * np.pi * vi).sum())


def criteria(likelihood: float, deviance: float, parms: int, n: int) -> FitStatistics:
    """Akaike's and Schwarz's criteria from n effects (restricted: k − p) and the number of parameters.

    Source: Akaike (1974); Schwarz (1978); Hurvich & Tsai (1989), whose correction needs n ≥ parms + 2: fewer count as that.
    """
    enough = max(n, parms + 2)
    with np.errstate(divide="ignore"):
        penalty = float(parms * np.log(n)) if n > 0 else -np.inf
    base = -2.0 * likelihood
    return FitStatistics(
        likelihood, deviance, base + 2.0 * parms, base + penalty, base + 2.0 * parms * enough / (enough - parms - 1.0)
    )
