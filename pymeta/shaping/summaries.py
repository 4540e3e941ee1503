"""The summary data of studies as tables of rows and columns, by kind of data: what `to_long` and `to_table` lay out."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from pymeta.arrays import BoolArray, FloatArray, as_vector, refuse
from pymeta.data.columns import column, rows_chosen
from pymeta.effects.measures import measure_named
from pymeta.errors import DataError, OptionError, ShapingWarning, no_such
from pymeta.shaping.levels import label, unique_labels

__all__ = ["SHAPES", "Shape", "Tables", "shape_of", "tables_of"]

_TO = ("none", "only0", "if0all", "all")


@dataclass(frozen=True, slots=True)
class Shape:
    """How a kind of data is laid out.

    layouts : the sets of columns that will do
    cells : a study's numbers by name, row by row of its table, from its columns
    rows, cols : what a table's rows and columns are called
    group : what the long format calls the rows; "" for one row
    values : what it calls the columns
    zeros : the cells that `add` is added to, which are counts; () for none
    freq : the names of the row, column and count in the very long format; () where there is none
    """

    layouts: tuple[tuple[str, ...], ...]
    cells: Callable[[Mapping[str, FloatArray]], list[FloatArray]]
    rows: tuple[str, ...]
    cols: tuple[str, ...]
    group: str
    values: tuple[str, ...]
    zeros: tuple[int, ...] = ()
    freq: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tables:
    """k studies' tables.

    values : (k, rows, cols)
    slab, labelled : labels, each once, and whether they were given
    kept : which of the rows of the data these are
    """

    shape: Shape
    values: FloatArray
    slab: tuple[str, ...]
    labelled: bool
    kept: BoolArray


def _as_they_are(*names: str) -> Callable[[Mapping[str, FloatArray]], list[FloatArray]]:
    return lambda given: [given[name] for name in names]


def _with_others(*pairs: tuple[str, str, str]) -> Callable[[Mapping[str, FloatArray]], list[FloatArray]]:
    """Events and the others: as given, or the whole less the events, row by row."""

    def cells(given: Mapping[str, FloatArray]) -> list[FloatArray]:
        out = []
        for events, others, total in pairs:
            rest = given[total] - given[events] if total in given else np.full_like(given[events], np.nan)
            refuse(events, given[events], rest < 0.0, f"is more than the whole, {total}")
            out += [given[events], np.where(np.isnan(given[others]), rest, given[others]) if others in given else rest]
        return out

    return cells


_TABLES = _with_others(("ai", "bi", "n1i"), ("ci", "di", "n2i"))
_OUT, _TIMES, _GROUPS = ("out1", "out2"), ("Time1", "Time2"), ("Grp1", "Grp2")
_FOUR = ("ai", "bi", "ci", "di")
_ALL_FOUR = (0, 1, 2, 3)
_TWO_BY_TWO = Shape(
    (_FOUR, ("ai", "n1i", "ci", "n2i")),
    _TABLES,
    _GROUPS,
    ("Out1", "Out2"),
    "group",
    _OUT,
    _ALL_FOUR,
    ("group", "outcome", "freq"),
)


def _margins(given: Mapping[str, FloatArray]) -> list[FloatArray]:
    """How many had the outcome at either time, of pairs in a 2x2 table."""
    a, b, c, d = (given[name] for name in _FOUR)
    return [a + b, c + d, a + c, b + d]


_PAIRED = ("m1i", "m2i", "sd1i", "sd2i", "ni", "ri")
_RATES = ("x1i", "t1i", "x2i", "t2i")

SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        "two_by_two": _TWO_BY_TWO,
        "matched_pairs": Shape(
            (_FOUR,), _margins, _TIMES, ("Out1", "Out2"), "time", _OUT, _ALL_FOUR, ("time", "outcome", "freq")
        ),
        "pairs_as_they_are": Shape(
            (_FOUR,),
            _as_they_are(*_FOUR),
            ("Time1.Out1", "Time1.Out2"),
            ("Time2.Out1", "Time2.Out2"),
            "out.time1",
            ("out1.time2", "out2.time2"),
            _ALL_FOUR,
            ("out.time1", "out.time2", "freq"),
        ),
        "rates_two": Shape(
            (_RATES,), _as_they_are(*_RATES), _GROUPS, ("Events", "Person-Time"), "group", ("events", "ptime"), (0, 2)
        ),
        "two_means": Shape(
            (("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"),),
            _as_they_are("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"),
            _GROUPS,
            ("Mean", "SD", "n"),
            "group",
            ("mean", "sd", "n"),
        ),
        "correlation": Shape((("ri", "ni"),), _as_they_are("ri", "ni"), ("Grp",), ("r", "n"), "", ("r", "n")),
        "proportions": Shape(
            (("xi", "mi"), ("xi", "ni")),
            _with_others(("xi", "mi", "ni")),
            ("Grp",),
            ("Out1", "Out2"),
            "",
            _OUT,
            (0, 1),
            ("outcome", "freq"),
        ),
        "rates_one": Shape(
            (("xi", "ti"),), _as_they_are("xi", "ti"), ("Grp",), ("Events", "Person-Time"), "", ("events", "ptime"), (0,)
        ),
        "one_mean": Shape(
            (("mi", "sdi", "ni"),), _as_they_are("mi", "sdi", "ni"), ("Grp",), ("Mean", "SD", "n"), "", ("mean", "sd", "n")
        ),
        "paired_means": Shape(
            (_PAIRED,),
            _as_they_are(*_PAIRED),
            ("Grp",),
            ("Mean1", "Mean2", "SD1", "SD2", "n", "r"),
            "",
            ("mean1", "mean2", "sd1", "sd2", "n", "r"),
        ),
        "alpha": Shape(
            (("ai", "mi", "ni"),), _as_they_are("ai", "mi", "ni"), ("Grp",), ("alpha", "m", "n"), "", ("alpha", "m", "n")
        ),
    }
)
"""By the family of measures; "pairs_as_they_are" is the table that MPPETO pools."""


def shape_of(measure: str) -> Shape:
    """How the data of a measure are laid out. Raises OptionError for an unknown measure and for data that have no table."""
    family = measure_named(measure).family.name
    own = {"MPORM": "two_by_two", "MPPETO": "pairs_as_they_are"}  # the one has unpaired counts, the other cannot lose pairs
    name = own.get(measure, family)
    if name not in SHAPES:
        raise OptionError(f"measure={measure!r}: its data have no long or table format")
    return SHAPES[name]


_COUNTS = frozenset({"ai", "bi", "ci", "di", "x1i", "x2i", "xi"})
_SIZES = frozenset({"n1i", "n2i", "ni", "t1i", "t2i", "ti"})


def _check(name: str, values: FloatArray, family_alpha: bool) -> None:
    if name == "ai" and family_alpha:
        refuse(name, values, values > 1.0, "is no alpha; needs a value of at most 1")
    elif name == "mi" and family_alpha:
        refuse(name, values, values < 2.0, "is too few items; needs 2 or more")
    elif name in _COUNTS:
        refuse(name, values, values < 0.0, "is negative; a count is 0 or more")
    elif name in _SIZES:
        refuse(name, values, values <= 0.0, "is not above 0, as sizes and times are")
    elif name.startswith("sd"):
        refuse(name, values, values < 0.0, "is negative; a standard deviation is 0 or more")
    elif name == "ri":
        refuse(name, values, np.abs(values) > 1.0, "is no correlation; needs a value between -1 and 1")


def tables_of(
    measure: str,
    columns: Mapping[str, Any],
    data: Any,
    *,
    slab: Any,
    subset: Any,
    add: float,
    to: str,
    drop00: bool,
) -> Tables:
    """The studies' tables. Studies that lack a number are left out, with a ShapingWarning.

    Raises OptionError for unknown options, DataError for columns that will not do, values that cannot be, and when no study
    is left.
    """
    shape = shape_of(measure)
    if to not in _TO:
        raise no_such("to", to, _TO, what="way to choose studies")
    if not 0.0 <= add < np.inf:
        raise OptionError(f"add={add!r}: needs a number of 0 or more, such as 0.5")
    given = _given(shape, columns, data)
    k = len(next(iter(given.values())))
    chosen = np.ones(k, dtype=bool) if subset is None else rows_chosen("subset", subset, k, data)
    names = _slab(slab, data, k, chosen)
    given = {name: values[chosen] for name, values in given.items()}
    whole = _complete(shape, given, drop00)
    kept = np.flatnonzero(chosen)[whole]
    raw = {name: values[whole] for name, values in given.items()}
    cells = _added(shape, raw, add, to)
    values = np.stack(cells, axis=1).reshape(len(kept), len(shape.rows), len(shape.cols))
    mask = np.zeros(k, dtype=bool)
    mask[kept] = True
    return Tables(shape, values, tuple(name for name, ok in zip(names, whole, strict=True) if ok), slab is not None, mask)


def _given(shape: Shape, columns: Mapping[str, Any], data: Any) -> dict[str, FloatArray]:
    known = {name for layout in shape.layouts for name in layout}
    found = {name: column(name, values, data) for name, values in columns.items() if values is not None}
    for name in found:
        if name not in known:
            raise no_such("argument", name, sorted(known), what="column argument of this measure")
    given = {name: as_vector(name, values) for name, values in found.items()}
    if not any(set(layout) <= set(given) for layout in shape.layouts):
        ways = " or ".join(", ".join(layout) for layout in shape.layouts)
        raise DataError(f"the data are given by {ways}; got {', '.join(given) or 'nothing'}")
    lengths = {name: len(values) for name, values in given.items()}
    if len(set(lengths.values())) > 1:
        raise DataError("columns of different lengths: " + ", ".join(f"{name} has {n}" for name, n in lengths.items()))
    for name, values in given.items():
        _check(name, values, shape is SHAPES["alpha"])
    return given


def _slab(slab: Any, data: Any, k: int, chosen: BoolArray) -> list[str]:
    """A label for each chosen row, each once."""
    if slab is None:
        return [str(row + 1) for row in np.flatnonzero(chosen)]
    values = pd.Series(column("slab", slab, data)).reset_index(drop=True)
    if len(values) != k:
        raise DataError(f"has {len(values)} labels for {k} studies", argument="slab")
    if values.isna().any():
        raise DataError("is missing", argument="slab", row=int(np.flatnonzero(values.isna())[0]) + 1)
    return unique_labels([label(value) for value in values[chosen]])


def _complete(shape: Shape, given: Mapping[str, FloatArray], drop00: bool) -> BoolArray:
    """Which studies have all their numbers; with `drop00`, and events as well as others."""
    whole: BoolArray = np.asarray(~np.isnan(np.stack(shape.cells(given))).any(axis=0))
    if drop00 and len(shape.zeros) == 4:
        a, b, c, d = _TABLES(given)
        whole &= ~(((a == 0.0) & (c == 0.0)) | ((b == 0.0) & (d == 0.0)))
    elif drop00 and shape is SHAPES["rates_two"]:
        whole &= ~((given["x1i"] == 0.0) & (given["x2i"] == 0.0))
    lost = int((~whole).sum())
    if lost == len(whole):
        raise DataError("no study has all the numbers that its table needs")
    if lost:
        warnings.warn(f"{lost} of {len(whole)} studies lack a number and are left out", ShapingWarning, stacklevel=5)
    return np.asarray(whole)


def _added(shape: Shape, given: Mapping[str, FloatArray], add: float, to: str) -> list[FloatArray]:
    """The cells, `add` added to the counts of the studies that `to` names."""
    pairs = shape.cells is _margins
    cells = _TABLES(given) if pairs else shape.cells(given)
    zero = np.zeros(len(cells[0]), dtype=bool)
    for i in shape.zeros:
        zero |= cells[i] == 0.0
    chosen = {"none": zero & False, "only0": zero, "if0all": zero | zero.any(), "all": zero | True}[to]
    cells = [values + np.where(chosen, add, 0.0) if i in shape.zeros else values for i, values in enumerate(cells)]
    return _margins(dict(zip(_FOUR, cells, strict=True))) if pairs else cells
