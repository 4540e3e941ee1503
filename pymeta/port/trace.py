"""Run an R script under the tracer (r_reference/trace.R), and read what it asked of a package.

The script is a program and is run as one, in its own folder, with the rights of whoever asks for it.
"""

from __future__ import annotations

import gzip
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from pymeta.errors import BackendError, DataError, OptionError
from pymeta.files import write_whole
from pymeta.harness.backends.worker import command_words, find_rscript, why_no_worker
from pymeta.port.records import Trace, TracedCall, read_trace
from pymeta.resources import shipped

__all__ = ["Run", "Trace", "TracedCall", "read_trace", "run_script", "stop_all", "trace"]

PATIENCE = 300.0
_TESTS = re.compile(r"^\s*(?:testthat::)?(?:test_that|describe|expect_\w+)\s*\(", re.MULTILINE)
_EXAMPLES = (
    "asked <- commandArgs(TRUE); "
    "tools::Rd2ex(asked[1L], asked[2L], commentDontrun = FALSE, commentDonttest = FALSE, fragment = FALSE)"
)
_PACKAGE = re.compile(r"[A-Za-z][A-Za-z0-9.]*")


@dataclass(frozen=True, slots=True)
class Run:
    """How a run of a script ended; `exit_code` is None where it was stopped for taking too long."""

    exit_code: int | None
    stdout: str
    stderr: str


def trace(
    script: str | Path,
    *,
    package: str = "metafor",
    rscript: str | None = None,
    timeout: float = PATIENCE,
    folder: str | Path | None = None,
    to: str | Path | None = None,
    confined: Sequence[str] = (),
    scratch_in: Path | None = None,
) -> Trace:
    """Run a script under the tracer; a plain script, a testthat file, or the examples of a help page (.Rd).

    package : whose calls are recorded
    rscript : stands for Rscript; must see this machine's files
    timeout : seconds after which the script is stopped; what ran until then is kept
    folder : where it runs; default: the script's own folder
    to : a file that the trace is written to, compressed where its name ends in .gz; whole or not at all
    confined : words that go before the command and keep it from doing harm; scratch_in : where it may write; see `sandbox`

    Raises BackendError where there is no R, DataError where there is no such script. What is wrong with the script itself
    is told by the trace's `status`.
    """
    path = _existing(script)
    if not _PACKAGE.fullmatch(package):
        raise OptionError(f"package={package!r}: no name of an R package")
    with tempfile.TemporaryDirectory(prefix="pymeta-trace-", dir=scratch_in) as scratch:
        record = Path(scratch, "trace.jsonl")
        tracer = _tracer(record, package) | ({"TMPDIR": scratch} if confined else {})
        run = _run(path, package, tracer, [*confined, *_words(rscript)], timeout, folder, Path(scratch))
        found = read_trace(record) if record.exists() else Trace("died", {}, (), {})
        if to is not None:
            _keep(record, Path(to), ended=run.exit_code is not None)
    status = "timed out" if run.exit_code is None else found.status
    return replace(found, status=status, script=path.name, exit_code=run.exit_code, stdout=run.stdout, stderr=run.stderr)


def run_script(
    script: str | Path,
    *,
    package: str = "metafor",
    rscript: str | None = None,
    timeout: float = PATIENCE,
    folder: str | Path | None = None,
) -> Run:
    """Run a script as `trace` does, without the tracer."""
    with tempfile.TemporaryDirectory(prefix="pymeta-trace-") as scratch:
        return _run(_existing(script), package, {}, _words(rscript), timeout, folder, Path(scratch))


def _existing(script: str | Path) -> Path:
    path = Path(script).resolve()
    if not path.is_file():
        raise DataError(f"{script}: no such script")
    return path


def _tracer(record: Path, package: str) -> dict[str, str]:
    return {
        "PYMETA_TRACE": str(record),
        "PYMETA_TRACE_PACKAGE": package,
        "PYMETA_TRACE_PROFILE": os.environ.get("R_PROFILE_USER", ""),
        "R_PROFILE_USER": str(shipped("r_reference", "trace.R")),
    }


def _keep(record: Path, to: Path, *, ended: bool) -> None:
    content = record.read_bytes() if record.exists() else b""
    if not ended:  # R was stopped, and could not say so; nor end the line it was writing
        content = content[: content.rfind(b"\n") + 1] + b'{"t":"end","status":"timed out","overhead":null}\n'
    write_whole(to, gzip.compress(content, mtime=0) if to.suffix == ".gz" else content)


def _run(
    path: Path,
    package: str,
    tracer: Mapping[str, str],
    words: list[str],
    timeout: float,
    folder: str | Path | None,
    scratch: Path,
) -> Run:
    named = path.name
    where = Path(folder) if folder is not None else path.parent
    if path.suffix.lower() == ".rd":
        path = _examples(words, path, package, scratch)
        where = Path(folder) if folder is not None else scratch
    tracer = {**tracer, "PYMETA_TRACE_SCRIPT": named} if tracer else tracer
    given = path.name if path.parent == where.resolve() else str(path)
    if path.suffix.lower() == ".r" and _TESTS.search(path.read_text(encoding="utf-8", errors="replace")):
        return _rscript([*words, str(shipped("r_reference", "testthat.R")), given], {**tracer, **_DRIVEN}, where, timeout)
    return _rscript([*words, given], tracer, where, timeout)


_DRIVEN = {"PYMETA_TRACE_DRIVEN": "1"}


def _words(rscript: str | None) -> list[str]:
    if rscript is not None:
        return command_words(rscript)
    if missing := why_no_worker():
        raise BackendError(f"trace: {missing}")
    return [str(find_rscript())]


def _examples(words: list[str], page: Path, package: str, scratch: Path) -> Path:
    """The examples of a help page as a script, which begins with loading the package; without examples that is all."""
    made = scratch / f"{page.stem}.R"
    done = _rscript([*words, "--vanilla", "-e", _EXAMPLES, str(page), str(made)], {}, scratch, PATIENCE)
    if done.exit_code != 0:
        raise DataError(f"{page}: R cannot read this help page: {done.stderr.strip()[-500:]}")
    examples = made.read_text(encoding="utf-8") if made.exists() else ""
    made.write_text(f"library({package})\n{examples}", encoding="utf-8")
    return made


def _rscript(command: list[str], extra: Mapping[str, str], where: Path, timeout: float) -> Run:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            child = subprocess.Popen(
                command,
                cwd=where,
                env={**os.environ, **extra},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        except OSError as error:
            raise BackendError(f"trace: {command[0]} does not start ({error})") from error
        _RUNNING.add(child)
        try:
            code = _ended(child, timeout)
        finally:
            _RUNNING.discard(child)
        return Run(code, _text(out), _text(err))


_RUNNING: set[subprocess.Popen[bytes]] = set()


def stop_all() -> None:
    """End every script that is running, as Ctrl-C does: they have sessions of their own, and do not hear of it."""
    for child in list(_RUNNING):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)


def _ended(child: subprocess.Popen[bytes], timeout: float) -> int | None:
    """The exit status; the script and what it started are ended in any case."""
    try:
        return child.wait(timeout)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", errors="replace")
