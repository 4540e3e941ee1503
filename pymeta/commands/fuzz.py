"""`pymeta fuzz`: pymeta and R on data drawn at random."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pymeta.commands.refusing import refusing

if TYPE_CHECKING:
    from pymeta.harness import Finding, Reference, Target

__all__ = ["fuzz"]


@click.command(epilog="Exit code: 0 nothing found, 1 a disagreement, 2 the job could not be run.")
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("--list", "listing", is_flag=True, help="List the targets and end.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0.1),
    default=30.0,
    show_default=True,
    help="For each target, and at most 5 more to shrink what is found late.",
)
@click.option("--rscript", metavar="CMD", help="The command that stands for Rscript, e.g. of another R.")
@click.option(
    "--database",
    type=click.Path(path_type=Path),
    default=Path(".pymeta-fuzz"),
    show_default=True,
    help="Folder of past failures, tried first, and of the reproducer pairs.",
)
def fuzz(targets: tuple[str, ...], listing: bool, seconds: float, rscript: str | None, database: Path) -> None:
    """Draw data at random, give them to pymeta and to R, and shrink what they disagree on to the smallest data.

    TARGET is a measure with a method, such as RR-DL; the default is every one. What is found is written as a pair of
    files, case.R and case.py, that shows the disagreement alone.
    """
    from pymeta.errors import no_such
    from pymeta.harness import open_reference
    from pymeta.validation.targets import TARGETS

    if listing:
        click.echo("\n".join(TARGETS))
        return
    found = 0
    with refusing():
        for name in targets:
            if name not in TARGETS:
                raise no_such("TARGET", name, TARGETS, what="target")
        with open_reference("worker", rscript=rscript) as reference:
            for name in targets or TARGETS:
                found += _fuzzed(TARGETS[name], reference, seconds, database)
    sys.exit(1 if found else 0)


def _fuzzed(target: Target, reference: Reference, seconds: float, database: Path) -> bool:
    """Fuzz one target with a progress bar; True when something was found."""
    from rich.console import Console
    from rich.progress import Progress

    from pymeta.harness import fuzz as search

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(target.name, total=seconds)

        def progress(examples: int, elapsed: float) -> None:
            bar.update(task, completed=elapsed, description=f"{target.name}: {examples} compared")

        finding, examples = search(target, reference, seconds=seconds, database=database / "examples", progress=progress)
    click.echo(f"{target.name}: {examples} compared, " + ("a disagreement" if finding else "no disagreement"))
    if finding is not None:
        _show(finding, database / target.name)
    return finding is not None


def _show(finding: Finding, folder: Path) -> None:
    from pymeta.harness.mismatch import comparison_text
    from pymeta.harness.reproducer import write_pair

    click.echo(f"data: {finding.data}")
    click.echo(comparison_text(finding.agreement, title=finding.comparison.name, r_says=[]))
    click.echo(f"reproduce it with {write_pair(finding.comparison, folder)}/case.R and case.py")
