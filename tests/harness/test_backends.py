"""One conformance suite for every live back end: the same calls, bit-identical values, the same ways to fail.

These tests need R, and say so by failing where there is none.
"""

import gc
import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from pymeta.errors import BackendError, DataError, OptionError
from pymeta.harness import BACKENDS, NA, Call, RVector, decode, open_reference, plain, r_value
from pymeta.harness.backends.process import LineProcess
from pymeta.harness.serialized import deserialized, serialized
from pymeta.resources import shipped

ECHO = Path(__file__).with_name("echo.R")
KINDS = re.findall(r"^  (\w+) = ", ECHO.read_text().partition("made <- ")[2].partition("\n)\n")[0], re.MULTILINE)
LIVE = ["worker", "rpy2", "rscript"]
kept = pytest.mark.parametrize("reference", ["worker", "rpy2"], indirect=True)  # R answers more than one call

# More kinds, and all of them in one call: a back end that starts R for each call takes its time.
MORE = r"""
more <- list(
  deep = list(list(list(list(list(1, list(a = "x", NULL)))))),
  row_names = data.frame(x = 1:2, y = c(TRUE, NA), row.names = c("first \u00e9", "\"second\"")),
  row_numbers = data.frame(x = c(1, 3))[c(2L, 1L), , drop = FALSE],
  same_columns = structure(list(1, 2), names = c("yi", "yi"), class = "data.frame", row.names = 1L),
  big = c(2^31, -2^31, 2^53, 2^53 + 2),
  logical_na = NA,
  dimnames = matrix(c(TRUE, NA, FALSE, TRUE), 2, dimnames = list(rows = c("a", NA), columns = c("", "\U1F600"))),
  difference = as.difftime(c(1.5, NA), units = "hours"),
  no_levels = factor(character())
)
everything <- function(kinds) c(lapply(setNames(kinds, kinds), made), more)
same_as_everything <- function(x, kinds) {
  mapply(identical, x, everything(kinds), MoreArgs = list(num.eq = FALSE, single.NA = TRUE))
}
"""
MORE_KINDS = re.findall(r"^  (\w+) = ", MORE, re.MULTILINE)


@pytest.fixture(scope="module", params=LIVE)
def reference(request):
    with open_reference(request.param) as opened:
        yield opened


@pytest.fixture(scope="module")
def everything(reference, tmp_path_factory):
    """By kind: the value as R made it, as it came back from an echo, and whether R found that identical."""
    adapter = tmp_path_factory.mktemp("adapter") / "everything.R"
    adapter.write_text(ECHO.read_text(encoding="utf-8") + MORE, encoding="utf-8")
    made = reference.run(Call("everything", {"kinds": KINDS}, adapter=adapter)).value
    back = reference.run(Call("echo", {"x": made}, adapter=adapter)).value
    same = reference.run(Call("same_as_everything", {"x": made, "kinds": KINDS}, adapter=adapter)).value
    return {name: row for name, *row in zip(made.names, made.values, back.values, same.values.tolist(), strict=True)}


def ask(reference, function, timeout=60.0, **args):
    return reference.run(Call(function, args, adapter=ECHO), timeout=timeout)


def echoed(reference, obj):
    outcome = ask(reference, "echo", x=obj)
    assert outcome.error is None
    return outcome.value


# ---- values -----------------------------------------------------------------------------------------------------------


def test_the_suite_knows_its_kinds():
    assert len(KINDS) == 26
    assert {"doubles", "texts", "frame", "integer64", "attributes"} <= set(KINDS)


@pytest.mark.parametrize("kind", KINDS + MORE_KINDS)
def test_every_kind_survives_the_way_out_and_back(everything, kind):
    made, back, same = everything[kind]
    assert back == made
    assert same == 1


_FIRST = {}


@pytest.mark.parametrize("kind", KINDS + MORE_KINDS)
def test_live_back_ends_give_identical_values(everything, kind):
    assert everything[kind][0] == _FIRST.setdefault(kind, everything[kind][0])


