"""Robust variances against clubSandwich, marginal means against emmeans, subgroups against metafor."""

import numpy as np
import pytest

from pymeta.harness import compare, plain
from pymeta.harness.agreement import VERDICTS
from pymeta.harness.backends.recorded import RecordedReference, environments
from pymeta.resources import shipped
from tests.parity import sandwich_grid
from tests.parity.sandwich_grid import ASKED, cases_of

RECORDED = shipped("fixtures", "parity")
VERSION = next(
    slug for slug in environments(RECORDED) if "metafor-3.8" in slug
)  # where clubSandwich and emmeans were at hand


def complaints(function, name, outcome, plant=None):
    assert outcome.error is None, outcome.error
    found = []
    for case, theirs in zip(cases_of(function, name), plain(outcome.value), strict=True):
        ours = sandwich_grid.ours(function, name, case)
        if plant is not None:
            plant(ours)
        agreement = compare(ours, sandwich_grid.flat(theirs), sandwich_grid.rules(case["method"], ours))
        found += [f"{function} {name} {case}: {row}" for row in agreement.quantities if not VERDICTS[row.verdict]]
    return found


@pytest.mark.parametrize(("function", "name"), ASKED)
def test_what_r_said(function, name):
    assert complaints(function, name, RecordedReference(RECORDED, VERSION).run(sandwich_grid.call_of(function, name))) == []


def test_what_r_says(worker):
    """The one that needs no package beside metafor."""
    assert complaints("subgroup", "dat.bcg", worker.run(sandwich_grid.call_of("subgroup", "dat.bcg"), timeout=300)) == []


PLANTED = {
    "club": lambda ours: ours.update(CR2_df=ours["CR2_df"] * (1 + 1e-7)),
    "means": lambda ours: ours.update(se=ours["se"] * (1 + 1e-7)),
    "subgroup": lambda ours: ours.update(QB=ours["common_QB"]),
}


@pytest.mark.parametrize("function", PLANTED)
def test_a_planted_error_goes_red(function):
    outcome = RecordedReference(RECORDED, VERSION).run(sandwich_grid.call_of(function, "dat.bcg"))
    assert complaints(function, "dat.bcg", outcome, PLANTED[function])


def test_every_function_is_asked():
    assert {function for function, _ in ASKED} == set(PLANTED)
    assert np.all([len(cases_of(function, name)) > 2 for function, name in ASKED])
