"""Values of a trace as Python has them.

NULL                      None
one number, text, truth   float, int, str, bool; NA is None (a number: nan)
numeric vector            array; with NA integers: float, NA is nan
logical, text vector      boolean array, list of str; with NA: list with None
vector with names         Series
matrix, array             array; with column names DataFrame
factor                    Categorical
data frame                DataFrame; attributes of the frame and of its columns in `attrs`
list                      dict, or list where nothing is named
the rest                  Model, Reference, RFunction, Formula, Language, Cut, Opaque
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from pymeta.errors import DataError

__all__ = ["Cut", "Decoder", "Formula", "Language", "Model", "Opaque", "RFunction", "Reference", "numbers"]

_WORDS = {None: np.nan, "NaN": np.nan, "Inf": np.inf, "-Inf": -np.inf}


@dataclass(frozen=True, slots=True)
class Model:
    """An R object with classes, by value."""

    classes: tuple[str, ...]
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reference:
    """What call `id` returned, or the part `path` of it; `changed` are the fields that the script has set since."""

    id: int
    path: str | None
    cls: str
    changed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RFunction:
    """A function: a known one by name, another as its source."""

    name: str | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula, with the variables it had from where it was made, and R's names of functions that have another there."""

    text: str
    variables: Mapping[str, Any]
    functions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Language:
    """An unevaluated call or symbol, as text."""

    text: str


@dataclass(frozen=True, slots=True)
class Cut:
    """A value too long to be kept: its length, the sum of its numbers without NA, and where it begins."""

    length: int
    total: float | None
    head: tuple[Any, ...]
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Opaque:
    """What has no value outside R: an environment, an S4 object, raw bytes, something nested too deep."""

    kind: str
    words: str = ""


