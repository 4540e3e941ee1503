"""Expressions: literals, names, operators, and the way to each function's own translation."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pymeta.port.syntax import Argument, Call, Constant, Empty, Function, Name, Node
from pymeta.port.translate.formulas import formula_text, is_formula
from pymeta.port.translate.scope import Scope
from pymeta.port.translate.values import Kind, Untranslatable, Value, build, constant, scalar, together

__all__ = ["Rule", "Translator", "bound", "literal_number", "literal_text", "matched"]

_ARITHMETIC: Mapping[str, type[ast.operator]] = MappingProxyType(
    {
        "+": ast.Add,
        "-": ast.Sub,
        "*": ast.Mult,
        "/": ast.Div,
        "^": ast.Pow,
        "%%": ast.Mod,
        "%/%": ast.FloorDiv,
        "%*%": ast.MatMult,
    }
)
_COMPARISON: Mapping[str, type[ast.cmpop]] = MappingProxyType(
    {"==": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, ">": ast.Gt, "<=": ast.LtE, ">=": ast.GtE}
)
_NUMERIC = (Kind.NUMBER, Kind.BOOL, Kind.VECTOR, Kind.SERIES, Kind.MATRIX, Kind.POSITIONS, Kind.UNKNOWN)

Rule = Callable[["Translator", Call], Value]
"""How calls of one R function are translated."""


@dataclass(slots=True)
class Translator:
    """Translates expressions within a scope, by rules for the functions that it knows.

    rules : R's name -> its rule; functions : R's name -> the Python function of the same meaning, where one is passed on
    refused : R's name -> why its calls are not translated
    """

    scope: Scope
    rules: Mapping[str, Rule]
    functions: Mapping[str, str]
    refused: Callable[[str], str]

    def value(self, node: Node) -> Value:
        """The Python expression. Raises Untranslatable."""
        if isinstance(node, Constant):
            return _literal(node)
        if isinstance(node, Name):
            return self._name(node.text)
        if isinstance(node, Function):
            return self.function(node)
        if isinstance(node, Call):
            return self._call(node)
        raise Untranslatable("an argument that is left out" if isinstance(node, Empty) else "a constant of another kind")

    def number(self, node: Node) -> Value:
        """An operand: an array where it is a literal list."""
        return self.value(node).array()

    def function(self, node: Function) -> Value:
        """A function of one expression, as lambda."""
        if isinstance(node.body, Call) and node.body.name in ("{", "if", "for", "while", "<-", "return"):
            body = _only(node.body)
        else:
            body = node.body
        known = {p.name: Value(ast.Name(self.scope.name(p.name), ast.Load())) for p in node.parameters}
        with self.scope.local(known):
            result = self.number(body)
        return Value(ast.Lambda(self.parameters(node), result.node), Kind.FUNCTION, result=result)

    def parameters(self, node: Function) -> ast.arguments:
        """A function's parameters in Python."""
        names = [ast.arg(self.scope.name(p.name)) for p in node.parameters]
        if any(p.name == "..." for p in node.parameters):
            raise Untranslatable("a function with `...`")
        defaults = [self.value(p.default).node for p in node.parameters if not isinstance(p.default, Empty)]
        given = [not isinstance(p.default, Empty) for p in node.parameters]
        if given != sorted(given):
            raise Untranslatable("a function with parameters that have defaults before others that have none")
        return ast.arguments(posonlyargs=[], args=names, kwonlyargs=[], kw_defaults=[], defaults=defaults)

    def _name(self, name: str) -> Value:
        if name not in self.scope.variables and self.scope.column(name) is None and name in self.functions:
            return Value(build(self.functions[name]), Kind.FUNCTION)
        return self.scope.find(name)

    def _call(self, node: Call) -> Value:
        name = node.name
        if is_formula(node):
            return Value(constant(formula_text(node)), Kind.FORMULA)
        if name in self.scope.variables:
            return self._own(node)
        if name in _ARITHMETIC:
            return self._arithmetic(node)
        if name in _COMPARISON:
            left, right = together(*(self.number(value) for value in node.values))
            return Value(ast.Compare(left.node, [_COMPARISON[name]()], [right.node]), _joint(left, right, Kind.BOOL), "bool")
        if name in self.rules:
            return self.rules[name](self, node)
        raise Untranslatable(self.refused(name))

    def _own(self, node: Call) -> Value:
        """A call of a function that the script defines."""
        function = self.scope.find(node.name)
        if function.kind not in (Kind.FUNCTION, Kind.UNKNOWN):
            raise Untranslatable(f"`{node.name}` is called, and is {function.kind.value}")
        given = [self.number(value).node for value in (a.value for a in node.arguments if not a.name)]
        named = [ast.keyword(self.scope.name(a.name), self.number(a.value).node) for a in node.arguments if a.name]
        made: Value = function.result if isinstance(function.result, Value) else Value(function.node)
        return Value(ast.Call(function.node, list(given), named), made.kind, made.of, result=made.result)

    def _arithmetic(self, node: Call) -> Value:
        operands = [self.number(value) for value in node.values]
        for operand in operands:
            if operand.kind not in _NUMERIC or operand.of == "text":
                raise Untranslatable(f"`{node.name}` of {operand.kind.value}{' of texts' if operand.of == 'text' else ''}")
        if len(operands) == 1:
            sign: ast.unaryop = ast.USub() if node.name == "-" else ast.UAdd()
            return Value(ast.UnaryOp(sign, operands[0].node), operands[0].kind, "number", single=operands[0].single)
        left, right = together(*operands)
        kind = _joint(left, right, Kind.NUMBER)
        single = (left.single and (right.single or right.is_scalar)) or (right.single and left.is_scalar)
        if node.name == "%*%":
            kind = Kind.MATRIX
        return Value(ast.BinOp(left.node, _ARITHMETIC[node.name](), right.node), kind, "number", single=single)


