"""Under pytest-xdist: workers compare, the controller sums up."""

import json
from importlib.util import find_spec

import pytest

pytest_plugins = ["pytester"]

TESTS = """
@pytest.mark.parametrize("i", range(6))
def test_many(rref, i):
    rref.check(Call("base::list", {"a": float(i + 1)}), {"a": float(i + 1)}, {"a": Rule("closed")})
"""
XDIST = ("-p", "xdist", "-n2")


@pytest.fixture(autouse=True)
def _xdist_is_there():
    if find_spec("xdist") is None:
        pytest.fail("pytest-xdist is not installed: pip install -e '.[test]'", pytrace=False)


def test_the_controller_sums_up(project):
    project.record(TESTS).assert_outcomes(passed=6)
    result = project.run(*XDIST, "--rref-strict", "--rref-json=out.json")
    result.assert_outcomes(passed=6)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["rref replay: 6 compared (6 agree)*0 unused, 0 skipped"])
    document = json.loads((project.path / "out.json").read_text())
    assert len(document["checks"]) == len(document["used"]) == 6
    assert result.stdout.str().count("rref replay") == 1


def test_unused_is_what_no_worker_used(project):
    project.record(TESTS)
    project.write(TESTS.replace("range(6)", "range(4)"))
    result = project.run(*XDIST, "--rref-strict")
    result.assert_outcomes(passed=4)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["unused recording: *", "unused recording: *", "rref replay: 4 compared*2 unused*"])


def test_live_failures_and_skips_arrive(project):
    project.write("""
        def test_wrong(rref):
            rref.check(TWO, {**SAME, "a": 9.0}, RULES)

        @pytest.mark.rref(package="R<3")
        def test_old(rref):
            pass
    """)
    result = project.run(*XDIST, "--rref=live", "--rref-backend=worker")
    result.assert_outcomes(failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        ["E*disagree: fewer digits than needed", "rref live: 1 compared (1 disagree)*1 skipped (needs R<3*"]
    )


def test_workers_record_side_by_side(project):
    project.write(TESTS)
    project.run(*XDIST, "--rref=record", "--rref-backend=worker").assert_outcomes(passed=6)
    assert len(project.recordings()) == 6
    project.run("--rref-strict").assert_outcomes(passed=6)
