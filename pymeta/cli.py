"""The command `pymeta`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pymeta import __version__
from pymeta.errors import BackendError, DataError, OptionError, PymetaError
from pymeta.files import write_whole
from pymeta.resources import shipped

if TYPE_CHECKING:
    from pymeta.validation.case import Case
    from pymeta.validation.run import Report

__all__ = ["main"]

AGREED, DISAGREED, REFUSED = 0, 1, 2
CASES = ("ketamine", "bcg")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pymeta")
def main() -> None:
    """Meta-analysis in Python, proved number by number against R's metafor."""


@main.command(
    epilog="Exit code: 0 everything agrees, 1 something does not or R has not answered, 2 the job could not be run."
)
@click.argument("case", default="ketamine")
@click.option("--data", "data_dir", type=click.Path(path_type=Path), help="Folder with your own CSV files for the case.")
@click.option(
    "--backend",
    type=click.Choice(["auto", "rpy2", "worker", "recorded"]),
    default="auto",
    show_default=True,
    help="How R is reached; auto takes the first of the others that is there.",
)
@click.option("--rscript", metavar="CMD", help="For the worker: the command that stands for Rscript, e.g. of another R.")
@click.option("--json", "json_file", metavar="FILE|-", help="Write the report as JSON; - is standard output.")
@click.option("--junit", "junit_file", metavar="FILE", help="Write the report as a JUnit file.")
@click.option("--html", "html_file", metavar="FILE", help="Write the report as one HTML file with forest plots.")
@click.option("--detail", is_flag=True, help="Show every quantity and every study, not only one line an outcome.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    help="Seconds for one call of R.",
)
def validate(
    case: str,
    data_dir: Path | None,
    backend: str,
    rscript: str | None,
    json_file: str | None,
    junit_file: str | None,
    html_file: str | None,
    detail: bool,
    timeout: float,
) -> None:
    """Pool a published analysis with pymeta and with metafor, and set both beside the paper.

    CASE is a case file (TOML, with its CSV files beside it) or the name of one that comes with pymeta:
    ketamine (the default) or bcg.
    """
    from pymeta.harness import open_reference
    from pymeta.validation.run import validate as run

    with _refusing():
        targets = _targets(json_file, junit_file, html_file)
        read = _read(case, data_dir)
        with open_reference(backend, rscript=rscript) as reference:
            report = run(read, reference, timeout=timeout)
        _write(report, targets)
    _show(report, json_to_stdout=json_file == "-", detail=detail)
    sys.exit(AGREED if report.verdict == "agree" else DISAGREED)


@main.command()
@click.argument("cases", nargs=-1, metavar="[CASE]...")
@click.option("--backend", type=click.Choice(["auto", "rpy2", "worker"]), default="auto", show_default=True)
@click.option("--rscript", metavar="CMD", help="For the worker: the command that stands for Rscript, e.g. of another R.")
@click.option("--into", type=click.Path(path_type=Path), help="Folder of recordings; default: those that come with pymeta.")
def record(cases: tuple[str, ...], backend: str, rscript: str | None, into: Path | None) -> None:
    """Ask R everything the CASEs ask and keep its answers, for the back end `recorded`.

    CASE is as in `pymeta validate`; the default is every case that comes with pymeta. Refused in CI.
    """
    from pymeta.harness import open_reference
    from pymeta.validation.recordings import record_case

    with _refusing():
        folder = into or shipped("fixtures", "recorded")
        with open_reference(backend, rscript=rscript) as reference:
            if reference.name == "recorded":
                raise BackendError("no R here to record from; `make validate` installs it")
            for case in cases or CASES:
                for path in record_case(_read(case, None), reference, folder):
                    click.echo(path)


def _read(case: str, data_dir: Path | None) -> Case:
    """The case of that name that comes with pymeta, or the case file."""
    from pymeta.validation.case import read_case

    if data_dir is not None and not data_dir.is_dir():
        raise DataError(f"--data {data_dir}: no such folder")
    path = shipped("fixtures", case, "case.toml") if case in CASES else Path(case)
    if case not in CASES and not path.exists():
        raise DataError(f"{case}: no such case file, and no case of that name comes with pymeta ({', '.join(CASES)})")
    return read_case(path, data_dir=data_dir)


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn what pymeta raises on purpose into one sentence and exit code 2."""
    try:
        yield
    except (PymetaError, OSError) as error:
        click.echo(f"pymeta: {error}", err=True)
        sys.exit(REFUSED)


def _targets(json_file: str | None, junit_file: str | None, html_file: str | None) -> dict[str, Path]:
    """Where to write what; refused before any work when it cannot be written."""
    files = {"json": json_file, "junit": junit_file, "html": html_file}
    targets = {kind: Path(name) for kind, name in files.items() if name is not None and (kind, name) != ("json", "-")}
    for kind, path in targets.items():
        if path.is_dir() or not path.parent.is_dir():
            problem = "is a folder" if path.is_dir() else "its folder does not exist"
            raise OptionError(f"--{kind} {path}: {problem}; name a file in a folder that exists")
    return targets


def _write(report: Report, targets: dict[str, Path]) -> None:
    """Render everything, then write it: no file is written when one of them cannot be rendered."""
    from pymeta.validation.report import junit, to_json

    render: dict[str, Callable[[Report], str]] = {"json": to_json, "junit": junit, "html": _html}
    texts = [(path, render[kind](report)) for kind, path in targets.items()]
    for path, text in texts:
        write_whole(path, text)


def _html(report: Report) -> str:
    from pymeta.validation.html import to_html

    return to_html(report)


def _show(report: Report, *, json_to_stdout: bool, detail: bool) -> None:
    """The table on standard output, or on standard error where JSON takes its place."""
    from rich.console import Console

    from pymeta.validation.report import to_json
    from pymeta.validation.terminal import show

    show(report, Console(stderr=json_to_stdout, highlight=False), detail=detail)
    if json_to_stdout:
        click.echo(to_json(report), nl=False)
