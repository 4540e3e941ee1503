"""A traced call with its arguments as Python has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from pymeta.port.records import Trace, TracedCall
from pymeta.port.values import Cut, Formula, Language, Model, Opaque, Reference, RFunction

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Asked", "Models", "Unsupported"]

_NO_MATTER = frozenset({"digits", "verbose", "progbar", "parallel", "ncpus", "cl", "time", "outlist", "header", "sparse"})
"""Arguments that change no number: how much is printed, and how the work is done."""


_NOT_KNOWN = re.compile(r"Extra arguments? \(([^)]*)\) disregarded")
_NAME = re.compile(r"[A-Za-z.][A-Za-z0-9._]*")


class Unsupported(Exception):
    """Something that a call asks for and pymeta does not have; `feature` names it, the same for each who asks."""

    def __init__(self, feature: str) -> None:
        super().__init__(feature)
        self.feature = feature


def _disregarded(warnings: Sequence[str]) -> set[str]:
    """Arguments of which R says that it does not know them."""
    said = [_NOT_KNOWN.search(warning) for warning in warnings]
    return {name for one in said if one is not None for name in re.findall(r"'([^']+)'", one[1])}


class Models(Protocol):
    """What earlier calls returned."""

    def model(self, reference: Reference) -> Any:
        """pymeta's result for what an earlier call returned; `Unsupported` where there is none."""
        ...

    def behind(self, reference: Reference) -> list[Any]:
        """The models that this result was made of."""
        ...


