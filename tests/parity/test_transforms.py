"""Every transformation against metafor: what three versions of it said, and the one that is here."""

import numpy as np
import pytest

from pymeta.effects.transforms import TRANSFORMS
from pymeta.harness import compare, plain
from pymeta.harness.backends.recorded import RecordedReference, environments
from pymeta.resources import shipped
from tests.parity import transform_grid
from tests.parity.transform_grid import CASES, call_of

RECORDED = shipped("fixtures", "recorded")
VERSIONS = [slug for slug in environments(RECORDED) if "metafor" in slug]
UNKNOWN = "not an exported object"
CHANGED_SINCE = {
    "3.8.1": {
        "transf_rtoz": "gave NaN beyond ±1, where later versions give ±Inf",
        "transf_exp_int": "integrated numerically what later versions have in closed form",
    }
}
"""What an old metafor did in another way; each must be seen to."""


def complaints(outcome, plant=None):
    """What speaks against pymeta, and the transformations that this R knows."""
    found, known = [], set()
    for case, theirs in zip(CASES, map(plain_dict, plain(outcome.value)), strict=True):
        if UNKNOWN in str(theirs.get("error", "")):
            continue
        known.add(case.name)
        ours = transform_grid.ours(case)
        if plant is not None:
            plant(case, ours)
        agreement = compare(ours, theirs, {"value": transform_grid.rule(case)})
        found += [f"{case.name}, {case.label}: {row}" for row in agreement.quantities if not agreement.ok]
    return found, known


def plain_dict(theirs):
    return theirs if isinstance(theirs, dict) else plain(theirs)


def names(found):
    return {one.split(",")[0] for one in found}


def changed_since(outcome):
    return set(CHANGED_SINCE.get(outcome.environment.packages["metafor"].replace("-", "."), ()))


@pytest.mark.parametrize("version", VERSIONS)
def test_what_r_said(version):
    outcome = RecordedReference(RECORDED, version).run(call_of())
    found, known = complaints(outcome)
    assert names(found) == changed_since(outcome), found
    assert known == set(TRANSFORMS) or version != VERSIONS[-1]


def test_what_r_says(worker):
    outcome = worker.run(call_of(), timeout=300)
    found, known = complaints(outcome)
    assert names(found) == changed_since(outcome), found
    assert len(known) > 20


def test_every_transformation_has_its_cases():
    assert {case.name for case in CASES} == set(TRANSFORMS)


PLANTED = {
    "a number in its 12th digit": ("transf_ilogit", lambda value: value * (1 + 3e-12)),
    "a mean in its 6th": ("transf_ztor_int", lambda value: value + 3e-6),
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
