"""What can go wrong with R, for every live back end: nothing hangs or takes Python down, nothing passes for an answer.

What the conformance suite (test_backends.py) has already is not repeated: R that quits, loops in R code, or is not there.
"""

import contextlib
import errno
import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from pymeta.errors import BackendError, OptionError, RecordingError
from pymeta.harness import (
    Call,
    Condition,
    Environment,
    Outcome,
    Rule,
    answer,
    compare,
    open_reference,
    plain,
    r_value,
    record,
)
from pymeta.harness.backends.process import LineProcess
from pymeta.harness.recording import read_recording

ADAPTER = """
lapack <- function(n) svd(matrix(sin(seq_len(n * n)), n))$d[1]
hoard <- function() { all <- list(); repeat all[[length(all) + 1L]] <- numeric(1e7) }
nested <- function(n) { x <- 1; for (i in seq_len(n)) x <- list(x); x }
dive <- function(f) f(f)
deep <- function() dive(function(f) f(f))
swallow <- function() tryCatch(deep(), error = function(e) numeric(1e12))
leave <- function(status) quit(status = status)
leave_later <- function() { reg.finalizer(globalenv(), function(e) NULL, onexit = TRUE); on.exit(quit(status = 3)); 1 }
pid <- function() Sys.getpid()
sleep <- function(seconds) Sys.sleep(seconds)
stopped <- function() tools::pskill(Sys.getpid(), 19L)
closed <- function() { for (i in 0:2) try(close(getConnection(i)), silent = TRUE); "still here" }
chatty <- function(n) {
  system("(i=0; while [ $i -lt 300 ]; do printf 'noise '; i=$((i+1)); done) & exit 0")
  sqrt(seq_len(n))
}
fork <- function() {
  child <- parallel::mcparallel(1 + 1)
  parallel::mccollect(child)[[1L]]
}
doubles <- function(n) sqrt(seq_len(n))
texts <- function(n, width) rep(strrep("a", width), n)
broken <- function() stop("broken")

litter <- function() {
  assign("mine", 1, envir = globalenv())
  assign("T", FALSE, envir = globalenv())
  Sys.setenv(PYMETA_LITTER = "1")
  Sys.unsetenv("HOME")
  Sys.setlocale("LC_COLLATE", "C")
  attach(list(sd = function(x) "masked"), name = "litter")
  library(tools)
  options(digits = 3, OutDec = ",")
  setwd(tempdir())
  file(tempfile(), "w")
  grDevices::pdf(NULL)
  sink(tempfile())
  setTimeLimit(elapsed = 0.05)
  RNGkind("Wichmann-Hill")
  stop("and then it broke")
}
left <- function() list(
  ls(globalenv()), T, Sys.getenv(c("PYMETA_LITTER", "HOME")), Sys.getlocale(), search(), getOption("digits"),
  getOption("OutDec"), basename(getwd()), nrow(showConnections()), grDevices::dev.list(), sink.number(), RNGkind(),
  { Sys.sleep(0.1); "in time" }, stats::sd(1:3), sd(1:3)
)
"""


@pytest.fixture(scope="module")
def adapter(tmp_path_factory):
    path = tmp_path_factory.mktemp("faults") / "faults.R"
    path.write_text(ADAPTER)
    return path


# What R itself sees to: the way in which it is reached makes no difference.
in_worker = pytest.mark.parametrize("reference", ["worker"], indirect=True)
in_kept = pytest.mark.parametrize("reference", ["worker", "rpy2"], indirect=True)


@pytest.fixture(scope="module", params=["worker", "rpy2", "rscript"])
def reference(request):
    with open_reference(request.param, memory=1.0) as opened:
        yield opened


@pytest.fixture
def ask(reference, adapter):
    return lambda function, timeout=30.0, **args: reference.run(Call(function, args, adapter=adapter), timeout=timeout)


@pytest.fixture
def fails(ask):
    """That a call has no answer, in time, and that the next one has."""

    def check(function, match, timeout=30.0, **args):
        began = time.monotonic()
        with pytest.raises(BackendError, match=match):
            answer(ask(function, timeout, **args))
        assert time.monotonic() - began < timeout + 3
        assert plain(ask("texts", n=1, width=3).value) == "aaa"

    return check


# ---- a call -----------------------------------------------------------------------------------------------------------


def test_r_is_killed_from_outside(reference, ask, adapter):
    ask("pid")
    pids = []

    def kill():
        while not (pid := reference.pid):
            time.sleep(0.01)
        time.sleep(0.3)
        pids.append(pid)
        os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(BackendError, match="SIGKILL"):
        ask("sleep", seconds=20)
    killer.join()
    assert plain(ask("pid").value).tolist() != pids


def test_r_is_stopped_and_will_not_go_on(fails):
    fails("stopped", r"no answer within 1 s", timeout=1)


def test_r_is_deep_in_lapack(fails):
    fails("lapack", r"no answer within 1 s", timeout=1, n=4000)


@in_kept
def test_r_is_out_of_memory(fails):
    fails("hoard", "cannot allocate|ended before it answered")


