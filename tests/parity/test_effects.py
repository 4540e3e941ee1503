"""Every effect measure against metafor: what three versions of it said, and the one that is here."""

import numpy as np
import pytest

from pymeta.effects.measures import MEASURES
from pymeta.harness import applicable, compare, plain, read_divergences
from pymeta.harness.agreement import VERDICTS
from pymeta.harness.backends.recorded import RecordedReference, environments
from pymeta.harness.calls import Condition
from pymeta.resources import shipped
from tests.parity import effect_grid
from tests.parity.effect_grid import KINDS, cases_of, data_of, module_of

RECORDED = shipped("fixtures", "recorded")
KNOWN = read_divergences(shipped("fixtures", "divergences.toml"))
VERSIONS = [slug for slug in environments(RECORDED) if "metafor" in slug]
UNKNOWN = ("unknown 'measure'", "please install the '")  # UCOR needs R's gsl, RTET mvtnorm; the recorded Rs have both


def complaints(kind, outcome, plant=None):
    """What speaks against pymeta, and the measures that this R knows."""
    data, found, known = data_of(kind), [], set()
    versions = {"R": outcome.environment.r_version, **outcome.environment.packages}
    for case, theirs in zip(cases_of(kind), plain(outcome.value), strict=True):
        if any(text in str(theirs.get("error", "")).lower() for text in UNKNOWN):
            continue
        known.add(case.measure)
        ours = effect_grid.ours(case, data[case.data])
        if plant is not None:
            plant(ours)
        judge = Condition(("error",), theirs["error"]) if "error" in theirs else theirs
        entries = applicable(KNOWN, case.name, versions)
        agreement = compare(ours, judge, effect_grid.rules(kind, case, ours), divergences=entries)
        found += [f"{case.name}: {row}" for row in agreement.quantities if not VERDICTS[row.verdict]]
    return found, known


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
        assert {case.measure for case in cases_of(kind)} == set(module_of(kind).MEASURES)


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
