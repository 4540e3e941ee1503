"""Variables and terms -> the columns of a design and their names.

Source: Chambers & Hastie (1992), "Statistical models in S", section 2.4.1, and R's ``?terms.object``: in a term, a factor is
coded by contrasts where an earlier term contains what is left without it, and by a column for each level where none does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pymeta.arrays import BoolArray, FloatArray
from pymeta.data.formulas.contrasts import contrast_columns
from pymeta.data.formulas.evaluation import evaluate
from pymeta.data.formulas.scope import Scope
from pymeta.data.formulas.syntax import Call, Name, Node, deparse
from pymeta.data.formulas.terms import Terms
from pymeta.data.formulas.values import Factor, Matrix, Numbers, Texts, Truths, Value, as_factor
from pymeta.errors import DataError, OptionError

__all__ = ["Columns", "columns"]


@dataclass(frozen=True, slots=True)
class Columns:
    """values (n, p), names as R has them, and for each the number of its term from 1, 0 for the intercept."""

    values: FloatArray
    names: tuple[str, ...]
    assign: tuple[int, ...]


def columns(terms: Terms, scope: Scope) -> Columns:
    """The design of `terms` on the rows of `scope`."""
    variables = [_variable(node, scope) for node in terms.variables]
    blocks: list[tuple[FloatArray, list[str]]] = [(np.ones((scope.rows, 1)), ["(Intercept)"])] if terms.intercept else []
    for term in terms.members:
        block = np.ones((scope.rows, 1)), [""]
        for i in term:
            block = _times(block, variables[i].coded(_by_contrasts(terms, term, i, variables)))
        blocks.append(block)
    numbers = range(0 if terms.intercept else 1, len(terms.members) + 1)
    assign = tuple(number for number, (_, names) in zip(numbers, blocks, strict=True) for _ in names)
    X = np.hstack([values for values, _ in blocks]) if blocks else np.ones((scope.rows, 0))
    return Columns(X, tuple(name for _, names in blocks for name in names), assign)


@dataclass(frozen=True, slots=True)
class _Variable:
    label: str
    value: Value

    def coded(self, by_contrasts: bool) -> tuple[FloatArray, list[str]]:
        value = self.value
        if isinstance(value, Numbers):
            return value.values[:, None], [self.label]
        if isinstance(value, Matrix):
            return value.values, [self.label + label for label in value.labels]
        assert isinstance(value, Factor)
        rows, labels = _coding(value) if by_contrasts else (np.eye(len(value.levels)), value.levels)
        found = np.vstack([rows, np.full(rows.shape[1], np.nan)])[value.codes]  # code -1, missing: the last row
        return found, [self.label + label for label in labels]


def _coding(value: Factor) -> tuple[FloatArray, tuple[str, ...]]:
    kind, base = value.contrast or ("poly" if value.ordered else "treatment", None)
    return contrast_columns(kind, value.levels, base)


def _variable(node: Node, scope: Scope) -> _Variable:
    label = deparse(node)
    value = evaluate(node, scope)
    if isinstance(value, Truths):
        value = Factor(np.where(np.isnan(value.values), -1, value.values).astype(np.int_), ("FALSE", "TRUE"))
    if isinstance(value, Texts):
        value = scope.within(value, _first_levels(value, label, scope), False, label)
    size = len(value.codes if isinstance(value, Factor) else value.values)
    if size != scope.rows:
        raise OptionError(f"{label} has {size} values for {scope.rows} rows")
    if isinstance(value, Factor):
        if len(value.levels) < 2:
            only = f"only the level {value.levels[0]}" if value.levels else "no levels"
            raise DataError(f"has {only} in these rows, and a factor needs two; leave it out", argument=label)
        _first_levels(value, label, scope)
    else:
        _refuse_new_gaps(node, label, value.values.reshape(size, -1), scope)
    return _Variable(label, value)


def _first_levels(value: Texts | Factor, label: str, scope: Scope) -> tuple[str, ...]:
    return scope.remember(f"levels of {label}", lambda: as_factor(value).levels)


def _refuse_new_gaps(node: Node, label: str, values: FloatArray, scope: Scope) -> None:
    """A value that cannot be computed from what is there, as log(-1); R says NaN and leaves the study out."""
    bad = np.isinf(values).any(axis=1)
    if not _mentions_missing(node):
        bad |= np.isnan(values).any(axis=1) & ~_missing(node, scope)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise DataError("is not a finite number; leave the row out, or transform otherwise", argument=label, row=row + 1)


def _mentions_missing(node: Node) -> bool:
    """Whether a missing value may be meant: written as NA, or left by a function of the whole column or of levels."""
    if isinstance(node, Call):
        return node.function in _MAKES_MISSING or any(map(_mentions_missing, node.operands))
    return node == Name("NA")


_MAKES_MISSING = ("cut", "factor", "ordered", "mean", "median", "sd", "min", "max", "sum")


def _missing(node: Node, scope: Scope) -> BoolArray:
    """The rows in which one of the columns used is missing, (n,)."""
    if isinstance(node, Call):
        gaps = np.zeros(scope.rows, dtype=bool)
        for operand in node.operands:
            gaps |= _missing(operand, scope)
        return gaps
    if not isinstance(node, Name) or node.value not in scope.found:
        return np.zeros(scope.rows, dtype=bool)
    value = scope.found[node.value]
    if isinstance(value, Factor):
        return np.asarray(value.codes < 0)
    if isinstance(value, Texts):
        return np.array([text is None for text in value.values], dtype=bool)
    return np.isnan(value.values)


def _by_contrasts(terms: Terms, term: tuple[int, ...], variable: int, variables: Sequence[_Variable]) -> bool:
    if not terms.intercept and (term, variable) == _stand_in(terms, variables):
        return False
    rest = set(term) - {variable}
    return not rest or any(rest <= set(earlier) for earlier in terms.members[: terms.members.index(term)])


def _stand_in(terms: Terms, variables: Sequence[_Variable]) -> tuple[tuple[int, ...], int] | None:
    """The first term with a factor, and that factor: without an intercept it has a column for each level."""
    found = ((term, i) for term in terms.members for i in term if isinstance(variables[i].value, Factor))
    return next(found, None)


def _times(left: tuple[FloatArray, list[str]], right: tuple[FloatArray, list[str]]) -> tuple[FloatArray, list[str]]:
    """Every column of one by every column of the other; those of the first vary fastest."""
    (a, names), (b, others) = left, right
    if names == [""]:
        return right
    values = (b[:, :, None] * a[:, None, :]).reshape(len(a), a.shape[1] * b.shape[1])
    return values, [f"{name}:{other}" for other in others for name in names]
