"""The distribution of quadratic forms of residuals."""

import mpmath as mp
import numpy as np
import pytest
from scipy import stats

from pymeta.numerics.residual_forms import form_cdf
from tests import referee


def basis(X, w):
    return np.linalg.qr(np.sqrt(w)[:, None] * X)[0]


@pytest.mark.parametrize("df", [1, 2, 3, 7, 30, 1000, 10_000])
def test_chi_squared(df):
    ones = np.ones(df + 1)
    Q = basis(ones[:, None], ones)
    for p in (1e-6, 0.01, 0.3, 0.5, 0.9, 0.9999):
        assert form_cdf(stats.chi2.ppf(p, df), ones, Q) == pytest.approx(p, abs=6e-13)


@pytest.mark.parametrize("k", [3, 1000])
def test_far_out_it_is_0_or_1(k):
    ones = np.ones(k)
    Q = basis(ones[:, None], ones)
    assert form_cdf(1e-12, ones, Q) == pytest.approx(stats.chi2.cdf(1e-12, k - 1), abs=1e-15)
    for q in (0.2 * k, 3.0 * k, 100.0 * k):
        assert form_cdf(q, ones, Q) == pytest.approx(stats.chi2.cdf(q, k - 1), abs=1e-13)


@pytest.mark.parametrize(("k", "p", "orders"), [(4, 1, 1), (7, 2, 2), (8, 3, 6), (3, 1, 8), (4, 3, 4)])
def test_against_eigenvalues_in_many_digits(k, p, orders):
    rng = np.random.default_rng(k)
    w, s = 10.0 ** rng.uniform(-orders / 2, orders / 2, (2, k))
    X = np.column_stack([np.ones(k), *rng.normal(size=(p - 1, k))])
    with mp.workdps(25):
        forms = referee.Forms(referee.exact(s), referee.exact(s), [referee.exact(row) for row in X], referee.exact(w))
        mean = float(forms.traces(referee.exact(s))[0])
        for share in (0.02, 0.5, 1.0, 2.5):
            truth = referee.form_cdf(mp.mpf(share * mean), referee.exact(s), forms)
            assert abs(form_cdf(share * mean, w * s, basis(X, w)) - truth) < 2e-13
