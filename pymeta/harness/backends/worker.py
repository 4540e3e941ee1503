"""The back end `worker`: one plain R process, kept alive and spoken to over its standard input and output."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

from pymeta.errors import BackendError, OptionError
from pymeta.harness.backends.live import LiveReference
from pymeta.harness.backends.process import LineProcess
from pymeta.resources import shipped

__all__ = ["INSTALL_R", "find_rscript", "server_source", "why_no_worker", "worker"]

INSTALL_R = "install R (apt-get install r-base-core r-cran-metafor; `make validate` does it all)"

# The server's code comes in as the first lines of input, since an R in a chroot or on another machine cannot see our files.
_BOOTSTRAP = (
    "requests <- file('stdin', open = 'r'); end <- commandArgs(TRUE)[1L]; code <- character(); "
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


def worker(rscript: str | None = None) -> LiveReference:
    """Start the back end.

    rscript : the command that stands for Rscript, e.g. ``"chroot /srv/r45 Rscript"``; default: the one found on PATH

    Raises BackendError if there is no R, or if it does not start.
    """
    command = shlex.split(rscript) if rscript is not None else [find_rscript() or ""]
    if not command:
        raise OptionError(f"rscript={rscript!r}: holds no command; give e.g. 'chroot /srv/r45 Rscript'")
    if rscript is None and (missing := why_no_worker()):
        raise BackendError(f"worker: {missing}")
    return LiveReference("worker", lambda: _start(command))


def _start(command: list[str]) -> LineProcess:
    return LineProcess(
        lambda mark: [*command, "--vanilla", "-e", _BOOTSTRAP, mark],
        what=f"R ({shlex.join(command)})",
        preamble=lambda mark: f"{server_source()}\n{mark}\n",
    )
