"""R's random numbers, to the bit: what three versions of R drew, and the one that is here."""

import numpy as np
import pytest

from pymeta.harness import plain
from pymeta.harness.backends.recorded import RecordedReference
from pymeta.numerics import r_random
from tests.parity import r_random_grid
from tests.parity.judging import RECORDED, VERSIONS
from tests.parity.r_random_grid import KINDS, SEEDS, call_of


def differing(outcome, found):
    assert outcome.error is None, outcome.error
    said = plain(outcome.value)
    assert set(said) == set(KINDS)
    return [kind for kind in KINDS if not np.array_equal(said[kind], found[kind])]


@pytest.fixture(scope="module")
def drawn():
    return {seed: r_random_grid.ours(seed) for seed in SEEDS}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("seed", SEEDS)
def test_what_r_drew(seed, version, drawn):
    assert differing(RecordedReference(RECORDED, version).run(call_of(seed)), drawn[seed]) == []


def test_what_r_draws(worker, drawn):
    assert differing(worker.run(call_of(0), timeout=300), drawn[0]) == []


def test_another_seed_is_seen(drawn):
    assert differing(RecordedReference(RECORDED, VERSIONS[0]).run(call_of(0)), drawn[1234]) == list(KINDS)


def test_a_changed_last_bit_is_seen(monkeypatch):
    right = r_random.r_qnorm
    monkeypatch.setattr(r_random, "r_qnorm", lambda p: np.nextafter(right(p), 9.0, where=p > 0.99999, out=right(p)))
    found = r_random_grid.ours(0)
    assert differing(RecordedReference(RECORDED, VERSIONS[0]).run(call_of(0)), found) == ["rnorm"]
