"""The numbers of L'Abbé plots of real tables and rates: every measure, and zeros treated in two ways."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import pymeta
from pymeta.harness import Agreement, Call, Outcome, Rule, plain
from tests.parity.judging import KNOWN, Planted, judge

HERE = Path(__file__).parent
TABLES = (
    "dat.bcg",
    "dat.collins1985a",
    "dat.collins1985b",
    "dat.hine1989",
    "dat.li2007",
    "dat.nielweise2007",
    "dat.yusuf1985",
)
RATES = ("dat.hart1999", "dat.nielweise2008")
DATASETS = (*TABLES, *RATES)
ZEROS = ("- -", "0.25 all")


@cache
def data_of(name: str) -> dict[str, np.ndarray]:
    rows = pd.read_csv(HERE / "table_data.csv").query("data == @name").drop(columns="data").dropna(axis=1, how="all")
    names = ("ai", "n1i", "ci", "n2i") if name in TABLES else ("x1i", "t1i", "x2i", "t2i")
    return {column: rows[column].to_numpy(dtype=float) for column in names}


def cases_of(name: str) -> tuple[str, ...]:
    models = ("RR EE", "OR EE", "RD EE", "AS EE", "OR MH") if name in TABLES else ("IRR EE", "IRD EE", "IRSD EE", "IRR MH")
    return tuple(f"{model} {zeros}" for model in models for zeros in ZEROS)


def call_of(name: str) -> Call:
    arguments = {"data": data_of(name), "cases": np.array(cases_of(name))}
    return Call("of_labbe", arguments, HERE / "labbe.R", packages=("metafor", "metadat"))


def ours(name: str, case: str) -> dict[str, Any]:
    measure, model, add, to = case.split()
    data = data_of(name)
    fit = pymeta.rma_mh(measure=measure, **data) if model == "MH" else pymeta.rma(measure=measure, method=model, **data)
    found = pymeta.labbe(fit, **({} if add == "-" else {"add": float(add), "to": to}))
    return {"x": found.x, "y": found.y, "cex": found.sizes(), "ids": found.ids + 1.0}


def judged(name: str, outcome: Outcome, known: Any = KNOWN) -> Iterator[tuple[str, Agreement]]:
    """Each case's name, and how pymeta and R agree."""
    rules = {"x": Rule("closed", scale=0.1), "y": Rule("closed", scale=0.1), "cex": Rule("closed"), "ids": Rule("exact")}
    for case, theirs in zip(cases_of(name), plain(outcome.value), strict=True):
        label = f"labbe/{case.replace(' ', ',')}/{name}"
        yield label, judge(label, ours(name, case), theirs, rules, outcome, known)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"labbe-{name}", call_of(name)) for name in DATASETS)


PLANTED: Planted = {
    "an outcome": ("dat.bcg", "x", lambda x: x + 1e-12),
    "the other's": ("dat.bcg", "y", lambda x: x + 1e-12),
    "a size": ("dat.bcg", "cex", lambda x: x * (1 + 1e-11)),
    "a place": ("dat.bcg", "ids", lambda x: x + 1.0),
}
