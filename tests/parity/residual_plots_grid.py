"""The numbers of radial plots, normal QQ plots and Cook's distances by robust covariances on real data sets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import pymeta
from pymeta.diagnostics.qqnorm import TYPES
from pymeta.harness import Agreement, Call, Outcome, Rule, plain
from tests.parity import uni_grid
from tests.parity.asymmetry_grid import DATASETS, data_of
from tests.parity.judging import KNOWN, Planted, judge

HERE = Path(__file__).parent
CASES = ("EE 0", "DL 0", "REML 0", "EE 1", "DL 1", "REML 1", "DL robust", "DL robust_1", "REML scale")
ALPHA = [-2.0, 0.125]


def call_of(name: str) -> Call:
    arguments = {"data": data_of(name), "cases": np.array(CASES), "alpha": np.array(ALPHA)}
    return Call("of_residual_plots", arguments, HERE / "residual_plots.R", packages=uni_grid.PACKAGES)


def ours(name: str, case: str) -> dict[str, Any]:
    method, moderated = case.split()
    data = pd.DataFrame(data_of(name))
    if moderated == "scale":
        quantiles = pymeta.qqnorm(pymeta.rma("yi", "vi", data=data, method=method, scale="~ x", alpha=ALPHA))
        return {"rstandard.x": quantiles.x, "rstandard.y": quantiles.y}
    more = {"mods": "~ x"} if moderated.endswith("1") else {}
    fit = pymeta.rma("yi", "vi", data=data, method=method, **more)
    if moderated.startswith("robust"):
        return {"cooks_distance": pymeta.cooks_distance(pymeta.robust(fit, cluster="x"))}
    by_kind = {kind: pymeta.qqnorm(fit, type=kind) for kind in TYPES}
    found = {f"{kind}.{one}": getattr(made, one) for kind, made in by_kind.items() for one in ("x", "y")}
    if more:
        return found
    plain_points = pymeta.radial(fit)
    return {**found, "x": plain_points.x, "y": plain_points.y, "centred": pymeta.radial(fit, center=True).y}


def judged(name: str, outcome: Outcome, known: Any = KNOWN) -> Iterator[tuple[str, Agreement]]:
    """Each case's name, and how pymeta and R agree: closed forms but for what has a solved tau² in it; all against 1."""
    for case, theirs in zip(CASES, plain(outcome.value), strict=True):
        label = f"residual_plots/{case.replace(' ', ',')}/{name}"
        found = ours(name, case)
        kind = "iterative" if case.startswith("REML") else "closed"
        rules = {one: Rule("closed" if one.endswith("d.x") or one.endswith("t.x") else kind, scale=1.0) for one in found}
        yield label, judge(label, found, theirs, rules, outcome, known)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"residual_plots-{name}", call_of(name)) for name in DATASETS)


PLANTED: Planted = {
    "a precision": ("dat.bcg", "x", lambda x: x * (1 + 1e-11)),
    "a z-value": ("dat.bcg", "y", lambda x: x + 1e-11),
    "a distance from the line": ("dat.bcg", "centred", lambda x: x + 1e-11),
    "a quantile": ("dat.bcg", "rstandard.x", lambda x: x[::-1]),
    "a distance": ("dat.bcg", "cooks_distance", lambda x: x * (1 + 1e-10)),
    "a residual": ("dat.bcg", "rstudent.y", lambda x: x + 1e-11),
}
