"""Recordings in a folder of one's own: `record --into` keeps them there, `--recordings` answers from there."""

import json
import re

import pytest

from pymeta.resources import shipped

SHIPPED = shipped("fixtures", "recorded")


@pytest.fixture
def kept(small, pymeta, tmp_path, monkeypatch):
    """The folder with R's answers to the small case."""
    monkeypatch.delenv("CI", raising=False)
    folder = tmp_path / "kept"
    said = pymeta("record", small.path, "--backend", "worker", "--into", folder)
    assert said.code == 0, said.err
    return folder


@pytest.fixture
def no_r(tmp_path, monkeypatch):
    """No R is found from now on; asked for after `kept`, which needs one."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("R_HOME", raising=False)


@pytest.mark.parametrize("backend", [(), ("--backend", "recorded"), ("--backend", "auto")])
def test_what_was_kept_answers(small, pymeta, kept, no_r, backend):
    said = pymeta("validate", small.path, "--recordings", kept, "--json", "-", *backend)
    document = json.loads(said.out)
    assert (said.code, document["verdict"], document["reference"]["backend"]) == (0, "agree", "recorded")
    assert pymeta("validate", small.path, *backend).code == 1  # those that come with pymeta know nothing of this case


def test_auto_means_recorded_even_where_r_is(small, pymeta, kept):
    said = pymeta("validate", small.path, "--recordings", kept, "--json", "-")
    assert json.loads(said.out)["reference"]["backend"] == "recorded"


def test_another_case_has_no_recording_there(small, pymeta, kept):
    small.write(csv="study,ai,n1i,ci,n2i\nA,1,10,2,10\nB,9,20,4,20\n")
    said = pymeta("validate", small.path, "--recordings", kept)
    assert said.code == 1
    assert "recording" in said.out


def test_drift_looks_there_too(small, pymeta, kept):
    there = ("drift", small.path, "--a", "recorded", "--recordings", kept)
    assert pymeta(*there, "--b", "recorded").out == "nothing moved\n"
    assert pymeta(*there, "--b", "worker").code == 0


REFUSED = {
    "a live back end": (("validate", "--backend", "worker", "--recordings", SHIPPED), "only the back end 'recorded'"),
    "another R": (("validate", "--rscript", "Rscript", "--recordings", SHIPPED), "recordings ask no R"),
    "no such folder": (("validate", "--recordings", "nosuch"), "nosuch: holds no recordings"),
    "drift without recordings": (
        ("drift", "--a", "worker", "--b", "worker", "--recordings", SHIPPED),
        "neither --a nor --b is 'recorded'",
    ),
    "drift from no such folder": (("drift", "--a", "recorded", "--b", "worker", "--recordings", "nosuch"), "nosuch"),
}


@pytest.mark.parametrize("way", REFUSED)
def test_refused(pymeta, tmp_path, monkeypatch, way):
    monkeypatch.chdir(tmp_path)
    args, why = REFUSED[way]
    said = pymeta(*args)
    assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)
    assert said.err.startswith("pymeta: ")
    assert why in said.err


# The command that stands for Rscript.

COMMANDS = {
    "validate": ("validate", "--rscript"),
    "validate, a fresh process": ("validate", "--backend", "rscript", "--rscript"),
    "record": ("record", "--rscript"),
    "verify": ("verify", "--rscript"),
    "fuzz": ("fuzz", "RR-DL", "--rscript"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("rscript", ["'a", 'a "b', "a \\", "", "   "])
def test_what_is_no_command_is_refused_in_one_sentence(pymeta, tmp_path, monkeypatch, command, rscript):
    monkeypatch.chdir(tmp_path)
    said = pymeta(*COMMANDS[command], rscript)
    assert (said.code, said.out) == (2, "")
    assert re.fullmatch(r"pymeta: rscript=.* command.*; give e\.g\. 'chroot /srv/r45 Rscript'\n", said.err)


def test_drift_refuses_it_too(pymeta):
    said = pymeta("drift", "--a", "recorded", "--b", "worker:'a")
    assert (said.code, said.out) == (2, "")
    assert "no closing quotation" in said.err