def numbers(values: list[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Numbers of a trace as float64: NA and NaN are nan, "Inf" is infinite."""
    return np.array([_WORDS[value] if value is None or isinstance(value, str) else value for value in values], dtype=float)


class Decoder:
    """Makes Python values of a trace's; values that calls share are made once."""

    def __init__(self, shared: Mapping[str, Any]) -> None:
        self._shared = shared
        self._made: dict[str, Any] = {}

    def python(self, value: Mapping[str, Any] | None) -> Any:
        """The value in Python; DataError where the trace has something that its format does not know."""
        if value is None:
            return None
        make = _KINDS.get(value.get("k", ""))
        if make is None:
            raise DataError(f"trace: no value has the kind {value.get('k')!r}")
        return make(self, value)

    def fields(self, named: Mapping[str, Any]) -> dict[str, Any]:
        """Each of the named values."""
        return {name: self.python(value) for name, value in named.items()}

    def raw(self, value: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        """The value as the trace has it, where `value` may only say that calls share it."""
        if value is None or value["k"] != "data":
            return value
        if value["h"] not in self._shared:
            raise DataError(f"trace: the shared value {value['h']} is not in it")
        found: Mapping[str, Any] | None = self._shared[value["h"]]
        return found

    def shared(self, value: Mapping[str, Any]) -> Any:
        """A value that calls share; each who asks gets a copy."""
        key = value["h"]
        if key not in self._made:
            self._made[key] = self.python(self.raw(value))
        made = self._made[key]
        return made.copy() if hasattr(made, "copy") else made


def _atomic(decoder: Decoder, value: Mapping[str, Any]) -> Any:
    plain = _elements(value)
    if value.get("d"):
        return _shaped(value, plain)
    if "n" in value:
        return pd.Series(plain, index=_names(value["n"]))
    if len(plain) == 1 and "a" not in value:
        return _one(plain[0])
    return plain


def _elements(value: Mapping[str, Any]) -> Any:
    kind, given = value["k"], value.get("v", [])
    if kind == "cplx":
        return numbers(value["re"]) + 1j * numbers(value["im"])
    if kind == "chr" or (kind == "lgl" and None in given):
        return list(given)
    if kind == "lgl":
        return np.array(given, dtype=bool)
    if kind == "int" and None not in given:
        return np.array(given, dtype=np.int64)
    return numbers(given)


def _one(element: Any) -> Any:
    return element.item() if isinstance(element, np.generic) else element


def _names(given: list[Any]) -> pd.Index:
    return pd.Index(["" if name is None else name for name in given], dtype=object)


def _shaped(value: Mapping[str, Any], plain: Any) -> Any:
    kept = plain if isinstance(plain, np.ndarray) else np.array(plain, dtype=object)
    table = kept.reshape(value["d"], order="F")
    names = value.get("dn") or []
    if table.ndim != 2 or len(names) != 2 or names[1] is None:
        return table
    return pd.DataFrame(table, columns=_names(names[1]), index=None if names[0] is None else _names(names[0]))


def _factor(decoder: Decoder, value: Mapping[str, Any]) -> Any:
    codes = [-1 if code is None else code - 1 for code in value["v"]]
    return pd.Categorical.from_codes(codes, categories=value["lv"], ordered=value["ord"])


def _frame(decoder: Decoder, value: Mapping[str, Any]) -> Any:
    rows = value.get("rn")
    index = pd.RangeIndex(value["n"]) if rows is None else _names(rows)
    columns = {name: _column(decoder, column, value["n"]) for name, column in value["cols"].items()}
    frame = pd.DataFrame(columns, index=index)
    frame.attrs["classes"] = tuple(value["c"])
    frame.attrs["attributes"] = decoder.fields(value.get("a", {}))
    resolved = {name: decoder.raw(column) for name, column in value["cols"].items()}
    frame.attrs["columns"] = {n: decoder.fields(column["a"]) for n, column in resolved.items() if column and "a" in column}
    return frame


def _column(decoder: Decoder, value: Mapping[str, Any] | None, rows: int) -> Any:
    """The values of a column without its names, which are the frame's own matter."""
    column = decoder.raw(value)
    if column is None:
        return [None] * rows
    if column["k"] in _PLAIN and not column.get("d"):
        return _elements(column)
    made = decoder.python(column)
    if isinstance(made, pd.Categorical):
        return made
    return (
        list(made) if hasattr(made, "__len__") and not isinstance(made, str | dict) and len(made) == rows else [made] * rows
    )


def _list(decoder: Decoder, value: Mapping[str, Any]) -> Any:
    if "f" in value:
        return decoder.fields(value["f"])
    return [decoder.python(element) for element in value.get("v", [])]


def _reference(decoder: Decoder, value: Mapping[str, Any]) -> Reference:
    return Reference(value["id"], value.get("path"), value["c"], decoder.fields(value.get("changed", {})))


def _formula(decoder: Decoder, value: Mapping[str, Any]) -> Formula:
    return Formula(value["v"], decoder.fields(value.get("vars", {})), value.get("funs", {}))


def _cut(decoder: Decoder, value: Mapping[str, Any]) -> Cut:
    total = value.get("sum")
    return Cut(value["len"], _WORDS.get(total, total), tuple(value["head"]), tuple(value.get("d", ())))


def _opaque(decoder: Decoder, value: Mapping[str, Any]) -> Opaque:
    words = value.get("v", value.get("c", ""))
    return Opaque(value["k"], words if isinstance(words, str) else "")


_PLAIN = ("num", "int", "lgl", "chr", "cplx")
_KINDS: dict[str, Callable[[Decoder, Mapping[str, Any]], Any]] = {
    **dict.fromkeys(_PLAIN, _atomic),
    **dict.fromkeys(("env", "s4", "raw", "deep", "encode_error"), _opaque),
    "fac": _factor,
    "df": _frame,
    "list": _list,
    "obj": lambda decoder, value: Model(tuple(value["c"]), decoder.fields(value["f"])),
    "ref": _reference,
    "fun": lambda decoder, value: RFunction(value.get("name"), value.get("src")),
    "formula": _formula,
    "lang": lambda decoder, value: Language(value["v"]),
    "sparse": lambda decoder, value: decoder.python(value["v"]),
    "big": _cut,
    "data": lambda decoder, value: decoder.shared(value),
}
