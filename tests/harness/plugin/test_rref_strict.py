"""--rref-strict: a recording that no test uses fails the run."""

import shutil

pytest_plugins = ["pytester"]

TWO_TESTS = """
def test_two(rref):
    rref.check(TWO, SAME, RULES)

def test_other(rref):
    rref.check(Call('base::list', {'a': 2.5}), {'a': 2.5}, {'a': Rule('closed')})
"""
ONE_TEST = "def test_two(rref):\n    rref.check(TWO, SAME, RULES)\n"


def test_all_used(project):
    project.record(TWO_TESTS).assert_outcomes(passed=2)
    result = project.run("--rref-strict")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["rref replay: 2 compared*0 unused*"])


def test_an_unused_one_fails_the_run(project):
    project.record(TWO_TESTS)
    project.write(ONE_TEST)
    result = project.run("--rref-strict")
    result.assert_outcomes(passed=1)
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        ["unused recording: tests/recorded/R-*/test_other-*.json", "rref replay: 1 compared*1 unused*"]
    )


def test_without_it_an_unused_one_is_only_counted(project):
    project.record(TWO_TESTS)
    project.write(ONE_TEST)
    result = project.run()
    assert result.ret == 0
    result.stdout.fnmatch_lines(["rref replay: 1 compared*1 unused*"])
    result.stdout.no_fnmatch_line("unused recording:*")


def test_it_holds_in_every_mode_and_without_any_check(project, a_recording):
    project.write("def test_nothing():\n    pass\n")
    for mode in ("replay", "live"):
        assert project.run("--rref-strict", f"--rref={mode}").ret == 1


def test_the_same_call_recorded_on_another_r_is_used_too(project, a_recording):
    shutil.copytree(a_recording.parent, a_recording.parent.parent / "R-3.0.0")
    assert project.run("--rref-strict").ret == 0


def test_a_failing_comparison_uses_its_recording(project, a_recording):
    project.write("def test_two(rref):\n    rref.check(TWO, {**SAME, 'a': 9.0}, RULES)\n")
    result = project.run("--rref-strict")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["rref replay*0 unused*"])
