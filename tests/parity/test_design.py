"""Designs against R's model.matrix and metafor's X."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pymeta.data.design import design, new_rows, without_redundant
from pymeta.errors import PymetaError
from pymeta.harness import NA, Call, plain
from pymeta.resources import shipped
from tests.parity.design_grid import FORMULAS, REFUSED_BY_BOTH

ADAPTER = Path(__file__).parent / "design.R"
DIGITS = 1e-12


@cache
def table():
    bcg = pd.read_csv(shipped("fixtures", "data", "dat.bcg.csv"))
    found = bcg[["trial", "year", "ablat", "alloc"]].copy()
    found["era"] = np.where(bcg["year"] < 1960, "early", "late")
    found["warm"] = bcg["ablat"] < 30
    found["quality"] = pd.Categorical(list("bacbacbacbacb"), ["c", "a", "never", "b"])
    found["grade"] = pd.Categorical(list("lmhlmhlmhlxxx"), ["l", "m", "h", "x"], ordered=True)
    found["tenths"] = [0.1 + 0.2, 0.3, 100000.0, 1e-5, 0.5, 2.0, 2.0, 0.5, 1e15, 123456.0, 0.25, 0.25, 0.5]
    found["gaps"] = bcg["ablat"].where(bcg["trial"] % 5 != 0)
    found["holes"] = bcg["alloc"].where(bcg["trial"] % 4 != 0, None)
    found["my mod"] = np.arange(1.0, 14.0) ** 2
    found["my group"] = list("XYzXYzXYzXYzX")
    found["year.x"] = bcg["year"] % 7
    found["x_2"] = bcg["tpos"]
    return found


def refused():
    return table().assign(alone="one")


def for_r(frame):
    """The columns as R has them: a categorical is sent as text, with its levels beside it."""
    factors = {
        name: {"levels": list(column.cat.categories), "ordered": bool(column.cat.ordered)}
        for name, column in frame.items()
        if isinstance(column.dtype, pd.CategoricalDtype)
    }
    columns = {name: [NA if pd.isna(x) else x for x in column.to_list()] for name, column in frame.items()}
    return columns, factors


def asked(reference, function, frame, formulas, **more):
    columns, factors = for_r(frame)
    names = tuple(columns)
    call = Call(function, {"data": columns, "factors": factors, "formulas": list(formulas), **more}, adapter=ADAPTER)
    found = reference.run(call)
    assert found.error is None, (found.error, names)
    return [dict(answer) for answer in plain(found.value)]


def listed(x):
    return [x] if isinstance(x, str) else [str(name) for name in getattr(x, "values", x)]


def numbers(x, rows):
    found = np.asarray(getattr(x, "values", x), dtype=float).reshape(-1, rows).T
    return np.where(np.isnan(found), np.nan, found)  # numpy warns of R's NA, a signalling NaN


def differences(formula, ours, theirs):
    """What is not as R has it."""
    if "error" in theirs:
        return [f"{formula}: R says {theirs['error']}"]
    X = numbers(theirs["X"], len(ours.X))
    wrong = []
    if list(ours.names) != [{"(Intercept)": "intrcpt"}.get(name, name) for name in listed(theirs["names"])]:
        wrong.append(f"{formula}: names {ours.names} and {theirs['names']}")
    if "assign" in theirs and list(ours.assign) != list(np.ravel(theirs["assign"])):
        wrong.append(f"{formula}: assign {ours.assign} and {theirs['assign']}")
    if "terms" in theirs and list(ours.terms) != listed(theirs["terms"]):
        wrong.append(f"{formula}: terms {ours.terms} and {theirs['terms']}")
    if X.shape != ours.X.shape or not same(ours.X, X):
        wrong.append(f"{formula}: X")
    return wrong


def same(a, b):
    """To 12 digits of each column's size; missing at the same places."""
    size = np.nanmax(np.abs(b), axis=0, initial=0.0)
    return bool((np.isnan(a) == np.isnan(b)).all() and (np.nan_to_num(np.abs(a - b)) <= DIGITS * size).all())


def test_every_formula_is_as_in_r(worker):
    theirs = asked(worker, "designs", table(), FORMULAS)
    for formula, said in zip(FORMULAS, theirs, strict=True):
        assert differences(formula, design(formula, table(), 13), said) == []


def test_there_are_enough_formulas():
    assert len(set(FORMULAS)) == len(FORMULAS) >= 80


def test_the_comparison_can_fail(worker):
    said = asked(worker, "designs", table(), ["~ alloc"])[0]
    ours = design("~ alloc", table(), 13)
    assert differences("", ours, said) == []
    assert differences("", design("~ alloc - 1", table(), 13), said)
    assert differences("", ours, {**said, "X": said["X"] + 1e-11})
    assert differences("", ours, {**said, "assign": [0.0, 1.0, 2.0]})
    assert differences("", ours, {**said, "terms": "allocs"})


