"""escalc as a person calls it: frames, rows, labels, signs, what is kept, and the table that `summary_escalc` makes."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import pymeta
from pymeta import escalc, print_escalc, summary_escalc
from pymeta.harness import Call, plain

CELLS = {"ai": "ai", "bi": "bi", "ci": "ci", "di": "di"}
YI = [
    -0.88931133392020545,
    -1.58538865720143063,
    -1.34807314829969327,
    -1.44155119002130538,
]  # dat.bcg, its first four, metafor 5.2-1
VI = [0.325584765003961329, 0.194581121398143847, 0.415367965367965386, 0.020010031902247573]


@pytest.fixture
def trials():
    columns = {"ai": [4, 6, 3, 62], "bi": [119, 300, 228, 13536], "ci": [11, 29, 11, 248], "di": [128, 274, 209, 12619]}
    return pd.DataFrame({"study": ["Aronson", "Ferguson", "Rosenthal", "Hart"], **columns})


def ask(worker, tmp_path, code, **args):
    """What R says of a few lines: a function `f` of the arguments."""
    adapter = tmp_path / "asked.R"
    adapter.write_text(code)
    outcome = worker.run(Call("f", args, adapter, packages=("metafor",)))
    assert outcome.error is None, outcome.error
    return plain(outcome.value)


# ---- frames -----------------------------------------------------------------------------------------------------------


def test_columns_are_named_or_given(trials):
    named = escalc("RR", data=trials, **CELLS)
    assert list(named.columns) == [*trials.columns, "yi", "vi"]
    assert named["yi"].tolist() == pytest.approx(YI, rel=1e-12)
    assert named["vi"].tolist() == pytest.approx(VI, rel=1e-12)
    given = escalc("RR", **{name: trials[name] for name in CELLS})
    assert given["yi"].tolist() == named["yi"].tolist()
    mixed = escalc(
        "RR", data=trials, ai="ai", n1i=trials["ai"] + trials["bi"], ci=trials["ci"].to_list(), n2i=[139, 303, 220, 12867]
    )
    assert mixed["vi"].tolist() == pytest.approx(VI, rel=1e-12)


def test_the_frame_that_is_given_is_left_as_it_was(trials):
    before = trials.copy()
    escalc("RR", data=trials, **CELLS)
    pd.testing.assert_frame_equal(trials, before)


def test_one_number_stands_for_all_rows():
    assert (
        escalc("RR", ai=[1, 2], n1i=9, ci=[3, 4], n2i=9)["yi"].tolist()
        == escalc("RR", ai=[1, 2], n1i=[9, 9], ci=[3, 4], n2i=[9, 9])["yi"].tolist()
    )


@pytest.mark.parametrize("library", ["polars", "pyarrow", "dict"])
def test_other_libraries(trials, library):
    made = {"polars": pl.from_pandas, "pyarrow": pa.Table.from_pandas, "dict": lambda frame: frame.to_dict("list")}
    data = made[library](trials)
    found = escalc("RR", data=data, **CELLS)
    assert type(found) is (pd.DataFrame if library == "dict" else type(data))
    assert list(found["yi"].to_numpy()) == escalc("RR", data=trials, **CELLS)["yi"].tolist()
    picked = escalc("RR", data=data, subset=[1, 3], slab="study", **CELLS)
    assert len(picked["yi"]) == 2


def test_missing_values_are_rows_without_an_effect(trials):
    trials["ai"] = [4.0, np.nan, 3.0, 62.0]
    assert np.isnan(escalc("RR", data=trials, **CELLS)["yi"]).tolist() == [False, True, False, False]
    with_none = pl.from_pandas(trials.assign(ai=pd.array([4, None, 3, 62], dtype="Int64")))
    assert np.isnan(escalc("RR", data=with_none, **CELLS)["vi"].to_numpy()).tolist() == [False, True, False, False]


# ---- rows -------------------------------------------------------------------------------------------------------------


def test_subset_is_taken_first_and_include_last():
    """metafor 5.2-1: escalc("COR", ri=c(.1,.5,.9), ni=c(10,20,30), vtype="AV", subset=2:3), and with include=2:3."""
    asked = {"ri": [0.1, 0.5, 0.9], "ni": [10, 20, 30], "vtype": "AV"}
    subset = escalc("COR", **asked, subset=[1, 2])
    assert subset["vi"].tolist() == pytest.approx([0.0107718821052631593, 0.00705744], rel=1e-12)
    include = escalc("COR", **asked, include=[False, True, True])
    assert np.isnan(include["yi"]).tolist() == [True, False, False]
    assert include["vi"][1] == pytest.approx(0.018877257959714101, rel=1e-12)


@pytest.mark.parametrize(
    "rows", [[0, 2], [True, False, True, False], pd.Series([True, False, True, False]), np.array([2, 0])]
)
def test_rows_by_mask_or_position(trials, rows):
    found = escalc("RR", data=trials, subset=rows, **CELLS)
    assert found["study"].tolist() == ["Aronson", "Rosenthal"]
    assert found["yi"].tolist() == pytest.approx([YI[0], YI[2]], rel=1e-12)
    assert escalc("RR", data=trials, include=rows, **CELLS)["yi"].notna().tolist() == [True, False, True, False]


def test_options_by_row_follow_the_subset():
    cells = {"ai": [4, 5, 6], "bi": [9, 8, 7], "ci": [3, 3, 3], "di": [5, 5, 6]}
    every = escalc("PHI", **cells, vtype=["ST", "CS", "ST"], flip=[False, False, True])
    some = escalc("PHI", **cells, vtype=["ST", "CS", "ST"], flip=[False, False, True], subset=[0, 2], slab=["a", "b", "c"])
    assert some.to_numpy().tolist() == every.iloc[[0, 2]].to_numpy().tolist()
    assert list(some.index) == ["a", "c"]


def test_flip(trials):
    plain_effects = escalc("RR", data=trials, **CELLS)
    assert escalc("RR", data=trials, flip=True, **CELLS)["yi"].tolist() == (-plain_effects["yi"]).tolist()
    by_row = escalc("RR", data=trials, flip=[2.0, -1.0, 0.5, 1.0], **CELLS)
    assert by_row["yi"].tolist() == (plain_effects["yi"] * [2.0, -1.0, 0.5, 1.0]).tolist()
    assert by_row["vi"].tolist() == (plain_effects["vi"] * [4.0, 1.0, 0.25, 1.0]).tolist()


# ---- what is kept -----------------------------------------------------------------------------------------------------


def test_names_labels_and_the_measure(trials):
    found = escalc("RR", data=trials, slab="study", var_names=("lnrr", "var"), add_measure=True, **CELLS)
    assert list(found.columns[-3:]) == ["lnrr", "var", "measure"]
    assert list(found.index) == trials["study"].tolist()
    assert found.attrs == {"measure": "RR", "yi": "lnrr", "vi": "var"}
    assert escalc("RR", data=trials, append=False, **CELLS).columns.tolist() == ["yi", "vi"]


def test_what_is_there_already(trials):
    """As metafor 5.2-1: without replace only what is missing is filled, value by value; include leaves other rows alone."""
    trials["yi"], trials["vi"] = [1.0, np.nan, 3.0, np.nan], [1.0, 1.0, np.nan, np.nan]
    kept = escalc("RR", data=trials, replace=False, **CELLS)
    assert kept["yi"].tolist() == pytest.approx([1.0, YI[1], 3.0, YI[3]], rel=1e-12)
    assert kept["vi"].tolist() == pytest.approx([1.0, 1.0, VI[2], VI[3]], rel=1e-12)
    assert escalc("RR", data=trials, **CELLS)["yi"].tolist() == pytest.approx(YI, rel=1e-12)


@pytest.mark.parametrize("replace", [True, False])
def test_two_measures_in_one_table(trials, replace):
    first = escalc("RR", data=trials, include=[0, 1], add_measure=True, **CELLS)
    both = escalc("OR", data=first, include=[2, 3], add_measure=True, replace=replace, **CELLS)
    assert both["measure"].tolist() == ["RR", "RR", "OR", "OR"]
    assert both["yi"].tolist()[:2] == pytest.approx(YI[:2], rel=1e-12)
    assert both["yi"].notna().all()


def test_given_effects_of_any_measure():
    found = escalc("SMD", yi=[0.5, -0.1], sei=[0.1, 0.2], add_measure=True)
    assert found["vi"].tolist() == pytest.approx([0.01, 0.04], rel=1e-15)
    assert found["measure"].tolist() == ["SMD", "SMD"]


def test_large_effects_are_told_of():
    means = {"m1i": [10, 1], "m2i": [0, 0], "sd1i": [1, 1], "sd2i": [1, 1], "n1i": [9, 9], "n2i": [9, 9]}
    with pytest.warns(pymeta.LargeEffectWarning, match=r"SMD in row 1 is 9\.5.*beyond 2 \(1 such rows\).*standard errors"):
        escalc("SMD", **means)
    escalc("SMD", **means, cutoff=None)
    escalc("SMD", **means, cutoff=11)
    escalc("MD", **means)


# ---- summary ----------------------------------------------------------------------------------------------------------

SUMMARY = """
f <- function(yi, vi, ...) {
  s <- summary(metafor::escalc("GEN", yi = yi, vi = vi), ...)
  lapply(as.list(s), as.vector)
}
"""


@pytest.mark.parametrize("options", [{}, {"level": 90}, {"H0": 0.3}, {"olim": [-1.0, 0.5]}])
def test_summary_is_r_s(worker, tmp_path, options):
    yi, vi = np.array([0.5, -1.2, np.nan, 2.0]), np.array([0.1, 0.4, np.nan, 4.0])
    theirs = ask(worker, tmp_path, SUMMARY, yi=yi, vi=vi, **options)
    found = summary_escalc(escalc("GEN", yi=yi, vi=vi), **options)
    assert list(found.columns) == [name.replace(".", "_") for name in theirs]
    for name, values in theirs.items():
        np.testing.assert_allclose(found[name.replace(".", "_")], values, rtol=1e-12)


def test_summary_on_another_scale(trials):
    found = summary_escalc(escalc("RR", data=trials, **CELLS), transf=np.exp, level=0.9, olim=(0.1, 1.0))
    assert list(found.columns) == [*trials.columns, "yi", "ci_lb", "ci_ub"]
    reach = 1.6448536269514722 * np.sqrt(VI)
    assert found["ci_ub"].tolist() == pytest.approx(np.minimum(np.exp(YI + reach), 1.0).tolist(), rel=1e-12)
    turned = summary_escalc(escalc("RR", data=trials, append=False, **CELLS), transf=lambda x, by: -x * by, by=2.0)
    assert (turned["ci_lb"] < turned["yi"]).all()
    assert (turned["ci_ub"] > turned["yi"]).all()


def test_summary_keeps_what_it_is_told_to(trials):
    effects = escalc("RR", data=trials, **CELLS)
    assert summary_escalc(effects, append=False).columns.tolist() == ["yi", "vi", "sei", "zi", "pval", "ci_lb", "ci_ub"]
    mine = effects.assign(sei=[1.0, np.nan, 3.0, 4.0])
    assert summary_escalc(mine, replace=False)["sei"].tolist() == pytest.approx([1.0, VI[1] ** 0.5, 3.0, 4.0])
    renamed = effects.rename(columns={"yi": "a", "vi": "b"})
    assert "ci_lb" in summary_escalc(renamed, var_names=("a", "b"))


def test_printing(trials, capsys):
    print_escalc(summary_escalc(escalc("RR", data=trials, include=[0, 1, 2], **CELLS)), digits=3)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[-7:] == ["yi", "vi", "sei", "zi", "pval", "ci_lb", "ci_ub"]
    assert lines[1].split()[-7:] == ["-0.889", "0.326", "0.571", "-1.559", "0.119", "-2.008", "0.229"]
    assert lines[4].split()[-7:] == ["NA"] * 7


# ---- mistakes ---------------------------------------------------------------------------------------------------------

MISTAKES = {
    "subset beyond": (
        lambda t: escalc("RR", data=t, subset=[4], **CELLS),
        "subset: there is no row 4; the positions of 4 rows",
    ),
    "subset from the end": (lambda t: escalc("RR", data=t, subset=[-1], **CELLS), "subset: there is no row -1"),
    "a short mask": (lambda t: escalc("RR", data=t, include=[True], **CELLS), "include: a mask of 1 for 4 rows"),
    "rows by name": (lambda t: escalc("RR", data=t, subset="study", **CELLS), "needs True or False for each row"),
    "vtype": (
        lambda t: escalc("RR", data=t, vtype="XX", **CELLS),
        "vtype='XX': no such kind of variance of RR; allowed: LS",
    ),
    "vtypes": (lambda t: escalc("RR", vtype=["LS"], **t[[*CELLS]].to_dict("list")), "vtype: 1 for 4 rows"),
    "flip": (lambda t: escalc("RR", data=t, flip=[1, 2], **CELLS), "flip: 2 values for 4 rows"),
    "flip by nothing": (lambda t: escalc("RR", data=t, flip=np.nan, **CELLS), "needs True or False, or numbers"),
    "correct": (lambda t: escalc("RR", data=t, correct="yes", **CELLS), "correct='yes': needs True or False"),
    "names": (lambda t: escalc("RR", data=t, var_names=("yi",), **CELLS), "needs two or three different names"),
    "one name": (lambda t: escalc("RR", data=t, var_names="yi", **CELLS), "needs two or three different names"),
    "cutoff": (
        lambda t: escalc("SMD", m1i=1, m2i=0, sd1i=1, sd2i=1, n1i=9, n2i=9, cutoff="a"),
        "cutoff='a': needs a number of 0 or more, or None",
    ),
    "summary of nothing": (summary_escalc, "has no column 'yi'; name effects and variances by var_names="),
    "summary's level": (lambda t: summary_escalc(escalc("RR", data=t, **CELLS), level=100), "level=100: needs a percentage"),
    "summary's names": (lambda t: summary_escalc(escalc("RR", data=t, **CELLS), out_names=("a",)), "needs 5 names"),
    "a label's row": (
        lambda t: escalc("RR", data=t.assign(ai=[4, -6, 3, 62]), slab="study", **CELLS),
        "RR: ai, row 2 (Ferguson): -6 is negative; a number of events is 0 or more",
    ),
    "a column too few": (lambda t: escalc("RR", data=t, ai="ai", bi="bi", ci="ci"), "RR: 2x2 tables are given by"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_a_way_out(trials, mistake):
    call, words = MISTAKES[mistake]
    with pytest.raises(pymeta.PymetaError) as caught:
        call(trials)
    assert words in str(caught.value)
