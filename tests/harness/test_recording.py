from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pymeta.harness.backends.recorded as recorded_module
import pymeta.harness.recording as recording_module
from pymeta.errors import BackendError, DataError, OptionError, RecordingError
from pymeta.harness.agreement import Rule, answer, compare
from pymeta.harness.backends.recorded import MissingRecording, RecordedReference, StaleRecording, environments
from pymeta.harness.calls import Call, Condition, Environment, Outcome
from pymeta.harness.codec import NA, RVector, decode, encode
from pymeta.harness.drift import differences, verify
from pymeta.harness.recording import call_key, environment_slug, read_recording, record, safe_label

R422 = Environment(
    "4.2.2", "x86_64-pc-linux-gnu", {"metafor": "3.8-1"}, "libblas.so.3", "3.11.0", ("Mersenne-Twister",), "C.UTF-8"
)
VALUE = {"beta": [0.1, math.nan, NA, math.inf, -0.0], "k": 3, "slab": ["é", NA], "vb": np.array([[1.0, 2.0], [2.0, 5.0]])}


@pytest.fixture(autouse=True)
def _at_home(monkeypatch):
    monkeypatch.delenv("CI", raising=False)


@pytest.fixture
def adapter(tmp_path):
    path = tmp_path / "r" / "double.R"
    path.parent.mkdir()
    path.write_text("double <- function(x) list(x = 2 * x)\n")
    return path


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "recorded"


def a_call(x=1.0, **changes):
    return Call("metafor::rma", {"yi": [x, 2.0], "method": "REML"}, **changes)


def an_outcome(value=None, **changes):
    value = decode(encode(VALUE if value is None else value))
    fields = {"value": value, "error": None, "warnings": (), "messages": (), "seconds": 0.25, "environment": R422}
    return Outcome(**{**fields, **changes})


class FakeR:
    """A reference that answers every call with one outcome, or raises it."""

    name = "fake"

    def __init__(self, outcome):
        self.outcome, self.calls = outcome, []

    def run(self, call, *, timeout=60.0):
        self.calls.append(call)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def edit(path, change):
    """Change a recording behind the harness's back."""
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


# Round trips.


def test_a_recorded_call_is_answered_as_it_was(folder):
    warning = Condition(("simpleWarning", "warning", "condition"), "Studies with NAs omitted — café.")
    outcome = an_outcome(warnings=(warning,), messages=(warning, warning))
    record(a_call(), outcome, folder, "ketamine-reml")
    with RecordedReference(folder) as reference:
        assert reference.run(a_call()) == outcome
        assert reference.name == "recorded"


def test_an_r_error_is_an_answer(folder):
    error = Condition(("simpleError", "error", "condition"), "Fisher scoring algorithm did not converge.")
    outcome = replace(an_outcome(), value=None, error=error)
    record(a_call(), outcome, folder, "x")
    assert RecordedReference(folder).run(a_call()) == outcome


def test_r_null_is_not_no_value(folder):
    outcome = replace(an_outcome(), value=RVector("null", ()))
    record(a_call(), outcome, folder, "x")
    assert RecordedReference(folder).run(a_call()).value == RVector("null", ())


def test_the_file_is_strict_ascii_json_with_all_that_is_needed(folder):
    path = record(a_call(seed=7, packages=("metafor",)), an_outcome(), folder, "ketamine-reml")
    assert path.parent == folder / "R-4.2.2_metafor-3.8.1"
    assert path.name == f"ketamine-reml-{call_key(a_call(seed=7))[:12]}.json"
    document = json.loads(path.read_bytes().decode("ascii"), parse_constant=pytest.fail)
    assert document["format"] == 1
    assert read_recording(path).rebuild() == Call(
        "metafor::rma", {"yi": decode(encode([1.0, 2.0])), "method": decode(encode("REML"))}, None, ("metafor",), 7
    )
    assert str(folder) not in path.read_text()


def test_a_rebuilt_call_has_the_same_key(folder, adapter):
    call = Call("double", {"x": [1.0, NA, math.nan]}, adapter)
    path = record(call, an_outcome(), folder, "x", root=adapter.parent)
    assert call_key(read_recording(path).rebuild(adapter.parent)) == call_key(call)
    assert read_recording(path).call["adapter"]["name"] == "double.R"


