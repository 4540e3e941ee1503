"""metabias, limitmeta and lfk against R: what three versions said, and the one that is here."""

import numpy as np
import pytest

from pymeta.harness.backends.recorded import RecordedReference
from tests.parity import small_study_grid
from tests.parity.judging import RECORDED, VERSIONS, complaints_of
from tests.parity.small_study_grid import DATASETS, call_of


def complaints(name, outcome):
    assert outcome.error is None, outcome.error
    return [text for case, agreement in small_study_grid.judged(name, outcome) for text in complaints_of(case, agreement)]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", DATASETS)
def test_what_r_said(name, version):
    assert complaints(name, RecordedReference(RECORDED, version).run(call_of(name))) == []


@pytest.mark.parametrize("name", ["tables dat.bcg", "effects dat.bcg"])
def test_what_r_says(name, worker):
    assert complaints(name, worker.run(call_of(name), timeout=300)) == []


PLANTED = {
    "a slope": ("tables dat.bcg", "bias", lambda x: x * (1 + 1e-10)),
    "its error": ("tables dat.bcg", "se_bias", lambda x: x * (1 + 1e-10)),
    "a p-value": ("tables dat.bcg", "pval", lambda x: x * (1 + 1e-8)),
    "an adjusted average": ("effects dat.bcg", "beta0", lambda x: x + 1e-11),
    "another": ("effects dat.bcg", "betalim", lambda x: x + 1e-11),
    "a study's limit": ("effects dat.bcg", "limit", lambda x: x + np.eye(len(x))[2] * 1e-11),
    "what is left of Q": ("effects dat.bcg", "Q_resid_p", lambda x: x * (1 + 1e-8)),
    "the index": ("effects dat.bcg", "lfk", lambda x: x + 1e-10),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant, monkeypatch):
    name, quantity, change = PLANTED[plant]
    right = small_study_grid.ours

    def planted(dataset, case):
        found = right(dataset, case)
        return {**found, quantity: change(found[quantity])}

    monkeypatch.setattr(small_study_grid, "ours", planted)
    assert complaints(name, RecordedReference(RECORDED, VERSIONS[-1]).run(call_of(name))) != []
