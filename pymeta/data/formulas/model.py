"""A model formula on a person's data, and again on new rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pymeta.arrays import FloatArray
from pymeta.data.columns import frame
from pymeta.data.formulas.coding import Columns, columns
from pymeta.data.formulas.scope import Scope
from pymeta.data.formulas.terms import Terms, terms_of
from pymeta.errors import DataError, OptionError

__all__ = ["Model"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Model:
    """The columns of a formula, as R's ``model.matrix`` has them; memory: what was learnt from the data."""

    terms: Terms
    X: FloatArray
    names: tuple[str, ...]
    assign: tuple[int, ...]
    memory: Mapping[str, Any]

    @classmethod
    def learnt(cls, formula: str, data: Any, rows: int, argument: str) -> Model:
        """From the data that are fitted."""

        def made() -> Model:
            terms = terms_of(formula, _column_names(data))
            scope = Scope(_once(data), rows, argument)
            found = columns(terms, scope)
            return cls(terms, found.values, found.names, found.assign, scope.memory)

        return _said_of(f"{argument}={formula!r}", argument, made)

    @staticmethod
    def again(terms: Terms, memory: Mapping[str, Any], data: Any, rows: int) -> FloatArray:
        """On new rows, (rows, p)."""

        def made() -> Columns:
            return columns(terms, Scope(_once(data), rows, "newdata", memory=dict(memory), learning=False))

        return _said_of("newdata", "newdata", made).values


def _once(data: Any) -> Any:
    """A frame as narwhals has it, so that it is not recognised anew for each column."""
    table = frame(data)
    return data if table is None else table


def _column_names(data: Any) -> tuple[str, ...]:
    table = frame(data)
    return tuple(map(str, table.columns if table is not None else data if hasattr(data, "keys") else ()))


def _said_of(place: str, argument: str, make: Callable[[], T]) -> T:
    """Errors say which formula it is."""
    try:
        return make()
    except DataError as refused:
        where = f"{argument}, {refused.argument}" if refused.argument not in (None, argument) else argument
        raise DataError(refused.problem, argument=where, row=refused.row) from None
    except RecursionError:
        raise OptionError(f"{argument}: the formula is too long") from None
    except OptionError as refused:
        text = str(refused)
        raise OptionError(text if text.startswith(f"{argument}=") else f"{place}: {text}") from None
