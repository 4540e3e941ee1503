"""fsn against metafor: what three versions said, and the one that is here."""

import numpy as np
import pytest

from pymeta.harness import plain
from pymeta.harness.backends.recorded import RecordedReference
from tests.parity import failsafe_grid
from tests.parity.failsafe_grid import DATASETS, call_of, cases_of, found_in
from tests.parity.judging import RECORDED, VERSIONS, complaints_of

NEWEST = VERSIONS[-1]


def complaints(name, outcome):
    assert outcome.error is None, outcome.error
    return [text for case, agreement in failsafe_grid.judged(name, outcome) for text in complaints_of(case, agreement)]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", DATASETS)
def test_what_r_said(name, version):
    assert complaints(name, RecordedReference(RECORDED, version).run(call_of(name))) == []


def test_what_r_says(worker):
    assert complaints("dat.bcg", worker.run(call_of("dat.bcg"), timeout=300)) == []


def test_numbers_differ_by_one_and_that_by_r_s_search_alone():
    """R's number is the least that does, or the next; never a smaller one, and never of a closed form."""
    apart = set()
    for name in DATASETS:
        said = plain(RecordedReference(RECORDED, NEWEST).run(call_of(name)).value)
        for case, theirs in zip(cases_of(name), said, strict=True):
            excess = float(np.ravel(theirs["fsnum"])[0]) - found_in(name, case).fsnum
            apart.add((case.startswith("General"), excess))
    assert apart == {(False, 0.0), (True, 0.0), (True, 1.0)}


PLANTED = {
    "a number": ("fsnum", lambda x: x - 1.0),
    "an average": ("est", lambda x: x + 1e-11),
    "a tau2": ("tau2.fsn", lambda x: x + 1e-11),
    "a p-value": ("pval.fsn", lambda x: x * (1 + 1e-8)),
    "a target": ("target", lambda x: -x),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant, monkeypatch):
    name, change = PLANTED[plant]
    right = failsafe_grid.ours

    def planted(dataset, case, said):
        found = right(dataset, case, said)
        return {**found, name: change(found[name])}

    monkeypatch.setattr(failsafe_grid, "ours", planted)
    assert complaints("dat.bcg", RecordedReference(RECORDED, NEWEST).run(call_of("dat.bcg"))) != []
