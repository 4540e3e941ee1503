"""What R, metafor and rpy2 this machine has, whether they fit each other, and the exact command that mends what does not.

Every look at R is a process of its own that ends in time; nothing is installed or changed.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pymeta.errors import BackendError
from pymeta.harness.backends.open import AUTO, BACKENDS, Settings
from pymeta.harness.backends.rpy2 import installed
from pymeta.harness.backends.worker import find_rscript
from pymeta.harness.calls import Call
from pymeta.harness.versions import compare_versions

__all__ = ["MEND", "Check", "Diagnosis", "diagnose", "show"]

OK, WRONG, ABSENT = "ok", "wrong", "absent"

_RPY2 = "'rpy2-rinterface>=3.6.4,<3.6.6'"
_PIP = f"RPY2_CFFI_MODE=ABI {shlex.quote(sys.executable)} -m pip install"  # ABI: no compiler is needed
# Double quotes around single ones are the form that sh, cmd and PowerShell all hand to R as it is.
_CRAN = "Rscript -e \"chooseCRANmirror(ind = 1); install.packages('metafor')\""
# Into a person's own library: the one below Program Files is an administrator's, and Rscript cannot ask.
_CRAN_OWN = _CRAN.replace("'metafor'", "'metafor', lib").replace(
    "choose", "lib <- Sys.getenv('R_LIBS_USER'); dir.create(lib, FALSE, TRUE); choose"
)
_WSL = "in WSL as for Ubuntu"
_WINGET = "winget install RProject.R"
# R's installer leaves the path alone.
_WINDOWS_PATH = "$env:Path += ';' + (Get-Item \"$env:ProgramFiles\\R\\R-*\\bin\")[-1].FullName"
_CONDA_FORGE = "conda install -c conda-forge"
_APT = "sudo apt-get update && sudo apt-get install -y --no-install-recommends"
_DEBIAN, _FEDORA, _MACOS, _WINDOWS, _CONDA = _SYSTEMS = ("Debian, Ubuntu", "Fedora", "macOS", "Windows", "conda")


def _everywhere(command: str, **others: str) -> Mapping[str, str]:
    return MappingProxyType({system: others.get(system, command) for system in _SYSTEMS})


MEND: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "no R": MappingProxyType(
            {
                _DEBIAN: f"{_APT} r-base-core r-cran-metafor",
                _FEDORA: f"sudo dnf install -y R-core R-core-devel && sudo {_CRAN}",
                _MACOS: f"brew install r && {_CRAN}",
                _WINDOWS: f"{_WSL}; or, in PowerShell: {_WINGET}; {_WINDOWS_PATH}; {_CRAN_OWN}",
                _CONDA: f"{_CONDA_FORGE} r-base r-metafor",
            }
        ),
        "broken R": MappingProxyType(
            {
                _DEBIAN: "sudo apt-get update && sudo apt-get install -y --reinstall r-base-core",
                _FEDORA: "sudo dnf reinstall -y R-core",
                _MACOS: "brew reinstall r",
                _WINDOWS: f"{_WINGET} --force",
                _CONDA: f"{_CONDA_FORGE} --force-reinstall r-base",
            }
        ),
        "no metafor": MappingProxyType(
            {
                _DEBIAN: f"{_APT} r-cran-metafor",
                _FEDORA: f"sudo {_CRAN}",
                _MACOS: _CRAN,
                _WINDOWS: _CRAN_OWN,
                _CONDA: f"{_CONDA_FORGE} r-metafor",
            }
        ),
        "no rpy2": _everywhere(f"{_PIP} {_RPY2}", **{_WINDOWS: _WSL, _CONDA: f"{_CONDA_FORGE} rpy2"}),
        "rpy2 does not fit": _everywhere(f"{_PIP} --force-reinstall {_RPY2}", **{_WINDOWS: _WSL}),
        "R_HOME": _everywhere("unset R_HOME", **{_WINDOWS: "Remove-Item Env:R_HOME"}),
    }
)
"""Problem -> system -> the command that mends it there; .ci/setup names the same packages."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at.

    name : what
    state : "ok"; "wrong": needs mending; "absent": not there, and not needed
    found : what was found, in words
    problem : a key of `MEND`, where a command mends it
    """

    name: str
    state: str
    found: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All checks, and the back end that "auto" takes here ("" if none starts)."""

    checks: tuple[Check, ...]
    auto: str

    @property
    def well(self) -> bool:
        """Whether nothing needs mending."""
        return all(check.state != WRONG for check in self.checks)

    def to_dict(self) -> dict[str, Any]:
        """For JSON: the checks, each with the commands that mend it by system."""
        checks = [{**asdict(one), "mend": dict(MEND[one.problem]) if one.problem else {}} for one in self.checks]
        return {"well": self.well, "auto": self.auto, "checks": checks}


def diagnose(timeout: float = 20.0) -> Diagnosis:
    """Look at everything; no look takes longer than `timeout` seconds."""
    r_home = _check_home()
    command = find_rscript()
    said, r = _check_r(command, timeout)
    packages = _check_packages(said) if said else []
    rpy2 = _check_rpy2(said.get("R", ""))
    tried = {name: _check_backend(name, bool(said), timeout) for name in BACKENDS}
    auto = next((name for name in AUTO if tried[name].state == OK), "")
    return Diagnosis((*r_home, r, *packages, rpy2, *tried.values()), auto)


