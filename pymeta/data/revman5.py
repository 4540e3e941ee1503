"""Review Manager 5 files (.rm5) as tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pandas as pd

from pymeta.errors import DataError

__all__ = ["Review", "read_revman"]


@dataclass(frozen=True, slots=True)
class Review:
    """What a .rm5 file holds, as tables that share the columns comparison, outcome and subgroup (numbers, as in RevMan).

    studies : study_id, study, year, status ("included", "excluded", "awaiting", "ongoing")
    comparisons : comparison, name
    outcomes : kind, measure and method in pymeta's names, random, level, labels, and what RevMan printed: estimate, ci_lb,
        ci_ub, tau2, QE, I2, zval, pval (NaN where it did not)
    subgroups : name, and what RevMan printed for each
    rows : a study in an outcome, under the names that `escalc` and `rma` take: ai n1i ci n2i; n1i m1i sd1i n2i m2i sd2i;
        yi sei; or o_e and vi of an individual patient data outcome; NaN where an outcome has no such column. subgroup is 0
        where an outcome has none
    """

    title: str
    studies: pd.DataFrame
    comparisons: pd.DataFrame
    outcomes: pd.DataFrame
    subgroups: pd.DataFrame
    rows: pd.DataFrame

    def outcome(self, comparison: int, outcome: int) -> pd.DataFrame:
        """The rows of one outcome with the columns that it has. Raises DataError if there is none."""
        chosen = self.rows[(self.rows["comparison"] == comparison) & (self.rows["outcome"] == outcome)]
        if chosen.empty:
            known = ", ".join(f"{c}.{o}" for c, o in self.outcomes[["comparison", "outcome"]].itertuples(index=False))
            raise DataError(f"there is no outcome {comparison}.{outcome} with rows; outcomes: {known}")
        return chosen.dropna(axis="columns", how="all").reset_index(drop=True)


def read_revman(path: str | PathLike[str]) -> Review:
    """Read a review that Review Manager 5 saved.

    Raises DataError, naming file, place and value, for what is no such file, for a number that is none, and for a row of a
    study that the file does not list.
    Source: the file format of Review Manager 5, as its files show it. R: ``meta::read.rm5``
    """
    file = Path(path)
    root = _root(file)
    studies = pd.DataFrame(_studies(root), columns=["study_id", "study", "year", "status"])
    names = dict(zip(studies["study_id"], studies[["study", "year"]].itertuples(index=False, name=None), strict=True))
    found: dict[str, list[dict[str, Any]]] = {"comparisons": [], "outcomes": [], "subgroups": [], "rows": []}
    for comparison in root.iterfind("ANALYSES_AND_DATA/COMPARISON"):
        number = _integer(comparison, "NO", str(file))
        found["comparisons"].append({"comparison": number, "name": _text(comparison, "NAME")})
        for element, kind in _outcomes(comparison):
            _read_outcome(element, kind, number, f"{file}, comparison {number}", names, found)
    tables = {name: pd.DataFrame(rows, columns=_COLUMNS[name]) for name, rows in found.items()}
    return Review(_text(root, "COVER_SHEET/TITLE"), studies, **tables)


def _root(file: Path) -> Element:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise DataError(f"{file}: cannot be read: {error.strerror}") from error
    if b"<!ENTITY" in content:  # no file of Review Manager declares one, and it can make a small file a huge one
        raise DataError(f"{file}: declares XML entities, which no file of Review Manager does; it is not read")
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise DataError(f"{file}: not XML, so no file of Review Manager 5: {error}") from error
    if root.tag != "COCHRANE_REVIEW":
        raise DataError(f"{file}: its outermost element is {root.tag!r}; Review Manager 5 writes 'COCHRANE_REVIEW'")
    return root


_STATUS = MappingProxyType(
    {
        "INCLUDED_STUDIES": "included",
        "EXCLUDED_STUDIES": "excluded",
        "AWAITING_STUDIES": "awaiting",
        "ONGOING_STUDIES": "ongoing",
    }
)


def _studies(root: Element) -> Iterator[tuple[str, str, str, str]]:
    for group in root.iterfind("STUDIES_AND_REFERENCES/STUDIES/*"):
        for study in group.iterfind("STUDY"):
            yield (
                study.get("ID", ""),
                study.get("NAME", ""),
                study.get("YEAR", ""),
                _STATUS.get(group.tag, group.tag.lower()),
            )


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of outcome: what its elements begin with, and pymeta's column for each attribute of a row."""

    name: str
    prefix: str
    columns: Mapping[str, str]


