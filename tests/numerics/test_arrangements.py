"""Permutations of signs and rows."""

from itertools import permutations

import numpy as np
import pytest

from pymeta.errors import OptionError
from pymeta.numerics.arrangements import how_many_orders, orders, signs
from pymeta.numerics.r_random import RRandom

X = np.array([[1.0, 2.0], [1.0, 0.0], [1.0, 2.0], [1.0, 1.0], [1.0, 0.0]])


def test_all_orders_make_each_matrix_once():
    found = np.concatenate(list(orders(X, how_many_orders(X), None)))
    made = {X[order].tobytes() for order in found}
    assert len(found) == len(made) == how_many_orders(X) == 30
    assert made == {X[list(order)].tobytes() for order in permutations(range(5))}


def test_all_signs():
    found = np.concatenate(list(signs(4, 16, None)))
    assert len({tuple(row) for row in found}) == 16
    assert found[1].tolist() == [-1.0, 1.0, 1.0, 1.0]


def test_pieces_follow_one_another():
    """More than fit into one piece: as many as were asked for, and only the first is the data's own."""
    found = list(signs(2, 70_000, RRandom(1)))
    assert [len(piece) for piece in found] == [65536, 4464]
    assert found[0][0].tolist() == [1.0, 1.0]
    whole = 2.0 * RRandom(1).sample(2, 140_000, replace=True).reshape(-1, 2) - 1.0
    np.testing.assert_array_equal(np.concatenate(found)[1:], whole[1:])


def test_random_orders_begin_with_the_data():
    assert next(orders(X, 10, RRandom(1)))[0].tolist() == [0, 1, 2, 3, 4]


def test_samples_of_several_sizes_are_those_of_one_after_another():
    one, other = RRandom(9), RRandom(9)
    found = one.samples(7, np.array([3, 7, 1, 0, 2]))
    for row, size in zip(found, (3, 7, 1, 0, 2), strict=True):
        assert row[:size].tolist() == other.sample(7, size).tolist()
        assert (row[size:] == -1).all()


def test_a_state_of_r_goes_on():
    """What R's .Random.seed says after 300 numbers, made from the generator's own words."""
    first = RRandom(42)
    first.runif(624 + 300)
    state = first._bits.state["state"]
    block = RRandom(42)
    block.runif(624)
    words = np.random.MT19937()
    words.state = {"bit_generator": "MT19937", "state": {"key": RRandom(42)._bits.state["state"]["key"], "pos": 624}}
    words.random_raw(624 + 300)
    key = words.state["state"]["key"].astype(np.int64)
    signed = np.where(key >= 2**31, key - 2**32, key)
    resumed = RRandom(np.array([10403, words.state["state"]["pos"], *signed]))
    np.testing.assert_array_equal(resumed.runif(500), first.runif(500))
    assert state["pos"] <= 624


@pytest.mark.parametrize("seed", [1.5, True, 2**31, "1", None, [1, 2], np.zeros(626)])
def test_what_is_no_seed(seed):
    with pytest.raises(OptionError, match="seed="):
        RRandom(seed)


def test_another_kind_of_generator():
    with pytest.raises(OptionError, match="only the default"):
        RRandom(np.array([403, 624, *range(624)]))
