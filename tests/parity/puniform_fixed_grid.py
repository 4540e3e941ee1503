"""p-uniform, of significant effects alone, against base R, written from the paper; the package puniform was not run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import pymeta
from pymeta.diagnostics.puniform import METHODS
from pymeta.harness import Agreement, Call, Outcome, Rule, plain
from tests.parity import puniform_grid, uni_grid
from tests.parity.failsafe_grid import data_of
from tests.parity.judging import KNOWN, Planted, judge
from tests.parity.puniform_grid import DATASETS

HERE = Path(__file__).parent


def cases_of(name: str) -> tuple[str, ...]:
    return tuple(f"{case} {method}" for case in puniform_grid.cases_of(name) for method in METHODS)


def call_of(name: str) -> Call:
    """p-uniform, of significant effects alone."""
    arguments = {"data": data_of(name), "cases": np.array(cases_of(name))}
    return Call("of_significant", arguments, HERE / "puniform.R", packages=uni_grid.PACKAGES)


def ours(name: str, case: str) -> dict[str, Any]:
    side, alpha, level, method = case.split()
    given = {"side": side, "alpha": float(alpha), "level": float(level), "method": method}
    found = pymeta.puniform(*data_of(name).values(), **given)
    return {
        "est": found.est,
        "ci": np.array([found.ci_lb, found.ci_ub]),
        "L": np.array([found.L_0, found.L_pb]),
        "p": np.array([found.pval_0, found.pval_pb]),
        "fe": found.est_fe,
        "k_sig": float(found.k_sig),
    }


def judged(name: str, outcome: Outcome, known: Any = KNOWN) -> Iterator[tuple[str, Agreement]]:
    """The same of p-uniform, whose numbers are roots of monotone functions: as good as closed forms, but for bounds."""
    closed = {"est": Rule("closed", scale=0.1), "fe": Rule("closed", scale=0.1), "L": Rule("closed", scale=1.0)}
    rules = {**closed, "ci": Rule("iterative", scale=0.1), "p": Rule("iterative_p"), "k_sig": Rule("exact")}
    for case, theirs in zip(cases_of(name), plain(outcome.value), strict=True):
        label = f"puniform/{case.replace(' ', ',')}/{name}"
        yield label, judge(label, ours(name, case), theirs, rules, outcome, known)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"puniform-fixed-{name}", call_of(name)) for name in DATASETS)


PLANTED: Planted = {
    "an estimate": ("dat.bcg", "est", lambda x: x + 1e-12),
    "a bound": ("dat.bcg", "ci", lambda x: x + np.array([1e-8, 0.0])),
    "a statistic": ("dat.bcg", "L", lambda x: x * (1 + 1e-11)),
    "a p-value": ("dat.bcg", "p", lambda x: x * (1 + 1e-5)),
    "the average": ("dat.bcg", "fe", lambda x: x + 1e-12),
}
