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

from pymeta.arrays import FloatArray, refuse
from pymeta.data.studies import NO_VARIANCE
from pymeta.effects.families import Family, prepared
from pymeta.errors import DataError
from pymeta.validation.sources import quoted, read_text

__all__ = ["Rows", "read_rows"]

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_LARGEST, _SMALLEST = 1e30, 1e-30  # beyond these, products of a few variances leave the range of doubles
_MOST_PEOPLE = 1e10
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True, slots=True)
class Rows:
    """Studies and their data: labels, the measure's columns by metafor's names, each (k,), and where each row stands."""

    slab: tuple[str, ...]
    columns: dict[str, FloatArray]
    places: tuple[str, ...] = ()


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
        inputs = prepared(family, columns)
        if "vi" in inputs:
            refuse("vi", inputs["vi"], inputs["vi"] == 0, NO_VARIANCE)
        if family.refuse_empty is not None:
            family.refuse_empty(columns, inputs, add=0.0, to="none", drop00=False)
    except DataError as error:
        line = table.body[error.row - 1][0] if error.row else 1
        column = "sei" if error.argument == "vi" and "sei" in columns else error.argument
        study = f" (study {quoted(slab[error.row - 1])})" if error.row else ""
        raise DataError(f"{table.place(line, column)}{study}: {error.problem}") from None
    return Rows(slab, columns, tuple(table.place(line) for line, _ in table.body))


def _read(path: Path) -> _Table:
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    rows, first = [], 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((first, cells))
            first = reader.line_num + 1
    except csv.Error as error:
        hint = "; a quote that is opened here is never closed" if "unexpected end" in str(error) else ""
        raise DataError(f"{path}, line {first}: not CSV ({error}){hint}") from None
    if not rows:
        raise DataError(f"{path}: the file is empty; it needs a header line and a line a study")
    return _checked(_Table(path, [cell.strip() for cell in rows[0][1]], rows[1:]), rows[0][0])


def _checked(table: _Table, first: int) -> _Table:
    for separator, name in _SEPARATORS.items():
        if len(table.head) == 1 and separator in table.head[0]:
            raise DataError(f"{table.place(first)}: the cells are separated by {name}; save the file with commas")
    twice = sorted({name for name in table.head if name and table.head.count(name) > 1})
    if twice:
        raise DataError(f"{table.place(first)}: the header has {quoted(twice[0])} twice; name each column once")
    if "study" not in table.head:
        near = get_close_matches("study", [name.casefold() for name in table.head], 1)
        hint = "; its name is in small letters" if near == ["study"] else ""
        raise DataError(
            f"{table.place(first)}: no column 'study', which names each study; the header has {_names(table.head)}{hint}"
        )
    if not table.body:
        raise DataError(f"{table.path}: no studies, only a header; it needs a line a study")
    for line, cells in table.body:
        if len(cells) != len(table.head):
            raise DataError(
                f"{table.place(line)}: {len(cells)} cells where the header has {len(table.head)}; "
                "a text with a comma in it needs quotes"
            )
    return table


def _names(head: list[str]) -> str:
    return ", ".join(map(quoted, head[:12])) + (", …" if len(head) > 12 else "")


def _labels(table: _Table) -> tuple[str, ...]:
    seen: dict[str, int] = {}
    labels = []
    for line, label in table.cells("study"):
        if any(unicodedata.category(character) == "Cc" for character in label):
            raise DataError(f"{table.place(line, 'study')}: {quoted(label)} holds a control character; remove it")
        folded = _folded(label)
        if not folded:
            raise DataError(f"{table.place(line, 'study')}: {quoted(label)} is empty; every study needs a name")
        if folded in seen:
            raise DataError(
                f"{table.place(line, 'study')}: {quoted(label)} is listed twice (first on line {seen[folded]}); "
                "if these are two comparisons of one trial, give them different names"
            )
        seen[folded] = line
        labels.append(label)
    return tuple(labels)


def _folded(label: str) -> str:
    """What a reader sees of a label: kinds of space, invisible characters and ways to write an accent aside."""
    visible = "".join(c for c in unicodedata.normalize("NFKC", label) if unicodedata.category(c) != "Cf")
    return " ".join(visible.split())


def _layout(table: _Table, family: Family) -> tuple[str, ...]:
    for layout in family.layouts:
        if set(layout) <= set(table.head):
            return layout
    nearest = max(family.layouts, key=lambda layout: len(set(layout) & set(table.head)))
    missing = [name for name in nearest if name not in table.head]
    spare = [name for name in table.head if name not in family.accepts and name != "study"]
    near = {name: get_close_matches(name, spare, 1, 0.6) for name in missing}
    hints = "".join(f" Is {quoted(found[0])} meant to be {name!r}?" for name, found in near.items() if found)
    ways = " or ".join(", ".join(layout) for layout in family.layouts)
    raise DataError(
        f"{table.path}, line 1: no column {', '.join(map(repr, missing))}; {family.label} need {ways}, "
        f"and the file has {_names(table.head)}.{hints}"
    )


def _numbers(table: _Table, column: str, *, whole: bool) -> FloatArray:
    return np.array([_number(table, line, column, cell, whole) for line, cell in table.cells(column)], dtype=np.float64)


def _number(table: _Table, line: int, column: str, cell: str, whole: bool) -> float:
    place = table.place(line, column)
    if not cell:
        raise DataError(f"{place}: is empty; fill it in, or take the study out of the file")
    text = cell.replace("−", "-")
    if not _NUMBER.fullmatch(text):
        hint = "write decimals with a point" if _NUMBER.fullmatch(text.replace(",", ".")) else "correct it"
        raise DataError(f"{place}: {quoted(cell)} is not a number; {hint}")
    value = float(text)
    if whole and value != np.round(value):
        raise DataError(f"{place}: {quoted(cell)} is not a whole number, and this column counts people")
    if abs(value) > (_MOST_PEOPLE if whole else _LARGEST):
        raise DataError(
            f"{place}: {quoted(cell)} is too large to be {'a number of people' if whole else 'real'}; correct it"
        )
    if 0.0 < abs(value) < _SMALLEST or (value == 0.0 and re.search("[1-9]", re.split("[eE]", text)[0])):
        raise DataError(f"{place}: {quoted(cell)} is not 0 and too small to compute with; correct it")
    return value
