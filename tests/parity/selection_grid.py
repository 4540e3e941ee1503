"""Selection models on real data sets: every kind of selection function, by the ways in which these can be changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import pymeta
from pymeta.harness import Agreement, Call, Outcome, Rule, plain
from pymeta.models.selection import at
from tests.parity import uni_grid
from tests.parity.judging import KNOWN, Planted, judge

HERE = Path(__file__).parent
Case = Mapping[str, Any]

ALTERNATIVES = {
    "dat.bangertdrowns2004": "greater",
    "dat.bcg": "less",
    "dat.cohen1981": "greater",
    "dat.hackshaw1998": "greater",
    "dat.laopaiboon2015": "greater",
    "dat.lau1992": "less",
    "dat.linde2005": "greater",
    "dat.raudenbush1985": "greater",
    "dat.vanhowe1999": "less",
}
"""Data sets, and the side on which their studies are significant."""
DATASETS = tuple(ALTERNATIVES)

STEPPED: tuple[dict[str, Any], ...] = (
    {"type": "stepfun", "steps": [0.025]},
    {"type": "stepfun", "steps": [0.025], "method": "EE"},
    {"type": "stepfun", "steps": [0.025, 0.5], "mods": "1"},
    {"type": "stepfun", "steps": [0.05], "alternative": "two.sided"},
    {"type": "stepfun", "steps": [0.025, 0.5], "delta": [1.0, 0.7, 0.4]},
    {"type": "stepfun", "steps": [0.05], "subset": "s"},
    {"type": "stepfun", "steps": [0.025, 0.5], "decreasing": True},
    {"type": "trunc"},
    {"type": "trunc", "steps": [0.1], "method": "EE", "mods": "1"},
    {"type": "truncest", "delta": [float("nan"), 0.05]},
)
"""Closed forms: asked of every data set."""

SMOOTH: tuple[dict[str, Any], ...] = (
    {"type": "halfnorm"},
    {"type": "negexp"},
    {"type": "logistic"},
    {"type": "power"},
    {"type": "beta"},
    {"type": "negexp", "prec": "sei"},
    {"type": "halfnorm", "steps": [0.05], "prec": "vi"},
    {"type": "logistic", "method": "EE", "steps": [0.025]},
    {"type": "negexppow", "delta": [float("nan"), 0.5]},
    {"type": "logistic", "alternative": "two.sided", "method": "EE"},
    {"type": "negexp", "mods": "1", "method": "EE"},
    {"type": "halfnorm", "alternative": "two.sided", "prec": "ninv"},
    {"type": "logistic", "prec": "sqrtninv", "scaleprec": False},
    {"type": "beta", "method": "EE"},
    {"type": "power", "steps": [0.1], "mods": "1"},
    {"type": "negexppow"},
    {"type": "beta", "steps": [0.025, 0.975]},
    {"type": "negexp", "subset": "s"},
)
"""Integrals, which take metafor long: three of them of each data set."""


@cache
def data_of(name: str) -> dict[str, np.ndarray]:
    """Effects, sizes that are about 4 over the variances, a moderator, and two thirds of the studies."""
    columns = uni_grid.data_of(name)
    yi, vi = (np.asarray(columns[one], dtype=float) for one in ("yi", "vi"))
    i = np.arange(len(yi))
    return {"yi": yi, "vi": vi, "ni": np.round(4.0 / vi) + 4.0, "z": (i * 7.0) % 5.0, "s": (i % 3 > 0) * 1.0}


def cases_of(name: str) -> Iterator[Case]:
    place = list(ALTERNATIVES).index(name)
    for case in (*STEPPED, *(SMOOTH[(3 * place + i) % len(SMOOTH)] for i in range(3))):
        usual = {"method": "ML", "mods": "0", "alternative": ALTERNATIVES[name]}
        signed = {"delta": [np.nan, -0.05]} if case["type"] == "truncest" and usual["alternative"] == "less" else {}
        yield {**usual, **case, **signed}


def name_of(dataset: str, case: Case) -> str:
    return f"selection/{','.join(f'{name}={value}' for name, value in case.items())}/{dataset}"


def call_of(name: str) -> Call:
    return Call(
        "selection_fits",
        {"data": data_of(name), "cases": list(cases_of(name))},
        HERE / "selection.R",
        packages=uni_grid.PACKAGES,
    )


def fitted(dataset: str, case: Case) -> Any:
    return _fits(dataset)[name_of(dataset, case)]


@cache
def _fits(dataset: str) -> dict[str, Any]:
    return {name_of(dataset, case): _fit(dataset, case) for case in cases_of(dataset)}


def _fit(dataset: str, case: Case) -> Any:
    data = pd.DataFrame(data_of(dataset))
    fit = pymeta.rma("yi", "vi", data=data, method=case["method"], **({"mods": "~ z"} if case["mods"] == "1" else {}))
    given = {name: value for name, value in case.items() if name not in ("method", "mods", "subset")}
    if "subset" in case:
        given["subset"] = data["s"] == 1
    if "prec" in case and "n" in case["prec"]:
        given["ni"] = "ni"
    return pymeta.selmodel(fit, **given)


def ours(dataset: str, case: Case, start: np.ndarray) -> dict[str, Any]:
    """Every number; the log-likelihood where R stopped; and whether that is no higher than the maximum, and near it."""
    result = fitted(dataset, case)
    seen = case["type"] in ("trunc", "truncest")
    theta = np.concatenate([start[: result.p + 1], [1.0] * seen, start[result.p + 1 :][: 1 if seen else None]])
    there = at(result, theta, cut=start[-1] if case["type"] == "truncest" else None).ll
    part = ("se", "zval", "pval", "ci_lb", "ci_ub")
    found = {name: getattr(result, name) for name in ("beta", "delta", *part, *(f"{name}_delta" for name in part), "pvals")}
    found |= {"vb": result.vb.ravel(), "vd": result.vd.ravel(), "ML": np.asarray(result.fit_stats["ML"])}
    scalars = ("tau2", "se_tau2", "ci_lb_tau2", "ci_ub_tau2", "QM", "QMp", "LRT", "LRTdf", "LRTp", "LRT_tau2")
    found |= {name: np.nan if (value := getattr(result, name)) is None else float(value) for name in scalars}
    found["counts"] = np.nan if result.ptable is None else np.asarray(result.ptable, dtype=float)
    found |= {"parms": float(result.parms), "start_ll": there}
    return {**found, "no_higher": float(there < result.ll + 1e-9), "near": float(result.ll - there < NEAR)}


NEAR = 0.02
"""A log-likelihood's distance from its maximum where R has stopped on its way to the end of what a parameter may be."""


