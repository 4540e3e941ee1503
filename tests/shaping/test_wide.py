"""Groups as comparisons, and the matrices of contrasts."""

import numpy as np
import pandas as pd
import pytest

from pymeta.errors import DataError, OptionError
from pymeta.shaping.contrasts import contrmat, pairmat
from pymeta.shaping.levels import label, levels, shortened, text_key, unique_labels
from pymeta.shaping.wide import to_wide

ARMS = pd.DataFrame(
    {
        "study": ["s2", "s2", "s1", "s1", "s1", "s3"],
        "trt": ["placebo", "drug", "drug", "placebo", "dose", "drug"],
        "n": [1, 2, 3, 4, 5, 6],
        "year": [2002, 2002, 2001, 2001, 2001, 2003],
    }
)


def wide(**arguments):
    return to_wide(ARMS, **{"study": "study", "grp": "trt", "grpvars": "n", "ref": "placebo", **arguments})


def test_each_group_with_the_reference():
    found = wide()
    assert found.columns.tolist() == ["study", "trt.1", "n.1", "year", "trt.2", "n.2", "id", "comp", "design"]
    assert found["study"].tolist() == ["s1", "s1", "s2", "s3"]
    assert found["trt.1"].tolist() == ["dose", "drug", "drug", "drug"]
    assert found["n.1"].tolist() == [5, 3, 2, 6]
    assert found["n.2"].tolist()[:3] == [4, 4, 1]
    assert found["comp"].tolist()[:3] == ["do-pl", "dr-pl", "dr-pl"]
    assert found["design"].tolist()[:3] == ["do-dr-pl", "do-dr-pl", "dr-pl"]


def test_a_study_of_one_group_has_nothing_to_compare():
    last = wide().iloc[3]
    assert last[["trt.2", "n.2", "comp", "design"]].isna().all()
    assert last["id"] == 4


def test_by_default_the_commonest_group_is_compared_with():
    assert wide(ref=None)["trt.2"].tolist()[:3] == ["drug", "drug", "drug"]


def test_without_the_reference_the_last_group_by_name():
    found = wide(ref="dose")
    assert found[found.study == "s2"][["trt.1", "trt.2"]].to_numpy().tolist() == [["drug", "placebo"]]


def test_positions_and_names():
    found = wide(study=0, grp=1, grpvars=[2], postfix=["_a", "_b"], var_names=["i", "c", "d"], minlen=3)
    assert found.columns.tolist() == ["study", "trt_a", "n_a", "year", "trt_b", "n_b", "i", "c", "d"]
    assert found["c"][0] == "dos-pla"
    assert wide(addid=False, addcomp=False, adddesign=False).columns[-1] == "n.2"


def test_categories_are_ordered_as_they_stand():
    arms = ARMS.assign(
        study=pd.Categorical(ARMS.study, ["s3", "s2", "s1"]), trt=pd.Categorical(ARMS.trt, ["placebo", "drug", "dose"])
    )
    found = to_wide(arms, "study", "trt", grpvars="n", ref="placebo")
    assert found["study"].tolist() == ["s3", "s2", "s1", "s1"]
    assert found["trt.1"].tolist() == ["drug", "drug", "drug", "dose"]


