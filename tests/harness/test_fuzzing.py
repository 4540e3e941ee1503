"""Fuzzing ends in time, with the smallest that it had found by then; R is played by a function that takes its time."""

import time
from dataclasses import replace

import pytest
from hypothesis import strategies as st

from pymeta.errors import BackendError
from pymeta.harness import Call, Environment, Outcome, Rule, Target, fuzz, r_value

ENVIRONMENT = Environment("4.2.2", "made up", {}, "", "", ("Mersenne-Twister",), "C.UTF-8")
RULES = {"sum": Rule("closed")}
GRACE = 1.0
SLACK = 1.5  # for a machine that is busy


class Slow:
    """Stands for an R that sums, `pause` seconds a call."""

    name, note = "slow", ""

    def __init__(self, pause=0.0, breaks=lambda total: False):
        self.pause, self.breaks = pause, breaks

    def run(self, call, *, timeout):
        time.sleep(self.pause)
        total = float(sum(call.args["x"]))
        if self.breaks(total):
            raise BackendError(f"gave no answer for {total:g}")
        return Outcome(r_value({"sum": total}), None, (), (), 0.0, ENVIRONMENT)


def target(python):
    """Lists of 20 to 200 numbers, which take Hypothesis many steps to shrink."""
    return Target(
        name="sums",
        draw=lambda: st.lists(st.integers(0, 10**9), min_size=20, max_size=200),
        python=lambda data: {"sum": python(data)},
        call=lambda data: Call("base::sum", {"x": data}),
        rules=lambda data, reference: RULES,
    )


def honest(data):
    return float(sum(data))


def wrong_where_various(data):
    return honest(data) + (len(set(data)) >= 20)


@pytest.fixture(autouse=True)
def _little_grace(monkeypatch):
    monkeypatch.setattr("pymeta.harness.fuzzing._GRACE", GRACE)


def timed(*args, seconds, **options):
    began = time.monotonic()
    found = fuzz(*args, seconds=seconds, **options)
    return found, time.monotonic() - began


def test_shrinking_ends_in_time_with_the_smallest_so_far(tmp_path, capfd):
    failing = []

    def watched(data):
        said = wrong_where_various(data)
        failing.extend([data] if said != honest(data) else [])
        return said

    (finding, _), elapsed = timed(target(watched), Slow(0.05), seconds=1.0, database=tmp_path)
    assert elapsed < 1.0 + GRACE + SLACK
    assert finding.data in failing
    assert len(repr(finding.data)) == min(len(repr(data)) for data in failing) < len(repr(failing[0]))
    assert capfd.readouterr() == ("", "")
    again, examples = fuzz(target(wrong_where_various), Slow(), seconds=30, database=tmp_path)
    assert len(repr(again.data)) <= len(repr(failing[0]))
    assert examples < len(failing)


def test_what_is_found_late_is_shrunk_a_little(tmp_path, monkeypatch):
    monkeypatch.setattr("pymeta.harness.fuzzing._GRACE", 60.0)  # enough for a busy machine to shrink it to the end
    found = []

    def wrong_late(data):
        if wrong := max(data) > 99:
            found.append(data)
            time.sleep(5.5 * (len(found) == 1))
        return honest(data) + wrong

    finding, _ = fuzz(target(wrong_late), Slow(), seconds=5.0, database=tmp_path)
    assert finding.data == [0] * 19 + [100]


def test_what_shrinks_in_time_is_shrunk_to_the_end(tmp_path):
    finding, _ = fuzz(target(lambda data: honest(data) + (max(data) > 99)), Slow(), seconds=60, database=tmp_path)
    assert sorted(finding.data) == [0] * 19 + [100]


def test_the_smallest_is_what_hypothesis_says_it_is(tmp_path):
    longer_is_simpler = replace(
        target(None),
        draw=lambda: st.integers(0, 900).map(lambda n: "x" * (1000 - n)),
        python=lambda data: {"sum": len(data) + (len(data) <= 990)},
        call=lambda data: Call("base::sum", {"x": [len(data)]}),
    )
    finding, _ = fuzz(longer_is_simpler, Slow(), seconds=60, database=tmp_path)
    assert len(finding.data) == 990


def test_slow_calls_do_not_make_a_batch_go_on(tmp_path, capfd):
    (finding, examples), elapsed = timed(target(honest), Slow(0.1), seconds=0.5, database=tmp_path)
    assert finding is None
    assert 0 < examples <= 6
    assert elapsed < 0.5 + SLACK
    assert capfd.readouterr() == ("", "")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []  # the end of the time is no past failure


def test_an_r_that_does_not_answer_is_told_in_time(tmp_path):
    began = time.monotonic()
    with pytest.raises(BackendError, match="gave no answer"):
        fuzz(target(honest), Slow(0.2, lambda total: total > 1000), seconds=1.0, database=tmp_path)
    assert time.monotonic() - began < 1.0 + GRACE + SLACK


def test_an_r_that_does_not_answer_hides_no_finding(tmp_path):
    python = target(lambda data: honest(data) + (max(data) > 99))
    finding, _ = fuzz(python, Slow(breaks=lambda total: 100 < total < 10**6), seconds=20, database=tmp_path)
    assert max(finding.data) > 99


def test_what_disagrees_only_now_and_then_is_a_finding(tmp_path):
    calls = []

    def moody(data):
        calls.append(data)
        return honest(data) + (len(calls) == 3)

    finding, _ = fuzz(target(moody), Slow(), seconds=5, database=tmp_path)
    assert finding.data == calls[2]


def test_ctrl_c_is_not_taken_for_the_end_of_the_time(tmp_path):
    def interrupted(data):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fuzz(target(interrupted), Slow(), seconds=5, database=tmp_path)


def test_progress_is_told_while_shrinking(tmp_path):
    told = []
    _, examples = fuzz(
        target(wrong_where_various), Slow(), seconds=1, database=tmp_path, progress=lambda *told_now: told.append(told_now)
    )
    assert [count for count, _ in told] == list(range(1, examples + 1))
