"""Model formulas: R's text again, since pymeta reads formulas as R writes them; and the variables that they mention."""

from __future__ import annotations

import json

from pymeta.port.syntax import Call, Constant, Empty, Name, Node
from pymeta.port.translate.values import Untranslatable

__all__ = ["formula_text", "formula_variables", "is_formula"]

_SPACED = {"+", "-", "*", "~", "|", "==", "!=", "<", ">", "<=", ">=", "&", "%in%", "/"}
_TIGHT = {":", "^", "**"}


def is_formula(node: Node) -> bool:
    """Whether it is a call of the tilde."""
    return isinstance(node, Call) and node.name == "~"


def formula_text(node: Node) -> str:
    """The formula as R writes it; ``dat$x`` becomes ``x``."""
    if isinstance(node, Name):
        return node.text if node.text.replace(".", "").replace("_", "").isalnum() or node.text == "." else f"`{node.text}`"
    if isinstance(node, Constant):
        return _constant(node)
    if isinstance(node, Call):
        return _call(node)
    raise Untranslatable("a formula with something that is neither a name nor a call")


def formula_variables(node: Node) -> list[str]:
    """The names that a formula mentions as variables, in their order."""
    if isinstance(node, Name):
        return [node.text]
    if not isinstance(node, Call):
        return []
    if node.name in ("$", "[["):
        return []
    return list(dict.fromkeys(name for value in node.values for name in formula_variables(value)))


def _constant(node: Constant) -> str:
    if node.missing:
        return "NA"
    if node.value is None:
        return "NULL"
    if isinstance(node.value, bool):
        return "TRUE" if node.value else "FALSE"
    return json.dumps(node.value, ensure_ascii=False) if isinstance(node.value, str) else repr(node.value)


def _call(node: Call) -> str:
    name, values = node.name, node.values
    if name == "$" and isinstance(values[1], Name):
        return formula_text(values[1])
    if name == "(":
        return f"({formula_text(values[0])})"
    if name in _SPACED | _TIGHT:
        texts = [formula_text(value) for value in values]
        if len(texts) == 1:
            return f"{name} {texts[0]}" if name == "~" else f"{name}{texts[0]}"
        return f" {name} ".join(texts) if name in _SPACED else name.join(texts)
    if not name or name in ("[", "[[", "{"):
        raise Untranslatable(f"a formula with `{name or 'a computed function'}`")
    given = [f"{a.name} = {formula_text(a.value)}" if a.name else formula_text(a.value) for a in node.arguments]
    if any(isinstance(value, Empty) for value in values):
        raise Untranslatable("a formula with an argument left out")
    return f"{name}({', '.join(given)})"
