"""Every effect measure against metafor: what three versions of it said, and the one that is here."""

import numpy as np
import pytest

from pymeta.effects.measures import MEASURES
from pymeta.harness.backends.recorded import RecordedReference
from tests.parity import effect_grid
from tests.parity.effect_grid import KINDS, UNKNOWN, cases_of, module_of
from tests.parity.judging import KNOWN, RECORDED, VERSIONS, complaints_of

__all__ = ["KNOWN", "RECORDED", "UNKNOWN", "VERSIONS"]  # for docs/measures.py


def complaints(kind, outcome, plant=None):
    """What speaks against pymeta, and the measures that this R knows."""
    judged = list(effect_grid.judged(kind, outcome, plant))
    found = [text for case, agreement in judged for text in complaints_of(case.name, agreement)]
    return found, {case.measure for case, _ in judged}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_r_said(kind, version):
    reference = RecordedReference(RECORDED, version)
    found, known = complaints(kind, reference.run(effect_grid.call_of(kind)))
    assert found == []
    assert known == set(module_of(kind).MEASURES) or version != VERSIONS[-1]


@pytest.mark.parametrize("kind", KINDS)
def test_what_r_says(kind, worker):
    outcome = worker.run(effect_grid.call_of(kind), timeout=300)
    assert complaints(kind, outcome)[0] == []


def test_every_measure_has_its_cases():
    asked = [name for kind in KINDS for name in module_of(kind).MEASURES]
    assert sorted(asked) == sorted(MEASURES)
    for kind in KINDS:
        cases = list(cases_of(kind))
        assert {case.measure for case in cases} == set(module_of(kind).MEASURES)
        vtypes = {(case.measure, case.options.get("vtype", MEASURES[case.measure].vtypes[0])) for case in cases}
        assert vtypes == {(name, vtype) for name in module_of(kind).MEASURES for vtype in MEASURES[name].vtypes}


def test_the_newest_r_knows_these_measures_and_no_other():
    assert len(VERSIONS) >= 3
    known = RecordedReference(RECORDED, VERSIONS[-1]).run(effect_grid.names_call()).value
    assert sorted(known.values) == sorted(MEASURES)


def test_this_r_knows_none_that_is_missing(worker):
    """metafor 3.8 has 67 of the 90, 4.8 has 87."""
    known = worker.run(effect_grid.names_call()).value
    assert set(known.values) <= set(MEASURES)
    assert len(known) >= 67


PLANTED = {
    "a variance in its 12th digit": lambda ours: ours.update(vi=ours["vi"] * (1 + 3e-12)),
    "an effect's sign": lambda ours: ours.update(yi=-ours["yi"]),
    "a value that is missing": lambda ours: ours.update(yi=np.where(np.arange(len(ours["yi"])) == 0, np.nan, ours["yi"])),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant):
    outcome = RecordedReference(RECORDED, VERSIONS[-1]).run(effect_grid.call_of("generic"))
    assert complaints("generic", outcome, PLANTED[plant])[0]
