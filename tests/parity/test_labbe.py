"""labbe against metafor: what three versions said, and the one that is here."""

import pytest

from pymeta.harness.backends.recorded import RecordedReference
from tests.parity import labbe_grid
from tests.parity.judging import RECORDED, VERSIONS, complaints_of
from tests.parity.labbe_grid import DATASETS, call_of


def complaints(name, outcome):
    assert outcome.error is None, outcome.error
    return [text for case, agreement in labbe_grid.judged(name, outcome) for text in complaints_of(case, agreement)]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", DATASETS)
def test_what_r_said(name, version):
    assert complaints(name, RecordedReference(RECORDED, version).run(call_of(name))) == []


def test_what_r_says(worker):
    assert complaints("dat.bcg", worker.run(call_of("dat.bcg"), timeout=300)) == []


PLANTED = {
    "an outcome": ("x", lambda x: x + 1e-12),
    "the other's": ("y", lambda x: x + 1e-12),
    "a size": ("cex", lambda x: x * (1 + 1e-11)),
    "a place": ("ids", lambda x: x + 1.0),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant, monkeypatch):
    name, change = PLANTED[plant]
    right = labbe_grid.ours

    def planted(dataset, case):
        found = right(dataset, case)
        return {**found, name: change(found[name])} if name in found else found

    monkeypatch.setattr(labbe_grid, "ours", planted)
    assert complaints("dat.bcg", RecordedReference(RECORDED, VERSIONS[-1]).run(call_of("dat.bcg"))) != []
