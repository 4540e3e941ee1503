"""Selection models against metafor: what three versions said, and the one that is here."""

import numpy as np
import pytest

from pymeta.harness import plain
from pymeta.harness.backends.recorded import RecordedReference
from tests.parity import selection_grid
from tests.parity.judging import RECORDED, VERSIONS, complaints_of
from tests.parity.selection_grid import ALTERNATIVES, call_of


def complaints(name, outcome):
    assert outcome.error is None, outcome.error
    return [text for case, agreement in selection_grid.judged(name, outcome) for text in complaints_of(case, agreement)]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ALTERNATIVES)
def test_what_r_said(name, version):
    assert complaints(name, RecordedReference(RECORDED, version).run(call_of(name))) == []


def test_what_r_says(worker):
    """Of one data set, without what R integrates for long."""
    call, cases = call_of("dat.cohen1981"), list(selection_grid.cases_of("dat.cohen1981"))
    outcome = worker.run(call, timeout=300)
    assert len(outcome.value) == len(cases)
    assert complaints("dat.cohen1981", outcome) == []


def test_most_have_a_maximum_inside():
    """The newest metafor has an answer to each case, and for most of them a place that Newton's steps reach."""
    ends = []
    for name in ALTERNATIVES:
        said = plain(RecordedReference(RECORDED, VERSIONS[-1]).run(call_of(name)).value)
        ends += ["error" if "error" in one else "inside" if "beta" in one else "at an end" for one in said]
    assert (ends.count("inside"), ends.count("at an end")) == (84, 33)


PLANTED = {
    "a coefficient in its 8th digit": ("beta", lambda x: x + 3e-9),
    "a selection parameter": ("delta", lambda x: x * (1.0 + 1e-7)),
    "a standard error": ("se_delta", lambda x: x * (1.0 + 3e-6)),
    "a tau2": ("tau2", lambda x: x + 1e-8),
    "a likelihood": ("ML", lambda x: x * (1.0 + 1e-7)),
    "a likelihood where R stopped": ("start_ll", lambda x: x + 3e-10),
    "a test": ("LRT", lambda x: x + 1e-7),
    "its degrees of freedom": ("LRTdf", lambda x: x + 1.0),
    "a maximum that is none": ("no_higher", np.zeros_like),
    "a count": ("counts", lambda x: x + 1.0),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant, monkeypatch):
    name, change = PLANTED[plant]
    right = selection_grid.ours

    def planted(dataset, case, start):
        found = right(dataset, case, start)
        return {**found, name: change(found[name])} if case["type"] == "stepfun" else found

    monkeypatch.setattr(selection_grid, "ours", planted)
    assert complaints("dat.linde2005", RecordedReference(RECORDED, VERSIONS[-1]).run(call_of("dat.linde2005"))) != []
