"""What is asked of fits on real data sets: predictions, intervals of tau², random effects, profiles, numbers of plots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import pymeta
from pymeta.generics.confint import confint
from pymeta.generics.predict import predict
from pymeta.generics.profile import profile
from pymeta.generics.random_effects import blup, ranef
from pymeta.generics.regplot import regplot
from pymeta.harness import Call, Rule
from tests.parity import uni_grid
from tests.parity.uni_grid import PACKAGES, TESTS

HERE = Path(__file__).parent
DATASETS = (
    "dat.bcg",
    "dat.berkey1998",
    "dat.cohen1981",
    "dat.egger2001",
    "dat.hart1999",
    "dat.hine1989",
    "dat.laopaiboon2015",
    "dat.li2007",
    "dat.molloy2014",
    "dat.raudenbush1985",
)
METHODS = ("EE", "DL", "REML", "PM", "ML")
CLOSED = ("EE", "DL")
FIRST = 2
SHOWN = ("pred", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub")


@cache
def data_of(name: str) -> dict[str, np.ndarray]:
    """Moderators are moved to about 0: with years R has 8 digits, as tests/generics/test_predict.py shows."""
    columns = {column: values for column, values in uni_grid.data_of(name).items() if column != "g"}
    return {c: values - np.round(values.mean()) if c in ("x1", "x2") else values for c, values in columns.items()}


def formula_of(name: str) -> str:
    return "~ " + " + ".join(x for x in ("x1", "x2") if x in data_of(name))


def cases_of(name: str) -> Iterator[dict[str, Any]]:
    for mods, method, test in product((None, formula_of(name)), METHODS, TESTS):
        yield {"method": method, "test": test, **({} if mods is None else {"mods": mods})}
    for mods, method in product((None, formula_of(name)), ("EE", "REML")):
        yield {"method": method, "test": "z", "weights": "w", **({} if mods is None else {"mods": mods})}


def rows_of(name: str) -> np.ndarray:
    """Two rows of new moderators: near the smallest and at the largest values."""
    columns = [data_of(name)[x] for x in ("x1", "x2") if x in data_of(name)]
    return np.array([[np.nanmin(x) + 0.25 for x in columns], [np.nanmax(x) for x in columns]])


def call_of(name: str) -> Call:
    cases = [f"{c['method']} {c['test']} {int('mods' in c)} {int('weights' in c)}" for c in cases_of(name)]
    asked = {"data": data_of(name), "cases": np.array(cases), "formula": formula_of(name)}
    asked |= {"rows": list(rows_of(name)), "first": float(FIRST)}
    return Call("of_fits", asked, HERE / "predict.R", packages=PACKAGES)


def name_of(dataset: str, case: Mapping[str, Any]) -> str:
    options = "".join(f",{key}={value}" for key, value in case.items() if key not in ("method", "test"))
    return f"predict/{case['method']},{case['test']}{options}/{dataset}"


@cache
def every(dataset: str) -> tuple[dict[str, np.ndarray], ...]:
    """pymeta's answers to all cases, each for all Rs."""
    return tuple({name: np.atleast_1d(v) for name, v in ours(dataset, case).items()} for case in cases_of(dataset))


def ours(dataset: str, case: Mapping[str, Any]) -> dict[str, Any]:
    """pymeta's answer, in R's form."""
    fit = pymeta.rma("yi", "vi", data=pd.DataFrame(data_of(dataset)), **case)
    rows = rows_of(dataset)
    found: dict[str, Any] = {"tau2": fit.tau2, **numbers("pred", predict(fit))}
    if fit.moderated:
        found |= numbers("at", predict(fit, rows, level=80), SHOWN[1:])
    if "weights" not in case:
        found |= {**numbers("blup", blup(fit), SHOWN[1:]), **numbers("ranef", ranef(fit), SHOWN[1:])}
    if case["test"] in ("z", "t") and fit.random:
        found |= kinds(fit)
    if case["test"] != "z":
        return found
    found |= with_moderators(fit, rows) if fit.moderated else {}
    found |= {**intervals(fit), **profiled(fit)} if fit.random else {}
    found["fixed"] = confint(fit, fixed=True, random=False, level=90).frame().to_numpy().T.ravel()
    return found | (plotted(fit) if fit.moderated and case["method"] in ("EE", "REML") else {})


def numbers(name: str, record: Any, columns: tuple[str, ...] = SHOWN) -> dict[str, Any]:
    values = {column: getattr(record, column, None) for column in columns}
    return {f"{name}.{column}": np.asarray(one)[:FIRST] for column, one in values.items() if one is not None}


