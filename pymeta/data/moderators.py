"""Moderators that are given as columns or as a matrix, and their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from pymeta.arrays import FloatArray, as_vector
from pymeta.data.columns import column, frame
from pymeta.errors import DataError

__all__ = ["named_columns", "numbers_of"]


def named_columns(mods: Any, data: Any, argument: str) -> list[tuple[str, Any]]:
    """Each moderator's name and its values, as given: a frame's, a mapping's, columns by name, vectors, an array's."""
    table = frame(mods)
    if table is not None:
        return _some([(str(name), table[name].to_native()) for name in table.columns], argument)
    if isinstance(mods, Mapping):
        return _some([(str(name), values) for name, values in mods.items()], argument)
    if isinstance(mods, list | tuple) and mods and all(isinstance(x, str) for x in mods):
        return [(name, column(argument, name, data)) for name in mods]
    if isinstance(mods, list | tuple) and mods and all(np.ndim(x) == 1 for x in mods):
        return _numbered(list(mods))
    return _of_array(mods, argument)


def _of_array(mods: Any, argument: str) -> list[tuple[str, Any]]:
    if np.ndim(mods) == 2:
        array = np.asarray(mods)
        return _some(_numbered([array[:, j] for j in range(array.shape[1])]), argument)
    if np.ndim(mods) != 1:
        raise DataError(f"needs one number a study and moderator, got {mods!r}", argument=argument)
    return _numbered([mods])


def _numbered(columns: Sequence[Any]) -> list[tuple[str, Any]]:
    """A column's own name (a Series'), or "mods", or X1, X2, … where there are several."""
    plain = ["mods"] if len(columns) == 1 else [f"X{j}" for j in range(1, len(columns) + 1)]
    names = [getattr(values, "name", None) for values in columns]
    own = [name if isinstance(name, str) and name else usual for name, usual in zip(names, plain, strict=True)]
    return list(zip(own, columns, strict=True))


def _some(columns: list[tuple[str, Any]], argument: str) -> list[tuple[str, Any]]:
    if not columns:
        raise DataError("has no columns; leave it out for a model without moderators", argument=argument)
    return columns


def numbers_of(name: str, values: Any, k: int, argument: str) -> FloatArray:
    """One moderator's `k` values. Raises DataError, naming it."""
    try:
        vector = as_vector(name, values)
    except DataError as refused:
        problem = f"{refused.problem}; of texts and categoricals, write a formula: {argument}='~ {name}' with data="
        raise DataError(problem if _is_text(values) else refused.problem, argument=name, row=refused.row) from None
    if len(vector) != k:
        raise DataError(f"{name} has {len(vector)} values for {k} studies; give one a study", argument=argument)
    return vector


def _is_text(values: Iterable[Any]) -> bool:
    return any(isinstance(x, str) for x in values)
