"""What people call: every bad argument has an answer that names it, and every kind of good one gives the same result."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import pymeta
from pymeta.effects.measures import MEASURES

GOLDEN = Path(__file__).parent / "golden"
TABLES = {"ai": [4, 6, 3], "n1i": [20, 30, 25], "ci": [9, 3, 8], "n2i": [20, 30, 26]}
MEANS = {"n1i": [9, 8], "m1i": [1, 2], "sd1i": [1, 1], "n2i": [9, 8], "m2i": [1, 3], "sd2i": [1, 2]}
GENERIC = {"yi": [0.3, 0.1, 0.7], "vi": [0.1, 0.2, 0.15]}
FRAME = pd.DataFrame({"effect": [0.3, 0.1, 0.7], "variance": [0.1, 0.2, 0.15], "author": ["Aa", "Bb", "Cc"]})


def rma_of(measure, base, **changes):
    return lambda: pymeta.rma(measure=measure, **{**base, **changes})


def generic(**changes):
    return lambda: pymeta.rma(**{**GENERIC, **changes})


BAD_OPTIONS = {
    "unknown measure": (
        rma_of("RRR", TABLES),
        "measure='RRR': no such measure here; allowed: GEN, ",
    ),
    "measure in another case": (rma_of("smd", MEANS), "Did you mean 'SMD'?"),
    "no measure at all": (rma_of(None, TABLES), "measure=None: no such measure here"),
    "a measure of means for M-H": (
        lambda: pymeta.rma_mh(measure="MD", **TABLES),
        "measure='MD': no such measure here; allowed: RR, OR, RD, IRR, IRD.",
    ),
    "unknown measure of escalc": (lambda: pymeta.escalc("XX", **TABLES), "measure='XX': no such measure here"),
    "unknown method": (
        generic(method="reml"),
        "method='reml': no such method of rma; allowed: EE, FE, CE, DL, HE, HS, HSk, SJ, SJIT, DLIT, ML, REML, EB, PM, PMM, "
        "GENQ, GENQM, revman5, revman. Did you mean 'REML'?",
    ),
    "a list of methods": (generic(method=["EE", "revman5"]), "method=['EE', 'revman5']: needs one method, or several est"),
    "unknown argument": (rma_of("RR", TABLES, aii=[1, 2, 3]), "argument='aii': no such column argument"),
    "unknown column": (lambda: pymeta.rma("effekt", "variance", data=FRAME), "yi='effekt': no such column in data"),
    "unknown column of labels": (
        lambda: pymeta.rma("effect", "variance", slab="auhtor", data=FRAME),
        "slab='auhtor': no such column in data; allowed: effect, variance, author. Did you mean 'author'?",
    ),
    "unknown to": (
        rma_of("RR", TABLES, to="some"),
        "to='some': no such way to choose studies; allowed: only0, all, if0all, none.",
    ),
    "drop00 as a text": (rma_of("RR", TABLES, drop00="no"), "drop00='no': needs True or False"),
    "revman5 of ready log ratios": (
        rma_of("RR", GENERIC, method="revman5"),
        "method='revman5' pools RR from 2x2 tables (ai, bi, ci, di), not from yi and vi",
    ),
    **{
        f"level {level!r}": (generic(level=level), f"level={level!r}: needs a percentage between 0 and 100, such as 95")
        for level in (0, 100, -5, 250.0, "a", "95", None, True, float("nan"), [95])
    },
    **{
        f"add {add!r}": (rma_of("RR", TABLES, add=add), f"add={add!r}: needs a number of 0 or more, such as 0.5")
        for add in (-0.5, "a", float("inf"), float("nan"), True)
    },
}

BAD_DATA = {
    "lengths differ": (generic(vi=[0.1]), "columns of different lengths: yi has 3, vi has 1"),
    "a negative vi": (generic(vi=[0.1, -0.2, 0.1]), "vi, row 2: -0.2 is negative; a sampling variance is above 0"),
    "a zero vi": (generic(vi=[0.1, 0.2, 0]), "vi, row 3: 0 would give the study all the weight there is"),
    "a negative sei": (
        lambda: pymeta.rma([1, 2], sei=[-0.1, 1]),
        "sei, row 1: -0.1 is negative; a standard error is above 0",
    ),
    "a zero sei": (lambda: pymeta.rma([1, 2], sei=[0.1, 0]), "sei, row 2: 0 would give the study all the weight there is"),
    "vi and sei": (
        generic(sei=[0.1] * 3),
        "effects and variances are given by yi, vi or yi, sei; got yi, vi, sei; leave out sei",
    ),
    "no vi": (lambda: pymeta.rma([1, 2]), "got yi; missing: vi"),
    "nothing": (pymeta.rma, "got nothing; missing: yi, vi"),
    "text among numbers": (generic(yi=[0.1, "x", 0.3]), "yi, row 2: 'x' is not a number; correct it or leave it empty"),
    "numbers as text": (generic(vi=["0.1", "0.2", "0.3"]), "vi, row 1: '0.1' is not a number"),
    "an infinite effect": (generic(yi=[0.1, 0.2, np.inf]), "yi, row 3: inf is not a finite number"),
    "an infinite variance": (generic(vi=[0.1, -np.inf, 0.2]), "vi, row 2: -inf is not a finite number"),
    "a complex number": (generic(yi=[0.1, 1j, 0.3]), "yi, row 2: 1j is not a number"),
    "a date": (generic(yi=[0.1, 0.2, pd.Timestamp("2020-01-01")]), "yi, row 3: Timestamp"),
    "rows of different lengths": (generic(yi=[[0.1], [0.2, 0.3], [0.4]]), "yi, row 1: [0.1] is not a number"),
    "a matrix": (generic(yi=np.ones((3, 2))), "yi: needs one number a study, got an array of shape (3, 2)"),
    "too few labels": (generic(slab=["a", "b"]), "slab: needs one label a study: 3, got ['a', 'b']"),
    "a column's name without data": (
        lambda: pymeta.rma("effect", "variance"),
        "yi: 'effect' names a column, but no data= is given",
    ),
    "data that are no table": (lambda: pymeta.rma("effect", "variance", data="rows.csv"), "data: needs a DataFrame"),
    "empty data": (
        lambda: pymeta.rma("effect", "variance", data=FRAME.iloc[:0]),
        "no studies left to pool (the data have no rows)",
    ),
    "empty lists": (lambda: pymeta.rma([], []), "no studies left to pool (the data have no rows)"),
    "nothing but NaN": (generic(yi=[np.nan] * 3), "no studies left to pool (1: a value is missing; 2: a value is missing;"),
    "no ratio in any table": (
        lambda: pymeta.rma(measure="RR", method="revman5", ai=[0], n1i=[9], ci=[0], n2i=[9]),
        "no studies left to pool (1: its data have no such effect)",
    ),
    "negative events": (rma_of("RR", TABLES, ai=[4, -6, 3]), "ai, row 2: -6 is negative; a number of events is 0 or more"),
    "more events than people": (
        rma_of("RR", TABLES, ci=[9, 31, 8]),
        "ci, row 2: 31 events are more than the group has patients (column n2i); correct one of them",
    ),
    "negative others": (
        lambda: pymeta.rma(measure="OR", ai=[1], bi=[-2], ci=[1], di=[2]),
        "bi, row 1: -2 is negative; a number of patients is 0 or more",
    ),
    "an empty group": (rma_of("RR", TABLES, n2i=[20, 0, 26]), "n2i, row 2: 0 patients; a group needs at least one"),
    "an empty group of cells": (
        lambda: pymeta.rma(measure="OR", ai=[1], bi=[2], ci=[0], di=[0], to="none"),
        "di, row 1: 0 and no ci either: the group is empty; leave the row out",
    ),
    "an empty group in Review Manager": (
        lambda: pymeta.rma(measure="OR", ai=[1], n1i=[2], ci=[0], n2i=[0], method="revman5"),
        "n2i, row 1: 0 patients; a group needs at least one",
    ),
    "half a table": (
        lambda: pymeta.rma(measure="RR", ai=[4], n1i=[20]),
        "2x2 tables are given by ai, bi, ci, di or ai, n1i, ci, n2i; got ai, n1i; missing: ci, n2i",
    ),
    "a negative sd": (rma_of("MD", MEANS, sd2i=[1, -2]), "sd2i, row 2: -2 is negative; a standard deviation is 0 or more"),
    "nobody in a group": (rma_of("SMD", MEANS, n1i=[9, 0]), "n1i, row 2: 0 patients; a group needs at least one"),
    "no spread in either group": (
        rma_of("MD", MEANS, sd1i=[0, 1], sd2i=[0, 1]),
        "vi, row 1: 0 would give the study all the weight",
    ),
    "M-H without events in a group": (
        lambda: pymeta.rma_mh(measure="OR", ai=[0, 0], n1i=[9, 8], ci=[1, 2], n2i=[9, 8]),
        "the Mantel-Haenszel OR or its variance is not defined for these tables",
    ),
    "M-H without any events": (
        lambda: pymeta.rma_mh(measure="RD", ai=[0], n1i=[9], ci=[0], n2i=[9]),
        "an inverse-variance method (rma with method='DL') may be",
    ),
}


@pytest.mark.parametrize("mistake", BAD_OPTIONS)
def test_a_bad_option_is_named_with_a_way_out(mistake):
    call, text = BAD_OPTIONS[mistake]
    with pytest.raises(pymeta.OptionError) as caught:
        call()
    assert text in str(caught.value)


@pytest.mark.parametrize("mistake", BAD_DATA)
def test_bad_data_are_named_by_argument_row_and_value(mistake):
    call, text = BAD_DATA[mistake]
    with pytest.raises(pymeta.DataError) as caught:
        call()
    assert text in str(caught.value)


def test_the_exceptions_are_value_errors_too():
    assert issubclass(pymeta.OptionError, ValueError)
    assert issubclass(pymeta.DataError, ValueError)
    assert {pymeta.OptionError, pymeta.DataError, pymeta.ConvergenceError} <= set(pymeta.PymetaError.__subclasses__())


def test_weights_of_something_else():
    with pytest.raises(TypeError, match="not defined for a int; it takes what rma, rma_mh and rma_peto return"):
        pymeta.weights(3)


# ---- Good arguments -----------------------------------------------------------------------------------------------------

KINDS = {
    "lists": list,
    "tuples": tuple,
    "arrays": np.array,
    "single precision": lambda column: np.array(column, dtype=np.float32),
    "series": lambda column: pd.Series(column, index=range(7, 7 + len(column))),
    "pandas' own numbers": lambda column: pd.array(column, dtype="Float64"),
    "objects": lambda column: np.array(column, dtype=object),
}
EIGHTHS = {"yi": [0.25, 0.125, 0.75], "vi": [0.125, 0.25, 0.5]}  # exact in single precision


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_column_gives_the_same(kind):
    plain = pymeta.rma(**EIGHTHS)
    found = pymeta.rma(**{name: KINDS[kind](column) for name, column in EIGHTHS.items()})
    assert str(found) == str(plain)
    assert found.beta[0] == plain.beta[0]
    assert found.studies.slab == ("1", "2", "3")


@pytest.mark.parametrize(
    "data",
    [FRAME, FRAME.to_dict("list"), FRAME.set_index("author", drop=False), FRAME.to_records()],
    ids=["frame", "dict", "index", "records"],
)
def test_every_kind_of_data_gives_the_same(data, request):
    if request.node.callspec.id == "records":
        data = {name: data[name] for name in data.dtype.names}
    found = pymeta.rma("effect", "variance", slab="author", data=data)
    plain = pymeta.rma(FRAME["effect"], FRAME["variance"], slab=FRAME["author"])
    assert (found.beta[0], found.studies.slab) == (plain.beta[0], plain.studies.slab)
    assert found.studies.slab == ("Aa", "Bb", "Cc")


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, float("nan")])
def test_every_kind_of_missing_value_leaves_the_row_out(missing):
    result = pymeta.rma([0.3, missing, 0.7], [0.1, 0.2, 0.15], slab=["Aa", "Bb", "Cc"])
    assert result.k == 2
    assert [(d.row, d.slab, d.reason) for d in result.studies.dropped] == [(2, "Bb", "a value is missing")]


def test_numbers_may_stand_beside_columns_of_data():
    assert pymeta.rma("effect", [0.1, 0.2, 0.15], data=FRAME).beta[0] == pymeta.rma("effect", "variance", data=FRAME).beta[0]


def test_escalc_keeps_the_data_and_its_index():
    data = pd.DataFrame({**TABLES, "yi": [9.0, 9.0, 9.0]}, index=["x", "y", "z"])
    names = {name: name for name in TABLES}
    found = pymeta.escalc("RR", data=data, **names)
    assert list(found.columns) == [*TABLES, "yi", "vi"]
    assert list(found.index) == ["x", "y", "z"]
    assert (found["yi"] != 9.0).all()
    assert list(pymeta.escalc("RR", data=data, append=False, **names).columns) == ["yi", "vi"]
    assert list(pymeta.escalc("RR", slab=["a", "b", "c"], data=data, **names).index) == ["a", "b", "c"]


# ---- What is shown ------------------------------------------------------------------------------------------------------


def bcg():
    path = Path(__file__).parent.parent / "fixtures" / "bcg" / "bcg.csv"
    return pd.read_csv(path)


def shown():
    """Three results and their texts' names."""
    data = bcg()
    columns = {name: name for name in data.columns if name in MEASURES["RR"].family.accepts}
    gaps = {"yi": [0.3, np.nan, 0.7, 0.1], "vi": [0.1, 0.2, 0.15, 0.3]}
    return {
        "bcg-rr-reml": pymeta.rma(measure="RR", data=data, slab="study", **columns),
        "bcg-or-mh": pymeta.rma_mh(measure="OR", data=data, slab="study", **columns),
        "gaps-ee": pymeta.rma(**gaps, slab=["Aa 2001", "Bb 2002", "Cc 2003", "Dd 2004"], method="EE", level=90),
    }


