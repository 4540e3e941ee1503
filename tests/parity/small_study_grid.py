"""metabias, limitmeta and lfk on real data sets. R's side is `small_study.R`, from the papers with lm(): meta, metamisc and
metasens, which have these, are not among Debian's packages and were not run.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import pymeta
from pymeta.diagnostics.small_study import TESTS
from pymeta.harness import Agreement, Call, Outcome, Rule, plain
from tests.parity import asymmetry_grid, uni_grid
from tests.parity.judging import KNOWN, Planted, judge

HERE = Path(__file__).parent
TABLES = {
    "dat.bcg": ("tpos", "tneg", "cpos", "cneg"),
    "dat.collins1985b": ("pre.xti", "pre.nti", "pre.xci", "pre.nci"),
    "dat.egger2001": ("ai", "n1i", "ci", "n2i"),
    "dat.hine1989": ("ai", "n1i", "ci", "n2i"),
    "dat.nielweise2007": ("ai", "n1i", "ci", "n2i"),
    "dat.yusuf1985": ("ai", "n1i", "ci", "n2i"),
}
"""Cells of the two groups: events and others, or events and patients."""
CASES = tuple(f"{test.name} {measure}" for test in TESTS.values() for measure in test.measures)
METHODS = ("DL", "REML", "SJ", "EE")
DATASETS = (*(f"tables {name}" for name in TABLES), *(f"effects {name}" for name in asymmetry_grid.DATASETS))
LIVE = DATASETS


@cache
def data_of(name: str) -> dict[str, np.ndarray]:
    """Cells, or effects and variances."""
    kind, dataset = name.split()
    if kind == "effects":
        columns = asymmetry_grid.data_of(dataset)
        return {"yi": columns["yi"], "vi": columns["vi"]}
    frame = pymeta.load_dataset(dataset)
    a, b, c, d = (np.asarray(frame[column], dtype=float) for column in TABLES[dataset])
    if not TABLES[dataset][1].endswith("neg"):
        b, d = b - a, d - c
    kept = ~np.isnan(a + b + c + d)
    return {"ai": a[kept], "bi": b[kept], "ci": c[kept], "di": d[kept]}


def call_of(name: str) -> Call:
    if name.startswith("tables"):
        function, asked = "of_tables", {"cases": np.array(CASES)}
    else:
        function, asked = "of_effects", {"methods": np.array(METHODS)}
    return Call(function, {"data": data_of(name), **asked}, HERE / "small_study.R", packages=uni_grid.PACKAGES)


def ours(name: str, case: str) -> dict[str, Any]:
    data = data_of(name)
    if name.startswith("tables"):
        test, measure = case.split()
        found = pymeta.metabias(method=test, measure=measure, k_min=3, **data)
        names = ("intercept", "se_intercept", "bias", "se_bias", "tval", "pval", "df", "dispersion")
        return {one: getattr(found, one) for one in names}
    fit = pymeta.rma(data["yi"], data["vi"], method=case)
    limit = pymeta.limitmeta(fit)
    parts = ("alpha", "slope", "pval", "limit", "Q_resid", "Q_resid_p", "Q_small", "Q_small_p")
    doi = pymeta.lfk(fit)
    return {
        "beta0": limit.beta,
        "se0": limit.se,
        "ci.lb": limit.ci_lb,
        "betalim": pymeta.limitmeta(fit, method="betalim").beta,
        "mulim": pymeta.limitmeta(fit, method="mulim").beta,
        "se": pymeta.limitmeta(fit, method="mulim").se,
        **{one: getattr(limit, one) for one in parts},
        "lfk": doi.lfk,
        "zscore": doi.zscore,
    }


def rules(found: dict[str, Any], case: str) -> dict[str, Rule]:
    """Closed forms, but for what follows from an iterated tau2; p-values in their own digits, the rest against 0.1."""
    kind = "iterative" if case == "REML" else "closed"
    return {one: Rule(kind) if one.endswith(("pval", "_p")) else Rule(kind, scale=0.1) for one in found}


def judged(name: str, outcome: Outcome, known: Any = KNOWN) -> Iterator[tuple[str, Agreement]]:
    """Each case's name, and how pymeta and R agree."""
    cases = CASES if name.startswith("tables") else METHODS
    for case, theirs in zip(cases, plain(outcome.value), strict=True):
        label = f"small_study/{case.replace(' ', ',')}/{name.split()[1]}"
        found = ours(name, case)
        yield label, judge(label, found, theirs, rules(found, case), outcome, known)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"small_study-{name.replace(' ', '-')}", call_of(name)) for name in DATASETS)


PLANTED: Planted = {
    "a slope": ("tables dat.bcg", "bias", lambda x: x * (1 + 1e-10)),
    "its error": ("tables dat.bcg", "se_bias", lambda x: x * (1 + 1e-10)),
    "a p-value": ("tables dat.bcg", "pval", lambda x: x * (1 + 1e-8)),
    "an adjusted average": ("effects dat.bcg", "beta0", lambda x: x + 1e-11),
    "another": ("effects dat.bcg", "betalim", lambda x: x + 1e-11),
    "a study's limit": ("effects dat.bcg", "limit", lambda x: x + np.eye(len(x))[2] * 1e-11),
    "what is left of Q": ("effects dat.bcg", "Q_resid_p", lambda x: x * (1 + 1e-8)),
    "the index": ("effects dat.bcg", "lfk", lambda x: x + 1e-10),
}