def test_recording_again_replaces(folder):
    record(a_call(), an_outcome({"x": 1.0}), folder, "x")
    path = record(a_call(), an_outcome({"x": 2.0}), folder, "x")
    assert list(path.parent.iterdir()) == [path]
    assert RecordedReference(folder).run(a_call()) == an_outcome({"x": 2.0})


# Keys.


def test_the_key_is_the_same_from_every_python():
    assert call_key(a_call()) == "3455b101a02d570d1dc068850a40c9f5233c5b30ba4cd66bd10a787c2ff4a51e"


@pytest.mark.parametrize(
    "other",
    [
        a_call(1.0 + 2**-52),
        a_call(seed=1),
        replace(a_call(), function="metafor::rma.uni"),
        replace(a_call(), args={"method": "REML", "yi": [1.0, 2.0]}),
        replace(a_call(), args={"yi": [1, 2], "method": "REML"}),
        replace(a_call(), args={"yi": ["1", "2"], "method": "REML"}),
        replace(a_call(), args={"yi": [1.0, 2.0]}),
    ],
)
def test_another_call_has_another_key(other):
    assert call_key(other) != call_key(a_call())


def test_the_key_follows_the_adapters_content_not_its_place(tmp_path, adapter):
    key = call_key(Call("double", {}, adapter))
    elsewhere = tmp_path / "other.R"
    elsewhere.write_bytes(adapter.read_bytes().replace(b"\n", b"\r\n"))
    assert call_key(Call("double", {}, elsewhere)) == key
    elsewhere.write_text("double <- function(x) list(x = 3 * x)\n")
    assert call_key(Call("double", {}, elsewhere)) != key


def test_packages_do_not_belong_to_the_key():
    assert call_key(a_call(packages=("metafor",))) == call_key(a_call())


# Missing, stale, unused.


def test_nothing_recorded(folder):
    with pytest.raises(RecordingError, match="holds no recordings; record it where R is"):
        RecordedReference(folder)


def test_a_missing_recording_names_function_and_command(folder):
    record(a_call(), an_outcome(), folder, "x")
    with pytest.raises(MissingRecording, match=r"metafor::escalc: no recording .* `pymeta record`"):
        RecordedReference(folder).run(Call("metafor::escalc"))


@pytest.mark.parametrize(
    ("other", "what"),
    [
        (a_call(1.5), "argument yi;"),
        (a_call(seed=1), "the seed;"),
        (replace(a_call(), args={"method": "REML", "yi": [1.0, 2.0]}), "the order of arguments;"),
        (replace(a_call(), args={"yi": [1.0, 2.0], "method": "DL", "level": 90}), "argument method, argument level;"),
    ],
)
def test_a_stale_recording_says_what_changed(folder, other, what):
    record(a_call(), an_outcome(), folder, "ketamine")
    record(Call("metafor::rma", {"x": 1}), an_outcome(), folder, "another")
    with pytest.raises(StaleRecording, match=rf"the nearest, ketamine-\w+\.json, differs in: {what}"):
        RecordedReference(folder).run(other)


def test_an_edited_adapter_makes_its_recordings_stale(folder, adapter):
    call = Call("double", {"x": 1.0}, adapter)
    record(call, an_outcome(), folder, "x", root=adapter.parent)
    adapter.write_text("double <- function(x) list(x = x + x)\n")
    with pytest.raises(StaleRecording, match="differs in: the adapter"):
        RecordedReference(folder).run(call)


def test_unused_recordings_are_told(folder):
    record(a_call(1.0), an_outcome(), folder, "a")
    record(a_call(1.0), an_outcome(), folder, "the-same-call")
    second = record(a_call(2.0), an_outcome(), folder, "b")
    reference = RecordedReference(folder)
    reference.run(a_call(1.0))
    assert reference.unused() == (second,)
    assert len(reference.paths()) == 3


# Tampering.


def change_value(document):
    document["outcome"]["value"]["v"][1]["v"] = "4"


def change_environment(document):
    document["environment"]["r_version"] = "4.5.0"


def change_args(document):
    document["call"]["args"][1][1]["v"] = ["DL"]


def change_args_and_digest(document):
    change_args(document)
    document["sha256"]["call"] = recording_module._digest(document["call"])


