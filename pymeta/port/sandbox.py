"""A place to run a script that may do harm: a copy of its folder, and no network."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from pymeta.errors import OptionError

__all__ = ["in_sandbox"]

LARGEST = 512 << 20
"""Bytes of a folder that is copied."""


def in_sandbox(script: Path, scratch: Path) -> tuple[Path, tuple[str, ...]]:
    """A copy of the script in a copy of its folder, and words that go before a command to keep it there.

    With bubblewrap the command writes only into `scratch` and reaches no network; with unshare it reaches no network, and
    what it names by a full path is not protected. Raises OptionError where the system has neither.
    """
    folder = script.resolve().parent
    size = sum(path.lstat().st_size for path in folder.rglob("*"))
    if size > LARGEST:
        raise OptionError(
            f"sandbox: {folder} holds {size >> 20} MB, more than is copied; put the script in a folder of its own"
        )
    copy = scratch / "copy"
    shutil.copytree(folder, copy, symlinks=True)
    return copy / script.name, _walls(scratch)


def _walls(scratch: Path) -> tuple[str, ...]:
    room = str(scratch)
    bubblewrap = ("bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--bind", room, room)
    ways = ((*bubblewrap, "--unshare-net", "--die-with-parent"), ("unshare", "--net"), ("unshare", "--user", "--net"))
    for words in ways:
        if shutil.which(words[0]) and _works(words):
            return words
    raise OptionError(
        "sandbox: this system lets neither bubblewrap nor unshare take the network away; install bubblewrap "
        "(apt-get install bubblewrap, dnf install bubblewrap), or run the script without --sandbox if you trust it"
    )


def _works(words: tuple[str, ...]) -> bool:
    return subprocess.run([*words, "true"], stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0
