"""ranktest and regtest against metafor: what three versions said, and the one that is here."""

import numpy as np
import pytest

from pymeta.harness.backends.recorded import RecordedReference
from tests.parity import asymmetry_grid
from tests.parity.asymmetry_grid import DATASETS, call_of
from tests.parity.judging import RECORDED, VERSIONS, complaints_of


def complaints(name, outcome):
    assert outcome.error is None, outcome.error
    return [text for case, agreement in asymmetry_grid.judged(name, outcome) for text in complaints_of(case, agreement)]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", DATASETS)
def test_what_r_said(name, version):
    assert complaints(name, RecordedReference(RECORDED, version).run(call_of(name))) == []


def test_what_r_says(worker):
    assert complaints("dat.bcg", worker.run(call_of("dat.bcg"), timeout=300)) == []


PLANTED = {
    "a z": ("lm.sei.zval", lambda x: x + 3e-12),
    "a p-value": ("rma.vi.pval", lambda x: x * (1 + 1e-5)),
    "a limit": ("rma.ninv.limit", lambda x: x + 1e-8),
    "a limit where there is none": ("lm.ni.limit", np.zeros_like),
    "Kendall's tau": ("tau", lambda x: x + 1e-11),
    "its p-value": ("rank_p", lambda x: x * (1 + 1e-10)),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant, monkeypatch):
    name, change = PLANTED[plant]
    right = asymmetry_grid.ours

    def planted(dataset, case):
        found = right(dataset, case)
        return {**found, name: change(found[name])} if name in found else found

    monkeypatch.setattr(asymmetry_grid, "ours", planted)
    assert complaints("dat.bcg", RecordedReference(RECORDED, VERSIONS[-1]).run(call_of("dat.bcg"))) != []
