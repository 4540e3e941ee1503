"""funnel against metafor: what three versions said, and the one that is here."""

import pytest

from pymeta.harness.backends.recorded import RecordedReference
from tests.parity import funnel_grid
from tests.parity.funnel_grid import DATASETS, call_of
from tests.parity.judging import RECORDED, VERSIONS, complaints_of


def complaints(name, outcome):
    assert outcome.error is None, outcome.error
    return [text for case, agreement in funnel_grid.judged(name, outcome) for text in complaints_of(case, agreement)]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", DATASETS)
def test_what_r_said(name, version):
    assert complaints(name, RecordedReference(RECORDED, version).run(call_of(name))) == []


def test_what_r_says(worker):
    assert complaints("dat.bcg", worker.run(call_of("dat.bcg"), timeout=300)) == []


PLANTED = {
    "a place": ("x", lambda x: x + 1e-12),
    "a standard error": ("sei", lambda x: x * (1 + 1e-11)),
    "a size": ("lni", lambda x: x * (1 + 1e-11)),
    "a weight": ("wi", lambda x: x * (1 + 1e-11)),
    "a band": ("crossed", lambda x: x + (x == x.max())),
    "a p-value": ("p", lambda x: x * (1 + 1e-10)),
    "what is filled": ("fill", lambda x: 0.0 * x),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant, monkeypatch):
    name, change = PLANTED[plant]
    right = funnel_grid.ours

    def planted(dataset, case):
        found = right(dataset, case)
        return {**found, name: change(found[name])} if name in found else found

    monkeypatch.setattr(funnel_grid, "ours", planted)
    assert complaints("dat.bcg", RecordedReference(RECORDED, VERSIONS[-1]).run(call_of("dat.bcg"))) != []
