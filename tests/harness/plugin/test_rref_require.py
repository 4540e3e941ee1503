"""--rref-require: without it, no R is a skip that is told; with it, an error."""

import pytest

pytest_plugins = ["pytester"]

AGREES = "def test_two(rref):\n    rref.check(TWO, SAME, RULES)\n"
BACKENDS = ["--rref-backend=auto", "--rref-backend=worker"]


@pytest.mark.parametrize("mode", ["live", "verify", "record"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_no_r_is_a_skip_that_is_told(project, no_r, mode, backend):
    project.write(AGREES)
    result = project.run(f"--rref={mode}", backend)
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines([f"rref {mode}: 0 compared; worst nothing;*1 skipped (no R: no Rscript on PATH*"])


@pytest.mark.parametrize("mode", ["live", "verify", "record"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_no_r_is_an_error(project, no_r, mode, backend):
    project.write(AGREES)
    result = project.run(f"--rref={mode}", backend, "--rref-require")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["--rref-require: no R: no Rscript on PATH*"])
    assert result.ret == 1


def test_an_absent_package_is_an_error(project):
    project.write("@pytest.mark.rref(package='nosuchpackage')\n" + AGREES)
    live = ("--rref=live", "--rref-backend=worker")
    result = project.run(*live)
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["rref live*1 skipped (no R package nosuchpackage here)"])
    project.run(*live, "--rref-require").assert_outcomes(errors=1)


def test_a_replay_does_not_need_r(project, a_recording, no_r):
    project.run("--rref-require").assert_outcomes(passed=1)
