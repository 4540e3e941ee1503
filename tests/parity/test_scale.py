"""Location-scale models against metafor: what three versions of it said, and the one that is here."""

import numpy as np
import pytest

from pymeta.errors import ConvergenceError
from pymeta.harness import applicable, compare, plain, read_divergences
from pymeta.harness.agreement import VERDICTS
from pymeta.harness.backends.recorded import RecordedReference, environments
from pymeta.resources import shipped
from tests.parity import scale_grid
from tests.parity.scale_grid import DATASETS, call_of, cases_of, name_of

RECORDED = shipped("fixtures", "parity")
KNOWN = read_divergences(shipped("fixtures", "divergences.toml"))
VERSIONS = [slug for slug in environments(RECORDED) if "metafor" in slug]
MISSING = "install the 'numDeriv' package"  # without which metafor fits no such model
DRIFTED = 300.0
"""A standard error of a logarithm that says that R has stopped on its way to infinity."""


def complaints(dataset, outcome, plant=None):
    """What speaks against pymeta, and how many cases were judged."""
    found, judged = [], 0
    versions = {"R": outcome.environment.r_version, **outcome.environment.packages}
    for case, said in zip(cases_of(dataset), plain(outcome.value), strict=True):
        if MISSING in str(said.get("error", "")):
            continue
        assert "error" not in said, (case, said["error"])
        judged += 1
        found += [f"{name_of(dataset, case)}: {text}" for text in _against(dataset, case, said, versions, plant)]
    return found, judged


def _against(dataset, case, said, versions, plant):
    try:
        ours = scale_grid.ours(dataset, case)
    except ConvergenceError:
        return [] if drifted(said) else ["pymeta sees no maximum, and R has one"]
    if plant is not None:
        plant(ours)
    if np.isnan(ours["se_alpha"]).all():
        return at_the_bound(case["method"], ours, said)
    agreement = compare(
        ours, said, scale_grid.rules(case, said), divergences=applicable(KNOWN, name_of(dataset, case), versions)
    )
    return [str(row) for row in agreement.quantities if not VERDICTS[row.verdict]]


def numbers(value):
    """A quantity as doubles, NaN where R says NA."""
    if hasattr(value, "is_na"):
        return np.array(
            [np.nan if gone else one for one, gone in zip(value.values, value.is_na(), strict=True)], dtype=float
        )
    return np.asarray(value, dtype=float)


def drifted(said):
    se = numbers(said["se_alpha"])
    return bool((np.isnan(se) | (se > DRIFTED)).any())


def at_the_bound(method, ours, said):
    """metafor's optimiser stays away from tau² = 0: it must be near, and not higher."""
    mine, theirs = ours[method][0], numbers(said[method])[0]
    higher = ["R's likelihood is higher"] if theirs > mine + 1e-9 else []
    far = np.abs(numbers(said["beta"]) - ours["beta"]) > 0.02 * ours["se"]
    return higher + ["R is elsewhere"] * bool(far.any() or mine - theirs > 0.01)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("dataset", DATASETS)
def test_what_r_said(dataset, version):
    outcome = RecordedReference(RECORDED, version).run(call_of(dataset))
    found, judged = complaints(dataset, outcome)
    assert found == []
    assert judged == len(list(cases_of(dataset)))


def test_what_r_says(worker):
    """One data set: R differentiates its own likelihood for digits, which takes it seconds a model."""
    outcome = worker.run(call_of("dat.collins1985b"), timeout=300)
    assert complaints("dat.collins1985b", outcome)[0] == []


def test_the_grid_has_every_kind_of_end():
    """Models with a maximum inside, at tau² = 0, and without one."""
    ends = set()
    for dataset in DATASETS:
        for case in cases_of(dataset):
            try:
                ends.add((case["link"], bool(scale_grid.fitted(dataset, case).solve.at_zero)))
            except ConvergenceError:
                ends.add((case["link"], None))
    assert ends == {("log", False), ("log", None), ("identity", False), ("identity", True)}


PLANTED = {
    "a coefficient in its 8th digit": lambda ours: ours.update(alpha=ours["alpha"] + 3e-8 * ours["se_alpha"]),
    "a standard error in its 6th": lambda ours: ours.update(se_alpha=ours["se_alpha"] * (1.0 + 3e-6)),
    "a tau2": lambda ours: ours.update(tau2=ours["tau2"] * (1.0 + 3e-8)),
    "the other likelihood": lambda ours: ours.update(ML=ours["REML"]),
    "a degree of freedom": lambda ours: ours.update(ddf_alpha=ours["ddf_alpha"] + 1.0),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant):
    outcome = RecordedReference(RECORDED, VERSIONS[-1]).run(call_of("dat.collins1985b"))
    assert complaints("dat.collins1985b", outcome, PLANTED[plant])[0]
