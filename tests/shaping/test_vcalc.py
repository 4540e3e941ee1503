"""The covariances of dependent estimates: by hand, in the corners, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from pymeta.errors import DataError, OptionError, ShapingWarning
from pymeta.shaping.definite import is_definite, nearest_correlation
from pymeta.shaping.vcalc import vcalc

ONE = [1, 1, 1]
BY_TYPE = pd.DataFrame([[1.0, 0.2], [0.2, 1.0]], index=["a", "b"], columns=["a", "b"])


def correlations(**arguments):
    return vcalc(np.ones(3), ONE, checkpd=False, **arguments)


def test_shared_control_of_equal_groups_is_one_half():
    R = vcalc([1.0, 4.0], ["s", "s"], grp1=["A", "B"], grp2=["C", "C"])
    assert R.tolist() == [[1.0, 1.0], [1.0, 4.0]]


def test_shared_control_of_unequal_groups():
    """Gleser & Olkin (2009): 1/n_C beside 1/n_A + 1/n_C and 1/n_B + 1/n_C."""
    n = {"A": 10.0, "B": 20.0, "C": 40.0}
    R = vcalc([1.0, 1.0], ["s", "s"], grp1=["A", "B"], grp2=["C", "C"], w1=[n["A"], n["B"]], w2=[n["C"], n["C"]])
    assert R[0, 1] == pytest.approx((1 / 40) / np.sqrt((1 / 10 + 1 / 40) * (1 / 20 + 1 / 40)), rel=1e-15)


def test_change_from_a_shared_baseline_within_a_group():
    """Of y2 − y1 and y3 − y1 with correlations phi^|t − t'| = ½, ¼, ½: (½ − ½ − ¼ + 1) / √(1 · 1.5)."""
    R = vcalc([1.0, 1.0], ["s", "s"], grp1=["A", "A"], grp2=["A", "A"], time1=[2, 3], time2=[1, 1], phi=0.5)
    assert R[0, 1] == pytest.approx(0.75 / np.sqrt(1.5), rel=1e-15)


def test_a_first_group_alone_is_compared_with_one_group_that_is_none_of_them():
    assert correlations(grp1=["1", "2", "2"]).tolist() == [[1.0, 0.5, 0.5], [0.5, 1.0, 1.0], [0.5, 1.0, 1.0]]


def test_within_and_between_types():
    R = correlations(type=["a", "a", "b"], obs=[1, 2, 1], rho=(0.7, 0.4))
    assert R.tolist() == [[1.0, 0.7, 0.4], [0.7, 1.0, 0.4], [0.4, 0.4, 1.0]]
    assert correlations(type=["a", "a", "b"], obs=[1, 2, 1], rho=[0.7, BY_TYPE])[0, 2] == 0.2


def test_clusters_and_subgroups_are_independent_wherever_their_rows_are():
    V = vcalc(1.0, ["x", "y", "x", "x"], subgroup=[1, 1, 1, 2], obs=[1, 2, 3, 4], rho=0.5)
    assert np.flatnonzero(np.triu(V, 1)).tolist() == [2]
    assert V[0, 2] == 0.5


def test_sparse_is_the_same():
    arguments = {"obs": [1, 2, 3, 4], "rho": 0.5}
    dense, sparse = (vcalc(np.arange(1.0, 5.0), list("xyxy"), sparse=wanted, **arguments) for wanted in (False, True))
    assert np.array_equal(sparse.toarray(), dense)
    assert sparse.nnz == 8


def test_a_missing_variance_takes_its_row_and_column_only():
    V = vcalc([1.0, np.nan, 1.0], ONE, obs=[1, 2, 3], rho=0.5)
    assert np.isnan(V).sum() == 5
    assert V[0, 2] == 0.5


def test_covariances_are_symmetric_to_the_last_bit():
    rng = np.random.default_rng(1)
    V = vcalc(rng.lognormal(0, 5, 30), [1] * 30, time1=rng.normal(size=30), phi=0.7)
    assert np.array_equal(V, V.T)


def test_columns_are_looked_up_and_tables_read():
    data = pd.DataFrame({"s": [1, 1, 2], "v": [4.0, 9.0, 1.0], "r1": [1.0, 0.5, 1.0], "r2": [np.nan, 1.0, np.nan]})
    assert vcalc("v", "s", data=data, rvars=["r1", "r2"]).tolist() == [[4.0, 3.0, 0.0], [3.0, 9.0, 0.0], [0.0, 0.0, 1.0]]


def test_what_is_not_definite_is_told():
    with pytest.warns(ShapingWarning, match="covariances of cluster b are not positive definite"):
        vcalc(1.0, ["a", "b", "b"], obs=[1, 1, 1], rho=0.5)
    with pytest.warns(ShapingWarning, match="cluster 1"):
        vcalc(1.0, ONE, obs=[1, 2, 3], rho=-0.6)


def test_correlations_that_are_missing_are_told():
    data = pd.DataFrame({"r1": [1.0, np.nan], "r2": [np.nan, 1.0]})
    with pytest.warns(ShapingWarning, match="rvars: correlations of cluster 1 are missing"):
        assert np.isnan(vcalc(1.0, [1, 1], data=data, rvars=["r1", "r2"])).sum() == 2