def rules(case: Case, said: Mapping[str, Any]) -> dict[str, Rule]:
    """Parameters against their standard errors; 6 digits of what follows from R's second differences.

    Where a function of p-values bends, R's adaptive quadrature goes across it, which leaves its likelihood 9 digits, or 6
    where it bends twice: mpmath has pymeta's 15. Where some parameters are given, R's differences had to be smaller.
    """
    loose = 1.0 if "steps" not in case or case["type"] in ("stepfun", "trunc") else 1e5 if case["type"] == "beta" else 1000.0
    far = 1000.0 if case["method"] == "EE" and case["type"] == "trunc" else 100.0
    found = {"start_ll": Rule("closed", scale=100.0 * loose), "no_higher": Rule("exact"), "near": Rule("exact")}
    if "beta" not in said:
        return found
    sizes = {"": np.asarray(said["se"], dtype=float), "_delta": _doubles(said["se_delta"])}
    sizes["_delta"] = np.where(np.isfinite(sizes["_delta"]), sizes["_delta"], 1.0)
    se_tau2 = float(_doubles(said["se_tau2"]).ravel()[0])
    se_tau2 = se_tau2 if np.isfinite(se_tau2) else 1.0
    for end, se in sizes.items():
        found["beta" if end == "" else "delta"] = Rule("iterative", scale=loose * se)
        found |= {f"{name}{end}": Rule("iterative", scale=far * se, allow_nan=True) for name in ("se", "ci_lb", "ci_ub")}
        found[f"zval{end}"] = Rule("iterative", scale=far, allow_nan=True)
        found[f"pval{end}"] = Rule("iterative_p", allow_nan=True)
    found |= {
        name: Rule("iterative", scale=far * np.outer(se, se).ravel(), allow_nan=True)
        for name, se in (("vb", sizes[""]), ("vd", sizes["_delta"]))
    }
    found["tau2"] = Rule("iterative", scale=loose * se_tau2)
    found |= {name: Rule("iterative", scale=100.0 * se_tau2, allow_nan=True) for name in _OF_TAU2}
    found["LRT_tau2"] = Rule("iterative", scale=100.0, allow_nan=True)
    found["QM"] = Rule("iterative", scale=100.0 * max(1.0, float(np.ravel(said["QM"])[0])), allow_nan=True)
    found |= {name: Rule("iterative", scale=loose) for name in ("LRT", "ML")}
    found |= {name: Rule("iterative_p", allow_nan=True) for name in ("QMp", "LRTp")}
    found |= {name: Rule("exact", allow_nan=True) for name in ("LRTdf", "parms", "counts")}
    return {name: rule for name, rule in {**found, "pvals": Rule("closed_p")}.items() if name in said}


