"""The test of excess significance on real data sets: each test, each alternative, effects and models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import pymeta
from pymeta.harness import Agreement, Call, Outcome, Rule, plain
from pymeta.results.excess import ExcessTest
from tests.parity import uni_grid
from tests.parity.asymmetry_grid import DATASETS
from tests.parity.failsafe_grid import data_of
from tests.parity.judging import KNOWN, Planted, judge

HERE = Path(__file__).parent
LIVE = [name for name in DATASETS if name != "dat.berkey1998"][:5]  # of which R's search takes 20 seconds
TAILS = ("greater", "less", "two.sided")
CASES = (
    *(f"- {test} {tail} {side} 0 0.05 - -" for test in ("chi2", "binom") for tail in TAILS for side in TAILS),
    *(f"- {test} {tail} two.sided 0.1 0.2 0.3 -" for test in ("chi2", "binom") for tail in TAILS),
    *(f"EE {test} {tail} two.sided 0 0.05 - -" for test in ("chi2", "binom") for tail in TAILS),
    *(f"DL chi2 {tail} two.sided 0 0.05 - -" for tail in TAILS),
    *(f"- chi2 {tail} {side} 0 0.1 0.2 0.05" for tail in TAILS for side in TAILS),
)
EXACT = tuple(f"- exact {tail} {side} 0 0.05 - -" for tail in TAILS for side in TAILS)
SMALL = 14
"""Studies up to which R's exact test, which adds up all sets of them, does not take long."""


def cases_of(name: str) -> tuple[str, ...]:
    return (*CASES, *(EXACT if len(data_of(name)["yi"]) <= SMALL else ()))


def call_of(name: str) -> Call:
    arguments = {"data": data_of(name), "cases": np.array(cases_of(name))}
    return Call("of_excess", arguments, HERE / "excess.R", packages=uni_grid.PACKAGES)


def found_in(name: str, case: str) -> ExcessTest:
    method, test, tail, side, H0, alpha, theta, tau2 = case.split()
    data = data_of(name)
    x = (data["yi"], data["vi"]) if method == "-" else (pymeta.rma(data["yi"], data["vi"], method=method),)
    given = {"test": test, "tes_alternative": tail, "alternative": side, "H0": float(H0), "alpha": float(alpha)}
    given |= {one: float(text) for one, text in (("theta", theta), ("tau2", tau2)) if text != "-"}
    return pymeta.tes(*x, **given)


def ours(name: str, case: str) -> dict[str, Any]:
    found = found_in(name, case)
    limits = found.theta_lim if isinstance(found.theta_lim, tuple) else (found.theta_lim, None)
    numbers = {"O": found.O, "E": found.E, "X2": np.nan if found.X2 is None else found.X2, "pval": found.pval}
    numbers |= {"power": found.power, "sig": found.sig.astype(float), "theta": found.theta}
    return {**numbers, "limit": np.array([np.nan if one is None else one for one in limits])}


def rules() -> dict[str, Rule]:
    """Closed forms; numbers of studies and powers against 1, effects against 0.1; the limit is solved for."""
    found = dict.fromkeys(("E", "X2", "power"), Rule("closed", scale=1.0, allow_nan=True))
    found |= {"O": Rule("exact"), "sig": Rule("exact"), "pval": Rule("closed_p"), "theta": Rule("closed", scale=0.1)}
    return {**found, "limit": Rule("iterative", scale=0.1, allow_nan=True)}


def judged(name: str, outcome: Outcome, known: Any = KNOWN) -> Iterator[tuple[str, Agreement]]:
    """Each case's name, and how pymeta and R agree."""
    for case, theirs in zip(cases_of(name), plain(outcome.value), strict=True):
        label = f"excess/{case.replace(' ', ',')}/{name}"
        yield label, judge(label, ours(name, case), theirs, rules(), outcome, known)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"excess-{name}", call_of(name)) for name in DATASETS)


PLANTED: Planted = {
    "a count": ("dat.bcg", "O", lambda x: x + 1),
    "an expectation": ("dat.bcg", "E", lambda x: x + 1e-10),
    "a statistic": ("dat.bcg", "X2", lambda x: x + 1e-10),
    "a p-value": ("dat.bcg", "pval", lambda x: x * (1 - 1e-8)),
    "a power": ("dat.bcg", "power", lambda x: x + 1e-10),
    "a limit": ("dat.bcg", "limit", lambda x: x + 0.02),
    "a limit where there is none": ("dat.bcg", "limit", np.nan_to_num),
}
