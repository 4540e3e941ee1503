"""The conversions against metafor: what versions 4.8 and 5.2 said, and the R that is here where it has them (not 3.8)."""

import numpy as np
import pytest

from pymeta.harness import compare, plain
from pymeta.harness.backends.recorded import RecordedReference, environments
from pymeta.resources import shipped
from tests.parity import conversion_grid
from tests.parity.conversion_grid import CASES, call_of

RECORDED = shipped("fixtures", "recorded")
VERSIONS = [slug for slug in environments(RECORDED) if "metafor" in slug and "metafor-3." not in slug]
UNKNOWN = ("not an exported object", "unused argument")
CHANGED_SINCE = {
    "4.8.0": {
        "conv_2x2, fixed: no table for an odds ratio of 1",
        "conv_2x2, fixed, no correction: no table for an odds ratio of 1",
        "conv_wald, fixed: a test before an upper bound alone",
        "conv_wald, as they are: a test before an upper bound alone",
        "conv_wald, levels: a test before an upper bound alone",
        "conv_wald, replace all: a test before an upper bound alone",
    }
}
"""What an old metafor did in another way; each must be seen to."""


def complaints(outcome, plant=None):
    """What speaks against pymeta by case, and the conversions that this R knows."""
    found, known = {}, set()
    for case, said in zip(CASES, plain(outcome.value), strict=True):
        if any(text in str(said.get("error", "")) for text in UNKNOWN):
            continue
        known.add((case.name, case.label))
        ours = conversion_grid.ours(case)
        if plant is not None:
            plant(case, ours)
        theirs = {name: doubles(value) for name, value in said.items()}
        agreement = compare(ours, theirs, {name: conversion_grid.rule(case, name) for name in ours})
        if not agreement.ok:
            found[f"{case.name}, {case.label}"] = [row for row in agreement.quantities if row.verdict != "agree"]
    return found, known


def doubles(value):
    """A vector of nothing but NA stays R's own when it is read."""
    return value if isinstance(value, np.ndarray | str) else np.full(len(value.values), np.nan)


def changed_since(outcome):
    version = outcome.environment.packages["metafor"].replace("-", ".")
    return {one.rpartition(":")[0] for one in CHANGED_SINCE.get(version, ())}


@pytest.mark.parametrize("version", VERSIONS)
def test_what_r_said(version):
    outcome = RecordedReference(RECORDED, version).run(call_of())
    found, known = complaints(outcome)
    assert found.keys() == changed_since(outcome), found
    assert {name for name, _ in known} == {"conv_2x2", "conv_delta", "conv_fivenum", "conv_wald"}
    assert len(known) == len({(case.name, case.label) for case in CASES}) or version != VERSIONS[-1]


def test_what_r_says(worker):
    outcome = worker.run(call_of(), timeout=300)
    found, known = complaints(outcome)
    assert found.keys() == changed_since(outcome), found
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
    assert complaints(outcome)[0] == {}
    assert complaints(outcome, planted)[0]