@in_worker
def test_one_vector_is_too_large(fails):
    fails("swallow", "cannot allocate|ended before it answered")


@in_kept
def test_a_result_is_nested_too_deeply(fails):
    fails("nested", "infinite recursion|C stack|nested too deeply|ended before it answered", n=10**5)


@in_kept
def test_an_r_that_used_up_its_stack_is_replaced(ask):
    before = plain(ask("pid").value)
    with pytest.raises(BackendError):
        answer(ask("deep"))
    assert plain(ask("pid").value) != before


def test_recursion_is_told_where_the_stack_has_no_limit(adapter):
    with open_reference("worker", rscript="sh -c 'ulimit -s unlimited 2>/dev/null; exec Rscript \"$@\"' sh") as r:
        with pytest.raises(BackendError, match=r"infinite recursion|C stack|nested too deeply"):
            r.run(Call("deep", adapter=adapter))
        assert r.run(Call("base::abs", {"x": -1})).value == r_value(1)


@pytest.mark.parametrize("status", [0, 3])
def test_quit_is_told(fails, status):
    fails("leave", rf"exit status {status}", status=status)


def test_quit_while_a_call_returns(fails):
    fails("leave_later", "exit status 3")


@in_kept
def test_a_forked_r_leaves_its_parent_whole(ask):
    assert plain(ask("fork").value) == 2
    assert plain(ask("texts", n=1, width=3).value) == "aaa"


def test_r_closes_its_own_output(ask):
    with contextlib.suppress(BackendError):
        assert plain(ask("closed", 5).value) == "still here"
    assert plain(ask("texts", n=1, width=3).value) == "aaa"


@in_kept
def test_a_child_of_r_prints_amid_a_reply(reference, ask):
    expected = np.sqrt(np.arange(1, 20_001))
    answered = 0
    for _ in range(8):
        with contextlib.suppress(BackendError):
            np.testing.assert_array_equal(ask("chatty", n=20_000).value.values, expected)
            answered += 1
    assert answered or reference.name != "rpy2"  # whose replies have a pipe of their own


def framed(reply):
    """What is taken of a process that prints `reply`, in which @ stands for its mark."""
    script = "read line; printf '%b' \"$1\"; sleep 0.1; exit 3"
    process = LineProcess(lambda mark: ["sh", "-c", script, "sh", reply.replace("@", mark)], what="the reply")
    try:
        return process.ask(b"", 5)
    finally:
        process.close()


@pytest.mark.parametrize(
    "reply", [r"@2\n{}@\n", r"noise\n@2\n{}@\n", r"noise\n\n@x\n@2\n{}@\nmore", "n" * 100_000 + r"\n@2\n{}@\n"]
)
def test_a_reply_is_taken_out_of_noise(reply):
    assert framed(reply) == b"{}"


@pytest.mark.parametrize("reply", [r"@2\n{noise}@\n", r"@3\n{}@\n\n", r"@1\n{}@\n", r"@2\n{}noise@\n", r"@0\n{}@\n"])
def test_a_reply_of_another_length_than_it_says_is_none(reply):
    with pytest.raises(BackendError, match="something else amid it"):
        framed(reply)


@pytest.mark.parametrize("reply", ["", r"@3\n{}@\n", r"{}\n", r"@-2\n{}@\n", r"@\n{}@\n", r"@2 {}@\n", "noise"])
def test_what_is_no_whole_reply_is_none(reply):
    with pytest.raises(BackendError, match="ended before it answered"):
        framed(reply)


def test_two_hundred_megabytes_of_doubles_come_back(adapter):
    with open_reference("worker") as r:
        value = r.run(Call("doubles", {"n": 25 * 10**6}, adapter=adapter), timeout=120).value
    assert np.array_equal(value.values, np.sqrt(np.arange(1.0, 25e6 + 1)))


def test_two_hundred_megabytes_of_text_come_back(adapter):
    with open_reference("worker", memory=None) as r:
        value = r.run(Call("texts", {"n": 200, "width": 10**6}, adapter=adapter), timeout=120).value
    assert len(value) == 200
    assert set(map(len, value.values)) == {10**6}


def test_a_result_that_takes_r_too_long_to_write_is_no_answer(adapter):
    with open_reference("worker") as r, pytest.raises(BackendError):
        r.run(Call("texts", {"n": 3, "width": 10**9}, adapter=adapter), timeout=2)


# ---- what a call leaves -----------------------------------------------------------------------------------------------


@in_kept
def test_a_call_leaves_nothing_even_if_it_ends_in_an_error(reference, ask):
    before = ask("left").value
    assert ask("litter").error.message == "and then it broke"
    assert ask("left").value == before


@pytest.mark.parametrize("name", ["worker", "rpy2"])
def test_answers_do_not_depend_on_errors_before_them(name, adapter):
    def said(reference):
        call = Call("left", adapter=adapter)
        errors = [Call(function, adapter=adapter) for function in ("litter", "broken")]
        return [reference.run(one).value for one in (*errors, call, *errors, call)][2::3]

    with open_reference(name) as one, open_reference("rscript") as fresh:
        assert said(one)[0] == said(one)[1]
        if name == "worker":  # an embedded R begins in another state
            assert said(one) == said(fresh)


