"""The tracer: scripts run as they do without it, what is kept of each kind of call, and scripts that go wrong."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from pymeta.errors import BackendError, DataError, OptionError
from pymeta.port.trace import read_trace, run_script, trace
from pymeta.port.values import Cut, Decoder, Formula, Model, Opaque, Reference, RFunction

HERE = Path(__file__).parent
SCRIPTS = sorted((HERE / "scripts").iterdir())
_traced = {}


def traced(name, folder="scripts"):
    """The trace of a script, made once."""
    if name not in _traced:
        _traced[name] = trace(HERE / folder / name, timeout=60)
    return _traced[name]


def calls(name, fun):
    return [call for call in traced(name).calls if call.fun == fun]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_runs_as_it_does_without_the_tracer(script, tmp_path):
    with_it = traced(script.name)
    without = run_script(script)
    assert (with_it.exit_code, with_it.stdout, with_it.stderr) == (without.exit_code, without.stdout, without.stderr)
    assert with_it.status == ("quit" if script.name == "status.R" else "done")
    assert with_it.script == script.name


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_every_value_can_be_had_in_python(script):
    trace_ = traced(script.name)
    for call in trace_.calls:
        for value in [call.result, *call.arguments.values(), *call.dots.values(), *call.columns.values()]:
            trace_.value(value)


def test_columns_of_data_are_kept_as_values_and_as_text():
    trace_ = traced("columns.R")
    made, fit, other, *_ = trace_.calls
    assert (made.fun, made.head, made.expression, made.line) == ("escalc", "escalc", 1, 3)
    assert made.column_texts["ai"] == "tpos"
    assert list(trace_.value(made.columns["ai"])[:3]) == [4, 6, 3]
    assert trace_.value(made.columns["slab"])[0] == "Aronson 1948"
    assert fit.column_texts["subset"] == 'alloc == "random"'
    assert trace_.value(fit.columns["subset"]).sum() == 7
    assert np.allclose(trace_.value(other.columns["sei"]) ** 2, trace_.value(trace_.calls[1].columns["vi"]))
    assert trace_.value(other.arguments["level"]) == 90.0


def test_a_formula_is_kept_with_the_variables_of_the_workspace():
    trace_ = traced("columns.R")
    formula = trace_.value(trace_.calls[1].columns["mods"])
    assert isinstance(formula, Formula)
    assert formula.text == "~ablat + squared"
    assert formula.variables["squared"][0] == 44**2


def test_data_that_calls_share_are_written_once():
    trace_ = traced("columns.R")
    made = trace_.calls[0].result
    assert made["k"] == "data"
    assert trace_.calls[1].arguments["data"] == made
    frame = trace_.value(made)
    assert frame.attrs["classes"] == ("escalc", "data.frame")
    assert frame.attrs["columns"]["yi"]["measure"] == "RR"


def test_models_are_references_to_the_call_that_made_them():
    trace_ = traced("models.R")
    (updated,) = calls("models.R", "update.rma")
    first, second, *fits = calls("models.R", "rma.uni")
    assert trace_.value(updated.arguments["object"]) == Reference(first.id, None, "rma.uni")
    assert (second.via, second.text.count("DL")) == ("update.rma", 1)
    assert [fit.via for fit in fits[:2]] == ["lapply", "lapply"]
    assert [trace_.value(c.arguments["object"]).id for c in calls("models.R", "confint.rma.uni")] == [f.id for f in fits[:2]]
    predicted = calls("models.R", "predict.rma")
    assert [trace_.value(c.arguments["object"]).id for c in predicted] == [first.id, fits[1].id, fits[1].id]
    assert [trace_.value(c.arguments["transf"]) for c in predicted[:2]] == [RFunction("exp", None)] * 2
    (compared,) = calls("models.R", "anova.rma")
    assert [trace_.value(compared.arguments[n]).id for n in ("object", "object2")] == [fits[2].id, fits[1].id]


def test_a_model_whose_fields_were_set_is_still_known():
    trace_ = traced("models.R")
    (left,) = calls("models.R", "leave1out.rma.uni")
    reference = trace_.value(left.arguments["x"])
    assert (reference.id, list(reference.changed)) == (calls("models.R", "rma.uni")[0].id, ["slab"])
    (asked,) = [call for call in traced("models.R").calls if call.text == "coef(test$fit)"]
    assert trace_.value(asked.arguments["object"]).path == "fit"


def test_a_call_inside_a_call_is_the_outer_one_only():
    trace_ = traced("models.R")
    assert trace_.light["print.list.rma"] >= 2
    assert not [call for call in trace_.calls if call.fun.startswith("print")]
    assert len(calls("models.R", "leave1out.rma.uni")) == 1
    assert len(calls("models.R", "rma.uni")) == 5  # leave1out, which fits 20 more, is one call


def test_errors_and_warnings_are_those_of_r():
    found = {call.text: (call.error, call.warnings) for call in traced("conditions.R").calls}
    assert found['rma(1:3, 1:3, method = "NOPE")'] == ("Unknown 'method' specified.", ())
    assert found["rma(1:3)"][0] == "Must specify 'vi' or 'sei' argument."
    assert found["rma(c(0.1, 0.2, NA, 0.4), c(0.1, 0.2, 0.1, 0.3))"] == (
        None,
        ("Studies with NAs omitted from model fitting.",),
    )
    assert found["rma(c(0.1, 0.2, NA), c(0.1, 0.2, 0.1))"][1] == ("Studies with NAs omitted from model fitting.",)
    assert found['rma(1:3, 1:3, digits = stop("no digits"))'][0] == "no digits"
    assert found["rma(y, v, ...)"][0] is not None


def test_the_seed_is_kept_where_a_call_draws():
    trace_ = traced("random.R")
    drawn = {call.fun: call.rng for call in trace_.calls}
    assert drawn["rma.uni"] is False
    assert len(trace_.value(drawn["simulate.rma"])) == 626
    assert drawn["simulate.rma"] != drawn["permutest.rma.uni"]


def test_what_was_counted_instead_of_kept_is_said():
    (capped,) = traced("random.R").capped
    assert (capped.fun, capped.text, capped.times, capped.kept) == ("rma.uni", "rma(yi + i, vi, data = dat)", 30, 25)
    assert calls("random.R", "rma.uni")[-1].line == 10


def test_functions_are_kept_by_name_or_as_source():
    trace_ = traced("functions.R")
    known, own = (trace_.value(call.arguments["transf"]) for call in calls("functions.R", "predict.rma"))
    assert known == RFunction("transf.ilogit", None)
    assert own.source == "function (x) \nx * 100"
    assert trace_.calls[-1].fun == "summary.escalc"


def test_a_testthat_file_runs_block_by_block():
    trace_ = traced("test-blocks.R")
    assert [failed.name for failed in trace_.failed_tests] == ["one that fails"]
    assert [(call.head, call.line) for call in trace_.calls] == [("rma", 7), ("rma", 8), ("coef", 9), ("rma", 17)]
    assert trace_.meta["script"] == "test-blocks.R"


def test_examples_of_a_page_are_run_whole():
    assert [call.head for call in traced("page.Rd").calls] == ["rma", "predict", "coef"]


def test_another_package_can_be_traced(tmp_path):
    script = tmp_path / "other.R"
    script.write_text(
        "w <- 2\nx <- splines::bs(1:9, df = 4)\npredict(x, w)\nsplines::interpSpline(weight ~ height, women)\n"
    )
    found = trace(script, package="splines", timeout=60)
    assert [call.fun for call in found.calls] == ["bs", "predict.bs", "interpSpline.formula"]
    assert found.value(found.calls[1].arguments["newx"]) == 2.0


@pytest.mark.parametrize(
    ("name", "status", "kept"),
    [
        ("syntax.R", "syntax error", 1),
        ("stops.R", "stopped", 1),
        ("stops_inside.R", "stopped", 2),
        ("needs.R", "missing package", 1),
        ("quits.R", "quit", 1),
        ("dies.R", "died", 1),
        ("empty.R", "done", 0),
    ],
)
def test_a_script_that_goes_wrong_is_told_as_what_it_is(name, status, kept):
    found = traced(name, "bad")
    assert (found.status, len(found.calls)) == (status, kept)
    without = run_script(HERE / "bad" / name)
    assert (found.exit_code, found.stdout, found.stderr) == (without.exit_code, without.stdout, without.stderr)


def test_where_a_script_stopped_is_known():
    assert (traced("stops.R", "bad").stop.error, traced("stops.R", "bad").stop.expression) == ("enough", 2)
    assert traced("needs.R", "bad").stop.package == "no.such.package"
    assert traced("quits.R", "bad").stop is None


def test_a_script_that_loops_is_ended_and_what_ran_is_kept(tmp_path):
    found = trace(HERE / "bad" / "loops.R", timeout=15, to=tmp_path / "loops.jsonl.gz")
    assert (found.status, found.exit_code, len(found.calls)) == ("timed out", None, 1)
    assert (read_trace(tmp_path / "loops.jsonl.gz").status, len(found.calls)) == ("timed out", 1)


def test_a_trace_is_written_whole_and_reads_back(tmp_path):
    made = trace(HERE / "bad" / "stops.R", to=tmp_path / "x.jsonl.gz")
    again = read_trace(tmp_path / "x.jsonl.gz")
    assert again.calls == made.calls
    assert again.meta == made.meta
    assert again.meta["format"] == 1


def test_what_cannot_be_run_is_refused(tmp_path):
    with pytest.raises(DataError, match="no such script"):
        trace(tmp_path / "none.R")
    with pytest.raises(OptionError, match="no name of an R package"):
        trace(HERE / "bad" / "empty.R", package="x; quit()")
    with pytest.raises(BackendError, match="does not start"):
        trace(HERE / "bad" / "empty.R", rscript="no-such-rscript")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("not json\n{}\n", "line 1: not JSON"),
        ("[1]\n", "not a record"),
        ('{"t":"meta","format":9}\n', "format 9"),
        ('{"t":"meta","format":1}\n{"t":"call"}\n', "lacks"),
    ],
)
def test_a_damaged_trace_is_refused(tmp_path, text, problem):
    path = tmp_path / "x.jsonl"
    path.write_text(text)
    with pytest.raises(DataError, match=problem):
        read_trace(path)


def test_a_line_that_was_cut_off_is_left_out(tmp_path):
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"t":"meta","format":1}\n{"t":"light","fun":"print.rma","n":2}\n{"t":"li'))
    found = read_trace(path)
    assert (found.status, found.light) == ("died", {"print.rma": 2})
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(DataError, match="cannot be read"):
        read_trace(path)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("null", None),
        ('{"k":"num","v":[1.5]}', 1.5),
        ('{"k":"int","v":[3]}', 3),
        ('{"k":"lgl","v":[null]}', None),
        ('{"k":"chr","v":["a",null]}', ["a", None]),
        ('{"k":"list","v":[{"k":"chr","v":["a"]},null]}', ["a", None]),
        ('{"k":"list","f":{"x":{"k":"lgl","v":[true]}}}', {"x": True}),
        ('{"k":"obj","c":["rma"],"f":{"k":{"k":"int","v":[4]}}}', Model(("rma",), {"k": 4})),
        ('{"k":"fun","name":"exp"}', RFunction("exp", None)),
        ('{"k":"env"}', Opaque("env")),
        ('{"k":"big","len":9,"of":"double","sum":45,"head":[1]}', Cut(9, 45, (1,), ())),
    ],
)
def test_values(text, value):
    assert Decoder({}).python(json.loads(text)) == value


def test_values_with_names_and_shapes():
    python = Decoder({"1": {"k": "num", "v": [None, "NaN", "-Inf"]}}).python
    assert np.array_equal(python({"k": "data", "h": "1", "kind": "vec"}), [np.nan, np.nan, -np.inf], equal_nan=True)
    assert dict(python({"k": "num", "v": [1, 2], "n": ["a", "b"]})) == {"a": 1, "b": 2}
    assert python({"k": "int", "v": [1, 2, 3, 4, 5, 6], "d": [2, 3]}).tolist() == [[1, 3, 5], [2, 4, 6]]
    table = python({"k": "num", "v": [1, 2], "d": [1, 2], "dn": [None, ["x", "y"]]})
    assert list(table.columns) == ["x", "y"]
    assert list(python({"k": "fac", "v": [2, None, 1], "lv": ["a", "b"], "ord": False})[:1]) == ["b"]
    assert python({"k": "cplx", "re": [1, 2], "im": [0, 1]})[1] == 2 + 1j
    with pytest.raises(DataError, match="kind 'nope'"):
        python({"k": "nope"})
    with pytest.raises(DataError, match="shared value 2"):
        python({"k": "data", "h": "2"})