@pytest.mark.parametrize("name", ["bcg-rr-reml", "bcg-or-mh", "gaps-ee"])
def test_the_printed_text(name):
    """To renew a file on purpose: print(result, file=open(…, "w")), and read the difference."""
    assert str(shown()[name]) + "\n" == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_every_golden_file_is_read():
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(shown())


def test_tidy_and_glance():
    reml, mantel_haenszel, _ = shown().values()
    assert list(reml.tidy().columns) == ["term", "beta", "se", "zval", "pval", "ci_lb", "ci_ub"]
    assert list(reml.glance().columns) == ["measure", "method", "k", "tau2", "se_tau2", "I2", "H2", "QE", "QE_df", "QEp"]
    heterogeneity = ["measure", "method", "k", "I2", "H2", "QE", "QE_df", "QEp"]
    assert list(mantel_haenszel.glance().columns) == [*heterogeneity, "MH", "MHdf", "MHp", "TA", "TAdf", "TAp"]
    for result in (reml, mantel_haenszel):
        assert len(result.tidy()) == len(result.glance()) == 1
        assert result.tidy()["beta"][0] == result.beta[0]
        assert result.glance()["QE"][0] == result.QE
    assert (reml.glance()["measure"][0], reml.glance()["method"][0]) == ("RR", "REML")
    assert mantel_haenszel.glance()["method"][0] == "MH"


# ---- The package --------------------------------------------------------------------------------------------------------


def test_importing_pymeta_imports_nothing_heavy():
    heavy = ("numpy", "pandas", "scipy", "matplotlib", "rich")
    code = f"import sys, pymeta; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_pooling_does_not_need_pandas():
    code = "import sys, pymeta; pymeta.rma([0.1, 0.4], [0.1, 0.2]); print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("name", [name for name in pymeta.__all__ if name != "__version__"])
def test_every_public_name_is_there_and_documented(name):
    found = getattr(pymeta, name)
    assert name in dir(pymeta)
    is_registry = name in ("MEASURES", "SELECTIONS", "TAU2")
    assert is_registry or len(found.__doc__) > 20  # the registries are tables: each entry tells its source
    if is_registry:
        assert all(entry.source and entry.label for entry in found.values())


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'pymeta' has no attribute 'rma_mv'"):
        _ = pymeta.rma_mv
