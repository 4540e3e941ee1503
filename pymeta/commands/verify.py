"""`pymeta verify`: does R still say what was recorded."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pymeta.commands.refusing import refusing

if TYPE_CHECKING:
    from pymeta.harness.upkeep import Verification

__all__ = ["verify"]

SAME, DIFFERENT = 0, 1


@click.command(
    epilog="Exit code: 0 R says what was recorded, 1 it does not, or nothing recorded is of its versions, 2 the job could "
    "not be run."
)
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--backend", default="auto", show_default=True, help="How R is reached: auto, rpy2, worker ...")
@click.option("--rscript", metavar="CMD", help="For the worker: the command that stands for Rscript, e.g. of another R.")
@click.option(
    "--root",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Folder adapters are named from; default: the current one.",
)
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), default=60.0, show_default=True, help="Seconds a call."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def verify(folder: Path | None, backend: str, rscript: str | None, root: Path, timeout: float, as_json: bool) -> None:
    """Make every recorded call again that R has the versions for, and list where its answer differs.

    FOLDER holds the recordings; the default is those that come with pymeta. Numbers must share 12 digits.
    """
    from pymeta.errors import BackendError
    from pymeta.harness import environments, open_reference
    from pymeta.harness.upkeep import verify_matching
    from pymeta.resources import shipped

    with refusing():
        folder = folder or shipped("fixtures", "recorded")
        if not environments(folder):
            raise BackendError(f"{folder}: holds no recordings")
        with open_reference(backend, rscript=rscript) as live:
            if live.name == "recorded":
                raise BackendError("recordings are verified with live R, and there is none here; `pymeta doctor` says more")
            found = verify_matching(folder, live, root=root, timeout=timeout)
    click.echo(json.dumps(found.to_dict(), indent=2)) if as_json else _print(found)
    sys.exit(SAME if found.ok else DIFFERENT)


def _print(found: Verification) -> None:
    from rich.console import Console
    from rich.text import Text

    from pymeta.show.text import one_line

    console = Console(highlight=False)
    for change in found.differences:
        name = change.recording.name if change.recording else ""
        console.print(Text(f"{name}: {one_line(str(change), 300)}", style="red"), soft_wrap=True)
    for why, count in Counter(found.left_out.values()).most_common():
        console.print(Text(f"left out: {count} with {one_line(why)}", style="dim"), soft_wrap=True)
    differing = len({change.recording for change in found.differences})
    console.print(f"{len(found.verified)} made again, {differing} differ, {len(found.left_out)} left out")
