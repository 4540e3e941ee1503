"""`pymeta replay`: R scripts, call by call on pymeta."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pymeta.commands.refusing import refusing

if TYPE_CHECKING:
    from rich.console import Console

    from pymeta.port.buckets import Replay

__all__ = ["replay"]

FAIL_ON = ("disagree", "unsupported", "nothing")


@click.command(epilog="Exit code: 0 nothing failed, 1 a call did (see --fail-on), 2 it could not be run.")
@click.argument(
    "scripts", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="SCRIPT|DIR|TRACE…"
)
@click.option("--json", "json_file", metavar="FILE|-", help="Write the report as JSON; - is standard output.")
@click.option("--html", "html_file", metavar="FILE", help="Write the report as one HTML file.")
@click.option("--junit", "junit_file", metavar="FILE", help="Write the report as a JUnit file.")
@click.option("--only", multiple=True, metavar="FUN", help="Report the calls of this R function alone; may be repeated.")
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default="disagree",
    show_default=True,
    help="What makes the exit code 1: numbers that differ and errors of one side; these and what pymeta lacks; nothing.",
)
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=300.0, show_default=True, metavar="SECONDS")
@click.option("-j", "--jobs", type=click.IntRange(min=1), default=None, help="Scripts at a time; default: one a processor.")
@click.option("--rscript", metavar="CMD", help="The command that stands for Rscript.")
@click.option("--package", default="metafor", show_default=True, help="The R package whose calls are recorded.")
@click.option("--sandbox", is_flag=True, help="Run scripts in a copy of their folder and without network, or refuse.")
def replay(
    scripts: tuple[Path, ...],
    json_file: str | None,
    html_file: str | None,
    junit_file: str | None,
    only: tuple[str, ...],
    fail_on: str,
    timeout: float,
    jobs: int | None,
    rscript: str | None,
    package: str,
    sandbox: bool,
) -> None:
    """Run R scripts as they are, make every call of metafor again on pymeta, and set number beside number.

    Scripts are programs: they are run with all your rights. --sandbox keeps them in a copy of their folder, without network.
    Help pages (.Rd), testthat files and traces (.jsonl, .jsonl.gz) will do as well, and folders of all these.
    """
    from rich.console import Console
    from rich.progress import Progress

    from pymeta.files import write_whole
    from pymeta.port import report
    from pymeta.port.runs import Settings, replay_scripts, scripts_in

    failing = () if fail_on == "nothing" else ("disagree",) if fail_on == "disagree" else ("disagree", "unsupported")
    console = Console(stderr=json_file == "-")
    with refusing():
        found = scripts_in(scripts)
        settings = Settings(rscript, timeout, package, sandbox)
        with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
            task = progress.add_task("scripts", total=len(found))
            done = replay_scripts(
                found, settings, only=only, jobs=jobs or os.cpu_count() or 1, told=lambda _: progress.advance(task)
            )
        written = ((html_file, report.to_html), (junit_file, lambda one: report.to_junit(one, failing)))
        for name, made in written:
            if name is not None:
                write_whole(Path(name), made(done))
        if json_file == "-":
            click.echo(report.to_json(done), nl=False)
        elif json_file is not None:
            write_whole(Path(json_file), report.to_json(done))
    _show(done, console)
    not_run = [script for script in done.scripts if script.status == "not run"]
    sys.exit(2 if len(not_run) == len(done.scripts) else 1 if done.fails(failing) or not_run else 0)


def _show(done: Replay, console: Console) -> None:
    """Scripts that did not come to their end, what failed, and how many calls there are of each function and bucket."""
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Column, Table

    from pymeta.port.buckets import BUCKETS, FAILED
    from pymeta.show.text import clean

    def said(text: str) -> str:
        return escape(clean(text))

    for script in done.scripts:
        if script.status != "done":
            console.print(
                f"[bold]{said(script.script)}[/]: {script.status}" + (f": {said(script.problem)}" if script.problem else "")
            )
        for call in script.calls:
            if call.bucket in FAILED:
                console.print(f"[bold red]{call.bucket}[/] {said(script.script)}:{call.line or '?'} {said(call.text)}")
                console.print(f"    {said(call.reason)}")
    met = [bucket for bucket in reversed(list(BUCKETS)) if done.totals[bucket]]
    heads = [name.replace("_", "\n") for name in met]
    table = Table(Column("function", no_wrap=True), *heads, "calls", box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for column in table.columns[1:]:
        column.justify = "right"
    rows = [*done.by_function.items(), ("all", done.totals)]
    for fun, counts in rows:
        table.add_row(
            said(fun), *[str(counts[name] or "") for name in met], str(counts["calls"]), end_section=fun == rows[-2:][0][0]
        )
    console.print(table)
    for feature, calls in done.unsupported[:10]:
        console.print(f"not supported, {calls} call{'s' * (calls != 1)}: {said(feature)}")
    if len(done.unsupported) > 10:
        console.print(f"… and {len(done.unsupported) - 10} more features")
