"""Regression from a matrix: against least squares on the data, the delta method in 50 digits, and what is refused."""

import mpmath as mp
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pymeta.errors import DataError, OptionError
from pymeta.shaping.matreg import matreg
from pymeta.shaping.rcalc import rcalc

RNG = np.random.default_rng(7)
X = RNG.normal(size=(25, 3)) @ np.array([[1.0, 0.5, 0.2], [0, 2.0, 0.3], [0, 0, 0.1]]) + [5.0, -3.0, 100.0]
FRAME = pd.DataFrame({"y": X @ [1.0, -0.5, 2.0] + RNG.normal(size=25), "a": X[:, 0], "b": X[:, 1], "c": X[:, 2]})
S, R = FRAME.cov(), FRAME.corr()


def test_as_least_squares_on_the_data():
    design = np.column_stack([np.ones(25), FRAME[["a", "c"]]])
    beta, rss = np.linalg.lstsq(design, FRAME["y"], rcond=None)[:2]
    sigma2 = rss[0] / 22
    found = matreg("y", ["a", "c"], R=S, n=25, cov=True, means=FRAME.mean())
    assert found.names == ("intrcpt", "a", "c")
    assert found.beta == pytest.approx(beta, rel=1e-10)
    assert found.vb == pytest.approx(sigma2 * np.linalg.inv(design.T @ design), rel=1e-8)
    assert found.sigma2_reml == pytest.approx(sigma2, rel=1e-10)
    assert found.sigma2_ml == pytest.approx(rss[0] / 25, rel=1e-10)
    assert found.pval == pytest.approx(2 * stats.t.sf(np.abs(found.beta / found.se), 22), rel=1e-12)
    assert found.ci_ub == pytest.approx(found.beta + stats.t.ppf(0.975, 22) * found.se, rel=1e-12)
    r2 = 1 - rss[0] / ((FRAME["y"] - FRAME["y"].mean()) ** 2).sum()
    explained = {"R2": r2, "F": r2 / 2 / ((1 - r2) / 22)}
    assert {name: getattr(found, name) for name in explained} == pytest.approx(explained, rel=1e-9)
    assert found.R2adj == pytest.approx(1 - (1 - r2) * 24 / 22, rel=1e-9)
    assert found.Fp == pytest.approx(stats.f.sf(found.F, 2, 22), rel=1e-12)
    log_likelihood = stats.norm.logpdf(FRAME["y"] - design @ beta, scale=np.sqrt(rss[0] / 25)).sum()
    assert found.fit_stats["ML"]["ll"] == pytest.approx(log_likelihood, rel=1e-10)
    assert found.fit_stats["ML"]["AIC"] == pytest.approx(8 - 2 * log_likelihood, rel=1e-10)
    assert found.fit_stats["REML"]["BIC"] == pytest.approx(found.fit_stats["REML"]["dev"] + 4 * np.log(22), rel=1e-12)


def test_without_means_the_intercept_is_unknown():
    found = matreg("y", ["a", "c"], R=S, n=25, cov=True)
    assert np.isnan(found.beta[0])
    assert np.isnan(found.vb[0]).all()
    assert np.isfinite(found.vb[1:, 1:]).all()


def slopes(matrix, y, x):
    Rxx = mp.matrix([[matrix[i, j] for j in x] for i in x])
    return Rxx**-1 * mp.matrix([matrix[i, y] for i in x])


def delta(matrix, V, y, x, diagonal, means=None):
    """J V J' by central differences of 50 digits."""
    p, step = len(matrix), mp.mpf(10) ** -20
    elements = [(i, j) for j in range(p) for i in range(j + (0 if diagonal else 1), p)]

    def coefficients(bumped):
        b = slopes(bumped, y, x)
        if means is None:
            return b
        return mp.matrix([means[y] - sum(means[i] * b[k] for k, i in enumerate(x)), *b])

    columns = []
    for i, j in elements:
        up, down = mp.matrix(matrix.tolist()), mp.matrix(matrix.tolist())
        for bumped, sign in ((up, 1), (down, -1)):
            bumped[i, j] += sign * step
            bumped[j, i] = bumped[i, j]
        columns.append((coefficients(up) - coefficients(down)) / (2 * step))
    J = mp.matrix([[column[k] for column in columns] for k in range(len(columns[0]))])
    found = J * mp.matrix(V.tolist()) * J.T
    return np.array([[float(found[i, j]) for j in range(found.cols)] for i in range(found.rows)])


def test_of_pooled_correlations_in_50_digits():
    V = rcalc(R, 40).V
    found = matreg(0, [1, 3], R=R, V=V)
    with mp.workdps(50):
        vb = delta(R.to_numpy(), V, 0, [1, 3], diagonal=False)
        b = slopes(R.to_numpy(), 0, [1, 3])
    assert found.beta == pytest.approx([float(one) for one in b], rel=1e-13)
    assert found.vb == pytest.approx(vb, rel=1e-12)
    wald = found.beta @ np.linalg.solve(vb, found.beta)
    assert abs(found.QM - wald) < 1e-11 * wald
    assert found.QMp == pytest.approx(stats.chi2.sf(found.QM, 2), rel=1e-11)
    assert found.pval == pytest.approx(2 * stats.norm.sf(np.abs(found.beta / found.se)), rel=1e-12)
    assert (found.df, found.F, found.fit_stats) == (None, None, {})


