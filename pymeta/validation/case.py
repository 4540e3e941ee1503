"""Case files: a published analysis as data. The format is described in docs/case-format.md."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pymeta.effects.measures import MEASURES, Measure
from pymeta.errors import DataError, PymetaError, no_such
from pymeta.tau2.methods import TAU2
from pymeta.validation.printed import Printed, printed
from pymeta.validation.rows import Rows, read_rows
from pymeta.validation.sources import quoted, read_text

__all__ = ["FIGURES", "Case", "OutcomeCase", "read_case"]

FIGURES = ("estimate", "ci_lb", "ci_ub", "pval", "zval", "tau2", "QE", "QE_df", "QEp", "I2", "k")
"""The figures that a paper may have printed; effects on the scale that people read."""

METHODS = (*(name for name, method in TAU2.items() if not method.needs_weights), "revman5", "MH")
"""The methods of a case: those that need no weights of one's own, Review Manager 5's, Mantel and Haenszel's."""
POOLED = ("GEN", "RR", "OR", "RD", "MD", "SMD")
"""The measures of a case: those that every method of Review Manager knows, and effects as they are."""
ORIGINS = ("reconstruction", "published", "extracted")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class OutcomeCase:
    """One outcome: how it is pooled, its study rows and what was printed."""

    name: str
    label: str
    measure: Measure
    method: str
    level: float
    rows: Rows
    reported: Mapping[str, Printed]


@dataclass(frozen=True, slots=True)
class Case:
    """A published analysis. data: where the study rows come from, one of ORIGINS; data_note: what to say of them."""

    name: str
    title: str
    citation: str
    doi: str
    data: str
    data_note: str
    assumptions: tuple[str, ...]
    outcomes: tuple[OutcomeCase, ...]


def read_case(path: Path, *, data_dir: Path | None = None) -> Case:
    """The case in the TOML file `path`, with its CSV files beside it or, if given, in `data_dir`.

    With `data_dir` the rows are a person's own extraction, whatever the file says of its own.
    Raises DataError naming file, table, key and value.
    """
    document = _parsed(path)
    place = str(path)
    head = _table(document, "case", place)
    _only(head, ("name", "title", "citation", "doi", "data", "data_note", "assumptions"), f"{place}, [case]")
    _only(document, ("case", "outcome"), place)
    origin = _text(head, "data", f"{place}, [case]")
    if origin not in ORIGINS:
        raise _at(f"{place}, [case]", no_such("data", origin, ORIGINS, what="origin of study rows"))
    outcomes = document.get("outcome")
    if not isinstance(outcomes, list) or not outcomes:
        raise DataError(f"{place}: no [[outcome]]; a case needs at least one")
    folder = path.parent if data_dir is None else data_dir
    guarded = data_dir is None
    read = tuple(_outcome(one, f"{place}, [[outcome]] {i}", folder, guarded=guarded) for i, one in enumerate(outcomes, 1))
    names = [outcome.name for outcome in read]
    for name in names:
        if names.count(name) > 1:
            raise DataError(f"{place}: two [[outcome]] are called {name!r}; give each its own name")
    return Case(
        name=_identifier(head, f"{place}, [case]"),
        title=_text(head, "title", f"{place}, [case]"),
        citation=_text(head, "citation", f"{place}, [case]", default=""),
        doi=_text(head, "doi", f"{place}, [case]", default=""),
        data=origin if data_dir is None else "extracted",
        data_note=_text(head, "data_note", f"{place}, [case]", default="") if data_dir is None else f"from {data_dir}",
        assumptions=_texts(head, "assumptions", f"{place}, [case]"),
        outcomes=read,
    )


def _parsed(path: Path) -> dict[str, Any]:
    if path.is_dir():
        raise DataError(f"{path}: is a folder; name the case file in it, such as {path / 'case.toml'}")
    try:
        return tomllib.loads(read_text(path))
    except DataError:
        raise
    except (ValueError, RecursionError) as error:  # beside TOMLDecodeError: a number of thousands of digits
        raise DataError(f"{path}: not TOML: {error}") from None


