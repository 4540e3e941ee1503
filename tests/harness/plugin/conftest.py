"""A project of somebody who uses the plugin, run by pytest inside pytest."""

from pathlib import Path
from textwrap import dedent

import pytest

# pytester forgets what a run imports; imported here, the modules are there once for all.
import pymeta.harness.page
import pymeta.harness.session
import pymeta.harness.tally

# By its entry point, but without the other plugins of this environment, which pytest would import anew for each run.
ARGS = ("-p", "pymeta_rref", "-p", "no:cacheprovider", "-W", "error")
HEADER = """
import numpy as np
import pytest
from pymeta.harness import Call, Rule
from pymeta.harness.pick import Take

TWO = Call("base::list", {"a": 1.5, "b": np.array([1.0, 2.0])})
SAME = {"a": 1.5, "b": np.array([1.0, 2.0])}
RULES = {"a": Rule("closed"), "b": Rule("closed")}
"""
AGREES = "def test_two(rref):\n    rref.check(TWO, SAME, RULES)\n"
DISAGREES = "def test_two(rref):\n    rref.check(TWO, {**SAME, 'a': 1.5000001}, RULES)\n"


class Project:
    """Its files, and pytest on them."""

    def __init__(self, pytester):
        self.pytester = pytester

    def write(self, source, name="test_it"):
        self.pytester.makepyfile(**{name: HEADER + dedent(source)})

    def run(self, *args):
        return self.pytester.runpytest_inprocess(*ARGS, *args)

    def record(self, source=AGREES):
        """Write the tests and record what they ask."""
        self.write(source)
        return self.run("--rref=record", "--rref-backend=worker")

    @property
    def path(self):
        return self.pytester.path

    def recordings(self, folder="tests/recorded"):
        return sorted((self.path / folder).rglob("*.json"))


@pytest.fixture
def project(pytester, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return Project(pytester)


@pytest.fixture
def no_r(monkeypatch, tmp_path):
    """No R is found from now on."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("R_HOME", raising=False)


@pytest.fixture
def a_recording(project):
    """The one recording of a project whose tests agree."""
    project.record().assert_outcomes(passed=1)
    (path,) = project.recordings()
    return Path(path)


class _Shared:
    """A reference that outlives the run that closes it."""

    def __init__(self, reference):
        self.name, self.note, self.run = reference.name, reference.note, reference.run

    def close(self):
        pass


@pytest.fixture
def shared_r(monkeypatch, worker):
    """One R for many runs: for tests of what is said about its answers, not of how it is reached."""
    monkeypatch.setattr(pymeta.harness.session, "open_reference", lambda backend, rscript: _Shared(worker))
