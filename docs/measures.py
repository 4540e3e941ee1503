"""Writes docs/measures.md, the page of all effect measures, from MEASURES: run ``python -m docs.measures``.

With ``--measure`` it first counts again the digits that agree with R, in docs/measured_digits.json: by the version of R and
metafor that was recorded, for each measure the fewest of effects and of variances, and the known differences.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pymeta.effects.families import FAMILIES, Family
from pymeta.effects.measures import MEASURES, Measure

HERE = Path(__file__).resolve().parent
PAGE = HERE / "measures.md"
DIGITS = HERE / "measured_digits.json"
COLUMNS = ("measure", "what it is", "data", "vtype", "effect and default variance", "source", "in R")

HEAD = """# Effect measures

The {count} measures of `pymeta.escalc`, by the data that they take. This page is made by `python -m docs.measures` from
`pymeta.MEASURES`, where each measure's entry names the function that computes it, with its other variances and what it does
with zeros in the docstring.

*data*: the columns, one of the sets named; a measure may take others besides, which its family knows. *vtype*: the kinds of
sampling variance, the default first; the formula is that one's.{digits}
"""
DIGITS_NOTE = """

*digits*: how many agree at least, of effects / of variances, with what {version} said of all
test data, counted by `python -m docs.measures --measure` in `docs/measured_digits.json`; effects near 0 are held against
their standard errors. In brackets: what of `fixtures/divergences.toml` is known to differ; the digits are those of the other
data, or there are none (–)."""
MOST = 15.9
"""Digits of two neighbouring doubles, at best; equal ones agree in all."""

Digits = Mapping[str, Mapping[str, Any]]
"""Measure -> yi, vi: the fewest digits that agree, None where all differ as known; known: the ids of what is."""


def page(digits: Digits, version: str = "R") -> str:
    """The page; `digits` is the worst agreement with metafor, of this `version`, and may be empty."""
    head = HEAD.format(count=len(MEASURES), digits=DIGITS_NOTE.format(version=version) if digits else "")
    sections = [section(family, digits) for family in FAMILIES.values() if measures_of(family)]
    return "\n".join([head, *sections])


def measures_of(family: Family) -> list[Measure]:
    """The family's measures, in the registry's order."""
    return [measure for measure in MEASURES.values() if measure.family.name == family.name]


def section(family: Family, digits: Digits) -> str:
    """The family's heading and table."""
    names = (*COLUMNS, "digits") if digits else COLUMNS
    lines = [names, ("---",) * len(names), *(row(measure, digits) for measure in measures_of(family))]
    title = family.label[0].upper() + family.label[1:]
    return "\n".join([f"## {title}", "", *("| " + " | ".join(line) + " |" for line in lines), ""])


def row(measure: Measure, digits: Digits) -> tuple[str, ...]:
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


def told(digits: Mapping[str, Any] | None) -> str:
    """Digits of effects / variances, rounded down, and what is known to differ."""
    if digits is None:
        return ""
    counts = " / ".join("–" if digits[name] is None else count(digits[name]) for name in ("yi", "vi"))
    return f"{counts} ({', '.join(digits['known'])})" if digits["known"] else counts


def count(digits: float) -> str:
    """The digits, rounded down to tenths."""
    return "all" if digits >= 16.0 else f"{min(math.floor(10.0 * digits) / 10.0, MOST):.1f}"


def measured() -> dict[str, Digits]:
    """The digits that were measured, by the R that they were measured against, the newest last."""
    return json.loads(DIGITS.read_text(encoding="utf-8")) if DIGITS.exists() else {}


def current_page() -> str:
    """The page as it should be, with the digits for the newest metafor."""
    *_, (slug, digits) = measured().items()
    return page(digits, " and ".join(part.replace("-", " ") for part in slug.split("_") if "metadat" not in part))


def measure(slug: str) -> Digits:
    """The digits counted again, against what the R of that name said."""
    from pymeta.harness.backends.recorded import RecordedReference
    from tests.parity import effect_grid
    from tests.parity.test_effects import RECORDED

    reference, found = RecordedReference(RECORDED, slug), {}
    for kind in effect_grid.KINDS:
        for name, rows in judged(kind, reference.run(effect_grid.call_of(kind))).items():
            counted = {
                quantity: [row.digits for row in rows if row.name == quantity and not row.divergence]
                for quantity in ("yi", "vi")
            }
            known = sorted({row.divergence for row in rows if row.divergence})
            found[name] = {one: round(min(counts), 2) if counts else None for one, counts in counted.items()}
            found[name]["known"] = known
    return {name: found[name] for name in MEASURES if name in found}


def judged(kind: str, outcome: Any) -> dict[str, list[Any]]:
    """How each quantity of each case fared, by measure."""
    from pymeta.harness import applicable, compare, plain
    from pymeta.harness.calls import Condition
    from tests.parity import effect_grid
    from tests.parity.test_effects import KNOWN, UNKNOWN

    data, found = effect_grid.data_of(kind), {}
    versions = {"R": outcome.environment.r_version, **outcome.environment.packages}
    for case, theirs in zip(effect_grid.cases_of(kind), plain(outcome.value), strict=True):
        if any(text in str(theirs.get("error", "")).lower() for text in UNKNOWN):
            continue
        ours = effect_grid.ours(case, data[case.data])
        judge = Condition(("error",), theirs["error"]) if "error" in theirs else theirs
        entries = applicable(KNOWN, case.name, versions)
        agreement = compare(ours, judge, effect_grid.rules(kind, case, ours), divergences=entries)
        found.setdefault(case.measure, []).extend(agreement.quantities)
    return found


def main() -> None:
    """Write the page, and the digits first if they are to be measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--measure", action="store_true", help="count the digits again (some seconds; needs no R)")
    if parser.parse_args().measure:
        from tests.parity.test_effects import VERSIONS

        text = json.dumps({slug: measure(slug) for slug in VERSIONS}, indent=1)
        DIGITS.write_text(text + "\n", encoding="utf-8")
    PAGE.write_text(current_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
