"""Differential testing: what is planted is found and made small; what is right stays quiet."""

import subprocess
import sys
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from pymeta.commands.fuzz import fuzz as command
from pymeta.harness import fuzz
from pymeta.tau2.estimate import Tau2
from pymeta.tau2.methods import TAU2
from pymeta.validation.case import METHODS
from pymeta.validation.targets import TARGETS


def dl_with_w_for_w_squared(yi, vi, X, weights=None, tau2_min=0.0):
    """DerSimonian and Laird with C = Σw − Σw / Σw."""
    w = 1.0 / vi
    mean = (w * yi).sum() / w.sum()
    Q = (w * (yi - mean) ** 2).sum()
    tau2 = max(0.0, (Q - (len(yi) - 1)) / (w.sum() - 1.0))
    honest = TAU2["DL"].fit(yi, vi, X)
    return Tau2(float(tau2), honest.se_tau2, honest.solve)


@pytest.fixture
def planted(monkeypatch):
    monkeypatch.setattr("pymeta.models.uni.TAU2", {**TAU2, "DL": replace(TAU2["DL"], fit=dl_with_w_for_w_squared)})


def test_a_planted_error_is_found_and_shrunk(planted, worker, tmp_path):
    finding, examples = fuzz(TARGETS["GEN-DL"], worker, seconds=60, database=tmp_path)
    assert finding is not None, examples
    assert len(finding.data) <= 3
    assert not finding.agreement.ok
    assert "tau2" in {row.name for row in finding.agreement.quantities if row.verdict == "disagree"}


def test_what_was_found_is_tried_first(planted, worker, tmp_path):
    first, examples = fuzz(TARGETS["GEN-DL"], worker, seconds=60, database=tmp_path)
    again, fewer = fuzz(TARGETS["GEN-DL"], worker, seconds=60, database=tmp_path)
    assert first is not None
    assert again is not None
    assert again.data == first.data
    assert fewer < examples


@pytest.mark.parametrize("name", ["GEN-DL", "RR-MH", "MD-REML", "moderator-GENQ", "moderator-REML"])
def test_nothing_is_found_where_nothing_is_wrong(worker, tmp_path, name):
    finding, examples = fuzz(TARGETS[name], worker, seconds=1.0, database=tmp_path)
    assert finding is None, finding
    assert examples > 0


def test_the_command_writes_a_pair_that_shows_it_alone(planted, tmp_path):
    done = CliRunner().invoke(command, ["GEN-DL", "--seconds", "60", "--database", str(tmp_path)])
    assert done.exit_code == 1, done.output
    folder = tmp_path / "GEN-DL"
    assert (folder / "case.R").exists()
    again = subprocess.run([sys.executable, folder / "case.py"], capture_output=True, text=True, check=False)
    assert again.returncode == 1, again.stdout + again.stderr
    assert "tau2" in again.stdout


def test_the_command_lists_its_targets_and_refuses_others():
    assert "RR-revman5" in CliRunner().invoke(command, ["--list"]).output.split()
    done = CliRunner().invoke(command, ["RR-LD"])
    assert done.exit_code == 2
    assert "Did you mean 'RR-" in done.output


def test_every_measure_and_method_is_a_target():
    kinds = defaultdict(set)
    for kind, _, method in (name.partition("-") for name in TARGETS):
        kinds[kind].add(method)
    assert kinds["RR"] == set(METHODS) == {*TAU2, "revman5", "MH"} - {"GENQ", "GENQM"}
    assert kinds["GEN"] == kinds["RR"] - {"MH"}
    assert kinds["moderator"] == set(TAU2) - {"GENQM"}
    assert np.all([target.name == name for name, target in TARGETS.items()])
