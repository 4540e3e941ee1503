"""The back end `rpy2`: R embedded in a child Python process, so that a crash, a time-out or a fork costs only that child."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.util import find_spec

from pymeta.errors import BackendError
from pymeta.harness.backends.live import LiveReference
from pymeta.harness.backends.process import LineProcess
from pymeta.harness.backends.worker import INSTALL_R

__all__ = ["rpy2", "why_no_rpy2"]

_INSTALL_RPY2 = "pip install 'pymeta-parity[r]' (`make validate` does it all)"


def why_no_rpy2() -> str | None:
    """What is missing for this back end, with the command that mends it; neither R nor rpy2 is started to find out."""
    if shutil.which("R") is None and "R_HOME" not in os.environ:
        return f"no R on PATH and no R_HOME; {INSTALL_R}"
    try:
        found = find_spec("rpy2.rinterface")  # imports at most rpy2/__init__.py, which is nearly empty
    except ModuleNotFoundError:
        found = None
    return None if found else f"the Python package rpy2-rinterface is not installed; {_INSTALL_RPY2}"


def rpy2() -> LiveReference:
    """Start the back end; BackendError if rpy2 or R is missing or does not start."""
    if missing := why_no_rpy2():
        raise BackendError(f"rpy2: {missing}")
    return LiveReference("rpy2", _start)


def _start() -> LineProcess:
    # -P and our own path: the child finds the rpy2 and the pymeta that we would, and nothing in the current folder
    env = {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    if find_spec(
        "_rinterface_cffi_abi"
    ):  # enough for one R call a request, and silent where rpy2 was built without a compiler
        env["RPY2_CFFI_MODE"] = "ABI"
    return LineProcess(
        lambda mark: [sys.executable, "-P", "-m", "pymeta.harness.backends.rpy2_child", mark],
        what="embedded R (rpy2)",
        env=env,
    )
