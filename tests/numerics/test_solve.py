"""Roots on a grid."""

import numpy as np
import pytest

from pymeta.numerics.solve import falling_root, roots_down


def test_every_fall_through_zero_is_found_to_the_last_digit():
    found = roots_down(np.sin, np.linspace(0.5, 20.0, 40))
    assert found == pytest.approx([np.pi, 3 * np.pi, 5 * np.pi], rel=1e-15)


def test_rises_are_no_maxima():
    assert roots_down(lambda x: x - 1.0, np.linspace(0.0, 2.0, 5)) == []


def test_a_root_on_the_grid_is_found_once():
    assert roots_down(lambda x: 1.0 - x, np.array([0.0, 1.0, 2.0])) == [1.0]


def test_tiny_roots_have_as_many_digits_as_large_ones():
    assert roots_down(lambda x: 3e-17 - x, np.array([0.0, 1.0]))[0] == pytest.approx(3e-17, rel=1e-14)


@pytest.mark.parametrize("power", [3, 9, 31])
def test_flat_roots_take_no_more_than_bisection(power):
    calls = []

    def f(x):
        calls.append(x)
        return (0.3 - x) ** power

    assert falling_root(f, -1.0, 2.0, f(-1.0), f(2.0)) == pytest.approx(0.3, abs=1e-9)
    assert len(calls) < 140


def test_smooth_roots_take_a_few_evaluations():
    calls = []

    def f(x):
        calls.append(x)
        return np.exp(-x) - 0.5

    assert falling_root(f, 0.0, 2.0, 0.5, f(2.0)) == pytest.approx(np.log(2.0), rel=1e-15)
    assert len(calls) <= 9


def test_a_step_is_found_where_it_is():
    assert falling_root(lambda x: 1.0 if x < 1 / 3 else -1.0, 0.0, 1.0, 1.0, -1.0) == pytest.approx(1 / 3, rel=1e-15)