def drop_outcome(document):
    del document["outcome"]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (change_value, "its outcome changed after it was recorded"),
        (change_environment, "its environment changed after"),
        (change_args, "its call changed after"),
        (change_args_and_digest, "belong to different calls"),
        (drop_outcome, "not a recording"),
        (lambda document: document.update(format=2), "format 2; this pymeta reads format 1"),
        (lambda document: document.pop("format"), "format None"),
        (lambda document: document.update(sha256=[]), "not a recording"),
        (lambda document: document.update(key="0" * 64), "belong to different calls"),
    ],
)
def test_an_edited_recording_is_found(folder, change, complaint):
    path = record(a_call(), an_outcome(), folder, "x")
    edit(path, change)
    with pytest.raises(RecordingError, match=complaint) as caught:
        RecordedReference(folder).run(a_call())
    assert str(path) in str(caught.value)


def test_a_malformed_value_with_right_digests_is_found(folder):
    path = record(a_call(), an_outcome({"x": 1.0}), folder, "x")

    def garble(document):
        document["outcome"]["value"]["v"][0]["v"] = "one"
        document["sha256"]["outcome"] = recording_module._digest(document["outcome"])

    edit(path, garble)
    with pytest.raises(RecordingError, match=r"x-\w+\.json: not a recording"):
        read_recording(path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"format": NaN}', b"[" * 10**5])
def test_what_is_no_json_object_is_refused(folder, content):
    path = record(a_call(), an_outcome(), folder, "x")
    path.write_bytes(content)
    with pytest.raises(RecordingError, match="record it again"):
        RecordedReference(folder).run(a_call())


def test_a_key_that_is_there_twice_is_refused(folder):
    path = record(a_call(), an_outcome(), folder, "x")
    path.write_bytes(path.read_bytes().replace(b"{", b'{"format": 1,', 1))  # what is right but for this
    with pytest.raises(RecordingError, match="a key is there twice"):
        read_recording(path)


@given(st.floats(0, 1, exclude_max=True))
def test_a_truncated_recording_is_refused(tmp_path_factory, part):
    folder = tmp_path_factory.mktemp("r")
    path = record(a_call(), an_outcome(), folder, "x")
    content = path.read_bytes()
    path.write_bytes(content[: int(part * (len(content) - 1))])
    with pytest.raises(RecordingError, match="record it again"):
        RecordedReference(folder).run(a_call())


def test_a_renamed_recording_is_refused(folder):
    path = record(a_call(), an_outcome(), folder, "x")
    path.rename(path.with_name(f"x-{call_key(a_call(2.0))[:12]}.json"))
    with pytest.raises(RecordingError, match="belong to different calls"):
        RecordedReference(folder).run(a_call(2.0))


def test_a_call_whose_key_begins_alike_is_not_answered(folder, monkeypatch):
    record(a_call(), an_outcome(), folder, "x")
    other = call_key(a_call())[:12] + "0" * 52
    monkeypatch.setattr(recorded_module, "call_key", lambda call: other)
    with pytest.raises(RecordingError, match="holds another call"):
        RecordedReference(folder).run(a_call())


def test_a_file_of_another_name_is_refused(folder):
    path = record(a_call(), an_outcome(), folder, "x")
    path.rename(path.with_name("x.json"))
    with pytest.raises(RecordingError, match="is not named"):
        RecordedReference(folder).run(a_call())


# Writing.


HOSTILE = [
    "../../x",
    '"); system("touch pwned"); #',
    "/etc/passwd",
    "..",
    "",
    ".hidden",
    "a\0b",
    "a\nb",
    "é" * 300,
    "a" * 300,
    "con: ?*|<>\\",
]


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_labels_stay_file_names(folder, label):
    path = record(a_call(), an_outcome(), folder, label)
    assert path.parent == folder / "R-4.2.2_metafor-3.8.1"
    assert path.resolve() == path
    assert RecordedReference(folder).run(a_call()) == an_outcome()


@given(st.text())
def test_labels_are_made_of_safe_characters(label):
    safe = safe_label(label)
    assert 0 < len(safe) <= 80
    assert set(safe) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
    assert not safe.startswith((".", "-"))


