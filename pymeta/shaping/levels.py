"""The different values of a variable, in the order in which R has a factor's levels, and short names for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pymeta.data.collation import text_key
from pymeta.errors import DataError

__all__ = ["codes", "label", "levels", "shortened", "text_key", "unique_labels", "whole"]


def label(value: Any) -> str:
    """A value as R writes it in a name: 3.0 as "3"."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def levels(values: Any) -> list[Any]:
    """The different values: a categorical's categories as they stand, numbers by size, texts by the alphabet."""
    series = pd.Series(values)
    if isinstance(series.dtype, pd.CategoricalDtype):
        return list(series.cat.categories)
    found = list(series.dropna().unique())
    if pd.api.types.is_numeric_dtype(series) or pd.api.types.is_datetime64_any_dtype(series):
        return sorted(found)
    key: Callable[[Any], Any] = lambda value: text_key(str(value))  # noqa: E731
    return sorted(found, key=key)


def codes(values: Any, known: Sequence[Any] | None = None) -> np.ndarray[Any, np.dtype[np.intp]]:
    """The place of each value among `known` (default: its levels), from 0."""
    place = {value: i for i, value in enumerate(levels(values) if known is None else known)}
    return np.array([place[value] for value in pd.Series(values)], dtype=np.intp)


def whole(argument: str, values: Any, k: int | None = None) -> pd.Series:
    """`values` as a Series of `k` values, none missing. Raises DataError, naming the argument and the row."""
    if np.ndim(values) != 1:
        raise DataError(f"needs one value a row, got {values!r}", argument=argument)
    series = pd.Series(values).reset_index(drop=True)
    if k is not None and len(series) != k:
        raise DataError(f"has {len(series)} values for {k} rows; give one a row", argument=argument)
    missing = np.flatnonzero(series.isna())
    if missing.size:
        raise DataError("is missing; fill it in or leave the row out", argument=argument, row=int(missing[0]) + 1)
    return series


def shortened(names: Sequence[str], minlen: int) -> list[str]:
    """The names cut to one length: the least, from `minlen`, at which they differ as much as they did."""
    longest = max(map(len, names), default=0)
    for length in range(max(int(minlen), 0), longest):
        cut = [name[:length] for name in names]
        if len(set(cut)) == len(set(names)):
            return cut
    return list(names)


def unique_labels(names: Sequence[str]) -> list[str]:
    """Labels that repeat get ".1", ".2", … behind them, the first one too."""
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if names.count(name) == 1 else f"{name}.{seen[name]}")
    return out
