"""The plugin is imported in every pytest run on a machine that has pymeta: it must cost nearly nothing there."""

import subprocess
import sys
import tomllib

from pymeta.resources import shipped

HEAVY = {"numpy", "scipy", "pandas", "rich", "jinja2", "click", "json", "pymeta.harness.session", "pymeta.harness.tally"}


def imported_by(code):
    script = f"import pytest, sys; before = set(sys.modules); {code}; print(*sorted(set(sys.modules) - before))"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    return set(said.stdout.split())


def test_importing_it_imports_nothing_heavy():
    found = imported_by("import pymeta.harness.plugin")
    assert found & HEAVY == set()
    assert {name for name in found if name.startswith("pymeta")} == {"pymeta", "pymeta.harness", "pymeta.harness.plugin"}


def test_importing_it_takes_less_than_30_ms():
    """In the best of many processes, so that a busy machine does not count; benchmarks/plugin.py has the medians."""
    timed = "import time, pytest; t = time.perf_counter(); import pymeta.harness.plugin; print(time.perf_counter() - t)"
    said = (subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True) for _ in range(40))
    assert any(float(done.stdout) < 0.030 for done in said)


def test_a_run_that_does_not_use_it_imports_no_more(tmp_path):
    (tmp_path / "test_it.py").write_text("def test_nothing():\n    pass\n")
    arguments = ["-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]
    found = imported_by(f"assert pytest.main({arguments!r}) == 0")
    assert {name for name in found if name.startswith(("pymeta.", "numpy"))} == {"pymeta.harness", "pymeta.harness.plugin"}


def test_it_is_installed_with_the_package():
    project = tomllib.loads((shipped("r_reference").parent / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["entry-points"]["pytest11"] == {"pymeta_rref": "pymeta.harness.plugin"}
