"""The cases that commands take: a case file, or the name of one that comes with pymeta."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pymeta.errors import DataError
from pymeta.resources import shipped

if TYPE_CHECKING:
    from pymeta.validation.case import Case

__all__ = ["CASES", "read_cases", "read_named"]

CASES = ("ketamine", "bcg")


def read_named(case: str, data_dir: Path | None = None) -> Case:
    """The case that comes with pymeta under this name, or the case file of this name; see `read_case`."""
    from pymeta.validation.case import read_case

    if data_dir is not None and not data_dir.is_dir():
        problem = "is not a folder; name the folder that holds the CSV files" if data_dir.exists() else "no such folder"
        raise DataError(f"--data {data_dir}: {problem}")
    path = shipped("fixtures", case, "case.toml") if case in CASES else Path(case)
    if case not in CASES and not path.exists():
        raise DataError(f"{case}: no such case file, and no case of that name comes with pymeta ({', '.join(CASES)})")
    return read_case(path, data_dir=data_dir)


def read_cases(cases: tuple[str, ...]) -> list[Case]:
    """Each of `cases`; every case that comes with pymeta where there are none."""
    return [read_named(case) for case in cases or CASES]
