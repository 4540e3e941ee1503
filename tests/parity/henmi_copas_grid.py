"""Henmi and Copas' interval on real data sets, at several levels, with less and more heterogeneity."""

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
CASES = tuple(
    f"{method} {level} {factor}"
    for method in ("EE z", "DL z", "HE knha")
    for level in (95, 80, 99)
    for factor in (1, 0.1, 5)
)
NUMBERS = ("beta", "se", "ci.lb", "ci.ub", "tau2", "beta.rma", "se.rma", "ci.lb.rma", "ci.ub.rma", "tau2.rma")


def call_of(name: str) -> Call:
    arguments = {"data": data_of(name), "cases": np.array(CASES)}
    return Call("of_averages", arguments, HERE / "henmi_copas.R", packages=uni_grid.PACKAGES)


def ours(name: str, case: str) -> dict[str, Any]:
    method, test, level, factor = case.split()
    data = data_of(name)
    fit = pymeta.rma(data["yi"] * float(factor), data["vi"], method=method, test=test, level=float(level))
    found = pymeta.hc(fit)
    return {one: getattr(found, one.replace(".", "_")) for one in NUMBERS}


def rules() -> dict[str, Rule]:
    """Closed forms but for the quantile, of which R integrates and solves; against 0.1."""
    return {one: Rule("iterative" if one in ("ci.lb", "ci.ub") else "closed", scale=0.1) for one in NUMBERS}


def judged(name: str, outcome: Outcome, known: Any = KNOWN) -> Iterator[tuple[str, Agreement]]:
    """Each case's name, and how pymeta and R agree; its search fails for the quantile of 99% where that is large."""
    for case, theirs in zip(CASES, plain(outcome.value), strict=True):
        if theirs is None:
            assert " 99 " in case, f"R has no answer to {case} of {name}"
            continue
        label = f"henmi_copas/{case.replace(' ', ',')}/{name}"
        yield label, judge(label, ours(name, case), theirs, rules(), outcome, known)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"henmi_copas-{name}", call_of(name)) for name in DATASETS)


PLANTED: Planted = {
    "an average": ("dat.bcg", "beta", lambda x: x + 1e-11),
    "its error": ("dat.bcg", "se", lambda x: x + 1e-11),
    "a bound": ("dat.bcg", "ci.lb", lambda x: x + 1e-7),
    "the other": ("dat.bcg", "ci.ub", lambda x: x + 1e-7),
    "a bound of the model": ("dat.bcg", "ci.ub.rma", lambda x: x + 1e-11),
    "a tau2": ("dat.bcg", "tau2", lambda x: x + 1e-11),
}
