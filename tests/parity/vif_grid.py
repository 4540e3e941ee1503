"""Inflation of scale coefficients, and simulated inflation, whose numbers are random in both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import pymeta
from pymeta.generics.vif import vif
from pymeta.harness import Call, Rule
from tests.parity.uni_grid import PACKAGES

ADAPTER = Path(__file__).parent / "vif.R"
VERSIONS = ("R-4.5.0", "R-4.6.1")
"""Of R, whose metafor has it."""
SHARES = np.arange(1, 20) / 20.0
MODELS = (("~ x + z", "~ x + z + u", [2.0, 3.0]), ("~ x", "~ x + u", [3.0]), ("~ z", "~ z + u", [2.0]))
"""Formulas of location and scale, and positions, from 1, of a set."""
SIMULATED: Mapping[str, Mapping[str, Any]] = {
    "formula": {"mods": "~ x + z + u", "method": "REML", "sim": 1000.0},
    "derived": {"mods": "~ x * w + g", "method": "DL", "sim": 1000.0, "btt": [[2.0], [3.0], [4.0, 5.0], [6.0]]},
    "columns": {"columns": ["x", "z", "u"], "method": "REML", "sim": 1000.0},
    "again": {"mods": "~ x + z + u", "method": "DL", "sim": 500.0, "reestimate": True},
    "scale": {"mods": "~ x + z", "scale": "~ x + u", "method": "REML", "sim": 100.0},
}


@cache
def data() -> dict[str, Any]:
    """Moderators that depend on each other, and effects and variances that depend on them."""
    rng = np.random.default_rng(77)
    k = 36
    x, w, u = rng.normal(size=(3, k))
    columns = {"x": x, "z": 0.6 * x + rng.normal(size=k), "w": w + 2.0, "u": 0.8 * x + 0.5 * u}
    columns["vi"] = rng.uniform(0.05, 0.3, k) * np.exp(0.4 * columns["z"])
    columns["yi"] = 0.5 * x + rng.normal(size=k) * np.sqrt(columns["vi"] + 0.5 * np.exp(0.3 * columns["u"]))
    return columns | {"g": [("a", "b", "c")[int(value > -0.5) + int(value > 0.5)] for value in columns["z"]]}


def scale_call(model: tuple[str, str, list[float]]) -> Call:
    mods, scale, places = model
    asked = {"data": data(), "mods": mods, "scale": scale, "set": np.array(places)}
    return Call("scale_inflation", asked, ADAPTER, packages=PACKAGES)


def of_scale(model: tuple[str, str, list[float]]) -> dict[str, np.ndarray]:
    mods, scale, places = model
    fit = pymeta.rma("yi", "vi", mods=mods, scale=scale, data=pd.DataFrame(data()))
    chosen = [int(place) - 1 for place in places]
    one, again = (vif(fit, att=chosen, reestimate=more).alpha for more in (False, True))
    both = vif(fit)
    return {"beta": both.beta.vif, "alpha": both.alpha.vif, "set": one.vif, "again": again.vif}


RULES = {"beta": Rule("iterative"), **dict.fromkeys(("alpha", "set", "again"), Rule("iterative", scale=100.0))}
"""R differentiates the scale's likelihood numerically: 6 digits do, as in scale_grid."""


def simulation_call(name: str) -> Call:
    case = {key: [np.array(one) for one in value] if key == "btt" else value for key, value in SIMULATED[name].items()}
    return Call("simulated", {"data": data(), "case": case, "shares": SHARES}, ADAPTER, packages=PACKAGES)


@cache
def simulation(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Factors, proportions and simulated factors, (n, sets); those of the scale last."""
    case = SIMULATED[name]
    frame = pd.DataFrame(data())
    asked = {key: case[key] for key in ("mods", "scale", "method") if key in case}
    fit = pymeta.rma("yi", "vi", data=frame, **({"mods": frame[case["columns"]]} if "columns" in case else {}) | asked)
    btt = [[int(place) - 1 for place in one] for one in case["btt"]] if "btt" in case else None
    found = vif(fit, btt=btt, reestimate=case.get("reestimate", False), sim=int(case["sim"]), seed=4)
    parts = [found.beta, found.alpha] if "scale" in case else [found]
    return (
        np.concatenate([part.vif for part in parts]),
        np.concatenate([part.prop for part in parts]),
        np.column_stack([part.sim for part in parts]),
    )


def apart(name: str, found: tuple[np.ndarray, np.ndarray, np.ndarray], said: Mapping[str, Any]) -> float:
    """How many standard errors the most different share of simulated factors is from R's, the larger proportion's included.

    Both are of n draws: a share p has a variance of p(1 − p)/n on each side, and 1/n where p is next to 0 or 1.
    """
    _, prop, sim = found
    n = float(SIMULATED[name]["sim"])
    theirs = np.asarray(said["prop"], dtype=float)
    quantiles = np.asarray(said["quantiles"], dtype=float).reshape(len(prop), len(SHARES))
    below = np.array([[np.mean(sim[:, j] <= q) for q in row] for j, row in enumerate(quantiles)])
    pairs = [(below.ravel(), np.tile(SHARES, len(prop))), (prop, theirs)]
    return max(float((np.abs(a - b) / np.sqrt(2.0 * np.maximum(b * (1 - b), 1.0 / n) / n)).max()) for a, b in pairs)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    yield from ((f"vif-scale-{i}", scale_call(model)) for i, model in enumerate(MODELS))
    yield from ((f"vif-simulated-{name}", simulation_call(name)) for name in SIMULATED)
