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


def test_an_r_that_hangs_is_ended_with_all_that_it_started(machine, tmp_path):
    machine(Rscript=f"sleep 60 & echo $! > {tmp_path}/pid; wait", R="sleep 60")
    diagnose(timeout=1)
    status = Path("/proc", (tmp_path / "pid").read_text().strip(), "stat")
    deadline = time.monotonic() + 5
    while status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.02)


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


def test_the_command_where_all_is_well():
    done = CliRunner().invoke(doctor, [])
    assert (done.exit_code, done.output.count("wrong")) == (0, 0)
    done = CliRunner().invoke(doctor, ["--json"])
    assert done.exit_code == 0
    said = json.loads(done.output)
    assert (said["well"], said["auto"]) == (True, "rpy2")
    assert {check["state"] for check in said["checks"]} <= {"ok", "absent"}
    assert all(set(check) == {"name", "state", "found", "problem", "mend"} for check in said["checks"])


UNWELL = {
    "no R": ({}, "no R"),
    "no metafor": ({"Rscript": f'R_LIBS_SITE=/none R_LIBS_USER=/none exec {RSCRIPT} "$@"'}, "no metafor"),
    "hangs": ({"Rscript": "sleep 60"}, "broken R"),
    "does not start": ({"Rscript": "exit 9"}, "broken R"),
}


@pytest.mark.parametrize("way", UNWELL)
def test_every_command_is_told_for_what_is_wrong(machine, way):
    scripts, problem = UNWELL[way]
    machine(**scripts)
    done = CliRunner().invoke(doctor, ["--timeout", "2"])
    assert done.exit_code == 1
    for system, command in MEND[problem].items():
        assert f"  {system:15} {command}\n" in done.output
    done = CliRunner().invoke(doctor, ["--timeout", "2", "--json"])
    assert done.exit_code == 1
    mends = [check["mend"] for check in json.loads(done.output)["checks"] if check["problem"] == problem]
    assert mends == [dict(MEND[problem])]


def test_every_problem_has_a_command_for_every_system():
    assert all(list(commands) == SYSTEMS and all(commands.values()) for commands in MEND.values())


def words_of(command, tmp_path, tool):
    """What a shell hands to `tool` when it carries out the command."""
    (tmp_path / tool).write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (tmp_path / tool).chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    return subprocess.run(["sh", "-c", command], env=env, capture_output=True, text=True, check=True).stdout.splitlines()


@pytest.mark.parametrize("system", ["macOS", "Windows"])
def test_r_is_handed_whole_the_code_that_installs_metafor(tmp_path, system):
    command = MEND["no metafor"][system]
    option, code = words_of(command, tmp_path, "Rscript")
    (tmp_path / "code.R").write_text(code)
    subprocess.run([RSCRIPT, "--vanilla", "-e", "invisible(parse(commandArgs(TRUE)))", tmp_path / "code.R"], check=True)
    assert option == "-e"
    assert "install.packages('metafor'" in code
    # as cmd and PowerShell take it: one pair of double quotes, and in them nothing that either replaces
    assert command == f'Rscript -e "{code}"'
    assert not set('"$`%^') & set(code)
    assert MEND["no R"][system].endswith(command)


def test_windows_gets_no_command_of_sh():
    for problem, commands in MEND.items():
        assert not re.search(r"RPY2_|sudo|&&|unset", commands["Windows"]), problem


def test_rpy2_is_installed_without_a_compiler(tmp_path):
    for problem in ("no rpy2", "rpy2 does not fit"):
        for system in ("Debian, Ubuntu", "Fedora", "macOS"):
            assert MEND[problem][system].startswith("RPY2_CFFI_MODE=ABI ")
            words = words_of(MEND[problem][system].replace(sys.executable, "python-here"), tmp_path, "python-here")
            assert words[:3] == ["-m", "pip", "install"]
            assert words[-1] == "rpy2-rinterface>=3.6.4,<3.6.6"


def test_what_the_doctor_names_the_setup_installs():
    """And what else the tests ask of R."""

    def packages(text):
        return set(re.findall(r"\br-[a-z]+-[a-z]+\b", text))

    setup = (ROOT / ".ci" / "setup").read_text()
    assert packages(setup) >= packages(" ".join(commands["Debian, Ubuntu"] for commands in MEND.values()))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["r"]
    assert project[0] in MEND["no rpy2"]["Debian, Ubuntu"]
