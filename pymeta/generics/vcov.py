"""Covariance matrices of what a model estimates."""

from __future__ import annotations

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.errors import OptionError, no_such
from pymeta.inference.hat import residual_covariance
from pymeta.results.selection import SelectionResult
from pymeta.results.tables import PooledTables
from pymeta.results.uni import UniResult
from pymeta.results.weighing import model_weights

__all__ = ["vcov"]

_TYPES = ("fixed", "obs", "marginal", "fitted", "resid")


def vcov(result: UniResult | PooledTables | SelectionResult, type: str = "fixed") -> FloatArray:
    """Covariances of the coefficients ("fixed", (p, p)); or, all (k, k), of the effects under the model ("obs", also called
    "marginal"), of the fitted values ("fitted") or of the residuals ("resid").

    Of a selection model also of its selection parameters ("delta", (d, d)).
    Raises OptionError for another type, and for any but "fixed" of the methods that pool the tables themselves.
    metafor: ``vcov(result, type=)``
    """
    if isinstance(result, PooledTables):
        if type != "fixed":
            raise OptionError(
                f"type={type!r}: {result.spec.method} has no covariances but that of its estimate, type='fixed'"
            )
        return result.se[:, None] ** 2
    if type == "fixed":
        return result.vb
    if type == "delta" and isinstance(result, SelectionResult):
        return result.vd
    X, variances = result.spec.X, result.studies.vi + result.tau2
    if type in ("obs", "marginal"):
        return np.diag(variances)
    if type == "fitted":
        return X @ result.vb @ X.T
    if type == "resid":
        return residual_covariance(X, model_weights(result), variances)
    raise no_such("type", type, _TYPES, what="type of covariances")
