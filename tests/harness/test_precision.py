from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pymeta.harness.precision import CAP, NOTHING, digits, p_digits, ulps

finite = st.floats(allow_nan=False, allow_infinity=False)
anything = st.floats()


def one(x, r, scale=None):
    return float(digits([x], [r], scale)[0])


@pytest.mark.parametrize(
    ("x", "r", "scale", "expected"),
    [
        (1.0, 1.0, None, CAP),
        (0.0, -0.0, None, CAP),
        (math.inf, math.inf, None, CAP),
        (-math.inf, -math.inf, None, CAP),
        (math.inf, -math.inf, None, NOTHING),
        (math.inf, 1.0, None, NOTHING),
        (1.0, math.inf, None, NOTHING),
        (math.nan, math.nan, None, NOTHING),
        (math.nan, 1.0, None, NOTHING),
        (1e-300, 0.0, None, NOTHING),
        (1.001, 1.0, None, 3.0),
        (2.0, 1.0, None, 0.0),
        (101.0, 1.0, None, -2.0),
        (1e-9, 0.0, 0.1, 8.0),
        (1.001, 1.0, 0.1, 3.0),
        (1e308, -1e308, None, NOTHING),
        (1e-12, 9e-8, 1.0, 7.04576),
    ],
)
def test_digits(x, r, scale, expected):
    assert one(x, r, scale) == pytest.approx(expected, abs=1e-5)


def test_digits_never_broadcasts():
    with pytest.raises(ValueError, match="not broadcast"):
        digits([1.0, 2.0], [1.0])


@given(anything, anything)
def test_digits_is_capped_and_full_only_for_equals_or_neighbours(x, r):
    found = one(x, r)
    assert found <= CAP
    assert not math.isnan(found)
    if found == CAP:
        assert x == r


@given(finite, finite, st.floats(1e-3, 1e3))
def test_digits_is_symmetric_under_a_common_scale(x, r, factor):
    scale = max(abs(x), abs(r), 1e-300) * 1.0
    assume(math.isfinite(scale * factor))
    assert one(x, r, scale) == one(r, x, scale)


@given(
    st.floats(1e-100, 1e100),
    st.floats(0, 1e3),
    st.floats(0, 1e3),
    st.one_of(st.none(), st.floats(1e-50, 1e50)),
)
def test_digits_falls_as_the_error_grows(r, small, large, scale):
    small, large = sorted((small, large))
    assert one(r + r * small, r, scale) >= one(r + r * large, r, scale)


@given(anything, anything)
def test_ulps_is_symmetric(x, r):
    assert ulps(x, r) == ulps(r, x)


@given(finite)
def test_ulps_counts_neighbours(x):
    above = math.nextafter(x, math.inf)
    assume(math.isfinite(above))
    assert ulps(x, x) == 0
    assert ulps(x, above) == 1


@pytest.mark.parametrize(
    ("x", "r", "expected"),
    [(0.0, -0.0, 0), (5e-324, -5e-324, 2), (1.0, 1.0 + 2**-52, 1), (math.inf, math.inf, None), (math.nan, 1.0, None)],
)
def test_ulps(x, r, expected):
    assert ulps(x, r) == expected


def test_tiny_p_values_are_compared_by_logarithm():
    assert p_digits([1.001e-300], [1e-300])[0] == pytest.approx(-math.log10(1e-3 / (300 * math.log(10))), abs=1e-3)
    assert p_digits([1e-11], [1.001e-11])[0] == pytest.approx(3.0, abs=1e-3)
    assert p_digits([1e-12], [1.001e-12])[0] == pytest.approx(3.0, abs=1e-3)


@pytest.mark.parametrize(("x", "r"), [(0.0, 1e-300), (1e-300, 0.0), (1e-12, 9e-8), (9e-8, 1e-12), (-1e-300, 1e-300)])
def test_p_values_of_another_size_have_no_digits(x, r):
    assert p_digits([x], [r])[0] < 1


def test_p_digits_of_equals():
    np.testing.assert_array_equal(p_digits([0.0, 1.0, 1e-300], [0.0, 1.0, 1e-300]), CAP)


def test_p_values_below_the_normal_doubles_are_all_alike():
    """R's tail gives 9.5e-313 where another gives 0; either has no digits there."""
    assert p_digits(0.0, 9.49e-313) == p_digits(9.49e-313, 5e-324) == CAP
    assert p_digits(0.0, 2.3e-308) < 1
    assert p_digits(-5e-324, 5e-324) < 1
