"""`pymeta validate`: a published analysis, pymeta and R side by side."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pymeta.commands.cases import read_named
from pymeta.commands.refusing import refusing
from pymeta.errors import OptionError
from pymeta.files import write_whole

if TYPE_CHECKING:
    from pymeta.validation.run import Report

__all__ = ["validate"]

AGREED, DISAGREED = 0, 1


@click.command(
    epilog="Exit code: 0 everything agrees, 1 something does not or R has not answered, 2 the job could not be run."
)
@click.argument("case", default="ketamine")
@click.option("--data", "data_dir", type=click.Path(path_type=Path), help="Folder with your own CSV files for the case.")
@click.option(
    "--backend",
    type=click.Choice(["auto", "rpy2", "worker", "rscript", "recorded"]),
    default="auto",
    show_default=True,
    help="How R is reached; auto takes the first of the others that is there.",
)
@click.option(
    "--rscript", metavar="CMD", help="For worker and rscript: the command that stands for Rscript, e.g. of another R."
)
@click.option(
    "--recordings",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="For recorded: what `pymeta record --into FOLDER` kept; auto then means recorded.",
)
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
    recordings: Path | None,
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

    with refusing():
        if not math.isfinite(timeout):
            raise OptionError(f"--timeout {timeout}: needs a number of seconds, such as 60")
        targets = _targets(json_file, junit_file, html_file)
        read = read_named(case, data_dir)
        backend = _recorded(recordings, backend, rscript) if recordings else backend
        with open_reference(backend, rscript=rscript, recordings=recordings) as reference:
            report = run(read, reference, timeout=timeout)
        _write(report, targets)
    _show(report, json_to_stdout=json_file == "-", detail=detail)
    sys.exit(AGREED if report.verdict == "agree" else DISAGREED)


def _recorded(recordings: Path, backend: str, rscript: str | None) -> str:
    """The back end that answers from recordings; OptionError where another one is asked for."""
    if backend not in {"auto", "recorded"}:
        raise OptionError(f"--recordings {recordings}: only the back end 'recorded' uses it, not {backend!r}")
    if rscript is not None:
        raise OptionError(f"--recordings {recordings}: recordings ask no R; leave --rscript {rscript} away")
    return "recorded"


def _targets(json_file: str | None, junit_file: str | None, html_file: str | None) -> dict[str, Path]:
    """Where to write what; refused before any work when it cannot be written."""
    files = {"json": json_file, "junit": junit_file, "html": html_file}
    targets = {kind: Path(name) for kind, name in files.items() if name is not None and (kind, name) != ("json", "-")}
    taken: dict[Path, str] = {}
    for kind, path in targets.items():
        problem = _unwritable(path)
        if problem:
            raise OptionError(f"--{kind} {path}: {problem}")
        if path.resolve() in taken:
            raise OptionError(f"--{kind} {path}: --{taken[path.resolve()]} writes to it too; name another file")
        taken[path.resolve()] = kind
    return targets


def _unwritable(path: Path) -> str:
    """Why no report can be written there; "" when it can."""
    if path.name == "-":
        return "only --json writes to standard output; name a file"
    if path.suffix.lower() in (".toml", ".csv"):
        return "a case's own files end so, and would be overwritten; name another file"
    if path.is_dir():
        return "is a folder; name a file in it"
    if path.exists() and not path.is_file():
        return "is a pipe or a device, and would be replaced; name a file"
    if not path.parent.is_dir():
        return "its folder does not exist; name a file in a folder that exists"
    return "" if os.access(path.parent, os.W_OK) else "its folder cannot be written to; name another"


def _write(report: Report, targets: dict[str, Path]) -> None:
    """Render everything, then write it: no file is written when one of them cannot be rendered."""
    from pymeta.validation.report import junit, to_json

    render: dict[str, Callable[[Report], str]] = {"json": to_json, "junit": junit, "html": _html}
    texts = [(kind, path, render[kind](report)) for kind, path in targets.items()]
    for kind, path, text in texts:
        try:
            write_whole(path, text)
        except OSError as error:
            raise OptionError(f"--{kind} {path}: cannot be written ({error.strerror}); name another file") from None


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
        click.echo(to_json(report).encode(), nl=False)  # JSON is UTF-8, whatever the terminal speaks
