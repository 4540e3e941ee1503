"""`pymeta prune`: take out the recordings that nobody uses."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pymeta.commands.refusing import refusing

if TYPE_CHECKING:
    from pymeta.harness.upkeep import Pruning

__all__ = ["prune"]


@click.command(
    epilog="Exit code: 0 nothing is unused, or it was deleted; 1 something is unused; 2 the job could not be run."
)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--used",
    "reports",
    required=True,
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="What `pytest --rref-strict --rref-json FILE` wrote; may be given several times.",
)
@click.option("--delete", is_flag=True, help="Delete them; without it they are only listed.")
def prune(folder: Path, reports: tuple[Path, ...], delete: bool) -> None:
    """List, or delete, the recordings in FOLDER whose calls no test makes, whatever R they are of.

    A FILE counts only if it is of a whole run, in which every test ran and passed. A file that is no valid recording is
    never deleted.
    """
    from pymeta.harness.upkeep import prune as pruned
    from pymeta.harness.upkeep import read_used

    with refusing():
        used = frozenset[str]().union(*map(read_used, reports))
        found = pruned(folder, used, delete=delete)
    _print(found, folder, deleted=delete)
    sys.exit(1 if found.unused and not delete else 0)


def _print(found: Pruning, folder: Path, *, deleted: bool) -> None:
    from rich.console import Console
    from rich.text import Text

    from pymeta.show.text import one_line

    console = Console(highlight=False)
    for path in found.unused:
        console.print(
            Text(f"{'deleted' if deleted else 'unused'}: {one_line(str(path.relative_to(folder)))}"), soft_wrap=True
        )
    for why in found.refused.values():
        console.print(Text(f"left alone: {one_line(why, 300)}", style="yellow"), soft_wrap=True)
    count = f"{len(found.unused)} unused" + (", deleted" if deleted and found.unused else "")
    advice = "; --delete deletes them" if found.unused and not deleted else ""
    console.print(f"{count}, {len(found.refused)} left alone{advice}")
