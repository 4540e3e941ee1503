"""From a person's data to the studies that are pooled."""

from __future__ import annotations

from pymeta.data.specs import DataSpec
from pymeta.data.studies import Studies, kept_studies
from pymeta.effects.measures import MEASURES
from pymeta.effects.records import Effects
from pymeta.effects.zero_cells import corrected

__all__ = ["effects_of", "studies_of"]


def effects_of(spec: DataSpec) -> Effects:
    """Every row's effect and variance, NaN where there is none; 2x2 tables are corrected first as `spec` asks."""
    measure = MEASURES[spec.measure]
    inputs = spec.inputs
    if measure.family.name == "two_by_two":
        cells = corrected(**inputs, add=spec.add, to=spec.to, drop00=spec.drop00)
        inputs = dict(zip(("ai", "bi", "ci", "di"), cells, strict=True))
    return measure.effect(**inputs)


def studies_of(spec: DataSpec) -> Studies:
    """The studies with an effect, and those without and why. Raises DataError when none is left."""
    yi, vi = effects_of(spec)
    return kept_studies(yi, vi, spec.slab, spec.complete)
