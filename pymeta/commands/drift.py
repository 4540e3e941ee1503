"""`pymeta drift`: the same cases on two references."""

from __future__ import annotations

import json
import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pymeta.commands.cases import read_cases
from pymeta.commands.refusing import refusing
from pymeta.errors import OptionError

if TYPE_CHECKING:
    from pymeta.harness import Reference
    from pymeta.validation.drift import Move

__all__ = ["drift"]


@click.command(epilog="Exit code: 0 nothing moved, 1 something did, 2 the job could not be run.")
@click.argument("cases", nargs=-1, metavar="[CASE]...")
@click.option("--a", "first", required=True, metavar="REF", help="The reference to start from.")
@click.option("--b", "second", required=True, metavar="REF", help="The one to compare with it.")
@click.option(
    "--recordings",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help='Where "recorded" looks: what `pymeta record --into FOLDER` kept; default: those that come with pymeta.',
)
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=60.0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print what moved as JSON.")
def drift(cases: tuple[str, ...], first: str, second: str, recordings: Path | None, timeout: float, as_json: bool) -> None:
    """List every quantity that moved from one R, or one version of a package, to another.

    CASE is as in `pymeta validate`; the default is every case that comes with pymeta. REF is a back end ("rpy2", "worker",
    "recorded"), "worker:CMD" for another R such as "worker:chroot DIR Rscript", or "recorded:ENVIRONMENT" for one of the
    recorded environments, such as "recorded:R-4.2.2_metadat-1.2.0_metafor-3.8.1".
    """
    from pymeta.harness import read_divergences
    from pymeta.resources import shipped
    from pymeta.validation.drift import drift as moved

    with refusing():
        if recordings and not any(reference.startswith("recorded") for reference in (first, second)):
            raise OptionError(f"--recordings {recordings}: neither --a nor --b is 'recorded'")
        known = read_divergences(shipped("fixtures", "divergences.toml"))
        folder = recordings or shipped("fixtures", "recorded")
        with _reference(first, folder) as a, _reference(second, folder) as b:
            moves = list(moved(read_cases(cases), a, b, known=known, timeout=timeout))
    _print_json(moves) if as_json else _print(moves)
    sys.exit(1 if moves else 0)


def _reference(spec: str, recordings: Path) -> Reference:
    from pymeta.harness import RecordedReference, open_reference

    backend, _, detail = spec.partition(":")
    if backend == "recorded":
        return RecordedReference(recordings, detail)
    return open_reference(backend, rscript=detail or None)


def _print(moves: list[Move]) -> None:
    """Grouped by cause; what no entry of divergences.toml explains comes first."""

    def cause_of(move: Move) -> str:
        return move.cause

    for cause, group in groupby(sorted(moves, key=cause_of), key=cause_of):
        click.echo(cause or "no entry in divergences.toml:")
        for move in group:
            digits = f"{max(move.digits, 0.0):.1f} digits in common"
            click.echo(f"  {move.case}  {move.quantity}: {move.a} -> {move.b} ({digits})")
    click.echo(f"{len(moves)} quantities moved" if moves else "nothing moved")


def _print_json(moves: list[Move]) -> None:
    rows = [{name: getattr(move, name) for name in move.__slots__} for move in moves]
    click.echo(json.dumps([{**row, "digits": max(row["digits"], 0.0)} for row in rows], indent=2, ensure_ascii=False))