def test_hostile_versions_stay_folder_names():
    hostile = replace(R422, packages={"../..": "/etc/passwd"})
    assert set(environment_slug(hostile)) & set("/\\\0 ") == set()


def test_packages_of_r_itself_are_not_in_the_name():
    assert environment_slug(replace(R422, packages={"stats": "4.2.2"})) == "R-4.2.2"


@pytest.mark.parametrize("function", ["replace", "fsync"])
def test_a_failed_write_leaves_the_old_recording(folder, monkeypatch, function):
    path = record(a_call(), an_outcome({"x": 1.0}), folder, "x")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, function, fail)
    with pytest.raises(RecordingError, match="No space left on device"):
        record(a_call(), an_outcome({"x": 2.0}), folder, "x")
    assert list(path.parent.iterdir()) == [path]
    assert RecordedReference(folder).run(a_call()) == an_outcome({"x": 1.0})


def test_an_interrupted_write_leaves_the_old_recording(folder, monkeypatch):
    path = record(a_call(), an_outcome({"x": 1.0}), folder, "x")

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        record(a_call(), an_outcome({"x": 2.0}), folder, "x")
    assert list(path.parent.iterdir()) == [path]


def test_ci_never_records(folder, monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(RecordingError, match="refused in CI"):
        record(a_call(), an_outcome(), folder, "x")
    assert not folder.exists()


@pytest.mark.parametrize("answer", [BackendError("R died"), None])
def test_only_outcomes_are_recorded(folder, answer):
    with pytest.raises(RecordingError, match="only an outcome can be recorded"):
        record(a_call(), answer, folder, "x")
    assert not folder.exists()


def test_an_adapter_outside_the_root_is_refused(folder, adapter):
    with pytest.raises(RecordingError, match="lies outside"):
        record(Call("double", {"x": 1.0}, adapter), an_outcome(), folder, "x")


@pytest.mark.parametrize("name", ["/etc/passwd", "../r/double.R"])
def test_a_recording_cannot_point_at_any_file(folder, adapter, name):
    path = record(Call("double", {"x": 1.0}, adapter), an_outcome(), folder, "x", root=adapter.parent)

    def point(document):
        document["call"]["adapter"]["name"] = name
        document["sha256"]["call"] = recording_module._digest(document["call"])

    edit(path, point)
    with pytest.raises(RecordingError, match="not a plain relative name"):
        read_recording(path).rebuild(adapter.parent)


# Environments.


def versions(r="4.2.2", **packages):
    return replace(R422, r_version=r, packages=packages)


def test_environments_are_ordered_by_version(folder):
    for environment in (versions("4.10.0"), versions("4.2.2", metafor="4.6-0"), versions(metafor="3.8-1"), versions()):
        record(a_call(), an_outcome(environment=environment), folder, "x")
    (folder / "notes").mkdir()
    assert environments(folder) == ("R-4.2.2", "R-4.2.2_metafor-3.8.1", "R-4.2.2_metafor-4.6.0", "R-4.10.0")


def test_the_newest_environment_answers_unless_told_otherwise(folder):
    for version in ("3.8-1", "4.6-0"):
        record(a_call(), an_outcome({"v": version}, environment=versions(metafor=version)), folder, "x")
    assert RecordedReference(folder).run(a_call()).environment.packages == {"metafor": "4.6-0"}
    old = RecordedReference(folder, "R-4.2.2_metafor-3.8.1")
    assert old.run(a_call()).environment.packages == {"metafor": "3.8-1"}
    with pytest.raises(OptionError, match="no such recorded environment"):
        RecordedReference(folder, "R-4.2.2_metafor-3.8.2")


def test_a_session_never_mixes_versions(folder):
    record(a_call(1), an_outcome(environment=versions(metafor="3.8-1")), folder, "a")
    record(a_call(2), an_outcome(environment=versions(metafor="4.6-0")), folder, "b")
    record(a_call(3), an_outcome(environment=versions(metadat="1.2-0")), folder, "c")
    record(a_call(4), an_outcome(environment=versions("4.1.0", metafor="4.6-0")), folder, "d")
    reference = RecordedReference(folder)
    assert [path.name[0] for path in reference.paths()] == ["c", "b"]
    assert reference.run(a_call(3)).environment.packages == {"metadat": "1.2-0"}
    with pytest.raises(StaleRecording):
        reference.run(a_call(1))
    assert RecordedReference(folder, "R-4.2.2_metafor-3.8.1").run(a_call(1)) is not None


# Verify.


def test_verify_makes_the_recorded_calls_again(folder):
    record(a_call(), an_outcome(), folder, "x")
    live = FakeR(an_outcome())
    assert verify(folder, live) == []
    assert [call_key(call) for call in live.calls] == [call_key(a_call())]


def test_verify_compares_numbers_not_bytes(folder):
    path = record(a_call(), an_outcome({"b": [1.0, 2.0]}), folder, "x")
    assert verify(folder, FakeR(an_outcome({"b": [1.0, 2.0 * (1 + 1e-14)]}))) == []
    (change,) = verify(folder, FakeR(an_outcome({"b": [1.0, 2.0 * (1 + 1e-6)]})))
    assert (change.recording, change.place, change.old) == (path, "value$b[2]", "2.0")
    assert change.digits == pytest.approx(6, abs=1e-6)
    assert verify(folder, FakeR(an_outcome({"b": [1.0, 2.0 * (1 + 1e-6)]})), needed=5) == []


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ({"b": 1.0}, {"b": 1}, "value$b"),
        ({"b": 1.0}, {"b": [1.0, 2.0]}, "value$b"),
        ({"b": 1.0}, {"c": 1.0}, 'attr(value, "names")[1]'),
        ({"b": 1.0}, {"b": 1.0, "c": 1.0}, "value"),
        ({"b": 1.0}, {"b": math.nan}, "value$b[1]"),
        ({"b": [1.0, NA]}, {"b": [1.0, math.nan]}, "value$b[2]"),
        ({"b": 1.0}, {"b": math.inf}, "value$b[1]"),
        ({"b": ["x", "y"]}, {"b": ["x", "z"]}, "value$b[2]"),
        ({"b": [1 + 1j, 2 + 1j]}, {"b": [1 + 1j, 2 + 2j]}, "value$b[2]"),
        ({"b": np.ones((2, 3))}, {"b": np.ones((3, 2))}, 'attr(value$b, "dim")[1]'),
        ({"b": {"c": [1, 2]}}, {"b": {"c": [1, 3]}}, "value$b$c[2]"),
        ([{"b": 1.0}, {"b": 1.0}], [{"b": 1.0}, {"b": 2.0}], "value[[2]]$b[1]"),
        ({"b": b"ab"}, {"b": b"ac"}, "value$b[2]"),
    ],
)
def test_differences_have_a_place(old, new, place):
    assert differences(an_outcome(old), an_outcome(new))[0].place == place
    assert differences(an_outcome(old), an_outcome(old)) == []


