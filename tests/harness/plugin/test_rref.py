"""--rref=replay|live|verify|record."""

import json

from pymeta.harness.codec import encode
from pymeta.harness.recording import _digest

pytest_plugins = ["pytester"]

AGREES = "def test_two(rref):\n    rref.check(TWO, SAME, RULES)\n"
OTHER = "def test_two(rref):\n    rref.check(Call('base::list', {'a': 2.5}), {'a': 2.5}, {'a': Rule('closed')})\n"


def tamper(path, value, r_version=None):
    """Make the recording one of another answer, with right digests."""
    document = json.loads(path.read_text())
    document["outcome"]["value"] = encode(value)
    document["environment"]["r_version"] = r_version or document["environment"]["r_version"]
    document["sha256"] = {name: _digest(document[name]) for name in document["sha256"]}
    path.write_text(json.dumps(document))


def test_a_replay_is_the_default_and_needs_no_r(project, a_recording, no_r):
    result = project.run()
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["rref replay: 1 compared (1 agree); recorded with R *; worst 16.0 digits*"])


def test_a_missing_recording_fails_a_replay(project):
    project.write(AGREES)
    result = project.run("--rref=replay")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*holds no recordings; record it where R is*", "rref replay: 0 compared;*1 missing*"])


def test_a_recording_of_another_function_is_none(project, a_recording):
    project.write("def test_it(rref):\n    rref.check(Call('base::c', {'a': 1.0}), {'a': 1.0}, RULES)\n")
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["rref replay: 0 compared;*0 stale, 1 missing, 1 unused*"])


def test_a_stale_recording_fails_a_replay(project, a_recording):
    project.write(OTHER)
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["E*StaleRecording: base::list: *differs in: argument a*", "rref*1 stale, 0 missing, 1 unused*"]
    )


def test_an_edited_recording_fails_a_replay(project, a_recording):
    a_recording.write_text(a_recording.read_text().replace("0x1.8p+0", "0x1.9p+0"))
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*call and outcome changed after it was recorded*", "rref*1 unanswered*"])


def test_live_needs_no_recording(project):
    project.write(AGREES)
    result = project.run("--rref=live", "--rref-backend=worker")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["rref live: 1 compared (1 agree); live R * (worker); worst 16.0 digits*"])
    assert project.recordings() == []


def test_record_writes_and_compares(project):
    project.write("def test_two(rref):\n    rref.check(TWO, {**SAME, 'a': 9.0}, RULES)\n")
    result = project.run("--rref=record", "--rref-backend=worker")
    result.assert_outcomes(failed=1)
    (path,) = project.recordings()
    assert path.name.startswith("test_two-")


def test_record_again_under_another_name_keeps_one_recording(project, a_recording):
    project.write(AGREES.replace("test_two", "test_renamed"))
    project.run("--rref=record", "--rref-backend=worker").assert_outcomes(passed=1)
    assert project.recordings() == [a_recording]


def test_record_is_refused_in_ci(project, monkeypatch):
    monkeypatch.setenv("CI", "true")
    project.write(AGREES)
    result = project.run("--rref=record")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: --rref=record is refused in CI*"])
    assert project.recordings() == []


def test_verify_passes_when_r_says_the_same(project, a_recording):
    result = project.run("--rref=verify", "--rref-backend=worker")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["rref verify: 1 compared (1 agree); live R*"])


def test_verify_fails_when_r_says_something_else(project, a_recording):
    tamper(a_recording, {"a": 1.25, "b": [1.0, 2.0]})
    result = project.run("--rref=verify", "--rref-backend=worker")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E*R no longer says what was recorded: test_two-*: value$a?1?: 1.25 became 1.5 (0.7 digits)",
            "rref*unlike the recording*",
        ]
    )


def test_verify_compares_numbers_not_bytes(project, a_recording):
    tamper(a_recording, {"a": 1.5 * (1 + 1e-14), "b": [1.0, 2.0]})
    project.run("--rref=verify", "--rref-backend=worker").assert_outcomes(passed=1)


def test_verify_needs_a_recording(project):
    project.write(AGREES)
    result = project.run("--rref=verify", "--rref-backend=worker")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["rref verify: 0 compared*1 missing*"])


def test_verify_needs_a_recording_of_this_r(project, a_recording):
    tamper(a_recording, {"a": 1.5, "b": [1.0, 2.0]}, r_version="3.0.0")
    result = project.run("--rref=verify", "--rref-backend=worker")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*base::list: recorded with R-*, not with R *, the R at hand"])


def test_an_unknown_mode_is_refused(project):
    result = project.run("--rref=guess")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*invalid choice: 'guess'*"])


def test_a_timeout_and_a_dead_r_are_no_agreement(project):
    project.write("def test_quit(rref):\n    rref.check(Call('base::quit', {'save': 'no'}), {'a': 1.0}, RULES)\n" + AGREES)
    result = project.run("--rref=live", "--rref-backend=worker")
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["E*BackendError*ended before it answered*", "rref live: 1 compared*1 unanswered*"])
