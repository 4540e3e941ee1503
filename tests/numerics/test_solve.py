"""Roots on a grid."""

import numpy as np
import pytest

from pymeta.numerics.solve import roots_down


def test_every_fall_through_zero_is_found_to_the_last_digit():
    found = roots_down(np.sin, np.linspace(0.5, 20.0, 40))
    assert found == pytest.approx([np.pi, 3 * np.pi, 5 * np.pi], rel=1e-15)


def test_rises_are_no_maxima():
    assert roots_down(lambda x: x - 1.0, np.linspace(0.0, 2.0, 5)) == []


def test_a_root_on_the_grid_is_found_once():
    assert roots_down(lambda x: 1.0 - x, np.array([0.0, 1.0, 2.0])) == [1.0]


def test_tiny_roots_have_as_many_digits_as_large_ones():
    assert roots_down(lambda x: 3e-17 - x, np.array([0.0, 1.0]))[0] == pytest.approx(3e-17, rel=1e-14)
