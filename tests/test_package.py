"""The wheel and the sdist: what a person gets from them, away from the checkout and without R."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    """Both, built from the checkout as `python -m build` does, without fetching anything."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.fixture(scope="module")
def unpacked(dist, tmp_path_factory):
    """The wheel's files in a folder of their own."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(next(dist.glob("*.whl"))) as wheel:
        wheel.extractall(folder)
    return folder


def run(unpacked, tmp_path, *arguments, hidden=True):
    """`python -m pymeta` from the wheel's files, in an empty folder; `hidden`: with no R on the way."""
    return python(unpacked, tmp_path, "-m", "pymeta", *arguments, **({"PATH": str(tmp_path)} if hidden else {}))


def python(unpacked, tmp_path, *arguments, **environment):
    known = {name: value for name, value in os.environ.items() if name != "R_HOME"}
    known |= {"PYTHONPATH": str(unpacked), "PYTHONSAFEPATH": "1", **environment}
    return subprocess.run([sys.executable, *arguments], cwd=tmp_path, env=known, capture_output=True, text=True, check=False)


def test_the_wheel_runs_the_recorded_job_where_there_is_no_r(unpacked, tmp_path):
    done = run(unpacked, tmp_path, "validate", "--html", "report.html")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Reference: recorded (R " in done.stdout
    assert "RECONSTRUCTION" in done.stdout
    assert "5 of 5 outcomes" in done.stdout
    assert (tmp_path / "report.html").read_text(encoding="utf-8").count("<svg") == 5


def test_the_wheel_is_what_ran(unpacked, tmp_path):
    code = "import pymeta, pymeta.resources as r; print(pymeta.__file__); print(r.shipped('r_reference', 'pool.R'))"
    done = python(unpacked, tmp_path, "-c", code)
    assert all(line.startswith(str(unpacked)) for line in done.stdout.splitlines())


def test_the_wheel_has_what_commands_read_and_not_what_only_tests_do(unpacked):
    tracked = subprocess.run(["git", "ls-files", "fixtures"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    wanted = {name for name in tracked.splitlines() if not name.startswith(("fixtures/parity/", "fixtures/corpus/"))}
    shipped = unpacked / "pymeta" / "_shipped"
    assert {str(path.relative_to(shipped)) for path in (shipped / "fixtures").rglob("*") if path.is_file()} == wanted


def test_the_wheel_runs_live_r(unpacked, tmp_path):
    done = run(unpacked, tmp_path, "validate", "bcg", "--backend", "worker", hidden=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Reference: worker (R " in done.stdout


def test_the_wheel_is_called_otherwise_than_the_one_on_pypi(dist):
    assert [path.name.split("-")[0] for path in dist.glob("*.whl")] == ["pymeta_parity"]


def test_the_sdist_has_what_a_build_and_the_commands_need(dist):
    with tarfile.open(next(dist.glob("*.tar.gz"))) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    wanted = {name for name in tracked if name.startswith(("pymeta/", "r_reference/", "fixtures/"))}
    assert wanted - names == set()


def test_nothing_committed_names_a_registry_or_a_machine():
    """No lock file, no registry's host name, no path of the machine it was written on."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    words = ("files.pythonhosted.|org", "pypi.|org", "deb.debian.|org", "registry.npmjs.|org", "/|root/", "/|work/")
    hosts = [word.replace("|", "") for word in words]  # so that this file does not find itself
    found = [f"{name}: {host}" for name in tracked for host in hosts if host.encode() in (ROOT / name).read_bytes()]
    assert found == []
    assert not [name for name in tracked if name.endswith((".lock", "requirements.txt"))]
