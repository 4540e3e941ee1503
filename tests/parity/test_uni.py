"""rma on real data sets against metafor: what three versions of it said, and the one that is here."""

import numpy as np
import pytest

from pymeta.harness.backends.recorded import RecordedReference
from pymeta.tau2.methods import TAU2
from tests.parity import uni_grid
from tests.parity.judging import RECORDED, VERSIONS, complaints_of
from tests.parity.uni_grid import DATASETS, cases_of


def complaints(dataset, outcome, plant=None):
    """What speaks against pymeta, in words."""
    assert outcome.error is None, outcome.error
    return [text for name, agreement in uni_grid.judged(dataset, outcome, plant) for text in complaints_of(name, agreement)]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("dataset", DATASETS)
def test_what_r_said(dataset, version):
    assert complaints(dataset, RecordedReference(RECORDED, version).run(uni_grid.call_of(dataset))) == []


@pytest.mark.parametrize("dataset", DATASETS[::8])
def test_what_r_says(dataset, worker):
    assert complaints(dataset, worker.run(uni_grid.call_of(dataset), timeout=300)) == []


def test_every_estimator_and_enough_data_sets():
    assert {case["method"] for dataset in DATASETS for case in cases_of(dataset)} == set(TAU2) - set(uni_grid.WITHOUT_R)
    assert len(DATASETS) >= 25
    assert len(VERSIONS) >= 3


PLANTED = {
    "tau2 in its 7th digit": lambda ours: "tau2" in ours and ours.update(tau2=ours["tau2"] * (1 + 1e-6)),
    "a p-value in its 6th digit": lambda ours: "pval" in ours and ours.update(pval=ours["pval"] * (1 + 1e-5)),
    "AIC as BIC": lambda ours: "ML" in ours and ours.update(ML=ours["ML"][[0, 1, 3, 3, 4]]),
    "R² as a share": lambda ours: "R2" in ours and ours.update(R2=ours["R2"] / 100),
    "a covariance's sign": lambda ours: "vb" in ours and ours.update(vb=np.abs(ours["vb"])),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant):
    outcome = RecordedReference(RECORDED, VERSIONS[-1]).run(uni_grid.call_of("dat.bcg"))
    assert complaints("dat.bcg", outcome, PLANTED[plant])
