"""rma_mh and rma_peto against metafor: what three versions of it said, and the one that is here."""

import numpy as np
import pytest

from pymeta.harness import plain
from pymeta.harness.backends.recorded import RecordedReference
from tests.parity import table_models_grid as grid
from tests.parity.judging import RECORDED, VERSIONS, complaints_of
from tests.parity.table_models_grid import KINDS, MEASURES, cases_of
from tests.parity.test_printing import lines_of_r


def complaints(kind, outcome, plant=None, data=None):
    """What speaks against pymeta, in words, and how many fits there were to compare."""
    judged = list(grid.judged(kind, outcome, plant, data=data))
    return [text for case, agreement in judged for text in complaints_of(case.name, agreement)], len(judged)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_r_said(kind, version):
    found, shared = complaints(kind, RecordedReference(RECORDED, version).run(grid.call_of(kind)))
    assert found == []
    assert shared > 0.75 * len(list(cases_of(kind)))


@pytest.mark.parametrize("kind", KINDS)
def test_what_r_says(kind, worker):
    assert complaints(kind, worker.run(grid.call_of(kind), timeout=300))[0] == []


def test_every_measure_and_enough_data_sets():
    assert {case.measure for kind in KINDS for case in cases_of(kind)} == {"OR", "RR", "RD", "IRR", "IRD", "PETO"}
    assert sum(name.startswith("dat.") for kind in KINDS for name in grid.data_of(kind)) >= 9
    assert all(MEASURES[kind] for kind in KINDS)
    assert len(VERSIONS) >= 3


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("place", range(len(grid.PRINTED)))
def test_prints_as_metafor_does(place, version):
    case, summarised = grid.PRINTED[place]
    theirs = plain(RecordedReference(RECORDED, version).run(grid.printed_call(case, summarised=summarised)).value)
    result = grid.fitted(case)
    ours = result.summary() if summarised else str(result)
    assert ours.split("\n\nLeft out:")[0].split("\n") == lines_of_r(theirs)


PLANTED = {
    "the estimate in its 12th digit": lambda ours: ours.update(beta=ours["beta"] * (1 + 3e-12)),
    "a p-value in its 11th digit": lambda ours: ours.update(TAp=ours["TAp"] * (1 + 1e-10)),
    "Tarone's statistic as Breslow and Day's": lambda ours: ours.update(TA=ours["BD"]),
    "Cochran's test as that of Mantel and Haenszel": lambda ours: ours.update(MH=ours["CO"]),
    "the two likelihoods exchanged": lambda ours: ours.update(ML=ours["REML"], REML=ours["ML"]),
    "one table too many": lambda ours: ours.update(k=ours["k"] + 1),
    "weights in percent": lambda ours: ours.update(weights=100 * ours["weights"] / np.sum(ours["weights"])),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant):
    outcome = RecordedReference(RECORDED, VERSIONS[-1]).run(grid.call_of("tables"))
    assert complaints("tables", outcome, PLANTED[plant], "dat.bcg")[0]
    assert not complaints("tables", outcome, data="dat.bcg")[0]
