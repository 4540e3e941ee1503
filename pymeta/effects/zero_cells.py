"""What to do about counts of zero, before an effect is computed from a table, a proportion or a rate."""

from __future__ import annotations

import numpy as np

from pymeta.arrays import BoolArray, FloatArray
from pymeta.errors import no_such

__all__ = ["ADD_TO", "added", "corrected", "uninformative"]

ADD_TO = ("only0", "all", "if0all", "none")


def uninformative(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> BoolArray:
    """Which studies have no events in either arm, or nothing but events: their ratios are not defined. (k,)"""
    return np.asarray(((ai == 0) & (ci == 0)) | ((bi == 0) & (di == 0)))


def added(zero: BoolArray, *, add: float, to: str) -> FloatArray:
    """What `to` has added to the counts of each study, of which `zero` are those with a count of zero: `add` or 0. (k,)"""
    match to:
        case "only0":
            chosen = zero
        case "all":
            chosen = np.ones_like(zero)
        case "if0all":
            chosen = np.full_like(zero, bool(zero.any()))
        case "none":
            chosen = np.zeros_like(zero)
        case _:
            raise no_such("to", to, ADD_TO, what="way to choose studies")
    return np.where(chosen, add, 0.0)


def corrected(
    ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray, *, add: float, to: str, drop00: bool
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """The four cells, each (k,), with `add` added to all four cells of the studies that `to` names.

    to : "only0" studies with a zero cell, "all" every study, "if0all" every study if any has a zero cell, "none"
    drop00 : make the tables without events in either arm, or with nothing but events, NaN; "if0all" does not count them
    metafor: the arguments of the same names of ``escalc``
    """
    zero = (ai == 0) | (bi == 0) | (ci == 0) | (di == 0)
    if drop00:
        dropped = uninformative(ai, bi, ci, di)
        amount = np.where(dropped, np.nan, added(zero & ~dropped, add=add, to=to))
    else:
        amount = added(zero, add=add, to=to)
    return ai + amount, bi + amount, ci + amount, di + amount
