"""The page of measures is what the registry says."""

import importlib.util
import re
from pathlib import Path

import pytest

from pymeta.effects.measures import MEASURES
from pymeta.harness.backends.recorded import environments
from pymeta.resources import shipped

DOCS = Path(__file__).resolve().parent.parent / "docs"
AGAIN = "docs/measures.md is not what the registry says: run `python -m docs.measures` and commit the page"
REMEASURED = (
    "docs/measured_digits.json is not what the recordings say: run `python -m docs.measures --measure` and commit it"
)
ULP = 1.0
"""Digits that platforms may differ in, whose logarithms and powers differ in the last place."""


def script():
    spec = importlib.util.spec_from_file_location("docs_measures", DOCS / "measures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


measures = script()


def rows(page):
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in page.splitlines() if line.startswith("| `")]


def test_the_page_is_what_the_script_makes():
    page = measures.current_page()
    assert measures.PAGE.read_text(encoding="utf-8") == page, AGAIN
    assert all(cells[-1].strip() for cells in rows(page))
    assert {len(cells) for cells in rows(page)} == {len(measures.COLUMNS) + 1}


def test_every_measure_has_its_row():
    page = measures.page({})
    assert sorted(cells[0].strip(" `") for cells in rows(page)) == sorted(MEASURES)
    assert {len(cells) for cells in rows(page)} == {len(measures.COLUMNS)}


@pytest.mark.parametrize("name", ["COR", "SPCOR", "RR"])
def test_a_row_says_what_the_registry_says(name):
    cells = next([cell.strip() for cell in cells] for cells in rows(measures.page({})) if cells[0].strip() == f"`{name}`")
    measure = MEASURES[name]
    layouts = measure.layouts or measure.family.layouts
    assert cells[1] == measure.label
    assert cells[2] == " or ".join(f"`{', '.join(layout)}`" for layout in layouts)
    assert cells[3].split(", ") == list(measure.vtypes)
    assert cells[4] == f"${measure.formula}$"
    assert cells[5] == measure.source
    assert cells[6] == f'`escalc("{name}", {"=, ".join(layouts[0])}=)`'


def of(yi, vi, *known):
    return {"yi": yi, "vi": vi, "known": list(known)}


def test_measured_digits_are_a_column_of_their_own():
    page = measures.page(
        {"RR": of(14.97, 17.0), "COR": of(15.96, 12.0, "DIV-001"), "MD": of(None, 3.14, "DIV-001", "DIV-002")}
    )
    told = {cells[0].strip(" `"): cells[-1].strip() for cells in rows(page)}
    assert (told["RR"], told["COR"], told["OR"]) == ("14.9 / all", "15.9 / 12.0 (DIV-001)", "")
    assert told["MD"] == "– / 3.1 (DIV-001, DIV-002)"
    assert "*digits*" in page
    assert "*digits*" not in measures.page({})


@pytest.mark.parametrize("slug", measures.measured())
def test_the_digits_are_what_the_recordings_say(slug):
    assert differences(measures.measured()[slug], measures.measure(slug)) == [], REMEASURED


def test_the_digits_are_of_every_recorded_r_and_of_every_measure():
    found = measures.measured()
    assert list(found) == [slug for slug in environments(shipped("fixtures", "parity")) if "metafor" in slug]
    assert [len(digits) for digits in found.values()] == sorted(len(digits) for digits in found.values())
    assert list([*found.values()][-1]) == list(MEASURES)


def differences(told, found):
    """The measures whose digits differ by more than an ulp's worth, or by what is known of them."""
    names = [name for name in {*told, *found} if name not in told or name not in found or differ(told[name], found[name])]
    return sorted(names)


def differ(told, found):
    pairs = [(told[name], found[name]) for name in ("yi", "vi")]
    return told["known"] != found["known"] or any(
        (a is None) != (b is None) or abs((a or 0) - (b or 0)) > ULP for a, b in pairs
    )


@pytest.mark.parametrize("other", [of(12.9, 15.0), of(14.0, None), of(14.0, 15.0, "DIV-001"), of(14.0, 13.5)])
def test_other_digits_go_red(other):
    assert differences({"RR": of(14.0, 15.0)}, {"RR": of(13.1, 15.9)}) == []
    assert differences({"RR": of(14.0, 15.0)}, {"RR": other}) == ["RR"]
    assert differences({"RR": of(14.0, 15.0)}, {}) == ["RR"]


def test_a_formula_does_not_end_its_cell():
    lines = [line for line in measures.page({}).splitlines() if line.startswith("| `")]
    assert {line.count("|") for line in lines} == {len(measures.COLUMNS) + 1}
