"""R's expressions, as far as model formulas need them: text to tree, and the tree as R writes it.

Source: the precedence of operators in R's ``?Syntax``, names in ``?make.names``, numbers to 15 digits as in ``?deparse``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from pymeta.errors import OptionError

__all__ = ["Call", "Name", "Node", "Number", "Text", "deparse", "parse", "r_number"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number; whole: written with L, which makes no other variable of it."""

    value: float
    whole: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted text."""

    value: str


@dataclass(frozen=True, slots=True)
class Name:
    """A column or a constant."""

    value: str


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or a function with its arguments, each with its name or None; brackets are the function "("."""

    function: str
    arguments: tuple[tuple[str | None, Node], ...]

    @property
    def operands(self) -> tuple[Node, ...]:
        """The arguments without their names."""
        return tuple(node for _, node in self.arguments)


Node: TypeAlias = Number | Text | Name | Call

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?L?)
    |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<name>`[^`]+`|(?:[^\W\d_]|\.(?!\d))[\w.]*)
    |(?P<operator>%[^%\s]*%|\*\*|==|!=|<=|>=|&&|\|\||[-+*/^:<>&|!(),=~])
    )""",
    re.VERBOSE,
)
_BINDING = {"^": 10, ":": 8, "*": 6, "/": 6, "+": 5, "-": 5, "&": 2, "&&": 2, "|": 1, "||": 1}
_BINDING |= dict.fromkeys(("==", "!=", "<", ">", "<=", ">="), 4) | dict.fromkeys(("%in%", "%%", "%/%"), 7)
_PREFIX = {"-": 9, "+": 9, "!": 3}
_TIGHT = ("^", ":", "/", "%%", "%/%")  # operators that R writes without blanks
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_RESERVED = {"if", "else", "repeat", "while", "function", "for", "next", "break", "in"}
_RESERVED |= {"TRUE", "FALSE", "NULL", "Inf", "NaN", "NA", "NA_integer_", "NA_real_", "NA_character_"}
_SYNTACTIC = re.compile(r"(?:[^\W\d_]|\.(?!\d))[\w.]*")
_CONSTANTS = {"TRUE", "FALSE", "NULL", "Inf", "NaN", "NA"}
_LONGEST, _DEEPEST = 20_000, 60


def parse(text: str) -> Node:
    """The tree of an expression. Raises OptionError, saying where and what is wrong."""
    if len(text) > _LONGEST:
        raise OptionError(f"has {len(text)} characters; {_LONGEST} is the most")
    reader = _Reader(list(_tokens(text)))
    tree = reader.expression(0)
    if reader.kind != "end":
        raise OptionError(f"{reader.token!r} is not understood after {deparse(tree)!r}")
    return tree


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    place, text = 0, text.rstrip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise OptionError(f"{text[place:].strip()[:12]!r} is not understood, at character {place + 1}")
        yield str(found.lastgroup), found[str(found.lastgroup)]
        place = found.end()


@dataclass(slots=True)
class _Reader:
    """Reads tokens by the binding of operators (Pratt's method)."""

    tokens: list[tuple[str, str]]
    place: int = 0
    depth: int = 0

    @property
    def kind(self) -> str:
        return self.tokens[self.place][0] if self.place < len(self.tokens) else "end"

    @property
    def token(self) -> str:
        return self.tokens[self.place][1] if self.place < len(self.tokens) else ""

    def take(self, expected: str | None = None) -> str:
        token = self.token
        if expected is not None and token != expected:
            raise OptionError(f"needs {expected!r} " + (f"instead of {token!r}" if token else "at its end"))
        self.place += 1
        return token

    def expression(self, floor: int) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise OptionError(f"is nested more than {_DEEPEST} deep")
        left = self.operand()
        while self.kind == "operator" and self.strength() > floor:
            operator = "^" if self.token == "**" else self.token
            strength = self.strength()
            self.take()
            right = self.expression(_PREFIX["-"] if operator == "^" else strength)  # powers bind to the right
            left = Call(operator, ((None, left), (None, right)))
        self.depth -= 1
        return left

    def strength(self) -> int:
        if self.token.startswith("%") and self.token not in _BINDING:
            raise OptionError(f"there is no operator {self.token}")
        return _BINDING["^"] if self.token == "**" else _BINDING.get(self.token, 0)

    def operand(self) -> Node:
        kind, token = self.kind, self.take()
        if kind == "number":
            return Number(float(token.rstrip("L")), token.endswith("L"))
        if kind == "text":
            return Text(re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), token[1:-1], flags=re.DOTALL))
        if kind == "name":
            return self.named(token)
        if token == "(":
            inner = self.expression(0)
            self.take(")")
            return Call("(", ((None, inner),))
        if token in _PREFIX:
            return Call(token, ((None, self.expression(_PREFIX[token])),))
        raise OptionError(f"{token!r} stands where a variable is needed" if token else "ends where a variable is needed")

    def named(self, token: str) -> Node:
        if self.token != "(" or token.startswith("`"):
            return Name(token.strip("`"))
        self.take("(")
        arguments: list[tuple[str | None, Node]] = []
        while self.token != ")":
            arguments.append(self.argument())
            if self.token != ")":
                self.take(",")
        self.take(")")
        return Call(token, tuple(arguments))

    def argument(self) -> tuple[str | None, Node]:
        following = self.tokens[self.place + 1 : self.place + 2]
        name = None
        if self.kind == "name" and following == [("operator", "=")]:
            name = self.take().strip("`")
            self.take("=")
        return name, self.expression(0)


def deparse(node: Node) -> str:
    """The tree as R writes it in the names of terms and coefficients."""
    if isinstance(node, Number):
        return r_number(node.value)
    if isinstance(node, Text):
        return '"' + "".join(_ESCAPED.get(char, char) for char in node.value) + '"'
    if isinstance(node, Name):
        plain = node.value in _CONSTANTS or (_SYNTACTIC.fullmatch(node.value) and node.value not in _RESERVED)
        return node.value if plain else f"`{node.value}`"
    return _deparse_call(node)


_ESCAPED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _deparse_call(call: Call) -> str:
    if call.function == "(":
        return f"({deparse(call.operands[0])})"
    if call.function in _PREFIX and len(call.arguments) == 1:
        return call.function + deparse(call.operands[0])
    if call.function in _BINDING:
        between = call.function if call.function in _TIGHT else f" {call.function} "
        return between.join(map(deparse, call.operands))
    inside = ", ".join((f"{name} = " if name else "") + deparse(node) for name, node in call.arguments)
    return f"{call.function}({inside})"


def r_number(value: float) -> str:
    """A number as R writes it: as few digits as tell it to 15, in the shorter of the two notations."""
    if not math.isfinite(value):
        return {"inf": "Inf", "-inf": "-Inf"}.get(str(value), "NaN")
    wanted = float(f"{value:.14e}")
    digits = next(n for n in range(15) if n == 14 or float(f"{value:.{n}e}") == wanted)
    scientific = f"{value:.{digits}e}"
    exponent = int(scientific.split("e")[1])
    fixed = f"{value:.{max(digits - exponent, 0)}f}"
    return fixed if len(fixed) <= len(scientific) else scientific
