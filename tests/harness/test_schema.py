"""The JSON Schemas that come with the package, on what is really written and on what must not pass."""

import copy
import json
import math
from importlib.resources import files

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from pymeta.harness import Call, Rule, compare
from pymeta.harness.calls import Condition
from pymeta.harness.divergences import Divergence
from pymeta.harness.recording import record
from pymeta.resources import shipped

RECORDINGS = sorted(path for folder in ("recorded", "parity") for path in shipped("fixtures", folder).rglob("*.json"))


def validator(name):
    schema = json.loads(files("pymeta.harness").joinpath("schema", f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


RECORDING, COMPARISON = validator("recording"), validator("comparison")


def complaints(which, document):
    return [error.message for error in which.iter_errors(document)]


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_every_recording_is_one(path):
    assert complaints(RECORDING, json.loads(path.read_text())) == []


def test_there_are_recordings():
    assert len(RECORDINGS) > 10


@pytest.mark.records
@pytest.mark.parametrize(
    "call",
    [
        Call("made", {"what": what}, adapter=shipped("tests", "harness", "echo.R"), packages=("stats",), seed=1)
        for what in ("doubles", "integers", "logicals", "texts", "complexes", "raws", "null", "factor", "posixlt", "matrix")
    ]
    + [
        Call("base::log", {"x": "a"}),
        Call("base::as.numeric", {"x": "a"}),
        Call("base::list"),
        Call("base::message", {"a": "é"}),
    ],
    ids=str,
)
def test_every_kind_of_answer_is_written_as_the_schema_says(call, worker, tmp_path):
    path = record(call, worker.run(call), tmp_path, "x", root=shipped("tests").parent)
    assert complaints(RECORDING, json.loads(path.read_text())) == []


def spoiled(path, change):
    document = json.loads(path.read_text())
    change(document)
    return document


BAD_RECORDINGS = {
    "another format": lambda d: d.update(format=2),
    "a key too short": lambda d: d.update(key="abc"),
    "something more": lambda d: d.update(extra=1),
    "no outcome": lambda d: d.pop("outcome"),
    "no digest": lambda d: d["sha256"].pop("call"),
    "a value and an error": lambda d: d["outcome"].update(error={"classes": ["error"], "message": "x"}),
    "neither": lambda d: d["outcome"].update(value=None),
    "decimal digits": lambda d: d["outcome"].update(value={"t": "dbl", "v": "0.1"}),
    "JSON numbers": lambda d: d["outcome"].update(value={"t": "dbl", "v": [0.1]}),
    "an unknown type": lambda d: d["outcome"].update(value={"t": "date", "v": ""}),
    "NULL with a value": lambda d: d["outcome"].update(value={"t": "null", "v": ""}),
    "no value": lambda d: d["outcome"].update(value={"t": "dbl"}),
    "a bad element": lambda d: d["outcome"].update(value={"t": "list", "v": [{"t": "lgl", "v": "yes"}]}),
    "a bad attribute": lambda d: d["outcome"].update(value={"t": "int", "v": "1", "a": [["names"]]}),
    "a number among texts": lambda d: d["outcome"].update(value={"t": "chr", "v": [1]}),
    "half a byte": lambda d: d["outcome"].update(value={"t": "raw", "v": "abc"}),
    "a half integer": lambda d: d["outcome"].update(value={"t": "int", "v": "1.5"}),
    "negative time": lambda d: d["outcome"].update(seconds=-1),
    "an adapter elsewhere": lambda d: d["call"].update(adapter={"name": "../x.R", "sha256": "0" * 64}),
    "an adapter at the root": lambda d: d["call"].update(adapter={"name": "/x.R", "sha256": "0" * 64}),
    "an argument without a value": lambda d: d["call"].update(args=[["x"]]),
    "a version that is none": lambda d: d["environment"].update(r_version="devel"),
    "warnings as texts": lambda d: d["outcome"].update(warnings=["x"]),
}


@pytest.mark.parametrize("name", BAD_RECORDINGS)
def test_what_is_no_recording_is_refused(name):
    assert complaints(RECORDING, spoiled(RECORDINGS[0], BAD_RECORDINGS[name]))


# Comparisons.

KNOWN = Divergence("DIV-001", "x", "k", "*", "planted", digits=1)
NUMBERS = {"a": 1.0, "p": 0.05, "n": 3, "t": "x", "m": np.eye(2), "k": 1.0, "nan": math.nan}
RULES = {
    "a": Rule("closed"), "p": Rule("closed_p"), "n": Rule("exact"), "t": Rule("exact"),
    "m": Rule("iterative", scale=0.1), "k": Rule("closed"), "nan": Rule("closed", allow_nan=True),
}  # fmt: skip
ERROR = Condition(("error",), "no")
COMPARISONS = {
    "agree": lambda: compare(NUMBERS, NUMBERS, RULES),
    "disagree": lambda: compare({**NUMBERS, "a": 2.0, "n": 4, "t": "y"}, NUMBERS, RULES),
    "nan": lambda: compare({**NUMBERS, "a": math.nan}, NUMBERS, RULES),
    "infinity": lambda: compare({**NUMBERS, "a": -math.inf}, NUMBERS, RULES),
    "shape": lambda: compare({**NUMBERS, "m": np.eye(3)}, NUMBERS, RULES),
    "missing": lambda: compare({"a": 1.0}, NUMBERS, RULES),
    "known": lambda: compare({**NUMBERS, "k": 1.01}, NUMBERS, RULES, divergences=[KNOWN]),
    "vanished": lambda: compare(NUMBERS, NUMBERS, RULES, divergences=[KNOWN]),
    "limited": lambda: compare(
        {"a": 1.0}, {"a": 1.0001}, {"a": Rule("iterative")}, reference_digits={"a": 4.0}
    ),
    "own digits": lambda: compare({"a": 1.0}, {"a": 1.0}, {"a": Rule("iterative")}, default={"a": math.nan}),
    "errors": lambda: compare(ValueError("no"), ERROR, RULES),
    "an error": lambda: compare(NUMBERS, ERROR, RULES),
}  # fmt: skip


@pytest.mark.parametrize("name", COMPARISONS)
def test_every_comparison_is_one(name):
    document = json.loads(json.dumps(COMPARISONS[name]().to_dict(), allow_nan=False))
    assert complaints(COMPARISON, document) == []


BAD_COMPARISONS = {
    "a verdict that is none": lambda d: d.update(verdict="fine"),
    "success that is none": lambda d: d.update(ok=False),
    "no quantities": lambda d: d.update(quantities=[]),
    "digits beyond a double": lambda d: d["quantities"][0].update(digits=17),
    "digits in words": lambda d: d["quantities"][0].update(digits="many"),
    "a negative distance": lambda d: d["quantities"][0].update(ulps=-1),
    "nothing needed": lambda d: d["quantities"][0].update(needed=0),
    "a list of values": lambda d: d["quantities"][0].update(python=[1.0]),
    "no reason": lambda d: d["quantities"][0].pop("reason"),
    "something more": lambda d: d["quantities"][0].update(extra=1),
    "a divergence without a number": lambda d: d["quantities"][0].update(divergence="DIV"),
}


@pytest.mark.parametrize("name", BAD_COMPARISONS)
def test_what_is_no_comparison_is_refused(name):
    document = copy.deepcopy(COMPARISONS["agree"]().to_dict())
    BAD_COMPARISONS[name](document)
    assert complaints(COMPARISON, document)
