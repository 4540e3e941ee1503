"""What a person asks of an effect measure, checked once: columns become vectors, options become a DataSpec."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np

from pymeta.data.columns import column, is_column, vectors
from pymeta.data.specs import DataSpec
from pymeta.data.studies import labels
from pymeta.effects.families import FAMILIES, prepared
from pymeta.effects.measures import MEASURES, Measure
from pymeta.effects.zero_cells import ADD_TO
from pymeta.errors import DataError, OptionError, no_such

__all__ = ["asked", "is_number", "percentage"]

_COLUMNS = frozenset(name for family in FAMILIES.values() for name in family.accepts)


def asked(
    measure: Measure,
    columns: Mapping[str, Any],
    data: Any = None,
    slab: Any = None,
    *,
    method: str = "",
    level: float = 95.0,
    add: float | None = None,
    to: str = "only0",
    drop00: bool = False,
    vtype: Any = None,
    correct: bool = True,
) -> DataSpec:
    """What was asked, checked: every column a vector of one length, every option one of those there are.

    add : None is what the measure has by default
    vtype : one for all rows, or one a row; None is the measure's first
    """
    level = percentage(level)
    _check_options(add, drop00, correct, to)
    given = vectors(_known(columns), data)
    given_effects = "yi" in given and measure.family.name != "generic"
    source = MEASURES["GEN"] if given_effects else measure
    names = None if slab is None else column("slab", slab, data)
    add = float((0.5 if source.adds else 0.0) if add is None else add)
    try:
        inputs = prepared(source.family, given, source.layouts)
        if source.family.refuse_empty is not None:
            fill = "none" if method == "revman5" else to  # Review Manager has no group without anybody
            source.family.refuse_empty(given, inputs, add=add, to=fill, drop00=drop00)
    except DataError as error:
        raise _placed(error, source, names) from error
    k = len(next(iter(inputs.values())))
    return DataSpec(
        inputs=inputs,
        slab=labels(names, k),
        measure=source.name,
        method=method,
        level=level,
        add=add,
        to=to,
        drop00=bool(drop00),
        vtype=_vtypes(source, vtype, k, data),
        correct=bool(correct),
    )


def _placed(error: DataError, measure: Measure, names: Any) -> DataError:
    """The error with the measure's name and the row's label."""
    label = str(names[error.row - 1]) if error.row and names is not None and error.row <= len(names) else None
    argument = f"{measure.name}: {error.argument}" if error.argument else None
    problem = error.problem if argument else f"{measure.name}: {error.problem}"
    return DataError(problem, argument=argument, row=error.row, label=label)


def percentage(level: Any) -> float:
    """The level of an interval in percent: 95, 0.95 and 0.05 are one, as in metafor."""
    if not (is_number(level) and 0.0 < level < 100.0):
        raise OptionError(f"level={level!r}: needs a percentage between 0 and 100, such as 95")
    return float(level if level >= 1.0 else 100.0 * max(level, 1.0 - level))


def _check_options(add: object, drop00: object, correct: object, to: object) -> None:
    if add is not None and not (is_number(add) and 0.0 <= add < np.inf):  # type: ignore[operator]
        raise OptionError(f"add={add!r}: needs a number of 0 or more, such as 0.5")
    for name, value in (("drop00", drop00), ("correct", correct)):
        if not isinstance(value, bool | np.bool_):
            raise OptionError(f"{name}={value!r}: needs True or False")
    if to not in ADD_TO:
        raise no_such("to", str(to), ADD_TO, what="way to choose studies")


def is_number(value: object) -> bool:
    """Whether it is one real number, and neither True nor False."""
    return isinstance(value, Real) and not isinstance(value, bool)


def _known(columns: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in columns:
        if name not in _COLUMNS:
            raise no_such("argument", name, sorted(_COLUMNS), what="column argument")
    return columns


def _vtypes(measure: Measure, vtype: Any, k: int, data: Any) -> tuple[str, ...]:
    if vtype is None:
        return measure.vtypes[:1]
    one_for_all = isinstance(vtype, str) and not is_column(vtype, data)
    chosen = [vtype] if one_for_all else [*column("vtype", vtype, data)]
    if not one_for_all and len(chosen) != k:
        raise OptionError(f"vtype: {len(chosen)} for {k} rows; give one, or one a row")
    for one in dict.fromkeys(chosen):
        if one not in measure.vtypes:
            raise no_such("vtype", str(one), measure.vtypes, what=f"kind of variance of {measure.name}")
    return tuple(chosen)
