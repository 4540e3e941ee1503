"""The engines against the matrices they stand for, and against each other."""

import numpy as np
import pytest

from pymeta.numerics.linalg import wls
from pymeta.numerics.marginal import Columns, Moments, OneColumn, OneMean, engine

TAU2 = np.array([0.0, 1e-3, 0.2, 5.0])


def drawn(k, p, orders, seed=3):
    rng = np.random.default_rng(seed)
    vi = 10.0 ** rng.uniform(-orders / 2, orders / 2, k)
    return rng.normal(0.3, np.sqrt(vi + 0.5)), vi, np.column_stack([np.ones(k), *rng.normal(size=(p - 1, k))])


def by_matrices(yi, vi, X):
    rows = []
    for tau2 in TAU2:
        W = np.diag(1.0 / (vi + tau2))
        P = W - W @ X @ np.linalg.inv(X.T @ W @ X) @ X.T @ W
        rows.append((yi @ P @ yi, yi @ P @ P @ yi, np.trace(P)))
    return np.array(rows).T


CASES = {
    "OneMean": (OneMean, drawn(9, 1, 1)),
    "OneColumn of ones": (OneColumn, drawn(9, 1, 1)),
    "OneColumn": (OneColumn, (*drawn(9, 1, 1)[:2], drawn(9, 2, 1)[2][:, 1:])),
    "Columns, p = 1": (Columns, drawn(9, 1, 1)),
    "Columns": (Columns, drawn(12, 3, 1)),
    "Moments, p = 1": (Moments, drawn(9, 1, 1)),
    "Moments": (Moments, drawn(12, 3, 1)),
}


@pytest.mark.parametrize("name", CASES)
def test_against_the_matrices(name):
    kind, data = CASES[name]
    found = kind(*data)
    w = found.weights(TAU2)
    q, qq, trace = by_matrices(*data)
    assert found.q(w) == pytest.approx(q, rel=1e-12)
    assert found.qq(w) == pytest.approx(qq, rel=1e-12)
    assert found.trace(w) == pytest.approx(trace, rel=1e-12)
    assert found.qq_less_trace(w) == pytest.approx(qq - trace, rel=1e-11)
    assert found.unweighted_ss() == pytest.approx(float((wls(data[0], data[2], np.ones(len(w[0]))).residuals ** 2).sum()))


@pytest.mark.parametrize("p", [1, 4])
def test_sums_of_products_lose_few_digits_where_they_are_used(p):
    """Weights within a factor of 100, as for roots: 12 digits stay."""
    yi, vi, X = drawn(300, p, 2)
    plain, quick = engine(yi, vi, X), Moments(yi, vi, X)
    w = plain.weights(TAU2)
    for name in ("q", "qq", "trace"):
        assert getattr(quick, name)(w) == pytest.approx(getattr(plain, name)(w), rel=1e-13)


@pytest.mark.parametrize("p", [1, 4])
def test_sums_of_products_keep_the_signs(p):
    """Weights within a factor of 10⁵, as for the grid."""
    yi, vi, X = drawn(300, p, 5)
    plain, quick = engine(yi, vi, X), Moments(yi, vi, X)
    w = plain.weights(TAU2)
    for name in ("q", "qq", "trace"):
        assert getattr(quick, name)(w) == pytest.approx(getattr(plain, name)(w), rel=1e-9)


def test_the_engine_for_a_design():
    yi, vi, X = drawn(5, 2, 1)
    kinds = [type(engine(yi, vi, Z)) for Z in (X[:, :1], 3.0 * X[:, :1], X[:, 1:], X)]
    assert kinds == [OneMean, OneMean, OneColumn, Columns]
