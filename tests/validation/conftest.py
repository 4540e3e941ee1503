"""A small case to break, and the command to run it with."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from pymeta.cli import main

TABLES = "study,ai,n1i,ci,n2i\nA,1,10,2,10\nB,3,20,4,20\nC,2,30,5,30\n"
CASE = """[case]
name = "mine"
title = "A title"
data = "extracted"

[[outcome]]
name = "o"
file = "o.csv"
measure = "RR"
method = "revman5"
"""


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Small:
    """A folder with one case of one outcome."""

    folder: Path
    toml = CASE
    csv = TABLES

    @property
    def path(self) -> Path:
        return self.folder / "case.toml"

    @property
    def rows(self) -> Path:
        return self.folder / "o.csv"

    def write(self, *, toml=None, csv=None, measure="RR", method="revman5"):
        text = CASE.replace('"RR"', f'"{measure}"').replace("revman5", method) if toml is None else toml
        self.path.write_bytes(text if isinstance(text, bytes) else text.encode())
        rows = TABLES if csv is None else csv
        self.rows.write_bytes(rows if isinstance(rows, bytes) else rows.encode())
        return self


@pytest.fixture
def small(tmp_path):
    folder = tmp_path / "case"
    folder.mkdir()
    return Small(folder).write()


@pytest.fixture
def pymeta(capsys):
    """Run the command; every way out of it is an exit code."""

    def run(*args):
        with pytest.raises(SystemExit) as ended:
            main([str(arg) for arg in args], prog_name="pymeta")
        said = capsys.readouterr()
        return Said(int(ended.value.code or 0), said.out, said.err)

    return run
