"""Roots from the values at a few points."""

import numpy as np
import pytest

from pymeta.numerics.panels import NODES, evenly, root_in_panel


@pytest.mark.parametrize("shift", [0.0, 0.03, 0.0999])
def test_a_root_to_the_last_digits(shift):
    root = root_in_panel(lambda x: np.exp(-x) - np.exp(-1.0), 0.9 + shift, 1.1 + shift)
    assert root == pytest.approx(1.0, rel=4e-16 if shift < 0.09 else 2e-15)


def test_one_call_is_enough():
    calls = []
    root_in_panel(lambda x: calls.append(len(x)) or np.cos(x), 1.5, 1.7)
    assert calls == [NODES]


def test_a_root_outside_is_at_the_nearer_end():
    assert root_in_panel(lambda x: 1.0 - x, 0.0, 0.9) == 0.9
    assert root_in_panel(lambda x: 1.0 - x, 1.1, 2.0) == 1.1


def test_points_are_close_enough():
    points = evenly(1.03, 0.2)
    assert (points[0], points[-1]) == (0.0, 1.03)
    assert 0.1 < np.diff(points).min() <= np.diff(points).max() <= 0.2
    assert len(evenly(0.0, 0.2)) == 4