def test_values_are_what_r_shows(reference):
    made = ask(reference, "made", what="doubles").value
    assert made.is_na().tolist() == [False, True] + [False] * 9
    assert made.values[7] == 5e-324
    integers = ask(reference, "made", what="integers").value
    assert plain(integers) == [1, NA, -(2**31) + 1, 2**31 - 1]
    texts = ask(reference, "made", what="texts").value
    assert texts.values[1:3] == (None, "NA")
    assert texts.values[8:] == ("\u2028é漢", "\U0001f600\U0010ffff", "\x01\x1f\x7f")
    assert ask(reference, "made", what="integer64").value.values.tolist() == [-1, 0x0001010101010101, -(2**63)]


def test_a_million_doubles_of_any_bits(reference):
    count = 10**6 if reference.name == "worker" else 10**5  # the code that differs does not look at the values
    bits = np.random.default_rng(20240229).integers(0, 2**64, size=count, dtype=np.uint64)
    bits[:3] = [0x7FF00000000007A2, 0x7FF80000000007A2, 0x7FF8000000000000]
    back = echoed(reference, bits.view(np.float64))
    nan = np.isnan(bits.view(np.float64))
    np.testing.assert_array_equal(back.values.view(np.uint64)[~nan], bits[~nan])
    np.testing.assert_array_equal(np.isnan(back.values), nan)
    assert back.is_na()[:3].tolist() == [True, True, False]


def test_every_plane_of_unicode(reference):
    planes = [chr(point) for plane in range(17) for point in (plane << 16 | 0x41, plane << 16 | 0xFFFD)]
    assert plain(echoed(reference, planes)) == planes
    assert plain(echoed(reference, "".join(planes))) == "".join(planes)
    assert list(plain(echoed(reference, {"é\n\U0001f600": 1}))) == ["é\n\U0001f600"]


HOSTILE = [
    '"); system("touch pwned"); #',
    "`touch pwned`",
    "$(touch pwned)",
    "\\u0022); q(); #",
    "'; quit(); '",
    "\\",
    '\\"',
    '"}]}\n{"t":"null"}',
    "\r\n\x0b\x1b[31m",
    "NA",
    "null",
    "%s%n%d",
    "@" * 5000,
    '\\"' * 500_000,
]


@kept
def test_hostile_strings_stay_strings(reference, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert plain(echoed(reference, HOSTILE)) == HOSTILE
    for text in HOSTILE[:10]:
        assert plain(echoed(reference, {text: text})) == {text: text}
    for text in HOSTILE[:5]:
        with pytest.raises(BackendError, match=r"no such|object|could not|no package"):
            reference.run(Call(text, {}, adapter=ECHO))
        with pytest.raises(BackendError):
            reference.run(Call(f"{text}::{text}"))
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("function_value", ["value$value$f", "closure", "return its result"]),
        ("formula_value", ["value$value$model[[1]]", "language", "deparse"]),
        ("environment_value", ['attr(value$value, "where")', "environment"]),
        ("s4_value", ["S4 object of class classRepresentation"]),
        ("bytes_value", ["not valid text", "iconv"]),
    ],
)
def test_what_has_no_place_in_data_is_refused_by_place(reference, function, words):
    with pytest.raises(BackendError) as caught:
        ask(reference, function)
    for word in words:
        assert word in str(caught.value)


def test_arguments_are_refused_before_r_sees_them(reference):
    with pytest.raises(DataError, match=re.escape("args['x'][1]")):
        ask(reference, "echo", x=[1, "a"])


def test_r_alone_answers_and_says_what_it_cannot_read():
    script = shipped("r_reference", "server.R")
    ping = serialized(r_value({"do": "ping"}))
    requests = [
        b"",
        b"nonsense",
        ping[:-1],
        ping[:40],
        b"X" + ping[1:20] + b"\0" * 20,
        serialized(r_value({"do": "dance"})),
        ping,
    ]
    done = subprocess.run(
        ["Rscript", "--vanilla", str(script)],
        input=b"".join(b"%d\n%b" % (len(request), request) for request in requests),
        capture_output=True,
        check=True,
    )
    replies = [deserialized(reply) for reply in re.findall(rb"(?s)\n@\d+\n(.*?\n)@\n", done.stdout)]
    assert [reply.names for reply in replies] == [("failed", "spent")] * 6 + [("pong",)]
    assert plain(replies[5])["failed"] == "no such request: dance"


