"""R's functions of texts -> strings, formatted strings and columns of them."""

from __future__ import annotations

import ast

from pymeta.port.syntax import Argument, Call, Node
from pymeta.port.translate.expressions import Rule, Translator, bound, literal_number, literal_text
from pymeta.port.translate.values import Kind, Untranslatable, Value, build, call, constant

__all__ = ["RULES", "said"]


def _paste(t: Translator, node: Call) -> Value:
    named = {argument.name: argument.value for argument in node.arguments if argument.name}
    if set(named) - {"sep", "collapse"}:
        raise Untranslatable(f"`{node.name}` with names")
    separator = literal_text(named["sep"]) if "sep" in named else ("" if node.name == "paste0" else " ")
    if separator is None:
        raise Untranslatable(f"`{node.name}` with a computed sep")
    parts = [t.value(argument.value) for argument in node.arguments if not argument.name]
    joined = parts[0] if len(parts) == 1 and not parts[0].is_scalar else _joined(parts, separator)
    if "collapse" not in named or joined.is_scalar:
        return joined
    between = t.value(named["collapse"]).node
    items = joined.node if joined.of == "text" else build("map(str, _0)", joined.node)
    return Value(build("_0.join(_1)", between, items), Kind.TEXT, "text")


def _joined(parts: list[Value], separator: str) -> Value:
    if any(part.kind is Kind.SERIES for part in parts):
        return _of_columns(parts, separator)
    if all(part.is_scalar or part.single for part in parts):
        return Value(_formatted([_one(part).node for part in parts], separator), Kind.TEXT, "text")
    vectors = [part for part in parts if part.kind in (Kind.VECTOR, Kind.POSITIONS)]
    if len(vectors) != 1 or len(vectors) + sum(part.is_scalar for part in parts) != len(parts):
        raise Untranslatable("texts pasted of several vectors")
    pieces = [ast.Name("x", ast.Load()) if part is vectors[0] else part.node for part in parts]
    over = vectors[0] if vectors[0].literal else vectors[0].array()
    loop = ast.comprehension(ast.Name("x", ast.Store()), over.node, [], 0)
    return Value(ast.ListComp(_formatted(pieces, separator), [loop]), Kind.VECTOR, "text", literal=True)


def _one(part: Value) -> Value:
    """The one element of a vector that has one."""
    return Value(build("_0[0]", part.node), Kind.NUMBER, part.of) if part.single else part


def _of_columns(parts: list[Value], separator: str) -> Value:
    total: ast.expr | None = None
    for part in parts:
        text = part.node
        if (part.kind is Kind.SERIES and part.of != "text") or (part.kind is Kind.VECTOR and not part.literal):
            text = build("_0.astype(str)", text)
        elif part.kind is Kind.NUMBER:
            text = call("str", text)
        elif part.kind not in (Kind.SERIES, Kind.TEXT):
            raise Untranslatable(f"texts pasted of a column and {part.kind.value}")
        if total is not None and separator:
            total = ast.BinOp(total, ast.Add(), constant(separator))
        total = text if total is None else ast.BinOp(total, ast.Add(), text)
    assert total is not None
    return Value(total, Kind.SERIES, "text")


def _formatted(nodes: list[ast.expr], separator: str) -> ast.expr:
    pieces: list[ast.expr] = []
    for i, node in enumerate(nodes):
        if i and separator:
            pieces.append(ast.Constant(separator))
        pieces.append(ast.Constant(str(node.value)) if isinstance(node, ast.Constant) else ast.FormattedValue(node, -1))
    if all(isinstance(piece, ast.Constant) for piece in pieces):
        return ast.Constant("".join(str(piece.value) for piece in pieces if isinstance(piece, ast.Constant)))
    return ast.JoinedStr(pieces)


def _sprintf(t: Translator, node: Call) -> Value:
    pattern = literal_text(node.values[0])
    parts = [_one(t.value(value)) for value in node.values[1:]]
    if pattern is None or not all(part.is_scalar for part in parts):
        raise Untranslatable("`sprintf` of vectors, or with a computed format")
    values = parts[0].node if len(parts) == 1 else ast.Tuple([part.node for part in parts], ast.Load())
    return Value(ast.BinOp(constant(pattern), ast.Mod(), values), Kind.TEXT, "text")


def _format(t: Translator, node: Call) -> Value:
    given = bound(node, "x", "digits", "format", "nsmall")
    x = _one(t.value(given["x"]))
    digits = literal_number(given.get("digits"))
    if node.name != "formatC" or literal_text(given.get("format")) != "f" or digits is None or x.kind is not Kind.NUMBER:
        raise Untranslatable(f"`{node.name}` other than of one number with format='f'")
    shape = ast.JoinedStr([ast.Constant(f".{int(digits)}f")])
    return Value(ast.JoinedStr([ast.FormattedValue(x.node, -1, shape)]), Kind.TEXT, "text")


def _case(t: Translator, node: Call) -> Value:
    x = t.value(node.values[0])
    method = {"toupper": "upper", "tolower": "lower"}[node.name]
    if x.kind not in (Kind.TEXT, Kind.SERIES):
        raise Untranslatable(f"`{node.name}` of {x.kind.value}")
    owner = build("_0.str", x.node) if x.kind is Kind.SERIES else x.node
    return Value(ast.Call(ast.Attribute(owner, method, ast.Load()), [], []), x.kind, "text")


def _as_text(t: Translator, node: Call) -> Value:
    x = t.value(node.values[0])
    if x.is_scalar:
        return Value(call("str", x.node), Kind.TEXT, "text")
    if x.kind is not Kind.SERIES:
        raise Untranslatable(f"`{node.name}` of {x.kind.value}")
    return Value(build("_0.astype(str)", x.node), Kind.SERIES, "text")


def said(t: Translator, node: Call) -> ast.expr:
    """``cat(…)`` as print: the line's end is what print writes anyway."""
    arguments = list(node.arguments)
    named = {argument.name: argument.value for argument in arguments if argument.name}
    if set(named) - {"sep"}:
        raise Untranslatable("`cat` to a file")
    separator = literal_text(named["sep"]) if "sep" in named else " "
    pieces = [_piece(t, argument) for argument in arguments if not argument.name]
    keywords = {} if separator == " " else {"sep": constant(separator)}
    last = pieces[-1] if pieces else None
    if isinstance(last, ast.Constant) and isinstance(last.value, str) and last.value.endswith("\n"):
        pieces = [*pieces[:-1], *([ast.Constant(last.value[:-1])] if last.value != "\n" else [])]
    else:
        keywords["end"] = constant("")
    return call("print", *pieces, **keywords)


def _piece(t: Translator, argument: Argument) -> ast.expr:
    value = _one(t.value(argument.value))
    if not value.is_scalar and value.kind is not Kind.UNKNOWN:
        return ast.Starred(value.array().node, ast.Load())
    return value.node


def _nchar(t: Translator, node: Call) -> Value:
    x = t.value(_first(node))
    if x.kind is not Kind.TEXT:
        raise Untranslatable(f"`nchar` of {x.kind.value}")
    return Value(call("len", x.node), Kind.NUMBER, "number")


def _first(node: Call) -> Node:
    return node.values[0]


RULES: dict[str, Rule] = {
    "paste": _paste,
    "paste0": _paste,
    "sprintf": _sprintf,
    "formatC": _format,
    "toupper": _case,
    "tolower": _case,
    "as.character": _as_text,
    "nchar": _nchar,
}
