"""A person's table as pandas, and its columns by name or position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pymeta.data.columns import column, frame
from pymeta.errors import DataError, OptionError, no_such

__all__ = ["as_pandas", "given_or_none", "name_of", "names_of"]


def as_pandas(argument: str, data: Any) -> pd.DataFrame:
    """`data` as a pandas frame; any data frame or mapping of columns will do. Raises DataError otherwise."""
    if isinstance(data, pd.DataFrame):
        return data
    table = frame(data)
    if table is not None:
        return pd.DataFrame({name: table[name].to_list() for name in table.columns})
    if isinstance(data, Mapping):
        return pd.DataFrame(dict(data))
    raise DataError(f"needs a DataFrame or another mapping of columns, got {data!r}", argument=argument)


def name_of(argument: str, wanted: Any, data: pd.DataFrame) -> Any:
    """The name of the one column that `wanted` is, or whose position (from 0) it is."""
    if isinstance(wanted, int | np.integer) and not isinstance(wanted, bool) and wanted not in data.columns:
        if not 0 <= wanted < data.shape[1]:
            raise OptionError(f"{argument}={wanted!r}: no such column; the positions are 0 to {data.shape[1] - 1}")
        return data.columns[wanted]
    if not isinstance(wanted, str | int | np.integer) or wanted not in data.columns:
        raise no_such(argument, wanted, map(str, data.columns), what="column in data")
    if list(data.columns).count(wanted) > 1:
        raise DataError(f"{wanted!r} is the name of several columns", argument=argument)
    return wanted


def names_of(argument: str, wanted: Any, data: pd.DataFrame) -> list[Any]:
    """The names of several columns, in the order wanted, each once."""
    several = [wanted] if isinstance(wanted, str | int | np.integer) else wanted
    if not isinstance(several, Sequence | np.ndarray | pd.Index) or len(several) == 0:
        raise OptionError(f"{argument}={wanted!r}: needs names or positions of columns")
    return list(dict.fromkeys(name_of(argument, one, data) for one in several))


def given_or_none(argument: str, values: Any, data: Any) -> Any:
    """`values`, or the column that it names; None stays None."""
    return None if values is None else column(argument, values, data)
