"""The functions that put data into another shape against metafor: what three versions said, and the one that is here."""

import numpy as np
import pytest

from pymeta.harness.backends.recorded import RecordedReference
from tests.parity import shaping_cases
from tests.parity.judging import RECORDED, VERSIONS, complaints_of
from tests.parity.shaping_cases import CASES, call_of


def complaints(outcome, plant=None):
    """What speaks against pymeta, and the cases that this R knows."""
    judged = list(shaping_cases.judged(outcome, plant))
    found = [text for case, agreement in judged for text in complaints_of(case.known_as, agreement)]
    return found, {(case.fun, case.name) for case, _ in judged}


@pytest.mark.parametrize("version", VERSIONS)
def test_what_r_said(version):
    found, known = complaints(RecordedReference(RECORDED, version).run(call_of()))
    assert found == []
    assert len(known) == len(CASES) or version != VERSIONS[-1]


def test_what_r_says(worker):
    assert complaints(worker.run(call_of(), timeout=300))[0] == []


def test_every_case_has_its_name():
    assert len({(case.fun, case.name) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("fun", sorted(shaping_cases.HERE_DONE))
def test_a_planted_error_is_found(fun):
    """One number, or one text, of every function's answers is changed."""

    def plant(case, ours):
        if case.fun == fun:
            name = next(iter(ours))
            values = np.array(ours[name])
            number = values.dtype.kind in "fiu"
            ours[name] = values * (1.0 + 1e-11) + 1e-300 if number else ["other", *list(ours[name])[1:]]

    reference = RecordedReference(RECORDED, VERSIONS[-1])
    assert any(f"shaping/{fun}/" in row for row in complaints(reference.run(call_of()), plant)[0])
