"""What a fit prints, line by line as the newest metafor prints it."""

from pathlib import Path

import pandas as pd
import pytest

import pymeta
from pymeta.harness import Call, plain
from pymeta.harness.backends.recorded import RecordedReference, environments
from pymeta.resources import shipped
from tests.parity.uni_grid import data_of

ADAPTER = Path(__file__).parent / "printing.R"
RECORDED = shipped("fixtures", "parity")
VERSIONS = [slug for slug in environments(RECORDED) if "metafor" in slug]
CASES = [
    ("dat.bcg", None, {}, False),
    ("dat.bcg", None, {"method": "EE"}, False),
    ("dat.bcg", None, {"method": "FE", "test": "t"}, True),
    ("dat.bcg", "~ x1 + g", {"test": "knha"}, True),
    ("dat.bcg", "~ x1 + g", {"method": "FE"}, False),
    ("dat.bcg", "~ g - 1", {"method": "DL", "level": 90.0}, False),
    ("dat.bcg", "~ x1", {"tau2": 0.1}, False),
    ("dat.hart1999", None, {"method": "PM", "test": "adhoc"}, False),
    ("dat.li2007", "~ x1", {"method": "ML"}, True),
]


def lines_of_r(text):
    """Without R's typographic quotes, spaces at the ends and empty lines at both ends."""
    lines = [line.rstrip().replace("\u2018", "'").replace("\u2019", "'") for line in text]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return lines


def call_of(case):
    dataset, mods, options, summarised = case
    data = data_of(dataset)
    arguments = {
        "yi": data["yi"],
        "vi": data["vi"],
        "data": data,
        "options": options,
        "mods": mods,
        "summarised": summarised,
    }
    return Call("printed", arguments, ADAPTER, packages=("metafor", "metadat"))


@pytest.mark.parametrize("case", CASES)
def test_prints_as_metafor_does(case):
    dataset, mods, options, summarised = case
    theirs = plain(RecordedReference(RECORDED, VERSIONS[-1]).run(call_of(case)).value)
    result = pymeta.rma("yi", "vi", data=pd.DataFrame(data_of(dataset)), mods=mods, **options)
    ours = result.summary() if summarised else str(result)
    assert [line.rstrip() for line in ours.split("\n")] == lines_of_r(theirs)


def calls():
    """What is asked, by the names of recordings."""
    return ((f"printing-{i}", call_of(case)) for i, case in enumerate(CASES))
