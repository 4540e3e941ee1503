"""Where the files that come with pymeta are: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

from pymeta.errors import PymetaError

__all__ = ["shipped"]

_PACKAGE = Path(__file__).resolve().parent


def shipped(*parts: str) -> Path:
    """Path of a file or folder that comes with pymeta, e.g. ``shipped("fixtures", "ketamine")``."""
    for root in (_PACKAGE / "_shipped", _PACKAGE.parent):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise PymetaError(f"{'/'.join(parts)}: not in this installation of pymeta; reinstall it (pip install pymeta-parity)")
