"""The one place where dtype and shape are settled."""

from __future__ import annotations

from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from pymeta.errors import DataError

__all__ = ["BoolArray", "FloatArray", "IntArray", "as_vector", "read_only", "refuse"]

FloatArray: TypeAlias = npt.NDArray[np.float64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
IntArray: TypeAlias = npt.NDArray[np.int_]
Array = TypeVar("Array", bound=npt.NDArray[Any])


def as_vector(name: str, values: Any) -> FloatArray:
    """A one-dimensional float64 copy of `values`; missing values (None, NaN, pandas.NA) become NaN.

    Raises DataError, naming the argument, the row and the value, for text, complex numbers, infinite
    values and more than one dimension.
    """
    array = _as_array(values)
    if array.ndim == 0:
        array = array.reshape(1)
    if array.ndim != 1:
        raise DataError(f"needs one number a study, got an array of shape {array.shape}", argument=name)
    if array.dtype.kind in "biuf":
        vector = array.astype(np.float64)
    else:
        vector = np.array([_number(name, row, value) for row, value in enumerate(array.tolist(), 1)], dtype=np.float64)
    refuse(name, vector, np.isinf(vector), "is not a finite number; correct it or leave it empty")
    return vector


def _as_array(values: Any) -> npt.NDArray[Any]:
    """An array of numbers, or of the objects as they were: numpy makes texts of numbers among texts."""
    try:
        array = np.asarray(values)
    except ValueError:  # rows of different lengths
        return np.asarray(values, dtype=object)
    return array if array.dtype.kind in "biuf" else np.asarray(values, dtype=object)


def _number(name: str, row: int, value: Any) -> float:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return np.nan
    try:
        if not isinstance(value, str | bytes | complex):
            return float(value)
    except (TypeError, ValueError):
        pass
    raise DataError(f"{value!r} is not a number; correct it or leave it empty", argument=name, row=row)


def refuse(name: str, values: FloatArray, bad: BoolArray, problem: str) -> None:
    """Raise DataError for the first row of `values` where `bad` is true; `problem` follows the value."""
    if np.count_nonzero(bad):  # several times as fast as bad.any()
        row = int(bad.argmax())
        raise DataError(f"{values[row]:.15g} {problem}", argument=name, row=row + 1)


def read_only(array: Array) -> Array:
    """The same array, closed to writing: results share their arrays with whoever asks."""
    array.setflags(write=False)
    return array
