"""What .ci/setup decides, on machines made of stub commands: nothing is installed and no network is used."""

import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
SETUP = ROOT / ".ci" / "setup"
TOOLS = ("sh", "dirname", "mktemp", "cat", "rm", "cp", "mkdir", "tail", "sleep", "cksum", "env")
OTHERS = "r-cran-clubsandwich r-cran-emmeans r-cran-gsl r-cran-mvtnorm r-cran-numderiv"
SYSTEMS = ("apt-get install", "dnf install", "brew install", "winget install", "conda install")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")

PYTHON = """\
case "$1 $2" in
  *ensurepip*) exec {real} -I -S -c "import sys; sys.version_info = {info}
sys.modules.update(venv=sys, ensurepip={ensurepip}); exec(sys.argv[1])" "$2" ;;
  *sys.prefix*) echo "{version} $PWD" ;;
  *--version*) echo "Python {version}" ;;
  "-m venv") echo "venv {version}" >>"$LOG"; mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
  "-m pip") echo "pip mode=$RPY2_CFFI_MODE $*" >>"$LOG"
            if [ -n "$PIP_FAILS" ]; then echo "no such registry"; exit 1; fi
            cp "$0" .venv/bin/pymeta ;;
  *initr*) echo "initr" >>"$LOG" ;;
esac
"""


