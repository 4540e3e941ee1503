"""tes against metafor: what three versions said, and the one that is here."""

import numpy as np
import pytest

from pymeta.harness.backends.recorded import RecordedReference
from tests.parity import excess_grid
from tests.parity.excess_grid import DATASETS, call_of
from tests.parity.judging import RECORDED, VERSIONS, complaints_of

NEWEST = VERSIONS[-1]


def complaints(name, outcome):
    assert outcome.error is None, outcome.error
    return [text for case, agreement in excess_grid.judged(name, outcome) for text in complaints_of(case, agreement)]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", DATASETS)
def test_what_r_said(name, version):
    assert complaints(name, RecordedReference(RECORDED, version).run(call_of(name))) == []


def test_what_r_says(worker):
    assert complaints("dat.bcg", worker.run(call_of("dat.bcg"), timeout=300)) == []


PLANTED = {
    "a count": ("O", lambda x: x + 1),
    "an expectation": ("E", lambda x: x + 1e-10),
    "a statistic": ("X2", lambda x: x + 1e-10),
    "a p-value": ("pval", lambda x: x * (1 - 1e-8)),
    "a power": ("power", lambda x: x + 1e-10),
    "a limit": ("limit", lambda x: x + 0.02),
    "a limit where there is none": ("limit", np.nan_to_num),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant, monkeypatch):
    name, change = PLANTED[plant]
    right = excess_grid.ours

    def planted(dataset, case):
        found = right(dataset, case)
        return {**found, name: change(found[name])}

    monkeypatch.setattr(excess_grid, "ours", planted)
    assert complaints("dat.bcg", RecordedReference(RECORDED, NEWEST).run(call_of("dat.bcg"))) != []
