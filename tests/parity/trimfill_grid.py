"""Trim and fill on real data sets: every estimator, both sides, and models of several kinds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import pymeta
from pymeta.errors import ConvergenceError
from pymeta.harness import Agreement, Call, Outcome, Rule, plain
from pymeta.port.calls.publication_bias import pinned_fill
from tests.parity import uni_grid
from tests.parity.asymmetry_grid import DATASETS
from tests.parity.failsafe_grid import data_of
from tests.parity.judging import KNOWN, Planted, judge

HERE = Path(__file__).parent
CASES = (
    *(
        f"{method} z {side} {one} vi"
        for method in ("EE", "DL")
        for side in ("-", "left", "right")
        for one in ("L0", "R0", "Q0")
    ),
    *(f"REML z {side} {one} vi" for side in ("left", "right") for one in ("L0", "R0", "Q0")),
    "REML knha - L0 vi",
    "PM t - R0 vi",
    "DL z left L0 own",
    "DL z right R0 own",
    "HE z left L0 none",
    "HE z right Q0 none",
)
COUNTS = ("k0", "k", "right", "fill")
COLUMNS = ("beta", "se", "pval", "ci.lb", "ci.ub")


def call_of(name: str) -> Call:
    arguments = {"data": data_of(name), "cases": np.array(CASES)}
    return Call("of_funnels_filled", arguments, HERE / "trimfill.R", packages=uni_grid.PACKAGES)


def ours(name: str, case: str, said: Any) -> dict[str, Any]:
    """Where tau² is solved for, by R's filled effects and its tau², as R does that to some five digits."""
    method, test, side, estimator, weighted = case.split()
    data = data_of(name)
    own = {"weights": 1.0 / np.sqrt(data["vi"])} if weighted == "own" else {}
    fit = pymeta.rma(data["yi"], data["vi"], method=method, test=test, weighted=weighted != "none", **own)
    try:
        found = pymeta.trimfill(fit, side=None if side == "-" else side, estimator=estimator)
    except ConvergenceError:
        return {}
    if method in ("REML", "PM"):
        pinned = pinned_fill(found, {one: np.ravel(said[one]) for one in ("yi", "tau2")})
        assert pinned is not None, f"{name} {case}: {found}"
        found = pinned
    numbers = {one: getattr(found, one.replace(".", "_")) for one in COLUMNS}
    numbers |= {"k0": found.k0, "se.k0": found.se_k0, "p.k0": np.nan if found.p_k0 is None else found.p_k0, "k": found.k}
    numbers |= {"tau2": found.tau2, "QE": found.QE, "I2": found.I2, "yi": found.studies.yi, "vi": found.studies.vi}
    return {**numbers, "right": float(found.side == "right"), "fill": found.fill.astype(float)}


def rules(said: dict[str, Any]) -> dict[str, Rule]:
    """Closed forms, at R's tau²; effects and tau² against 0.1."""
    found = {}
    for name in said:
        if name in COUNTS:
            found[name] = Rule("exact")
        elif name == "pval":
            found[name] = Rule("closed_p")
        else:
            scale = 0.1 if name in (*COLUMNS, "tau2", "yi") else 1.0
            found[name] = Rule("closed", scale=scale, allow_nan=True)
    return found


def judged(name: str, outcome: Outcome, known: Any = KNOWN) -> Iterator[tuple[str, Agreement]]:
    """Each case's name, and how pymeta and R agree; neither may answer where the other has no estimate."""
    for case, theirs in zip(CASES, plain(outcome.value), strict=True):
        found = ours(name, case, theirs)
        label = f"trimfill/{case.replace(' ', ',')}/{name}"
        empty = bool(np.isnan(np.ravel(theirs["k0"])).all())
        assert empty == (not found), f"{label}: {found or theirs}"
        if found:
            yield label, judge(label, found, theirs, rules(found), outcome, known)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"trimfill-{name}", call_of(name)) for name in DATASETS)


PLANTED: Planted = {
    "a number": ("dat.bcg", "k0", lambda x: x + 1),
    "its error": ("dat.bcg", "se.k0", lambda x: x + 1e-11),
    "its p-value": ("dat.bcg", "p.k0", lambda x: x * (1 + 1e-10)),
    "a side": ("dat.bcg", "right", lambda x: 1.0 - x),
    "an effect": ("dat.bcg", "yi", lambda x: x + 1e-11),
    "an average": ("dat.bcg", "beta", lambda x: x + 1e-11),
    "a tau2": ("dat.bcg", "tau2", lambda x: x + 1e-11),
}