def test_what_is_refused_is_left_as_it_was(reference):
    """Environments are changed in place: taking the attributes off one to look inside would last."""
    with pytest.raises(BackendError, match="environment"):
        ask(reference, "an_object")
    assert ask(reference, "class_of_the_object").value == r_value("special") or reference.name == "rscript"


# ---- conditions -------------------------------------------------------------------------------------------------------


def test_conditions_come_back_in_order_with_their_classes(reference):
    outcome = ask(reference, "complain")
    assert outcome.value is None
    assert (outcome.error.classes, outcome.error.message) == (("broken", "error", "condition"), "it broke")
    assert [warning.message for warning in outcome.warnings] == ["one", "two"]
    assert outcome.warnings[0].classes == ("simpleWarning", "warning", "condition")
    assert outcome.warnings[1].classes == ("special", "warning", "condition")
    assert [message.message for message in outcome.messages] == ["first\n", "second é\n"]
    assert "message" in outcome.messages[0].classes


def test_noise_is_no_reply(reference):
    for _ in range(3):
        assert plain(ask(reference, "noisy").value) == "quiet"
    assert plain(echoed(reference, "still here")) == "still here"


def test_endless_recursion_is_no_answer(reference):
    with pytest.raises(BackendError, match=r"infinite recursion|C stack|nested too deeply"):
        ask(reference, "deep", n=0)
    assert reference.pid is None  # a new one for the next call
    assert plain(echoed(reference, "a new one")) == "a new one"


def test_a_call_looks_as_if_typed(reference):
    assert plain(ask(reference, "caller", x=list(range(100))).value) == "caller"
    assert reference.run(Call("stats::sd", {"x": [1, 2, 4]})).value.values[0] == pytest.approx(np.sqrt(7 / 3), rel=1e-15)
    assert reference.run(Call("base::max", {"": [1, 5, 2]})).value == r_value(5)


def test_a_call_leaves_no_mark_on_the_next(reference):
    before = ask(reference, "left").value
    ask(reference, "litter")
    assert ask(reference, "left").value == before


@kept
def test_the_random_stream_is_seeded_only_when_asked(reference):
    seeded = Call("draw", adapter=ECHO, seed=42)
    first = reference.run(seeded).value
    np.testing.assert_array_equal(first.values, [0.91480604349635541, 0.93707541329786181])
    second = ask(reference, "draw").value
    assert second != first
    assert reference.run(seeded).value == first
    assert ask(reference, "draw").value == second


def test_the_environment_is_told(reference):
    environment = reference.run(Call("stats::sd", {"x": [1, 2]}, packages=("metafor",))).environment
    assert re.fullmatch(r"\d+\.\d+\.\d+", environment.r_version)
    assert set(environment.packages) == {"stats", "metafor"}
    assert re.match(r"\d+\.\d+", environment.packages["metafor"])
    assert environment.rng_kind == ("Mersenne-Twister", "Inversion", "Rejection")
    assert environment.blas or environment.lapack
    assert set(environment.digests) == {"metafor"}  # stats is R itself
    assert re.fullmatch("[0-9a-f]{32}", environment.digests["metafor"])
    assert _FIRST.setdefault("digests", environment.digests) == environment.digests
    with pytest.raises(BackendError, match=r"no package called no\.such"):
        reference.run(Call("stats::sd", {"x": [1, 2]}, packages=("no.such",)))


# ---- adapters ---------------------------------------------------------------------------------------------------------


