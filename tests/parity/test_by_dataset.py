"""The grids of `by_dataset` against R: what three versions said, and the one that is here, of five data sets or more."""

from collections.abc import Mapping

import pytest

from pymeta.harness.backends.recorded import RecordedReference
from tests.parity.by_dataset import BY_DATASET, live
from tests.parity.judging import RECORDED, VERSIONS, complaints_of

EVERY = [(kind, name) for kind, grid in BY_DATASET.items() for name in grid.DATASETS]
LIVE = [(kind, name) for kind, grid in BY_DATASET.items() for name in live(grid)]
PLANTED = [(kind, plant) for kind, grid in BY_DATASET.items() for plant in grid.PLANTED]


def complaints(kind, name, outcome):
    """What speaks against pymeta, in words."""
    assert outcome.error is None, outcome.error
    judged = list(BY_DATASET[kind].judged(name, outcome))
    assert any(agreement.quantities for _, agreement in judged), "nothing was judged"
    return [text for case, agreement in judged for text in complaints_of(case, agreement)]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_what_r_said(kind, name, version):
    assert complaints(kind, name, RecordedReference(RECORDED, version).run(BY_DATASET[kind].call_of(name))) == []


@pytest.mark.parametrize(("kind", "name"), LIVE)
def test_what_r_says(kind, name, worker):
    assert complaints(kind, name, worker.run(BY_DATASET[kind].call_of(name), timeout=300)) == []


@pytest.mark.parametrize("kind", BY_DATASET)
def test_enough_is_asked(kind):
    assert len(live(BY_DATASET[kind])) >= 5
    assert set(live(BY_DATASET[kind])) <= set(BY_DATASET[kind].DATASETS)


@pytest.mark.parametrize(("kind", "plant"), PLANTED)
def test_a_planted_error_goes_red(kind, plant, monkeypatch):
    grid = BY_DATASET[kind]
    name, quantity, change = grid.PLANTED[plant]
    right = grid.ours

    def planted(*asked):
        found = right(*asked)
        holds = isinstance(found, Mapping) and quantity in found
        return {**found, quantity: change(found[quantity])} if holds else found

    monkeypatch.setattr(grid, "ours", planted)
    assert complaints(kind, name, RecordedReference(RECORDED, VERSIONS[-1]).run(grid.call_of(name))) != []
