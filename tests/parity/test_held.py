"""Scale coefficients that are given, and their profiles, against metafor: what three versions said, and the one here."""

import numpy as np
import pytest

from pymeta.harness.backends.recorded import RecordedReference
from tests.parity import held_grid
from tests.parity.held_grid import DATASETS, call_of
from tests.parity.judging import RECORDED, VERSIONS, complaints_of


def complaints(dataset, outcome):
    assert outcome.error is None, outcome.error
    return [text for name, agreement in held_grid.judged(dataset, outcome) for text in complaints_of(name, agreement)]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("dataset", DATASETS)
def test_what_r_said(dataset, version):
    assert complaints(dataset, RecordedReference(RECORDED, version).run(call_of(dataset))) == []


def test_what_r_says(worker):
    assert complaints("dat.debruin2009", worker.run(call_of("dat.debruin2009"), timeout=300)) == []


PLANTED = {
    "a coefficient by 1e-7": ("alpha", lambda x: x + 1e-7),
    "a standard error of what is given": ("se_alpha", lambda x: np.where(np.isnan(x), 0.0, x)),
    "one parameter more": ("parms", lambda x: x + 1.0),
    "a test of what is given": ("QS", lambda x: np.where(np.isnan(x), 1.0, x)),
    "a likelihood by 1e-7": ("REML", lambda x: x * (1.0 + 1e-7)),
    "a profile by 1e-7": ("ll", lambda x: x + 1e-6),
    "the profile's limits": ("limits", lambda x: x * (1.0 + 1e-4)),
    "a bound along a profile": ("ci_ub", lambda x: x + 1e-5),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant, monkeypatch):
    name, change = PLANTED[plant]
    right = held_grid.ours

    def planted(dataset, case, theirs):
        found = right(dataset, case, theirs)
        if isinstance(found, dict) and name in found:
            found[name] = change(found[name])
        return found

    monkeypatch.setattr(held_grid, "ours", planted)
    assert complaints("dat.berkey1998", RecordedReference(RECORDED, VERSIONS[-1]).run(call_of("dat.berkey1998"))) != []
