"""The weights that a model pools by."""

from __future__ import annotations

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.results.location_scale import LocationScaleResult
from pymeta.results.selection import SelectionResult, without_selection
from pymeta.results.uni import UniResult

__all__ = ["model_weights"]


def model_weights(result: UniResult | LocationScaleResult | SelectionResult) -> FloatArray:
    """The diagonal of the weight matrix: a person's own, all 1, or 1/(v + tau²), (k,)."""
    without_selection(result, "weights")
    spec = result.spec
    if not spec.weighted:
        return np.ones(result.studies.k)
    return spec.weights if spec.weights is not None else 1.0 / (result.studies.vi + result.tau2)
