"""The conversions against metafor: what versions 4.8 and 5.2 said, and the R that is here where it has them (not 3.8)."""

import numpy as np
import pytest

from pymeta.harness.backends.recorded import RecordedReference
from tests.parity import conversion_grid
from tests.parity.conversion_grid import CASES, VERSIONS, call_of
from tests.parity.judging import RECORDED, complaints_of


def complaints(outcome, plant=None):
    """What speaks against pymeta, and the cases of conversions that this R knows."""
    judged = list(conversion_grid.judged(outcome, plant))
    found = [text for case, agreement in judged for text in complaints_of(case.known_as, agreement)]
    return found, {(case.name, case.label) for case, _ in judged}


@pytest.mark.parametrize("version", VERSIONS)
def test_what_r_said(version):
    found, known = complaints(RecordedReference(RECORDED, version).run(call_of()))
    assert found == []
    assert known == {(case.name, case.label) for case in CASES} or version != VERSIONS[-1]


def test_what_r_says(worker):
    outcome = worker.run(call_of(), timeout=300)
    found, known = complaints(outcome)
    assert found == []
    assert bool(known) == (not outcome.environment.packages["metafor"].startswith("3."))


def test_the_two_versions_that_have_them_are_recorded():
    assert len(VERSIONS) >= 2


PLANTED = {
    "a mean in its 12th digit": ("conv_fivenum", "mean", lambda value: value * (1 + 3e-12)),
    "a critical value": ("conv_fivenum", "crit", lambda value: value * 1.01),
    "a cell": ("conv_2x2", "di", lambda value: value + 1),
    "a variance by an interval": ("conv_wald", "vi", lambda value: value * (1 + 3e-12)),
    "a variance by a derivative": ("conv_delta", "vi", lambda value: value * (1 + 1e-6)),
    "a row that is missing": ("conv_delta", "yi", lambda value: np.where(np.arange(len(value)) == 1, np.nan, value)),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant):
    name, quantity, change = PLANTED[plant]

    def planted(case, ours):
        if case.name == name and quantity in ours:
            ours[quantity] = change(ours[quantity])

    outcome = RecordedReference(RECORDED, VERSIONS[-1]).run(call_of())
    assert complaints(outcome)[0] == []
    assert complaints(outcome, planted)[0]
