"""The weights that studies have in a fit."""

from __future__ import annotations

import numpy as np

from pymeta.arrays import FloatArray, read_only
from pymeta.errors import no_such
from pymeta.results.location_scale import LocationScaleResult
from pymeta.results.tables import PooledTables
from pymeta.results.uni import UniResult
from pymeta.results.weighing import model_weights

__all__ = ["weights"]


def weights(result: UniResult | LocationScaleResult | PooledTables, *, type: str = "diagonal") -> FloatArray:
    """Each study's weight, (k,), in percent; type="matrix": the weight matrix (k, k); type="rowsum": the sums of its rows,
    in percent, which for a model without correlated effects are the same.

    metafor: ``weights(result, type=)``
    """
    if not isinstance(result, UniResult | LocationScaleResult | PooledTables):
        raise TypeError(
            f"weights: not defined for a {result.__class__.__name__}; it takes what rma, rma_mh and rma_peto return"
        )
    w = result.weights if isinstance(result, PooledTables) else model_weights(result)
    if type == "matrix":
        return np.diag(w)
    if type not in ("diagonal", "rowsum"):
        raise no_such("type", type, ("diagonal", "matrix", "rowsum"), what="kind of weights")
    return read_only(np.asarray(100.0 * w / w.sum()))
