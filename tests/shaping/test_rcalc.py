"""The covariances of dependent correlations: Steiger's formula in 50 digits, in the corners, and what is refused."""

from itertools import combinations

import mpmath as mp
import numpy as np
import pandas as pd
import pytest

from pymeta.errors import DataError, OptionError
from pymeta.shaping.rcalc import rcalc

NAMES = ["a", "b", "c", "d"]
R = pd.DataFrame(
    [[1, 0.5, -0.3, 0.2], [0.5, 1, 0.1, 0.0], [-0.3, 0.1, 1, 0.9], [0.2, 0.0, 0.9, 1]], index=NAMES, columns=NAMES
)
LONG = pd.DataFrame(
    {
        "study": ["s", "t", "s", "t", "s", "t"],
        "x": ["a", "a", "a", "b", "b", "a"],
        "y": ["b", "b", "c", "c", "c", "c"],
        "r": [0.1, 0.4, 0.2, 0.6, 0.3, np.nan],
        "n": [20, 10, 30, 12, 40, 11],
    }
)
FORMULA = ["r", "x", "y", "study"]


def steiger(matrix, i, j, k, h):
    """ψ as equation 2 of Steiger (1980) has it, expanded."""
    r = lambda one, other: mp.mpf(float(matrix[one, other]))  # noqa: E731
    squares = r(i, k) ** 2 + r(i, h) ** 2 + r(j, k) ** 2 + r(j, h) ** 2
    cross = r(i, k) * r(j, h) + r(i, h) * r(j, k)
    threes = (
        r(i, j) * r(i, k) * r(i, h) + r(j, i) * r(j, k) * r(j, h) + r(k, i) * r(k, j) * r(k, h) + r(h, i) * r(h, j) * r(h, k)
    )
    return r(i, j) * r(k, h) * squares / 2 + cross - threes


@pytest.mark.parametrize("rtoz", [False, True])
@pytest.mark.parametrize("top", [0.9, 0.999999])
def test_in_50_digits(rtoz, top):
    """Beside a correlation of 1 − 1e-6, its partner's digits are lost to the input: r − r' r'' has ten of them."""
    matrix = R.to_numpy().copy()
    matrix[2, 3] = matrix[3, 2] = top
    found = rcalc(pd.DataFrame(matrix, index=NAMES, columns=NAMES), 50, rtoz=rtoz)
    pairs = list(combinations(range(4), 2))
    assert found.dat["var1.var2"].tolist() == [f"{NAMES[i]}.{NAMES[j]}" for i, j in pairs]
    with mp.workdps(50):
        for a, (i, j) in enumerate(pairs):
            for b, (k, h) in enumerate(pairs):
                true = steiger(matrix, i, j, k, h) / 49
                if rtoz:
                    shrunk = (1 - mp.mpf(float(matrix[i, j])) ** 2) * (1 - mp.mpf(float(matrix[k, h])) ** 2)
                    true *= mp.mpf(49) / 47 / shrunk
                scale = np.sqrt(found.V[a, a] * found.V[b, b])
                assert abs(found.V[a, b] - float(true)) < (1e-15 if top < 0.99 else 1e-11) * max(scale, abs(float(true)))
    if rtoz:
        assert np.diag(found.V) == pytest.approx([1 / 47] * 6, rel=1e-15)
        assert found.dat["yi"].tolist() == np.arctanh(matrix[np.triu_indices(4, 1)]).tolist()


def test_a_table_of_studies():
    found = rcalc(FORMULA, "n", data=LONG)
    assert found.dat.columns.tolist() == ["study", "x", "y", "x.y", "yi", "ni"]
    assert found.dat["ni"].tolist() == [20, 10, 20, 10, 20, 10]
    assert (found.V[np.ix_([0, 2, 4], [1, 3, 5])] == 0.0).all()
    of_s = rcalc(pd.DataFrame([[1, 0.1, 0.2], [0.1, 1, 0.3], [0.2, 0.3, 1]]), 20).V
    assert np.array_equal(found.V[np.ix_([0, 2, 4], [0, 2, 4])], of_s)
    # the covariance of r_ab and r_bc rests on r_ac, which is missing
    assert np.isnan(found.V[1, 3])
    assert found.V[1, 1] == pytest.approx(0.84**2 / 9, rel=1e-15)


