"""Estimates of one study made one: by generalized least squares in 50 digits, in the corners, and what is refused."""

import mpmath as mp
import numpy as np
import pandas as pd
import pytest

import pymeta
from pymeta.errors import DataError, OptionError
from pymeta.shaping.aggregate import aggregate

DATA = pd.DataFrame(
    {
        "s": ["b", "b", "a", "b"],
        "yi": [0.1, -0.4, 2.0, 0.3],
        "vi": [0.01, 4.0, 1.0, 1e-6],
        "n": [1, 2, 3, 5],
        "word": ["x", "y", "z", "y"],
        "yes": [True, False, True, True],
        "time": [0.0, 1.0, 0.0, 2.5],
        "obs": [1, 2, 1, 1],
    }
)


def gls(yi, V):
    with mp.workdps(50):
        V, one = mp.matrix(V), mp.matrix([1] * len(yi))
        inverse = V**-1
        total = (one.T * inverse * one)[0]
        return float((one.T * inverse * mp.matrix(list(yi)))[0] / total), float(1 / total)


def correlation(struct, i, j):
    lag = mp.mpf("0.6") ** abs(mp.mpf(DATA.time[i]) - DATA.time[j])
    same = DATA.obs[i] == DATA.obs[j]
    rho = mp.mpf("0.3")
    return {"ID": 0, "CS": rho, "CAR": lag, "CS+CAR": rho + (1 - rho) * lag, "CS*CAR": lag if same else rho * lag}[struct]


@pytest.mark.parametrize("struct", ["ID", "CS", "CAR", "CS+CAR", "CS*CAR"])
def test_every_structure_in_50_digits(struct):
    rows = [0, 1, 3]
    with mp.workdps(50):
        V = [
            [mp.sqrt(mp.mpf(DATA.vi[i]) * mp.mpf(DATA.vi[j])) * (1 if i == j else correlation(struct, i, j)) for j in rows]
            for i in rows
        ]
        yi, vi = gls(DATA.yi[rows], V)
    given = {"CS": {"rho": 0.3}, "CAR": {"phi": 0.6, "time": "time"}, "ID": {}}
    both = {"rho": 0.3, "phi": 0.6, "time": "time", "obs": "obs"}
    found = aggregate(DATA, "s", struct=struct, **given.get(struct, both))
    assert found["s"].tolist() == ["b", "a"]
    assert found["yi"][0] == pytest.approx(yi, rel=1e-13)
    assert found["vi"][0] == pytest.approx(vi, rel=1e-13)
    assert (found["yi"][1], found["vi"][1]) == (2.0, 1.0)


def test_other_columns():
    found = aggregate(DATA, "s", struct="ID", addk=True)
    assert found["n"].tolist() == [8 / 3, 3.0]
    assert found["word"].tolist() == ["y", "z"]
    assert found["yes"].tolist() == [2 / 3, 1.0]
    assert found["ki"].tolist() == [3, 1]


def test_of_several_that_are_commonest_the_last_by_name():
    data = DATA.assign(word=["Q", "p", "z", "p"], kind=pd.Categorical(["u", "w", "u", "v"], categories=["w", "v", "u"]))
    found = aggregate(data, "s", struct="ID", subset=[0, 1])
    assert found["word"].tolist() == ["Q"]
    assert found["kind"].tolist() == ["u"]
    assert found["kind"].cat.categories.tolist() == ["w", "v", "u"]


def test_own_functions():
    found = aggregate(DATA, "s", struct="ID", fun=[max, all, "".join])
    assert found["n"].tolist() == [5, 3]
    assert found["yes"].tolist() == [False, True]
    assert found["word"].tolist() == ["xyy", "z"]


def test_missing_estimates_are_left_out_or_kept():
    data = DATA.assign(yi=[np.nan, -0.4, 2.0, 0.3], word=["x", None, "z", "y"])
    left_out = aggregate(data, "s", struct="ID", addk=True)
    assert left_out["ki"].tolist() == [2, 1]
    assert left_out["n"].tolist() == [3.5, 3.0]
    kept = aggregate(data, "s", struct="ID", na_rm=[False, True])
    assert np.isnan(kept["yi"][0])
    assert kept["vi"][0] == aggregate(DATA, "s", struct="ID")["vi"][0]
    assert aggregate(data, "s", struct="ID", na_rm=[True, False])["word"].isna().tolist() == [True, False]


def test_a_missing_covariance_takes_both_estimates_unless_one_is_missing_anyway():
    V = np.eye(4)
    V[0, 1] = V[1, 0] = np.nan
    assert aggregate(DATA, "s", V=V, addk=True)["ki"].tolist() == [1, 1]
    V[0, 0] = np.nan
    assert aggregate(DATA, "s", V=V, addk=True)["ki"].tolist() == [2, 1]


