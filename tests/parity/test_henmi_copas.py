"""hc against metafor: what three versions said, and the one that is here."""

import pytest

from pymeta.harness.backends.recorded import RecordedReference
from tests.parity import henmi_copas_grid
from tests.parity.henmi_copas_grid import DATASETS, call_of
from tests.parity.judging import RECORDED, VERSIONS, complaints_of

NEWEST = VERSIONS[-1]


def complaints(name, outcome):
    assert outcome.error is None, outcome.error
    return [text for case, agreement in henmi_copas_grid.judged(name, outcome) for text in complaints_of(case, agreement)]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", DATASETS)
def test_what_r_said(name, version):
    assert complaints(name, RecordedReference(RECORDED, version).run(call_of(name))) == []


def test_what_r_says(worker):
    assert complaints("dat.bcg", worker.run(call_of("dat.bcg"), timeout=300)) == []


PLANTED = {
    "an average": ("beta", lambda x: x + 1e-11),
    "its error": ("se", lambda x: x + 1e-11),
    "a bound": ("ci.lb", lambda x: x + 1e-7),
    "the other": ("ci.ub", lambda x: x + 1e-7),
    "a bound of the model": ("ci.ub.rma", lambda x: x + 1e-11),
    "a tau2": ("tau2", lambda x: x + 1e-11),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant, monkeypatch):
    name, change = PLANTED[plant]
    right = henmi_copas_grid.ours

    def planted(dataset, case):
        found = right(dataset, case)
        return {**found, name: change(found[name])}

    monkeypatch.setattr(henmi_copas_grid, "ours", planted)
    assert complaints("dat.bcg", RecordedReference(RECORDED, NEWEST).run(call_of("dat.bcg"))) != []
