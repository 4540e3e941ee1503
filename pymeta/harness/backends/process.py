"""A child process that answers bytes with bytes, within a time limit: what every live back end stands on.

The child leads a process group of its own, which is killed as a whole on a time-out, on Ctrl-C, on close and at exit. A
reply on its standard output begins with a line of a mark made for this one process and the reply's length, and ends with
the mark; whatever else it or its own children print there, or on standard error, is noise, of which the tail is kept for
error messages.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from selectors import EVENT_READ, EVENT_WRITE
from typing import IO

from pymeta.errors import BackendError

if sys.platform != "win32":
    import resource

__all__ = ["MEMORY", "LineProcess"]

MEMORY = 4.0
"""GiB of address space that a child may have unless told otherwise."""

_CHUNK = 1 << 16
_TAIL = 4000  # bytes of noise kept
_LOOK_UP = 0.25  # seconds between looks whether the child still lives, should a grandchild hold its pipes open
_GIB = 1 << 30
_STACK = 64 << 20  # bytes of C stack where there is no limit: R knows endless recursion by nearing one
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class _Silent(Exception):
    """The time is up."""


class _Died(Exception):
    """The child has ended."""


class LineProcess:
    """One child process, not restarted once it has ended; for one thread at a time.

    Parameters
    ----------
    command : makes the program and its arguments, of the mark this process is to put before its replies
    what : how error messages call it
    preamble : makes, of the same mark, what is written to its standard input before the first request
    env : what to add to our environment
    memory : GiB of address space that it may have, where the platform can limit another process (Linux); None: no limit
    """

    def __init__(
        self,
        command: Callable[[str], Sequence[str]],
        *,
        what: str,
        preamble: Callable[[str], str] = lambda mark: "",
        env: Mapping[str, str] | None = None,
        memory: float | None = MEMORY,
    ) -> None:
        mark = f"@{secrets.token_hex(8)}@"
        self._what = what
        self._mark = mark.encode()
        self._unsent = memoryview(preamble(mark).encode())
        self._heard = bytearray()
        self._due = 0  # bytes of a reply that has begun
        self._reply: bytes | None = None
        self._noise = b""
        self._owner = os.getpid()
        folder = tempfile.mkdtemp(prefix="pymeta-r-")  # R's temporary files, which a killed R leaves behind
        try:
            self._child = _start(command(mark), {**(env or {}), "TMPDIR": folder})
        except OSError as error:
            shutil.rmtree(folder)
            raise BackendError(f"{what} cannot be started: {command(mark)[0]}: {error.strerror}") from error
        _limit(self._child.pid, memory)
        self._selector = selectors.DefaultSelector()
        self._end = weakref.finalize(self, _end, self._child, folder, self._owner, self._selector)
        self._stdin, self._stdout, self._stderr = _pipes(self._child)
        for pipe in (self._stdin, self._stdout, self._stderr):
            os.set_blocking(pipe.fileno(), False)
        self._selector.register(self._stdout, EVENT_READ, self._receive)
        self._selector.register(self._stderr, EVENT_READ, self._overhear)

    @property
    def pid(self) -> int:
        """The child's process id, which is its group's as well."""
        return self._child.pid

    @property
    def alive(self) -> bool:
        """Whether it can be asked: not ended, and started by this process (a forked copy has to start its own)."""
        return self._end.alive and self._owner == os.getpid() and self._child.poll() is None

    def ask(self, request: bytes, timeout: float) -> bytes:
        """The reply to a request, which is sent after a line with its length.

        Whatever goes wrong ends the process, and a BackendError says what it was.
        """
        try:
            return self._exchange(b"%d\n%b" % (len(request), request), time.monotonic() + timeout)
        except _Silent:
            self.close()
            raise BackendError(f"{self._what} gave no answer within {timeout:g} s and was ended.{self._tail()}") from None
        except _Died:
            self._overhear()
            self.close()
            how = _how_it_ended(self._child.returncode)
            raise BackendError(f"{self._what} ended before it answered ({how}).{self._tail()}") from None
        except BaseException:  # Ctrl-C too: half an exchange cannot be taken up again
            self.close()
            raise

    def close(self) -> None:
        """End the process and all that it started; may be called again."""
        self._end()

    def _exchange(self, request: bytes, deadline: float) -> bytes:
        self._unsent = memoryview(bytes(self._unsent) + request)
        self._reply = None
        if self._send():  # what the pipe does not take at once waits for its turn
            self._selector.register(self._stdin, EVENT_WRITE, self._send)
        while self._reply is None:
            self._step(deadline)
        return self._reply

    def _step(self, deadline: float) -> None:
        """Move what can be moved; raise if the time is up or nobody is there any more."""
        left = deadline - time.monotonic()
        ready = self._selector.select(min(_LOOK_UP, max(0.0, left)))
        for key, _ in ready:
            if not key.data():
                self._selector.unregister(key.fileobj)
        if self._reply is None and left <= 0:
            raise _Silent
        if not ready and self._child.poll() is not None:
            raise _Died

    def _send(self) -> bool:
        """Write some of what is unsent; whether there is more."""
        try:
            self._unsent = self._unsent[self._stdin.write(self._unsent[:_CHUNK]) or 0 :]
        except BrokenPipeError:
            return False  # the child has closed its input, or ended: standard output tells which
        return bool(self._unsent)

    def _receive(self) -> bool:
        """Read some of standard output: replies are taken, noise is kept."""
        chunk = self._stdout.read(_CHUNK)
        if chunk == b"":
            raise _Died
        self._heard += chunk or b""
        while self._reply is None and (self._take_reply() if self._due else self._take_line()):
            pass
        return True

    def _take_line(self) -> bool:
        """Take a line, if there is a whole one: noise, or that which says how long the reply after it is."""
        end = self._heard.find(b"\n")
        if end < 0:
            if len(self._heard) > _CHUNK:  # noise that knows no lines
                self._keep(self._taken(len(self._heard)))
            return False
        line = self._taken(end + 1)
        if line.startswith(self._mark):
            size = line[len(self._mark) : -1]
            self._due = int(size) + len(self._mark) + 1 if size.isdigit() else 0
        else:
            self._keep(line)
        return True

    def _take_reply(self) -> bool:
        """Take the reply, if it is whole, which its mark at the end tells: a child of R may have printed amid it."""
        if len(self._heard) < self._due:
            return False
        framed = self._taken(self._due)
        self._due = 0
        if not framed.endswith(self._mark + b"\n"):
            raise BackendError(f"{self._what} gave a reply with something else amid it.{self._tail()}")
        self._reply = framed[: -len(self._mark) - 1]
        return True

    def _taken(self, count: int) -> bytes:
        taken = bytes(self._heard[:count])
        del self._heard[:count]
        return taken

    def _overhear(self) -> bool:
        """Read some of standard error; whether there may be more."""
        if chunk := self._stderr.read(_CHUNK):
            self._keep(chunk)
        return chunk != b""

    def _keep(self, noise: bytes) -> None:
        if noise.strip():
            self._noise = (self._noise + noise)[-_TAIL:]

    def _tail(self) -> str:
        text = self._noise.decode(errors="replace").strip()
        return f" The last it said:\n{text}" if text else " It said nothing."


def _start(argv: Sequence[str], more: Mapping[str, str]) -> subprocess.Popen[bytes]:
    env = {**os.environ, **dict.fromkeys(_ONE_THREAD, "1"), "LANGUAGE": "en", **more}
    pipe = subprocess.PIPE
    return subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, env=env, start_new_session=True)


def _limit(pid: int, memory: float | None) -> None:
    """Limit a child that has just started; what it starts inherits the limits. Another user's child (sudo) has its own."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError):
        if memory is not None:
            resource.prlimit(pid, resource.RLIMIT_AS, (round(memory * _GIB),) * 2)
        soft, hard = resource.prlimit(pid, resource.RLIMIT_STACK)
        if soft == resource.RLIM_INFINITY:
            resource.prlimit(pid, resource.RLIMIT_STACK, (_STACK, hard))


def _pipes(child: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes], IO[bytes]]:
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    return child.stdin, child.stdout, child.stderr


def _end(child: subprocess.Popen[bytes], folder: str, owner: int, selector: selectors.BaseSelector) -> None:
    selector.close()
    for pipe in _pipes(child):
        with contextlib.suppress(OSError):
            pipe.close()
    if os.getpid() != owner:  # a forked copy has no say over its parent's R
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    shutil.rmtree(folder, ignore_errors=True)


def _how_it_ended(status: int) -> str:
    return f"exit status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"
