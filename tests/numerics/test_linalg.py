"""Weighted least squares and traces against 50 digits, and against the matrices they stand for."""

import mpmath as mp
import numpy as np
import pytest

from pymeta.numerics.linalg import centred, residual_square_trace, residual_trace, wls
from tests import referee

RNG = np.random.default_rng(20261122)


def weights(k, orders):
    return 10.0 ** RNG.uniform(-orders / 2, orders / 2, k)


SETS = {
    f"k={k}, weights over {orders} orders, scale {scale:g}": (scale * RNG.normal(1, 2, k), weights(k, orders) / scale**2)
    for k in (1, 2, 3, 10, 200)
    for orders in (0, 2, 8)
    for scale in (1e-8, 1.0, 1e6)
}
SETS["one study has all the weight"] = (np.array([1.0, 2.0, 4.0]), np.array([1e14, 1.0, 2.0]))
SETS["far from zero"] = (1e6 + np.array([0.1, 0.3, 0.2]), np.array([1e8, 1.0, 2.0]))


def relative_error(found, truth):
    """The largest, over scalars or arrays; 0 for 0."""
    pairs = zip(np.ravel(found).tolist(), truth if isinstance(truth, list) else [truth], strict=True)
    return max(float(abs(mp.mpf(x) - t) / abs(t)) if t else abs(x) for x, t in pairs)


@pytest.mark.parametrize("name", SETS)
def test_one_column_against_50_digits(name):
    y, w = SETS[name]
    mean, variance, q = referee.wls(referee.exact(y), referee.exact(w))
    fit = wls(y, np.ones((len(y), 1)), w)
    assert abs(mp.mpf(fit.beta[0]) - mean) < 1e-14 * np.abs(y).max()
    assert relative_error(fit.bread, variance) < 1e-14
    assert abs(mp.mpf(fit.logdet) - mp.log(mp.fsum(referee.exact(w)))) < 1e-13
    assert relative_error((w * fit.residuals**2).sum(), q) < 1e-13


@pytest.mark.parametrize("name", SETS)
def test_residuals_of_heavy_studies_keep_their_digits(name):
    """Σ w² r² is a half of the REML score: there, a study's tiny residual carries a huge weight."""
    y, w = SETS[name]
    mean = referee.wls(referee.exact(y), referee.exact(w))[0]
    truth = referee.q_about(referee.exact(y), [a * a for a in referee.exact(w)], mean)
    assert relative_error((w**2 * wls(y, np.ones((len(y), 1)), w).residuals ** 2).sum(), truth) < 1e-11


@pytest.mark.parametrize("name", SETS)
def test_traces_of_one_column_against_50_digits(name):
    y, w = SETS[name]
    X = np.ones((len(y), 1))
    trace, trace_squared = residual_trace(X, w), residual_square_trace(X, w)
    if len(y) == 1:
        assert (trace, trace_squared) == (0.0, 0.0)
        return
    truth = referee.traces(referee.exact(w))
    assert relative_error(trace, truth[0]) < 1e-14
    assert relative_error(trace_squared, truth[1]) < 1e-14


@pytest.mark.parametrize("p", [1, 2, 3])
def test_any_design_against_the_matrices(p):
    k = 12
    X = np.column_stack([np.ones(k), *RNG.normal(size=(p - 1, k))]) * RNG.uniform(0.5, 2, p)
    y, w = RNG.normal(size=k), weights(k, 1)
    W = np.diag(w)
    bread = np.linalg.inv(X.T @ W @ X)
    P = W - W @ X @ bread @ X.T @ W
    fit = wls(y, X, w)
    assert fit.beta == pytest.approx(bread @ X.T @ W @ y, rel=1e-10)
    assert fit.bread == pytest.approx(bread, rel=1e-10)
    assert fit.residuals == pytest.approx(y - X @ fit.beta, rel=1e-9, abs=1e-12)
    assert fit.logdet == pytest.approx(np.linalg.slogdet(X.T @ W @ X)[1], rel=1e-12)
    traces = (residual_trace(X, w), residual_square_trace(X, w))
    assert traces == pytest.approx((np.trace(P), np.trace(P @ P)), rel=1e-10)
    assert fit.ss == pytest.approx(y @ P @ y, rel=1e-10)


def test_one_column_and_many_agree_where_they_meet():
    """A second column that is orthogonal to all else leaves the first one's coefficient alone."""
    y, w = np.array([1.0, 2.0, 4.0, 0.0]), np.array([1.0, 2.0, 0.5, 1.0])
    X = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert wls(y, X, w).beta[0] == pytest.approx(wls(y[:3], X[:3, :1], w[:3]).beta[0], rel=1e-15)


def test_no_k_by_k_matrix_is_built():
    """k = 100,000 would take 80 GB."""
    k = 100_000
    X, w = np.ones((k, 1)), RNG.uniform(0.5, 2.0, k)
    wls(RNG.normal(size=k), X, w)
    assert residual_trace(X, w) == pytest.approx(w.sum() - (w**2).sum() / w.sum(), rel=1e-12)


def test_traces_with_variances():
    k = 9
    X, w, s = np.column_stack([np.ones(k), RNG.normal(size=(k, 2))]), weights(k, 1), weights(k, 2)
    for Z in (X[:, :1], X[:, 1:2], X):
        W = np.diag(w)
        PS = (W - W @ Z @ np.linalg.inv(Z.T @ W @ Z) @ Z.T @ W) @ np.diag(s)
        traces = (residual_trace(Z, w, s), residual_square_trace(Z, w, s))
        assert traces == pytest.approx((np.trace(PS), np.trace(PS @ PS)), rel=1e-11)


def test_centred_columns_span_the_same():
    X = np.column_stack([RNG.normal(size=12), np.full(12, 2.0), RNG.integers(1940, 1990, 12)])
    Z = centred(X)
    assert np.linalg.cond(Z) < 50 < np.linalg.cond(X) / 50
    assert np.linalg.lstsq(X, Z, rcond=None)[1] == pytest.approx([0.0] * 3, abs=1e-18)
    assert np.linalg.det(Z[:3]) == pytest.approx(np.linalg.det(X[:3]), rel=1e-9)
    assert (centred(X[:, ::2]) == X[:, ::2]).all()  # no constant column, no change
