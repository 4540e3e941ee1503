"""How a command says no: one sentence, and exit code 2."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from pymeta.errors import PymetaError

__all__ = ["REFUSED", "refusing"]

REFUSED = 2


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what pymeta raises on purpose, and what the file system refuses, into one sentence and exit code 2."""
    try:
        yield
    except (PymetaError, OSError) as error:
        from pymeta.show.text import clean

        lines = [clean(line) for line in f"pymeta: {error}".splitlines()]  # paths and R's own words are other people's
        click.echo("\n".join(lines), err=True)
        sys.exit(REFUSED)
