"""A variable's tree -> its values. Only operators and functions that are listed here and in `functions` exist."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from pymeta.arrays import BoolArray, FloatArray
from pymeta.data.columns import is_column
from pymeta.data.formulas.contrasts import CONTRASTS
from pymeta.data.formulas.functions import FUNCTIONS, Arguments
from pymeta.data.formulas.scope import Scope
from pymeta.data.formulas.syntax import Call, Name, Node, Number, Text, deparse
from pymeta.data.formulas.values import Factor, Numbers, Texts, Truths, Value, as_numbers, as_texts
from pymeta.errors import OptionError, no_such

__all__ = ["evaluate"]


def evaluate(node: Node, scope: Scope) -> Value:
    """The values of an expression. Raises OptionError for what is not known, DataError for data that cannot be."""
    if isinstance(node, Number):
        return Numbers(np.array([node.value]), node.whole)
    if isinstance(node, Text):
        return Texts(np.array([node.value], dtype=object))
    if isinstance(node, Name):
        return _named(node.value, scope)
    if node.function == "(":
        return evaluate(node.operands[0], scope)
    if node.function in _KNOWN_OPERATORS:
        return _operation(node, scope)
    return _call(node, scope)


def _named(name: str, scope: Scope) -> Value:
    if name in _FIXED:
        return _FIXED[name]
    if name in _CONSTANTS and not is_column(name, scope.data):
        return _CONSTANTS[name]
    return scope.column(name)


def _truth(value: float) -> Truths:
    return Truths(np.array([value]))


_FIXED: Mapping[str, Value] = {
    "TRUE": _truth(1.0),
    "FALSE": _truth(0.0),
    "NA": _truth(np.nan),
    "Inf": Numbers(np.array([np.inf])),
}
_CONSTANTS: Mapping[str, Value] = {
    "T": _truth(1.0),
    "F": _truth(0.0),
    "pi": Numbers(np.array([np.pi])),
    # the functions, for C(); as texts, in quotes, they label columns otherwise
    **{f"contr.{kind}": Texts(np.array([f"contr.{kind}()"], dtype=object)) for kind in CONTRASTS},
}


def _call(node: Call, scope: Scope) -> Value:
    if node.function not in FUNCTIONS:
        raise no_such("function", node.function, FUNCTIONS, what="function in formulas")
    function = FUNCTIONS[node.function]
    given = [(name, _argument(node, i, scope)) for i, (name, _) in enumerate(node.arguments)]
    return function.run(Arguments.matched(node, given, function, scope))


def _argument(call: Call, place: int, scope: Scope) -> Value:
    """An argument's values; for the coding of C(), "sum" and the like without quotes are names of their own, as in R."""
    _, node = call.arguments[place]
    if call.function == "C" and place > 0 and isinstance(node, Name) and node.value in CONTRASTS:
        return _CONSTANTS[f"contr.{node.value}"]
    return evaluate(node, scope)


def _operation(node: Call, scope: Scope) -> Value:
    values = [evaluate(operand, scope) for operand in node.operands]
    what = f"{deparse(node)}: {node.function}"
    if node.function in _COMPARISONS:
        return _compared(node.function, values[0], values[1], what)
    if node.function == "%in%":
        known = set(as_texts(values[1], what)) - {None}
        return Truths(np.array([float(x in known) for x in as_texts(values[0], what)]))
    numbers = [as_numbers(value, what) for value in values]
    if node.function in _LOGICAL:
        return Truths(_LOGICAL[node.function](*numbers))
    if node.function == ":":
        return _sequence(node, *numbers)
    with np.errstate(all="ignore"):
        found = np.asarray(_ARITHMETIC[node.function, len(numbers)](*_aligned(numbers, what)), dtype=np.float64)
    whole = node.function in ("+", "-", "*") and all(getattr(value, "whole", isinstance(value, Truths)) for value in values)
    return Numbers(found, whole)


def _aligned(numbers: list[FloatArray], what: str) -> list[FloatArray]:
    sizes = {len(x) for x in numbers} - {1}
    if len(sizes) > 1:
        raise OptionError(f"{what} has sides of {' and '.join(map(str, sorted(sizes)))} values")
    return numbers


def _sequence(node: Call, first: FloatArray, last: FloatArray) -> Value:
    if len(first) != 1 or len(last) != 1 or not abs(last[0] - first[0]) < 10_000:
        raise OptionError(f"{deparse(node)}: here : makes a sequence of two numbers")
    step = 1.0 if last[0] >= first[0] else -1.0
    return Numbers(np.arange(first[0], last[0] + step * 1e-10, step), whole=True)


def _compared(operator: str, left: Value, right: Value, what: str) -> Truths:
    compare = _COMPARISONS[operator]
    if isinstance(left, Texts | Factor) or isinstance(right, Texts | Factor):
        return _compared_texts(operator, left, right, what)
    a, b = _aligned([as_numbers(left, what), as_numbers(right, what)], what)
    return Truths(np.where(np.isnan(a) | np.isnan(b), np.nan, compare(a, b).astype(np.float64)))


def _compared_texts(operator: str, left: Value, right: Value, what: str) -> Truths:
    if operator not in ("==", "!="):
        raise OptionError(f"{what} needs numbers; texts and factors are compared by == and != only")
    a, b = np.broadcast_arrays(as_texts(left, what), as_texts(right, what))
    same = [np.nan if x is None or y is None else float((x == y) == (operator == "==")) for x, y in zip(a, b, strict=True)]
    return Truths(np.array(same))


def _and(a: FloatArray, b: FloatArray) -> FloatArray:
    """False wins over missing."""
    return np.where((a == 0) | (b == 0), 0.0, np.where(np.isnan(a) | np.isnan(b), np.nan, 1.0))


def _not(a: FloatArray) -> FloatArray:
    return np.where(np.isnan(a), np.nan, (a == 0).astype(np.float64))


def _or(a: FloatArray, b: FloatArray) -> FloatArray:
    return _not(_and(_not(a), _not(b)))


_COMPARISONS: Mapping[str, Callable[..., BoolArray]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
_LOGICAL: Mapping[str, Callable[..., FloatArray]] = {"&": _and, "&&": _and, "|": _or, "||": _or, "!": _not}
_ARITHMETIC: Mapping[tuple[str, int], Callable[..., FloatArray]] = {
    ("+", 2): np.add,
    ("-", 2): np.subtract,
    ("*", 2): np.multiply,
    ("/", 2): np.divide,
    ("^", 2): np.power,
    ("%%", 2): np.mod,
    ("%/%", 2): np.floor_divide,
    ("+", 1): np.positive,
    ("-", 1): np.negative,
}
_KNOWN_OPERATORS = {*_COMPARISONS, *_LOGICAL, ":", "%in%"} | {operator for operator, _ in _ARITHMETIC}
