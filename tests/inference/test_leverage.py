"""Standard errors of combinations of coefficients, against the matrix formula where that has its digits."""

import numpy as np
import pytest

from pymeta.inference.leverage import standard_errors
from pymeta.inference.tau2_intervals import chi2_quantile
from pymeta.numerics.tails import chi2_upper


@pytest.mark.parametrize("own", [False, True])
def test_it_is_the_matrix_formula(own):
    rng = np.random.default_rng(3)
    X, rows, variances = rng.normal(size=(12, 3)), rng.normal(size=(5, 3)), rng.uniform(0.1, 2.0, 12)
    weights = rng.uniform(0.5, 2.0, 12) if own else 1.0 / variances
    spread = np.linalg.inv(X.T @ (weights[:, None] * X)) @ (weights[:, None] * X).T
    vb = 2.5 * spread @ (variances[:, None] * spread.T)
    found = standard_errors(rows, X, weights, variances, 2.5)
    np.testing.assert_allclose(found, np.sqrt(np.einsum("np,pq,nq->n", rows, vb, rows)), rtol=1e-12)


@pytest.mark.parametrize("df", [1, 2, 5, 30, 1000])
@pytest.mark.parametrize("upper", [1e-6, 0.025, 0.5, 0.975, 0.9999])
def test_chi_squared_quantiles(df, upper):
    assert chi2_upper(chi2_quantile(upper, df), df) == pytest.approx(upper, rel=1e-12)