REFUSED = {
    "study": ({"study": "st"}, OptionError, "study='st': no such column in data"),
    "position": ({"grp": 7}, OptionError, "grp=7: no such column; the positions are 0 to 3"),
    "grpvars": ({"grpvars": ["n", "m"]}, OptionError, "grpvars='m': no such column in data"),
    "no grpvars": ({"grpvars": []}, OptionError, "grpvars=[]: needs names or positions of columns"),
    "ref": (
        {"ref": "plac"},
        OptionError,
        "ref='plac': no such group; allowed: dose, drug, placebo. Did you mean 'placebo'?",
    ),
    "postfix": ({"postfix": ["a", "a"]}, OptionError, "postfix=['a', 'a']: needs 2 different texts"),
    "names": ({"var_names": ["a", "b"]}, OptionError, "var_names=['a', 'b']: needs 3 different texts"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    arguments, error, message = REFUSED[name]
    with pytest.raises(error) as raised:
        wide(**arguments)
    assert message in str(raised.value)


def test_refused_data():
    with pytest.raises(DataError, match="study, row 1: is missing"):
        to_wide(ARMS.assign(study=[None, *ARMS.study[1:]]), "study", "trt", grpvars="n")
    with pytest.raises(DataError, match="grp, row 2: is missing"):
        to_wide(ARMS.assign(trt=["a", None, *ARMS.trt[2:]]), "study", "trt", grpvars="n")
    with pytest.raises(DataError, match=r"would have two columns 'n\.2'"):
        to_wide(ARMS.assign(**{"n.2": 1}), "study", "trt", grpvars="n")


PAIRS = pd.DataFrame({"g1": ["a", "b", "c"], "g2": ["p", "p", "q"], "w": [1, 2, 3]}, index=[7, 8, 9])


def test_contrasts():
    found = contrmat(PAIRS, "g1", "g2")
    assert found.columns.tolist() == ["g1", "g2", "w", "a", "b", "c", "q", "p"]
    assert found.loc[8, "a":].tolist() == [0.0, 1.0, 0.0, 0.0, -1.0]
    assert contrmat(PAIRS, 0, 1, last="a", append=False).columns.tolist() == ["b", "c", "p", "q", "a"]


def test_names_of_contrasts():
    frame = pd.DataFrame({"g1": ["a b", "a-b", "a.b", "if", "1x"], "g2": ["_y", ".2", "zed", "zed", "zed"]})
    made = contrmat(frame, "g1", "g2", append=False).columns.tolist()
    assert made == ["X_y", "X.2", "X1x", "a.b.1", "a.b.2", "a.b", "if.", "zed"]
    assert contrmat(frame, "g1", "g2", append=False, check=False).columns.tolist()[0] == "_y"
    short = contrmat(ARMS.assign(other="none"), "trt", "other", shorten=True, append=False)
    assert short.columns.tolist() == ["do", "dr", "pl", "no"]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"grp1": "g"}, OptionError, "grp1='g': no such column in data"),
        ({"last": "z"}, OptionError, "last='z': no such group; allowed: a, b, c, p, q"),
        ({"data": PAIRS.assign(g2=["p", None, "q"])}, DataError, "grp2, row 2: is missing"),
        ({"data": PAIRS.rename(columns={"w": "a"})}, DataError, "data: has a column 'a' already"),
    ],
)
def test_refused_contrasts(arguments, error, message):
    with pytest.raises(error) as raised:
        contrmat(**{"data": PAIRS, "grp1": "g1", "grp2": "g2", **arguments})
    assert message in str(raised.value)


class Model:
    names = ("intrcpt", "year", "kindB", "kindC")


def test_pairs_of_coefficients():
    found = pairmat(Model(), "kind", btt2=[1])
    assert found.index.tolist() == ["year", "kindB-kindC"]
    assert found.to_numpy().tolist() == [[0, 1, 0, 0], [0, 0, -1, 1]]
    assert pairmat(Model.names, [3, 0, 0]).to_numpy().tolist() == [[-1, 0, 0, 1]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((Model(), "sort"), "btt='sort': no such coefficient"),
        ((Model(), [1, 4]), "btt=[1, 4]: the positions of 4 coefficients are 0 to 3"),
        ((Model(), 1), "btt=1 finds one coefficient; pairs need two"),
        ((["intrcpt"], [0]), "x has one coefficient"),
        ((Model(), [1, 2], -1), "btt2=-1: the positions of 4"),
    ],
)
def test_refused_pairs(arguments, message):
    with pytest.raises(OptionError) as raised:
        pairmat(*arguments)
    assert message in str(raised.value)


def test_levels():
    assert levels([3, 1.5, 10]) == [1.5, 3, 10]
    assert levels(["b", "A", "a", "É", "f", "_x", "10", "9"]) == ["_x", "10", "9", "a", "A", "b", "É", "f"]
    assert levels(pd.Categorical(["x"], ["z", "x"])) == ["z", "x"]
    assert sorted(["e", "é", "E", "ea"], key=text_key) == ["e", "E", "é", "ea"]


def test_short_and_unique_names():
    assert shortened(["abc", "abd", "x"], 1) == ["abc", "abd", "x"]
    assert shortened(["abcd", "xyz"], 2) == ["ab", "xy"]
    assert shortened(["aa", "aa", "bb"], 1) == ["a", "a", "b"]
    assert unique_labels(["a", "b", "a"]) == ["a.1", "b", "a.2"]
    assert [label(value) for value in (3.0, np.float64(2.5), "x", True)] == ["3", "2.5", "x", "True"]
