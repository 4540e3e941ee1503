"""Designs: what moderators may be, new rows, redundant columns, and what errors say."""

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from pymeta.data.design import design, new_rows, without_redundant
from pymeta.data.formulas.functions import FUNCTIONS
from pymeta.data.formulas.syntax import deparse, parse, r_number
from pymeta.errors import DataError, OptionError
from tests.parity.design_grid import FORMULAS

TABLE = pd.DataFrame(
    {
        "x": [1.0, 2.0, 4.0, 8.0, 9.0, 3.0],
        "n": [1, 2, 3, 4, 5, 7],
        "f": ["b", "a", "C", "b", "a", "C"],
        "t": [True, False, True, True, False, False],
        "q": pd.Categorical(list("uvuvuv"), ["w", "v", "u"]),
        "one": ["k"] * 6,
        "gap": [1.0, np.nan, 3.0, 4.0, 6.0, 5.0],
    }
)


def made(mods, data=TABLE, **options):
    return design(mods, data, 6, **options)


def test_no_moderators_is_the_intercept():
    found = made(None, None)
    assert (found.names, found.assign, found.terms, found.intercept) == (("intrcpt",), (0,), (), True)
    assert found.X.tolist() == [[1.0]] * 6
    assert new_rows(found, {"a": [1, 2]}).tolist() == [[1.0]] * 2


@pytest.mark.parametrize(
    ("mods", "names"),
    [
        (TABLE["x"].to_numpy(), ("mods",)),
        (TABLE["x"].to_list(), ("mods",)),
        (TABLE["x"], ("x",)),
        (pl.Series("x", TABLE["x"].to_list()), ("x",)),
        (TABLE[["x", "n"]].to_numpy(), ("X1", "X2")),
        (TABLE[["x"]].to_numpy(), ("mods",)),
        ([TABLE["x"].to_list(), TABLE["n"].to_list()], ("X1", "X2")),
        ([TABLE["x"], TABLE["n"]], ("x", "n")),
        (["x", "n"], ("x", "n")),
        (TABLE[["x", "n"]], ("x", "n")),
        (pl.DataFrame({"x": TABLE["x"].to_list(), "n": TABLE["n"].to_list()}), ("x", "n")),
        (pa.table({"x": TABLE["x"].to_list(), "n": TABLE["n"].to_list()}), ("x", "n")),
        ({"x": TABLE["x"], "n": TABLE["n"].to_list()}, ("x", "n")),
    ],
)
def test_moderators_of_every_kind(mods, names):
    expected = TABLE[["x", "n"]].to_numpy(dtype=float)[:, : len(names)]
    found = made(mods)
    assert (found.names, found.assign) == (("intrcpt", *names), tuple(range(len(names) + 1)))
    assert np.array_equal(found.X, np.column_stack([np.ones(6), expected]))
    bare = made(mods, intercept=False)
    assert (bare.names, bare.intercept, bare.formula) == (names, False, None)
    assert np.array_equal(bare.X, expected)
    assert not found.X.flags.writeable


def test_a_column_by_name_is_its_formula():
    assert made("x").names == made("~ x").names == ("intrcpt", "x")
    assert made("f").names == ("intrcpt", "fb", "fC")
    spaced = design("my x", {"my x": [1.0, 2.0]}, 2)
    assert spaced.names == ("intrcpt", "`my x`")


def test_a_formula_says_itself_whether_there_is_an_intercept():
    assert made("~ x", intercept=False).names == ("intrcpt", "x")
    assert made("~ x - 1").intercept is False


