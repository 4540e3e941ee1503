"""What R calls an element of a model or result, and what pymeta does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pymeta.port.translate.scope import python_name
from pymeta.port.translate.values import Kind, Untranslatable, Value, build

__all__ = ["field_of"]


@dataclass(frozen=True, slots=True)
class _Field:
    path: str
    kind: Kind
    of: str = "number"


_VECTORS = ("beta", "se", "zval", "pval", "ci_lb", "ci_ub")
_OTHER_NAMES = {"b": "beta", "cr_lb": "pi_lb", "cr_ub": "pi_ub"}
_BELOW = {
    "yi": _Field("studies.yi", Kind.VECTOR),
    "vi": _Field("studies.vi", Kind.VECTOR),
    "slab": _Field("np.array(studies.slab)", Kind.VECTOR, "text"),
    "X": _Field("spec.X", Kind.MATRIX),
    "method": _Field("spec.method", Kind.TEXT, "text"),
    "measure": _Field("spec.measure", Kind.TEXT, "text"),
}
_MATRICES = ("vb",)
_NO_NUMBERS = (
    "call",
    "spec",
    "studies",
    "notes",
    "solve",
    "names",
    "label",
    "fit_stats",
    "random",
    "frame",
    "tidy",
    "summary",
)


def field_of(owner: Value, r_name: str) -> Value:
    """An element of a model or result. Raises Untranslatable where pymeta has none of the name."""
    name = python_name(r_name)
    name = _OTHER_NAMES.get(name, name)
    if owner.kind is Kind.MODEL and name in _BELOW:
        return _below(owner, _BELOW[name])
    known: Any = owner.result
    if known is None or not hasattr(known, name) or name.rstrip("_") in _NO_NUMBERS or callable(getattr(known, name)):
        raise Untranslatable(f"`${r_name}`, which pymeta's result has not")
    node = build(f"_0.{name}", owner.node)
    if owner.kind is Kind.MODEL and name in _MATRICES:
        return Value(node, Kind.MATRIX, "number")
    if owner.kind is Kind.MODEL and name not in _VECTORS:
        return Value(node, Kind.TEXT if name == "test" else Kind.NUMBER, "text" if name == "test" else "number")
    if owner.kind is Kind.RESULT and name in ("QM", "QMp", "m", "LRT", "pval", "k", "p") and "Test" in known.__name__:
        return Value(node, Kind.NUMBER, "number")
    return Value(node, Kind.VECTOR, "number", single=owner.single)


def _below(owner: Value, found: _Field) -> Value:
    if found.path.startswith("np.array("):
        return Value(build(f"np.array(_0.{found.path[9:]}", owner.node), found.kind, found.of)
    return Value(build(f"_0.{found.path}", owner.node), found.kind, found.of)
