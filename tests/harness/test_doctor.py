"""`pymeta doctor` on machines that are not well: fake Rs on PATH, a fake rpy2 on the path of Python."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from pymeta.commands.doctor import doctor
from pymeta.harness.doctor import MEND, diagnose

ROOT = Path(__file__).resolve().parents[2]
RSCRIPT = shutil.which("Rscript")
R_HOME = subprocess.run(["R", "RHOME"], capture_output=True, text=True, check=True).stdout.strip()
SYSTEMS = ["Debian, Ubuntu", "Fedora", "macOS", "Windows", "conda"]


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Replaces PATH by a folder with these scripts, and a shell's own tools."""
    monkeypatch.delenv("R_HOME", raising=False)

    def path(**scripts):
        for name, script in scripts.items():
            file = tmp_path / name
            file.write_text(f"#!/bin/sh\n{script}\n")
            file.chmod(0o755)
        for tool in ("sh", "sed", "env", "sleep", "dirname", "uname", "basename", "rm", "cat", "ls"):
            if not (tmp_path / tool).exists():
                (tmp_path / tool).symlink_to(shutil.which(tool))
        monkeypatch.setenv("PATH", str(tmp_path))

    return path


def states(diagnosis):
    return {check.name: check.state for check in diagnosis.checks}


def found(diagnosis, name):
    return next(check for check in diagnosis.checks if check.name == name)


def test_this_machine_is_well():
    diagnosis = diagnose()
    assert diagnosis.well, [check for check in diagnosis.checks if check.state == "wrong"]
    assert diagnosis.auto == "rpy2"
    assert re.match(r"\d+\.\d+\.\d+, .*Rscript, home /", found(diagnosis, "R").found)
    assert re.match(r"\d+\.\d+", found(diagnosis, "metafor").found)
    assert re.match(r"rpy2-rinterface \d", found(diagnosis, "rpy2").found)
    assert [name for name in states(diagnosis) if name.startswith("back end")] == [
        "back end rpy2",
        "back end worker",
        "back end rscript",
        "back end recorded",
    ]


def test_no_r(machine):
    machine()
    diagnosis = diagnose()
    assert found(diagnosis, "R").problem == "no R"
    assert states(diagnosis)["back end worker"] == "absent"
    assert (diagnosis.well, diagnosis.auto) == (False, "recorded")


def test_r_without_metafor(machine):
    home = f'R_LIBS_SITE=/none R_LIBS_USER=/none exec {RSCRIPT} "$@"'
    machine(Rscript=home, R=f'exec {shutil.which("R")} "$@"')
    diagnosis = diagnose()
    assert found(diagnosis, "metafor").problem == "no metafor"
    assert (states(diagnosis)["R"], diagnosis.well) == ("ok", False)
    assert states(diagnosis)["back end worker"] == "ok"


# An R that says it is 4.4.3, whatever it is.
OLDER = f"""case "$*" in
*pymeta-doctor*) {RSCRIPT} "$@" | sed 's/^pymeta-doctor R .*/pymeta-doctor R 4.4.3 /' ;;
*) exec {RSCRIPT} "$@" ;;
esac"""


def test_an_rpy2_too_new_for_this_r(tmp_path, machine):
    machine(Rscript=OLDER, R=f'exec {shutil.which("R")} "$@"')
    (tmp_path / "rpy2").mkdir()
    (tmp_path / "rpy2" / "__init__.py").touch()
    (tmp_path / "rpy2" / "rinterface.py").write_text("raise ImportError('libR.so: undefined symbol: R_getVar')\n")
    info = tmp_path / "rpy2_rinterface-3.6.6.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rpy2-rinterface\nVersion: 3.6.6\n")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)])}
    code = "from pymeta.commands.doctor import doctor; doctor(['--json'])"
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60, check=False)
    said = json.loads(done.stdout)
    checks = {check["name"]: check for check in said["checks"]}
    assert (done.returncode, said["well"], said["auto"]) == (1, False, "worker")
    assert re.fullmatch(r"rpy2-rinterface 3\.6\.6 needs R 4\.5, here is 4\.4\.3", checks["rpy2"]["found"])
    assert "undefined symbol: R_getVar" in checks["back end rpy2"]["found"]
    assert "'rpy2-rinterface>=3.6.4,<3.6.6'" in checks["rpy2"]["mend"]["Fedora"]


def test_an_r_home_that_is_wrong(monkeypatch):
    monkeypatch.setenv("R_HOME", "/no/such/folder")
    diagnosis = diagnose()
    assert found(diagnosis, "R_HOME").problem == "R_HOME"
    assert not diagnosis.well
    monkeypatch.setenv("R_HOME", R_HOME)
    assert found(diagnose(), "R_HOME").state == "ok"


def test_an_r_that_hangs_at_the_start(machine):
    machine(Rscript="sleep 60", R="sleep 60")
    began = time.monotonic()
    diagnosis = diagnose(timeout=1)
    assert time.monotonic() - began < 10
    assert found(diagnosis, "R").problem == "broken R"
    assert "did not end within 1 s" in found(diagnosis, "R").found
    assert found(diagnosis, "back end rscript").found == "not tried, since R does not start"


def test_an_r_that_prints_at_the_start(machine):
    machine(Rscript=f'echo "pymeta-doctor R 9.9.9"; echo Welcome; echo to R >&2; exec {RSCRIPT} "$@"')
    diagnosis = diagnose()
    assert re.match(r"4\.\d+\.\d+, ", found(diagnosis, "R").found)
    assert "prints at the start: Welcome to R" in found(diagnosis, "R").found
    assert states(diagnosis)["back end worker"] == "ok"


def test_an_r_that_does_not_start(machine):
    machine(Rscript="echo no licence >&2; exit 9")
    r = found(diagnose(), "R")
    assert (r.state, r.problem) == ("wrong", "broken R")
    assert "exit status 9): no licence" in r.found


def test_the_command(machine):
    machine()
    done = CliRunner().invoke(doctor, ["--timeout", "5"])
    assert done.exit_code == 1
    assert '"auto" takes: recorded' in done.output
    for system in SYSTEMS:
        assert f"\n  {system} " in done.output
    assert "Traceback" not in done.output
    said = json.loads(CliRunner().invoke(doctor, ["--json"]).output)
    assert said["checks"][0]["mend"] == dict(MEND["no R"])


def test_every_problem_has_a_command_for_every_system():
    assert all(list(commands) == SYSTEMS and all(commands.values()) for commands in MEND.values())


def test_the_setup_and_the_doctor_name_the_same_packages():
    def packages(text):
        return set(re.findall(r"\br-[a-z]+-[a-z]+\b", text))

    setup = (ROOT / ".ci" / "setup").read_text()
    assert packages(setup) == packages(" ".join(commands["Debian, Ubuntu"] for commands in MEND.values()))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["r"]
    assert project[0] in MEND["no rpy2"]["Debian, Ubuntu"]
