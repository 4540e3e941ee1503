"""Designs of moderators that are shuffled, so that they do not depend on each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pymeta.arrays import FloatArray, read_only
from pymeta.data import design as designs
from pymeta.data.columns import column
from pymeta.data.design import Design
from pymeta.data.specs import INTERCEPT
from pymeta.errors import OptionError
from pymeta.results.location_scale import LocationScaleResult
from pymeta.results.uni import UniResult

__all__ = ["Reshuffled"]

_READ = "column "
"""How a design's memory begins the names of columns that its formula has read."""


@dataclass(frozen=True, slots=True)
class Reshuffled:
    """Designs, and the columns (k,) of the data that their formulas read, in the rows that the model uses."""

    designs: Sequence[Design]
    table: Mapping[str, Any]

    @classmethod
    def of(cls, result: UniResult | LocationScaleResult, wanted: Sequence[Design]) -> Reshuffled:
        """Of a fitted model. Raises OptionError where redundant columns were left out, or the data are not known."""
        rows = np.asarray(result.studies.rows)
        names: dict[str, None] = {}
        for one in wanted:
            if one.encoder is not None and len(one.encoder.kept) < len(one.encoder.names):
                raise OptionError(f"sim: redundant predictors were left out of the model; leave them out of {one.formula}")
            if one.formula is not None and one.encoder is not None:
                names |= dict.fromkeys(key.removeprefix(_READ) for key in one.encoder.memory if key.startswith(_READ))
        if names and result.call.get("data") is None:
            raise OptionError("sim: the model has no record of its data; fit it by rma")
        return cls(wanted, {name: np.asarray(column("data", name, result.call["data"]))[rows] for name in names})

    def draw(self, rng: np.random.Generator) -> list[Design]:
        """Each variable in an order of its own, the same in all formulas; columns that came without a formula, too."""
        table = {name: rng.permutation(values) for name, values in self.table.items()}
        return [replace(one, X=read_only(self._X(one, table, rng))) for one in self.designs]

    def _X(self, one: Design, table: Mapping[str, Any], rng: np.random.Generator) -> FloatArray:
        if one.encoder is None:
            return one.X
        if one.formula is not None:
            return np.array(designs.new_rows(one, table)) if table else one.X
        free = [name != INTERCEPT[0] for name in one.names]
        X = np.array(one.X)
        X[:, free] = rng.permuted(X[:, free], axis=0)
        return X
