"""fsn: what would overturn a meta-analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

import pymeta
from pymeta.diagnostics.failsafe import TYPES, with_drawer
from pymeta.port.calls.adapter import Adapter, iterated
from pymeta.port.calls.asked import Asked, Unsupported
from pymeta.port.calls.numbers import Numbers
from pymeta.port.pinned import pinned
from pymeta.port.values import Reference
from pymeta.results.failsafe import FailSafeN

__all__ = ["ADAPTERS"]


def _given(asked: Asked, first: str = "x") -> dict[str, Any]:
    """The model, or effects with their variances."""
    if isinstance(asked.value(first), Reference):
        asked.read("vi", "sei", "subset", "data")
        return {"x": asked.model(first)}
    given = {"x": asked.value(first), **asked.rest("vi", "sei")}
    asked.read("data")
    if not asked.has("subset"):
        return given
    chosen = asked.positions("subset")
    return {name: values[chosen] for name, values in given.items()}


# ---- fsn ---------------------------------------------------------------------------------------------------------------


def _fsn(asked: Asked) -> FailSafeN:
    old = asked.metafor < (4,)
    given = {**_given(asked, "yi" if old else "x"), **asked.rest("alpha", "target", "method", "exact")}
    found = str(asked.value("type", ""))
    if old and found == "REM":
        raise Unsupported("fsn(type=) of what became another method in metafor 4.0")
    fold = str if old else str.casefold
    kind = next((one for one in TYPES if found and fold(one).startswith(fold(found))), found)
    if len(given) > 1 and kind == "Orwin" and not asked.flag("weighted", not old):
        given = {name: value for name, value in given.items() if name not in ("vi", "sei")}
    asked.read("weighted")
    if kind and not isinstance(asked.value("x"), Reference):  # of a model, R always takes "General"
        given["type"] = kind
    return pymeta.fsn(**given)


def _of_fsn(found: FailSafeN, asked: Asked) -> Mapping[str, Any]:
    names = ("fsnum", "est", "tau2", "pval", "alpha", "target", "est_fsn", "tau2_fsn", "pval_fsn")
    return {**{name.replace("_", "."): getattr(found, name) for name in names}, "meanes": found.est}


def _pinned_fsn(found: FailSafeN, asked: Asked, reference: Numbers) -> FailSafeN | None:
    """By R's tau2, and with R's number: its search ends at the least number that does, or at the next."""
    return pinned_drawer(found, {name: float(values.flat[0]) for name, values in reference.items()})


def pinned_drawer(found: FailSafeN, said: Mapping[str, float]) -> FailSafeN | None:
    """The same by the tau2 and the number that R says; None where these are no answer."""
    if not found.fits or abs(said["fsnum"] - found.fsnum) > 1.0:
        return None
    observed = _at(found.fits[0], said["tau2"])
    made = None if observed is None else with_drawer(found, observed, said["fsnum"])
    if made is None or len(made.fits) == 1:
        return made
    whole = _at(made.fits[1], said["tau2.fsn"])
    if whole is None:
        return None
    return replace(made, est_fsn=float(whole.beta[0]), tau2_fsn=whole.tau2, pval_fsn=float(whole.pval[0]))


def _at(fit: Any, tau2: float) -> Any:
    return pinned(fit, {"tau2": np.array([tau2])}) if iterated(fit) else fit


ADAPTERS = {
    "fsn": Adapter(_fsn, _of_fsn, iterative=lambda found: any(map(iterated, found.fits)), pin=_pinned_fsn),
}
