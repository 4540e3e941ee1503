"""Tests, likelihood ratios, inflation factors, robust variances and residuals against metafor: recorded and live."""

import numpy as np
import pytest

from pymeta.errors import PymetaError
from pymeta.harness import applicable, compare, plain, read_divergences
from pymeta.harness.agreement import VERDICTS
from pymeta.harness.backends.recorded import RecordedReference, environments
from pymeta.resources import shipped
from tests.parity import anova_grid
from tests.parity.anova_grid import DATASETS, cases_of, name_of

RECORDED = shipped("fixtures", "parity")
KNOWN = read_divergences(shipped("fixtures", "divergences.toml"))
VERSIONS = [slug for slug in environments(RECORDED) if "metafor" in slug]


def complaints(dataset, outcome, plant=None):
    """What speaks against pymeta, in words."""
    assert outcome.error is None, outcome.error
    versions = {"R": outcome.environment.r_version, **outcome.environment.packages}
    found = []
    for case, theirs in zip(cases_of(dataset), plain(outcome.value), strict=True):
        name = name_of(dataset, case)
        try:
            ours = anova_grid.ours(dataset, case)
        except PymetaError as error:
            found += [] if "error" in theirs else [f"{name}: {error}"]
            continue
        if "error" in theirs:
            found.append(f"{name}: R: {theirs['error']}")
            continue
        if plant is not None:
            plant(ours)
        entries = applicable(KNOWN, name, versions)
        agreement = compare(ours, theirs, anova_grid.rules(case["method"], ours), divergences=entries)
        found += [f"{name}: {row}" for row in agreement.quantities if not VERDICTS[row.verdict]]
    return found


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("dataset", DATASETS)
def test_what_r_said(dataset, version):
    assert complaints(dataset, RecordedReference(RECORDED, version).run(anova_grid.call_of(dataset))) == []


@pytest.mark.parametrize("dataset", DATASETS[::2])
def test_what_r_says(dataset, worker):
    assert complaints(dataset, worker.run(anova_grid.call_of(dataset), timeout=300)) == []


def test_enough_is_asked():
    asked = [case for dataset in DATASETS for case in cases_of(dataset)]
    assert {(case["method"], case["test"]) for case in asked} == {(m, t) for m in anova_grid.METHODS for t in ("z", "knha")}
    assert len(DATASETS) >= 10
    assert len(VERSIONS) >= 3


def changed(name, change):
    return lambda ours: name in ours and ours.update({name: change(ours[name])})


PLANTED = {
    "a hat value in its 11th digit": changed("hat", lambda x: x * (1 + 3e-11)),
    "a robust covariance by 1 + 1e-7": changed("cr1_vb", lambda x: x * (1 + 1e-7)),
    "a studentised residual's standard error": changed("rstudent_se", lambda x: x * (1 + 1e-6)),
    "p-values of Holm as of Hochberg": lambda ours: "X_p_holm" in ours and ours.update(X_p_holm=ours["X_p_hochberg"]),
    "a likelihood ratio halved": changed("LRT_LRT", lambda x: x / 2),
    "R² as a share": changed("LRT_R2", lambda x: x / 100),
    "an inflation factor's root": changed("vif", np.sqrt),
    "one degree of freedom more": changed("default_QMdf", lambda x: x + np.array([0, 1])),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant):
    outcome = RecordedReference(RECORDED, VERSIONS[-1]).run(anova_grid.call_of("dat.bcg"))
    assert complaints("dat.bcg", outcome, PLANTED[plant])
