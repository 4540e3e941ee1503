"""Scripts of every kind run in R under the tracer, and their calls made again on pymeta."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from pymeta.errors import DataError
from pymeta.port.buckets import Replay, ScriptReport
from pymeta.port.records import Trace, read_trace
from pymeta.port.replay import replay_trace
from pymeta.port.sandbox import in_sandbox
from pymeta.port.trace import PATIENCE, stop_all, trace

__all__ = ["Settings", "replay_scripts", "scripts_in"]

_SCRIPTS = (".r", ".rd")
_TRACES = (".jsonl", ".jsonl.gz")
NOT_RUN = "not run"
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True, slots=True)
class Settings:
    """How scripts are run.

    rscript : stands for Rscript; timeout : seconds for one script; package : whose calls are recorded
    sandbox : run in a copy of the script's folder, which is thrown away, with no network
    """

    rscript: str | None = None
    timeout: float = PATIENCE
    package: str = "metafor"
    sandbox: bool = False


def scripts_in(given: Iterable[Path]) -> list[Path]:
    """The scripts, help pages and traces that are meant: files as they are, folders with what lies in and below them."""
    found = [one for path in given for one in ([path] if not path.is_dir() else _within(path))]
    return list(dict.fromkeys(found))


def _within(folder: Path) -> list[Path]:
    inside = sorted(
        path for path in folder.rglob("*") if path.is_file() and path.name.lower().endswith((*_SCRIPTS, *_TRACES))
    )
    if not inside:
        raise DataError(f"{folder}: holds no R script (.R), help page (.Rd) or trace (.jsonl, .jsonl.gz)")
    return inside


def replay_scripts(
    scripts: Sequence[Path],
    settings: Settings | None = None,
    *,
    only: Collection[str] = (),
    jobs: int = 1,
    told: Callable[[ScriptReport], None] = lambda report: None,
) -> Replay:
    """Run each script, several at a time, and make its calls again.

    only : R functions whose calls are reported, by their full or short name; the others are made all the same
    told : is called with each report as it comes. A script that cannot be run is reported as such.
    Raises BackendError where there is no R at all, and OptionError for settings that nobody can meet.
    """
    chosen = settings or Settings()

    def one(path: Path) -> ScriptReport:
        report = _replayed(path, chosen, only)
        told(report)
        return report

    with ThreadPoolExecutor(max(1, jobs)) as pool:
        waiting = [pool.submit(one, path) for path in scripts]
        try:
            return Replay(tuple(future.result() for future in waiting))
        except BaseException:  # Ctrl-C too: those that run are ended, those that wait are not begun
            pool.shutdown(wait=False, cancel_futures=True)
            stop_all()
            raise


def _replayed(path: Path, settings: Settings, only: Collection[str]) -> ScriptReport:
    try:
        found = read_trace(path) if path.name.endswith(_TRACES) else _traced(path, settings)
    except DataError as error:
        return ScriptReport(str(path), NOT_RUN, problem=str(error))
    with _ONE_AT_A_TIME:  # Python's filters of warnings are one for all threads
        return replay_trace(found, only=only, script=str(path))


def _traced(path: Path, settings: Settings) -> Trace:
    if not path.name.lower().endswith(_SCRIPTS):
        raise DataError(f"{path}: neither an R script (.R), nor a help page (.Rd), nor a trace (.jsonl, .jsonl.gz)")
    asked = {"package": settings.package, "rscript": settings.rscript, "timeout": settings.timeout}
    if not settings.sandbox:
        return trace(path, **asked)  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory(prefix="pymeta-sandbox-") as scratch:
        copy, confined = in_sandbox(path, Path(scratch))
        return trace(copy, confined=confined, scratch_in=Path(scratch), **asked)  # type: ignore[arg-type]
