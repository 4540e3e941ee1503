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


ENTRY = '[[divergence]]\nid = "DIV-012"\nwhat = "x"\nquantity = "a"\ncase = "*"\nsize = 1e-6\ncause = "planted"\n'
DIFFERS = "def test_two(rref):\n    rref.check(TWO, {**SAME, 'a': 1.5000001}, RULES)\n"


def test_a_known_difference_that_nothing_met_fails_the_run(project, a_recording):
    (project.path / "tests" / "divergences.toml").write_text(ENTRY.replace('case = "*"', 'case = "another"'))
    result = project.run("--rref-strict")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["known difference that no comparison met: DIV-012; take it out"])
    assert project.run().ret == 0


def test_one_that_is_met_or_belongs_to_another_r_does_not(project, a_recording):
    entries = project.path / "tests" / "divergences.toml"
    entries.write_text(ENTRY.replace('case = "*"', 'case = "another"') + 'packages = { R = "<1.0" }\n')
    assert project.run("--rref-strict").ret == 0
    entries.write_text(ENTRY)
    project.write(DIFFERS)
    result = project.run("--rref-strict")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["rref replay: 1 compared (1 known)*"])
