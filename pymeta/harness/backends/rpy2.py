"""The back end `rpy2`: R embedded in Python; in a child process, so that a crash or a time-out costs only that child.

On request R runs in this very process (`rpy2_inside`), for who needs its objects beside the answers: then nothing protects
Python from R.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from functools import cache
from importlib.util import find_spec

from pymeta.errors import BackendError
from pymeta.harness.backends.live import START_LIMIT, LiveReference
from pymeta.harness.backends.process import MEMORY, LineProcess
from pymeta.harness.backends.worker import INSTALL_R

__all__ = ["installed", "rpy2", "rpy2_inside", "why_no_rpy2"]

_INSTALL_RPY2 = "pip install 'pymeta-parity[r]' (`make validate` does it all)"


def installed() -> bool:
    """Whether the Python package is there, whatever it is worth."""
    try:
        return find_spec("rpy2.rinterface") is not None  # imports at most rpy2/__init__.py, which is nearly empty
    except ModuleNotFoundError:
        return False


def why_no_rpy2() -> str | None:
    """What is missing for this back end, with the command that mends it; neither R nor rpy2 is started to find out."""
    if shutil.which("R") is None and "R_HOME" not in os.environ:
        return f"no R on PATH and no R_HOME; {INSTALL_R}"
    return None if installed() else f"the Python package rpy2-rinterface is not installed; {_INSTALL_RPY2}"


def rpy2(*, memory: float | None = MEMORY, start_limit: float = START_LIMIT) -> LiveReference:
    """Start the back end; BackendError if rpy2 or R is missing or does not start.

    memory : GiB of address space that the child may have
    start_limit : seconds that it may take to start
    """
    _demand()
    return LiveReference("rpy2", lambda: _start(memory), start_limit=start_limit)


def rpy2_inside() -> LiveReference:
    """R within this Python process. A process has one R, which lives as long as it: all references made here share it.

    It serves only the thread that opened it first. A time limit stops R code, but no compiled code; memory has no limit; a
    crash of R ends Python. R prints where rpy2 lets it print, and shares the environment variables and the folder with
    Python.
    """
    _demand()
    return LiveReference(
        "rpy2 in-process", _inside, note="R runs within this Python process: nothing protects one from the other"
    )


def _demand() -> None:
    if missing := why_no_rpy2():
        raise BackendError(f"rpy2: {missing}")


@cache
def _inside() -> _Inside:
    return _Inside()


class _Inside:
    """The one R in this process, as a server of `LiveReference`."""

    def __init__(self) -> None:
        from pymeta.harness.backends.rpy2_child import embedded_guest

        self._thread = threading.current_thread()
        os.environ.update(_abi())
        try:
            self._handle = embedded_guest()
        except Exception as error:  # whatever rpy2 raises when it does not fit this R
            raise BackendError(f"rpy2: R does not start in this process: {error}; `pymeta doctor` says why") from error
        self.pid = os.getpid()

    @property
    def alive(self) -> bool:
        """As long as this process; a forked copy of it must leave R alone."""
        return True

    def ask(self, request: bytes, timeout: float) -> bytes:
        """The reply to one serialized list."""
        if threading.current_thread() is not self._thread or os.getpid() != self.pid:
            raise BackendError(
                f"R in this process answers only the thread that started it ({self._thread.name}); use 'rpy2'"
            )
        return self._handle(request, timeout)

    def close(self) -> None:
        """An R within Python cannot be ended."""


def _start(memory: float | None) -> LineProcess:
    # -P and our own path: the child finds the rpy2 and the pymeta that we would, and nothing in the current folder
    env = {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    return LineProcess(
        lambda mark: [sys.executable, "-P", "-m", "pymeta.harness.backends.rpy2_child", mark],
        what="embedded R (rpy2)",
        env=env | _abi(),
        memory=memory,
    )


def _abi() -> dict[str, str]:
    """The mode in which rpy2 calls R: fast enough, and silent where rpy2 was built without a compiler."""
    return {"RPY2_CFFI_MODE": "ABI"} if find_spec("_rinterface_cffi_abi") else {}
