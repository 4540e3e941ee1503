"""The same model, asked otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from pymeta.api import rma
from pymeta.errors import OptionError
from pymeta.results.peto import PetoResult
from pymeta.results.selection import without_selection
from pymeta.results.tables import PooledTables
from pymeta.results.uni import UniResult
from pymeta.table_models import rma_mh, rma_peto

__all__ = ["asked_again", "update"]

Fit = TypeVar("Fit", bound=UniResult | PooledTables)

_DOT = re.compile(r"(?<![\w.`])\.(?![\w.`])")


def update(result: Fit, **changes: Any) -> Fit:
    """Fit the model again with some of its arguments changed; None takes an argument away.

    In `mods`, a lone "." stands for the formula that the model has: "~ . + year", "~ . - ablat".
    metafor: ``update(result, ~ . + year, …)``
    """
    arguments = asked_again(result, changes)
    asked: Callable[..., Any] = rma
    if isinstance(result, PooledTables):
        asked = rma_peto if isinstance(result, PetoResult) else rma_mh
    found: Fit = asked(**arguments)
    return found


def asked_again(result: UniResult | PooledTables, changes: dict[str, Any]) -> dict[str, Any]:
    """The arguments of the function that fitted it, changed."""
    without_selection(result, "update")
    if not result.call:
        raise OptionError("the model has no record of how it was asked for, so there is nothing to ask again; fit it by rma")
    call = dict(result.call)
    yi = call.get("yi")
    if "mods" in changes and isinstance(yi, str) and "~" in yi:
        call["yi"], call["mods"] = (part.strip() for part in yi.split("~", 1))
    mods = changes.get("mods")
    if isinstance(mods, str) and _DOT.search(mods):
        changes = {**changes, "mods": _with_dot(mods, call.get("mods"))}
    return {name: value for name, value in {**call, **changes}.items() if value is not None}


def _with_dot(mods: str, former: Any) -> str:
    """The former formula in place of ".", in parentheses where something else than + or - is next to it."""
    if former is not None and not isinstance(former, str):
        raise OptionError(f"mods={mods!r}: '.' stands for a formula, and the model has none; write the moderators out")
    old = "1" if former is None else former.replace("~", "", 1).strip()

    def place(dot: re.Match[str]) -> str:
        around = mods[: dot.start()].rstrip()[-1:] + mods[dot.end() :].lstrip()[:1]
        return old if set(around) <= set("~+-") and "-" not in mods[: dot.start()] else f"({old})"

    return _DOT.sub(place, mods)
