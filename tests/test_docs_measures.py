"""The page of measures is what the registry says."""

import importlib.util
import re
from pathlib import Path

import pytest

from pymeta.effects.measures import MEASURES

DOCS = Path(__file__).resolve().parent.parent / "docs"
AGAIN = "docs/measures.md is not what the registry says: run `python docs/measures.py` and commit the page"


def script():
    spec = importlib.util.spec_from_file_location("docs_measures", DOCS / "measures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


measures = script()


def rows(page):
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in page.splitlines() if line.startswith("| `")]


def test_the_page_is_what_the_script_makes():
    assert measures.PAGE.read_text(encoding="utf-8") == measures.page(measures.measured()), AGAIN


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


def test_measured_digits_are_a_column_of_their_own():
    page = measures.page({"RR": 14.97, "COR": 17.0})
    told = {cells[0].strip(" `"): cells[-1].strip() for cells in rows(page)}
    assert (told["RR"], told["COR"], told["OR"]) == ("14", "16", "")
    assert "*digits*" in page
    assert "*digits*" not in measures.page({})


def test_a_formula_does_not_end_its_cell():
    lines = [line for line in measures.page({}).splitlines() if line.startswith("| `")]
    assert {line.count("|") for line in lines} == {len(measures.COLUMNS) + 1}