def with_moderators(fit: Any, rows: np.ndarray) -> dict[str, Any]:
    return {
        "vcov": np.asarray(predict(fit, rows, vcov=True).vcov).ravel(),
        **numbers("adjusted", predict(fit, rows, adjust=True), SHOWN[2:]),
        **numbers("bare", predict(fit, rows, intercept=False), SHOWN[:2]),
        **numbers("exp", predict(fit, rows, transf="exp"), ("pred", *SHOWN[2:])),
    }


def kinds(fit: Any) -> dict[str, Any]:
    found = {kind: predict(fit, predtype=kind) for kind in ("riley", "simple", "t")}
    return {
        **{kind: np.array([one.pi_lb[0], one.pi_ub[0]]) for kind, one in found.items()},
        "new": predict(fit, newvi=0.3).pi_ub[0],
        "below": predict(fit, prob="<0.1").prob[0],
        "above": predict(fit, prob=">0.1", predtype="t").prob[0],
        "hetvar": predict(fit, hetvar=0.2).pi_ub[0],
    }


def intervals(fit: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    kinds = ("QP", *(("PL",) if fit.spec.method in ("ML", "REML", "PM") else ()), *(() if fit.moderated else ("HT",)))
    for kind in kinds:
        interval = confint(fit, type=kind)
        table = interval.frame()
        found[f"{kind}.bounds"] = table.loc[["tau2", "I2"], ["ci_lb", "ci_ub"]].to_numpy().T.ravel()
        if kind == "QP":
            found["QP.estimate"] = table["estimate"].to_numpy()
        if kind != "HT":
            found[f"{kind}.empty"] = float(interval.empty)
    return found


def profiled(fit: Any) -> dict[str, Any]:
    found = profile(fit, xlim=(0.0, 1.0), steps=3)
    return {f"profile.{name}": getattr(found, name).T.ravel() for name in ("ll", "beta", "ci_lb", "ci_ub")}


def plotted(fit: Any) -> dict[str, Any]:
    def draw(**options: Any) -> Any:
        return regplot(fit, "x1", **options)

    main = draw(label="piout" if fit.random else "ciout", transf="exp")
    found = {
        "xi": main.xi[:FIRST],
        "yi": main.yi[:FIRST],
        "label": np.array(main.label, dtype=float),
        "ids": np.array(main.rows[:FIRST], dtype=float) + 1.0,
        "psize": main.psize[:FIRST],
        "seinv": draw(psize="seinv").psize[:FIRST],
        "vinv": draw(psize="vinv").psize[:FIRST],
        "low": draw(plim=(1.0, None)).psize[:FIRST],
        "high": draw(plim=(None, 2.0, 1.0)).psize[:FIRST],
        "ciout": np.array(draw(label="ciout").label, dtype=float),
        "limited": draw(olim=(-0.2, 0.2)).yi[:FIRST],
    }
    return {f"regplot.{name}": values for name, values in found.items()}


def answers_of(value: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """R's answers, one a case."""
    layouts = [[part.rsplit(":", 1) for part in layout.split(" ")] for layout in np.atleast_1d(value["layouts"])]
    for answer in value["answers"]:
        names = layouts[int(answer[0]) - 1]
        ends = np.cumsum([int(size) for _, size in names])[:-1]
        yield {name: part for (name, _), part in zip(names, np.split(np.asarray(answer[1:]), ends), strict=True)}


def rules(case: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Rule]:
    """Values near 0 are judged against 0.1, bounds of intervals against their width; p-values and counts by themselves."""
    kind = "closed" if case["method"] in CLOSED else "iterative"
    found: dict[str, Rule] = {}
    for name in answer:
        part = name.split(".")[0]
        if name.endswith((".empty", ".label", ".ids", "ciout")):
            found[name] = Rule("exact")
        elif part in ("QP", "PL"):  # searched, whatever the estimator
            found[name] = Rule("iterative", scale=1e-3, allow_nan=True)
        elif part in ("below", "above"):
            found[name] = Rule(f"{kind}_p")
        else:
            found[name] = Rule(kind, scale=_width(name, answer), allow_nan=True)
    return found


def _width(name: str, answer: Mapping[str, Any]) -> float:
    """An interval's largest width; 0.1 of what is no bound."""
    if name in ("riley", "simple", "t"):
        return max(0.1, float(np.ptp(answer[name])))
    stem, part = name.rsplit("_", 1) if name.endswith(("_lb", "_ub")) else (name, "")
    return max(0.1, float(np.ptp([answer[f"{stem}_lb"], answer[f"{stem}_ub"]], axis=0).max())) if part else 0.1


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"predict-{name}", call_of(name)) for name in DATASETS)
