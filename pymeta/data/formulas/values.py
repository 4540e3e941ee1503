"""What a variable's values can be, and a person's columns as such values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from pymeta.arrays import FloatArray, IntArray, as_vector
from pymeta.data.collation import text_key
from pymeta.data.formulas.syntax import r_number
from pymeta.errors import DataError, OptionError

__all__ = [
    "Factor",
    "Matrix",
    "Numbers",
    "Texts",
    "Truths",
    "Value",
    "as_factor",
    "as_numbers",
    "as_texts",
    "read",
    "recode",
]

TextArray: TypeAlias = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """(n,), NaN where missing; whole: R's integers, which it writes without exponent."""

    values: FloatArray
    whole: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Truths:
    """(n,) of 0 and 1, NaN where missing."""

    values: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """(n,) of str, None where missing."""

    values: TextArray


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """codes (n,), from 0, -1 where missing; contrast: how C() said that it is to be coded, else as is usual."""

    codes: IntArray
    levels: tuple[str, ...]
    ordered: bool = False
    contrast: tuple[str, int | None] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """(n, m), a label for each column."""

    values: FloatArray
    labels: tuple[str, ...]


Value: TypeAlias = Numbers | Truths | Texts | Factor | Matrix


def read(values: Any) -> Value:
    """A column of a person's data: bool, numbers, text or a categorical.

    A categorical keeps its levels, those without rows too, and their order. Raises DataError, naming the row, for others.
    """
    categories = _categories(values)
    array = _as_array(values) if categories is None else None
    if array is not None and array.ndim < 2 and array.dtype.kind in "biuf":
        return _of_numbers(array)
    given = np.asarray(values.to_list() if hasattr(values, "to_list") else _objects(values), dtype=object)
    if given.ndim == 0:
        given = given.reshape(1)
    if given.ndim != 1:
        raise DataError(f"needs one value a row, got an array of shape {given.shape}")
    if categories is not None:
        levels, ordered = categories
        return recode(Texts(_texts([_label(x) for x in given])), levels, ordered)
    return _plain(given, values)


def _of_numbers(array: npt.NDArray[Any]) -> Value:
    numbers = as_vector("", array)
    return Truths(numbers) if array.dtype.kind == "b" else Numbers(numbers, array.dtype.kind in "iu")


def _as_array(values: Any) -> npt.NDArray[Any] | None:
    """As numpy sees the values at once, None if it does not."""
    try:
        return np.asarray(values)
    except ValueError:  # rows of different lengths
        return None


def _objects(values: Any) -> Any:
    if hasattr(values, "to_pylist"):  # pyarrow
        return values.to_pylist()
    if np.ndim(values) > 1:
        return values
    return np.fromiter(values, dtype=object) if isinstance(values, list | tuple) else values


def _plain(given: TextArray, values: Any) -> Value:
    present = [x for x in given if not _missing(x)]
    if present and all(isinstance(x, bool | np.bool_) for x in present):
        return Truths(as_vector("", given))
    if any(isinstance(x, str) for x in present):
        return Texts(_texts([_text(row, x) for row, x in enumerate(given, 1)]))
    numbers = as_vector("", given)
    kind = getattr(getattr(values, "dtype", None), "kind", "")
    whole = kind in ("i", "u") or (not kind and bool(present) and all(isinstance(x, int | np.integer) for x in present))
    return Numbers(numbers, whole)


def _missing(value: Any) -> bool:
    return (
        value is None
        or type(value).__name__ in ("NAType", "NaTType")
        or (isinstance(value, float | np.floating) and bool(np.isnan(value)))
    )


def _text(row: int, value: Any) -> str | None:
    if _missing(value):
        return None
    if not isinstance(value, str):
        raise DataError(f"{value!r} is no text, as the others are; make all of them texts or numbers", row=row)
    return str(value)


def _texts(values: list[str | None]) -> TextArray:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def _label(value: Any) -> str | None:
    """A value as the label of a level."""
    if _missing(value):
        return None
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).upper()
    if isinstance(value, int | np.integer):
        return str(int(value))
    return r_number(float(value)) if isinstance(value, float | np.floating) else str(value)


def _categories(values: Any) -> tuple[tuple[str, ...], bool] | None:
    """The levels of a categorical of pandas, polars (an Enum) or pyarrow (a dictionary), and whether they are ordered."""
    kind = getattr(values, "dtype", getattr(values, "type", None))
    levels = getattr(kind, "categories", None)
    if hasattr(values, "combine_chunks"):
        levels = getattr(values.combine_chunks(), "dictionary", None)
    elif hasattr(values, "dictionary"):
        levels = values.dictionary
    if levels is None or type(kind).__name__ == "Categorical":  # polars' Categorical has no order of its own: a text
        return None
    listed = levels.to_pylist() if hasattr(levels, "to_pylist") else list(levels)
    return tuple(str(_label(x)) for x in listed), getattr(kind, "ordered", False) is True


def as_numbers(value: Value, what: str) -> FloatArray:
    """Numbers, and True as 1. Raises OptionError for others."""
    if isinstance(value, Numbers | Truths):
        return value.values
    if isinstance(value, Matrix) and value.values.shape[1] == 1:
        return np.asarray(value.values[:, 0])
    raise OptionError(f"{what} needs numbers, and {_KINDS[type(value)]} is given")


_KINDS = {Texts: "a text", Factor: "a factor", Matrix: "a matrix"}


def as_texts(value: Value, what: str = "") -> TextArray:
    """The values as R writes them."""
    if isinstance(value, Texts):
        return value.values
    if isinstance(value, Factor):
        return _texts([None if code < 0 else value.levels[code] for code in value.codes])
    if isinstance(value, Matrix):
        raise OptionError(f"{what} needs one value a row, and a matrix is given")
    numbers = value.values
    if isinstance(value, Truths):
        return _texts([None if np.isnan(x) else "TRUE" if x else "FALSE" for x in numbers])
    write = (lambda x: str(int(x))) if value.whole else r_number
    return _texts([None if np.isnan(x) else write(float(x)) for x in numbers])


def as_factor(value: Value, what: str = "") -> Factor:
    """A factor of the values: numbers by size, texts as R sorts them in a UTF-8 locale."""
    if isinstance(value, Factor):
        return value
    texts = as_texts(value, what)
    if isinstance(value, Texts):
        levels = sorted({x for x in texts if x is not None}, key=text_key)
    else:
        order = np.argsort(as_numbers(value, what), kind="stable")
        levels = list(dict.fromkeys(texts[i] for i in order if texts[i] is not None))
    return recode(Texts(texts), tuple(levels))


def recode(texts: Texts, levels: tuple[str, ...], ordered: bool = False) -> Factor:
    """A factor with these levels; values that are none of them are missing."""
    place = {level: i for i, level in enumerate(levels)}
    codes = np.array([-1 if x is None else place.get(x, -1) for x in texts.values], dtype=np.int_)
    return Factor(codes, levels, ordered)