# ---- R ----------------------------------------------------------------------------------------------------------------

_PACKAGES = ("metafor", "metadat", "nlme", "lme4", "BiasedUrn")
_NEEDED = "metafor"

# Each line begins with a word of ours: what R or a site profile prints at the start is then told apart.
_PROBE = (
    "say <- function(name, value) cat('\\npymeta-doctor', name, value, '\\n'); say('R', as.character(getRversion())); "
    "say('home', R.home()); for (package in commandArgs(TRUE)) say(package, suppressWarnings("
    "utils::packageDescription(package, fields = 'Version')))"
)


def _check_home() -> list[Check]:
    home = os.environ.get("R_HOME")
    if home is None:
        return []
    if any(Path(home, "bin", name).exists() for name in ("R", "R.exe")):
        return [Check("R_HOME", OK, home)]
    return [Check("R_HOME", WRONG, f"{home} holds no R", "R_HOME")]


def _check_r(command: str | None, timeout: float) -> tuple[dict[str, str], Check]:
    """What R says of itself, {} if it does not, and the check."""
    if command is None:
        return {}, Check("R", WRONG, "no Rscript on PATH nor in R_HOME", "no R")
    status, output = _run([command, "--vanilla", "-e", _PROBE, *_PACKAGES], timeout)
    said = dict(re.findall(r"^pymeta-doctor (\S+) (.+?) $", output, re.MULTILINE))
    if status is None:
        return {}, Check("R", WRONG, f"{command} did not end within {timeout:g} s", "broken R")
    if status or "R" not in said:
        return {}, Check("R", WRONG, f"{command} does not start (exit status {status}): {_shortened(output)}", "broken R")
    noise = _shortened(re.sub(r"^pymeta-doctor .*$", "", output, flags=re.MULTILINE))
    found = f"{said['R']}, {command}, home {said.get('home')}" + (f"; it prints at the start: {noise}" if noise else "")
    return said, Check("R", OK, found)


def _check_packages(said: Mapping[str, str]) -> list[Check]:
    return [_check_package(name, said.get(name, "NA")) for name in _PACKAGES]


def _check_package(name: str, found: str) -> Check:
    if found != "NA":
        return Check(name, OK, found)
    return Check(name, WRONG, "not installed", "no metafor") if name == _NEEDED else Check(name, ABSENT, "not installed")


def _run(command: list[str], timeout: float) -> tuple[int | None, str]:
    """The exit status (None: it did not end in time and was killed with all it started), and what it printed."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "LANGUAGE": "en"},
        )
    except OSError as error:
        return -1, str(error)
    with process:
        try:
            output, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return None, ""
    return process.returncode, output.decode(errors="replace")


def _shortened(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 200 else f"{words[:200]} ..."


# ---- rpy2 and the back ends -------------------------------------------------------------------------------------------


def _check_rpy2(r_version: str) -> Check:
    """Whether rpy2 is there and fits this R; 3.6.6 and later want the symbol R_getVar, which R has from 4.5 on."""
    if not installed():
        return Check("rpy2", WRONG, "the Python package rpy2-rinterface is not installed", "no rpy2")
    try:
        found = version("rpy2-rinterface")
    except PackageNotFoundError:
        return Check("rpy2", OK, "of unknown version")
    release = re.match(r"\d+(\.\d+)*", found)
    too_new = release and r_version and compare_versions(release[0], "3.6.6") >= 0 > compare_versions(r_version, "4.5")
    if too_new:
        return Check("rpy2", WRONG, f"rpy2-rinterface {found} needs R 4.5, here is {r_version}", "rpy2 does not fit")
    return Check("rpy2", OK, f"rpy2-rinterface {found}")


def _check_backend(name: str, r_starts: bool, timeout: float) -> Check:
    """Whether the back end starts and answers."""
    label = f"back end {name}"
    if missing := BACKENDS[name].missing():
        return Check(label, ABSENT, missing)
    if name != "recorded" and not r_starts:
        return Check(label, ABSENT, "not tried, since R does not start")
    try:
        with BACKENDS[name].open(Settings(start_limit=timeout)) as reference:
            if name != "recorded":
                reference.run(Call("base::abs", {"x": -1.0}), timeout=timeout)
            return Check(label, OK, BACKENDS[name].summary)
    except BackendError as error:
        return Check(
            label, WRONG, str(error), "rpy2 does not fit" if name == "rpy2" and "R_HOME" not in os.environ else None
        )


# ---- for people -------------------------------------------------------------------------------------------------------

_STYLE = MappingProxyType({OK: "green", WRONG: "bold red", ABSENT: "dim"})


def show(diagnosis: Diagnosis, console: Console) -> None:
    """The checks as a table, then the commands that mend what is wrong."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for check in diagnosis.checks:
        table.add_row(escape(check.name), f"[{_STYLE[check.state]}]{check.state}[/]", escape(check.found))
    console.print(table)
    console.print(f'\n"auto" takes: {diagnosis.auto or "nothing"}')
    for problem in dict.fromkeys(check.problem for check in diagnosis.checks if check.problem):
        console.print(f"\n{problem}:", style="bold")
        for system, command in MEND[problem].items():
            console.print(f"  {system:15} {command}", markup=False, highlight=False, soft_wrap=True)
