"""``pymeta port``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pymeta.commands.refusing import refusing

__all__ = ["port"]


@click.command(epilog="Exit code: 0 all is translated, 1 some lines are marked as not translated, 2 it cannot run.")
@click.argument("script", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Where to write; default: standard output."
)
@click.option("--rscript", metavar="COMMAND", help="The command that stands for Rscript.")
@click.option("--check/--no-check", default=True, help="Run the R script under the tracer and report how pymeta agrees.")
def port(script: Path, output: Path | None, rscript: str | None, check: bool) -> None:
    """Write the Python script that does what an R script does.

    What has no translation stays as a comment that quotes the R lines, marked NOT TRANSLATED. With --check the R script is
    run, as a program with all your rights; with --no-check nothing of it is.
    """
    from pymeta.files import write_whole
    from pymeta.port.agreement import agreement
    from pymeta.port.syntax import read_syntax
    from pymeta.port.write import ported

    with refusing():
        if output is not None and output.resolve() == script.resolve():
            raise click.UsageError(f"{output}: this is the R script itself")
        tree = read_syntax(script, rscript)
        made = ported(tree, script.name, agreement(script, rscript) if check else ("Not checked against R.",))
        if output is None:
            click.echo(made.text, nl=False)
        else:
            write_whole(output, made.text)
    for problem in made.problems:
        click.echo(f"{script.name}:{problem.first}: not translated: {problem.why}", err=True)
    if not made.formatted:
        click.echo("not formatted: there is no ruff here (pip install ruff)", err=True)
    sys.exit(1 if made.problems else 0)
