"""Location-scale models with scale coefficients that are given, and profile likelihoods of scale coefficients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import pymeta
from pymeta.harness import Agreement, Call, Outcome, Rule, plain
from pymeta.models import location_scale
from tests.parity import scale_grid
from tests.parity.judging import KNOWN, Planted, judge
from tests.parity.uni_grid import PACKAGES

ADAPTER = Path(__file__).parent / "held.R"
DATASETS = ("dat.bangertdrowns2004", "dat.berkey1998", "dat.debruin2009", "dat.hackshaw1998", "dat.raudenbush1985")
LOG: Mapping[str, Any] = {"mods": "~ z", "scale": "~ z", "link": "log", "method": "REML", "test": "z"}
NAN = np.nan
SEARCHED = 100.0
"""What is judged against this needs 1e-6 in all: it follows from second derivatives, R's being numeric, or from a search."""
STEEP = (*(f"{name}_alpha" for name in ("se", "zval", "pval", "ci_lb", "ci_ub")), "va", "QS", "QSp")


def cases_of(name: str) -> Iterator[dict[str, Any]]:
    """Some given, the first, the last, or all; with each link, likelihood and test; profiles of either coefficient."""
    yield LOG | {"alpha": [NAN, 0.25]}
    yield LOG | {"alpha": [-2.5, NAN], "test": "t"}
    yield LOG | {"alpha": [-2.5, 0.25], "test": "knha"}
    yield LOG | {"alpha": [NAN, 0.25], "method": "ML", "mods": "~ 1"}
    yield LOG | {"alpha": [NAN, 0.015625], "link": "identity"}
    yield LOG | {"alpha": [0.125, 0.0], "link": "identity", "test": "t"}
    yield LOG | {"alpha": [0.125, -9.0], "link": "identity"}
    if "g" in scale_grid.data_of(name) and name != "dat.hackshaw1998":  # where a coefficient drifts to infinity
        yield LOG | {"scale": "~ z + g", "alpha": [NAN, 0.25] + [NAN] * (len(set(scale_grid.data_of(name)["g"])) - 1)}
    yield LOG | {"profile": 2.0, "xlim": [-0.5, 1.0], "steps": 4.0}
    yield LOG | {"profile": 1.0, "xlim": [-3.0, -2.0], "steps": 2.0, "test": "t"}
    yield LOG | {"profile": 2.0, "xlim": [-0.25, 0.5], "steps": 3.0, "method": "ML", "mods": "~ 1"}


def call_of(name: str) -> Call:
    data = {key: list(map(str, v)) if key == "g" else v for key, v in scale_grid.data_of(name).items()}
    cases = [{k: np.array(v) if isinstance(v, list) else v for k, v in case.items()} for case in cases_of(name)]
    return Call("held_fits", {"data": data, "cases": cases}, ADAPTER, packages=PACKAGES)


def name_of(dataset: str, case: Mapping[str, Any]) -> str:
    return f"held/{','.join(f'{key}={value}' for key, value in case.items())}/{dataset}"


def ours(dataset: str, case: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any] | Exception:
    """pymeta's answer; where R searched and stopped at no likelier place, what pymeta makes of that place."""
    asked = {key: value for key, value in case.items() if key not in ("profile", "xlim", "steps")}
    try:
        fit = pymeta.rma("yi", "vi", data=pd.DataFrame(scale_grid.data_of(dataset)), **asked)
    except pymeta.PymetaError as error:
        return error
    if "profile" in case:
        return profiled(fit, case)
    if "alpha" in theirs and fit.scale.free.any():
        there = location_scale.at(fit, np.asarray(theirs["alpha"], dtype=float))
        own, other = (one.fit_stats[case["method"]].logLik for one in (fit, there))
        if own >= other - 1e-9:
            fit = there
    return numbers(fit)


def numbers(fit: Any) -> dict[str, Any]:
    part = ("se", "zval", "pval", "ci_lb", "ci_ub")
    names = ("beta", *part, "alpha", *(f"{name}_alpha" for name in part), "tau2")
    scalars = ("parms", "ddf_alpha", "QS", "QSp")
    return {
        **{name: np.asarray(getattr(fit, name)) for name in names},
        **{name: scale_grid.number(getattr(fit, name)) for name in scalars},
        **{kind: np.asarray(stats) for kind, stats in fit.fit_stats.items()},
        "va": fit.va.ravel(),
        "spread": pymeta.predict(fit, newscale=np.full((1, fit.q - 1), 0.5)).pred,
    }


def profiled(fit: Any, case: Mapping[str, Any]) -> dict[str, Any]:
    which = int(case["profile"]) - 1
    found = pymeta.profile(fit, alpha=which, xlim=case["xlim"], steps=int(case["steps"]))
    columns = {name: getattr(found, name).T.ravel() for name in ("beta", "ci_lb", "ci_ub")}
    return {
        **columns,
        "limits": pymeta.profile(fit, alpha=which, steps=2).alpha,
        **{name: getattr(found, name) for name in ("ll", "maxll", "estimate")},
    }


def rules(case: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Rule]:
    """Where all are given, R has its digits; where it searches, its answer is compared with the model where it stopped."""
    if "profile" in case:
        exact = {name: Rule("iterative", scale=1.0, allow_nan=True) for name in ("ll", "maxll")}
        return exact | {name: Rule("iterative", scale=SEARCHED) for name in said if name not in exact}
    given = not np.isnan(case["alpha"]).any()
    found = dict.fromkeys(said, Rule("closed" if given else "iterative", scale=1.0, allow_nan=True))
    if not given:
        found |= dict.fromkeys(STEEP, Rule("iterative", scale=SEARCHED, allow_nan=True))
    return found | {name: Rule("exact", allow_nan=True) for name in ("parms", "ddf_alpha")}


def judged(dataset: str, outcome: Outcome, known: Any = KNOWN) -> Iterator[tuple[str, Agreement]]:
    """Each case's name, and how pymeta and R agree."""
    for case, theirs in zip(cases_of(dataset), plain(outcome.value), strict=True):
        found = ours(dataset, case, theirs)
        asked = rules(case, theirs) if "error" not in theirs else {}
        yield name_of(dataset, case), judge(name_of(dataset, case), found, theirs, asked, outcome, known)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"held-{name}", call_of(name)) for name in DATASETS)


PLANTED: Planted = {
    "a coefficient by 1e-7": ("dat.berkey1998", "alpha", lambda x: x + 1e-7),
    "a standard error of what is given": ("dat.berkey1998", "se_alpha", lambda x: np.where(np.isnan(x), 0.0, x)),
    "one parameter more": ("dat.berkey1998", "parms", lambda x: x + 1.0),
    "a test of what is given": ("dat.berkey1998", "QS", lambda x: np.where(np.isnan(x), 1.0, x)),
    "a likelihood by 1e-7": ("dat.berkey1998", "REML", lambda x: x * (1.0 + 1e-7)),
    "a profile by 1e-7": ("dat.berkey1998", "ll", lambda x: x + 1e-6),
    "the profile's limits": ("dat.berkey1998", "limits", lambda x: x * (1.0 + 1e-4)),
    "a bound along a profile": ("dat.berkey1998", "ci_ub", lambda x: x + 1e-5),
}