_COUNTS = {"EVENTS_1": "ai", "TOTAL_1": "n1i", "EVENTS_2": "ci", "TOTAL_2": "n2i"}
_MEANS = {"MEAN_1": "m1i", "SD_1": "sd1i", "TOTAL_1": "n1i", "MEAN_2": "m2i", "SD_2": "sd2i", "TOTAL_2": "n2i"}
_KINDS = (
    _Kind("dichotomous", "DICH", _COUNTS),
    _Kind("continuous", "CONT", _MEANS),
    _Kind("generic", "IV", {"ESTIMATE": "yi", "SE": "sei"}),
    _Kind("individual", "IPD", {**_COUNTS, "O_E": "o_e", "VAR": "vi"}),
)
_PRINTED = {
    "EFFECT_SIZE": "estimate",
    "CI_START": "ci_lb",
    "CI_END": "ci_ub",
    "TAU2": "tau2",
    "CHI2": "QE",
    "I2": "I2",
    "Z": "zval",
    "P_Z": "pval",
}
_DATA = tuple(dict.fromkeys(column for kind in _KINDS for column in kind.columns.values()))
_OUTCOME = ("comparison", "outcome", "name", "kind", "measure", "method", "random", "level", "group1", "group2")
_COLUMNS: Mapping[str, list[str]] = MappingProxyType(
    {
        "comparisons": ["comparison", "name"],
        "outcomes": [*_OUTCOME, "favours1", "favours2", *_PRINTED.values()],
        "subgroups": ["comparison", "outcome", "subgroup", "name", *_PRINTED.values()],
        "rows": ["comparison", "outcome", "subgroup", "study_id", "study", "year", "order", *_DATA, "weight"],
    }
)


def _outcomes(comparison: Element) -> Iterator[tuple[Element, _Kind]]:
    kinds = {f"{kind.prefix}_OUTCOME": kind for kind in _KINDS}
    for element in comparison:
        if element.tag in kinds:
            yield element, kinds[element.tag]


def _read_outcome(
    element: Element,
    kind: _Kind,
    comparison: int,
    place: str,
    studies: Mapping[str, tuple[str, str]],
    found: Mapping[str, list[dict[str, Any]]],
) -> None:
    number = _integer(element, "NO", place)
    place = f"{place}, outcome {number}"
    where = {"comparison": comparison, "outcome": number}
    texts = {"group1": "GROUP_LABEL_1", "group2": "GROUP_LABEL_2", "favours1": "GRAPH_LABEL_1", "favours2": "GRAPH_LABEL_2"}
    found["outcomes"].append(
        {
            **where,
            "name": _text(element, "NAME"),
            "kind": kind.name,
            "measure": _measure(element, kind),
            "method": element.get("METHOD", ""),
            "random": element.get("RANDOM") == "YES",
            "level": _number(element, "CI_TOTAL", place),
            **{column: _text(element, tag) for column, tag in texts.items()},
            **_printed(element, place),
        }
    )
    found["rows"].extend(_rows(element, kind, {**where, "subgroup": 0}, place, studies))
    for subgroup in element.iterfind(f"{kind.prefix}_SUBGROUP"):
        inner = {**where, "subgroup": _integer(subgroup, "NO", place)}
        spot = f"{place}, subgroup {inner['subgroup']}"
        found["subgroups"].append({**inner, "name": _text(subgroup, "NAME"), **_printed(subgroup, spot)})
        found["rows"].extend(_rows(subgroup, kind, inner, spot, studies))


def _rows(
    parent: Element, kind: _Kind, where: Mapping[str, int], place: str, studies: Mapping[str, tuple[str, str]]
) -> Iterator[dict[str, Any]]:
    for row in parent.iterfind(f"{kind.prefix}_DATA"):
        study_id = row.get("STUDY_ID", "")
        if study_id not in studies:
            raise DataError(f"{place}: a row of the study {study_id!r}, which the file does not list")
        name, year = studies[study_id]
        spot = f"{place}, study {name!r}"
        numbers = {column: _number(row, attribute, spot) for attribute, column in kind.columns.items()}
        order, weight = _number(row, "ORDER", spot), _number(row, "WEIGHT", spot)
        yield {**where, "study_id": study_id, "study": name, "year": year, "order": order, **numbers, "weight": weight}


_MEASURES = MappingProxyType({"PETO_OR": "PETO", "PETO OR": "PETO"})


def _measure(element: Element, kind: _Kind) -> str:
    """pymeta's name of the measure; of generic outcomes RevMan only has a label."""
    told = element.get("EFFECT_MEASURE") or _text(element, "EFFECT_MEASURE")
    return "GEN" if kind.name == "generic" else _MEASURES.get(told, told)


def _printed(element: Element, place: str) -> dict[str, float]:
    return {column: _number(element, attribute, place) for attribute, column in _PRINTED.items()}


def _text(element: Element, path: str) -> str:
    found = element.find(path)
    return "" if found is None else " ".join("".join(found.itertext()).split())


def _number(element: Element, attribute: str, place: str) -> float:
    return float(_parsed(element, attribute, place, float, "a number")) if element.get(attribute) else math.nan


def _integer(element: Element, attribute: str, place: str) -> int:
    return int(_parsed(element, attribute, place, int, "a whole number"))


def _parsed(element: Element, attribute: str, place: str, parse: Callable[[str], Any], what: str) -> Any:
    text = element.get(attribute, "")
    try:
        return parse(text)
    except ValueError:
        raise DataError(f"{place}: {element.tag}, {attribute}={text[:40]!r} is not {what}") from None
