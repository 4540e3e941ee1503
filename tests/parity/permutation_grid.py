"""permutest on real data sets: random and all permutations of signs and of moderators, of several estimators."""

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
USUAL = "two.sided abs test"
CASES = (
    f"EE z 0 all 150 {USUAL}",
    f"DL z 0 all 150 {USUAL}",
    f"REML z 0 all 150 {USUAL}",
    f"ML knha 0 all 150 {USUAL}",
    f"EB z 0 7 0 {USUAL}",
    f"SJ t 0 6 0 {USUAL}",
    f"DL knha 1 all 150 {USUAL}",
    f"REML z 1 all 150 {USUAL}",
    f"ML adhoc 1 all 150 {USUAL}",
    f"PM z 1 all 150 {USUAL}",
    f"HE t 1 5 0 {USUAL}",
    f"HS z 1 5 500 {USUAL}",
    "REML z 1 all 150 less abs test",
    "DL z 1 all 150 greater abs test",
    "DL knha 1 all 150 two.sided px2 test",
    "EE z 1 all 150 two.sided abs coef",
)


@cache
def data_of(name: str) -> dict[str, np.ndarray]:
    """Effects, and a moderator that some studies share."""
    columns = uni_grid.data_of(name)
    yi, vi = (np.asarray(columns[one], dtype=float) for one in ("yi", "vi"))
    return {"yi": yi, "vi": vi, "x": (np.arange(len(yi)) * 7.0) % 5.0}


def call_of(name: str) -> Call:
    given = {"data": data_of(name), "cases": np.array(CASES)}
    return Call("of_permutations", given, HERE / "permutation.R", packages=uni_grid.PACKAGES)


@cache
def ours(name: str, case: str) -> dict[str, Any]:
    method, test, moderated, studies, n, alternative, p2defn, stat = case.split()
    data = pd.DataFrame(data_of(name))
    if studies != "all":
        data = data.head(int(studies))
    fit = pymeta.rma("yi", "vi", data=data, method=method, test=test, **({"mods": "~ x"} if moderated == "1" else {}))
    how: dict[str, Any] = {"exact": True} if n == "0" else {"iter": int(n)}
    found = pymeta.permutest(fit, seed=SEED, alternative=alternative, p2defn=p2defn, stat=stat, **how)
    rows = {"zval": found.zval_perm[:15], "beta": found.beta_perm[:15], "QM": found.QM_perm[:15], "n": len(found)}
    return {"pval": found.pval, "QMp": found.QMp, "exact_iter": float(found.exact_iter), **rows}


def rules(case: str) -> dict[str, Rule]:
    """Shares of permutations are exact; the fits closed forms, or solved for."""
    kind = "iterative" if case.split(maxsplit=1)[0] in ("REML", "ML", "EB", "PM") else "closed"
    shares = {name: Rule("closed") for name in ("pval", "QMp")}
    fits = {name: Rule(kind, scale=scale, allow_nan=True) for name, scale in (("zval", 1.0), ("beta", 0.1), ("QM", 1.0))}
    return {**shares, "exact_iter": Rule("closed"), **fits, "n": Rule("exact")}


def judged(name: str, outcome: Outcome, known: Any = KNOWN) -> Iterator[tuple[str, Agreement]]:
    """Each case's name, and how pymeta and R agree."""
    for case, theirs in zip(CASES, plain(outcome.value), strict=True):
        label = f"permutation/{case.replace(' ', ',')}/{name}"
        yield label, judge(label, ours(name, case), theirs, rules(case), outcome, known)


SCALES = ("1 13 z 20", "0 13 t 20", "0 6 z 70")
"""Whether there is a moderator of the location, how many studies, the test, and how many permutations: of dat.bcg."""


def scale_call() -> Call:
    data = {**data_of("dat.bcg"), "z": (np.arange(13) * 5.0) % 3.0}
    return Call("of_scales", {"data": data, "cases": np.array(SCALES)}, HERE / "permutation.R", packages=uni_grid.PACKAGES)


@cache
def ours_of_scale(case: str) -> dict[str, Any]:
    moderated, studies, test, n = case.split()
    data = pd.DataFrame({**data_of("dat.bcg"), "z": (np.arange(13) * 5.0) % 3.0}).head(int(studies))
    fit = pymeta.rma("yi", "vi", data=data, mods="~ x" if moderated == "1" else None, scale="~ z", test=test)
    found = pymeta.permutest(fit, seed=SEED, iter=int(n))
    values = {name: getattr(found, name) for name in ("pval", "pval_alpha", "QMp", "QSp", "exact_iter", "Z_exact_iter")}
    return {**values, "zval": found.zval_perm, "zval_alpha": found.zval_alpha_perm}


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    yield from ((f"permutation-{name}", call_of(name)) for name in DATASETS)
    yield "permutation-scale", scale_call()


PLANTED: Planted = {
    "a z": ("dat.bcg", "zval", lambda x: x + 3e-8),
    "a share": ("dat.bcg", "pval", lambda x: x + 1.0 / 150.0),
    "a coefficient": ("dat.bcg", "beta", lambda x: x + 1e-8),
    "an omnibus test": ("dat.bcg", "QM", lambda x: x + 3e-8),
    "how many there are": ("dat.bcg", "n", lambda x: x + 1),
}
