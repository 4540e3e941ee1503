"""Functions of a result, one for every kind of result that has an answer."""

from __future__ import annotations

from functools import singledispatch

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.results.mh import MHResult
from pymeta.results.uni import UniResult

__all__ = ["weights"]


@singledispatch
def weights(result: object) -> FloatArray:
    """Each study's weight in the pooled effect, (k,), in percent. metafor: ``weights(res)``."""
    raise TypeError(f"weights: not defined for a {type(result).__name__}; it takes the result of rma or rma_mh")


@weights.register
def _(result: UniResult) -> FloatArray:
    w = 1.0 / (result.studies.vi + result.tau2)
    return np.asarray(100.0 * w / w.sum())


@weights.register
def _(result: MHResult) -> FloatArray:
    return result.weights
