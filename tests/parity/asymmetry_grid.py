"""Tests of funnel plot asymmetry on real data sets: ranktest, and regtest by every predictor and both regressions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import pymeta
from pymeta.diagnostics.asymmetry import PREDICTORS
from pymeta.harness import Agreement, Call, Outcome, Rule, plain
from tests.parity import uni_grid
from tests.parity.judging import KNOWN, Planted, judge

HERE = Path(__file__).parent
DATASETS = (
    "dat.bcg",
    "dat.berkey1998",
    "dat.hackshaw1998",
    "dat.hart1999",
    "dat.hine1989",
    "dat.molloy2014",
    "dat.raudenbush1985",
)
CASES = ("EE z 0", "DL z 0", "DL knha 1", "REML z 0", "REML t 1", "ML z 0")


@cache
def data_of(name: str) -> dict[str, np.ndarray]:
    """Effects, sizes that are about 4 over the variances, and a moderator."""
    columns = uni_grid.data_of(name)
    yi, vi = (np.asarray(columns[one], dtype=float) for one in ("yi", "vi"))
    return {"yi": yi, "vi": vi, "n": np.round(4.0 / vi) + 4.0, "x": (np.arange(len(yi)) * 7.0) % 5.0}


def call_of(name: str) -> Call:
    return Call(
        "of_funnels", {"data": data_of(name), "cases": np.array(CASES)}, HERE / "asymmetry.R", packages=uni_grid.PACKAGES
    )


def ours(name: str, case: str) -> dict[str, Any]:
    method, test, moderated = case.split()
    data = pd.DataFrame(data_of(name))
    fit = pymeta.rma("yi", "vi", data=data, method=method, test=test, **({"mods": "~ x"} if moderated == "1" else {}))
    found: dict[str, Any] = {}
    if moderated == "0":
        ranks = pymeta.ranktest(fit)
        found = {"tau": ranks.tau, "rank_p": ranks.pval}
    for model in ("rma", "lm"):
        for predictor in PREDICTORS:
            one = pymeta.regtest(fit, model=model, predictor=predictor, ni="n")
            limit = [np.nan if x is None else x for x in (one.est, one.ci_lb, one.ci_ub)]
            found |= {f"{model}.{predictor}.zval": one.zval, f"{model}.{predictor}.pval": one.pval}
            found[f"{model}.{predictor}.limit"] = np.array(limit)
    return found


def rules(case: str, said: dict[str, Any]) -> dict[str, Rule]:
    """Closed forms but for what follows from a tau² that is solved for; z against 1, effects against 0.1."""
    solved = case.split(maxsplit=1)[0] in ("REML", "ML")
    found = {}
    for name in said:
        kind = "iterative" if solved and name.startswith("rma.") else "closed"
        if name.endswith(("pval", "rank_p")):
            found[name] = Rule(f"{kind}_p")
        else:
            found[name] = Rule(kind, scale=0.1 if name.endswith("limit") else 1.0, allow_nan=True)
    return found


def judged(name: str, outcome: Outcome, known: Any = KNOWN) -> Iterator[tuple[str, Agreement]]:
    """Each case's name, and how pymeta and R agree."""
    for case, theirs in zip(CASES, plain(outcome.value), strict=True):
        found = ours(name, case)
        label = f"asymmetry/{case.replace(' ', ',')}/{name}"
        yield label, judge(label, found, theirs, rules(case, found), outcome, known)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"asymmetry-{name}", call_of(name)) for name in DATASETS)


PLANTED: Planted = {
    "a z": ("dat.bcg", "lm.sei.zval", lambda x: x + 3e-12),
    "a p-value": ("dat.bcg", "rma.vi.pval", lambda x: x * (1 + 1e-5)),
    "a limit": ("dat.bcg", "rma.ninv.limit", lambda x: x + 1e-8),
    "a limit where there is none": ("dat.bcg", "lm.ni.limit", np.zeros_like),
    "Kendall's tau": ("dat.bcg", "tau", lambda x: x + 1e-11),
    "its p-value": ("dat.bcg", "rank_p", lambda x: x * (1 + 1e-10)),
}