def test_a_fresh_process_has_a_fresh_adapter_and_its_own_stream(tmp_path):
    adapter = tmp_path / "adapter.R"
    adapter.write_text("n <- 0\ncount <- function() { n <<- n + 1; c(n, Sys.getpid(), runif(1)) }\n")
    with open_reference("rscript") as fresh:
        one, two = (fresh.run(Call("count", adapter=adapter)).value.values.tolist() for _ in range(2))
        assert (one[0], two[0]) == (1, 1)
        assert one[1] != two[1]
        assert one[2] != two[2]
        assert fresh.pid is None
        seeded = Call("count", adapter=adapter, seed=42)
        assert fresh.run(seeded).value.values[2] == fresh.run(seeded).value.values[2] == 0.91480604349635541


@kept
def test_an_adapter_is_sourced_once_and_again_when_it_changes(reference, tmp_path):
    adapter = tmp_path / "adapter.R"
    adapter.write_text("n <- 0\ncount <- function() { n <<- n + 1; n }\n")
    call = Call("count", adapter=adapter)
    assert [reference.run(call).value.values[0] for _ in range(3)] == [1, 2, 3]
    adapter.write_text("count <- function() 'é'\n", encoding="utf-8")
    assert plain(reference.run(call).value) == "é"
    adapter.write_text("count <- function( {\n")
    with pytest.raises(BackendError, match=r"adapter .*adapter\.R: "):
        reference.run(call)
    with pytest.raises(BackendError, match=r"adapter .*adapter\.R: "):
        reference.run(call)
    with pytest.raises(DataError, match="cannot be read"):
        reference.run(Call("count", adapter=tmp_path / "none.R"))


@pytest.mark.parametrize(
    "function", ["sd", "no.such.package::f", "stats::no_such", "stats:::Pillai", "base::letters", "", "::"]
)
def test_an_unknown_function_is_no_r_error_to_match(reference, function):
    with pytest.raises(BackendError):
        reference.run(Call(function))


# ---- ends -------------------------------------------------------------------------------------------------------------


def test_an_endless_loop_is_ended_in_time(reference):
    pid = reference.pid or 2**22 + 1  # no such process
    began = time.monotonic()
    with pytest.raises(BackendError, match=r"no answer within 0\.5 s"):
        ask(reference, "forever", timeout=0.5)
    assert time.monotonic() - began < 3
    assert not exists(pid)
    assert plain(echoed(reference, "a new one")) == "a new one"
    assert reference.pid != pid


def test_an_r_that_is_killed_is_told(reference):
    with pytest.raises(BackendError, match="SIGKILL"):
        ask(reference, "die")
    assert plain(echoed(reference, "a new one")) == "a new one"


def test_an_r_that_quits_is_told_with_its_last_words(reference):
    with pytest.raises(BackendError, match=r"(?s)exit status 7.*last words"):
        ask(reference, "leave")
    assert plain(echoed(reference, "a new one")) == "a new one"


