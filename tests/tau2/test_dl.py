"""DerSimonian and Laird's estimator against 50 digits."""

import mpmath as mp
import numpy as np
import pytest

from pymeta.tau2.closed import dersimonian_laird
from tests import referee


def column(yi):
    return np.ones((len(yi), 1))


def test_against_50_digits(small_sets):
    for yi, vi in small_sets(300):
        found = dersimonian_laird(yi, vi, column(yi))
        raw, se = referee.dl(referee.exact(yi), referee.exact(vi))
        assert abs(mp.mpf(found.tau2) - max(raw, 0)) < 1e-12 * (abs(raw) + mp.mpf(vi.min()))
        assert abs(mp.mpf(found.se_tau2) - se) < 1e-12 * se
        assert found.solve.at_zero == (raw <= 0)


def test_it_is_never_negative():
    found = dersimonian_laird(np.array([0.3, 0.31, 0.3]), np.array([0.1, 0.2, 0.3]), np.ones((3, 1)))
    assert (found.tau2, found.solve.at_zero) == (0.0, True)


@pytest.mark.parametrize("power", range(-8, 9))
def test_scale(power):
    """A power of ten is not exact in binary, so the last digits may differ."""
    yi, vi = np.array([0.1, 0.9, -0.4, 1.2]), np.array([0.02, 0.1, 0.05, 0.4])
    plain, c = dersimonian_laird(yi, vi, column(yi)), 10.0**power
    scaled = dersimonian_laird(yi * c, vi * c**2, column(yi))
    assert scaled.tau2 == pytest.approx(plain.tau2 * c**2, rel=1e-12)
    assert scaled.se_tau2 == pytest.approx(plain.se_tau2 * c**2, rel=1e-12)


def test_by_hand():
    """Two studies of one variance: tau² = (y1 − y2)²/2 − v."""
    found = dersimonian_laird(np.array([0.0, 2.0]), np.array([0.5, 0.5]), np.ones((2, 1)))
    assert found.tau2 == pytest.approx(1.5, rel=1e-15)
