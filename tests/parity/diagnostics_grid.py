"""What each study does to fits on real data sets: leave1out, cumul, influence, baujat."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import pymeta
from pymeta.harness import Call, Rule
from tests.parity import uni_grid

HERE = Path(__file__).parent
DATASETS = ("dat.bcg", "dat.berkey1998", "dat.hart1999", "dat.hine1989", "dat.laopaiboon2015")
TABLES = ("dat.bcg", "drawn8")
METHODS = ("EE", "DL", "REML")
MEASURES = ("OR", "RR", "RD", "PETO")
NEWER = ("cluster", "order", "collapse")
"""What is asked of metafor 5 only."""
REFITS = ("estimate", "se", "zval", "pval", "ci_lb", "ci_ub", "Q", "Qp", "tau2", "I2", "H2")
SCALED = ("exp.estimate", "exp.ci_lb", "exp.ci_ub")
INFLUENCE = ("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "QE_del", "hat", "weight")


@cache
def data_of(name: str) -> dict[str, np.ndarray]:
    """Effects, a moderator x with ties, and three clusters g."""
    columns = uni_grid.data_of(name)
    yi, vi = columns["yi"], columns["vi"]
    place = np.arange(len(yi))
    return {"yi": yi, "vi": vi, "x": (place * 7.0) % 5.0, "g": (place * 5.0) % 3.0, "w": np.sqrt(1.0 / vi)}


@cache
def tables_of(name: str) -> dict[str, np.ndarray]:
    if name == "dat.bcg":
        data = pymeta.load_dataset(name)
        counts = {to: np.asarray(data[c], dtype=float) for to, c in zip(("ai", "bi", "ci", "di"), _BCG, strict=True)}
    else:  # made up: with zeros, and a table without events
        place = np.arange(8.0)
        counts = {"ai": (place + 1.0) % 4.0, "ci": (place + 1.0) * 3.0 % 4.0, "bi": 20.0 + place, "di": 25.0 + 2.0 * place}
    place = np.arange(len(counts["ai"]))
    return {**counts, "x": (place * 7.0) % 5.0, "g": (place * 5.0) % 3.0}


_BCG = ("tpos", "tneg", "cpos", "cneg")


def cases_of(name: str) -> Iterator[tuple[str, str, bool, bool]]:
    yield from product(METHODS, ("z",), (False, True), (False,))
    yield from product(("DL",), ("knha",), (False, True), (False,))
    yield from product(("EE", "DL"), ("z",), (False, True), (True,))


def call_of(kind: str, name: str) -> Call:
    if kind == "tables":
        asked = {"data": tables_of(name), "cases": np.array(MEASURES)}
    else:
        asked = {"data": data_of(name), "cases": np.array([f"{m} {t} {int(x)} {int(w)}" for m, t, x, w in cases_of(name)])}
    return Call(f"of_{kind}", asked, HERE / "diagnostics.R", packages=uni_grid.PACKAGES)


ASKED = tuple([("studies", name) for name in DATASETS] + [("tables", name) for name in TABLES])


def every(kind: str, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The names of the cases, and pymeta's answers."""
    if kind == "studies":
        data = pd.DataFrame(data_of(name))
        for method, test, moderated, own in cases_of(name):
            more: dict[str, Any] = {**({"mods": "~ x"} if moderated else {}), **({"weights": "w"} if own else {})}
            fit = pymeta.rma("yi", "vi", data=data, method=method, test=test, **more)
            found = influences(fit) if moderated else {**influences(fit), **refits(fit)}
            yield f"diagnostics/{method},{test}{',mods' * moderated}{',weights' * own}/{name}", found
        return
    counts = {column: column for column in ("ai", "bi", "ci", "di")}
    for measure in MEASURES:
        table = pd.DataFrame(tables_of(name))
        pooled: Any = (
            pymeta.rma_peto(data=table, **counts)
            if measure == "PETO"
            else pymeta.rma_mh(measure=measure, data=table, **counts)
        )
        yield f"diagnostics/{measure}/tables.{name}", {**refits(pooled), **outliers(pooled), **deleted(pooled)}


def refits(fit: Any) -> dict[str, Any]:
    leave, cumul = pymeta.leave1out, pymeta.cumul
    asked = {"leave": leave(fit), "exp": leave(fit, transf="exp"), "cumul": cumul(fit), "cluster": leave(fit, cluster="g")}
    asked |= {"order": cumul(fit, order="x"), "collapse": cumul(fit, order="g", collapse=True)}
    numbers = {f"{under}.{name}": getattr(one, name) for under, one in asked.items() for name in REFITS}
    numbers = {name: numbers[name] for name in numbers if not name.startswith("exp.") or name in SCALED}
    return {name: values for name, values in numbers.items() if values is not None}


def outliers(fit: Any) -> dict[str, Any]:
    found = pymeta.baujat(fit)
    return {"baujat.x": found.x, "baujat.y": found.y}


def deleted(fit: Any) -> dict[str, Any]:
    found = {"residuals": pymeta.residuals(fit), "fitted": pymeta.fitted(fit), "df": float(pymeta.df_residual(fit))}
    for function in (pymeta.rstandard, pymeta.rstudent):
        one = function(fit)
        found |= {f"{function.__name__}.{name}": getattr(one, name) for name in ("resid", "se", "z")}
    return found


def influences(fit: Any) -> dict[str, Any]:
    found = pymeta.influence(fit)
    numbers = {name: getattr(found, name) for name in INFLUENCE}
    return {**numbers, "dfbs": found.dfbs.T.ravel(), "is_infl": found.is_infl.astype(float), **outliers(fit)}


def rules(name: str, answer: dict[str, Any]) -> dict[str, Rule]:
    """p-values and flags by themselves; other numbers near 0 against 0.1."""
    kind = "iterative" if "REML" in name else "closed"
    found = {}
    for quantity in answer:
        part = quantity.split(".")[-1]
        if part in ("pval", "Qp"):
            found[quantity] = Rule(f"{kind}_p", allow_nan=True)
        elif part == "is_infl":
            found[quantity] = Rule("exact")
        else:
            found[quantity] = Rule(kind, scale=0.1, allow_nan=True)
    return found


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"diagnostics-{kind}-{name}", call_of(kind, name)) for kind, name in ASKED)
