"""The numbers of funnel plots on real data sets: every axis, of effects, of models, of residuals and of trim and fill."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import pymeta
from pymeta.diagnostics.funnel import YAXES
from pymeta.harness import Agreement, Call, Outcome, Rule, plain
from tests.parity import uni_grid
from tests.parity.asymmetry_grid import DATASETS, data_of
from tests.parity.judging import KNOWN, Planted, judge

HERE = Path(__file__).parent
CASES = (
    "- rstandard -",
    "EE rstandard -",
    "REML rstandard -",
    "DL rstandard equal",
    "EE rstandard fill",
    "EE rstandard mods",
    "EE rstudent mods",
    "DL rstandard mods",
    "DL rstudent mods",
    "REML rstandard mods",
    "REML rstudent mods",
)


def call_of(name: str) -> Call:
    return Call(
        "of_points", {"data": data_of(name), "cases": np.array(CASES)}, HERE / "funnel.R", packages=uni_grid.PACKAGES
    )


def ours(name: str, case: str) -> dict[str, Any]:
    method, kind, what = case.split()
    data = pd.DataFrame(data_of(name))
    given: tuple[Any, ...] = (data["yi"], data["vi"])
    if method != "-":
        more = {"mods": {"mods": "~ x"}, "equal": {"weighted": False}}.get(what, {})
        fit = pymeta.rma("yi", "vi", data=data, method=method, **more)
        given = (pymeta.trimfill(fit) if what == "fill" else fit,)
    axes = [one for one in YAXES if what != "fill" or not one.endswith(("ni", "ninv"))]
    points = {yaxis: pymeta.funnel(*given, yaxis=yaxis, ni=data["n"], type=kind) for yaxis in axes}
    first = points["sei"]
    fill = np.array(np.nan) if first.fill is None else first.fill.astype(float)
    numbers = {"x": first.x, "fill": np.atleast_1d(fill), "p": first.pval, "crossed": first.crossed.astype(float)}
    return {**{yaxis: one.y for yaxis, one in points.items()}, **numbers}


def rules(case: str, found: dict[str, Any]) -> dict[str, Rule]:
    """Closed forms but for what has a tau² in it that is solved for; effects against 0.1."""
    kind = "iterative" if case.startswith("REML") else "closed"
    made = {name: Rule(kind) for name in found}
    special = {"fill": Rule("exact", allow_nan=True), "crossed": Rule("exact"), "p": Rule(f"{kind}_p")}
    return {**made, **special, "x": Rule(kind, scale=0.1)}


def judged(name: str, outcome: Outcome, known: Any = KNOWN) -> Iterator[tuple[str, Agreement]]:
    """Each case's name, and how pymeta and R agree."""
    for case, theirs in zip(CASES, plain(outcome.value), strict=True):
        label = f"funnel/{case.replace(' ', ',')}/{name}"
        found = ours(name, case)
        yield label, judge(label, found, theirs, rules(case, found), outcome, known)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"funnel-{name}", call_of(name)) for name in DATASETS)


PLANTED: Planted = {
    "a place": ("dat.bcg", "x", lambda x: x + 1e-12),
    "a standard error": ("dat.bcg", "sei", lambda x: x * (1 + 1e-11)),
    "a size": ("dat.bcg", "lni", lambda x: x * (1 + 1e-11)),
    "a weight": ("dat.bcg", "wi", lambda x: x * (1 + 1e-11)),
    "a band": ("dat.bcg", "crossed", lambda x: x + (x == x.max())),
    "a p-value": ("dat.bcg", "p", lambda x: x * (1 + 1e-10)),
    "what is filled": ("dat.bcg", "fill", lambda x: 0.0 * x),
}