@pytest.mark.parametrize("value", [np.array([]), {}, RVector("null", ()), [math.nan, math.inf], [NA, 1 + 2j]])
def test_an_outcome_does_not_differ_from_itself(value):
    assert differences(an_outcome({"b": value}), an_outcome({"b": value})) == []


def test_errors_are_compared_by_class():
    error = Condition(("simpleError", "error", "condition"), "Non.")
    raised = replace(an_outcome(), value=None, error=error)
    other = replace(raised, error=replace(error, message="No."))
    assert differences(raised, other) == []
    (change,) = differences(an_outcome(), raised)
    assert (change.place, change.old, change.new) == ("error", "no error", "simpleError/error/condition")


def test_verify_reports_what_cannot_be_verified(folder, adapter):
    broken = record(a_call(), an_outcome(), folder, "a")
    edit(broken, change_value)
    call = Call("double", {"x": 1.0}, adapter)
    moved = record(call, an_outcome(), folder, "b", root=adapter.parent)
    adapter.write_text("")
    silent = record(a_call(2), an_outcome(), folder, "c")
    changes = verify(folder, FakeR(BackendError("R died")), root=adapter.parent)
    assert {change.recording: change.new.rpartition(": ")[2][:20] for change in changes} == {
        broken: "its outcome changed ",
        moved: "its adapter double.R",
        silent: "R died",
    }


# With compare.