@pytest.mark.parametrize(
    "table",
    [
        TABLE,
        pl.DataFrame(
            {"x": TABLE["x"].to_list(), "f": TABLE["f"].to_list(), "t": TABLE["t"].to_list(), "gap": TABLE["gap"].to_list()}
        ).with_columns(pl.Series("q", list("uvuvuv"), dtype=pl.Enum(["w", "v", "u"]))),
        pa.table(
            {
                **{name: TABLE[name].to_list() for name in ("x", "f", "t", "gap")},
                "q": pa.DictionaryArray.from_arrays(pa.array([2, 1] * 3), pa.array(["w", "v", "u"])),
            }
        ),
        {name: TABLE[name] for name in TABLE},
    ],
    ids=["pandas", "polars", "pyarrow", "mapping"],
)
def test_frames_of_every_library(table):
    found = made("~ x * f + q + t + gap", table)
    assert found.names == ("intrcpt", "x", "fb", "fC", "qv", "qu", "tTRUE", "gap", "x:fb", "x:fC")
    assert np.array_equal(found.X, made("~ x * f + q + t + gap").X, equal_nan=True)
    assert found.encoder.levels == {"f": ("a", "b", "C"), "q": ("w", "v", "u"), "t": ("FALSE", "TRUE")}


def test_polars_categoricals_and_missing_texts():
    table = pl.DataFrame({"f": pl.Series(["b", None, "a"], dtype=pl.Categorical), "t": [True, None, False]})
    found = design("~ f + t", table, 3)
    assert np.array_equal(found.X, [[1, 1, 1], [1, np.nan, np.nan], [1, 0, 0]], equal_nan=True)


def test_nullable_columns_of_pandas():
    table = pd.DataFrame({"t": pd.array([True, None, False], "boolean"), "n": pd.array([1, 2, None], "Int64")})
    found = design("~ t + n", table, 3)
    assert np.array_equal(found.X, [[1, 1, 1], [1, np.nan, 2], [1, 0, np.nan]], equal_nan=True)


PREDICTABLE = [
    "~ x + I(x^2)",
    "~ f * x",
    "~ poly(x, 3) + scale(n) * q",
    "~ poly(x, 2, raw=TRUE) + I(x - mean(x))",
    "~ relevel(f, ref='C') + factor(n)",
    "~ cut(x, 3) + t",
    "~ interaction(f, t) - 1",
    "~ (f == 'a') + I(log(scale(x) + 3))",
]


@pytest.mark.parametrize("formula", PREDICTABLE)
def test_new_rows_are_coded_as_the_data_were(formula):
    """One row alone has neither its mean nor its levels."""
    found = made(formula)
    again = np.vstack([new_rows(found, TABLE.iloc[[row]]) for row in range(6)])
    assert np.array_equal(again, found.X)
    assert np.array_equal(new_rows(pickle.loads(pickle.dumps(found)), TABLE), found.X)


def test_new_rows_from_single_values():
    found = made("~ x * f")
    assert new_rows(found, {"x": [1.0, 2.0], "f": "b"}).tolist() == [[1, 1, 1, 0, 1, 0], [1, 2, 1, 0, 2, 0]]
    assert np.isnan(new_rows(found, {"x": np.nan, "f": "b"})).tolist() == [[False, True, False, False, True, True]]
    assert np.isnan(new_rows(found, {"x": 1.0, "f": None})).any()
    columns = made(TABLE[["x", "n"]])
    assert new_rows(columns, pl.DataFrame({"n": [3], "x": [2]})).tolist() == [[1.0, 2.0, 3.0]]


EVERY = np.ones(6, dtype=bool)


def test_redundant_columns_go_and_the_earlier_stay():
    found, dropped = without_redundant(made("~ x + I(2 * x) + n + I(x + n)"), EVERY)
    assert dropped == ("I(2 * x)", "I(x + n)")
    assert (found.names, found.assign) == (("intrcpt", "x", "n"), (0, 1, 3))
    assert new_rows(found, {"x": 5.0, "n": 6.0}).tolist() == [[1.0, 5.0, 6.0]]


def test_levels_without_rows_go():
    found, dropped = without_redundant(made("~ q + x"), EVERY)
    assert (dropped, found.names) == (("qu",), ("intrcpt", "qv", "x"))
    rows = TABLE["f"].to_numpy() != "b"
    found, dropped = without_redundant(made("~ f"), rows)
    assert (found.names, dropped, found.X.shape) == (("intrcpt", "fC"), ("fb",), (4, 2))


def test_ones_become_the_intercept():
    found, dropped = without_redundant(made("~ x + I(n/n) - 1"), EVERY)
    assert (found.names, found.assign, found.intercept, dropped) == (("intrcpt", "x"), (0, 1), True, ())
    assert new_rows(found, {"x": 5.0, "n": 2.0}).tolist() == [[1.0, 5.0]]


