"""``pymeta doctor``."""

from __future__ import annotations

import json
import sys

import click

__all__ = ["doctor"]


@click.command(epilog="Exit code: 0 all is well, 1 something is wrong.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, max=600, min_open=True),
    default=20.0,
    show_default=True,
    help="Seconds for each look at R.",
)
def doctor(as_json: bool, timeout: float) -> None:
    """Say what R, metafor and rpy2 are here, what is wrong with them, and the command that mends it."""
    from rich.console import Console

    from pymeta.harness.doctor import diagnose, show

    diagnosis = diagnose(timeout)
    if as_json:
        click.echo(json.dumps(diagnosis.to_dict(), indent=1))
    else:
        show(diagnosis, Console(highlight=False))
    sys.exit(0 if diagnosis.well else 1)
