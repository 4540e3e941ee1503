"""--rref-backend."""

import pytest

pytest_plugins = ["pytester"]

AGREES = "def test_two(rref):\n    rref.check(TWO, SAME, RULES)\n"


@pytest.mark.parametrize("backend", ["rpy2", "worker"])
def test_the_named_back_end_answers(project, backend):
    project.write(AGREES)
    result = project.run("--rref=live", f"--rref-backend={backend}")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"rref live: 1 compared*({backend})*"])


def test_auto_says_which_it_was(project):
    project.write(AGREES)
    result = project.run("--rref=live")
    result.assert_outcomes(passed=1)
    result.stdout.re_match_lines([r"rref live: 1 compared .* live R [\d.]+ \((rpy2|worker)\)"])


@pytest.mark.parametrize("backend", ["recorded", "wroker"])
def test_what_is_no_live_back_end_is_refused(project, backend):
    result = project.run("--rref=live", f"--rref-backend={backend}")
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"ERROR: --rref-backend='{backend}': no such live back end; allowed: auto, *"])


def test_a_replay_asks_no_r(project):
    result = project.run("--rref-backend=worker")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: --rref-backend needs --rref=live, verify or record*"])
