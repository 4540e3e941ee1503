"""Study rows from a CSV file; whatever is wrong is named by file, line, column and value."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.effects.families import Family, prepared
from pymeta.errors import DataError

__all__ = ["Rows", "read_rows"]

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


@dataclass(frozen=True, slots=True)
class Rows:
    """Studies and their data: labels, and the measure's columns by metafor's names, each (k,)."""

    slab: tuple[str, ...]
    columns: dict[str, FloatArray]


@dataclass(frozen=True, slots=True)
class _Table:
    path: Path
    head: list[str]
    body: list[tuple[int, list[str]]]  # line number in the file, cells

    def place(self, line: int, column: str | None = None) -> str:
        return f"{self.path}, line {line}" + (f", column {column}" if column else "")

    def cells(self, column: str) -> list[tuple[int, str]]:
        at = self.head.index(column)
        return [(line, cells[at].strip()) for line, cells in self.body]


def read_rows(path: Path, family: Family) -> Rows:
    """The rows of `path`: a column "study", and the family's columns under metafor's names.

    Other columns are a person's own notes and are left alone. Raises DataError for an unreadable or empty file, a
    missing column, a cell that is empty or not a number, a count that is not whole, a value that cannot be, and a
    study listed twice.
    """
    table = _read(path)
    slab = _labels(table)
    layout = _layout(table, family)
    columns = {name: _numbers(table, name, whole=name in family.counts) for name in layout}
    try:
        prepared(family, columns)
    except DataError as error:
        line = table.body[error.row - 1][0] if error.row else 1
        study = f" (study {slab[error.row - 1]!r})" if error.row else ""
        raise DataError(f"{table.place(line, error.argument)}{study}: {error.problem}") from None
    return Rows(slab, columns)


def _read(path: Path) -> _Table:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; the case needs it") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8 (CSV UTF-8 in Excel)") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num, cells))
    except csv.Error as error:
        raise DataError(f"{path}, line {reader.line_num}: not CSV ({error})") from None
    if not rows:
        raise DataError(f"{path}: the file is empty; it needs a header line and a line a study")
    return _checked(_Table(path, [cell.strip() for cell in rows[0][1]], rows[1:]), rows[0][0])


def _checked(table: _Table, first: int) -> _Table:
    twice = {name for name in table.head if table.head.count(name) > 1}
    if twice:
        raise DataError(f"{table.place(first)}: the header has {sorted(twice)[0]!r} twice; name each column once")
    if not table.body:
        raise DataError(f"{table.path}: no studies, only a header; it needs a line a study")
    for line, cells in table.body:
        if len(cells) != len(table.head):
            raise DataError(
                f"{table.place(line)}: {len(cells)} cells where the header has {len(table.head)}; "
                "a text with a comma in it needs quotes"
            )
    return table


def _labels(table: _Table) -> tuple[str, ...]:
    if "study" not in table.head:
        raise DataError(f"{table.path}: no column 'study'; it has {', '.join(map(repr, table.head))}")
    seen: dict[str, int] = {}
    for line, label in table.cells("study"):
        if not label:
            raise DataError(f"{table.place(line, 'study')}: is empty; every study needs a name")
        if any(unicodedata.category(character) == "Cc" for character in label):
            raise DataError(f"{table.place(line, 'study')}: {label!r} holds a control character; remove it")
        if label in seen:
            raise DataError(
                f"{table.place(line, 'study')}: {label!r} is listed twice (first on line {seen[label]}); "
                "if these are two comparisons of one trial, give them different names"
            )
        seen[label] = line
    return tuple(seen)


def _layout(table: _Table, family: Family) -> tuple[str, ...]:
    for layout in family.layouts:
        if set(layout) <= set(table.head):
            return layout
    nearest = max(family.layouts, key=lambda layout: len(set(layout) & set(table.head)))
    missing = [name for name in nearest if name not in table.head]
    spare = [name for name in table.head if name not in family.accepts and name != "study"]
    near = {name: get_close_matches(name, spare, 1, 0.6) for name in missing}
    hints = "".join(f" Is {found[0]!r} meant to be {name!r}?" for name, found in near.items() if found)
    ways = " or ".join(", ".join(layout) for layout in family.layouts)
    raise DataError(
        f"{table.path}, line 1: no column {', '.join(map(repr, missing))}; {family.label} need {ways}, "
        f"and the file has {', '.join(table.head)}.{hints}"
    )


def _numbers(table: _Table, column: str, *, whole: bool) -> FloatArray:
    return np.array([_number(table, line, column, cell, whole) for line, cell in table.cells(column)], dtype=np.float64)


def _number(table: _Table, line: int, column: str, cell: str, whole: bool) -> float:
    place = table.place(line, column)
    if not cell:
        raise DataError(f"{place}: is empty; fill it in, or take the study out of the file")
    text = cell.replace("−", "-")
    if not _NUMBER.fullmatch(text):
        hint = "; write decimals with a point" if _NUMBER.fullmatch(text.replace(",", ".")) else "; correct it"
        raise DataError(f"{place}: {cell!r} is not a number{hint}")
    value = float(text)
    if not np.isfinite(value):
        raise DataError(f"{place}: {cell!r} is too large to be a number here; correct it")
    if whole and value != round(value):
        raise DataError(f"{place}: {cell!r} is not a whole number, and this column counts people")
    return value
