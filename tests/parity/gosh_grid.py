"""gosh on real data sets: all subsets and random ones, of several estimators and of tables."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import pymeta
from pymeta.harness import Agreement, Call, Outcome, Rule, plain
from tests.parity import uni_grid
from tests.parity.judging import KNOWN, Planted, judge

HERE = Path(__file__).parent
SEED = 1234
DATASETS = ("dat.bcg", "dat.berkey1998", "dat.hackshaw1998", "dat.hart1999", "dat.hine1989", "dat.raudenbush1985")
CASES = (
    "rma EE z 0 6 0",
    "rma DL z 0 6 0",
    "rma REML z 0 6 0",
    "rma ML knha 0 5 0",
    "rma SJ z 0 5 0",
    "rma EB z 1 6 0",
    "rma DL z 1 6 0",
    "rma FE z 1 5 0",
    "rma HE t 1 5 0",
    "rma REML z 0 16 40",
    "rma PM z 1 12 40",
    "rma HS z 0 9 600",
    "mh OR z 0 6 0",
    "mh RR z 0 6 40",
    "mh RD z 0 5 0",
    "mh IRR z 0 6 0",
    "mh IRD z 0 5 0",
    "peto OR z 0 6 0",
)


@cache
def data_of(name: str) -> dict[str, np.ndarray]:
    """Effects, a moderator that some studies share, and tables of made-up counts, some of which have no events."""
    columns = uni_grid.data_of(name)
    yi, vi = (np.asarray(columns[one], dtype=float) for one in ("yi", "vi"))
    place = np.arange(len(yi))
    tables = {"ai": place * 7 % 4, "n1i": 20 + place * 3 % 11, "ci": place * 5 % 3, "n2i": 24 + place % 7}
    return {"yi": yi, "vi": vi, "x": place * 7.0 % 5.0, **{key: value.astype(float) for key, value in tables.items()}}


def call_of(name: str) -> Call:
    return Call("of_subsets", {"data": data_of(name), "cases": np.array(CASES)}, HERE / "gosh.R", packages=uni_grid.PACKAGES)


@cache
def ours(name: str, case: str) -> dict[str, Any]:
    kind, how, test, moderated, studies, n = case.split()
    data = pd.DataFrame(data_of(name)).head(int(studies))
    tables = {"ai": "ai", "n1i": "n1i", "ci": "ci", "n2i": "n2i", "data": data}
    fit: Any
    if kind == "rma":
        fit = pymeta.rma("yi", "vi", data=data, method=how, test=test, **({"mods": "~ x"} if moderated == "1" else {}))
    elif kind == "peto":
        fit = pymeta.rma_peto(**tables)
    elif how in ("IRR", "IRD"):
        fit = pymeta.rma_mh(x1i="ai", t1i="n1i", x2i="ci", t2i="n2i", data=data, measure=how)
    else:
        fit = pymeta.rma_mh(**tables, measure=how)
    found = pymeta.gosh(fit) if n == "0" else pymeta.gosh(fit, subsets=int(n), seed=SEED)
    numbers = {name: getattr(found, name) for name in ("QE", "I2", "H2", "tau2", "beta")}
    return {"k": found.k.astype(float), "incl": found.incl.astype(float), **numbers}


def rules(name: str, case: str) -> dict[str, Rule]:
    """tau2 and effects against the size of the variances."""
    kind = "iterative" if case.split()[1] in ("REML", "ML", "EB", "PM") else "closed"
    small = float(np.median(data_of(name)["vi"]))
    scales = {"QE": 1.0, "I2": 1.0, "H2": 1.0, "tau2": small, "beta": float(np.sqrt(small))}
    found = {name: Rule(kind, scale=scale, allow_nan=True) for name, scale in scales.items()}
    return {**found, "k": Rule("closed"), "incl": Rule("closed", scale=1.0)}


def judged(name: str, outcome: Outcome, known: Any = KNOWN) -> Iterator[tuple[str, Agreement]]:
    """Each case's name, and how pymeta and R agree."""
    for case, theirs in zip(CASES, plain(outcome.value), strict=True):
        label = f"gosh/{case.replace(' ', ',')}/{name}"
        yield label, judge(label, ours(name, case), theirs, rules(name, case), outcome, known)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"gosh-{name}", call_of(name)) for name in DATASETS)


PLANTED: Planted = {
    "a subset": ("dat.bcg", "incl", lambda x: x[::-1]),
    "Q": ("dat.bcg", "QE", lambda x: x + 1e-7),
    "I2": ("dat.bcg", "I2", lambda x: x + 1e-7),
    "H2": ("dat.bcg", "H2", lambda x: x + 1e-7),
    "tau2": ("dat.bcg", "tau2", lambda x: x + 1e-7),
    "an estimate": ("dat.bcg", "beta", lambda x: x + 1e-7),
}