class Machine:
    """A checkout, a PATH of stubs, and a stub apt-get whose `install` puts the contents of `apt` on the PATH."""

    def __init__(self, tmp: Path) -> None:
        self.checkout = tmp / "a päth with spaces"
        self.bin, self.apt, self.log = tmp / "bin", tmp / "apt", tmp / "log"
        for folder in (self.checkout / ".ci", self.bin, self.apt):
            folder.mkdir(parents=True)
        self.log.touch()
        shutil.copy(SETUP, self.checkout / ".ci")
        shutil.copy(ROOT / "pyproject.toml", self.checkout)
        for tool in (*TOOLS, "flock"):
            if found := shutil.which(tool):
                (self.bin / tool).symlink_to(found)
        self.user(root=False)
        self.stub("sudo", 'echo "sudo $*" >>"$LOG"; exit 1')
        self.stub(
            "apt-get",
            'echo "apt-get $DEBIAN_FRONTEND $*" >>"$LOG"\n'
            'case "$*" in *" install "*) cp "$APT"/* "$BIN" 2>/dev/null ;; esac; exit 0',
        )

    def stub(self, name: str, body: str, folder: Path | None = None) -> None:
        path = (folder or self.bin) / name
        path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        path.chmod(0o755)

    def user(self, *, root: bool) -> None:
        self.stub("id", f"echo {0 if root else 1000}")

    def r(self, version: str, metafor: str, folder: Path | None = None, without: str = "") -> None:
        self.stub("R", "exit 0", folder)
        self.stub("Rscript", f"printf '{version} {metafor}{without and ' '}{without}'", folder)

    def python(self, name: str, version: str, folder: Path | None = None, *, venv: bool = True) -> None:
        info, ensurepip = tuple(map(int, version.split("."))), "sys" if venv else None
        real = shlex.quote(sys.executable)
        self.stub(name, PYTHON.format(version=version, real=real, info=info, ensurepip=ensurepip), folder)

    def start(self, **extra: str) -> "subprocess.Popen[str]":
        env = {"PATH": str(self.bin), "LOG": str(self.log), "APT": str(self.apt), "BIN": str(self.bin)}
        env |= {"PYMETA_SETUP_PAUSE": "0", "LANG": "C.UTF-8", "PIP_FAILS": "", **extra}
        return subprocess.Popen(
            [str(self.checkout / ".ci" / "setup")],
            env=env,
            cwd="/",
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def run(self, **extra: str) -> tuple[int, str]:
        process = self.start(**extra)
        output = process.communicate(timeout=60)[0]
        return process.returncode, output

    def said(self, command: str) -> list[str]:
        return [line for line in self.log.read_text(encoding="utf-8").splitlines() if line.startswith(command)]

    @property
    def venv(self) -> Path:
        return self.checkout / ".venv"


@pytest.fixture
def bare(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def ready(bare: Machine) -> Machine:
    """Everything is there and set up once."""
    bare.r("4.2.2", "3.8.1")
    bare.python("python3", "3.11.2")
    code, output = bare.run()
    assert code == 0, output
    return bare


def test_not_allowed_prints_the_commands_and_leaves_nothing(bare: Machine) -> None:
    code, output = bare.run()
    assert code == 1
    assert [s for s in SYSTEMS if s not in output] == []
    assert f"--no-install-recommends r-base-core r-cran-metafor {OTHERS} python3 python3-venv\n" in output
    assert bare.said("apt-get") == []
    assert bare.said("sudo") == ["sudo -n true"]
    assert not bare.venv.exists()


def test_no_apt_prints_the_commands_even_to_root(bare: Machine) -> None:
    bare.user(root=True)
    (bare.bin / "apt-get").unlink()
    code, output = bare.run()
    assert code == 1
    assert "there is no apt-get" in output
    assert [s for s in SYSTEMS if s not in output] == []


def test_only_what_is_missing_is_asked_for(bare: Machine) -> None:
    bare.r("4.4.1", "-")
    bare.python("python3.12", "3.12.1")
    code, output = bare.run()
    assert code == 1
    assert "--no-install-recommends r-cran-metafor\n" in output
    assert "Python: python3.12" in output


def test_metafor_without_numderiv_is_not_enough(bare: Machine) -> None:
    """metafor 3 then fits no selection model."""
    bare.r("4.2.2", "3.8.1", without="numderiv")
    bare.python("python3", "3.11.2")
    code, output = bare.run()
    assert code == 1
    assert "--no-install-recommends r-cran-numderiv\n" in output
    assert "metafor: 3.8.1" in output


@pytest.mark.parametrize("root", [True, False])
def test_allowed_installs_with_apt(bare: Machine, root: bool) -> None:
    bare.user(root=root)
    if not root:
        bare.stub("sudo", 'shift; echo "sudo" >>"$LOG"; [ "$1" = true ] || exec "$@"')
    bare.r("4.5.0", "4.8.0", bare.apt)
    bare.python("python3", "3.13.5", bare.apt)
    code, output = bare.run()
    assert code == 0, output
    update, install = bare.said("apt-get")
    assert update.endswith(" update")
    assert install.startswith("apt-get noninteractive ")
    assert "DPkg::Lock::Timeout" in install
    assert install.endswith(f" install -y --no-install-recommends r-base-core r-cran-metafor {OTHERS} python3 python3-venv")
    assert bool(bare.said("sudo")) is not root
    assert bare.said("venv") == ["venv 3.13.5"]


def test_apt_that_does_not_help_ends_in_the_commands(bare: Machine) -> None:
    bare.user(root=True)
    bare.r("4.6.1", "-")  # an R of one's own: Debian's metafor is not in its library
    bare.python("python3", "3.12.0")
    code, output = bare.run()
    assert code == 1
    assert "still missing" in output
    assert [s for s in SYSTEMS if s not in output] == []
    assert not bare.venv.exists()


def test_a_python3_that_is_too_old_is_passed_over(bare: Machine) -> None:
    """As on Ubuntu 22.04."""
    bare.user(root=True)
    bare.r("4.1.2", "3.0.2")
    bare.python("python3", "3.10.4")
    bare.python("python3.11", "3.11.0", bare.apt)
    bare.stub("apt-get", 'echo "apt-get: $*" >>"$LOG"; case "$*" in *" python3.11-venv") cp "$APT"/* "$BIN" ;; esac')
    code, output = bare.run()
    assert code == 0, output
    assert [line.split("recommends ")[-1] for line in bare.said("apt-get") if not line.endswith("update")] == [
        "python3 python3-venv",
        "python3.11 python3.11-venv",
    ]
    assert bare.said("venv") == ["venv 3.11.0"]


def test_a_distribution_without_a_new_python_ends_in_the_commands(bare: Machine) -> None:
    bare.user(root=True)
    bare.r("4.1.2", "3.0.2")
    bare.python("python3", "3.10.4")
    bare.stub("apt-get", 'case "$*" in *python3.11*) echo "E: Unable to locate package"; exit 100 ;; esac')
    code, output = bare.run()
    assert code == 1
    assert "E: Unable to locate package" in output
    assert "--no-install-recommends python3.11 python3.11-venv\n" in output


def test_a_failed_update_is_no_reason_to_stop(bare: Machine) -> None:
    """One broken source among good ones."""
    bare.user(root=True)
    bare.r("4.2.2", "3.8.1", bare.apt)
    bare.python("python3", "3.11.2", bare.apt)
    bare.stub("apt-get", 'case "$*" in *update) exit 100 ;; esac; cp "$APT"/* "$BIN"')
    code, output = bare.run()
    assert code == 0, output


def test_the_newest_python_that_can_make_a_venv_is_taken(bare: Machine) -> None:
    bare.r("4.2.2", "3.8.1")
    bare.python("python3", "3.11.2")
    bare.python("python3.12", "3.12.1")
    bare.python("python3.13", "3.13.0")
    bare.python("python3.14", "3.14.0", venv=False)
    assert bare.run()[0] == 0
    assert bare.said("venv") == ["venv 3.13.0"]


@pytest.mark.parametrize("version", ["4.2.2", "4.5.0", "4.6.1"])
def test_one_rpy2_serves_every_r(bare: Machine, version: str) -> None:
    bare.r(version, "4.8.0")
    bare.python("python3", "3.13.5")
    assert bare.run()[0] == 0
    assert bare.said("pip") == ["pip mode=ABI -m pip install -e .[r,test]"]
    assert bare.said("initr") == ["initr"]


def test_the_extra_r_names_the_rpy2_that_starts_on_every_r() -> None:
    """3.6.5 starts on R 4.2.2, 4.5.0 and 4.6.1; from 3.6.6 on rpy2 needs R 4.5."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    (rpy2,) = [Requirement(line) for line in extras["r"] if line.startswith("rpy2")]
    assert rpy2.name == "rpy2-rinterface"
    assert rpy2.specifier.contains("3.6.5")
    assert not rpy2.specifier.contains("3.6.6")


def test_a_second_run_does_nothing(ready: Machine) -> None:
    before = ready.log.read_text(encoding="utf-8")
    code, output = ready.run(PIP_FAILS="offline")
    assert (code, output) == (0, "")
    assert ready.log.read_text(encoding="utf-8") == before


@pytest.mark.parametrize("change", ["half made", "python gone", "other R", "other python", "pyproject", "no pymeta"])
def test_a_venv_that_does_not_fit_is_made_again(ready: Machine, change: str) -> None:
    leftover = ready.venv / "leftover"
    leftover.touch()
    python = ready.venv / "bin" / "python"
    if change == "half made":
        (ready.venv / ".stamp").unlink()
    elif change == "python gone":
        python.unlink()
        python.symlink_to("/nowhere/python3")
    elif change == "other R":
        ready.r("4.5.0", "4.8.0")
    elif change == "other python":
        python.write_text(python.read_text(encoding="utf-8").replace("3.11.2", "3.12.0"), encoding="utf-8")
    elif change == "pyproject":
        with (ready.checkout / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write("# changed\n")
    else:
        (ready.venv / "bin" / "pymeta").unlink()
    code, output = ready.run()
    assert code == 0, output
    assert len(ready.said("venv")) == 2
    assert not leftover.exists()
    assert ready.run() == (0, "")


def test_a_failed_pip_shows_its_end_and_is_not_taken_for_done(bare: Machine) -> None:
    bare.r("4.2.2", "3.8.1")
    bare.python("python3", "3.11.2")
    code, output = bare.run(PIP_FAILS="yes")
    assert code == 1
    assert len(bare.said("pip")) == 2  # tried once more
    assert "no such registry" in output
    assert not (bare.venv / ".stamp").exists()
    assert bare.run()[0] == 0


@pytest.mark.skipif(not shutil.which("flock"), reason="needs flock")
def test_two_at_once_make_one_venv(bare: Machine) -> None:
    bare.r("4.2.2", "3.8.1")
    bare.python("python3", "3.11.2")
    both = [bare.start(), bare.start()]
    outputs = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert len(bare.said("venv")) == 1


def test_no_index_is_named() -> None:
    """Which registry pip and apt-get use is the machine's own matter."""
    text = "".join((ROOT / name).read_text(encoding="utf-8") for name in (".ci/setup", ".ci/run", "Makefile"))
    assert "://" not in text
    assert "index-url" not in text
    assert os.access(SETUP, os.X_OK)
