"""REML against 50 digits, against a brute-force search of the likelihood, and where the likelihood has two maxima."""

import mpmath as mp
import numpy as np
import pytest

from pymeta.numerics.linalg import residual_trace, wls
from pymeta.numerics.marginal import engine
from pymeta.tau2.iterative import _negative_beyond, restricted_log_likelihood, restricted_maximum_likelihood
from tests import referee

# (yi, vi, where the lower maximum lies, where the higher one does), the places to 3 digits
TWO_MAXIMA = {
    "0 is higher than one inside": ([4.4, 0.1, 0.0, 0.0], [1.673, 0.013, 0.005, 0.009], 2.22, 0.0),
    "one inside is higher than 0": ([2.9, 0.0, 0.0], [0.24, 0.005, 0.004], 0.0, 2.56),
    "two inside, the outer one is higher": ([0.1, 4.6, 0.0, 3.3], [0.004, 2.524, 0.006, 0.859], 0.00032, 4.01),
}


def estimate(yi, vi):
    return restricted_maximum_likelihood(yi, vi, np.ones((len(yi), 1)))


def likelihoods(yi, vi, tau2):
    """The restricted log-likelihood at each of `tau2`, written out for one column of ones."""
    w = 1.0 / (vi + tau2[:, None])
    mean = (w * yi).sum(axis=1) / w.sum(axis=1)
    q = (w * (yi - mean[:, None]) ** 2).sum(axis=1)
    return 0.5 * (np.log(w).sum(axis=1) - np.log(w.sum(axis=1)) - q)


def fine_grid(yi, vi, points=2000):
    top = 10.0 * (np.ptp(yi) ** 2 + vi.max())
    return np.concatenate([[0.0], np.geomspace(1e-6 * vi.min(), top, points)])


def test_the_score_is_zero_in_50_digits(small_sets):
    inside = 0
    for yi, vi in small_sets(300):
        found = estimate(yi, vi)
        y, v = referee.exact(yi), referee.exact(vi)
        if found.tau2 == 0.0:
            assert referee.reml_score(y, v, 0) <= 0
            continue
        inside += 1
        truth = referee.reml_near(y, v, found.tau2)
        assert abs(found.tau2 - truth) < 1e-11 * (truth + mp.mpf(vi.min()))
        assert abs(found.se_tau2 - referee.reml_se(v, truth)) < 1e-11 * referee.reml_se(v, truth)
    assert inside > 100


def test_no_point_of_a_fine_grid_is_likelier(small_sets):
    several = 0
    for yi, vi in small_sets(2000):
        found = estimate(yi, vi)
        at = likelihoods(yi, vi, fine_grid(yi, vi))
        assert restricted_log_likelihood(yi, vi, np.ones((len(yi), 1)), found.tau2) >= at.max() - 1e-9
        several += int(((at[1:-1] > at[:-2]) & (at[1:-1] > at[2:])).sum() + (at[0] > at[1]) > 1)
    assert several >= 10  # the row of sets does hold likelihoods with two maxima


@pytest.mark.parametrize("name", TWO_MAXIMA)
def test_the_higher_of_two_maxima_is_found(name):
    yi, vi = (np.array(column) for column in TWO_MAXIMA[name][:2])
    lower, higher = TWO_MAXIMA[name][2:]
    y, v = referee.exact(yi), referee.exact(vi)
    for place in (lower, higher):  # both are maxima: the score falls through 0 there, or is negative at 0
        assert referee.reml_score(y, v, mp.mpf(place) * 1.05) < 0
        assert place == 0.0 or referee.reml_score(y, v, mp.mpf(place) * 0.95) > 0
    assert referee.reml_log_likelihood(y, v, mp.mpf(higher)) > referee.reml_log_likelihood(y, v, mp.mpf(lower)) + 0.1
    assert estimate(yi, vi).tau2 == pytest.approx(higher, rel=5e-3)


def test_the_likelihood_is_that_of_50_digits(small_sets):
    for yi, vi in small_sets(40):
        y, v = referee.exact(yi), referee.exact(vi)
        for tau2 in (0.0, 0.03, 2.0):
            mine = restricted_log_likelihood(yi, vi, np.ones((len(yi), 1)), tau2)
            assert abs(mine - referee.reml_log_likelihood(y, v, mp.mpf(tau2))) < 1e-12 * (1 + abs(mine))


def test_there_is_no_root_beyond_the_bound(small_sets):
    for yi, vi in small_sets(1000):
        X = np.ones((len(yi), 1))
        bound = _negative_beyond(engine(yi, vi, X), X.shape[1])
        for tau2 in (bound + 1e-9 * vi.min()) * np.array([1.0 + 1e-9, 1.01, 1.5, 3.0, 10.0, 1e4]):
            w = 1.0 / (vi + tau2)
            fit = wls(yi, X, w)
            assert (w**2 * fit.residuals**2).sum() <= residual_trace(X, w) * (1 + 1e-12)


def test_the_bound_holds_with_moderators():
    rng = np.random.default_rng(3)
    for _ in range(200):
        k, p = 9, int(rng.integers(1, 4))
        X, vi = np.column_stack([np.ones(k), *rng.normal(size=(p - 1, k))]), 10.0 ** rng.uniform(-3, 1, k)
        yi = rng.normal(0, np.sqrt(vi + 1))
        tau2 = _negative_beyond(engine(yi, vi, X), X.shape[1]) * (1 + 1e-9) + 1e-12
        w = 1.0 / (vi + tau2)
        fit = wls(yi, X, w)
        assert (w**2 * fit.residuals**2).sum() <= residual_trace(X, w)


def test_equal_variances_have_a_closed_form():
    """The sample variance less the sampling variance; the bound is then the root itself."""
    yi = np.array([0.1, 0.9, -0.4, 1.2, 0.3])
    assert estimate(yi, np.full(5, 0.04)).tau2 == pytest.approx(np.var(yi, ddof=1) - 0.04, rel=1e-13)
    assert estimate(yi, np.full(5, 4.0)).tau2 == 0.0


def test_equal_effects():
    found = estimate(np.full(4, 0.7), np.array([0.1, 0.2, 0.05, 0.4]))
    assert (found.tau2, found.solve.at_zero) == (0.0, True)


@pytest.mark.parametrize("power", range(-8, 9))
def test_scale(power, small_sets):
    c = 10.0**power
    for yi, vi in small_sets(25):
        plain, scaled = estimate(yi, vi), estimate(yi * c, vi * c**2)
        assert scaled.tau2 == pytest.approx(plain.tau2 * c**2, rel=1e-10, abs=1e-13 * c**2 * vi.min())
        assert scaled.se_tau2 == pytest.approx(plain.se_tau2 * c**2, rel=1e-10)


@pytest.mark.parametrize("orders", [4, 8])
def test_variances_over_many_orders(orders):
    rng = np.random.default_rng(orders)
    for _ in range(40):
        k = int(rng.integers(2, 40))
        vi = 10.0 ** rng.uniform(-orders / 2, orders / 2, k)
        yi = rng.normal(0, np.sqrt(vi + 10.0 ** rng.uniform(-orders / 2, 1)))
        found = estimate(yi, vi)
        y, v = referee.exact(yi), referee.exact(vi)
        truth = referee.reml_near(y, v, found.tau2)
        assert abs(found.tau2 - truth) <= 1e-11 * (truth + mp.mpf(vi.min()))
        assert likelihoods(yi, vi, fine_grid(yi, vi)).max() <= likelihoods(yi, vi, np.array([found.tau2]))[0] + 1e-9
