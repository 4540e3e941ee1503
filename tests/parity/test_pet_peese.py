"""PET and PEESE against lm() of three versions of R, and of the one that is here."""

import pytest

from pymeta.harness.backends.recorded import RecordedReference
from tests.parity import pet_peese_grid
from tests.parity.judging import RECORDED, VERSIONS, complaints_of
from tests.parity.pet_peese_grid import CASES, DATASETS, call_of


def complaints(name, outcome):
    assert outcome.error is None, outcome.error
    return [text for case, agreement in pet_peese_grid.judged(name, outcome) for text in complaints_of(case, agreement)]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", DATASETS)
def test_what_r_said(name, version):
    assert complaints(name, RecordedReference(RECORDED, version).run(call_of(name))) == []


def test_what_r_says(worker):
    assert complaints("dat.bcg", worker.run(call_of("dat.bcg"), timeout=300)) == []


def test_both_are_chosen_somewhere():
    found = {pet_peese_grid.ours(name, case)["pval_pet"] < 0.1 for name in DATASETS for case in CASES}
    assert found == {True, False}


PLANTED = {
    "an intercept": ("pet.beta", lambda x: x + 1e-12),
    "a standard error": ("peese.se", lambda x: x * (1 + 1e-11)),
    "a t": ("pet.zval", lambda x: x + 1e-11),
    "a p-value": ("peese.pval", lambda x: x * (1 + 1e-10)),
    "the dispersion": ("pet.dispersion", lambda x: x * (1 + 1e-11)),
    "a bound": ("peese.ci_ub", lambda x: x + 1e-11),
    "the p-value that chooses": ("pval_pet", lambda x: x * (1 + 1e-10)),
    "the choice": ("conditional", lambda x: x[::-1]),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant, monkeypatch):
    name, change = PLANTED[plant]
    right = pet_peese_grid.ours

    def planted(dataset, case):
        found = right(dataset, case)
        return {**found, name: change(found[name])}

    monkeypatch.setattr(pet_peese_grid, "ours", planted)
    assert complaints("dat.bcg", RecordedReference(RECORDED, VERSIONS[-1]).run(call_of("dat.bcg"))) != []
