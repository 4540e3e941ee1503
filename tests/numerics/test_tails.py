"""Tail probabilities and quantiles against 50 digits."""

import mpmath as mp
import numpy as np
import pytest

from pymeta.numerics.tails import chi2_upper, normal_quantile, normal_two_sided, t_of_p
from tests import referee


def off(found, truth):
    return float(abs(mp.mpf(found) - truth) / truth)


@pytest.mark.parametrize("z", [0.0, 1e-12, 1e-3, 0.5, 1.0, 1.959964, 3.0, 5.0, 8.3, 9.0, 15.0, 26.0, 33.5, 37.5])
def test_normal_p_values_have_digits_in_the_far_tail(z):
    """Relative to z itself: a p-value at z magnifies an error in z by z²."""
    truth = referee.two_sided(mp.mpf(z))
    for sign in (1.0, -1.0):
        assert off(float(normal_two_sided(np.array([sign * z]))[0]), truth) < 2e-16 * (4 + z**2)


def test_a_normal_p_value_that_no_double_holds_is_0():
    """Below 2.2e-308 R says 0 from z = 37.52 on, and so does scipy soon after; neither says NaN or less than 0."""
    p = normal_two_sided(np.array([38.0, 40.0, 1e6, 1e300]))
    assert ((p >= 0.0) & (p < 1e-307)).all()


@pytest.mark.parametrize("df", [1, 2, 3, 7, 15, 101, 1000])
def test_chi2_p_values_have_digits_in_the_far_tail(df):
    for q in [df * share for share in (1e-6, 0.01, 0.5, 1.0, 1.5, 3.0)] + [df + more for more in (30.0, 200.0, 600.0)]:
        truth = referee.chi2_upper(mp.mpf(q), df)
        if truth > mp.mpf("1e-300"):
            assert off(chi2_upper(q, df), truth) < 3e-13, q


def test_chi2_without_degrees_of_freedom():
    assert chi2_upper(0.0, 0) == 1.0
    assert chi2_upper(0.0, 3) == 1.0


def test_survival_functions_and_not_their_complements():
    """1 − cdf is 0 at both."""
    assert 0.0 < normal_two_sided(np.array([9.0]))[0] < 1e-18
    assert 0.0 < chi2_upper(200.0, 4) < 1e-40


@pytest.mark.parametrize("upper", [1e-12, 1e-5, 0.0005, 0.005, 0.025, 0.05, 0.1, 0.4995, 0.5])
def test_quantiles(upper):
    truth = referee.normal_quantile(upper)
    assert abs(mp.mpf(normal_quantile(upper)) - truth) < 3e-16 * max(truth, 1)


@pytest.mark.parametrize("df", [1.0, 2.0, 3.0, 7.0, 28.0, 199.0, 1e4, 1e6, 1e9])
@pytest.mark.parametrize("p", [1e-150, 1e-100, 1e-12, 1e-5, 0.018, 0.5, 0.75, 0.9, 0.9999, 1 - 1e-9, 1 - 2**-40])
def test_the_t_of_a_p_value_in_both_tails(p, df):
    """t is off by what its p-value is off by, over the derivative."""
    t, mirrored = t_of_p(np.array([p, -p]), np.array([df, df]))
    assert mirrored == -t < 0
    with mp.workdps(60):
        t, half, m = mp.mpf(float(t)), mp.mpf(1) / 2, mp.mpf(df)
        scale = 2 * mp.exp(mp.loggamma((m + 1) / 2) - mp.loggamma(m / 2)) / mp.sqrt(m * mp.pi)  # of P(|T| > t)'s slope
        density = scale * (1 + t**2 / m) ** (-(m + 1) / 2)
        if p < 0.1:
            back = mp.betainc(m / 2, half, 0, m / (m + t**2), regularized=True)
        else:
            back = 1 - mp.betainc(half, m / 2, 0, t**2 / (m + t**2), regularized=True)
        assert abs(back - mp.mpf(p)) / density < 1e-13 * t


def test_a_p_value_has_the_sign_of_its_t():
    t = t_of_p(np.array([0.05, -0.05, 1, 0, 0.5, np.nan]), np.array([10.0, 10, 10, 10, 0, 10]))
    assert t[0] == -t[1] > 0
    assert t[2] == 0
    assert np.isnan(t[3:]).all()


@pytest.mark.parametrize(("p", "df"), [(1e-200, 1.0), (1e-300, 1.0), (1e-99, 1.0), (1e-160, 1.5), (1e-300, 2.9)])
def test_the_t_of_a_p_value_of_few_people(p, df):
    """What t²/(t² + df) lacks to 1 is then below all doubles."""
    t = mp.mpf(float(t_of_p(np.array([-p]), np.array([df]))[0]))
    with mp.workdps(50):
        back = mp.betainc(df / 2, mp.mpf(1) / 2, 0, df / (df + t * t), regularized=True)
        assert t < 0
        assert off(back, mp.mpf(p)) < 1e-12