@pytest.mark.parametrize("size", [1e-12, 1e-3, 1.0, 1e9])
def test_what_is_redundant_does_not_depend_on_the_unit(size):
    X = np.column_stack([TABLE["x"] * size, TABLE["n"], TABLE["x"] * 3.0])
    assert without_redundant(made(X), EVERY)[1] == ("X3",)
    assert without_redundant(made(X[:, :2] + [[size, 0.0]]), EVERY)[1] == ()


def test_the_tolerance_is_that_of_r():
    x = TABLE["x"].to_numpy()
    direction = np.array([1.0, -1.0, 0.0, 0.0, 1.0, -1.0])
    for share, dropped in ((1e-6, ()), (1e-9, ("X2",))):
        assert without_redundant(made(np.column_stack([x, x + share * np.linalg.norm(x) * direction])), EVERY)[1] == dropped


ERRORS = [
    ("x +", "mods='x +': a formula begins with a tilde: \"~ x +\""),
    ("y", "mods='y': no such column in data; allowed: x, n, f, t, q, one, gap."),
    ("yi ~ x", "mods='yi ~ x': needs one side, as in \"~ x\""),
    ("~ z", "mods='z': no such column in data; allowed: x, n, f, t, q, one, gap."),
    ("~ x +", "mods='~ x +': ends where a variable is needed"),
    ("~ x n", "mods='~ x n': 'n' is not understood after 'x'"),
    ("~ (x", "mods='~ (x': needs ')' at its end"),
    ("~ x[1]", "mods='~ x[1]': '[1]' is not understood, at character 3"),
    ("~ x %o% n", "mods='~ x %o% n': there is no operator %o%"),
    ("~ 2 * x", "mods='~ 2 * x': 2 * x: the intercept has no interactions; a number belongs into I()"),
    ("~ x + 2", "mods='~ x + 2': 2 is no variable; numbers other than 0 and 1 belong into I(), as in I(2 * x)"),
    ("~ x^0", "mods='~ x^0': x^0: a power of terms is a whole number from 1; of values, write I(x^0)"),
    ("~ x^n", "mods='~ x^n': x^n: a power of terms is a whole number from 1; of values, write I(x^n)"),
    ("~ 0", "mods='~ 0': a model without coefficients; \"~ 1\" has an intercept"),
    ("~ x + offset(n)", "mods='~ x + offset(n)': offset(n): a model here has no offset; subtract it from yi"),
    ("~ lg(x)", "Did you mean 'log'?"),
    ("~ sqrt(f)", "mods='~ sqrt(f)': sqrt(f) needs numbers, and a text is given"),
    ("~ I(f + 1)", "mods='~ I(f + 1)': f + 1: + needs numbers, and a text is given"),
    ("~ (f < 'b')", 'f < "b": < needs numbers; texts and factors are compared by == and != only'),
    ("~ log(x, bse=2)", "log(x, bse = 2): log() here has no argument 'bse'; it has x, base"),
    ("~ sqrt()", "sqrt(): an argument is missing"),
    ("~ sqrt(x, n)", "sqrt(x, n): sqrt() here has 1 arguments at most"),
    ("~ poly(x, 6)", "poly(x, 6): x has 6 different values, and the degree must be below that"),
    ("~ one", "mods, one: has only the level k in these rows, and a factor needs two; leave it out"),
    ("~ I(3)", "I(3) has 1 values for 6 rows"),
    ("~ log(x - 1)", "mods, log(x - 1), row 1: is not a finite number; leave the row out, or transform otherwise"),
    ("~ sqrt(x - 2)", "mods, sqrt(x - 2), row 1: is not a finite number; leave the row out, or transform otherwise"),
    ("~ relevel(f, ref='z')", "ref='z': no such level; allowed: a, b, C."),
    ("~ C(f, nothing)", "mods='nothing': no such column in data"),
    ("~ ifelse(x > 2, q, 'a')", "of a factor R would take the codes; write as.character() around it"),
]