def test_variances_may_be_small():
    found = aggregate(DATA.assign(vi=DATA.vi * 1e-25), "s", rho=0.3)
    assert found["yi"].tolist() == pytest.approx(aggregate(DATA, "s", rho=0.3)["yi"].tolist(), rel=1e-14)


def test_the_plain_mean_keeps_the_covariances():
    found = aggregate(DATA, "s", V=np.full((4, 4), 0.5) + 0.5 * np.eye(4), weighted=False)
    assert abs(found["yi"][0]) < 1e-16
    assert found["vi"][0] == pytest.approx(2 / 3, rel=1e-15)


def test_what_escalc_calls_them():
    data = pymeta.escalc("GEN", yi="yi", vi="vi", data=DATA.drop(columns=["yi", "vi"]).assign(yi=DATA.yi, vi=DATA.vi))
    data = data.rename(columns={"yi": "effect", "vi": "variance"})
    data.attrs |= {"yi": "effect", "vi": "variance"}
    assert aggregate(data, "s", rho=0.5).attrs == data.attrs
    assert aggregate(data, "s", rho=0.5)["effect"].tolist() == aggregate(DATA, "s", rho=0.5)["yi"].tolist()


def test_selected_columns():
    assert aggregate(DATA, "s", rho=0.5, select=["n", "yi"]).columns.tolist() == ["n", "yi"]


REFUSED = {
    "no rho": ({}, OptionError, "struct='CS' needs rho="),
    "no phi": ({"struct": "CAR", "time": "time"}, OptionError, "struct='CAR' needs phi="),
    "no time": ({"struct": "CAR", "phi": 0.5}, OptionError, "struct='CAR' needs time="),
    "no obs": ({"struct": "CS*CAR", "phi": 0.5, "rho": 0.5, "time": "time"}, OptionError, "struct='CS*CAR' needs obs="),
    "rho": ({"rho": 1.5}, OptionError, "rho=1.5: needs correlations between -1 and 1"),
    "phi": ({"struct": "CAR", "time": "time", "phi": -0.5}, OptionError, "phi=-0.5: needs correlations between 0 and 1"),
    "rhos": ({"rho": [0.1, 0.2, 0.3]}, OptionError, "rho has 3 values for 2 clusters"),
    "struct": ({"struct": "AR"}, OptionError, "struct='AR': no such structure of covariances"),
    "a missing time": (
        {"struct": "CAR", "phi": 0.5, "time": [1, None, 2, 3]},
        DataError,
        "time, row 2: is missing",
    ),
    "not definite": ({"rho": 1.0}, DataError, "the covariances in cluster b are not positive definite"),
    "no inverse": ({"rho": 1.0, "checkpd": False}, DataError, "the covariances in cluster b have no inverse"),
    "V": ({"V": np.eye(3)}, DataError, "V: is of shape (3, 3) for 4 rows"),
    "asymmetric V": ({"V": np.triu(np.ones((4, 4)))}, DataError, "V: needs a symmetric matrix"),
    "missing V": (
        {"V": np.diag([1, np.nan, 1, 1]), "na_rm": False},
        DataError,
        "a covariance in cluster b is missing; na_rm=True",
    ),
    "fun": ({"rho": 0.5, "fun": [sum]}, OptionError, "needs three functions"),
    "select": ({"rho": 0.5, "select": ["m"]}, OptionError, "select='m': no such column in data"),
    "var_names": ({"rho": 0.5, "var_names": ["y", "v"]}, DataError, "x: has no column 'y'"),
    "one name": ({"rho": 0.5, "var_names": "yi"}, OptionError, "var_names='yi': needs two names"),
    "nothing left": ({"rho": 0.5, "subset": []}, OptionError, "subset=[]: needs True or False"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    arguments, error, message = REFUSED[name]
    with pytest.raises(error) as raised:
        aggregate(DATA, "s", **arguments)
    assert message in str(raised.value)


def test_refused_data():
    with pytest.raises(DataError, match="x: needs a DataFrame or another mapping"):
        aggregate([1, 2], [1, 1], rho=0.5)
    with pytest.raises(DataError, match="cluster, row 2: is missing"):
        aggregate(DATA, ["a", None, "b", "b"], rho=0.5)
    with pytest.raises(DataError, match="vi, row 4: -1 is negative"):
        aggregate(DATA.assign(vi=[1, 1, 1, -1]), "s", rho=0.5)
    with pytest.raises(DataError, match="no estimate is left"):
        aggregate(DATA.assign(yi=np.nan), "s", rho=0.5)


def test_any_frame_will_do():
    polars = pytest.importorskip("polars")
    found = aggregate(polars.DataFrame(DATA.to_dict("list")), "s", rho=0.5)
    assert found["yi"].tolist() == aggregate(DATA, "s", rho=0.5)["yi"].tolist()
