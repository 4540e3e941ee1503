"""The terms of a model formula, in R's order, and how each factor in them is coded.

Source: Wilkinson & Rogers (1973), "Symbolic description of factorial models for analysis of variance";
R's ``?formula`` and ``?terms.object``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pymeta.data.formulas.syntax import Call, Name, Node, Number, Text, deparse, parse
from pymeta.errors import OptionError

__all__ = ["Terms", "terms_of"]

_MOST_TERMS = 5_000


@dataclass(frozen=True, slots=True)
class Terms:
    """variables : their trees; members : for each term the positions of its variables; intercept : whether there is one."""

    variables: tuple[Node, ...]
    members: tuple[tuple[int, ...], ...]
    intercept: bool

    @property
    def labels(self) -> tuple[str, ...]:
        """Each term as R calls it."""
        return tuple(":".join(deparse(self.variables[i]) for i in term) for term in self.members)


def terms_of(formula: str, columns: Sequence[str]) -> Terms:
    """The terms of "~ a * b - 1"; `columns` are what "." stands for. Raises OptionError if it is no model formula."""
    before, tilde, right = formula.partition("~")
    if not tilde or before.strip():
        raise OptionError(f'needs one side, as in "~ {right.strip() or formula.strip()}"')
    expansion = _Expansion(columns)
    found = sorted(expansion.terms(parse(right), 1), key=int.bit_count)  # by order; within it as they appeared
    variables = tuple(expansion.variables)
    members = tuple(tuple(i for i in range(len(variables)) if term >> i & 1) for term in found)
    return Terms(variables, members, expansion.intercept)


@dataclass(slots=True)
class _Expansion:
    """Terms are sets of variables, written as the bits of a number; a model is a list of terms without repeats."""

    columns: Sequence[str]
    variables: list[Node] = field(default_factory=list)
    intercept: bool = True

    def terms(self, node: Node, sign: int) -> list[int]:
        if isinstance(node, Number):
            return self.number(node, sign)
        if isinstance(node, Text) or (isinstance(node, Name) and node.value in ("TRUE", "FALSE", "NULL", "NA")):
            raise OptionError(f"{deparse(node)} is no variable")
        if node == Name("."):
            return [self.variable(Name(column)) for column in self.columns]
        if isinstance(node, Call) and node.function in ("(", "+", "-") and len(node.arguments) == 1:
            return self.signed(node, sign)
        if isinstance(node, Call) and node.function in _OPERATORS:
            return _OPERATORS[node.function](self, node, sign)
        return [self.variable(node)]

    def number(self, node: Number, sign: int) -> list[int]:
        if node.value not in (0.0, 1.0):
            raise OptionError(f"{deparse(node)} is no variable; numbers other than 0 and 1 belong into I(), as in I(2 * x)")
        self.intercept = (node.value == 1.0) == (sign == 1)
        return []

    def variable(self, node: Node) -> int:
        if isinstance(node, Call) and node.function == "offset":
            raise OptionError(f"{deparse(node)}: a model here has no offset; subtract it from yi")
        if node not in self.variables:
            self.variables.append(node)
        return 1 << self.variables.index(node)

    def signed(self, node: Call, sign: int) -> list[int]:
        found = self.terms(node.operands[0], -sign if node.function == "-" else sign)
        return [] if node.function == "-" else found

    def plus(self, node: Call, sign: int) -> list[int]:
        parts: list[Node] = []
        rest: Node = node
        while isinstance(rest, Call) and rest.function == "+" and len(rest.arguments) == 2:  # long sums lean to the left
            rest, last = rest.operands
            parts.append(last)
        return _together(*[self.terms(part, sign) for part in (rest, *reversed(parts))])

    def minus(self, node: Call, sign: int) -> list[int]:
        left = self.terms(node.operands[0], sign)
        gone = self.terms(node.operands[1], -sign)
        return [term for term in left if term not in gone]

    def pair(self, node: Call, sign: int) -> tuple[list[int], list[int]]:
        """Both sides of an operator to which 1 and 0 mean nothing."""
        for side in node.operands:
            if isinstance(side, Number):
                raise OptionError(f"{deparse(node)}: the intercept has no interactions; a number belongs into I()")
        left, right = node.operands
        return self.terms(left, sign), self.terms(right, sign)

    def interaction(self, node: Call, sign: int) -> list[int]:
        return _crossed(*self.pair(node, sign))

    def crossing(self, node: Call, sign: int) -> list[int]:
        left, right = self.pair(node, sign)
        return _together(left, right, _crossed(left, right))

    def nesting(self, node: Call, sign: int) -> list[int]:
        """a / b is a + a:b, with a:b for all of a's variables at once."""
        left, right = self.pair(node, sign)
        return _together(left, _crossed([_union(left)], right))

    def within(self, node: Call, sign: int) -> list[int]:
        left, right = self.pair(node, sign)
        return _crossed(left, [_union(right)])

    def power(self, node: Call, sign: int) -> list[int]:
        base, times = node.operands
        if not isinstance(times, Number) or times.value < 1 or times.value % 1 or times.value > 50:
            raise OptionError(
                f"{deparse(node)}: a power of terms is a whole number from 1; of values, write I({deparse(node)})"
            )
        once = self.terms(base, sign)
        found = once
        for _ in range(int(times.value) - 1):
            found = _together(found, _crossed(found, once))
        return found


_OPERATORS = {
    "+": _Expansion.plus,
    "-": _Expansion.minus,
    ":": _Expansion.interaction,
    "*": _Expansion.crossing,
    "/": _Expansion.nesting,
    "%in%": _Expansion.within,
    "^": _Expansion.power,
}


def _together(*models: list[int]) -> list[int]:
    found = list(dict.fromkeys(term for model in models for term in model))
    if len(found) > _MOST_TERMS:
        raise OptionError(f"has more than {_MOST_TERMS} terms")
    return found


def _crossed(left: list[int], right: list[int]) -> list[int]:
    if len(left) * len(right) > _MOST_TERMS**2:
        raise OptionError(f"has more than {_MOST_TERMS} terms")
    return _together([a | b for a in left for b in right])


def _union(model: list[int]) -> int:
    every = 0
    for term in model:
        every |= term
    return every
