"""One quantity of an answer, made ready for comparison: its names, shape, class, and which elements are missing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pymeta.errors import DataError
from pymeta.harness.codec import NA, RVector

__all__ = ["Quantity", "quantity"]

_DTYPES = {"b": "boolean", "i": "number", "u": "number", "f": "number", "U": "text"}
_KINDS = frozenset(_DTYPES.values())
_HUGE = 2**1023

Names = tuple[tuple[str | None, ...] | None, ...]
"""The names along each axis, None for an axis without."""


@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """An array with what a comparison has to know about it.

    values : as they came; a scalar is a vector of length one, as in R
    names : along each axis, in order: of a vector's elements, of a matrix's rows and columns; () without any
    kind : "number", "boolean", "text", or "missing" (nothing but NaN, NA or None, which have no class)
    missing : of the shape of `values`; NaN, NA and None are one thing here
    """

    values: NDArray[Any]
    names: Names
    kind: str
    missing: NDArray[np.bool_]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the values."""
        return self.values.shape

    def at(self, place: tuple[int, ...]) -> Any:
        """The element at `place` as a plain Python value."""
        value = None if self.values[place] is NA else self.values[place]
        return value.item() if isinstance(value, np.generic) else value

    def label(self, place: tuple[int, ...]) -> str:
        """How to speak of `place`: by name along the axes that have names, else by index counted from 0."""
        names = self.names or (None,) * len(place)
        words = [str(i) if axis is None else repr(axis[i]) for i, axis in zip(place, names, strict=True)]
        return f"[{', '.join(words)}]"

    def __str__(self) -> str:
        """Class and shape, for a sentence about structure."""
        return f"{self.kind} {self.shape}"

    def numbers(self) -> NDArray[np.float64]:
        """The values as doubles, NaN where missing. Only for kinds "number" and "missing"."""
        found = np.full(self.shape, np.nan)
        found[~self.missing] = self.values[~self.missing].astype(np.float64)
        return found


def quantity(value: object) -> Quantity:
    """What `value` holds; DataError when it cannot be compared.

    Taken are numpy arrays, scalars, None, (nested) lists, mappings from name to scalar for a named vector, and an
    `RVector` of numbers, logicals or texts with names or dimensions. Anything else that numpy would swallow loses
    something on the way (a Series its labels, a masked array its mask, a factor its levels), so it is refused.
    """
    if isinstance(value, RVector):
        return _from_r(value)
    if not isinstance(value, Mapping):
        return _classified(_array(value), ())
    if not all(isinstance(name, str) for name in value):
        raise DataError("the names of a named vector must be texts")
    values = _objects(list(value.values()))
    if values.ndim != 1:
        raise DataError("a named vector holds something other than scalars")
    return _classified(values, (tuple(value),))


def _from_r(vector: RVector) -> Quantity:
    """An R vector, matrix or array; NULL is one missing value, as None is."""
    if vector.kind not in _R_VALUES:
        raise DataError(f"an R value of kind {vector.kind!r} is not compared: make it a vector in the adapter")
    odd = [name for name, _ in vector.attributes if name not in {"names", "dim", "dimnames"}]
    if odd:
        raise DataError(f"an R value with the attribute {odd[0]!r} is not compared: make it plain in the adapter")
    values, dim, names = _R_VALUES[vector.kind](vector), vector.attribute("dim"), vector.names
    if dim is not None:
        return _classified(values.reshape(tuple(dim.values), order="F"), _dimnames(vector))
    return _classified(values, () if names is None else (names,))


def _dimnames(vector: RVector) -> Names:
    dimnames = vector.attribute("dimnames")
    return () if dimnames is None else tuple(axis.values if len(axis) else None for axis in dimnames.values)


def _with_none(vector: RVector, convert: Callable[[Any], object]) -> NDArray[Any]:
    """R's integers or logicals as Python objects, None where NA: numpy has no such value."""
    pairs = zip(vector.values.tolist(), vector.is_na(), strict=True)
    return _flat([None if na else convert(value) for value, na in pairs])


def _flat(items: Iterable[object]) -> NDArray[Any]:
    return np.array(list(items), dtype=object)


_R_VALUES: Mapping[str, Callable[[RVector], NDArray[Any]]] = MappingProxyType(
    {
        "null": lambda vector: _flat([None]),
        "dbl": lambda vector: vector.values,
        "int": lambda vector: _with_none(vector, int),
        "i64": lambda vector: _with_none(vector, int),
        "lgl": lambda vector: _with_none(vector, bool),
        "chr": lambda vector: _flat(vector.values),
    }
)


def _array(value: object) -> NDArray[Any]:
    if type(value) is np.ndarray:
        return np.atleast_1d(value)
    if value is None or value is NA or isinstance(value, str | bool | int | float | np.generic):
        return _objects([value])
    if isinstance(value, list | tuple):
        return _objects(list(value))
    raise DataError(f"a {type(value).__name__} is not compared: give an array, or a mapping from name to value")


def _objects(items: list[object]) -> NDArray[Any]:
    """Items as they are, so that numpy cannot turn `[1.0, "2"]` into texts or `[True, 0.5]` into numbers."""
    try:
        return np.array(items, dtype=object)
    except ValueError as error:
        raise DataError("a ragged list is not compared") from error


def _classified(values: NDArray[Any], names: Names) -> Quantity:
    missing = _missing(values)
    if missing.all():
        return Quantity(values, names, "missing", missing)
    kinds = {_kind(item) for item in values[~missing]} if values.dtype.kind == "O" else {_dtype_kind(values.dtype)}
    if len(kinds) > 1 or not kinds <= _KINDS:
        raise DataError(f"holds {' and '.join(sorted(kinds))}, which is not compared")
    return Quantity(values, names, kinds.pop(), missing)


def _dtype_kind(dtype: np.dtype[Any]) -> str:
    return _DTYPES.get(dtype.kind, f"dtype {dtype}")


def _kind(item: object) -> str:
    if isinstance(item, bool | np.bool_):
        return "boolean"
    if isinstance(item, int | float | np.integer | np.floating):
        return "number" if not isinstance(item, int) or abs(item) < _HUGE else "an integer beyond doubles"
    return "text" if isinstance(item, str) else f"a {type(item).__name__}"


def _missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    if values.dtype.kind == "f":
        return np.asarray(np.isnan(values))
    if values.dtype.kind == "O":
        return np.array([_is_missing(item) for item in values.flat], dtype=bool).reshape(values.shape)
    return np.zeros(values.shape, dtype=bool)


def _is_missing(item: object) -> bool:
    return item is None or item is NA or (isinstance(item, float | np.floating) and math.isnan(item))
