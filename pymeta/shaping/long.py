"""Summary data as a long table: a row a group, or a row a cell."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

import numpy as np
import pandas as pd

from pymeta.errors import DataError, OptionError
from pymeta.shaping.frames import as_pandas, names_of
from pymeta.shaping.levels import levels
from pymeta.shaping.summaries import Tables, tables_of

__all__ = ["to_long", "to_table"]


def to_long(
    measure: str,
    *,
    data: Any = None,
    slab: Any = None,
    subset: Any = None,
    add: float = 0.5,
    to: str = "none",
    drop00: bool = False,
    vlong: bool = False,
    append: Any = True,
    var_names: Sequence[str] | None = None,
    **columns: Any,
) -> pd.DataFrame:
    """The data of a measure, one row a study and group.

    measure : any whose data are of the kind that is given
    data, slab, subset, add, to, drop00, columns : see `escalc`
    vlong : one row a cell of a table of counts
    append : put the columns of `data`, or the ones named or at these positions, before them, repeated as needed
    var_names : what the new columns are called

    Returns a frame whose study, group and outcome are categories, group 2 and outcome 2 the first, as the reference.
    Studies that lack a number are left out, with a ShapingWarning.
    A new column whose name `data` has already is called "study.1"; `var_names` calls it otherwise.
    Raises DataError and OptionError as `escalc` does, and for names that are too few.
    metafor: ``to.long(measure, …)``, which lets two columns have one name
    """
    tables = tables_of(measure, columns, data, slab=slab, subset=subset, add=add, to=to, drop00=drop00)
    new = _very_long(tables) if vlong and tables.shape.freq else _long(tables)
    if var_names is not None:
        if isinstance(var_names, str) or len(var_names) != len(new) or len(set(var_names)) < len(new):
            raise OptionError(f"var_names={var_names!r}: needs {len(new)} different names, for {', '.join(new)}")
        new = dict(zip(var_names, new.values(), strict=True))
    if data is None or append is False:
        return pd.DataFrame(new)
    return _appended(as_pandas("data", data), append, tables, new)


def _study(tables: Tables, times: int) -> pd.Categorical:
    """The study of each row; labels that were not given keep their order, the others have the alphabet's."""
    order = levels(list(tables.slab)) if tables.labelled else list(tables.slab)
    return pd.Categorical(np.repeat(np.array(tables.slab, dtype=object), times), categories=order)


def _of_two(pattern: Sequence[str], k: int) -> pd.Categorical:
    return pd.Categorical(list(pattern) * k, categories=["2", "1"])


def _long(tables: Tables) -> dict[str, Any]:
    shape, k = tables.shape, len(tables.slab)
    flat = tables.values.reshape(k * len(shape.rows), len(shape.cols))
    group = {shape.group: _of_two("12", k)} if shape.group else {}
    return {"study": _study(tables, len(shape.rows)), **group, **dict(zip(shape.values, flat.T, strict=True))}


def _very_long(tables: Tables) -> dict[str, Any]:
    k, cells = len(tables.slab), tables.values[0].size
    *names, freq = tables.shape.freq
    patterns = ("1122", "1212") if cells == 4 else ("12",)
    factors = {name: _of_two(pattern, k) for name, pattern in zip(names, patterns, strict=True)}
    return {"study": _study(tables, cells), **factors, freq: tables.values.ravel()}


def _appended(data: pd.DataFrame, append: Any, tables: Tables, new: dict[str, Any]) -> pd.DataFrame:
    old = data if append is True else data[names_of("append", append, data)]
    if len(data) != len(tables.kept):
        raise DataError(f"has {len(data)} rows, and {len(tables.kept)} studies are given", argument="data")
    times = len(next(iter(new.values()))) // int(tables.kept.sum())
    repeated = old.iloc[np.repeat(np.flatnonzero(tables.kept), times)].reset_index(drop=True)
    taken = set(map(str, old.columns))
    return pd.concat([repeated, pd.DataFrame({_free(name, taken): values for name, values in new.items()})], axis=1)


def _free(name: str, taken: set[str]) -> str:
    """The name, or, where the data have it already, with the first number behind it that makes it another."""
    return name if name not in taken else next(other for n in count(1) if (other := f"{name}.{n}") not in taken)


def to_table(
    measure: str,
    *,
    data: Any = None,
    slab: Any = None,
    subset: Any = None,
    add: float = 0.5,
    to: str = "none",
    drop00: bool = False,
    rows: Sequence[str] | None = None,
    cols: Sequence[str] | None = None,
    **columns: Any,
) -> pd.DataFrame:
    """The data of a measure as a table a study.

    rows, cols : what the tables' rows (groups) and columns are called; the other arguments: see `to_long`

    Returns a frame whose rows are named by study and group, so that ``tables.loc[study]`` is a study's table.
    metafor: ``to.table(measure, …)``, an array of rows, columns and studies
    """
    tables = tables_of(measure, columns, data, slab=slab, subset=subset, add=add, to=to, drop00=drop00)
    groups = _named("rows", rows, tables.shape.rows)
    outcomes = _named("cols", cols, tables.shape.cols)
    index = pd.MultiIndex.from_product([tables.slab, groups], names=["study", None])
    return pd.DataFrame(tables.values.reshape(len(index), len(outcomes)), index=index, columns=outcomes)


def _named(argument: str, given: Sequence[str] | None, default: Sequence[str]) -> list[str]:
    if given is None:
        return list(default)
    if isinstance(given, str) or len(given) != len(default):
        raise OptionError(f"{argument}={given!r}: needs {len(default)} names, for {', '.join(default)}")
    return list(given)
