"""`pymeta record`: keep what R says."""

from __future__ import annotations

from pathlib import Path

import click

from pymeta.commands.cases import read_cases
from pymeta.commands.refusing import refusing
from pymeta.errors import BackendError
from pymeta.resources import shipped

__all__ = ["record"]


@click.command()
@click.argument("cases", nargs=-1, metavar="[CASE]...")
@click.option("--backend", type=click.Choice(["auto", "rpy2", "worker", "rscript"]), default="auto", show_default=True)
@click.option(
    "--rscript", metavar="CMD", help="For worker and rscript: the command that stands for Rscript, e.g. of another R."
)
@click.option("--into", type=click.Path(path_type=Path), help="Folder of recordings; default: those that come with pymeta.")
def record(cases: tuple[str, ...], backend: str, rscript: str | None, into: Path | None) -> None:
    """Ask R everything the CASEs ask and keep its answers, for the back end `recorded`.

    CASE is as in `pymeta validate`; the default is every case that comes with pymeta. Refused in CI.
    """
    from pymeta.harness import open_reference
    from pymeta.validation.recordings import record_case

    with refusing():
        folder = into or shipped("fixtures", "recorded")
        with open_reference(backend, rscript=rscript) as reference:
            if reference.name == "recorded":
                raise BackendError("no R here to record from; `make validate` installs it")
            for case in read_cases(cases):
                for path in record_case(case, reference, folder):
                    click.echo(path)
