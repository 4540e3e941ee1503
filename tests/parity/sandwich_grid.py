"""Robust variances against clubSandwich, marginal means against emmeans, subgroups against metafor, on real data sets.

ClubSandwich and emmeans must be installed there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import pymeta
from pymeta.generics.marginal_means import marginal_means
from pymeta.generics.robust import hotelling, robust
from pymeta.generics.subgroups import subgroups
from pymeta.harness import Call, Rule
from tests.parity import anova_grid, uni_grid
from tests.parity.uni_grid import PACKAGES

HERE = Path(__file__).parent
DATASETS = ("dat.bcg", "dat.berkey1998", "dat.cohen1981", "dat.debruin2009", "dat.hine1989", "dat.molloy2014")
WITH_GROUPS = ("dat.bcg", "dat.berkey1998", "dat.debruin2009", "dat.molloy2014", "dat.linde2005")
MEANS = (
    {"specs": "1", "weighting": "equal"},
    {"specs": "1", "weighting": "proportional"},
    {"specs": "g", "weighting": "equal"},
    {"specs": "g", "weighting": "equal", "at": {"x1": np.array([0.3])}},
    {"specs": "x1", "weighting": "proportional", "at": {"x1": np.array([-0.5, 0.0, 2.0])}},
    {"specs": "x1", "weighting": "outer", "at": {"x1": np.array([-0.5, 0.0, 2.0])}},
)


def clubs(name: str) -> Iterator[dict[str, Any]]:
    for mods in uni_grid.formulas(name):
        model = {} if mods is None else {"mods": mods}
        for method, test in (("EE", "z"), ("DL", "knha"), ("REML", "z")):
            yield {"method": method, "test": test, **model}
        if mods is not None:  # clubSandwich 0.5.8 stops at own weights without moderators
            yield {"method": "DL", "test": "z", "weights": "w", **model}


def means(name: str) -> Iterator[dict[str, Any]]:
    for mods in ("~ x1 + g", "~ g + I((x1 - 3)^2) + x1"):
        for test in ("z", "knha"):
            for more in MEANS:
                yield {"method": "DL", "test": test, "mods": mods, **more}


def groups(name: str) -> Iterator[dict[str, Any]]:
    for method in ("EE", "DL", "REML"):
        for test in ("z", "knha"):
            if not (test == "knha" and name == "dat.linde2005"):  # a subgroup of one study
                yield {"method": method, "test": test}


CASES = {"club": clubs, "means": means, "subgroup": groups}
ASKED = [("club", name) for name in DATASETS] + [("means", n) for n in ("dat.bcg", "dat.berkey1998", "dat.debruin2009")]
ASKED += [("subgroup", name) for name in WITH_GROUPS]


def cases_of(function: str, name: str) -> list[dict[str, Any]]:
    return list(CASES[function](name))


def call_of(function: str, name: str) -> Call:
    arguments = {"data": anova_grid.data_of(name), "cases": cases_of(function, name)}
    return Call(function, arguments, HERE / "sandwich.R", packages=PACKAGES)


def ours(function: str, name: str, case: Mapping[str, Any]) -> dict[str, Any]:
    data = pd.DataFrame(anova_grid.data_of(name))
    return {"club": _club, "means": _means, "subgroup": _subgroup}[function](data, dict(case))


def _club(data: pd.DataFrame, case: dict[str, Any]) -> dict[str, Any]:
    fit = pymeta.rma("yi", "vi", data=data, **case)
    found: dict[str, Any] = {}
    for kind in ("CR0", "CR1", "CR1p", "CR2"):
        r = robust(fit, "cl", vcov=kind)
        F, p, df = hotelling(r.sandwich, np.eye(fit.p), fit.beta)
        values = {"vb": r.vb[0], "se": r.se, "df": r.dfs, "pval": r.pval, "F": F, "F_df": df, "F_p": p}
        found |= {f"{kind}_{name}": value for name, value in values.items()}
    return found


def _means(data: pd.DataFrame, case: dict[str, Any]) -> dict[str, Any]:
    specs, weighting, at = case.pop("specs"), case.pop("weighting"), case.pop("at", None)
    fit = pymeta.rma("yi", "vi", data=data, **case)
    found = marginal_means(fit, () if specs == "1" else specs, weights=weighting, at=at)
    return {name: getattr(found, name) for name in ("emmean", "se", "ci_lb", "ci_ub")}


def _subgroup(data: pd.DataFrame, case: dict[str, Any]) -> dict[str, Any]:
    apart = subgroups("yi", "vi", data=data, by="g", **case)
    fit = pymeta.rma("yi", "vi", data=data, **case)
    common = subgroups(fit, by="g", tau2="common")
    rows, together = apart.frame().iloc[:-1], common.frame().iloc[:-1]
    return {
        **{column: rows[column].to_numpy() for column in ("beta", "se", "tau2", "I2", "QE")},
        "QB": apart.QB,
        "QBp": apart.QBp,
        **{f"common_{to}": together[column].to_numpy() for to, column in (("beta", "beta"), ("se", "se"), ("ub", "ci_ub"))},
        "common_QB": common.QB,
        "common_QBp": common.QBp,
    }


def flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Nested answers by names joined with "_"."""
    nested = any(isinstance(value, Mapping) for value in values.values())
    return {f"{a}_{b}": x for a, inner in values.items() for b, x in inner.items()} if nested else dict(values)


def rules(method: str, answer: Mapping[str, Any]) -> dict[str, Rule]:
    kind = "iterative" if method == "REML" else "closed"
    found = {}
    for name, value in answer.items():
        if name.rpartition("_")[2] in ("pval", "p", "QBp"):
            found[name] = Rule(f"{kind}_p", allow_nan=True)
        elif name.endswith("vb"):
            found[name] = Rule(kind, scale=float(np.abs(np.asarray(value)).max()), allow_nan=True)
        else:
            near_zero = name in ("emmean", "ci_lb", "ci_ub", "QE", "QB", "I2", "tau2", "beta", "common_beta", "common_ub")
            found[name] = Rule(kind, scale=1.0, allow_nan=True) if near_zero else Rule(kind, allow_nan=True)
    return found


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"sandwich-{function}-{name}", call_of(function, name)) for function, name in ASKED)
