"""`pymeta replay`: the corpus, what each bucket is for, planted errors, scripts that go wrong, and what is written."""

import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from click.testing import CliRunner

import pymeta
from docs import coverage
from pymeta.cli import main
from pymeta.port import report, sandbox
from pymeta.port.calls import models
from pymeta.port.records import read_trace
from pymeta.port.replay import replay
from pymeta.port.runs import Settings, replay_scripts
from pymeta.port.trace import trace

HERE = Path(__file__).parent
AGAIN = "is not what the corpus says: run `python -m docs.coverage` and commit what it writes"
BCG = """
library(metafor)
dat <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
res <- rma(yi, vi, mods = ~ ablat + alloc, data = dat, method = "DL")
predict(res)
coef(res)
reml <- rma(yi, vi, data = dat)
predict(reml, transf = exp)
forest(reml)
"""
SCHEMA = json.loads((Path(report.__file__).parent / "templates" / "replay.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def corpus():
    return coverage.replayed()


@pytest.fixture(scope="module")
def bcg(tmp_path_factory):
    script = tmp_path_factory.mktemp("bcg") / "bcg.R"
    script.write_text(BCG)
    return trace(script)


def run(tmp_path, text, **settings):
    script = tmp_path / "script.R"
    script.write_text(text)
    return replay_scripts([script], Settings(**settings))


def buckets(found):
    return {call.fun: call.bucket for call in found.calls}


# ---- The corpus ---------------------------------------------------------------------------------------------------------


def test_no_call_of_the_corpus_disagrees(corpus):
    assert [
        (s.script, c.text, c.reason) for s in corpus.scripts for c in s.calls if c.bucket in ("disagree", "error_unmatched")
    ] == []


def test_no_call_is_dropped(corpus):
    kept = sum(len(read_trace(path).calls) + len(read_trace(path).lost) for path in coverage.CORPUS.glob("*.jsonl.gz"))
    totals = dict(corpus.totals)
    assert totals.pop("calls") == kept == sum(totals.values())


def test_what_agrees_never_becomes_less(corpus):
    found, before = coverage.reached(corpus), json.loads(coverage.REACHED.read_text(encoding="utf-8"))
    assert {fun: n for fun, n in before.items() if found.get(fun, 0) < n} == {}
    assert found == before, f"{coverage.REACHED.name} {AGAIN}"


def test_the_page_of_coverage_is_what_the_corpus_says(corpus):
    assert coverage.PAGE.read_text(encoding="utf-8") == coverage.page(corpus), f"{coverage.PAGE.name} {AGAIN}"


def test_the_corpus_is_small():
    assert sum(path.stat().st_size for path in coverage.CORPUS.iterdir()) < 20e6


# ---- Buckets ------------------------------------------------------------------------------------------------------------


def test_calls_come_to_the_buckets_that_are_theirs(bcg):
    found = replay([bcg])
    texts = {call.text.partition("(")[0] + str(call.line): call.bucket for call in found.calls}
    assert texts == {
        "escalc3": "agree",
        "rma4": "agree",
        "predict5": "agree",
        "coef6": "agree",
        "rma7": "limited_by_r",
        "predict8": "limited_by_r",
        "forest9": "unsupported",
    }
    assert found.unsupported == [("forest.rma", 1)]


def test_a_wrong_number_is_seen(bcg, monkeypatch):
    right = pymeta.rma

    def wrong(*args, **options):
        fit = right(*args, **options)
        return replace(fit, se=fit.se * (1 + 1e-9))

    monkeypatch.setattr(pymeta, "rma", wrong)
    found = replay([bcg])
    assert [call.bucket for call in found.calls if call.fun == "rma.uni"] == ["disagree", "disagree"]
    assert found.fails()
    assert "se" in next(call.reason for call in found.calls if call.fun == "rma.uni")


def test_a_wrong_tau2_is_not_excused_by_r_iterations(bcg, monkeypatch):
    right = pymeta.rma

    def wrong(*args, **options):
        fit = right(*args, **options)
        return replace(fit, tau2=fit.tau2 * 1.01) if fit.spec.method == "REML" else fit

    monkeypatch.setattr(pymeta, "rma", wrong)
    assert [call.bucket for call in replay([bcg]).calls if call.fun == "rma.uni"] == ["agree", "disagree"]


def test_a_number_that_pymeta_lacks_is_not_agreement(bcg, monkeypatch):
    monkeypatch.setattr(models, "_SAME", [name for name in models._SAME if name != "H2"])
    assert [call.feature for call in replay([bcg]).calls if call.fun == "rma.uni"] == ["rma()$H2"] * 2


def test_an_argument_that_nobody_looks_at_is_unsupported(tmp_path):
    found = run(
        tmp_path, 'library(metafor)\nrma(yi, vi, data = data.frame(yi = 1:3, vi = 1), method = "DL", skiphes = TRUE)\n'
    )
    assert [call.feature for call in found.calls] == ["rma(skiphes=)"]


def test_errors_of_both_sides_match_and_of_one_side_do_not(tmp_path, monkeypatch):
    text = 'library(metafor)\ntry(rma(1:3, rep(1, 3), method = "none"))\n'
    assert run(tmp_path, text).totals["error_matched"] == 1
    monkeypatch.setattr(pymeta, "rma", lambda **options: None)
    assert run(tmp_path, text).totals["error_unmatched"] == 1


def test_what_has_no_numbers_is_called_so(tmp_path):
    text = 'library(metafor)\nres <- rma(1:3, rep(1, 3), mods = ~ c(1, 2, 4), method = "DL")\nformula(res)\n'
    assert buckets(run(tmp_path, text)) == {"rma.uni": "agree", "formula.rma": "not_numeric"}


def test_only_reports_what_is_asked_for_and_runs_the_rest(bcg):
    found = replay([bcg], only=["predict"])
    assert [call.bucket for call in found.calls] == ["agree", "limited_by_r"]
    assert {call.fun for call in replay([bcg], only=["rma"]).calls} == {"rma.uni"}


# ---- Scripts that go wrong ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "status", "calls"),
    [
        ("syntax.R", "syntax error", 1),
        ("stops.R", "stopped", None),
        ("quits.R", "quit", None),
        ("needs.R", "missing package", None),
        ("dies.R", "died", None),
        ("empty.R", "done", 0),
    ],
)
def test_a_script_that_goes_wrong_is_reported_as_what_it_is(script, status, calls):
    found = replay_scripts([HERE / "bad" / script]).scripts[0]
    assert found.status == status
    assert calls is None or len(found.calls) == calls
    assert found.problem or status in ("quit", "done", "died")


def test_a_script_that_loops_is_stopped_and_what_ran_is_compared():
    found = replay_scripts([HERE / "bad" / "loops.R"], Settings(timeout=8.0)).scripts[0]
    assert found.status == "timed out"
    assert found.calls


def test_what_is_no_script_is_told_and_the_others_run(tmp_path, bcg):
    broken = tmp_path / "broken.jsonl"
    broken.write_text("{}\n")
    report = tmp_path / "note.txt"
    report.write_text("")
    found = replay_scripts([broken, report, HERE / "bad" / "empty.R"])
    assert [script.status for script in found.scripts] == ["not run", "not run", "done"]
    assert all(script.problem for script in found.scripts[:2])


def test_ctrl_c_ends_the_script(tmp_path):
    script = tmp_path / "loops.R"
    script.write_text('writeLines(as.character(Sys.getpid()), "pid")\nrepeat Sys.sleep(0.1)\n')
    command = [sys.executable, "-m", "pymeta", "replay", str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        within(20, lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip())
        r = int((tmp_path / "pid").read_text())
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=20)
    assert running.returncode != 0
    within(5, lambda: not alive(r))


def within(seconds, done):
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, "it takes too long"
        time.sleep(0.05)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


# ---- The sandbox --------------------------------------------------------------------------------------------------------

HARM = """unlink("keep.txt")
writeLines("x", "new.txt")
library(metafor)
rma(1:3, rep(1, 3))
"""


def test_a_script_in_the_sandbox_leaves_its_folder_alone(tmp_path):
    (tmp_path / "keep.txt").write_text("kept")
    found = run(tmp_path, HARM, sandbox=True)
    assert found.scripts[0].status == "done", found.scripts[0]
    assert found.totals["calls"] == 1
    assert {path.name for path in tmp_path.iterdir()} == {"keep.txt", "script.R"}


def test_without_a_way_to_take_the_network_away_the_sandbox_refuses(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "_works", lambda words: False)
    (tmp_path / "keep.txt").write_text("kept")
    (tmp_path / "script.R").write_text(HARM)
    done = CliRunner().invoke(main, ["replay", str(tmp_path / "script.R"), "--sandbox"])
    assert done.exit_code == 2
    assert "bubblewrap" in done.output
    assert (tmp_path / "keep.txt").exists()


# ---- What is written ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The command's files for a script with a hostile name in it."""
    folder = tmp_path_factory.mktemp("written")
    script = folder / "own.R"
    hostile = 'rma(1:3, rep(1, 3), method = "DL", slab = c("<script>alert(1)</script>", "b", "c"))'
    script.write_text(BCG.replace("coef(res)", f"coef(res)\n{hostile}"))
    files = {kind: folder / f"out.{kind}" for kind in ("json", "html", "junit")}
    options = [word for kind, path in files.items() for word in (f"--{kind}", str(path))]
    done = CliRunner().invoke(main, ["replay", str(script), *options])
    return done, {kind: path.read_text(encoding="utf-8") for kind, path in files.items()}


def test_the_json_has_every_call_in_its_bucket(written):
    done, files = written
    assert done.exit_code == 0, done.output
    document = json.loads(files["json"])
    jsonschema.validate(document, SCHEMA)
    calls = [call for script in document["scripts"] for call in script["calls"]]
    assert document["totals"]["calls"] == len(calls) == sum(n for name, n in document["totals"].items() if name != "calls")
    assert document["unsupported"] == [{"feature": "forest.rma", "calls": 1}]
    assert document["by_function"]["rma.uni"]["calls"] == 3
    fit = next(call for call in calls if call["function"] == "rma.uni")
    assert {"QE", "b", "fit.stats$ML", "tau2", "vb"} <= {row["name"] for row in fit["quantities"]}
    assert all(row["verdict"] == "agree" and row["digits"] >= row["needed"] for row in fit["quantities"])
    assert fit["digits"] == min(row["digits"] for row in fit["quantities"])


def test_the_page_shows_the_calls_and_runs_nothing_of_theirs(written):
    _, files = written
    assert "<script>alert" not in files["html"]
    assert "&lt;script&gt;alert(1)" in files["html"]
    assert files["html"].count("<tr data-bucket=") == 8


def test_the_junit_file_counts_what_fails(written):
    _, files = written
    suite = ET.fromstring(files["junit"]).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("8", "0", "1")


def test_fail_on_unsupported_makes_the_exit_code_1(bcg, tmp_path):
    kept = tmp_path / "bcg.jsonl.gz"
    script = tmp_path / "bcg.R"
    script.write_text("library(metafor)\nforest(rma(1:3, rep(1, 3)))\n")
    trace(script, to=kept)
    for words, code in (([], 0), (["--fail-on", "unsupported"], 1), (["--fail-on", "nothing"], 0)):
        assert CliRunner().invoke(main, ["replay", str(kept), *words]).exit_code == code
    told = CliRunner().invoke(main, ["replay", str(kept), "--json", "-", "--only", "forest"])
    assert json.loads(told.stdout)["totals"] | {"calls": 1, "unsupported": 1} == json.loads(told.stdout)["totals"]


def test_a_folder_without_scripts_is_refused(tmp_path):
    done = CliRunner().invoke(main, ["replay", str(tmp_path)])
    assert done.exit_code == 2
    assert "holds no R script" in done.output


def test_digits_that_are_none_are_null_in_json(bcg, monkeypatch):
    right = pymeta.rma
    monkeypatch.setattr(pymeta, "rma", lambda **options: replace(right(**options), QE=math.nan))
    jsonschema.validate(json.loads(report.to_json(replay([bcg]))), SCHEMA)


# ---- Analyses as people write them ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", sorted((HERE / "analyses").glob("*.R")), ids=lambda path: path.stem)
def test_nothing_of_an_analysis_fails(script, tmp_path):
    shutil.copytree(HERE / "analyses", tmp_path / "analyses")  # R leaves its plots beside the script
    found = replay_scripts([tmp_path / "analyses" / script.name])
    assert [(c.line, c.text, c.reason) for c in found.calls if c.bucket in ("disagree", "error_unmatched")] == []
    lacking = {call.feature for call in found.calls if call.bucket == "unsupported" and call.fun in HEART}
    assert {feature for feature in lacking if "contrasts" not in feature} == set()


HEART = {
    *("escalc", "rma.uni", "rma.mh", "rma.peto", "predict.rma", "coef.rma", "vcov.rma", "summary.rma", "confint.rma.uni"),
    *("anova.rma", "summary.escalc", "confint.rma.mh", "confint.rma.peto", "coef.summary.rma"),
}
