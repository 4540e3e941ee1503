"""Rows of a model's design for values of its moderators that a person gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from pymeta.arrays import FloatArray, as_vector
from pymeta.data import design as designs
from pymeta.data.columns import frame
from pymeta.data.specs import INTERCEPT
from pymeta.errors import DataError, OptionError, no_such
from pymeta.results.selection import SelectionResult
from pymeta.results.uni import UniResult

__all__ = ["named_columns", "named_values", "new_rows"]


def new_rows(result: UniResult | SelectionResult, newmods: Any, newdata: Any, intercept: bool | None) -> FloatArray:
    """The design (n, p) at moderators given as columns of the design (`newmods`) or as variables (`newdata`)."""
    if newmods is not None and newdata is not None:
        raise OptionError("newmods, newdata: give one of them")
    if not result.moderated:
        raise OptionError(f"{'newmods' if newdata is None else 'newdata'}: the model has no moderators; leave it out")
    if newdata is not None:
        return _complete("newdata", np.asarray(designs.new_rows(result.spec.design, newdata), dtype=np.float64))
    names = result.names
    added = names[0] == INTERCEPT[0]
    pairs = _pairs(newmods, names[added:])
    values = _matrix(newmods, names[added:]) if pairs is None else named_columns("newmods", pairs, names[added:])
    if not added or (values.shape[1] == len(names) and pairs is None):
        return _complete("newmods", _of_width(values, len(names), newmods))
    if intercept not in (None, True, False):
        raise OptionError(f"intercept={intercept!r}: needs True or False")
    first = np.full((len(values), 1), 1.0 if intercept is None else float(intercept))
    return _complete("newmods", _of_width(np.hstack([first, values]), len(names), newmods))


def _pairs(newmods: Any, names: Sequence[str]) -> Iterable[tuple[Any, Any]] | None:
    """Names and values, where there are names; those of a vector are labels of predictions where there is one moderator."""
    table = frame(newmods)
    if table is not None:
        return [(name, table[name].to_numpy()) for name in table.columns]
    if isinstance(newmods, Mapping):
        return newmods.items()
    return named_values(newmods) if len(names) > 1 else None


def named_values(values: Any) -> list[tuple[str, Any]] | None:
    """Names and values of a pandas Series whose index is of names; None for anything else."""
    if getattr(values, "ndim", 0) != 1 or not hasattr(values, "items"):
        return None
    pairs = list(values.items())
    return pairs if all(isinstance(name, str) for name, _ in pairs) else None


def _matrix(newmods: Any, names: Sequence[str]) -> FloatArray:
    """A row for each prediction: a vector is one of them, unless there is one moderator only."""
    try:
        values = np.asarray(newmods, dtype=np.float64)
    except (TypeError, ValueError):
        raise OptionError(f"newmods={newmods!r}: needs numbers; for levels of a factor use newdata=") from None
    if values.ndim == 2:
        return values
    if values.ndim > 2:
        raise OptionError(
            f"newmods: needs a row a prediction and a column a moderator, got an array of shape {values.shape}"
        )
    return values.reshape(-1, 1) if len(names) == 1 else values.reshape(1, -1)


def named_columns(argument: str, pairs: Iterable[tuple[Any, Any]], names: Sequence[str]) -> FloatArray:
    """Values by name as columns in the order of `names`, (n, p); a part of a name is the shortest name that has it."""
    columns: dict[str, FloatArray] = {}
    for asked, values in pairs:
        name = _name_of(argument, str(asked), names)
        if name in columns:
            raise OptionError(f"{argument}: {name!r} is given twice, also as {asked!r}")
        columns[name] = as_vector(f"{argument}[{asked!r}]", values)
    missing = [name for name in names if name not in columns]
    if missing:
        variables = "; newdata= computes columns from variables" if argument == "newmods" else ""
        raise OptionError(f"{argument}: no values for {', '.join(missing)}{variables}")
    sizes = {len(values) for values in columns.values()} - {1}
    if len(sizes) > 1:
        raise OptionError(
            f"{argument}: columns of {' and '.join(map(str, sorted(sizes)))} values; give as many for each, or one"
        )
    return np.column_stack(np.broadcast_arrays(*(columns[name] for name in names)))


def _name_of(argument: str, asked: str, names: Sequence[str]) -> str:
    found = [name for name in names if asked in name]
    if not found:
        raise no_such(argument, asked, names, what="column of the design")
    nearest = [name for name in found if len(name) == min(map(len, found))]
    if len(nearest) > 1:
        raise OptionError(f"{argument}: {asked!r} may be {' or '.join(nearest)}; give the whole name")
    return nearest[0]


def _of_width(values: FloatArray, p: int, newmods: Any) -> FloatArray:
    if values.shape[1] != p:
        raise OptionError(f"newmods={newmods!r}: makes {values.shape[1]} columns where the model has {p}")
    return values


def _complete(argument: str, values: FloatArray) -> FloatArray:
    rows = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if rows.size:
        raise DataError(
            "a value is missing or infinite; correct it or leave the row out", argument=argument, row=int(rows[0]) + 1
        )
    return values
