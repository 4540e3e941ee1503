"""Summary data in long and in table format."""

import numpy as np
import pandas as pd
import pytest

import pymeta
from pymeta.effects.measures import MEASURES
from pymeta.errors import DataError, OptionError, ShapingWarning
from pymeta.shaping.long import to_long, to_table
from pymeta.shaping.summaries import SHAPES, shape_of

CELLS = {"ai": [1, 0], "bi": [2, 3], "ci": [3, 4], "di": [4, 5]}
DATA = pd.DataFrame({"who": ["x", "y"], **CELLS})


def test_two_rows_a_study():
    found = to_long("OR", **CELLS)
    assert found.to_dict("list") == {
        "study": ["1", "1", "2", "2"],
        "group": ["1", "2", "1", "2"],
        "out1": [1.0, 3.0, 0.0, 4.0],
        "out2": [2.0, 4.0, 3.0, 5.0],
    }
    assert found["group"].cat.categories.tolist() == ["2", "1"]


def test_four_rows_a_study():
    found = to_long("OR", **CELLS, vlong=True)
    assert found.columns.tolist() == ["study", "group", "outcome", "freq"]
    assert found["freq"].tolist() == [1, 2, 3, 4, 0, 3, 4, 5]
    assert found["outcome"].tolist() == ["1", "2"] * 4


def test_by_events_and_totals_row_by_row():
    found = to_long("RR", ai=[1, 2], bi=[np.nan, 5], n1i=[10, np.nan], ci=[3, 4], n2i=[7, 8])
    assert found["out2"].tolist() == [9.0, 4.0, 5.0, 4.0]


def test_every_shape_has_a_measure_and_columns_that_measures_know():
    for name, shape in SHAPES.items():
        families = {measure.family.name for measure in MEASURES.values()}
        assert name in families | {"pairs_as_they_are"}
        known = {c for m in MEASURES.values() if m.family.name == name for c in m.family.accepts}
        assert all(set(layout) <= known for layout in shape.layouts) or name == "pairs_as_they_are"


def test_ten_studies_keep_their_order():
    found = to_long("PR", xi=range(10), ni=[20] * 10)
    assert found["study"].cat.categories.tolist() == [str(i) for i in range(1, 11)]


def test_labels_that_repeat_are_numbered_and_sorted_as_categories():
    found = to_long("PR", xi=[1, 2, 3], ni=[9, 9, 9], slab=["b", "a", "b"])
    assert found["study"].tolist() == ["b.1", "a", "b.2"]
    assert found["study"].cat.categories.tolist() == ["a", "b.1", "b.2"]


@pytest.mark.parametrize(
    ("to", "out1"), [("none", [1, 3, 0, 4]), ("only0", [1, 3, 1, 5]), ("if0all", [2, 4, 1, 5]), ("all", [2, 4, 1, 5])]
)
def test_what_is_added(to, out1):
    assert to_long("OR", **CELLS, add=1, to=to)["out1"].tolist() == out1


def test_pairs_are_counted_by_time_after_adding():
    found = to_long("MPOR", ai=[1.0], bi=[0.0], ci=[2.0], di=[4.0], to="only0")
    assert found.columns.tolist() == ["study", "time", "out1", "out2"]
    assert found[["out1", "out2"]].to_numpy().tolist() == [[2.0, 7.0], [4.0, 5.0]]


def test_studies_that_lack_a_number_are_left_out_and_told():
    with pytest.warns(ShapingWarning, match="1 of 2 studies lack a number and are left out"):
        found = to_long("OR", ai="ai", bi="bi", ci="ci", di="di", data=DATA.assign(ai=[np.nan, 2]))
    assert found["who"].tolist() == ["y", "y"]
    assert found["study"].tolist() == ["2", "2"]
    with pytest.warns(ShapingWarning):
        assert len(to_long("OR", ai=[0, 1], bi=[5, 5], ci=[0, 1], di=[5, 5], drop00=True)) == 2
    with pytest.warns(ShapingWarning):
        assert len(to_long("IRR", x1i=[0, 1], t1i=[5, 5], x2i=[0, 1], t2i=[5, 5], drop00=True)) == 2


@pytest.mark.parametrize(("append", "first"), [(True, ["who", "ai", "bi", "ci", "di"]), (["who"], ["who"]), ([0], ["who"])])
def test_appended(append, first):
    found = to_long("OR", ai="ai", bi="bi", ci="ci", di="di", data=DATA, append=append, subset=[1])
    assert found.columns.tolist() == [*first, "study", "group", "out1", "out2"]
    assert found["who"].tolist() == ["y", "y"]


def test_names():
    found = to_long("OR", **CELLS, var_names=["id", "arm", "yes", "no"])
    assert found.columns.tolist() == ["id", "arm", "yes", "no"]


def test_the_long_format_has_what_the_effects_need():
    found = to_long("OR", **CELLS, slab=["p", "q"])
    one = pymeta.escalc("PLO", xi=found["out1"], mi=found["out2"])["yi"].to_numpy().reshape(2, 2)
    both = pymeta.escalc("OR", **CELLS, add=0.5)["yi"]
    assert one[0, 0] - one[0, 1] == pytest.approx(both[0], rel=1e-14)


