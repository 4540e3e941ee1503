"""What is asked about fits on real data sets: tests, likelihood ratios, inflation factors, robust variances, residuals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import pymeta
from pymeta.errors import PymetaError
from pymeta.generics.anova import anova
from pymeta.generics.residuals import hatvalues, residuals
from pymeta.generics.robust import robust
from pymeta.generics.vcov import vcov
from pymeta.generics.vif import vif
from pymeta.harness import Call, Rule
from pymeta.models.residuals import rstandard, rstudent
from tests.parity import uni_grid
from tests.parity.uni_grid import PACKAGES

HERE = Path(__file__).parent
DATASETS = (
    "dat.bcg",
    "dat.berkey1998",
    "dat.cohen1981",
    "dat.collins1985b",
    "dat.debruin2009",
    "dat.gibson2002",
    "dat.hine1989",
    "dat.laopaiboon2015",
    "dat.molloy2014",
    "dat.raudenbush1985",
)
METHODS = ("EE", "DL", "REML")
CLOSED = ("EE", "DL")
ADJUSTMENTS = ("holm", "hochberg", "hommel", "bonferroni", "BH", "BY", "fdr", "none")


def data_of(name: str) -> dict[str, np.ndarray]:
    """With a cluster for each: three in a cluster in turn, and pairs where there are few."""
    columns = uni_grid.data_of(name)
    k = len(columns["yi"])
    return {**columns, "cl": np.array([f"c{i % (k // 2)}" if k < 12 else f"c{i % max(6, k // 3)}" for i in range(k)])}


def cases_of(name: str) -> Iterator[dict[str, Any]]:
    """Without moderators, and with several or a factor; for one data set all formulas, and weights of one's own."""
    formulas = uni_grid.formulas(name)
    last = formulas[-1] if "- 1" not in str(formulas[-1]) else formulas[1]
    for mods in formulas if name == "dat.bcg" else (None, last):
        model = {} if mods is None else {"mods": mods}
        for method in METHODS:
            for test in ("z", "knha"):
                yield {"method": method, "test": test, **model}
        if name == "dat.bcg":
            yield {"method": "DL", "test": "z", "weights": "w", **model}


def call_of(name: str) -> Call:
    return Call("questions", {"data": data_of(name), "cases": list(cases_of(name))}, HERE / "anova.R", packages=PACKAGES)


def name_of(dataset: str, case: Mapping[str, Any]) -> str:
    options = "".join(f",{key}={value}" for key, value in case.items() if key != "method")
    return f"anova/{case['method']}{options}/{dataset}"


def ours(dataset: str, case: Mapping[str, Any]) -> dict[str, Any]:
    data = pd.DataFrame(data_of(dataset))
    fit = pymeta.rma("yi", "vi", data=data, **case)
    p = fit.p
    found: dict[str, Any] = {"names": list(fit.names)}
    found |= prefixed("default", wald(anova(fit)))
    found |= prefixed("last", wald(anova(fit, btt=[p - 1], rhs=0.1)))
    found |= prefixed("all", wald(anova(fit, btt=range(p), rhs=0.2)))
    found |= prefixed("X", contrasts_of(fit, case))
    found |= prefixed("cr1", robust_of(fit, True)) | prefixed("cr0", robust_of(fit, False))
    found |= prefixed("rstudent", pair_of(rstudent(fit)))
    if case["test"] == "z":
        found |= of_studies(fit)
    if p > 2 or (p > 1 and fit.names[0] != "intrcpt"):
        free = [i for i in range(p) if fit.names[i] != "intrcpt"]
        found |= {"vif": vif(fit).vif, "gvif": vif(fit, btt=free[: max(1, len(free) - 1)]).vif}
    if "mods" in case and case["test"] == "z":
        found |= prefixed("LRT", likelihoods(fit, data, case))
    if case["test"] == "knha":  # where metafor differs, and pymeta gives the same as after test="z"
        found["knha_factor"] = np.nan if "cr0_error" in found else fit.s2w**2
    return found


