"""The child process of the back end `rpy2`, and the one file that imports rpy2: it answers lines with lines, by embedded R.

Run as ``python -m pymeta.harness.backends.rpy2_child MARK``. Of rpy2 only the lowest layer is used: it hands a string to
the R function `handle` and takes a string back, so that values are converted by our own codec, in R and in the parent.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from pymeta.harness.backends.worker import server_source


def main(mark: str) -> None:
    """Serve requests until the input ends."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)  # what R, its packages and their children print is not part of the protocol
    sys.stdout = sys.stderr
    handle = _embedded_server()
    for line in requests:
        replies.write(f"{mark}{handle(line.decode('ascii'))}\n".encode())
        replies.flush()


def _embedded_server() -> Callable[[str], str]:
    """The R function `handle` of r_reference/server.R, in an R started for it."""
    rinterface: Any = import_module("rpy2.rinterface")  # its annotations are incomplete
    embedded: Any = import_module("rpy2.rinterface_lib.embedded")

    embedded.set_initoptions(("rpy2", "--vanilla", "--quiet"))
    # 0 leaves R its own guard of the C stack, which rpy2 would take away: endless recursion is then an R error, not a crash.
    rinterface.initr(interactive=False, _c_stack_limit=0)
    base = rinterface.baseenv
    code = base["parse"](text=rinterface.StrSexpVector([server_source()]), **{"keep.source": False})
    server = base["new.env"](parent=base)
    base["eval"](code, server)
    serve = server["handle"]
    return lambda request: str(serve(rinterface.StrSexpVector([request]))[0])


if __name__ == "__main__":
    main(sys.argv[1])
