"""Every transformation against metafor: what three versions of it said, and the one that is here."""

import numpy as np
import pytest

from pymeta.effects.transforms import TRANSFORMS
from pymeta.harness.backends.recorded import RecordedReference
from tests.parity import transform_grid
from tests.parity.judging import RECORDED, VERSIONS, complaints_of
from tests.parity.transform_grid import CASES, call_of


def complaints(outcome, plant=None):
    """What speaks against pymeta, and the transformations that this R knows."""
    judged = list(transform_grid.judged(outcome, plant))
    found = [text for case, agreement in judged for text in complaints_of(case.known_as, agreement)]
    return found, {case.name for case, _ in judged}


@pytest.mark.parametrize("version", VERSIONS)
def test_what_r_said(version):
    found, known = complaints(RecordedReference(RECORDED, version).run(call_of()))
    assert found == []
    assert known == set(TRANSFORMS) or version != VERSIONS[-1]


def test_what_r_says(worker):
    found, known = complaints(worker.run(call_of(), timeout=300))
    assert found == []
    assert len(known) > 20


def test_every_transformation_has_its_cases():
    assert {case.name for case in CASES} == set(TRANSFORMS)


PLANTED = {
    "a number in its 12th digit": ("transf_ilogit", lambda value: value * (1 + 3e-12)),
    "a mean in its 9th": ("transf_ztor_int", lambda value: value + 3e-9),
    "a mode in its 3rd": ("transf_ztor_mode", lambda value: value + 1e-3),
    "a number that is missing": ("transf_ipft", lambda value: np.where(value > 0.4, np.nan, value)),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant):
    name, change = PLANTED[plant]

    def planted(case, ours):
        if case.name == name:
            ours["value"] = change(ours["value"])

    outcome = RecordedReference(RECORDED, VERSIONS[-1]).run(call_of())
    assert complaints(outcome)[0] == []
    assert complaints(outcome, planted)[0]
