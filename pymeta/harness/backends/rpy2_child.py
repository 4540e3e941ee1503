"""The one file that imports rpy2: the child process of that back end, which answers bytes with bytes, by embedded R.

Run as ``python -m pymeta.harness.backends.rpy2_child MARK``. Of rpy2 only the lowest layer is used: it hands bytes to
the R function `handle` and takes text back, so that values are converted by our own codec, in R and in the parent.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cache
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
    handle, tidy = _embedded_server("handle"), _embedded_server("tidy")
    for size in requests:
        reply = handle(requests.read(int(size)))
        replies.write(b"%b%d\n%b%b\n" % (mark.encode(), len(reply), reply, mark.encode()))
        replies.flush()
        tidy()


def embedded_guest() -> Callable[[bytes, float], bytes]:
    """The same within a process that is not ours: a request and the seconds it may take -> the reply."""
    _embedded_server("be_guest")()
    return _embedded_server("handle_within")


@cache
def _server() -> Any:
    """The R environment with the functions of r_reference/server.R, in an R started for it or found running."""
    rinterface: Any = import_module("rpy2.rinterface")  # its annotations are incomplete
    embedded: Any = import_module("rpy2.rinterface_lib.embedded")

    if not embedded.isinitialized():
        embedded.set_initoptions(("rpy2", "--vanilla", "--quiet"))
        # 0 leaves R its own guard of the C stack, which rpy2 would take away: endless recursion is then no crash.
        rinterface.initr(interactive=False, _c_stack_limit=0)
    base = rinterface.baseenv
    code = base["parse"](text=rinterface.StrSexpVector([server_source()]), **{"keep.source": False})
    server = base["new.env"](parent=base)
    base["eval"](code, server)
    return server


def _embedded_server(name: str) -> Callable[..., bytes]:
    """A function of the server, which takes bytes or numbers and gives bytes."""
    rinterface: Any = import_module("rpy2.rinterface")
    serve = _server()[name]

    def ask(*args: bytes | float) -> bytes:
        vectors = [
            rinterface.ByteSexpVector(arg) if isinstance(arg, bytes) else rinterface.FloatSexpVector([arg]) for arg in args
        ]
        return str(serve(*vectors)[0]).encode()

    return ask


if __name__ == "__main__":
    main(sys.argv[1])