class Asked:
    """The arguments of one call. What nobody looks at is not supported: see `unread`.

    name : the function as a person calls it, "predict" for "predict.rma"
    used : the earlier results that the call was given
    """

    def __init__(self, call: TracedCall, trace: Trace, models: Models) -> None:
        self.call = call
        self.trace = trace
        self.name = call.head if call.head.isidentifier() or "." in call.head else call.fun
        self.used: list[Any] = []
        self._models = models
        given = {**call.arguments, **call.columns, **call.dots}
        nothing = _disregarded(call.warnings)
        self._values: Mapping[str, Any] = {name: value for name, value in given.items() if name not in nothing}
        self._read: set[str] = set()

    def has(self, name: str) -> bool:
        """Whether the argument was given, and is not NULL."""
        return self._values.get(name) is not None

    def value(self, name: str, default: Any = None) -> Any:
        """An argument in Python; `default` where it is not given or NULL."""
        self._read.add(name)
        if not self.has(name):
            if name in self.call.dot_texts:
                raise Unsupported(f"{self.name}({name}=) with an expression that was not evaluated")
            return default
        return self._known(name, self.trace.value(self._values[name]))

    def raw(self, name: str) -> Mapping[str, Any] | None:
        """An argument as the trace has it."""
        return self.trace.raw(self._values.get(name))

    def columns(self, name: str) -> Any:
        """An argument that names columns of `data` without a value of its own: "c(v1, v2)"."""
        self._read.add(name)
        text = self.call.column_texts.get(name)
        if text is None or name in self._values:
            return self.value(name)
        names = [one.strip() for one in text.removeprefix("c(").removesuffix(")").split(",")]
        if not all(_NAME.fullmatch(one) for one in names):
            raise Unsupported(f"{self.name}({name}=) with an expression that was not evaluated")
        return names

    def flag(self, name: str, default: bool = False) -> bool:
        """An argument that is TRUE or FALSE."""
        return bool(self.value(name, default))

    def text(self, name: str, default: str) -> str:
        """An argument that is one text."""
        found = self.value(name, default)
        return str(found[0] if isinstance(found, list) else found)

    def model(self, name: str) -> Any:
        """An argument that is a fitted model."""
        found = self.value(name)
        if not isinstance(found, Reference):
            what = found.classes[0] if isinstance(found, Model) else type(found).__name__
            raise Unsupported(f"{self.name}() of an object that no call of the script made: {what}")
        result = self._models.model(found)
        self.used += [result, *self._models.behind(found)]
        return result

    def function(self, name: str, known: Mapping[str, Any]) -> Any:
        """An argument that is a function with a name, out of those that are known."""
        found = self.value(name)
        if found is None:
            return None
        label = found.name if isinstance(found, RFunction) else found if isinstance(found, str) else None
        if label is None or label not in known:
            raise Unsupported(f"{self.name}({name}=) with " + (f"{label}" if label else "a function of the script's own"))
        return known[label]

    def positions(self, name: str, count: int | None = None) -> Any:
        """An argument that chooses rows or coefficients: places from 0 for R's from 1, masks and texts as they are.

        count : how many there are to choose from; default: the data's rows, of which subset and include choose
        """
        found = self.value(name)
        if isinstance(found, pd.Series):
            found = found.to_numpy()
        if isinstance(found, list) and any(one is None or isinstance(one, bool) for one in found):
            return np.array([bool(one) for one in found])  # NA chooses nothing
        if found is None or isinstance(found, str | list) or (isinstance(found, np.ndarray) and found.dtype == bool):
            return found
        if isinstance(found, bool):
            raise Unsupported(f"{self.name}({name}=) with one truth value")
        places = np.atleast_1d(np.asarray(found, dtype=float))
        if (places <= 0).any() or (places != np.round(places)).any():
            return self._without(name, places, count)
        return [int(place) - 1 for place in places]

    def _without(self, name: str, places: Any, count: int | None) -> Any:
        """All but those that negative places leave out: rows as a mask, coefficients by their places."""
        if not (places < 0).all() or (count is None and name not in ("subset", "include")):
            raise Unsupported(f"{self.name}({name}=) with places below 1")
        kept = np.ones(self.rows if count is None else count, dtype=bool)
        left_out = [-int(place) - 1 for place in places]
        kept[[place for place in left_out if place < len(kept)]] = False
        return kept if count is None else [int(place) for place in np.flatnonzero(kept)]

    @property
    def rows(self) -> int:
        """How many rows the data have."""
        data = self.trace.value(self._values["data"]) if self.has("data") else None
        if isinstance(data, pd.DataFrame):
            return len(data)
        columns = (self.trace.value(value) for value in self._values.values())
        return max(len(one) for one in columns if isinstance(one, np.ndarray | pd.Series))

    def rest(self, *names: str, renamed: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Arguments that pymeta takes under the same name (dots as underscores), those of them that were given."""
        taken = {name: name.replace(".", "_") for name in names} | dict(renamed or {})
        return {ours: self.value(theirs) for theirs, ours in taken.items() if self.has(theirs)}

    def parts(self, name: str = "") -> list[str]:
        """The names of the parts of R's answer, or of its field `name`, in their order."""
        found = self.trace.raw(self.call.result)
        for step in [name] if name else []:
            found = self.trace.raw((found or {}).get("f", {}).get(step))
        found = found or {}
        if "v" in found and found["k"] == "list":
            return [f"[[{i}]]" for i in range(1, len(found["v"]) + 1)]
        return list(found.get("f") or found.get("cols") or ())

    def answer_text(self, *steps: str) -> str:
        """A text of R's answer, below these names; "" where there is none."""
        found = self.trace.raw(self.call.result)
        for step in steps:
            found = self.trace.raw((found or {}).get("f", {}).get(step))
        return str((found or {}).get("v", [""])[0] or "")

    @property
    def metafor(self) -> tuple[int, ...]:
        """The version of metafor that answered."""
        numbers = re.findall(r"[0-9]+", str(self.trace.meta.get("version") or ""))
        return tuple(int(number) for number in numbers)

    def read(self, *names: str) -> None:
        """Note that these arguments change no number."""
        self._read.update(names)

    @property
    def unread(self) -> Sequence[str]:
        """Arguments that were given and that nobody has looked at."""
        texts = {**self.call.dot_texts, **self.call.column_texts}
        texts = {name: text for name, text in texts.items() if name not in _disregarded(self.call.warnings)}
        given = [name for name in self._values if self.has(name)]
        given += [name for name, text in texts.items() if name not in self._values and text != "NULL"]
        return [name for name in given if name not in self._read and name not in _NO_MATTER]

    def _known(self, name: str, found: Any) -> Any:
        if isinstance(found, Opaque | Language | Cut):
            what = type(found).__name__.lower()
            raise Unsupported(f"{self.name}({name}=) with a value that the trace does not hold ({what})")
        if isinstance(found, Formula):
            opaque = [one for one in found.variables.values() if isinstance(one, Opaque | Cut)]
            if opaque:
                raise Unsupported(f"{self.name}({name}=) with variables that the trace does not hold")
        return found
