"""A person's further columns, a value a row of the data, at the studies that were pooled."""

from __future__ import annotations

from typing import Any

import numpy as np

from pymeta.data.columns import column
from pymeta.errors import DataError
from pymeta.results.tables import PooledTables
from pymeta.results.uni import UniResult

__all__ = ["at_studies", "is_missing", "rows_used", "values_at"]


def rows_used(result: UniResult) -> list[int]:
    """The places in the data, from 0, of the studies that are pooled."""
    rows = result.studies.rows
    return [*range(result.k)] if rows is None else [int(i) for i in rows]


def at_studies(result: UniResult, argument: str, values: Any) -> list[Any]:
    """The k studies' values of a column, given whole or by its name in the data of the model.

    Raises DataError when it has not one value a row of the data, or lacks one that a study needs.
    """
    return values_at(argument, values, result, rows_used(result))


def values_at(argument: str, values: Any, result: UniResult | PooledTables, rows: list[int]) -> list[Any]:
    """The same at the `rows` of any model."""
    whole = [*column(argument, values, result.call.get("data"))]
    n = len(result.spec.slab) if isinstance(result, PooledTables) else _rows_of_data(result)
    if (n is None and len(whole) <= max(rows)) or (n is not None and len(whole) != n):
        raise DataError(f"{len(whole)} values; give one a row of the data: {n or max(rows) + 1}", argument=argument)
    for row in rows:
        if is_missing(whole[row]):
            raise DataError("a value is missing; give one, or leave the study out", argument=argument, row=row + 1)
    return [whole[row] for row in rows]


def _rows_of_data(result: UniResult) -> int | None:
    """How many rows the data had; None where positions chose some and nobody knows of the others."""
    subset = result.call.get("subset")
    if subset is None:
        return result.k + len(result.studies.dropped)
    chosen = np.asarray(column("subset", subset, result.call.get("data")))
    return len(chosen) if chosen.dtype == bool else None


def is_missing(value: Any) -> bool:
    """Whether a value is None, NaN or another library's sign for nothing."""
    return value is None or type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and np.isnan(value))