def test_of_pooled_covariances_in_50_digits():
    """The covariances of the intercept have the sign of -means; metafor gives them the other one."""
    A = RNG.normal(size=(10, 10))
    V, means = A @ A.T / 100, FRAME.mean().to_numpy()
    found = matreg("y", ["b", "c"], R=S, V=V, cov=True, means=means)
    with mp.workdps(50):
        vb = delta(S.to_numpy(), V, 0, [2, 3], diagonal=True, means=means)
    assert found.vb == pytest.approx(vb, rel=1e-9)


def test_of_transformed_correlations():
    """dr = (1 − r²) dz, so that z and their V give what r and theirs do."""
    z = np.arctanh(R.to_numpy() - np.eye(4))
    by_z = matreg(0, [1, 2], R=z, V=rcalc(R, 43, rtoz=True).V, ztor=True)
    by_r = matreg(0, [1, 2], R=R.to_numpy(), V=rcalc(R, 41).V)
    assert by_z.vb == pytest.approx(by_r.vb, rel=1e-12)


def test_only_what_the_model_uses_need_be_there():
    holes = R.to_numpy().copy()
    holes[3, 1] = np.nan
    assert np.isfinite(matreg(0, [1, 2], R=holes, n=30).vb).all()
    assert np.isnan(matreg(0, [1, 3], R=holes, n=30).vb).all()
    V = rcalc(R, 40).V.copy()
    V[2] = V[:, 2] = np.nan  # r_41
    assert np.isfinite(matreg(0, [1, 2], R=R, V=V).vb).all()
    assert np.isnan(matreg(0, [1, 3], R=R, V=V).vb).any()


def test_all_others_and_the_lower_triangle():
    whole = matreg("y", R=R, n=30)
    assert whole.names == ("a", "b", "c")
    assert np.array_equal(matreg(0, R=np.tril(R), n=30).beta, whole.beta)
    assert matreg(0, R=R.to_numpy(), n=30).names == ("x2", "x3", "x4")


def test_nearpd():
    same = np.array([[1.0, 0.5, 0.4], [0.5, 1.0, 1.0], [0.4, 1.0, 1.0]])
    with pytest.raises(DataError, match="the predictors determine each other"):
        matreg(0, R=same, n=30)
    assert np.isfinite(matreg(0, R=same, n=30, nearpd=True).beta).all()
    assert np.array_equal(matreg("y", R=R, n=30, nearpd=True).beta, matreg("y", R=R, n=30).beta)


def test_a_negative_variance_has_no_error_and_no_warning():
    found = matreg(0, R=R, V=-rcalc(R, 40).V)
    assert np.isnan(found.se).all()
    assert np.isnan(found.QM)


def test_tables():
    t = matreg("y", ["a"], R=R, n=30)
    assert t.table().columns.tolist() == ["beta", "se", "tval", "df", "pval", "ci_lb", "ci_ub"]
    assert t.table().index.tolist() == ["a"]
    assert "F(1, 29)" in str(t)
    z = matreg("y", ["a"], R=R, V=rcalc(R, 40).V)
    assert z.table().columns.tolist() == ["beta", "se", "zval", "pval", "ci_lb", "ci_ub"]
    assert "QM(df = 1)" in str(z)
    with pytest.raises(ValueError, match="read-only"):
        t.beta[0] = 1.0


REFUSED = {
    "neither": ({}, OptionError, "give n, the sample size, or V"),
    "both": ({"n": 30, "V": np.eye(6)}, OptionError, "give n, the sample size, or V"),
    "few people": ({"n": 1}, OptionError, "n=1: needs more people than the model has coefficients, 1"),
    "sizes": ({"n": [20, 30]}, OptionError, "n=[20, 30]: needs one sample size"),
    "y": ({"n": 30, "y": "z"}, OptionError, "y='z': no such variable in R"),
    "position": ({"n": 30, "y": 4}, OptionError, "y=4: needs one variable, by name or by position, 0 to 3"),
    "x": ({"n": 30, "x": ["a", "q"]}, OptionError, "x='q': no such variable in R"),
    "itself": ({"n": 30, "x": ["a", "y"]}, OptionError, "y='y' is among x"),
    "twice": ({"n": 30, "x": ["a", "a"]}, OptionError, "needs one predictor or more, each once"),
    "none": ({"n": 30, "x": []}, OptionError, "needs one predictor or more"),
    "no names": ({"n": 30, "R": R.to_numpy()}, OptionError, "y='y' is a name, and R has none"),
    "no correlations": ({"n": 30, "R": 3 * R}, DataError, "R: 3 is no correlation; cov=True is for covariances"),
    "no variance": ({"n": 30, "R": -R, "cov": True}, DataError, "R: -1 on the diagonal is no variance"),
    "not square": ({"n": 30, "R": R.iloc[:3]}, DataError, "R: needs a square matrix"),
    "V": ({"V": np.eye(5)}, DataError, "V: is of shape (5, 5), and R has 6 elements below its diagonal"),
    "V of covariances": ({"V": np.eye(6), "cov": True}, DataError, "R has 10 elements below its diagonal and on it"),
    "means": ({"n": 30, "cov": True, "means": [1, 2]}, DataError, "means: has 2 values for the 4 variables"),
    "level": ({"n": 30, "level": 101}, OptionError, "level=101: needs a percentage"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    arguments, error, message = REFUSED[name]
    with pytest.raises(error) as raised:
        matreg(**{"y": "y", "x": ["a"], "R": R, **arguments})
    assert message in str(raised.value)
