"""Parts of a fitted model by the names that R's functions have."""

from __future__ import annotations

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.errors import OptionError, no_such
from pymeta.results.tables import PooledTables
from pymeta.results.uni import UniResult

__all__ = ["coef", "df_residual", "formula", "model_matrix", "nobs", "se"]


def coef(result: UniResult) -> FloatArray:
    """The coefficients, (p,), in the order of ``result.names``. metafor: ``coef(result)``."""
    return result.beta


def se(result: UniResult) -> FloatArray:
    """Their standard errors, (p,). metafor: ``se(result)``."""
    return result.se


def nobs(result: UniResult) -> int:
    """The number of effects. metafor: ``nobs(result)``, until version 4 less p for REML."""
    return result.k


def df_residual(result: UniResult | PooledTables) -> int:
    """k − p. metafor: ``df.residual(result)``."""
    return result.k - len(result.beta)


def model_matrix(result: UniResult | PooledTables) -> FloatArray:
    """The design, (k, p). metafor: ``model.matrix(result)``."""
    return np.ones((result.k, 1)) if isinstance(result, PooledTables) else result.spec.X


def formula(result: UniResult, type: str = "mods") -> str | None:
    """The formula of the moderators as it was given; None for a model that was given without one.

    type : "mods"; "yi", a formula given as `yi`. metafor: ``formula(result, type=)``
    """
    if type not in ("mods", "yi", "scale"):
        raise no_such("type", type, ("mods", "yi", "scale"), what="type of formula")
    if type == "scale":
        raise OptionError("type='scale': this is no location-scale model; use 'mods'")
    given = result.call.get("yi")
    of_yi = given if isinstance(given, str) and "~" in given else None
    return of_yi if type == "yi" else None if of_yi else result.spec.design.formula