@pytest.mark.parametrize(("nfun", "n"), [("min", 20.0), ("harmonic", 27.692307692307693), ("mean", 30.0), (np.max, 40.0)])
def test_common_sizes(nfun, n):
    found = rcalc(FORMULA[:3], "n", data=LONG[LONG.study == "s"], nfun=nfun)
    assert found.dat["ni"].tolist() == pytest.approx([n] * 3, rel=1e-15)
    assert "study" not in found.dat


def test_one_matrix_or_several():
    found = rcalc({"p": R, "q": R.iloc[:2, :2]}, [50, 30])
    assert found.dat["id"].tolist() == ["p"] * 6 + ["q"]
    assert found.V[6, 6] == pytest.approx(0.75**2 / 29, rel=1e-15)
    assert rcalc([R.to_numpy(), R.to_numpy()], [50, 30]).dat["id"].tolist() == ["1"] * 6 + ["2"] * 6
    assert np.array_equal(rcalc(np.tril(R), 50).V, rcalc(R, 50).V)
    assert np.array_equal(rcalc(R, 50, sparse=True).V.toarray(), rcalc(R, 50).V)


def test_below_five_people_there_are_no_covariances():
    assert np.isnan(rcalc(R, 4).V).all()
    assert np.isfinite(rcalc(R, 5).V).all()


def test_perfect_correlations():
    perfect = [[1.0, 1.0, 0.5], [1.0, 1.0, 0.5], [0.5, 0.5, 1.0]]
    assert rcalc(perfect, 10).V[0].tolist() == [0.0, 0.0, 0.0]
    found = rcalc(perfect, 10, rtoz=True)
    assert np.isnan(found.dat["yi"][0])
    assert np.isnan(found.V[0]).all()
    assert found.V[1, 1] == pytest.approx(1 / 7, rel=1e-15)


def lower(value):
    changed = R.copy()
    changed.iloc[1, 0] = value
    return changed


REFUSED = {
    "beyond 1": (lambda: rcalc(lower(1.5), 20), DataError, "x: 1.5 in matrix 1 is no correlation"),
    "a covariance": (lambda: rcalc(2 * R, 20), DataError, "x, row 1: 2 on the diagonal of correlations is not 1"),
    "not square": (lambda: rcalc(R.iloc[:, :2], 20), DataError, "x: needs a square matrix"),
    "a text": (lambda: rcalc("r", 20), DataError, "x: needs a matrix of numbers"),
    "sizes": (lambda: rcalc(R, [20, 30]), DataError, "ni: has 2 sizes for 1 matrices"),
    "no size": (lambda: rcalc(R, 0), DataError, "ni, row 1: 0 is no sample size"),
    "nfun": (lambda: rcalc(R, 20, nfun="max"), OptionError, "nfun='max': no such common sample size"),
    "no data": (lambda: rcalc(FORMULA, "n"), OptionError, "names columns, but no data= is given"),
    "two columns": (lambda: rcalc(["r", "x"], "n", data=LONG), OptionError, "needs three or four columns"),
    "a column": (lambda: rcalc(["r", "x", "z"], "n", data=LONG), OptionError, "x='z': no such column"),
    "twice": (
        lambda: rcalc(FORMULA[:3], "n", data=LONG),
        DataError,
        "y, row 2: the correlation of 'a' and 'b' is there twice",
    ),
    "in a study": (
        lambda: rcalc(FORMULA, "n", data=LONG.assign(study="s")),
        DataError,
        "y, row 2: the correlation of 'a' and 'b' is there twice in study s",
    ),
    "itself": (
        lambda: rcalc(FORMULA, "n", data=LONG.assign(y="a")),
        DataError,
        "y, row 1: the correlation of 'a' with itself in study s",
    ),
    "no name": (lambda: rcalc(FORMULA, "n", data=LONG.assign(x=None)), DataError, "x, row 1: is missing"),
    "in a table": (lambda: rcalc(FORMULA, "n", data=LONG.assign(r=-1.1)), DataError, "r, row 1: -1.1 is no correlation"),
    "few sizes": (lambda: rcalc(FORMULA, [1, 2], data=LONG), DataError, "ni: has 2 sizes for 6 correlations"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    call, error, message = REFUSED[name]
    with pytest.raises(error) as raised:
        call()
    assert message in str(raised.value)