def exists(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_closing_ends_the_whole_group_and_all_files(tmp_path):
    before = set(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else set()
    with open_reference("worker") as opened:
        child = plain(
            opened.run(Call("base::system", {"command": "sleep 60 >/dev/null 2>&1 & echo $!", "intern": True})).value
        )
        folder = Path(plain(opened.run(Call("base::tempdir")).value)).parent
        assert folder.exists()
    opened.close()
    assert opened.pid is None
    assert not folder.exists()
    wait_until(lambda: not running(int(child)))
    gc.collect()
    assert not before or set(os.listdir("/proc/self/fd")) == before
    assert opened.run(Call("base::abs", {"x": -1})).value == r_value(1)
    opened.close()


def running(pid):
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def wait_until(condition, limit=5.0):
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def python(code, *args):
    """The code in an interpreter of its own, which finds what we find."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *args], capture_output=True, text=True, timeout=30, check=False, env=env
    )


def test_r_ends_with_an_interpreter_that_forgot_to_close():
    code = (
        "from pymeta.harness import open_reference; r = open_reference('worker'); print(r.pid, flush=True); "
        "import threading; threading.Thread(target=print).start()"
    )
    done = python(code)
    assert done.stderr == ""
    wait_until(lambda: not running(int(done.stdout.split()[0])))


def test_an_interrupt_ends_r_and_passes_on():
    code = (
        "import os, signal, threading\n"
        "from pymeta.harness import Call, open_reference\n"
        "r = open_reference('worker')\n"
        "threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "try: r.run(Call('base::Sys.sleep', {'time': 30}))\n"
        "except KeyboardInterrupt: print('interrupted', r.pid)\n"
    )
    done = python(code)
    assert (done.stdout.split(), done.stderr) == (["interrupted", "None"], "")


@kept
def test_threads_take_turns(reference):
    answers = {}

    def one(i):
        answers[i] = echoed(reference, i)

    threads = [threading.Thread(target=one, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {i: r_value(i) for i in range(8)}


def test_a_process_that_only_makes_noise_is_ended():
    process = LineProcess(lambda mark: ["sh", "-c", "yes noise; : " + mark], what="the noise")
    with pytest.raises(BackendError, match=r"(?s)the noise gave no answer within 0\.3 s.*noise"):
        process.ask(b"hello", 0.3)
    assert not process.alive


def test_a_process_that_closes_its_ears_is_told():
    process = LineProcess(lambda mark: ["sh", "-c", "exec <&-; echo why >&2; exit 3"], what="the deaf one")
    with pytest.raises(BackendError, match=r"(?s)exit status 3.*why"):
        process.ask(b"x" * 10**6, 5)


def test_a_death_is_seen_though_a_child_holds_the_pipes():
    process = LineProcess(lambda mark: ["sh", "-c", "sleep 30 & exit 4"], what="the parent")
    began = time.monotonic()
    with pytest.raises(BackendError, match=r"exit status 4"):
        process.ask(b"hello", 20)
    assert time.monotonic() - began < 3


# ---- opening ----------------------------------------------------------------------------------------------------------


def test_the_table_of_back_ends():
    assert list(BACKENDS) == ["rpy2", "worker", "rscript", "recorded"]
    with pytest.raises(TypeError):
        BACKENDS["x"] = None


def test_auto_takes_the_first_at_hand():
    with open_reference() as opened:
        assert (opened.name, opened.note) == ("rpy2", "")
    with open_reference(rscript="env Rscript") as opened:
        assert (opened.name, opened.note) == ("worker", "")
        assert opened.run(Call("base::abs", {"x": -1})).value == r_value(1)


def test_without_r_what_is_missing_is_told_at_once(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("R_HOME", raising=False)
    began = time.monotonic()
    assert all(BACKENDS[name].missing() for name in ("rpy2", "worker"))
    for name in ("rpy2", "worker"):
        with pytest.raises(BackendError, match=r"(?s)apt-get install r-base-core.*make validate"):
            open_reference(name)
    assert time.monotonic() - began < 0.2


def test_without_r_auto_is_recorded(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("R_HOME", raising=False)
    with pytest.raises(BackendError, match="holds no recordings"):
        open_reference(recordings=tmp_path)
    with open_reference() as opened:
        assert opened.name == "recorded"
        assert re.match(r"rpy2 passed over: no R on PATH.*\nworker passed over: no Rscript", opened.note)


def test_without_rpy2_its_installation_is_told(monkeypatch):
    monkeypatch.setattr("pymeta.harness.backends.rpy2.find_spec", lambda name: None)
    with pytest.raises(BackendError, match=re.escape("pip install 'pymeta-parity[r]'")):
        open_reference("rpy2")
    with open_reference() as opened:
        assert opened.name == "worker"
        assert "rpy2-rinterface is not installed" in opened.note


def test_an_rpy2_that_does_not_fit_this_r_leaves_auto_to_the_worker(monkeypatch):
    monkeypatch.setenv("R_HOME", "/no/such/folder")
    with pytest.raises(BackendError, match=r"embedded R \(rpy2\) ended"):
        open_reference("rpy2")
    with open_reference() as opened:
        assert opened.name == "worker"
        assert re.match(r"rpy2 passed over: embedded R \(rpy2\) ended", opened.note)


def test_the_parent_never_imports_rpy2():
    code = (
        "import sys; from pymeta.harness import open_reference; open_reference('rpy2').close(); "
        "print([name for name in sys.modules if name.startswith('rpy2.')])"
    )
    done = python(code)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_an_r_that_does_not_start_is_told():
    for command, words in [
        ("sh -c 'echo no licence >&2; exit 9'", "(?s)exit status 9.*no licence"),
        ("/no/such/Rscript", "cannot be started: /no/such/Rscript"),
    ]:
        with pytest.raises(BackendError, match=words):
            open_reference("worker", rscript=command)


def test_options_are_checked():
    with pytest.raises(OptionError, match="Did you mean 'worker'"):
        open_reference("workr")
    with pytest.raises(OptionError, match="only the back ends 'worker' and 'rscript'"):
        open_reference("rpy2", rscript="Rscript")
    with pytest.raises(OptionError, match="only the back end 'rpy2'"):
        open_reference("worker", in_process=True)
    with pytest.raises(OptionError, match=r"0\.25 GiB"):
        open_reference("worker", memory=0.1)
    with pytest.raises(OptionError, match="holds no command"):
        open_reference("worker", rscript=" ")


def test_a_locale_without_unicode_is_no_obstacle(monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")
    for name in ("worker", "rpy2"):
        with open_reference(name) as opened:
            assert plain(echoed(opened, ["é", "\U0001f600"])) == ["é", "\U0001f600"]
            assert ask(opened, "complain").messages[1].message == "second é\n"


def test_an_rvector_is_sent_as_it_is(reference):
    frame = RVector(
        "list",
        [RVector("dbl", [1, 2]), RVector("chr", ["a", None])],
        (
            ("names", RVector("chr", ["yi", "yi"])),
            ("class", RVector("chr", ["data.frame"])),
            ("row.names", RVector("int", [1, 2])),
        ),
    )
    assert reference.run(Call("base::dim", {"": frame})).value == r_value([2, 2])


# ---- in this process --------------------------------------------------------------------------------------------------

INSIDE = """
import json, sys, threading
from pathlib import Path
from pymeta.errors import BackendError
from pymeta.harness import Call, encode, open_reference, plain
adapter = Path(sys.argv[1])
r = open_reference("rpy2", in_process=True)
def ask(name, timeout=60.0, **args):
    return r.run(Call(name, args, adapter=adapter), timeout=timeout)
def refused(*args, **kwargs):
    try: return repr(ask(*args, **kwargs).error.message)
    except BackendError as error: return str(error)
kinds = json.loads(sys.argv[2])
made = ask("everything", kinds=kinds).value
said = {"name": r.name, "note": r.note, "equal": ask("echo", x=made).value == made, "made": encode(made)}
said["deep"] = refused("deep", n=0)
said["loop"] = refused("forever", timeout=0.3)
said["quit"] = refused("leave")
thread = threading.Thread(target=lambda: said.update(thread=refused("echo", x=1)))
thread.start()
thread.join()
r.close()
with open_reference("rpy2", in_process=True) as again:
    said["again"] = again.run(Call("base::abs", {"x": -1})).value.values.tolist()
Path(sys.argv[3]).write_text(json.dumps(said))
"""


@pytest.mark.parametrize("reference", ["worker"], indirect=True)
def test_r_in_process_gives_the_same_values_and_keeps_python(everything, tmp_path):
    adapter, answer = tmp_path / "everything.R", tmp_path / "answer.json"
    adapter.write_text(ECHO.read_text(encoding="utf-8") + MORE, encoding="utf-8")
    done = python(INSIDE, str(adapter), json.dumps(KINDS), str(answer))
    assert done.returncode == 0, done.stderr
    said = json.loads(answer.read_text())
    made = decode(said["made"])
    assert said["equal"]
    assert dict(zip(made.names, made.values, strict=True)) == {kind: row[0] for kind, row in everything.items()}
    assert said["name"] == "rpy2 in-process"
    assert "within this Python process" in said["note"]
    assert re.search("infinite recursion|C stack|nested too deeply", said["deep"])
    assert "reached elapsed time limit" in said["loop"]
    assert "quit() would end the Python" in said["quit"]
    assert "only the thread that started it (MainThread)" in said["thread"]
    assert said["again"] == [1]