# ---- what is no answer is no agreement --------------------------------------------------------------------------------


@in_worker
def test_exhaustion_cannot_be_matched_by_a_python_exception(ask):
    with pytest.raises(BackendError):
        answer(ask("deep"))
    raised = compare(OptionError("also"), answer(ask("broken")), {"x": Rule("closed")})
    assert raised.verdict == "agree"  # an R error is one to be matched ...
    assert compare({"x": 1.0}, answer(ask("broken")), {"x": Rule("closed")}).verdict != "agree"  # ... and only by an error


# ---- the process around it --------------------------------------------------------------------------------------------


def run_python(code, *args, **options):
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(code), *map(str, args)]
    return subprocess.Popen(command, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


WAITING = """
    import sys
    from pymeta.harness import Call, open_reference
    command = 'sleep 60 >/dev/null 2>&1 & echo $!'
    with open_reference(sys.argv[1]) as r:
        child = r.run(Call('base::system', {'command': command, 'intern': True})).value.values[0]
        if r.name == 'rscript': r._serving()
        print(r.pid, child, flush=True)
        r.run(Call('base::Sys.sleep', {'time': 60}))
"""


def a_terminal():
    """Both ends of one and its settings, to be asked for; a pipe, which has none, in a container without terminals."""
    try:
        ours, theirs = pty.openpty()
    except OSError:
        theirs, ours = os.pipe()
        return ours, theirs, lambda: None
    return ours, theirs, lambda: termios.tcgetattr(theirs)


@pytest.mark.parametrize("name", ["worker", "rpy2", "rscript"])
def test_ctrl_c_ends_r_and_leaves_the_terminal_as_it_was(name):
    ours, theirs, settings = a_terminal()
    before = settings()
    process = run_python(WAITING, name, stdin=theirs, start_new_session=True)
    pids = [int(word) for word in process.stdout.readline().split()]
    time.sleep(0.3)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert process.returncode == -signal.SIGINT, err
    assert (out, err.splitlines()[-1]) == ("", "KeyboardInterrupt")
    assert settings() == before
    os.close(ours)
    os.close(theirs)
    deadline = time.monotonic() + 5
    while any(map(running, pids)):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def running(pid):
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


# ---- recording --------------------------------------------------------------------------------------------------------


def outcome(x):
    environment = Environment("4.2.2", "x86_64", {"stats": "4.2.2"}, "blas", "lapack", ("Mersenne-Twister",), "C.UTF-8")
    return Outcome(r_value(x), None, (), (Condition(("message",), "é"),), 0.0, environment)


RECORDING = """
    import sys
    sys.path.insert(0, sys.argv[1])
    from pathlib import Path
    import test_faults
    for i in range(60):
        test_faults.record(test_faults.CALL, test_faults.outcome([float(sys.argv[3])] * 2000), Path(sys.argv[2]), 'same')
"""
CALL = Call("stats::sd", {"x": [1.0, 2.0]})


@pytest.mark.records
def test_two_processes_record_at_once(tmp_path):
    processes = [run_python(RECORDING, Path(__file__).parent, tmp_path, i) for i in range(2)]
    read = []
    while any(process.poll() is None for process in processes):
        for path in tmp_path.glob("*/same-*.json"):
            read.append(set(read_recording(path).outcome.value.values.tolist()))
        time.sleep(0.002)
    assert [process.communicate() for process in processes] == [("", "")] * 2
    assert read
    assert all(values in ({0.0}, {1.0}) for values in read)
    assert len(list(tmp_path.rglob("*.json"))) == len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


FULL = """
    import resource, sys
    sys.path.insert(0, sys.argv[1])
    from pathlib import Path
    import test_faults
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    try: test_faults.record(test_faults.CALL, test_faults.outcome([0.1] * 2000), Path(sys.argv[2]), 'same')
    except test_faults.RecordingError as error: print(error)
"""


@pytest.mark.records
def test_a_full_disk_leaves_the_old_recording(tmp_path):
    path = record(CALL, outcome(1.0), tmp_path, "same")
    old = path.read_bytes()
    out, err = run_python(FULL, Path(__file__).parent, tmp_path).communicate(timeout=20)
    assert err == ""
    assert re.match(r".*same-[0-9a-f]+\.json: cannot be written: .*File too large", out)
    assert path.read_bytes() == old
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == [path]


@pytest.mark.records
def test_a_disk_full_at_the_last_moment_leaves_the_old_recording(tmp_path, monkeypatch):
    path = record(CALL, outcome(1.0), tmp_path, "same")
    old = path.read_bytes()

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(RecordingError, match="No space left on device"):
        record(CALL, outcome(2.0), tmp_path, "same")
    assert path.read_bytes() == old
    assert json.loads(old)["outcome"]["value"] == {"t": "dbl", "v": "0x1p+0"}
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == [path]