@pytest.mark.parametrize(("formula", "text"), ERRORS)
def test_what_errors_say(formula, text):
    with pytest.raises((OptionError, DataError)) as refused:
        made(formula)
    assert text in str(refused.value)


@pytest.mark.parametrize(
    ("mods", "text"),
    [
        ([1.0, 2.0], "mods: mods has 2 values for 6 studies; give one a study"),
        (
            TABLE[["f"]],
            "f, row 1: 'b' is not a number; correct it or leave it empty; of texts and categoricals, write a formula",
        ),
        (pd.DataFrame(index=range(6)), "mods: has no columns; leave it out for a model without moderators"),
        (np.ones((6, 2, 2)), "mods: needs one number a study and moderator"),
        ([1, 2, 3, 4, 5, np.inf], "mods, row 6: inf is not a finite number"),
    ],
)
def test_what_errors_say_of_columns(mods, text):
    with pytest.raises(DataError) as refused:
        made(mods)
    assert text in str(refused.value)


def test_other_errors():
    with pytest.raises(OptionError, match=r"intercept=False needs mods=; a model without either has no coefficients"):
        made(None, intercept=False)
    with pytest.raises(OptionError, match=r"intercept=False needs scale="):
        made(None, intercept=False, argument="scale")
    with pytest.raises(DataError, match=r"'x' names a column, but no data= is given"):
        made("~ x", None)
    with pytest.raises(DataError, match="x: has 6 values for 5 rows; give one a row"):
        design("~ x", TABLE, 5)
    with pytest.raises(DataError, match="row 2: 1 is no text, as the others are"):
        design("~ m", {"m": ["a", 1]}, 2)
    with pytest.raises(DataError, match="all moderators are 0 in the rows"):
        without_redundant(made(np.zeros(6), intercept=False), EVERY)


@pytest.mark.parametrize(
    ("formula", "newdata", "text"),
    [
        ("~ f", {"f": ["a", "z"]}, "newdata, f, row 2: 'z' is no level of f in the model; its levels are a, b, C"),
        ("~ q", {"q": "z"}, "newdata, q, row 1: 'z' is no level of q in the model; its levels are w, v, u"),
        ("~ factor(n)", {"n": 6}, "row 1: '6' is no level of factor(n) in the model; its levels are 1, 2, 3, 4, 5, 7"),
        ("~ x", {"x": "b"}, "newdata, x: is texts here, and was numbers in the model's data"),
        ("~ x", {"z": 1.0}, "newdata='x': no such column in data; allowed: z."),
        ("~ x", [1.0], "newdata: needs a DataFrame or another mapping of columns, got [1.0]"),
        ("~ x + n", {"x": [1, 2], "n": [1, 2, 3]}, "newdata, x: has 2 values for 3 rows; give one a row"),
    ],
)
def test_what_errors_say_of_new_rows(formula, newdata, text):
    with pytest.raises((DataError, OptionError)) as refused:
        new_rows(made(formula), newdata)
    assert text in str(refused.value)


@pytest.mark.parametrize(
    "formula",
    [
        "~ __import__('os').system('true')",
        "~ eval('1')",
        "~ open('x')",
        "~ x.__class__",
        "~ I(`__import__`)",
        "~ exec(x)",
        "~ system('true')",
        "~ {x}",
        "~ x; n",
        "~ I(lambda: 1)",
        "~ " + "(" * 500 + "x" + ")" * 500,
        "~ " + "-" * 5000 + "x",
        "~ " + "x + " * 20_000 + "x",
        "~ x" + " - x" * 4_000,
        "~ (" + " + ".join(f"I(x + {i})" for i in range(40)) + ")^20",
        "~ I(1:1000000000)",
    ],
)
def test_nothing_that_a_formula_contains_is_run(formula):
    with pytest.raises((OptionError, DataError)):
        made(formula)


def test_a_sum_of_many_variables():
    table = {f"x{i}": np.arange(3.0) for i in range(900)}
    assert design("~ " + " + ".join(table), table, 3).X.shape == (3, 901)


def test_every_function_is_in_the_grid_of_formulas():
    asked = " ".join(FORMULAS)
    rare = {"expm1", "log1p", "sin", "cos", "tan", "median", "sd", "min", "sum", "ordered", "as.ordered", "as.logical"}
    rare |= {"as.character", "c", "I"}
    assert [name for name in FUNCTIONS if f"{name}(" not in asked and name not in rare] == []


