"""gosh."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import pymeta
from pymeta.port.calls.adapter import Adapter, iterated
from pymeta.port.calls.asked import Asked
from pymeta.port.calls.numbers import Numbers, below
from pymeta.results.gosh import Gosh

__all__ = ["ADAPTERS"]

_ITERATED = 3.0
"""Digits of fits whose tau2 R iterates to its default threshold."""
_DOUBLE = 15.0


def _gosh(asked: Asked) -> Any:
    given: dict[str, Any] = {}
    chosen = asked.value("subsets")
    if chosen is not None:
        given["subsets"] = int(chosen) if np.ndim(chosen) == 0 else np.asarray(chosen)
    state = asked.call.rng
    if state not in (False, "unset"):
        given["seed"] = np.array(asked.trace.value(state), dtype=np.int64)
    return pymeta.gosh(asked.model("x"), **given)


def _numbers(found: Gosh, asked: Asked) -> Mapping[str, Any]:
    res = {below("res", str(name)): values.to_numpy() for name, values in found.frame().items()}
    return {**res, "k": found.incl.shape[1]}


def _limits(asked: Asked, reference: Numbers) -> Mapping[str, float]:
    """Each subset's fit is one that R stopped early."""
    return dict.fromkeys(reference, _ITERATED) if iterated(asked.model("x")) else {}


ADAPTERS = {"gosh.rma": Adapter(_gosh, _numbers, limits=_limits)}
