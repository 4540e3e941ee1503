"""rma on real data sets: every estimator of tau², every test, with and without moderators, own weights, a given tau²."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import pymeta
from pymeta.errors import PymetaError
from pymeta.generics.weights import weights
from pymeta.harness import Agreement, Call, Outcome, Rule, plain
from pymeta.harness.divergences import Divergence
from pymeta.tau2.methods import TAU2
from tests.parity.judging import KNOWN, judge

HERE = Path(__file__).parent
PACKAGES = ("metafor", "metadat")
OWN = ("GENQ",)
WEIGHED = ("FE", "DL", "REML")  # whose weights are compared, where there are no moderators
WITHOUT_R = ("GENQM",)  # metafor wants CompQuadForm for it, which Debian has not; tests/tau2 has a referee of 50 digits
NUMBERS = ("tau2", "se_tau2", "I2", "H2", "R2", "QE", "QEp", "k", "p", "m", "parms")
COLUMNS = ("beta", "se", "zval", "pval", "ci_lb", "ci_ub")
TESTED = ("QM", "QMp", "s2w", "ddf")
TESTS = ("z", "t", "knha", "adhoc")
CLOSED = ("EE", "FE", "CE", "DL", "HE", "HS", "HSk", "SJ", "GENQ")


@cache
def table() -> pd.DataFrame:
    rows = pd.read_csv(HERE / "uni_data.csv")
    rows["w"] = np.sqrt(1.0 / rows["vi"])
    return rows


DATASETS = tuple(dict.fromkeys(table()["data"]))


@cache
def data_of(name: str) -> dict[str, Any]:
    rows = table()[table()["data"] == name].drop(columns="data").dropna(axis=1, how="all")
    return {column: rows[column].tolist() if column == "g" else rows[column].to_numpy() for column in rows}


def formulas(name: str) -> tuple[str | None, ...]:
    """Without moderators; with the numeric ones; with the factor beside one of them."""
    columns = data_of(name)
    numeric = [x for x in ("x1", "x2") if x in columns]
    factor = "g" in columns and 1 < len(set(columns["g"])) <= 6
    found: list[str | None] = [None]
    if numeric:
        found.append("~ " + " + ".join(numeric))
    if factor:
        found.append("~ " + " + ".join([*numeric[:1], "g"]) if len(numeric) == 1 else "~ g - 1")
    return tuple(found)


def cases_of(name: str) -> Iterator[dict[str, Any]]:
    for mods in formulas(name):
        model = {} if mods is None else {"mods": mods}
        for method in (name for name in TAU2 if name not in WITHOUT_R and (mods is None or name not in ("EE", "CE"))):
            yield {"method": method, **model, **({"weights": "w"} if method in OWN else {})}
        for more in ({"weights": "w"}, {"weighted": False}, {"tau2": 0.05}):
            for method in ("FE", "DL", "REML") if "tau2" not in more else ("REML", "DL", "PM"):
                yield {"method": method, **model, **more}
    if name == "dat.bcg":  # a design that does not span an intercept, where metafor differs
        yield from ({"method": method, "mods": "~ x1 - 1"} for method in ("FE", "DL", "REML"))


def call_of(name: str) -> Call:
    return Call("uni_fits", {"data": data_of(name), "cases": list(cases_of(name))}, HERE / "uni.R", packages=PACKAGES)


def name_of(dataset: str, case: Mapping[str, Any]) -> str:
    options = "".join(f",{key}={value}" for key, value in case.items() if key != "method")
    return f"uni/{case['method']}{options}/{dataset}"


def fitted(dataset: str, case: Mapping[str, Any], test: str) -> Any:
    return pymeta.rma("yi", "vi", data=_frame(dataset), test=test, **case)


@cache
def _frame(dataset: str) -> pd.DataFrame:
    return pd.DataFrame(data_of(dataset))


def nan(value: float | None) -> float:
    return np.nan if value is None else float(value)


def shared(result: Any, case: Mapping[str, Any]) -> dict[str, Any]:
    shares = {"weights": np.asarray(weights(result))} if case["method"] in WEIGHED and "mods" not in case else {}
    numbers = {name: nan(getattr(result, name)) for name in NUMBERS}
    return {
        **shares,
        "names": list(result.names),
        **numbers,
        **{kind: np.asarray(x) for kind, x in result.fit_stats.items()},
    }


def tested(result: Any) -> dict[str, Any]:
    found = {name: np.asarray(getattr(result, name)) for name in COLUMNS}
    found["vb"] = result.vb.ravel()
    return {**found, **{name: nan(getattr(result, name)) for name in TESTED}}


def shared_of_r(theirs: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: theirs[name] for name in ("names", "weights") if name in theirs}
    found["names"] = [found["names"]] if isinstance(found["names"], str) else list(found["names"])
    numbers = dict(zip(NUMBERS, theirs["numbers"], strict=True))
    return {**found, **numbers, "ML": theirs["stats"][:5], "REML": theirs["stats"][5:]}


def tested_of_r(theirs: np.ndarray, p: int) -> dict[str, Any]:
    ends = np.cumsum([p] * len(COLUMNS) + [p * p] + [1] * len(TESTED))
    assert len(theirs) == ends[-1]
    parts = dict(zip((*COLUMNS, "vb", *TESTED), np.split(theirs, ends[:-1]), strict=True))
    return {name: float(part[0]) if name in TESTED else part for name, part in parts.items()}


def rules(dataset: str, method: str, answer: Mapping[str, Any]) -> dict[str, Rule]:
    """Coefficients near 0 are judged against their standard errors, statistics of fit against 1.

    An iteration that ends near tau² = 0 is judged against the typical sampling variance: R's have 1e-14 there.
    """
    typical = float(np.median(data_of(dataset)["vi"]))
    kind = "closed" if method in CLOSED else "iterative"
    p_kind = "closed_p" if method in CLOSED else "iterative_p"
    found = {name: Rule(kind, scale=1.0, allow_nan=True) for name in ("ML", "REML", "QM", "QE", "zval", "s2w")}
    found |= {name: Rule(kind, allow_nan=True) for name in ("se_tau2", "se", "H2")}
    found["tau2"] = Rule(kind, scale=typical if kind == "iterative" else None, allow_nan=True)
    if "se" in answer:
        se = np.maximum(answer["se"], 1e-300)
        found |= {name: Rule(kind, scale=se, allow_nan=True) for name in ("beta", "ci_lb", "ci_ub")}
        found["vb"] = Rule(kind, scale=np.outer(se, se).ravel(), allow_nan=True)
    found |= {name: Rule(kind, scale=1.0, allow_nan=True) for name in ("I2", "R2", "weights")}
    found |= {name: Rule(p_kind, allow_nan=True) for name in ("QEp", "QMp", "pval")}
    found |= {name: Rule("exact", allow_nan=True) for name in ("names", "k", "p", "m", "parms", "ddf")}
    return {name: rule for name, rule in found.items() if name in answer}


def judged(
    dataset: str,
    outcome: Outcome,
    plant: Callable[[dict[str, Any]], Any] | None = None,
    known: Sequence[Divergence] = KNOWN,
) -> Iterator[tuple[str, Agreement]]:
    """Each case's name, and how pymeta and R agree: once on what all tests share, and once a test."""
    for case, theirs, mine in zip(cases_of(dataset), plain(outcome.value), every(dataset), strict=True):
        name = name_of(dataset, case)
        for ours, said in _pairs(mine, theirs):
            if plant is not None and not isinstance(ours, Exception):
                plant(ours)
            asked = {} if isinstance(ours, Exception) or "error" in said else rules(dataset, case["method"], ours)
            yield name, judge(name, ours, said, asked, outcome, known)


