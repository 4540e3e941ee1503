"""What an R expression is in Python: a syntax tree, and the kind of thing that it makes."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

__all__ = [
    "Kind",
    "Untranslatable",
    "Value",
    "build",
    "call",
    "constant",
    "item",
    "listed",
    "named_call",
    "origins",
    "scalar",
    "together",
]


class Untranslatable(Exception):
    """This has no translation; the text says why, for the marked block."""


class Kind(Enum):
    """What a Python expression makes."""

    NUMBER = "a number"
    TEXT = "a text"
    BOOL = "a truth value"
    VECTOR = "a vector"
    SERIES = "a column"
    POSITIONS = "positions from 0"
    MATRIX = "a matrix"
    FRAME = "a data frame"
    MODEL = "a model"
    RESULT = "a result"
    LIST = "a list"
    DICT = "a list with names"
    FUNCTION = "a function"
    FORMULA = "a formula"
    NONE = "NULL"
    UNKNOWN = "a value of unknown kind"
    LOST = "a value that was not made"


@dataclass(frozen=True, slots=True)
class Value:
    """A Python expression with what is known of it.

    of : what the elements are: "number", "text", "bool", "factor", or "" where that is not known
    columns : of a frame, name -> `of`; None where they are not known
    result : the class of a model or result in pymeta
    single : whether a vector has one element, as the coefficients of a model without moderators
    parts : of a list, its elements (one stands for all where `uniform`); data : of a model, the frame it was fitted to
    summary : a model that prints as its summary; effects : a frame that escalc made
    literal : a list written out, which is no array yet
    """

    node: ast.expr
    kind: Kind = Kind.UNKNOWN
    of: str = ""
    columns: Mapping[str, str] | None = None
    result: Any = None
    single: bool = False
    parts: Mapping[str, Value] = field(default_factory=dict)
    data: Value | None = None
    summary: bool = False
    effects: bool = False
    literal: bool = False

    @property
    def elementwise(self) -> bool:
        """Whether operators work on it element by element."""
        return self.kind in (Kind.VECTOR, Kind.SERIES, Kind.MATRIX, Kind.FRAME, Kind.POSITIONS)

    @property
    def is_scalar(self) -> bool:
        """Whether it is one number, text or truth value."""
        return self.kind in (Kind.NUMBER, Kind.TEXT, Kind.BOOL)

    def array(self) -> Value:
        """The same where operators work on it: a literal list becomes an array, positions count from 1 again."""
        if self.literal and self.kind is Kind.VECTOR:
            return replace(self, node=call("np.array", self.node), literal=False)
        if self.kind is Kind.POSITIONS:
            return replace(self, node=build("_0 + 1", self.node), kind=Kind.VECTOR, of="number")
        return self

    def values(self) -> Value:
        """A column without its index."""
        if self.kind is Kind.SERIES:
            return replace(self, node=build("_0.to_numpy()", self.node), kind=Kind.VECTOR)
        return self.array()


class _Fill(ast.NodeTransformer):
    def __init__(self, nodes: Sequence[ast.expr]) -> None:
        self.nodes = {f"_{i}": node for i, node in enumerate(nodes)}

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A placeholder's node."""
        return self.nodes.get(node.id, node)


def build(template: str, *nodes: ast.expr) -> ast.expr:
    """A Python expression from a template of ours, in which _0, _1, … stand for the nodes."""
    tree = ast.parse(template, mode="eval").body
    filled = _Fill(nodes).visit(tree)
    assert isinstance(filled, ast.expr)
    return filled


def call(function: str, *arguments: ast.expr, **keywords: ast.expr) -> ast.expr:
    """A call of a function, given by its dotted name."""
    return named_call(build(function), arguments, keywords)


def named_call(function: ast.expr, arguments: Sequence[ast.expr], keywords: Mapping[str, ast.expr]) -> ast.expr:
    """A call with these arguments."""
    return ast.Call(function, list(arguments), [ast.keyword(name, value) for name, value in keywords.items()])


def constant(value: Any) -> ast.expr:
    """A literal; negative numbers with their sign."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def listed(nodes: Sequence[ast.expr]) -> ast.expr:
    """A literal list."""
    return ast.List(list(nodes), ast.Load())


def item(node: ast.expr, key: ast.expr) -> ast.expr:
    """What is at `key`."""
    return ast.Subscript(node, key, ast.Load())


def origins(node: ast.AST) -> set[str]:
    """The frames whose columns an expression is made of: pandas aligns columns of one frame, R none."""
    return {
        ast.dump(inner.value)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Subscript) and isinstance(inner.slice, ast.Constant) and isinstance(inner.slice.value, str)
    }


def together(left: Value, right: Value) -> tuple[Value, Value]:
    """Two operands; columns of different frames without their index, which pandas would align them by."""
    both = left.kind is right.kind is Kind.SERIES
    if both and len(origins(left.node) | origins(right.node)) > 1:
        return left.values(), right.values()
    return left, right


def scalar(value: object) -> Value:
    """A literal's Value."""
    kinds = {bool: Kind.BOOL, int: Kind.NUMBER, float: Kind.NUMBER, str: Kind.TEXT}
    names = {Kind.BOOL: "bool", Kind.NUMBER: "number", Kind.TEXT: "text"}
    kind = kinds.get(type(value), Kind.NONE)
    return Value(constant(value), kind, names.get(kind, ""))