def _joint(left: Value, right: Value, of_scalars: Kind) -> Kind:
    """The kind of what an operator makes of two operands."""
    if left.is_scalar and right.is_scalar:
        return of_scalars
    for kind in (Kind.FRAME, Kind.MATRIX, Kind.SERIES, Kind.VECTOR):
        if kind in (left.kind, right.kind):
            return kind
    return Kind.UNKNOWN


def _literal(node: Constant) -> Value:
    if node.missing:
        return Value(build("np.nan"), Kind.NUMBER, "number")
    if isinstance(node.value, float) and (node.value != node.value or node.value in (float("inf"), float("-inf"))):
        return Value(build("np.nan" if node.value != node.value else "np.inf"), Kind.NUMBER, "number")
    return scalar(node.value)


def _only(body: Call) -> Node:
    """The expression that a function's body is, where it is one alone."""
    if body.name == "return" and len(body.values) == 1:
        return body.values[0]
    if body.name == "{" and len(body.values) == 1:
        inner = body.values[0]
        return _only(inner) if isinstance(inner, Call) and inner.name in ("{", "return") else inner
    raise Untranslatable("a function of several statements within an expression")


def matched(node: Call, formals: tuple[str, ...]) -> dict[str, Node]:
    """The arguments by name, as R matches them: exactly, by unique beginnings, then by position. Raises Untranslatable."""
    found: dict[str, Node] = {}
    unnamed: list[Argument] = []
    for argument in node.arguments:
        if not argument.name:
            unnamed.append(argument)
            continue
        found[_formal(argument.name, formals)] = argument.value
    free = [formal for formal in formals if formal not in found]
    if len(unnamed) > len(free):
        raise Untranslatable(f"`{node.name}` with more arguments than it is known to have")
    return found | {formal: argument.value for formal, argument in zip(free, unnamed, strict=False)}


def _formal(name: str, formals: tuple[str, ...]) -> str:
    if name in formals:
        return name
    near = [formal for formal in formals if formal.startswith(name)]
    return near[0] if len(near) == 1 else name


def bound(node: Call, *formals: str) -> dict[str, Node]:
    """The same where no other arguments than `formals` are understood."""
    found = matched(node, formals)
    for name in found:
        if name not in formals:
            raise Untranslatable(f"`{node.name}` with the argument {name}")
    return found


def literal_text(node: Node | None) -> str | None:
    """The text, if it is one."""
    return node.value if isinstance(node, Constant) and isinstance(node.value, str) else None


def literal_number(node: Node | None) -> int | float | None:
    """The number, if it is one, its sign included."""
    if isinstance(node, Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return node.value
    if isinstance(node, Call) and node.name == "-" and len(node.values) == 1:
        inner = literal_number(node.values[0])
        return None if inner is None else -inner
    if isinstance(node, Call) and node.name == "(":
        return literal_number(node.values[0])
    return None
