"""Intervals by profile likelihood of selection models, and the profiles, on real data sets."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import pymeta
from pymeta.harness import Agreement, Call, Outcome, Rule, plain
from tests.parity import selection_grid, uni_grid
from tests.parity.judging import KNOWN, Planted, judge

HERE = Path(__file__).parent
STEPS = {
    "dat.bcg": [0.025, 0.5],
    "dat.hackshaw1998": [0.05, 0.5],
    "dat.laopaiboon2015": [0.2],
    "dat.linde2005": [0.05],
    "dat.vanhowe1999": [0.025],
}
DATASETS = tuple(STEPS)
AT = np.array([0.5, 1.0, 1.5, 2.0])


def call_of(name: str) -> Call:
    data = {one: selection_grid.data_of(name)[one] for one in ("yi", "vi")}
    steps, side = np.array(STEPS[name]), selection_grid.ALTERNATIVES[name]
    arguments = {"data": data, "steps": steps, "alternative": side, "at": AT}
    return Call("of_profiles", arguments, HERE / "selection_profile.R", packages=uni_grid.PACKAGES)


@cache
def ours(name: str) -> dict[str, Any]:
    data = selection_grid.data_of(name)
    fit = pymeta.rma(data["yi"], data["vi"], method="ML")
    model = pymeta.selmodel(fit, "stepfun", steps=STEPS[name], alternative=selection_grid.ALTERNATIVES[name])
    frame = pymeta.confint(model).frame()
    ends = frame[["ci_lb", "ci_ub"]].to_numpy(dtype=float)
    at = pymeta.profile(model, delta=len(model.delta) - 1, steps=AT.tolist())
    return flat({"tau2": ends[0], "deltas": list(ends[2:]), "ll": np.asarray(at.ll)})


def flat(found: Any) -> dict[str, Any]:
    """A quantity a bound."""
    deltas = {f"delta.{j}": bounds for j, bounds in enumerate(found["deltas"], start=2)}
    return {"tau2": found["tau2"], "ll": found["ll"], **deltas}


def judged(name: str, outcome: Outcome, known: Any = KNOWN) -> Iterator[tuple[str, Agreement]]:
    """Solved for, all of it."""
    mine, theirs = ours(name), flat(plain(outcome.value))
    yield (
        f"selection_profile/{name}",
        judge(f"selection_profile/{name}", mine, theirs, dict.fromkeys(mine, Rule("iterative", scale=0.1)), outcome, known),
    )


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"selection_profile-{name}", call_of(name)) for name in DATASETS)


PLANTED: Planted = {
    "a bound of tau2": ("dat.hackshaw1998", "tau2", lambda x: x * (1 + 1e-6)),
    "a profile": ("dat.hackshaw1998", "ll", lambda x: x * (1 + 1e-6)),
    "a bound of a weight": ("dat.hackshaw1998", "delta.2", lambda x: x * (1 + 1e-6)),
}
