"""From a person's data to the studies that are pooled."""

from __future__ import annotations

from typing import Any

import numpy as np

from pymeta.data.specs import DataSpec
from pymeta.data.studies import Studies, kept_studies
from pymeta.effects.measures import MEASURES
from pymeta.effects.records import Effects

__all__ = ["effects_of", "studies_of"]

OPTIONS = ("vtype", "correct")
"""What an effect function may take besides its inputs."""


def effects_of(spec: DataSpec) -> Effects:
    """Every row's effect and variance, NaN where there is none; zero counts are treated first as `spec` asks."""
    measure = MEASURES[spec.measure]
    inputs = dict(spec.inputs)
    if measure.family.adjusted is not None:
        inputs = measure.family.adjusted(inputs, add=spec.add, to=spec.to, drop00=spec.drop00)
    k = len(spec.slab)
    names = [name for name in measure.parameters if name not in OPTIONS]
    wanted: dict[str, Any] = {name: inputs[name] if name in inputs else np.full(k, np.nan) for name in names}
    if "correct" in measure.parameters:
        wanted["correct"] = spec.correct
    if "vtype" not in measure.parameters:
        return measure.effect(**wanted)
    if len(spec.vtype) == 1:
        return measure.effect(**wanted, vtype=spec.vtype[0])
    vtypes = np.array(spec.vtype)
    kinds = {vtype: measure.effect(**wanted, vtype=vtype) for vtype in dict.fromkeys(spec.vtype)}
    yi, vi = np.empty(k), np.empty(k)
    for vtype, effects in kinds.items():  # a row's effect may depend on it, too
        rows = vtypes == vtype
        yi[rows], vi[rows] = effects.yi[rows], effects.vi[rows]
    return Effects(yi, vi)


def studies_of(spec: DataSpec) -> Studies:
    """The studies with an effect, and those without and why. Raises DataError when none is left."""
    yi, vi = effects_of(spec)
    return kept_studies(yi, vi, spec.slab, lambda: spec.complete)