def test_tables():
    found = to_table("OR", **CELLS, slab=["p", "q"], rows=["T", "C"], cols=["+", "-"])
    assert found.loc["q"].to_dict() == {"+": {"T": 0.0, "C": 4.0}, "-": {"T": 3.0, "C": 5.0}}
    assert to_table("COR", ri=[0.5], ni=[10]).loc[("1", "Grp")].tolist() == [0.5, 10.0]


REFUSED = {
    "no table": (("HR",), {}, OptionError, "measure='HR': its data have no long or table format"),
    "measure": (("OOR",), CELLS, OptionError, "measure='OOR': no such measure"),
    "missing column": (
        ("OR",),
        {"ai": [1], "bi": [1]},
        DataError,
        "the data are given by ai, bi, ci, di or ai, n1i, ci, n2i",
    ),
    "nothing": (("OR",), {}, DataError, "got nothing"),
    "unknown column": (
        ("OR",),
        {**CELLS, "ni": [1, 2]},
        OptionError,
        "argument='ni': no such column argument of this measure",
    ),
    "lengths": (("OR",), {**CELLS, "di": [1]}, DataError, "columns of different lengths: ai has 2"),
    "negative": (("OR",), {**CELLS, "di": [1, -1]}, DataError, "di, row 2: -1 is negative; a count"),
    "events": (("PR",), {"xi": [5], "ni": [4]}, DataError, "xi, row 1: 5 is more than the whole, ni"),
    "size": (("COR",), {"ri": [0.5], "ni": [0]}, DataError, "ni, row 1: 0 is not above 0"),
    "correlation": (("COR",), {"ri": [-1.5], "ni": [9]}, DataError, "ri, row 1: -1.5 is no correlation"),
    "sd": (("MN",), {"mi": [1], "sdi": [-1], "ni": [9]}, DataError, "sdi, row 1: -1 is negative; a standard deviation"),
    "alpha": (("ABT",), {"ai": [1.5], "mi": [4], "ni": [9]}, DataError, "ai, row 1: 1.5 is no alpha"),
    "items": (("ABT",), {"ai": [0.5], "mi": [1], "ni": [9]}, DataError, "mi, row 1: 1 is too few items"),
    "time": (("IR",), {"xi": [1], "ti": [0]}, DataError, "ti, row 1: 0 is not above 0"),
    "to": (("OR",), {**CELLS, "to": "some"}, OptionError, "to='some': no such way to choose studies"),
    "add": (("OR",), {**CELLS, "add": -1, "to": "all"}, OptionError, "add=-1: needs a number of 0 or more"),
    "slab": (("OR",), {**CELLS, "slab": ["a"]}, DataError, "slab: has 1 labels for 2 studies"),
    "no label": (("OR",), {**CELLS, "slab": ["a", None]}, DataError, "slab, row 2: is missing"),
    "subset": (("OR",), {**CELLS, "subset": [2]}, OptionError, "subset: there is no row 2"),
    "none left": (("OR",), {**CELLS, "ai": [np.nan] * 2}, DataError, "no study has all the numbers"),
    "names": (
        ("OR",),
        {**CELLS, "var_names": ["a", "b"]},
        OptionError,
        "needs 4 different names, for study, group, out1, out2",
    ),
    "names twice": (("OR",), {**CELLS, "var_names": list("abcc")}, OptionError, "needs 4 different names"),
    "append": (("OR",), {**CELLS, "data": DATA, "append": ["z"]}, OptionError, "append='z': no such column in data"),
    "rows of data": (("OR",), {**CELLS, "data": DATA.iloc[:1]}, DataError, "data: has 1 rows, and 2 studies are given"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    measure, arguments, error, message = REFUSED[name]
    with pytest.raises(error) as raised:
        to_long(*measure, **arguments)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"rows": ["a"]}, "rows=['a']: needs 2 names, for Grp1, Grp2"), ({"cols": "ab"}, "cols='ab': needs 2 names")],
)
def test_refused_names_of_tables(arguments, message):
    with pytest.raises(OptionError) as raised:
        to_table("OR", **CELLS, **arguments)
    assert message in str(raised.value)


def test_the_two_measures_of_pairs_that_are_laid_out_otherwise():
    assert shape_of("MPORM").group == "group"
    assert shape_of("MPPETO").cols == ("Time2.Out1", "Time2.Out2")


def test_a_new_column_whose_name_is_taken_gets_a_number():
    data = DATA.assign(study=[7, 8])
    long = to_long("OR", **CELLS, data=data)
    assert long.columns.tolist() == ["who", *CELLS, "study", "study.1", "group", "out1", "out2"]
    assert long["study"].tolist() == [7, 7, 8, 8]
    assert long["study.1"].tolist() == ["1", "1", "2", "2"]
    assert "study.2" in to_long("OR", **CELLS, data=data.assign(**{"study.1": 0})).columns
