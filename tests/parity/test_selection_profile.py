"""confint and profile of selection models against metafor: what three versions said, and the one that is here."""

import pytest

from pymeta.harness.backends.recorded import RecordedReference
from tests.parity import selection_profile_grid
from tests.parity.judging import RECORDED, VERSIONS, complaints_of
from tests.parity.selection_profile_grid import DATASETS, call_of


def complaints(name, outcome):
    assert outcome.error is None, outcome.error
    found = selection_profile_grid.judged(name, outcome)
    return [text for case, agreement in found for text in complaints_of(case, agreement)]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", DATASETS)
def test_what_r_said(name, version):
    assert complaints(name, RecordedReference(RECORDED, version).run(call_of(name))) == []


def test_what_r_says(worker):
    assert complaints("dat.linde2005", worker.run(call_of("dat.linde2005"), timeout=300)) == []


@pytest.mark.parametrize("quantity", ["tau2", "ll", "delta.2"])
def test_a_planted_error_goes_red(quantity, monkeypatch):
    right = selection_profile_grid.flat
    recorded = RecordedReference(RECORDED, VERSIONS[-1]).run(call_of("dat.hackshaw1998"))
    mine = right(selection_profile_grid.ours("dat.hackshaw1998"))
    planted = iter([{**mine, quantity: mine[quantity] * (1 + 1e-6)}])
    monkeypatch.setattr(selection_profile_grid, "flat", lambda found: next(planted, None) or right(found))
    assert complaints("dat.hackshaw1998", recorded) != []
