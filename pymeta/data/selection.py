"""What a selection model is asked: which studies are seen, and how that depends on their p-values."""

from __future__ import annotations

from dataclasses import dataclass

from pymeta.arrays import BoolArray, FloatArray

__all__ = ["SelectionSpec"]


@dataclass(frozen=True, slots=True)
class SelectionSpec:
    """A selection function and what of it is given.

    type : a name in SELECTIONS; alternative : "greater", "less" or "two.sided", of the tests whose p-values count
    steps : p-values between which a step function is constant, the last of them 1; the threshold of another function; or
        the effect below which studies are truncated
    prec : what tells imprecision, or None; precis : (k,) its values, the largest of them 1 unless scaled otherwise
    affected : (k,) which studies are selected at all
    delta : (d,) values of the selection parameters, NaN where they are estimated
    delta_min, delta_max : (d,) between which they are; decreasing : whether no step may be above the one before
    pval_min : p-values are kept at least this far from 0 and 1
    """

    type: str
    alternative: str
    steps: tuple[float, ...]
    prec: str | None
    precis: FloatArray
    affected: BoolArray
    delta: FloatArray
    delta_min: FloatArray
    delta_max: FloatArray
    decreasing: bool
    pval_min: float