def test_a_recording_can_be_compared(folder):
    record(a_call(), an_outcome({"b": [1.0, NA], "k": 3, "m": "REML"}), folder, "x")
    said = answer(RecordedReference(folder).run(a_call()))
    rules = {"b": Rule("closed", allow_nan=True), "k": Rule("exact"), "m": Rule("exact")}
    assert compare({"b": [1.0, math.nan], "k": 3, "m": "REML"}, said, rules).verdict == "agree"
    assert compare({"b": [1.0, math.nan], "k": 3, "m": "ML"}, said, rules).verdict == "disagree"


def test_matrices_of_r_are_read_by_column():
    mine = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    said = answer(an_outcome({"m": mine}))
    assert compare({"m": mine}, said, {"m": Rule("closed")}).ok
    assert not compare({"m": mine.ravel().reshape(2, 3, order="F")}, said, {"m": Rule("closed")}).ok


def test_names_and_dimnames_of_r_are_compared():
    names = (("names", RVector("chr", ("a", "b"))),)
    dim = ("dim", RVector("int", (1, 2)))
    dimnames = ("dimnames", RVector("list", (RVector("null", ()), RVector("chr", ("a", "b")))))
    said = {"v": RVector("dbl", [1.0, 2.0], names), "m": RVector("dbl", [1.0, 2.0], (dim, dimnames))}
    rules = dict.fromkeys(said, Rule("closed"))
    result = compare({"v": {"b": 1.0, "a": 2.0}, "m": np.array([[1.0, 2.0]])}, said, rules)
    assert [row.verdict for row in result.quantities] == ["structure", "structure"]
    result = compare({"v": {"a": 1.0, "b": 2.5}, "m": said["m"]}, said, rules)
    assert [(row.verdict, row.where) for row in result.quantities] == [("disagree", "['b']"), ("agree", "[0, 'a']")]


@pytest.mark.parametrize(
    "value",
    [
        RVector("int", (1,), (("class", RVector("chr", ("factor",))), ("levels", RVector("chr", ("a",))))),
        RVector("cpl", (1j,)),
        RVector("list", ()),
        RVector("raw", b"a"),
    ],
)
def test_other_r_values_are_refused(value):
    assert compare({"x": value}, {"x": value}, {"x": Rule("exact")}).verdict == "structure"


def test_r_logicals_are_not_numbers():
    said = {"x": RVector("lgl", (1, -(2**31)))}
    rules = {"x": Rule("exact", allow_nan=True)}
    assert compare({"x": [True, None]}, said, rules).verdict == "agree"
    assert compare({"x": [1, None]}, said, rules).verdict == "structure"


@pytest.mark.parametrize("value", [1.0, [{"x": 1}, {"x": 1}], None])
def test_an_answer_is_a_named_list(value):
    with pytest.raises(DataError, match="uniquely named"):
        answer(replace(an_outcome(), value=decode(encode(value))))


# With R, and without anything.


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="no R")
def test_round_trip_with_r(folder, adapter):
    from pymeta.harness.backends.worker import worker

    calls = [
        Call("stats::quantile", {"x": [1.0, 2.0, 4.0, NA], "na.rm": True}),
        Call("double", {"x": np.array([[0.1, math.nan], [math.inf, -0.0]])}, adapter),
        Call("stats::rnorm", {"n": 3}, seed=1),
        Call("base::stop", {"message": 'é "); system("touch pwned"); #'}),
    ]
    with worker() as live:
        outcomes = [live.run(call) for call in calls]
        for call, outcome in zip(calls, outcomes, strict=True):
            record(call, outcome, folder, call.function, root=adapter.parent)
        assert verify(folder, live, root=adapter.parent) == []
        reference = RecordedReference(folder)
        assert [reference.run(call) for call in calls] == outcomes
    assert not Path("pwned").exists()


def test_ten_small_recordings_are_read_at_once(folder):
    calls = [a_call(float(i)) for i in range(10)]
    for call in calls:
        record(call, an_outcome(), folder, "x")
    reference = RecordedReference(folder)
    began = time.perf_counter()
    for call in calls:
        reference.run(call)
    assert time.perf_counter() - began < 0.05


def test_reading_needs_numpy_only():
    code = (
        "import sys; import pymeta.harness.backends.recorded, pymeta.harness.agreement; "
        "print({'scipy', 'pandas', 'rpy2', 'rich', 'click'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
