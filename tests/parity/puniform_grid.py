"""p-uniform and p-uniform* on real data sets against base R, written from the paper; the package puniform was not run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import pymeta
from pymeta.diagnostics.puniform import METHODS
from pymeta.harness import Agreement, Call, Outcome, Rule, plain
from tests.parity import uni_grid
from tests.parity.failsafe_grid import data_of
from tests.parity.judging import KNOWN, judge

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


def fixed_cases_of(name: str) -> tuple[str, ...]:
    return tuple(f"{case} {method}" for case in cases_of(name) for method in METHODS)


def fixed_call_of(name: str) -> Call:
    """p-uniform, of significant effects alone."""
    arguments = {"data": data_of(name), "cases": np.array(fixed_cases_of(name))}
    return Call("of_significant", arguments, HERE / "puniform.R", packages=uni_grid.PACKAGES)


def fixed(name: str, case: str) -> dict[str, Any]:
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


def fixed_judged(name: str, outcome: Outcome, known: Any = KNOWN) -> Iterator[tuple[str, Agreement]]:
    """The same of p-uniform, whose numbers are roots of monotone functions: as good as closed forms, but for bounds."""
    closed = {"est": Rule("closed", scale=0.1), "fe": Rule("closed", scale=0.1), "L": Rule("closed", scale=1.0)}
    rules = {**closed, "ci": Rule("iterative", scale=0.1), "p": Rule("iterative_p"), "k_sig": Rule("exact")}
    for case, theirs in zip(fixed_cases_of(name), plain(outcome.value), strict=True):
        label = f"puniform/{case.replace(' ', ',')}/{name}"
        yield label, judge(label, fixed(name, case), theirs, rules, outcome, known)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    yield from ((f"puniform-{name}", call_of(name)) for name in SIDES)
    yield from ((f"puniform-fixed-{name}", fixed_call_of(name)) for name in SIDES)