def prefixed(prefix: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{prefix}_{name}": value for name, value in values.items()}


def wald(test: Any) -> dict[str, Any]:
    m, ddf = test.QMdf
    return {"QM": test.QM, "QMp": test.QMp, "QMdf": np.array([m, np.nan if ddf is None else ddf])}


def contrasts_of(fit: Any, case: Mapping[str, Any]) -> dict[str, Any]:
    p = fit.p
    C = np.vstack([np.eye(p), np.ones(p), np.arange(1, p + 1) * np.resize([1.0, -0.5], p)])
    rhs = np.arange(1, len(C) + 1) / 10
    tests = {name: anova(fit, X=C, rhs=rhs, adjust=name) for name in ADJUSTMENTS}
    one = tests["none"]
    found = {name: getattr(one, name) for name in ("Xb", "se", "zval", "pval")}
    found |= prefixed("one", wald(anova(fit, X=np.ones(p), rhs=0.3)))
    adjusted = ADJUSTMENTS if (case["method"], case["test"]) == ("EE", "z") else ()
    return found | {f"p_{name}": tests[name].pval for name in adjusted}


def robust_of(fit: Any, adjust: bool) -> dict[str, Any]:
    try:
        found = robust(fit, "cl", adjust=adjust)
    except PymetaError:
        return {"error": True}
    return {**{name: getattr(found, name) for name in ("se", "pval", "ci_lb")}, "vb": found.vb[0], **wald(found)}


def pair_of(found: Any) -> dict[str, Any]:
    return {"se": found.se, "z": found.z}


def of_studies(fit: Any) -> dict[str, Any]:
    found = prefixed("rstandard", pair_of(rstandard(fit)))
    if fit.spec.weights is None:
        found["conditional_z"] = rstandard(fit, type="conditional").z
    return found | {
        "pearson": residuals(fit, type="pearson"),
        "hat": hatvalues(fit),
        "hat_row": hatvalues(fit, type="matrix")[0, 1:4],
        "fitted": vcov(fit, type="fitted")[0, :3],
        "resid": vcov(fit, type="resid")[0, :3],
    }


def likelihoods(fit: Any, data: pd.DataFrame, case: Mapping[str, Any]) -> dict[str, Any]:
    null = pymeta.rma("yi", "vi", data=data, **{name: value for name, value in case.items() if name != "mods"})
    test = anova(fit, null, refit=True)
    parms = np.array([test.parms_f, test.parms_r], dtype=float)
    f, r = np.asarray(test.fit_stats_f), np.asarray(test.fit_stats_r)
    return {"LRT": test.LRT, "pval": test.pval, "R2": test.R2, "parms": parms, "f": f, "r": r}


EXACT = ("names", "QMdf", "parms", "error")
P_VALUES = ("pval", "QMp", *(f"p_{name}" for name in ADJUSTMENTS))


def rules(method: str, answer: Mapping[str, Any]) -> dict[str, Rule]:
    """Quantities that may be near 0 are judged against their standard errors, or 1."""
    kind = "closed" if method in CLOSED else "iterative"
    return {name: _rule(name, kind, answer) for name in answer}


def _rule(name: str, kind: str, answer: Mapping[str, Any]) -> Rule:
    prefix, _, last = name.partition("_") if name not in ("hat_row",) else ("", "", name)
    last = last or prefix
    last = last.removeprefix("one_") if prefix == "X" else last
    if last in EXACT:
        return Rule("exact", allow_nan=True)
    if last in P_VALUES:
        return Rule(f"{kind}_p", allow_nan=True)
    if f"{prefix}_se" in answer and last in ("resid", "Xb", "ci_lb", "ci_ub"):
        se = np.asarray(answer[f"{prefix}_se"], dtype=float)
        return Rule(kind, scale=np.where(np.isfinite(se) & (se > 0), se, 1.0), allow_nan=True)
    scale = 1.0 if last in ("z", "zval", "R2", "LRT", "f", "r", "QM", "hat_row", "hat", "pearson") else None
    if last in ("vb", "fitted", "resid"):
        scale = float(np.abs(np.asarray(answer[name])).max())
    return Rule(kind, allow_nan=True) if scale is None else Rule(kind, scale=scale, allow_nan=True)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"anova-{name}", call_of(name)) for name in DATASETS)
