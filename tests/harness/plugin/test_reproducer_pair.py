"""The pair case.R and case.py, both run as a person would."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import pymeta

pytest_plugins = ["pytester"]

LIVE = ("--rref=live", "--rref-backend=worker")


def folder_of(result):
    (name,) = set(re.findall(r"alone: Rscript (\S+)/case\.R", result.stdout.str()))
    return Path(name)


def run(*command, folder):
    env = {**os.environ, "PYTHONPATH": str(Path(pymeta.__file__).parent.parent)}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, env=env, check=False)


def both(folder, elsewhere):
    """Run the pair from another folder."""
    r = run("Rscript", str(folder / "case.R"), folder=elsewhere)
    return r, run(sys.executable, str(folder / "case.py"), folder=elsewhere)


def test_both_show_the_failure_alone(project, tmp_path):
    project.write("def test_two(rref):\n    rref.check(TWO, {**SAME, 'b': np.array([0.1, 2.0])}, RULES, pick=('a', 'b'))\n")
    folder = folder_of(project.run(*LIVE))
    assert folder.parent.name == ".rref-failures"
    r, python = both(folder, tmp_path)
    assert r.returncode == 0, r.stderr
    assert re.search(r"\$b\n\[1\] 1 2", r.stdout)
    assert python.returncode == 1, python.stderr
    assert re.search(r"b\[0\] +0\.1 +1\.0 +0\.0 +12 +\d+  disagree: fewer digits than needed", python.stdout)


def test_numbers_are_exact(project, tmp_path):
    project.write("""
        def test_it(rref):
            value = np.array([0.1 + 0.2, 5e-324, -0.0, np.inf, np.nan])
            rref.check(Call("base::list", {"x": value}), {"x": value + 1}, {"x": Rule("closed", allow_nan=True)})
    """)
    folder = folder_of(project.run(*LIVE))
    r, python = both(folder, tmp_path)
    assert "3.0000000000000004e-01" in r.stdout
    assert "4.9406564584124654e-324" in r.stdout
    assert python.returncode == 1


def test_an_adapter_comes_along_and_may_be_changed(project, tmp_path):
    (project.path / "half.R").write_text("half <- function(x) { warning('halved'); list(x = x / 2) }\n")
    project.write("""
        from pathlib import Path

        def test_it(rref):
            rref.check(Call("half", {"x": 3.0}, adapter=Path("half.R")), {"x": 1.75}, {"x": Rule("closed")})
    """)
    folder = folder_of(project.run(*LIVE))
    (project.path / "half.R").unlink()
    r, python = both(folder, tmp_path)
    assert "warning: halved" in r.stdout
    assert re.search(r"\$x\n\[1\] 1\.5", r.stdout)
    assert "R said: warning: halved" in python.stdout
    (folder / "adapter.R").write_text("half <- function(x) list(x = 1.75)\n")
    assert both(folder, tmp_path)[1].returncode == 0


def test_hostile_texts_stay_data(project, tmp_path):
    project.write(r"""
        HOSTILE = "'); system('touch pwned'); #\n\"; system(\"touch pwned\") #"

        def test_it(rref):
            call = Call("base::list", {HOSTILE: HOSTILE})
            rref.check(call, {HOSTILE: "mine"}, {HOSTILE: Rule("exact")}, case=HOSTILE)
    """)
    folder = folder_of(project.run(*LIVE))
    r, python = both(folder, tmp_path)
    assert (r.returncode, python.returncode) == (0, 1), r.stderr + python.stderr
    assert list(tmp_path.rglob("pwned")) + list(folder.rglob("pwned")) == []
    for name in ("case.R", "case.py"):
        assert "pwned" not in (folder / name).read_text()


def test_a_tightened_call_is_made_too(project, tmp_path):
    project.write("""
        def test_it(rref):
            rough, exact = Call("base::list", {"x": 1.001}), Call("base::list", {"x": 1.0})
            rref.check(rough, {"x": 1.1}, {"x": Rule("iterative")}, tightened=exact)
    """)
    r, python = both(folder_of(project.run(*LIVE)), tmp_path)
    assert r.stdout.count("base::list of") == 2
    assert re.search(r"x\[0\] +1\.1 +1\.0 +1\.0 +8 +\d+ +3\.0  disagree", python.stdout)


@pytest.mark.parametrize("raised", ["ValueError", "TypeError", "KeyError"])
def test_an_exception_of_python_is_kept(project, tmp_path, raised):
    project.write(f"def fails():\n    raise {raised}('planted')\ndef test_two(rref):\n    rref.check(TWO, fails, RULES)\n")
    python = both(folder_of(project.run(*LIVE)), tmp_path)[1]
    assert python.returncode == 1
    assert f"{raised}: " in python.stdout


def test_an_error_of_r_is_shown(project, tmp_path):
    project.write("def test_two(rref):\n    rref.check(Call('base::log', {'x': 'a'}), SAME, RULES)\n")
    r, python = both(folder_of(project.run(*LIVE)), tmp_path)
    assert "error: non-numeric argument" in r.stdout
    assert "R raised and Python did not" in python.stdout


def test_a_selection_by_function_is_told(project, tmp_path):
    project.write(
        "def test_two(rref):\n    rref.check(TWO, {'a': 9.0}, RULES, select=lambda value: {'a': value.values[0]})\n"
    )
    r, python = both(folder_of(project.run(*LIVE)), tmp_path)
    assert r.returncode == 0
    assert python.returncode == 2
    assert "a `select` function in the test takes R's quantities" in python.stdout


def test_values_that_cannot_be_written_still_compare_as_they_did(project, tmp_path):
    project.write("def test_two(rref):\n    rref.check(TWO, {**SAME, 'a': 1j}, RULES)\n")
    python = both(folder_of(project.run(*LIVE)), tmp_path)[1]
    assert python.returncode == 1
    assert "structure" in python.stdout


def test_a_known_difference_is_known_alone_too(project, tmp_path):
    """An entry that has vanished fails the test and the pair alike; one that holds lets the rest be seen."""
    folder = project.path / "tests"
    folder.mkdir()
    entry = '[[divergence]]\nid = "DIV-012"\nwhat = "x"\nquantity = "a"\ncase = "*"\nsize = 1e-6\ncause = "planted"\n'
    (folder / "divergences.toml").write_text(entry)
    project.write("def test_two(rref):\n    rref.check(TWO, SAME, RULES)\n")
    _, python = both(folder_of(project.run(*LIVE)), tmp_path)
    assert python.returncode == 1, python.stderr
    assert "divergence DIV-012 has vanished" in python.stdout
    project.write("def test_two(rref):\n    rref.check(TWO, {'a': 1.5000001, 'b': np.array([9.0, 2.0])}, RULES)\n")
    _, python = both(folder_of(project.run(*LIVE)), tmp_path)
    assert "and 1 more that agree" in python.stdout
    assert python.returncode == 1
