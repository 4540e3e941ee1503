"""--rref-rscript."""

import shutil

import pytest

pytest_plugins = ["pytester"]

AGREES = "def test_two(rref):\n    rref.check(TWO, SAME, RULES)\n"


def test_the_command_is_used(project):
    project.write(AGREES)
    result = project.run("--rref=live", f"--rref-rscript=env R_PLUGIN_TEST=1 {shutil.which('Rscript')}")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["rref live: 1 compared*(worker)*"])


def test_a_command_that_does_not_start_is_an_error_not_a_skip(project):
    project.write(AGREES)
    result = project.run("--rref=live", "--rref-rscript=/no/such/Rscript")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*cannot be started: /no/such/Rscript*"])


@pytest.mark.parametrize("command", ["'a", "Rscript \\", " ", ""])
def test_what_is_no_command_is_refused_before_the_tests(project, command):
    project.write(AGREES)
    result = project.run("--rref=live", f"--rref-rscript={command}")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: --rref-rscript=*command*; give e.g. 'chroot /srv/r45 Rscript'"])


def test_only_the_worker_uses_it(project):
    result = project.run("--rref=live", "--rref-backend=rpy2", "--rref-rscript=Rscript")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: --rref-rscript: only the back end 'worker' uses it*"])
