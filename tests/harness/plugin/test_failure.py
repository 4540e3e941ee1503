"""What a failing comparison prints."""

import pytest

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.usefixtures("shared_r")

LIVE = ("--rref=live", "--rref-backend=worker")


def test_the_table(project):
    project.write("def test_two(rref):\n    rref.check(TWO, {**SAME, 'a': 1.5000001}, RULES)\n")
    result = project.run(*LIVE)
    result.stdout.fnmatch_lines(
        [
            ">       rref.check(TWO, {**SAME, 'a': 1.5000001}, RULES)",
            "E *Disagreement: test_two: base::list: disagree",
            "E * quantity *Python *R *digits *needed *ulp *reason",
            "E * a?0? * 1.5000001 * 1.5 * 7.2 * 12 * 45035996? *disagree: fewer digits than needed",
            "E * ... and 1 more that agree",
            "E * R *(worker)",
            "E * alone: Rscript *case.R",
            "E * python *case.py",
        ]
    )
    result.stdout.no_fnmatch_line("*session.py*")


def test_warnings_of_r(project):
    project.write("""
        def test_it(rref):
            rref.check(Call("base::as.numeric", {"x": "a"}), {"x": 1.0}, {"x": Rule("closed")}, pick={"x": Take()})
    """)
    project.run(*LIVE).stdout.fnmatch_lines(["E*R said: warning: NAs introduced by coercion"])


def test_digits_of_r_itself(project):
    project.write("""
        def test_it(rref):
            rough, exact = Call("base::list", {"x": 1.001}), Call("base::list", {"x": 1.0})
            rref.check(rough, {"x": 1.1}, {"x": Rule("iterative")}, tightened=exact)
    """)
    result = project.run(*LIVE)
    result.stdout.fnmatch_lines(["E*ulp *R's own *reason", "E* x?0? *1.1 *1.0 *1.0 *8 * 3.0 *disagree*"])


def test_a_long_answer_is_cut(project):
    project.write("""
        NAMES = {f"q{i:03d}": float(i) for i in range(1, 101)}

        def test_it(rref):
            wrong = {name: value + 1 for name, value in NAMES.items()}
            rref.check(Call("base::list", NAMES), wrong, {name: Rule("closed") for name in NAMES})
    """)
    result = project.run(*LIVE)
    result.stdout.fnmatch_lines(["E*... and 80 more that fail"])
    result.stdout.no_fnmatch_line("*q050*")


def test_texts_cannot_obey_the_terminal(project):
    project.write(r"""
        def test_it(rref):
            name = "\x1b[31mred\nline"
            rref.check(Call("base::list", {name: "\x1b]0;x\x07"}), {name: "y"}, {name: Rule("exact")})
    """)
    result = project.run(*LIVE)
    result.assert_outcomes(failed=1)
    assert "\x1b" not in result.stdout.str()
    result.stdout.fnmatch_lines([r"E*\x1b?31mred\nline?0?*"])


def test_a_reproducer_that_cannot_be_written_does_not_hide_the_failure(project, monkeypatch):
    import pymeta.harness.session

    def full(comparison, folder):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pymeta.harness.session, "write_pair", full)
    project.write("def test_two(rref):\n    rref.check(TWO, {**SAME, 'a': 9.0}, RULES)\n")
    result = project.run(*LIVE)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*disagree: fewer digits than needed", "E*could not be written: *No space left on device"])


def test_the_exception_of_python_is_shown(project):
    project.write("""
        def fails():
            raise ValueError("planted")

        def test_it(rref):
            rref.check(TWO, fails, RULES)
    """)
    project.run(*LIVE).stdout.fnmatch_lines(["E*ValueError: planted", "E*Disagreement: test_it: base::list: disagree"])
