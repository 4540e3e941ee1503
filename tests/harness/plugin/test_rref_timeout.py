"""--rref-timeout."""

import time

import pytest

pytest_plugins = ["pytester"]


def test_a_call_that_takes_longer_fails(project):
    project.write("def test_slow(rref):\n    rref.check(Call('base::Sys.sleep', {'time': 60.0}), {'a': 1.0}, RULES)\n")
    began = time.monotonic()
    result = project.run("--rref=live", "--rref-backend=worker", "--rref-timeout=0.5")
    assert time.monotonic() - began < 30
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*gave no answer within 0.5 s*", "rref live: 0 compared*1 unanswered*"])


@pytest.mark.parametrize("text", ["0", "-1", "inf", "nan", "soon"])
def test_what_is_no_time_is_refused(project, text):
    result = project.run(f"--rref-timeout={text}")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*--rref-timeout: invalid*"])
