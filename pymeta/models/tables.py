"""What methods that pool the tables themselves share: the rows that they use, with their own treatment of zeros."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from pymeta.arrays import BoolArray, FloatArray, IntArray
from pymeta.data.specs import DataSpec
from pymeta.data.studies import Studies, kept_studies
from pymeta.effects.measures import MEASURES
from pymeta.effects.studies import effects_of

__all__ = ["Tables", "as_they_are", "studies_with_effects", "tables_of"]


class Tables(NamedTuple):
    """The k tables that are pooled: their columns, each (k,), labels, and places in the data, from 0."""

    columns: Mapping[str, FloatArray]
    slab: tuple[str, ...]
    rows: IntArray


def as_they_are(spec: DataSpec) -> DataSpec:
    """The same data with nothing added and no table dropped."""
    return replace(spec, add=0.0, to="none", drop00=False)


def tables_of(spec: DataSpec) -> Tables:
    """The complete rows, less those that `drop00` drops, with `add` added where `to` says."""
    rows = np.flatnonzero(spec.complete)
    columns = _adjusted(spec, {name: values[rows] for name, values in spec.inputs.items()})
    there = ~np.isnan(np.column_stack(list(columns.values()))).any(axis=1)
    slab = tuple(spec.slab[int(row)] for row in rows[there])
    return Tables({name: values[there] for name, values in columns.items()}, slab, rows[there])


def _adjusted(spec: DataSpec, inputs: Mapping[str, FloatArray]) -> Mapping[str, FloatArray]:
    adjusted = MEASURES[spec.measure].family.adjusted
    assert adjusted is not None  # tables and rates have counts
    return adjusted(inputs, add=spec.add, to=spec.to, drop00=spec.drop00)


def studies_with_effects(spec: DataSpec, chosen: BoolArray | None) -> Studies:
    """The studies with an effect of their own, and those without and why; the tables pool without any."""
    yi, vi = effects_of(spec)
    return kept_studies(yi, vi, spec.slab, lambda: spec.complete, chosen, needed=False)