_OF_TAU2 = ("se_tau2", "ci_lb_tau2", "ci_ub_tau2")


def _doubles(value: Any) -> np.ndarray:
    """A quantity as doubles, NaN where R says NA."""
    if not hasattr(value, "is_na"):
        return np.asarray(value, dtype=float)
    return np.array([np.nan if gone else one for one, gone in zip(value.values, value.is_na, strict=True)], dtype=float)


def judged(name: str, outcome: Outcome, known: Any = KNOWN) -> Iterator[tuple[str, Agreement]]:
    """Each case's name, and how pymeta and R agree; without those that this metafor does not have."""
    old = outcome.environment.packages["metafor"].startswith("3.")
    for case, said in zip(cases_of(name), plain(outcome.value), strict=True):
        if old and is_new(case):
            continue
        label = name_of(name, case)
        start = _doubles(said.get("start", np.nan))
        found = {} if "error" in said else ours(name, case, start)
        theirs = {**{key: value for key, value in said.items() if key != "start"}, "no_higher": 1.0, "near": 1.0}
        _leave_out(case, found, theirs)
        wanted = rules(case, theirs)
        yield label, judge(label, {key: found[key] for key in wanted if key in found}, theirs, wanted, outcome, known)


def _leave_out(case: Case, found: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Of what R has too few digits: a p-value where its differences are small, a test whose other model is not highest."""
    if case["method"] == "EE" and case["type"] == "trunc":
        theirs.pop("pval_delta", None)
    early = float(_doubles(theirs.get("LRT_tau2", np.nan)).ravel()[0]) - float(found.get("LRT_tau2", np.nan))
    if 1e-6 < early < 1e-3:
        del theirs["LRT_tau2"]


def is_new(case: Case) -> bool:
    """Whether it came with metafor 4: the older one refuses it, or disregards what it is told."""
    return case["type"].startswith("trunc") or "subset" in case or "decreasing" in case or len(case.get("steps", ())) == 2


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"selection-{name}", call_of(name)) for name in DATASETS)


PLANTED: Planted = {
    "a coefficient in its 8th digit": ("dat.linde2005", "beta", lambda x: x + 3e-9),
    "a selection parameter": ("dat.linde2005", "delta", lambda x: x * (1.0 + 1e-7)),
    "a standard error": ("dat.linde2005", "se_delta", lambda x: x * (1.0 + 3e-6)),
    "a tau2": ("dat.linde2005", "tau2", lambda x: x + 1e-8),
    "a likelihood": ("dat.linde2005", "ML", lambda x: x * (1.0 + 1e-7)),
    "a likelihood where R stopped": ("dat.linde2005", "start_ll", lambda x: x + 3e-10),
    "a test": ("dat.linde2005", "LRT", lambda x: x + 1e-7),
    "its degrees of freedom": ("dat.linde2005", "LRTdf", lambda x: x + 1.0),
    "a maximum that is none": ("dat.linde2005", "no_higher", np.zeros_like),
    "a count": ("dat.linde2005", "counts", lambda x: x + 1.0),
}