def test_the_nearest_matrix_is_definite_and_warns_of_nothing():
    V = vcalc([1.0, 4.0, 9.0], ONE, obs=[1, 2, 3], rho=-0.6, nearpd=True)
    assert np.diag(V) == pytest.approx([1.0, 4.0, 9.0], rel=1e-15)
    assert np.linalg.eigvalsh(V)[0] > 0.0
    assert V[0, 1] / 2.0 == pytest.approx(-0.5, abs=1e-6)


def test_higham_example():
    """Higham (2002), section 4: the correlation matrix nearest to one that is none."""
    A = np.array([[2.0, -1, 0, 0], [-1, 2, -1, 0], [0, -1, 2, -1], [0, 0, -1, 2]])
    found = nearest_correlation(A)
    assert found[0, 1] == pytest.approx(-0.8084124981, abs=1e-5)
    assert found[0, 2] == pytest.approx(0.1915875019, abs=1e-5)
    assert found[0, 3] == pytest.approx(0.1067756049, abs=1e-5)


@pytest.mark.parametrize(("scale", "definite"), [(1.0, True), (1e-30, True), (1e30, True)])
def test_definite_whatever_the_scale(scale, definite):
    assert is_definite(scale * np.array([[1.0, 0.5], [0.5, 1.0]])) is definite
    assert not is_definite(scale * np.ones((2, 2)))
    assert not is_definite(scale * np.diag([1.0, 0.0]))


REFUSED = {
    "length": ({"obs": [1, 2], "rho": 0.5}, DataError, "obs: has 2 values for 3 rows"),
    "missing": ({"obs": [1, None, 2], "rho": 0.5}, DataError, "obs, row 2: is missing"),
    "no rho": ({"obs": [1, 2, 3]}, OptionError, "rho and what it correlates, obs or type, go together"),
    "rho alone": ({"rho": 0.5}, OptionError, "rho and what it correlates"),
    "one rho": ({"obs": [1, 2, 3], "type": [1, 1, 2], "rho": 0.5}, OptionError, "rho has 1 elements; with obs and type"),
    "two rhos": ({"obs": [1, 2, 3], "rho": [0.5, 0.4]}, OptionError, "rho has 2 elements; with obs it needs one"),
    "rho too large": ({"obs": [1, 2, 3], "rho": 1.1}, OptionError, "rho=1.1: needs a correlation between -1 and 1"),
    "no names": ({"obs": [1, 2, 3], "rho": np.eye(3)}, OptionError, "rho: needs a DataFrame"),
    "asymmetric": (
        {"type": list("aba"), "rho": pd.DataFrame([[1, 0.3], [0.2, 1]], index=list("ab"), columns=list("ab"))},
        OptionError,
        "rho: needs a symmetric matrix",
    ),
    "beyond 1": (
        {"type": list("aba"), "rho": pd.DataFrame([[1, 3], [3, 1]], index=list("ab"), columns=list("ab"))},
        OptionError,
        "rho: 3 is no correlation",
    ),
    "no row": ({"type": ["a", "c", "b"], "rho": BY_TYPE}, DataError, "rho: 'c' of type has no row"),
    "no phi": ({"time1": [1, 2, 3]}, OptionError, "time1 and phi, the autocorrelation over time, go together"),
    "phi alone": ({"phi": 0.5}, OptionError, "time1 and phi"),
    "phi too large": ({"time1": [1, 2, 3], "phi": 1.1}, OptionError, "phi=1.1: needs a correlation"),
    "time2 alone": ({"time2": [1, 2, 3], "phi": 0.5}, OptionError, "time2 is given without time1"),
    "grp2 alone": ({"grp2": [1, 2, 3]}, OptionError, "grp2 is given without grp1"),
    "w2 alone": ({"grp1": [1, 2, 3], "grp2": [4, 4, 4], "w2": [1, 2, 3]}, OptionError, "w2 is given without w1"),
    "w1 without groups": ({"w1": [1, 2, 3]}, OptionError, "w1 is given without grp1"),
    "no weight": ({"grp1": [1, 2, 3], "w1": [5, 0, 3]}, DataError, "w1, row 2: 0 is no weight"),
    "a missing time": ({"time1": [1, None, 3], "phi": 0.5}, DataError, "time1, row 2: is missing"),
    "a text for a time": ({"time1": ["1", "2", "3"], "phi": 0.5}, DataError, "time1, row 1: '1' is not a number"),
    "no contrast": ({"grp1": [1, 2, 3], "grp2": [2, 2, 2]}, DataError, "grp1, row 2: '2' is compared with itself"),
    "rvars without data": ({"rvars": ["a"]}, OptionError, "rvars names columns, but no data= is given"),
    "rvars too few": ({"rvars": ["a"], "data": {"a": [1, 2, 3]}}, DataError, "rvars: 1 columns of 3 rows, and the largest"),
    "rvars unknown": ({"rvars": ["b"], "data": {"a": [1, 2, 3]}}, OptionError, "rvars='b': no such column in data"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    arguments, error, message = REFUSED[name]
    with pytest.raises(error) as raised:
        vcalc(1.0, ONE, **arguments)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("vi", "cluster", "message"),
    [
        ([1.0, -1.0, 1.0], ONE, "vi, row 2: -1 is negative"),
        ([1.0, 1.0], ONE, "vi: has 2 values for 3 rows"),
        (1.0, [1, None, 2], "cluster, row 2: is missing"),
    ],
)
def test_refused_variances_and_clusters(vi, cluster, message):
    with pytest.raises(DataError) as raised:
        vcalc(vi, cluster, obs=[1, 2, 3], rho=0.5)
    assert message in str(raised.value)
