"""The fail-safe N on real data sets: every type, and every path of the type "General"."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import pymeta
from pymeta.harness import Agreement, Call, Outcome, Rule, plain
from pymeta.port.calls.publication_bias import pinned_drawer
from pymeta.results.failsafe import FailSafeN
from tests.parity import uni_grid
from tests.parity.asymmetry_grid import DATASETS
from tests.parity.judging import KNOWN, Planted, judge

HERE = Path(__file__).parent
EFFECTS = (
    "Rosenthal 0.05 -",
    "Rosenthal 0.001 -",
    "Orwin0 0.05 -",
    "Orwin0 0.05 0.03",
    "Orwin 0.05 0.03",
    "Orwin 0.05 -",
    "Rosenberg 0.05 -",
    "Rosenberg 0.3 -",
)
MODELS = ("EE z", "DL z", "HE z", "REML z", "ML z", "DL knha", "DL t")
GENERAL = (
    *(f"General {aim} {model} 0" for aim in ("0.3 -", "0.05 0.05") for model in MODELS[:5]),
    *(f"General {aim} {model} {exact}" for aim in ("0.05 -", "0.05 0.2") for model in MODELS for exact in (0, 1)),
)
SMALL = 15  # studies
NUMBERS = ("fsnum", "est", "tau2", "pval", "target", "est.fsn", "tau2.fsn", "pval.fsn")


def data_of(name: str) -> dict[str, np.ndarray]:
    columns = uni_grid.data_of(name)
    return {one: np.asarray(columns[one], dtype=float) for one in ("yi", "vi")}


def cases_of(name: str) -> tuple[str, ...]:
    """All, or those where R does not fit models to thousands of studies, whose matrices take it minutes."""
    small = len(data_of(name)["yi"]) < SMALL
    return (*EFFECTS, *(case for case in GENERAL if small or (case.endswith("0") and " z " in case)))


def call_of(name: str) -> Call:
    arguments = {"data": data_of(name), "cases": np.array(cases_of(name))}
    return Call("of_drawers", arguments, HERE / "failsafe.R", packages=uni_grid.PACKAGES)


def found_in(name: str, case: str) -> FailSafeN:
    kind, alpha, target, *model = case.split()
    data = data_of(name)
    asked = {"alpha": float(alpha), "target": None if target == "-" else float(target)}
    if kind == "General":
        fit = pymeta.rma(data["yi"], data["vi"], method=model[0], test=model[1])
        return pymeta.fsn(fit, exact=model[2] == "1", **asked)
    return pymeta.fsn(data["yi"], None if kind == "Orwin0" else data["vi"], type=kind.removesuffix("0"), **asked)


def ours(name: str, case: str, said: dict[str, Any]) -> dict[str, Any]:
    """The least number; the models are those of R's number, and by R's tau2, whose iteration ends early there."""
    own = found_in(name, case)
    theirs = {one: float(np.ravel(values)[0]) for one, values in said.items()}
    found = own if own.type != "General" else pinned_drawer(own, theirs)
    assert found is not None, f"{name} {case}: {own} {said}"
    numbers = {one: getattr(found, one.replace(".", "_")) for one in NUMBERS}
    return {one: np.nan if x is None else x for one, x in numbers.items()} | {"fsnum": own.fsnum}


def rules() -> dict[str, Rule]:
    """Closed forms, at R's tau²; effects against 0.1, as tau²."""
    found = {one: Rule("closed", scale=0.1, allow_nan=True) for one in NUMBERS}
    p_values = dict.fromkeys(("pval", "pval.fsn"), Rule("closed_p", allow_nan=True))
    return {**found, **p_values, "fsnum": Rule("exact", allow_nan=True)}


def judged(name: str, outcome: Outcome, known: Any = KNOWN) -> Iterator[tuple[str, Agreement]]:
    """Each case's name, and how pymeta and R agree; of metafor 3.8, which has no "General", those it has."""
    for case, theirs in zip(cases_of(name), plain(outcome.value), strict=True):
        if theirs is not None:
            label = f"failsafe/{case.replace(' ', ',')}/{name}"
            yield label, judge(label, ours(name, case, theirs), theirs, rules(), outcome, known)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"failsafe-{name}", call_of(name)) for name in DATASETS)


PLANTED: Planted = {
    "a number": ("dat.bcg", "fsnum", lambda x: x - 1.0),
    "an average": ("dat.bcg", "est", lambda x: x + 1e-11),
    "a tau2": ("dat.bcg", "tau2.fsn", lambda x: x + 1e-11),
    "a p-value": ("dat.bcg", "pval.fsn", lambda x: x * (1 + 1e-8)),
    "a target": ("dat.bcg", "target", lambda x: -x),
}
