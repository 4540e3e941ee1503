"""ML: the highest of several maxima; and REML with moderators, by both ways to its score."""

import numpy as np
import pytest

from pymeta.numerics.linalg import wls
from pymeta.numerics.marginal import engine
from pymeta.tau2.iterative import _negative_beyond, log_likelihood, restricted_log_likelihood
from pymeta.tau2.methods import TAU2
from tests import referee


def likelihoods(yi, vi, tau2):
    """The log-likelihood at each of `tau2`, written out for one column of ones."""
    w = 1.0 / (vi + tau2[:, None])
    mean = (w * yi).sum(axis=1) / w.sum(axis=1)
    return 0.5 * (np.log(w).sum(axis=1) - (w * (yi - mean[:, None]) ** 2).sum(axis=1))


def fine_grid(yi, vi, points=2000):
    return np.concatenate([[0.0], np.geomspace(1e-6 * vi.min(), 10.0 * (np.ptp(yi) ** 2 + vi.max()), points)])


def test_no_point_of_a_fine_grid_is_likelier(small_sets):
    several = 0
    for yi, vi in small_sets(2000):
        X = np.ones((len(yi), 1))
        at = likelihoods(yi, vi, fine_grid(yi, vi))
        assert log_likelihood(yi, vi, X, TAU2["ML"].fit(yi, vi, X).tau2) >= at.max() - 1e-9
        several += int(((at[1:-1] > at[:-2]) & (at[1:-1] > at[2:])).sum() + (at[0] > at[1]) > 1)
    assert several >= 10  # the row of sets does hold likelihoods with two maxima


@pytest.mark.parametrize(("method", "likelihood"), [("ML", log_likelihood), ("REML", restricted_log_likelihood)])
def test_with_moderators_no_point_of_a_grid_is_likelier(method, likelihood):
    rng, inside = np.random.default_rng(8), 0
    for _ in range(60):
        k, p = int(rng.integers(5, 9)), int(rng.integers(2, 4))
        vi = 10.0 ** rng.uniform(-2.5, 0.5, k)
        X = np.column_stack([np.ones(k), *rng.normal(size=(p - 1, k))])
        yi = rng.choice([0.0, 3.0], k) + rng.normal(0.0, np.sqrt(vi))
        tau2 = TAU2[method].fit(yi, vi, X).tau2
        inside += tau2 > 0.0
        top = max(likelihood(yi, vi, X, t) for t in fine_grid(yi, vi, 300))
        assert likelihood(yi, vi, X, tau2) >= top - 1e-9
    assert inside > 30


def test_there_is_no_root_beyond_the_bound(small_sets):
    for yi, vi in small_sets(500):
        X = np.ones((len(yi), 1))
        bound = _negative_beyond(engine(yi, vi, X), 0)
        for tau2 in (bound + 1e-9 * vi.min()) * np.array([1.0 + 1e-9, 1.5, 10.0, 1e4]):
            w = 1.0 / (vi + tau2)
            assert (w**2 * wls(yi, X, w).residuals ** 2).sum() <= w.sum() * (1 + 1e-12)


def test_the_likelihoods_are_those_of_50_digits(designs):
    for yi, vi, X, _ in designs.values():
        y, v, rows = referee.exact(yi), referee.exact(vi), [referee.exact(row) for row in X]
        tau2 = float(np.var(yi))
        full, restricted = referee.log_likelihoods(y, v, rows, tau2)
        assert abs(log_likelihood(yi, vi, X, tau2) - full) < 1e-12 * (1 + abs(full))
        assert abs(restricted_log_likelihood(yi, vi, X, tau2) - restricted) < 1e-11 * (1 + abs(restricted))


def test_equal_variances_have_a_closed_form():
    yi = np.array([0.1, 0.9, -0.4, 1.2, 0.3])
    assert TAU2["ML"].fit(yi, np.full(5, 0.04), np.ones((5, 1))).tau2 == pytest.approx(np.var(yi) - 0.04, rel=1e-13)
