"""Moderators given to predict by name, whole and cut short, in any order, and names that mean nothing or two things."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import pymeta
from pymeta.generics.predict import predict
from pymeta.harness import Agreement, Call, Outcome, Rule, plain
from tests.parity.judging import KNOWN, judge
from tests.parity.uni_grid import PACKAGES

HERE = Path(__file__).parent
PLAIN, SQUARE, CROSSED, ALIKE = "~ dose + year", "~ dose + I(dose^2)", "~ dose * year", "~ dose + age + dosage"
GIVEN: tuple[tuple[str, dict[str, float]], ...] = (
    (PLAIN, {"dose": 0.5, "year": 0.25}),
    (PLAIN, {"year": 0.25, "dose": 0.5}),
    (PLAIN, {"y": 0.25, "se": 0.5}),
    (PLAIN, {"e": 0.25, "dose": 0.5}),  # in both, and as near to either
    (PLAIN, {"year": 0.25}),
    (PLAIN, {"dose": 0.5, "Year": 0.25}),
    (PLAIN, {"year": 0.25, "dose": 0.5, "intrcpt": 1.0}),
    (f"{PLAIN} - 1", {"year": 0.25, "dose": 0.5}),
    (SQUARE, {"I": 0.5, "dose": 0.25}),
    (SQUARE, {"I": 0.5, "os": 0.25}),  # in both, and nearer to one
    (CROSSED, {":": 0.125, "year": 0.25, "d": 0.5}),
    (CROSSED, {"dose": 0.5, "year": 0.25}),
    (ALIKE, {"dosag": 1.0, "age": 0.5, "dos": 0.25}),
    (ALIKE, {"ag": 0.5, "dose": 0.25, "ge": 1.0}),
    ("~ dose + g", {"gb": 1.0, "gc": 0.0, "dose": 0.5}),
    ("~ dose + g", {"gc": 1.0, "dose": 0.5, "gb": 0.0}),
    ("~ dose", {"dose": 0.5, "year": 0.25}),  # labels of two predictions
)


@cache
def data() -> dict[str, Any]:
    rng = np.random.default_rng(41)
    columns = {name: rng.normal(size=24) for name in ("yi", "dose", "year", "age", "dosage")}
    return {**columns, "vi": rng.uniform(0.05, 0.3, 24), "g": [("a", "b", "c")[i % 3] for i in range(24)]}


def cases() -> Iterator[tuple[str, str, dict[str, np.ndarray]]]:
    """A name, a formula and values by name; of one row, and of two."""
    for mods, one in GIVEN:
        for rows in (1, 2) if mods != "~ dose" else (1,):
            values = {name: np.array([value, -value][:rows]) for name, value in one.items()}
            yield f"newmods/{mods}/{','.join(one)}/{rows}", mods, values


def call_of() -> Call:
    asked = [{"mods": mods, "names": list(x), "values": np.column_stack(list(x.values())).ravel()} for _, mods, x in cases()]
    return Call("named", {"data": data(), "cases": asked}, HERE / "newmods.R", packages=PACKAGES)


def ours(mods: str, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray] | Exception:
    """By a Series where there is one row, else by a frame."""
    fit = pymeta.rma("yi", "vi", mods=mods, data=pd.DataFrame(data()), method="FE")
    frame = pd.DataFrame(values)
    try:
        found = predict(fit, frame.iloc[0] if len(frame) == 1 else frame)
    except pymeta.PymetaError as error:
        return error
    return {"pred": found.pred, "se": found.se}


def judged(outcome: Outcome, known: Any = KNOWN) -> Iterator[tuple[str, Agreement]]:
    """Each case's name, and how pymeta and R agree."""
    rules = dict.fromkeys(("pred", "se"), Rule("closed", scale=0.1))
    for (name, mods, values), theirs in zip(cases(), plain(outcome.value), strict=True):
        yield name, judge(name, ours(mods, values), theirs, rules, outcome, known)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    yield "newmods", call_of()