def test_what_r_refuses_is_refused(worker):
    theirs = asked(worker, "designs", refused(), REFUSED_BY_BOTH)
    assert [f for f, said in zip(REFUSED_BY_BOTH, theirs, strict=True) if "error" not in said] == []
    for formula in REFUSED_BY_BOTH:
        with pytest.raises(PymetaError):
            design(formula, refused(), 13)


FITTED = [
    *FORMULAS[:37],
    "~ alloc + factor(alloc)",
    "~ ablat + I(2*ablat) + year",
    "~ ablat + I(ablat/ablat)",
    "~ I(ablat/ablat) + ablat - 1",
    "~ ablat + I(ablat/ablat) - 1",
    "~ I(2*ablat/ablat) + ablat - 1",
    "~ alloc:era",
    "~ gaps + holes",
    "~ quality",
    "~ era + alloc:era",
]
SUBSETS = {
    "all": lambda d: np.ones(len(d), dtype=bool),
    "some": lambda d: (d["alloc"] != "alternate").to_numpy(),
    "far": lambda d: (d["ablat"] > 30).to_numpy(),
}


@pytest.mark.parametrize("chosen", SUBSETS)
def test_metafor_leaves_out_the_same_columns(chosen, worker):
    rows = SUBSETS[chosen](table())
    theirs = asked(worker, "fitted_designs", table(), FITTED, subset=rows)
    wrong, compared = [], 0
    for formula, said in zip(FITTED, theirs, strict=True):
        if "error" in said:  # more coefficients than studies
            assert "larger than the number of observations" in said["error"], (formula, said)
            continue
        whole = design(formula, table(), 13)
        found = without_redundant(whole, rows & ~np.isnan(whole.X).any(axis=1))[0]
        wrong += differences(formula, found, said)
        wrong += [formula] if found.intercept != said["intercept"] else []
        compared += 1
    assert wrong == []
    assert compared > 0.7 * len(FITTED)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("name", ["plain", "ones last", "twice", "far apart"])
def test_a_matrix_as_metafor_takes_it(name, intercept, worker):
    bcg = table()
    X = {
        "plain": bcg[["ablat", "year"]],
        "ones last": bcg[["ablat"]].assign(one=1.0),
        "twice": bcg[["ablat", "year"]].assign(again=bcg["ablat"] - 2 * bcg["year"], more=bcg["trial"]),
        "far apart": bcg[["ablat"]] * 1e-3,
    }[name].astype(float)
    said = worker.run(Call("matrix_design", {"X": X.to_numpy(), "intercept": intercept}, adapter=ADAPTER))
    theirs = dict(plain(said.value))
    ours = without_redundant(design(X, None, 13, intercept=intercept), np.ones(13, dtype=bool))[0]
    assert same(ours.X, numbers(theirs["X"], 13))
    assert ours.intercept == theirs["intercept"]


@st.composite
def frames(draw):
    n = draw(st.integers(6, 12))
    columns = {}
    for name in "fgh":
        size = draw(st.integers(1, 4))
        columns[name] = draw(st.lists(st.sampled_from("zBa1"[:size]), min_size=n, max_size=n))
    for name in "xy":
        columns[name] = draw(st.lists(st.integers(-9, 9).map(lambda i: i / 2), min_size=n, max_size=n))
    columns["b"] = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    return pd.DataFrame(columns)


VARIABLES = st.sampled_from([*"fghxyb", "factor(x)", "I(x^2)", "(y > 0)", "poly(x, 1, raw = TRUE)"])
INTERACTIONS = st.lists(VARIABLES, min_size=1, max_size=3).map(":".join)
TERMS = st.recursive(
    INTERACTIONS,
    lambda inner: st.tuples(inner, st.sampled_from([" + ", " * ", ":", "/", " - ", " %in% "]), inner).map(
        lambda found: f"({found[0]}{found[1]}{found[2]})"
    ),
    max_leaves=3,
)
RANDOM = st.tuples(TERMS, st.sampled_from(["", " - 1", " + 0", " + y", " - x - 1", " + f"])).map(lambda t: f"~ {t[0]}{t[1]}")


@settings(max_examples=25, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(frame=frames(), formulas=st.lists(RANDOM, min_size=8, max_size=8, unique=True))
def test_random_formulas_on_random_frames(frame, formulas, worker):
    theirs = asked(worker, "designs", frame, formulas)
    for formula, said in zip(formulas, theirs, strict=True):
        if "error" in said or not np.size(said["X"]):
            with pytest.raises(PymetaError):
                design(formula, frame, len(frame))
            continue
        ours = design(formula, frame, len(frame))
        assert differences(formula, ours, said) == [], frame
        assert np.array_equal(new_rows(ours, frame.iloc[::-1]), ours.X[::-1], equal_nan=True), formula
