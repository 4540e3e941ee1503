"""The back ends with plain R, asked over its standard input and output: `worker` keeps the process, `rscript` does not."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

from pymeta.errors import BackendError, OptionError
from pymeta.harness.backends.live import START_LIMIT, LiveReference
from pymeta.harness.backends.process import MEMORY, LineProcess
from pymeta.resources import shipped

__all__ = ["INSTALL_R", "command_words", "find_rscript", "rscript", "server_source", "why_no_worker", "worker"]

INSTALL_R = "install R (apt-get install r-base-core r-cran-metafor; `make validate` does it all)"

# The server's code comes in as the first lines of input, since an R in a chroot or on another machine cannot see our files.
_BOOTSTRAP = (
    "requests <- file('stdin', open = 'rb'); end <- commandArgs(TRUE)[1L]; code <- character(); "
    "while (!identical(line <- readLines(requests, n = 1L), end)) code <- c(code, line); "
    "server <- new.env(parent = baseenv()); "
    "eval(parse(text = code, keep.source = FALSE, encoding = 'UTF-8'), envir = server); "
    "rm(line, code); server$serve(requests, end)"
)


def server_source() -> str:
    """The R code of the server, both files of it."""
    files = (shipped("r_reference", name) for name in ("codec.R", "server.R"))
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def find_rscript() -> str | None:
    """Rscript on PATH, else in R_HOME; R is not started to find out."""
    home = os.environ.get("R_HOME")
    return shutil.which("Rscript") or (shutil.which("Rscript", path=str(Path(home, "bin"))) if home else None)


def why_no_worker() -> str | None:
    """What is missing for this back end, with the command that mends it."""
    if find_rscript():
        return None
    return f"no Rscript on PATH nor in R_HOME; {INSTALL_R}"


def worker(command: str | None = None, *, memory: float | None = MEMORY, start_limit: float = START_LIMIT) -> LiveReference:
    """Start one R that answers every call.

    command : stands for Rscript, e.g. ``"chroot /srv/r45 Rscript"``; default: the one found on PATH
    memory : GiB of address space that R may have
    start_limit : seconds that R may take to start

    Raises BackendError if there is no R, or if it does not start.
    """
    return _open("worker", command, memory, start_limit, fresh=False)


def rscript(command: str | None = None, *, memory: float | None = MEMORY, start_limit: float = START_LIMIT) -> LiveReference:
    """An R of its own for each call: slow, and proof that no call depends on another; arguments as for `worker`.

    Without a seed, each call has a random stream of its own.
    """
    return _open("rscript", command, memory, start_limit, fresh=True)


def command_words(command: str) -> list[str]:
    """The words of a command that stands for Rscript, as a shell takes it apart; OptionError where there are none."""
    try:
        words = shlex.split(command)
    except ValueError as error:  # "No closing quotation", "No escaped character"
        problem = f"is no command ({str(error).lower()})"
    else:
        problem = "" if words else "holds no command"
    if problem:
        raise OptionError(f"rscript={command!r}: {problem}; give e.g. 'chroot /srv/r45 Rscript'")
    return words


def _open(name: str, command: str | None, memory: float | None, start_limit: float, *, fresh: bool) -> LiveReference:
    words = command_words(command) if command is not None else [find_rscript() or ""]
    if command is None and (missing := why_no_worker()):
        raise BackendError(f"{name}: {missing}")
    return LiveReference(name, lambda: _start(words, memory), fresh=fresh, start_limit=start_limit)


def _start(command: list[str], memory: float | None) -> LineProcess:
    return LineProcess(
        lambda mark: [*command, "--vanilla", "-e", _BOOTSTRAP, mark],
        what=f"R ({shlex.join(command)})",
        preamble=lambda mark: f"{server_source()}\n{mark}\n",
        memory=memory,
    )
