"""trimfill against metafor: what three versions said, and the one that is here."""

import pytest

from pymeta.harness.backends.recorded import RecordedReference
from tests.parity import trimfill_grid
from tests.parity.judging import RECORDED, VERSIONS, complaints_of
from tests.parity.trimfill_grid import DATASETS, call_of

NEWEST = VERSIONS[-1]


def complaints(name, outcome):
    assert outcome.error is None, outcome.error
    return [text for case, agreement in trimfill_grid.judged(name, outcome) for text in complaints_of(case, agreement)]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", DATASETS)
def test_what_r_said(name, version):
    assert complaints(name, RecordedReference(RECORDED, version).run(call_of(name))) == []


def test_what_r_says(worker):
    assert complaints("dat.bcg", worker.run(call_of("dat.bcg"), timeout=300)) == []


PLANTED = {
    "a number": ("k0", lambda x: x + 1),
    "its error": ("se.k0", lambda x: x + 1e-11),
    "its p-value": ("p.k0", lambda x: x * (1 + 1e-10)),
    "a side": ("right", lambda x: 1.0 - x),
    "an effect": ("yi", lambda x: x + 1e-11),
    "an average": ("beta", lambda x: x + 1e-11),
    "a tau2": ("tau2", lambda x: x + 1e-11),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant, monkeypatch):
    name, change = PLANTED[plant]
    right = trimfill_grid.ours

    def planted(dataset, case, said):
        found = right(dataset, case, said)
        return {**found, name: change(found[name])} if found else found

    monkeypatch.setattr(trimfill_grid, "ours", planted)
    assert complaints("dat.bcg", RecordedReference(RECORDED, NEWEST).run(call_of("dat.bcg"))) != []
