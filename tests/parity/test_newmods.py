"""predict at moderators by name against metafor: what three versions of it said, and the one that is here."""

import pytest

from pymeta.generics import new_rows
from pymeta.harness.backends.recorded import RecordedReference
from tests.parity import newmods_grid
from tests.parity.judging import RECORDED, VERSIONS, complaints_of
from tests.parity.newmods_grid import call_of


def complaints(outcome):
    assert outcome.error is None, outcome.error
    return [text for name, agreement in newmods_grid.judged(outcome) for text in complaints_of(name, agreement)]


@pytest.mark.parametrize("version", VERSIONS)
def test_what_r_said(version):
    assert complaints(RecordedReference(RECORDED, version).run(call_of())) == []


def test_what_r_says(worker):
    assert complaints(worker.run(call_of())) == []


def test_half_are_refused_and_half_are_not():
    refused = [isinstance(newmods_grid.ours(mods, values), Exception) for _, mods, values in newmods_grid.cases()]
    assert 0.3 < sum(refused) / len(refused) < 0.7


PLANTED = {
    "the first that has it": lambda argument, asked, names: next((name for name in names if asked in name), ""),
    "names that are not there": lambda argument, asked, names: next((name for name in names if asked in name), names[-1]),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant, monkeypatch):
    monkeypatch.setattr(new_rows, "_name_of", PLANTED[plant])
    assert complaints(RecordedReference(RECORDED, VERSIONS[-1]).run(call_of())) != []


def test_names_that_are_ignored_go_red(monkeypatch):
    monkeypatch.setattr(new_rows, "named_values", lambda values: None)
    assert complaints(RecordedReference(RECORDED, VERSIONS[-1]).run(call_of())) != []
