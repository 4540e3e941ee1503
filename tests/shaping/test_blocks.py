"""Block diagonal matrices and vectors as matrices; values filled in and rounded."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from pymeta.errors import DataError, OptionError
from pymeta.shaping.blocks import bldiag, blsplit, vec2mat
from pymeta.shaping.small import dfround, replmiss

NAN = np.nan
V = bldiag([[1.0, 2.0], [2.0, 5.0]], 7.0)


def test_blocks_by_cluster():
    blocks = blsplit(V, ["q", "q", "p"])
    assert list(blocks) == ["q", "p"]
    assert blocks["q"].tolist() == [[1, 2], [2, 5]]
    assert list(blsplit(V, ["q", "q", "p"], sort=True)) == ["p", "q"]
    assert list(blsplit(V, [10.0, 10.0, 9.0], sort=True)) == [9.0, 10.0]
    assert blsplit(V, ["q", "p", "q"])["q"].tolist() == [[1, 0], [0, 7]]
    assert blsplit(csr_array(V), [1, 1, 2])[2].tolist() == [[7]]
    assert blsplit(pd.DataFrame(V, list("abc"), list("abc")), [1, 1, 2])[1].columns.tolist() == ["a", "b"]


@pytest.mark.parametrize("args", [1, [1], {"decimals": 1}])
def test_what_is_made_of_blocks(args):
    assert blsplit(V / 3, [1, 1, 2], np.round, args)[2].tolist() == [[2.3]]
    assert blsplit(V, [1, 1, 2], np.sum) == {1: 10.0, 2: 7.0}


def test_together_again():
    assert np.array_equal(bldiag(blsplit(V, [1, 1, 2])), V)
    assert bldiag([[[1.0, 2.0]], 3.0]).tolist() == [[1, 2, 0], [0, 0, 3]]
    assert bldiag([1.0, 2.0], [[3.0]]).tolist() == [[1, 0, 0], [0, 2, 0], [0, 0, 3]]
    assert bldiag(np.zeros((1, 0)), [[3.0]]).tolist() == [[3]]
    assert bldiag().shape == (0, 0)


def test_in_the_order_of_a_variable():
    mixed = ["q", "p", "q"]
    blocks = blsplit(np.array([[1.0, 0, 2], [0, 7, 0], [2, 0, 5]]), mixed, sort=True)
    assert bldiag(blocks, order=mixed).tolist() == [[1, 0, 2], [0, 7, 0], [2, 0, 5]]


def test_the_lower_triangle():
    assert vec2mat([1, 2, 3, 4, 5, 6])[3].tolist() == [3, 5, 6, 1]
    assert vec2mat([1, 2, 3], diag=True).tolist() == [[1, 2], [2, 3]]
    assert vec2mat([1, 2, 3], diag=True, corr=True).tolist() == [[1, 2], [2, 1]]
    assert np.isnan(np.diag(vec2mat([0.5], corr=False))).all()
    assert vec2mat([0.5], dimnames=["a", "b"]).loc["b", "a"] == 0.5
    assert vec2mat([]).tolist() == [[1.0]]


REFUSED = {
    "asymmetric": (lambda: blsplit([[1, 2], [3, 4]], [1, 1]), DataError, "x: needs a symmetric matrix"),
    "no matrix": (lambda: blsplit([1, 2], [1, 1]), DataError, "x: needs a square matrix, got one of shape (2,)"),
    "cluster": (lambda: blsplit(V, [1, 1]), DataError, "cluster: has 2 values for 3 rows"),
    "no cluster": (lambda: blsplit(V, [1, None, 2]), DataError, "cluster, row 2: is missing"),
    "order of what is not square": (
        lambda: bldiag([[1.0, 2.0]], [[3.0]], order=[1, 2]),
        OptionError,
        "only a square matrix",
    ),
    "order": (lambda: bldiag(V, order=[1, 2]), OptionError, "order: has 2 values for a matrix of shape (3, 3)"),
    "five values": (lambda: vec2mat(range(5)), DataError, "x: 5 values do not fill the lower triangle"),
    "no diagonal": (lambda: vec2mat([], diag=True), DataError, "x: 0 values do not fill"),
    "names": (lambda: vec2mat([1], dimnames=["a"]), DataError, "dimnames: has 1 names for a matrix of 2 rows"),
    "y": (lambda: replmiss([1, NAN], [1, 2, 3]), DataError, "y: has 3 values for the 2 of x"),
    "digits": (lambda: dfround(pd.DataFrame({"a": [1]}), [1, 2]), OptionError, "digits has 2 values for 1 columns"),
    "half a digit": (lambda: dfround(pd.DataFrame({"a": [1]}), 1.5), OptionError, "digits=1.5 for column 'a'"),
    "no frame": (lambda: dfround([1, 2], 1), DataError, "x: needs a DataFrame"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    call, error, message = REFUSED[name]
    with pytest.raises(error) as raised:
        call()
    assert message in str(raised.value)


def test_filled_in():
    assert replmiss([4, NAN, 7], 0).tolist() == [4, 0, 7]
    assert np.isnan(replmiss([4, NAN, NAN], [1, 2, NAN])).tolist() == [False, False, True]
    data = pd.DataFrame({"x": [1.0, NAN], "y": [8.0, 9.0]}, index=[5, 6])
    assert replmiss("x", "y", data=data).to_dict() == {5: 1.0, 6: 9.0}
    assert replmiss(["a", None], "b").tolist() == ["a", "b"]
    assert replmiss(np.array([1, 2]), 0).tolist() == [1, 2]


def test_rounded():
    frame = pd.DataFrame(
        {"a": [0.15, NAN], "b": ["x", "y"], "c": [2.5, -0.5], "d": [True, False], "e": [1234, 5]}, index=[3, 4]
    )
    found = dfround(frame, [1, 0, 0, 9, -2])
    assert found["a"].tolist()[0] == 0.1
    assert found["c"].tolist() == [2.0, -0.0]
    assert found["e"].tolist() == [1200.0, 0.0]
    assert found["d"].tolist() == [True, False]
    assert found.index.tolist() == [3, 4]
    texts = dfround(frame, 2, drop0=[False, True, False, True, True])
    assert texts["a"].tolist() == ["0.15", "NA"]
    assert texts["c"].tolist() == ["2.50", "-0.50"]
    assert texts["e"].tolist() == [1234, 5]
