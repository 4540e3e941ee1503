"""How the arguments of a call in a formula are matched to a function's parameters, by R's rules without abbreviations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.data.formulas.scope import Scope
from pymeta.data.formulas.syntax import Call, deparse
from pymeta.data.formulas.values import Value, as_numbers, as_texts
from pymeta.errors import OptionError

__all__ = ["Arguments", "Function"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Function:
    """parameters : names in their order, the first is needed; rest : whether others without a name may follow (R: `...`)."""

    parameters: tuple[str, ...]
    run: Callable[[Arguments], Value]
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a function is given; text: the call as R writes it, which is also the key to what it remembers."""

    named: Mapping[str, Value]
    rest: Sequence[Value]
    text: str
    scope: Scope

    @classmethod
    def matched(cls, call: Call, given: Sequence[tuple[str | None, Value]], function: Function, scope: Scope) -> Arguments:
        """Names first, then places. Raises OptionError for a name that is not known and for too many or too few."""
        text = deparse(call)
        named = {name: value for name, value in given if name is not None}
        if unknown := [name for name in named if name not in function.parameters]:
            allowed = ", ".join(function.parameters) or "none by name"
            raise OptionError(f"{text}: {call.function}() here has no argument {unknown[0]!r}; it has {allowed}")
        placed = [value for name, value in given if name is None]
        if function.rest:
            return cls._checked(cls(named, placed, text, scope), bool(placed))
        free = [name for name in function.parameters if name not in named]
        if len(placed) > len(free) or len(named) < len({name for name, _ in given} - {None}):
            raise OptionError(f"{text}: {call.function}() here has {len(function.parameters)} arguments at most")
        named |= dict(zip(free, placed, strict=False))
        return cls._checked(cls(named, (), text, scope), function.parameters[0] in named)

    @staticmethod
    def _checked(arguments: Arguments, enough: bool) -> Arguments:
        if not enough:
            raise OptionError(f"{arguments.text}: an argument is missing")
        return arguments

    def __getitem__(self, name: str) -> Value:
        if name not in self.named:
            raise OptionError(f"{self.text}: the argument {name} is missing")
        return self.named[name]

    def get(self, name: str) -> Value | None:
        """The argument, or None."""
        return self.named.get(name)

    def numbers(self, name: str) -> FloatArray:
        """An argument as numbers."""
        return as_numbers(self[name], self.text)

    def number(self, name: str, default: float) -> float:
        """An argument that is one number."""
        if name not in self.named:
            return default
        found = self.numbers(name)
        if len(found) != 1 or not np.isfinite(found[0]):
            raise OptionError(f"{self.text}: {name} needs one number")
        return float(found[0])

    def flag(self, name: str, default: bool) -> bool:
        """An argument that is TRUE or FALSE."""
        return bool(self.number(name, float(default)))

    def texts(self, name: str) -> tuple[str, ...]:
        """An argument as texts, as R writes numbers."""
        return tuple(str(x) for x in as_texts(self[name], self.text))

    def remember(self, learn: Callable[[], T]) -> T:
        """What `learn` says of the first table."""
        return self.scope.remember(self.text, learn)