@cache
def every(dataset: str) -> tuple[tuple[dict[str, Any], ...] | PymetaError, ...]:
    """pymeta's answers to all cases, for all Rs: what the tests share, and then each test's."""
    return tuple(_answers(dataset, case) for case in cases_of(dataset))


def _answers(dataset: str, case: Mapping[str, Any]) -> tuple[dict[str, Any], ...] | PymetaError:
    try:
        results = {test: fitted(dataset, case, test) for test in TESTS}
    except PymetaError as error:
        return error
    return shared(results["z"], case), *(tested(results[test]) for test in TESTS)


def _pairs(
    mine: tuple[dict[str, Any], ...] | PymetaError, theirs: Mapping[str, Any]
) -> list[tuple[dict[str, Any] | PymetaError, Mapping[str, Any]]]:
    """pymeta's answers, which may be changed, and R's."""
    if isinstance(mine, PymetaError):
        return [(mine, theirs)]
    if "error" in theirs:
        return [(dict(mine[0]), theirs)]
    parts = [tested_of_r(theirs["tests"][test], len(mine[1]["beta"])) for test in TESTS]
    return [(dict(ours), said) for ours, said in zip(mine, (shared_of_r(theirs), *parts), strict=True)]


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"uni-{name}", call_of(name)) for name in DATASETS)
