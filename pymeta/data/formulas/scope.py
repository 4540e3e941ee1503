"""Where a variable's expression finds its columns, and what it remembers for later rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from pymeta.data.columns import column
from pymeta.data.formulas.values import Factor, Numbers, Texts, Value, as_texts, read, recode
from pymeta.errors import DataError, OptionError

__all__ = ["Scope"]

T = TypeVar("T")


@dataclass(slots=True)
class Scope:
    """A table of `rows` rows; memory: what was learnt from the first table, by the text of the call that learnt it.

    learning : whether this is that first table
    """

    data: Any
    rows: int
    argument: str
    memory: dict[str, Any] = field(default_factory=dict)
    learning: bool = True
    found: dict[str, Value] = field(default_factory=dict)

    def column(self, name: str) -> Value:
        """The values of a column, a factor with the levels that it had first. Raises as `column` of pymeta.data.columns."""
        if name not in self.found:
            self.found[name] = self._read(name)
        return self.found[name]

    def _read(self, name: str) -> Value:
        given = column(self.argument, name, self.data)
        try:
            value = read(given)
        except DataError as refused:
            raise DataError(refused.problem, argument=name, row=refused.row) from None
        size = len(value.codes if isinstance(value, Factor) else value.values)
        if size != self.rows:
            raise DataError(f"has {size} values for {self.rows} rows; give one a row", argument=name)
        return self._as_before(name, value)

    def _as_before(self, name: str, value: Value) -> Value:
        first = self.remember(f"column {name}", lambda: _kind(value))
        if first == _kind(value):
            return value
        if first == "Texts" and isinstance(value, Numbers) and np.isnan(value.values).all():
            return Texts(as_texts(value))
        if isinstance(first, tuple):
            return self.within(value, first[0], first[1], name)
        raise DataError(f"is {_kind_named(value)} here, and was {_KINDS[first]} in the model's data", argument=name)

    def within(self, value: Value, levels: tuple[str, ...], ordered: bool, name: str) -> Factor:
        """The values as a factor with these levels. Raises DataError for a value that is none of them, naming it."""
        texts = as_texts(value, name)
        factor = recode(Texts(texts), levels, ordered)
        for row, (code, text) in enumerate(zip(factor.codes, texts, strict=True), 1):
            if code < 0 and text is not None:
                allowed = ", ".join(levels)
                raise DataError(
                    f"{text!r} is no level of {name} in the model; its levels are {allowed}", argument=name, row=row
                )
        return factor

    def remember(self, key: str, learn: Callable[[], T]) -> T:
        """What `learn` says of the first table, whatever the table now."""
        if self.learning and key not in self.memory:
            self.memory[key] = learn()
        if key not in self.memory:
            raise OptionError(f"{key} is not part of the model")
        known: T = self.memory[key]
        return known


def _kind(value: Value) -> str | tuple[tuple[str, ...], bool]:
    return (value.levels, value.ordered) if isinstance(value, Factor) else type(value).__name__


def _kind_named(value: Value) -> str:
    return _KINDS.get(type(value).__name__, "a factor")


_KINDS = {"Numbers": "numbers", "Texts": "texts", "Truths": "True and False"}
