"""Writes docs/measures.md, the page of all effect measures, from MEASURES: run ``python docs/measures.py``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pymeta.effects.families import FAMILIES, Family
from pymeta.effects.measures import MEASURES, Measure

HERE = Path(__file__).resolve().parent
PAGE = HERE / "measures.md"
DIGITS = HERE / "measured_digits.json"
COLUMNS = ("measure", "what it is", "data", "vtype", "effect and default variance", "source", "in R")

HEAD = """# Effect measures

The {count} measures of `pymeta.escalc`, by the data that they take. This page is made by `python docs/measures.py` from
`pymeta.MEASURES`, where each measure's entry names the function that computes it, with its other variances and what it does
with zeros in the docstring.

*data*: the columns, one of the sets named; a measure may take others besides, which its family knows. *vtype*: the kinds of
sampling variance, the default first; the formula is that one's.{digits}
"""
DIGITS_NOTE = """ *digits*: how many agree at least, of effects and variances, with the newest metafor on all test data."""


def page(digits: Mapping[str, float]) -> str:
    """The page; `digits` is the worst agreement with metafor by measure, and may be empty."""
    head = HEAD.format(count=len(MEASURES), digits=DIGITS_NOTE if digits else "")
    sections = [section(family, digits) for family in FAMILIES.values() if measures_of(family)]
    return "\n".join([head, *sections])


def measures_of(family: Family) -> list[Measure]:
    """The family's measures, in the registry's order."""
    return [measure for measure in MEASURES.values() if measure.family.name == family.name]


def section(family: Family, digits: Mapping[str, float]) -> str:
    """The family's heading and table."""
    names = (*COLUMNS, "digits") if digits else COLUMNS
    lines = [names, ("---",) * len(names), *(row(measure, digits) for measure in measures_of(family))]
    title = family.label[0].upper() + family.label[1:]
    return "\n".join([f"## {title}", "", *("| " + " | ".join(line) + " |" for line in lines), ""])


def row(measure: Measure, digits: Mapping[str, float]) -> tuple[str, ...]:
    """The measure's cells."""
    layouts = measure.layouts or measure.family.layouts
    cells = (
        f"`{measure.name}`",
        measure.label,
        " or ".join(f"`{', '.join(layout)}`" for layout in layouts),
        ", ".join(measure.vtypes),
        formula(measure),
        measure.source,
        f'`escalc("{measure.name}", {", ".join(f"{name}=" for name in layouts[0])})`',
    )
    return (*cells, told(digits.get(measure.name))) if digits else cells


def formula(measure: Measure) -> str:
    """The formula as Markdown shows it; a stroke would end the cell of the table."""
    return f"${measure.formula.replace('|', chr(92) + 'vert ')}$" if measure.formula else ""


def told(digits: float | None) -> str:
    """Digits rounded down; a double has at most 16."""
    return "" if digits is None else str(min(int(digits), 16))


def measured() -> Mapping[str, float]:
    """The digits that were measured, if they were."""
    return json.loads(DIGITS.read_text(encoding="utf-8")) if DIGITS.exists() else {}


if __name__ == "__main__":
    PAGE.write_text(page(measured()), encoding="utf-8")
