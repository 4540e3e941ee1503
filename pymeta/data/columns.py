"""A person's columns: named ones are looked up in their table, whatever library it is of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v1 as nw
import numpy as np
import numpy.typing as npt

from pymeta.arrays import FloatArray, as_vector
from pymeta.errors import DataError, OptionError, no_such

__all__ = ["column", "frame", "is_column", "rows_chosen", "vectors"]


def frame(data: Any) -> Any:
    """`data` as narwhals sees it (pandas, polars, pyarrow, …), or None if it is no data frame that narwhals knows."""
    found = nw.from_native(data, eager_only=True, pass_through=True)
    return found if isinstance(found, nw.DataFrame) else None


def column(argument: str, values: Any, data: Any) -> Any:
    """`values`, or the column of `data` that it names. Raises DataError or OptionError, naming the argument."""
    if not isinstance(values, str):
        return values
    if data is None:
        raise DataError(f"{values!r} names a column, but no data= is given", argument=argument)
    table = frame(data)
    if table is None and not (hasattr(data, "keys") and hasattr(data, "__getitem__")):
        raise DataError(f"needs a DataFrame or another mapping of columns, got {data!r}", argument="data")
    if table is None:
        if values not in data:
            raise no_such(argument, values, [str(name) for name in data], what="column in data")
        return data[values]
    if values not in table.columns:
        raise no_such(argument, values, list(map(str, table.columns)), what="column in data")
    return table[values].to_native()


def is_column(name: str, data: Any) -> bool:
    """Whether `data` has a column of that name."""
    table = frame(data)
    return name in (table.columns if table is not None else data if hasattr(data, "keys") else ())


def vectors(columns: Mapping[str, Any], data: Any) -> dict[str, FloatArray]:
    """Every column as a vector of doubles; those that are None are left out."""
    return {name: as_vector(name, column(name, values, data)) for name, values in columns.items() if values is not None}


def rows_chosen(argument: str, chosen: Any, k: int, data: Any = None) -> npt.NDArray[np.bool_]:
    """Which of `k` rows are meant by a mask or by positions from 0, (k,)."""
    given = np.asarray(column(argument, chosen, data))
    if given.dtype == bool:
        if given.shape != (k,):
            raise OptionError(f"{argument}: a mask of {given.size} for {k} rows")
        return given
    if given.ndim != 1 or given.dtype.kind not in "iu":
        raise OptionError(f"{argument}={chosen!r}: needs True or False for each row, or positions of rows (from 0)")
    if given.size and not (given.min() >= 0 and given.max() < k):
        wrong = given[(given < 0) | (given >= k)][0]
        raise OptionError(f"{argument}: there is no row {wrong}; the positions of {k} rows are 0 to {k - 1}")
    mask = np.zeros(k, dtype=bool)
    mask[given] = True
    return mask