def _outcome(table: object, place: str, folder: Path, *, guarded: bool) -> OutcomeCase:
    if not isinstance(table, dict):
        raise DataError(f"{place}: {quoted(table)} is not a table")
    name = _identifier(table, place)
    place = f"{place} ({name})"
    _only(table, ("name", "label", "file", "measure", "method", "level", "reported"), place)
    measure = _measure(table, place)
    method = _text(table, "method", place)
    if method not in METHODS:
        raise _at(place, no_such("method", method, METHODS, what="method of a case"))
    if method == "MH" and measure.family.name != "two_by_two":
        raise DataError(f"{place}, key 'method': 'MH' pools 2x2 tables, and measure {measure.name!r} has none")
    level = table.get("level", 95)
    if isinstance(level, bool) or not isinstance(level, int | float) or not 1 <= level < 100:
        raise DataError(f"{place}, key 'level': {quoted(level)} is not a percentage of 1 or more and below 100, such as 95")
    rows = read_rows(_rows_file(table, place, folder, guarded), measure.family)
    reported = _reported(table.get("reported", {}), f"{place}, [outcome.reported]")
    label = _text(table, "label", place, default=name)
    if not label.strip():
        raise DataError(f"{place}, key 'label': {quoted(label)} is empty; leave the key out to show the name")
    return OutcomeCase(name, label, measure, method, float(level), rows, reported)


def _measure(table: Mapping[str, Any], place: str) -> Measure:
    name = _text(table, "measure", place)
    if name not in POOLED:
        raise _at(place, no_such("measure", name, POOLED, what="measure of a case"))
    return MEASURES[name]


def _reported(table: object, place: str) -> dict[str, Printed]:
    if not isinstance(table, dict):
        raise DataError(f"{place}: {quoted(table)} is not a table")
    _only(table, FIGURES, place)
    figures = {}
    for key, value in table.items():
        if not isinstance(value, str):
            raise DataError(
                f"{place}, key {key!r}: {quoted(value)} is not a text; write it in quotes as the paper prints it, "
                "so that its last zeros count"
            )
        try:
            figures[key] = printed(value)
        except DataError as error:
            raise DataError(f"{place}, key {key!r}: {error.problem}") from None
    return figures


def _rows_file(table: Mapping[str, Any], place: str, folder: Path, guarded: bool) -> Path:
    """The outcome's CSV file; `guarded`: the folder is a stranger's, so its links may not lead out of it either."""
    name = _text(table, "file", place)
    file = PurePosixPath(name)
    out = file.is_absolute() or ".." in file.parts or any(c in name for c in "\\:\0")
    path = folder / file
    if out or (guarded and not path.resolve().is_relative_to(folder.resolve())):
        raise DataError(f"{place}, key 'file': {quoted(name)} leads out of the case's folder; name a file in it")
    if not file.parts:
        raise DataError(f"{place}, key 'file': {quoted(name)} names no file; name a CSV file in the case's folder")
    return path


def _identifier(table: Mapping[str, Any], place: str) -> str:
    name = _text(table, "name", place)
    if not _NAME.fullmatch(name):
        raise DataError(
            f"{place}, key 'name': {quoted(name)} is not a name; use letters, digits, - and _ (label is free text)"
        )
    return name


def _table(document: Mapping[str, Any], key: str, place: str) -> dict[str, Any]:
    table = document.get(key)
    if not isinstance(table, dict):
        raise DataError(f"{place}: no [{key}] table")
    return table


def _text(table: Mapping[str, Any], key: str, place: str, *, default: str | None = None) -> str:
    value = table.get(key, default)
    if value is None:
        raise DataError(f"{place}: no key {key!r}")
    if not isinstance(value, str):
        raise DataError(f"{place}, key {key!r}: {quoted(value)} is not a text; put it in quotes")
    return value


def _texts(table: Mapping[str, Any], key: str, place: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise DataError(f"{place}, key {key!r}: {quoted(value)} is not a list of texts")
    return tuple(value)


def _only(table: Mapping[str, Any], allowed: tuple[str, ...], place: str) -> None:
    for key in table:
        if key not in allowed:
            raise _at(place, no_such("key", key[:80], allowed, what="key here"))


def _at(place: str, error: PymetaError) -> DataError:
    return DataError(f"{place}: {error}")
