"""Values filled in, and frames rounded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pymeta.data.columns import column
from pymeta.errors import DataError, OptionError
from pymeta.shaping.frames import as_pandas

__all__ = ["dfround", "replmiss"]


def replmiss(x: Any, y: Any, data: Any = None) -> Any:
    """`x` with its missing values replaced by `y`, one for all or one a row.

    x : values, or the name of a column of `data`; y : likewise, but a text is a value unless it names a column

    Returns a Series if `x` is one, else an array. Raises DataError when lengths differ.
    metafor: ``replmiss(x, y, data)``
    """
    values = column("x", x, data)
    series = values if isinstance(values, pd.Series) else pd.Series(np.asarray(values))
    known = list(as_pandas("data", data).columns) if isinstance(y, str) and data is not None else []
    new = column("y", y, data) if isinstance(y, str) and y in known else y
    if np.ndim(new) > 0:
        if len(new) != len(series):
            raise DataError(f"has {len(new)} values for the {len(series)} of x", argument="y")
        new = pd.Series(np.asarray(new), index=series.index)
    filled = series.where(series.notna(), new)
    return filled if isinstance(values, pd.Series) else filled.to_numpy()


def dfround(x: Any, digits: Any = 0, drop0: Any = True) -> pd.DataFrame:
    """A frame whose numbers are rounded, other columns left as they are.

    digits, drop0 : one for all columns, or one a column; where `drop0` is False the numbers become texts with that many
        digits, "NA" where there is none

    Halves are decided by the number that the double really is, as 0.15 is below 3/20.
    Raises OptionError for as many digits as there are no columns. metafor: ``dfround(x, digits, drop0)``
    """
    table = as_pandas("x", x)
    places = _one_a_column("digits", digits, table)
    short = _one_a_column("drop0", drop0, table)
    columns = [
        _rounded(table.iloc[:, i], places[i], bool(short[i])) if _is_number(table.iloc[:, i]) else table.iloc[:, i]
        for i in range(table.shape[1])
    ]
    return pd.concat(columns, axis=1) if columns else table.copy()


def _one_a_column(name: str, given: Any, table: pd.DataFrame) -> list[Any]:
    several = [given] * table.shape[1] if np.ndim(given) == 0 else list(given)
    if len(several) != table.shape[1]:
        raise OptionError(f"{name} has {len(several)} values for {table.shape[1]} columns; give one, or one a column")
    return several


def _is_number(series: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_bool_dtype(series)


def _rounded(series: pd.Series, digits: Any, short: bool) -> pd.Series:
    if isinstance(digits, bool) or not isinstance(digits, int | float | np.number) or digits != int(digits):
        raise OptionError(f"digits={digits!r} for column {series.name!r}: needs a whole number")
    places = int(digits)
    numbers = [float("nan") if pd.isna(value) else float(value) for value in series]
    if short:
        return pd.Series([round(v, places) for v in numbers], index=series.index, name=series.name)
    texts = ["NA" if np.isnan(v) else f"{round(v, places):.{max(places, 0)}f}" for v in numbers]
    return pd.Series(texts, index=series.index, name=series.name)