def test_the_rare_functions():
    x = TABLE["x"]
    assert np.allclose(made("~ I(sin(x) + cos(x) * tan(x) + log1p(x))").X[:, 1], 2 * np.sin(x) + np.log1p(x), rtol=1e-15)
    assert np.allclose(made("~ I(x - median(x)) - 1").X[:, 0], x - 3.5)
    assert np.allclose(made("~ I((x - min(x))/sd(x)) - 1").X[:, 0], (x - 1.0) / x.std(), rtol=1e-15)
    assert made("~ ordered(n)").names[-1] == "ordered(n)^5"
    assert made("~ as.logical(n > 2)").names == ("intrcpt", "as.logical(n > 2)TRUE")
    assert made("~ as.character(n)").names[1] == "as.character(n)2"
    assert made("~ factor(c(f))").names == ("intrcpt", "factor(c(f))b", "factor(c(f))C")
    assert made("~ ifelse(is.na(gap), mean(gap, na.rm=TRUE), gap)").X[1, 1] == 3.8


def test_missing_values_pass_through():
    assert (
        np.isnan(made("~ poly(gap, 2) + scale(gap) + I(gap^2)").X[:, 1:]).all(axis=1).tolist()
        == TABLE["gap"].isna().tolist()
    )
    assert np.isnan(made("~ I(x - mean(gap))").X[:, 1]).all()
    assert np.isnan(made("~ cut(x, c(0, 2, 9))").X[:, 1]).sum() == 0
    assert np.isnan(made("~ cut(x, c(0, 2, 8))").X[:, 1]).sum() == 1
    assert np.isnan(made("~ ifelse(x > 8, NA, x)").X[:, 1]).sum() == 1


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a+b*c", "a + b * c"),
        ("-a^2", "-a^2"),
        ("a**b", "a^b"),
        ("f( x,y = 'q\\'\"' )", 'f(x, y = "q\'\\"")'),
        ("!a&b|c", "!a & b | c"),
        ("1e5+.5+100L", "1e+05 + 0.5 + 100"),
        ("`a b`:`c`", "`a b`:c"),
        ("a%in%b%%c", "a %in% b%%c"),
    ],
)
def test_expressions_are_written_as_r_writes_them(text, written):
    assert deparse(parse(text)) == written


def test_precedence_is_that_of_r():
    for text, bracketed in [
        ("-a^2", "-(a^2)"), ("-a:b", "(-a):b"), ("a^b^c", "a^(b^c)"), ("!a == b", "!(a == b)"), ("a - b - c", "(a - b) - c"),
        ("a * b:c", "a * (b:c)"), ("a %in% b:c", "a %in% (b:c)"), ("a/b %in% c", "a/(b %in% c)"),
        ("a | b & c", "a | (b & c)"),
    ]:  # fmt: skip
        assert shape(parse(text)) == shape(parse(bracketed))
        assert shape(parse("(a + b) * c")) != shape(parse("a + b * c"))


def shape(node):
    """The tree without brackets."""
    if not hasattr(node, "function"):
        return node.value
    inner = tuple(shape(operand) for operand in node.operands)
    return inner[0] if node.function == "(" else (node.function, *inner)


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (1e5, "1e+05"), (123456.0, "123456"), (0.1 + 0.2, "0.3"), (1e-4, "1e-04"), (0.00012, "0.00012"),
        (1 / 3, "0.333333333333333"),
        (-2.5, "-2.5"), (1e15, "1e+15"), (100000.5, "100000.5"), (0.0, "0"),
        (np.inf, "Inf"), (-np.inf, "-Inf"), (np.nan, "NaN"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_r_writes_them(number, written):
    assert r_number(number) == written


def test_without_a_formula_nothing_that_reads_one_is_imported():
    code = "import sys, numpy; from pymeta.data.design import design; design(None, None, 3); design([1., 2., 4.], None, 3)"
    code += "; print([m for m in sys.modules if m.startswith('pymeta.data.formulas')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
