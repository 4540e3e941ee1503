"""The command `pymeta`: which commands there are. Each is loaded when it is called."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

import click

from pymeta import __version__

__all__ = ["COMMANDS", "main"]

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        name: f"pymeta.commands.{name}"
        for name in ("validate", "record", "doctor", "verify", "prune", "drift", "fuzz", "port", "replay")
    }
)
"""Command -> the module that holds it, under the same name."""


class _Commands(click.Group):
    """A group that imports a command's module only when the command is called, or all are listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(COMMANDS[cmd_name]), cmd_name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pymeta")
def main() -> None:
    """Meta-analysis in Python, proved number by number against R's metafor."""
    for stream in (sys.stdout, sys.stderr):  # a pipe on Windows or in a C locale lacks τ and –: a sign for them will do
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
