"""What a model is asked: resolved once by `api`, from columns and names to arrays and registry entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pymeta.arrays import BoolArray, FloatArray
from pymeta.data.design import Design
from pymeta.data.studies import Studies

__all__ = ["INTERCEPT", "DataSpec", "UniSpec"]

INTERCEPT = ("intrcpt",)  # metafor's name for it


@dataclass(frozen=True, slots=True)
class UniSpec:
    """An inverse-variance model.

    studies : effects and variances of the k studies that are pooled
    design : their moderators, X (k, p) with the coefficients' names
    measure, method : names; method is the estimator of tau² that is used, the first of `methods` that converged
    test : "z", "t", "knha" or "adhoc"
    weights : (k,) a person's own, or None for 1/(vi + tau²); all equal where `weighted` is False
    tau2 : a value given beforehand, or None
    tau2_min : the least that an estimate may be; tau2_init : where the estimator SJ starts, or None for its own start
    btt : positions of the coefficients that the omnibus test is about, from 0
    """

    studies: Studies
    design: Design
    measure: str
    method: str
    level: float
    methods: tuple[str, ...] = ()
    test: str = "z"
    weights: FloatArray | None = None
    weighted: bool = True
    tau2: float | None = None
    tau2_min: float = 0.0
    tau2_init: float | None = None
    btt: tuple[int, ...] = (0,)

    @property
    def X(self) -> FloatArray:
        """The design, (k, p)."""
        return self.design.X

    @property
    def names(self) -> tuple[str, ...]:
        """The coefficients' names."""
        return self.design.names


@dataclass(frozen=True, slots=True)
class DataSpec:
    """A person's data before there are effects: a measure's inputs by name, each (k,), labels, names of measure and method.

    add, to, drop00 : what to do about counts of 0
    vtype : the kind of sampling variance, where the measure knows several: of all rows, or one a row
    correct : whether effects are corrected for bias, where the measure knows how
    """

    inputs: Mapping[str, FloatArray]
    slab: Sequence[str]
    measure: str
    method: str
    level: float
    add: float
    to: str
    drop00: bool
    vtype: tuple[str, ...] = ()
    correct: bool = True

    @property
    def complete(self) -> BoolArray:
        """Which studies have all their data, (k,)."""
        return np.asarray(~np.logical_or.reduce([np.isnan(values) for values in self.inputs.values()]))
