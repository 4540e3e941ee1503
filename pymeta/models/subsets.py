"""The same model of some of its studies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pymeta.arrays import BoolArray
from pymeta.data.specs import UniSpec
from pymeta.data.studies import Studies
from pymeta.errors import OptionError, PymetaError
from pymeta.models import mh, peto
from pymeta.models.tables import tables_of
from pymeta.models.uni import fit
from pymeta.results.location_scale import LocationScaleResult
from pymeta.results.peto import PetoResult
from pymeta.results.pooled import Pooled
from pymeta.results.robust import RobustResult
from pymeta.results.selection import without_selection
from pymeta.results.tables import PooledTables
from pymeta.results.uni import UniResult
from pymeta.tau2.methods import TAU2

__all__ = ["fit_of_some", "fit_or_none", "fits_again", "rows_of", "some"]


def fits_again(result: Pooled, *, robust: bool = False) -> None:
    """Raise OptionError for a model that its effects and variances alone do not determine, or a part of its studies.

    robust : whether what robust() returns will do, because only its coefficients are fitted again
    """
    without_selection(result, "fits without some of the studies")
    if isinstance(result, LocationScaleResult):
        raise OptionError("not defined for a location-scale model; fit it without scale=")
    if isinstance(result, RobustResult) and not robust:
        raise OptionError("not defined for what robust() returns, whose errors are of these clusters; give the model itself")
    if isinstance(result, UniResult) and result.spec.method not in TAU2:
        raise OptionError(f"method={result.spec.method!r} needs the raw data of each fit; use method='DL'")


def rows_of(result: UniResult | PooledTables) -> list[int]:
    """The places in the data, from 0, of the k studies or tables that are pooled."""
    if isinstance(result, PooledTables):
        return [int(row) for row in tables_of(result.pooled).rows]
    rows = result.studies.rows
    return [*range(result.k)] if rows is None else [int(row) for row in rows]


def some(spec: UniSpec, kept: BoolArray) -> UniSpec:
    """The model of the studies that are `kept`, (k,)."""
    studies = Studies(spec.studies.yi[kept], spec.studies.vi[kept], ())
    weights = None if spec.weights is None else spec.weights[kept]
    return replace(spec, studies=studies, design=replace(spec.design, X=spec.X[kept]), weights=weights)


def fit_of_some(result: UniResult | PooledTables, kept: BoolArray) -> UniResult | PooledTables | None:
    """The fit of the studies, or tables, that are `kept`, (k,); None where there is none."""
    try:
        if isinstance(result, PooledTables):
            return _tables(result, kept)
    except PymetaError:
        return None
    return fit_or_none(some(result.spec, kept))


def fit_or_none(spec: UniSpec) -> UniResult | None:
    """The fit of part of the data; None where that is too little for the model, or leaves coefficients without studies."""
    if np.linalg.matrix_rank(spec.X) < spec.X.shape[1]:
        return None
    try:
        return fit(spec)
    except PymetaError:
        return None


def _tables(result: PooledTables, kept: BoolArray) -> PooledTables:
    """A row that is left out counts for nothing, nor does a zero in it."""
    there = np.zeros(len(result.spec.slab), dtype=bool)
    there[np.array(rows_of(result))[kept]] = True
    inputs = {name: np.where(there, values, np.nan) for name, values in result.spec.inputs.items()}
    specs = replace(result.spec, inputs=inputs), replace(result.pooled, inputs=inputs)
    return peto.fit(*specs) if isinstance(result, PetoResult) else mh.fit(*specs)
