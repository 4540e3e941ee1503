"""The p-curve on real data sets against base R, written from the papers; no package for it was run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import pymeta
from pymeta.harness import Agreement, Call, Outcome, Rule, plain
from pymeta.results.pcurve import PCurve
from tests.parity import uni_grid
from tests.parity.failsafe_grid import data_of
from tests.parity.judging import KNOWN, Planted, judge

HERE = Path(__file__).parent
SIDES = {
    "dat.bangertdrowns2004": ("right",),
    "dat.bcg": ("left",),
    "dat.berkey1998": ("right", "left"),
    "dat.cohen1981": ("right",),
    "dat.curtis1998": ("right", "left"),
    "dat.hackshaw1998": ("right",),
    "dat.hart1999": ("left",),
    "dat.molloy2014": ("right",),
    "dat.raudenbush1985": ("right",),
}
"""Data sets with significant results, and where."""

DATASETS = tuple(SIDES)


def call_of(name: str) -> Call:
    arguments = {"data": data_of(name), "cases": np.array(SIDES[name])}
    return Call("of_curves", arguments, HERE / "pcurve.R", packages=uni_grid.PACKAGES)


def found_in(name: str, side: str) -> PCurve:
    return pymeta.pcurve(*data_of(name).values(), side=side)


def ours(name: str, side: str) -> dict[str, Any]:
    found = found_in(name, side)
    numbers = {"counts": np.array([found.k_sig, found.k_half], dtype=float)}
    numbers["binomial"] = np.array([found.binom_right, found.binom_flat])
    numbers["power"] = np.array([found.power, found.power_lb, found.power_ub])
    for part, pair in (("full", (found.right, found.flat)), ("half", (found.right_half, found.flat_half))):
        numbers[f"{part}.z"] = np.array([np.nan if one is None else one.zval for one in pair])
        numbers[f"{part}.p"] = np.array([np.nan if one is None else one.pval for one in pair])
    return numbers


def rules() -> dict[str, Rule]:
    """Closed forms, also of the mean for a power of 1/3, which both sides solve for to the last digit."""
    found = {f"{part}.z": Rule("closed", scale=1.0, allow_nan=True) for part in ("full", "half")}
    found |= {f"{part}.p": Rule("closed_p", allow_nan=True) for part in ("full", "half")}
    return {**found, "counts": Rule("exact"), "binomial": Rule("closed_p"), "power": Rule("iterative", scale=1.0)}


def judged(name: str, outcome: Outcome, known: Any = KNOWN) -> Iterator[tuple[str, Agreement]]:
    """Each case's name, and how pymeta and R agree."""
    for side, theirs in zip(SIDES[name], plain(outcome.value), strict=True):
        label = f"pcurve/{side}/{name}"
        yield label, judge(label, ours(name, side), theirs, rules(), outcome, known)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"pcurve-{name}", call_of(name)) for name in SIDES)


PLANTED: Planted = {
    "a score": ("dat.bcg", "full.z", lambda x: x + np.array([0.0, 2e-11])),
    "a p-value": ("dat.bcg", "half.p", lambda x: x * (1 + 1e-10)),
    "a binomial p-value": ("dat.bcg", "binomial", lambda x: x * (1 + 1e-11)),
    "a power": ("dat.bcg", "power", lambda x: x + 1e-7),
    "a count": ("dat.bcg", "counts", lambda x: x + np.array([0.0, 1.0])),
}
