"""One planted error of each kind goes red through the plugin, and is named for what it is."""

import pytest

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.usefixtures("shared_r")

PLANTED = {
    "a digit": ("{**SAME, 'a': 1.5000001}", "disagree: fewer digits than needed"),
    "a tail": ("{**SAME, 'a': 1.5 * (1 + 1e-10)}", "disagree: fewer digits than needed"),
    "nan": ("{**SAME, 'a': float('nan')}", "disagree: missing on Python's side only"),
    "infinity": ("{**SAME, 'a': float('inf')}", "disagree: fewer digits than needed"),
    "a sign": ("{**SAME, 'a': -1.5}", "disagree: fewer digits than needed"),
    "a missing quantity": ("{'a': 1.5}", "missing_in_python: Python's answer lacks it"),
    "a shape that broadcasts": ("{**SAME, 'b': 1.0}", "structure: shapes differ: (1,) and (2,)"),
    "an order": ("{**SAME, 'b': np.array([2.0, 1.0])}", "disagree: fewer digits than needed"),
    "a length": ("{**SAME, 'b': np.array([1.0, 2.0, 3.0])}", "structure: shapes differ: (3,) and (2,)"),
    "a text": ("{**SAME, 'a': '1.5'}", "structure: classes differ: text and number"),
    "a truth": ("{**SAME, 'a': True}", "structure: classes differ: boolean and number"),
    "names": ("{**SAME, 'b': {'x': 1.0, 'y': 2.0}}", "structure: names differ: ('x', 'y') and none"),
    "no number": ("{**SAME, 'a': object()}", "structure: Python's value: a object is not compared*"),
}


@pytest.mark.parametrize("python", PLANTED)
def test_a_wrong_answer(project, python):
    value, verdict = PLANTED[python]
    project.write(f"def test_two(rref):\n    rref.check(TWO, {value}, RULES)\n")
    result = project.run("--rref=live", "--rref-backend=worker")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"E*{verdict}", "E*... and 1 more that agree", "rref live: 1 compared*"])


def test_a_quantity_that_r_lacks(project):
    project.write("def test_two(rref):\n    rref.check(TWO, {**SAME, 'c': 1.0}, {**RULES, 'c': Rule('closed')})\n")
    result = project.run("--rref=live", "--rref-backend=worker")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*missing_in_reference: R's answer lacks it"])


def test_a_quantity_that_a_pick_no_longer_finds(project):
    project.write("def test_two(rref):\n    rref.check(TWO, {'c': 1.0}, {'c': Rule('closed')}, pick=('c',))\n")
    result = project.run("--rref=live", "--rref-backend=worker")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*missing_in_reference: R's answer lacks it"])


def test_a_quantity_without_a_rule(project):
    project.write("def test_two(rref):\n    rref.check(TWO, SAME, {'a': Rule('closed')})\n")
    result = project.run("--rref=live", "--rref-backend=worker")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*rules: none for b*"])


@pytest.mark.parametrize(
    ("call", "raised", "verdict"),
    [
        ("TWO", "ValueError('no')", "disagree: Python raised and R did not"),
        ("Call('base::log', {'x': 'a'})", "TypeError('a bug')", "disagree: Python broke (TypeError)*"),
    ],
)
def test_an_exception(project, call, raised, verdict):
    project.write(f"def fails():\n    raise {raised}\ndef test_two(rref):\n    rref.check({call}, fails, RULES)\n")
    result = project.run("--rref=live", "--rref-backend=worker")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"E*{verdict}"])


def test_an_error_of_r(project):
    project.write("def test_two(rref):\n    rref.check(Call('base::log', {'x': 'a'}), SAME, RULES)\n")
    result = project.run("--rref=live", "--rref-backend=worker")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*disagree: R raised and Python did not", "E*R said: error: non-numeric argument*"])
