"""PET and PEESE on real data sets against R's own lm(); no package for them was run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import pymeta
from pymeta.harness import Agreement, Call, Outcome, Rule, plain
from tests.parity import uni_grid
from tests.parity.asymmetry_grid import DATASETS
from tests.parity.failsafe_grid import data_of
from tests.parity.judging import KNOWN, Planted, judge

HERE = Path(__file__).parent
CASES = ("t 95 right", "t 95 left", "t 90 right", "z 95 right", "z 99 left")
OF_LINES = ("beta", "se", "zval", "pval", "ci_lb", "ci_ub", "dispersion")
CONDITIONAL = ("est", "se", "ci_lb", "ci_ub")


def call_of(name: str) -> Call:
    arguments = {"data": data_of(name), "cases": np.array(CASES)}
    return Call("of_lines", arguments, HERE / "pet_peese.R", packages=uni_grid.PACKAGES)


def ours(name: str, case: str) -> dict[str, Any]:
    test, level, side = case.split()
    found = pymeta.pet_peese(*data_of(name).values(), test=test, level=float(level), side=side)
    lines = {"pet": found.pet, "peese": found.peese}
    numbers = {f"{line}.{one}": getattr(made, one) for line, made in lines.items() for one in OF_LINES}
    return {
        **numbers,
        "pval_pet": found.pval_pet,
        "conditional": np.array([getattr(found, one) for one in CONDITIONAL]),
    }


def rules(found: dict[str, Any]) -> dict[str, Rule]:
    """Closed forms; t and z against 1, effects against 0.1, slopes, which are as large as 1/sei, as they are."""
    scales = {"zval": 1.0, "beta": 0.1, "ci_lb": 0.1, "ci_ub": 0.1, "conditional": 0.1}
    kinds = {name: "closed_p" if "pval" in name else "closed" for name in found}
    return {name: Rule(kind, scale=scales.get(name.rpartition(".")[2])) for name, kind in kinds.items()}


def judged(name: str, outcome: Outcome, known: Any = KNOWN) -> Iterator[tuple[str, Agreement]]:
    """Each case's name, and how pymeta and R agree."""
    for case, theirs in zip(CASES, plain(outcome.value), strict=True):
        label = f"pet_peese/{case.replace(' ', ',')}/{name}"
        found = ours(name, case)
        yield label, judge(label, found, theirs, rules(found), outcome, known)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"pet_peese-{name}", call_of(name)) for name in DATASETS)


PLANTED: Planted = {
    "an intercept": ("dat.bcg", "pet.beta", lambda x: x + 1e-12),
    "a standard error": ("dat.bcg", "peese.se", lambda x: x * (1 + 1e-11)),
    "a t": ("dat.bcg", "pet.zval", lambda x: x + 1e-11),
    "a p-value": ("dat.bcg", "peese.pval", lambda x: x * (1 + 1e-10)),
    "the dispersion": ("dat.bcg", "pet.dispersion", lambda x: x * (1 + 1e-11)),
    "a bound": ("dat.bcg", "peese.ci_ub", lambda x: x + 1e-11),
    "the p-value that chooses": ("dat.bcg", "pval_pet", lambda x: x * (1 + 1e-10)),
    "the choice": ("dat.bcg", "conditional", lambda x: x[::-1]),
}
