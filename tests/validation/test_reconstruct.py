"""The committed study rows are what the committed script finds."""

import os
import subprocess
import sys

import pytest

from pymeta.resources import shipped

OUTCOMES = ("pain", "sleep", "nausea", "hallucinations", "sedation")


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rows")
    # One thread: the matrices are tiny, and threads only get into each other's way.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    script = shipped("fixtures", "ketamine", "reconstruct.py")
    done = subprocess.run([sys.executable, script, folder], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_script_writes_the_committed_rows(found, outcome):
    committed = shipped("fixtures", "ketamine", f"{outcome}.csv").read_text(encoding="utf-8")
    assert (found / f"{outcome}.csv").read_text(encoding="utf-8") == committed


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_no_study_has_a_real_trials_name(outcome):
    lines = shipped("fixtures", "ketamine", f"{outcome}.csv").read_text(encoding="utf-8").splitlines()[1:]
    names = [line.split(",")[0] for line in lines]
    assert set(names) <= {f"Study {number:02d}" for number in range(1, 17)}
