"""puniform_star and puniform against base R: what three versions said, and the one that is here."""

import numpy as np
import pytest

from pymeta.harness.backends.recorded import RecordedReference
from tests.parity import puniform_grid
from tests.parity.judging import RECORDED, VERSIONS, complaints_of
from tests.parity.puniform_grid import SIDES, call_of, fixed_call_of


def complaints(name, outcome):
    assert outcome.error is None, outcome.error
    return [text for case, agreement in puniform_grid.judged(name, outcome) for text in complaints_of(case, agreement)]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", SIDES)
def test_what_r_said(name, version):
    assert complaints(name, RecordedReference(RECORDED, version).run(call_of(name))) == []


def test_what_r_says(worker):
    assert complaints("dat.bcg", worker.run(call_of("dat.bcg"), timeout=300)) == []


PLANTED = {
    "an estimate": ("est", lambda x: x + 1e-8),
    "a bound": ("ci", lambda x: x + np.array([0.0, 1e-8])),
    "a variance": ("tau2", lambda x: x * (1 + 1e-7)),
    "its bound": ("tau2_ci", lambda x: x + np.array([1e-9, 0.0])),
    "a ratio": ("L", lambda x: x * (1 + 1e-7)),
    "a p-value": ("p", lambda x: x * (1 + 1e-5)),
    "the log-likelihood": ("ll", lambda x: x + 1e-6),
    "the plain model": ("re", lambda x: x + 1e-8),
    "a count": ("k_sig", lambda x: x + 1.0),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant, monkeypatch):
    name, change = PLANTED[plant]
    right = puniform_grid.ours

    def planted(dataset, case):
        found = right(dataset, case)
        return {**found, name: change(found[name])} if name in found else found

    monkeypatch.setattr(puniform_grid, "ours", planted)
    assert complaints("dat.bcg", RecordedReference(RECORDED, VERSIONS[-1]).run(call_of("dat.bcg"))) != []


def fixed_complaints(name, outcome):
    assert outcome.error is None, outcome.error
    judged = puniform_grid.fixed_judged(name, outcome)
    return [text for case, agreement in judged for text in complaints_of(case, agreement)]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", SIDES)
def test_what_r_said_of_significant_effects_alone(name, version):
    assert fixed_complaints(name, RecordedReference(RECORDED, version).run(fixed_call_of(name))) == []


def test_what_r_says_of_significant_effects_alone(worker):
    assert fixed_complaints("dat.bcg", worker.run(fixed_call_of("dat.bcg"), timeout=300)) == []


FIXED = {
    "an estimate": ("est", lambda x: x + 1e-12),
    "a bound": ("ci", lambda x: x + np.array([1e-8, 0.0])),
    "a statistic": ("L", lambda x: x * (1 + 1e-11)),
    "a p-value": ("p", lambda x: x * (1 + 1e-5)),
    "the average": ("fe", lambda x: x + 1e-12),
}


@pytest.mark.parametrize("plant", FIXED)
def test_a_planted_error_in_p_uniform_goes_red(plant, monkeypatch):
    name, change = FIXED[plant]
    right = puniform_grid.fixed

    def planted(dataset, case):
        found = right(dataset, case)
        return {**found, name: change(found[name])}

    monkeypatch.setattr(puniform_grid, "fixed", planted)
    outcome = RecordedReference(RECORDED, VERSIONS[-1]).run(fixed_call_of("dat.bcg"))
    assert fixed_complaints("dat.bcg", outcome) != []
