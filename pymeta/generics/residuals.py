"""What a model leaves over of each study."""

from __future__ import annotations

import numpy as np

from pymeta.arrays import FloatArray, read_only
from pymeta.errors import OptionError, no_such
from pymeta.inference.hat import hat_diagonal, hat_matrix
from pymeta.models.residuals import rstandard, rstudent, with_effects
from pymeta.results.tables import PooledTables
from pymeta.results.uni import UniResult
from pymeta.results.weighing import model_weights

__all__ = ["hatvalues", "residuals"]

_TYPES = ("response", "rstandard", "rstudent", "pearson", "cholesky")


def residuals(result: UniResult | PooledTables, type: str = "response") -> FloatArray:
    """Residuals, (k,): "response", observed less fitted; "pearson", those over (v + tau²)^½; or z of rstandard, rstudent.

    "cholesky" is "pearson" for effects that are independent. Of pooled tables, "response" is NaN for a table without an
    effect of its own, and the other types are about those that have one. metafor: ``residuals(result, type=)``
    """
    if isinstance(result, PooledTables):
        return _residuals_of_tables(result, type)
    if type == "response":
        return result.residuals
    if type in ("pearson", "cholesky"):
        return result.residuals / np.sqrt(result.studies.vi + result.tau2)
    if type not in _TYPES:
        raise no_such("type", type, _TYPES, what="type of residuals")
    return (rstandard if type == "rstandard" else rstudent)(result).z


def _residuals_of_tables(result: PooledTables, type: str) -> FloatArray:
    if type in ("pearson", "rstandard"):
        return rstandard(result).z
    if type == "rstudent":
        return rstudent(result).z
    if type != "response":
        raise no_such("type", type, tuple(one for one in _TYPES if one != "cholesky"), what="type of residuals")
    found = np.full(result.k, np.nan)
    found[with_effects(result)] = result.residuals
    return read_only(found)


def hatvalues(result: UniResult, type: str = "diagonal") -> FloatArray:
    """Leverages, (k,); or type="matrix": the hat matrix (k, k), which takes effects to fitted values.

    metafor: ``hatvalues(result, type=)``
    """
    if isinstance(result, PooledTables):
        raise OptionError(f"hatvalues: not for a {result.__class__.__name__}, with no hat matrix; weights() has weights")
    kernel = {"diagonal": hat_diagonal, "matrix": hat_matrix}.get(type)
    if kernel is None:
        raise no_such("type", type, ("diagonal", "matrix"), what="type of hat values")
    return kernel(result.spec.X, model_weights(result))
