"""gosh against metafor: what three versions said, and the one that is here."""

import pytest

from pymeta.harness.backends.recorded import RecordedReference
from tests.parity import gosh_grid
from tests.parity.gosh_grid import DATASETS, call_of
from tests.parity.judging import RECORDED, VERSIONS, complaints_of


def complaints(name, outcome):
    assert outcome.error is None, outcome.error
    return [text for case, found in gosh_grid.judged(name, outcome) for text in complaints_of(case, found)]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", DATASETS)
def test_what_r_said(name, version):
    assert complaints(name, RecordedReference(RECORDED, version).run(call_of(name))) == []


def test_what_r_says(worker):
    assert complaints("dat.bcg", worker.run(call_of("dat.bcg"), timeout=300)) == []


PLANTED = {
    "a subset": ("incl", lambda x: x[::-1]),
    "Q": ("QE", lambda x: x + 1e-7),
    "I2": ("I2", lambda x: x + 1e-7),
    "H2": ("H2", lambda x: x + 1e-7),
    "tau2": ("tau2", lambda x: x + 1e-7),
    "an estimate": ("beta", lambda x: x + 1e-7),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant, monkeypatch):
    name, change = PLANTED[plant]
    right = gosh_grid.ours

    def planted(dataset, case):
        found = right(dataset, case)
        return {**found, name: change(found[name])}

    monkeypatch.setattr(gosh_grid, "ours", planted)
    assert complaints("dat.bcg", RecordedReference(RECORDED, VERSIONS[-1]).run(call_of("dat.bcg"))) != []
