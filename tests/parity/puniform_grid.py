"""p-uniform* on real data sets against base R, written from the paper; the package puniform was not run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import pymeta
from pymeta.harness import Agreement, Call, Outcome, Rule, plain
from tests.parity import uni_grid
from tests.parity.failsafe_grid import data_of
from tests.parity.judging import KNOWN, Planted, judge

HERE = Path(__file__).parent
SIDES = {
    "dat.bcg": ("left",),
    "dat.berkey1998": ("right", "left"),
    "dat.cohen1981": ("right",),
    "dat.egger2001": ("left",),
    "dat.hackshaw1998": ("right",),
    "dat.hart1999": ("left",),
    "dat.linde2005": ("right",),
    "dat.molloy2014": ("right",),
    "dat.raudenbush1985": ("right",),
    "dat.vanhowe1999": ("right", "left"),
}
"""Data sets with significant results, and where."""
DATASETS = tuple(SIDES)
LEVELS = ("0.05 95", "0.1 90")


def cases_of(name: str) -> tuple[str, ...]:
    return tuple(f"{side} {levels}" for side in SIDES[name] for levels in LEVELS)


def call_of(name: str) -> Call:
    arguments = {"data": data_of(name), "cases": np.array(cases_of(name))}
    return Call("of_truncated", arguments, HERE / "puniform.R", packages=uni_grid.PACKAGES)


def ours(name: str, case: str) -> dict[str, Any]:
    side, alpha, level = case.split()
    found = pymeta.puniform_star(*data_of(name).values(), side=side, alpha=float(alpha), level=float(level))
    return {
        "est": found.est,
        "ci": np.array([found.ci_lb, found.ci_ub]),
        "tau2": found.tau2,
        "tau2_ci": np.array([found.tau2_lb, found.tau2_ub]),
        "L": np.array([found.L_0, found.L_het, found.L_pb]),
        "p": np.array([found.pval_0, found.pval_het, found.pval_pb]),
        "ll": found.ll,
        "re": np.array([found.est_re, found.tau2_re]),
        "k_sig": float(found.k_sig),
    }


def rules() -> dict[str, Rule]:
    """All is solved for; effects against 0.1, variances against 0.01, likelihoods and their ratios against 1."""
    scales = {"est": 0.1, "ci": 0.1, "tau2": 0.01, "tau2_ci": 0.01, "L": 1.0, "ll": 1.0, "re": 0.01}
    found = {name: Rule("iterative", scale=scale) for name, scale in scales.items()}
    return {**found, "p": Rule("iterative_p"), "k_sig": Rule("exact")}


def judged(name: str, outcome: Outcome, known: Any = KNOWN) -> Iterator[tuple[str, Agreement]]:
    """Each case's name, and how pymeta and R agree."""
    for case, theirs in zip(cases_of(name), plain(outcome.value), strict=True):
        label = f"puniform/{case.replace(' ', ',')}/{name}"
        yield label, judge(label, ours(name, case), theirs, rules(), outcome, known)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"puniform-{name}", call_of(name)) for name in DATASETS)


PLANTED: Planted = {
    "an estimate": ("dat.bcg", "est", lambda x: x + 1e-8),
    "a bound": ("dat.bcg", "ci", lambda x: x + np.array([0.0, 1e-8])),
    "a variance": ("dat.bcg", "tau2", lambda x: x * (1 + 1e-7)),
    "its bound": ("dat.bcg", "tau2_ci", lambda x: x + np.array([1e-9, 0.0])),
    "a ratio": ("dat.bcg", "L", lambda x: x * (1 + 1e-7)),
    "a p-value": ("dat.bcg", "p", lambda x: x * (1 + 1e-5)),
    "the log-likelihood": ("dat.bcg", "ll", lambda x: x + 1e-6),
    "the plain model": ("dat.bcg", "re", lambda x: x + 1e-8),
    "a count": ("dat.bcg", "k_sig", lambda x: x + 1.0),
}
