"""The pytest plugin: options, fixture, marker and summary. The work is in `pymeta.harness.session`, imported when used."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pymeta.harness.session import Checker, Mark, Session
    from pymeta.harness.tally import Check, Tally

__all__ = ["rref"]

_SESSION = pytest.StashKey["Session"]()
_CHECKER = pytest.StashKey["Checker"]()

# options that leave tests out, by their names inside pytest
_SELECTIVE = ("keyword", "markexpr", "deselect", "lf", "ignore", "ignore_glob")
_MODES = ("replay", "live", "verify", "record")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("rref", "comparison with R (pymeta)")
    group.addoption("--rref", choices=_MODES, help="replay recordings (default), ask live R, verify, or record.")
    group.addoption("--rref-backend", metavar="NAME", help="How live R is reached; default: auto.")
    group.addoption("--rref-rscript", metavar="CMD", help="The command that stands for Rscript, e.g. of another R.")
    group.addoption("--rref-require", action="store_true", help="Without R, fail instead of skipping.")
    group.addoption("--rref-strict", action="store_true", help="Fail when a recording, or a known difference, is unused.")
    group.addoption("--rref-timeout", type=_seconds, default=60.0, metavar="S", help="Seconds for one call of R.")
    group.addoption("--rref-html", metavar="FILE", help="Write the comparisons as one HTML file.")
    group.addoption("--rref-json", metavar="FILE", help="Write the comparisons, and the recordings used, as JSON.")
    parser.addini("rref_recordings", "Folder of recordings; default: fixtures/recorded if it is there, else tests/recorded.")
    parser.addini("rref_environment", "Which recorded environment a replay answers from; default: the newest.")
    parser.addini("rref_divergences", "File of known differences; default: divergences.toml beside the recordings' folder.")


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise ValueError(f"{text} is not a time")
    return seconds


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and refuse options that contradict each other."""
    config.addinivalue_line(
        "markers", "rref(package, known): a range of versions of an R package, a known difference that must be met"
    )
    live_only = [name for name in ("--rref-backend", "--rref-rscript") if config.getoption(name) is not None]
    if live_only and _mode(config) == "replay":
        raise pytest.UsageError(f"{live_only[0]} needs --rref=live, verify or record: a replay asks no R")
    if _mode(config) == "record" and os.environ.get("CI"):
        raise pytest.UsageError("--rref=record is refused in CI (the environment variable CI is set)")
    if live_only:
        _refuse_unknown_backend(config)
    _refuse_unwritable(config)
    if not hasattr(config, "workerinput"):  # a worker of pytest-xdist reports to its controller, which does all this
        config.pluginmanager.register(_Collector(config), "rref-collector")


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the R that tests used."""
    if _SESSION in config.stash:
        config.stash[_SESSION].close()


def _refuse_unknown_backend(config: pytest.Config) -> None:
    from pymeta.errors import OptionError, no_such
    from pymeta.harness.backends.open import BACKENDS
    from pymeta.harness.backends.worker import command_words

    allowed = ["auto", *(name for name in BACKENDS if name != "recorded")]
    backend = config.getoption("--rref-backend") or "auto"
    if backend not in allowed:
        raise pytest.UsageError(str(no_such("--rref-backend", backend, allowed, what="live back end")))
    command = config.getoption("--rref-rscript")
    if command is None:
        return
    if backend not in {"auto", "worker"}:
        raise pytest.UsageError(f"--rref-rscript: only the back end 'worker' uses it, not {backend!r}")
    try:
        command_words(command)
    except OptionError as error:
        raise pytest.UsageError(f"--rref-{error}") from None


def _refuse_unwritable(config: pytest.Config) -> None:
    """Refuse files that cannot be written before the tests run, not after."""
    for name in ("--rref-json", "--rref-html"):
        given = config.getoption(name)
        path = config.invocation_params.dir / given if given else None
        if path and (path.is_dir() or not path.parent.is_dir()):
            raise pytest.UsageError(f"{name}={given}: name a file in a folder that exists")


def _mode(config: pytest.Config) -> str:
    return str(config.getoption("--rref") or "replay")


@pytest.fixture
def rref(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Checker:
    """Compares what Python says with what R says: ``rref.check(call, python, rules)``."""
    from pymeta.harness.session import Checker

    with _failing():
        session = _session(request.config, tmp_path_factory)
        why = session.why_not(_marks(request.node))
    if why:
        pytest.skip(why)
    checker = Checker(session, request.node.nodeid, request.node.nodeid.partition("::")[2])
    request.node.stash[_CHECKER] = checker
    return checker


@contextmanager
def _failing() -> Iterator[None]:
    """Turn what pymeta raises on purpose into a failure of that text, without a traceback."""
    from pymeta.errors import PymetaError

    try:
        yield
    except PymetaError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


def _session(config: pytest.Config, tmp: pytest.TempPathFactory) -> Session:
    """The one session of this process, made when first asked for."""
    from pymeta.harness.session import Session, Settings

    if _SESSION not in config.stash:
        recordings = _recordings(config)
        config.stash[_SESSION] = Session(
            Settings(
                mode=_mode(config),
                backend=config.getoption("--rref-backend") or "auto",
                rscript=config.getoption("--rref-rscript"),
                require=config.getoption("--rref-require"),
                timeout=config.getoption("--rref-timeout"),
                recordings=recordings,
                environment=config.getini("rref_environment"),
                root=config.rootpath,
                divergences=_divergences(config, recordings),
                failures=lambda: tmp.getbasetemp() / ".rref-failures",
            )
        )
    return config.stash[_SESSION]


def _recordings(config: pytest.Config) -> Path:
    given = config.getini("rref_recordings")
    usual = config.rootpath / "fixtures" / "recorded"
    return config.rootpath / given if given else usual if usual.is_dir() else config.rootpath / "tests" / "recorded"


def _divergences(config: pytest.Config, recordings: Path) -> Path | None:
    given = config.getini("rref_divergences")
    path = config.rootpath / given if given else recordings.parent / "divergences.toml"
    return path if given or path.exists() else None


def _marks(item: pytest.Item) -> list[Mark]:
    from pymeta.harness.session import Mark

    return [Mark.read(mark.args, mark.kwargs) for mark in item.iter_markers("rref")]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Fail a test whose marker says what it then does not do."""
    yield
    if item.get_closest_marker("rref") is None:
        return
    checker = item.stash.get(_CHECKER, None)
    if checker is None:
        pytest.fail("marked `rref` without using the fixture `rref`: the marker does nothing", pytrace=False)
    unmet = checker.unmet(_marks(item))
    if unmet:
        pytest.fail(f"known={unmet[0]!r}: no comparison of this test met that divergence", pytrace=False)


# The checks of a test travel on its reports: from the workers of pytest-xdist to their controller too.


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Hang the checks of a test on the report of the phase that made them; JUnit's takes them from the properties."""
    checks = _drained(item)
    item.user_properties += [("rref", check.brief()) for check in checks]
    report = yield
    if "rref" in getattr(item, "fixturenames", ()):
        entries = [check.to_dict() for check in checks]
        report.rref = [*entries, *_skip(item, report)]  # type: ignore[attr-defined]
    return report


def _drained(item: pytest.Item) -> list[Check]:
    checker = item.stash.get(_CHECKER, None)
    if checker is None or not checker.checks:
        return []
    checks = list(checker.checks)
    checker.checks.clear()
    return checks


def _skip(item: pytest.Item, report: pytest.TestReport) -> list[dict[str, Any]]:
    if not report.skipped or hasattr(report, "wasxfail"):
        return []
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return [{"what": "skipped", "test": item.nodeid, "why": reason.removeprefix("Skipped: ")}]


class _Collector:
    """Gathers what the reports carry, and tells it at the end."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._tally: Tally | None = None
        self._unused: list[Path] = []
        self._deselected = 0
        self._idle: list[str] = []

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Count them: what they use is not unused."""
        self._deselected += len(items)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the checks off a report."""
        entries = getattr(report, "rref", ())
        if entries:
            self._counted().add(entries)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Find unused recordings, fail for them where that is asked for, and write the files."""
        strict, files = self._config.getoption("--rref-strict"), self._files()
        if self._tally is None and not strict and not files:
            return
        from pymeta.harness.upkeep import unused_recordings

        self._unused = list(unused_recordings(_recordings(self._config), self._counted().keys))
        self._idle = _idle_divergences(self._config, self._counted())
        if strict and (self._unused or self._idle) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if files:
            self._write(files, session)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the summary line, after it the unused recordings where they fail the run."""
        if self._tally is None:
            return
        strict = bool(self._config.getoption("--rref-strict"))
        bad = not self._tally.ok or (strict and bool(self._unused or self._idle))
        if strict:
            for path in self._unused:
                terminalreporter.write_line(f"unused recording: {self._short(path)}", red=True)
            for name in self._idle:
                terminalreporter.write_line(f"known difference that no comparison met: {name}; take it out", red=True)
        terminalreporter.write_line(self._tally.summary(len(self._unused)), red=bad, green=not bad)

    def _counted(self) -> Tally:
        from pymeta.harness.tally import Tally

        if self._tally is None:
            self._tally = Tally(_mode(self._config))
        return self._tally

    def _files(self) -> dict[str, Path]:
        options = {"json": self._config.getoption("--rref-json"), "html": self._config.getoption("--rref-html")}
        return {kind: self._config.invocation_params.dir / name for kind, name in options.items() if name}

    def _write(self, files: Mapping[str, Path], session: pytest.Session) -> None:
        from pymeta.files import write_whole

        run = {"strict": bool(self._config.getoption("--rref-strict")), "partial": self._partial(session)}
        document = self._counted().document(run, [self._short(path) for path in self._unused])
        for kind, path in files.items():
            write_whole(path, document if kind == "json" else _page(document))

    def _partial(self, session: pytest.Session) -> list[str]:
        """Why a recording that this run did not use may be used all the same."""
        option, skipped = self._config.option, len(self._counted().of("skipped"))
        reasons = [f"{name} was given" for name in _SELECTIVE if getattr(option, name, None)]
        reasons += ["files or folders were given"] if self._config.args_source is self._config.ArgsSource.ARGS else []
        reasons += [f"{self._deselected} deselected"] if self._deselected else []
        reasons += [f"{skipped} skipped"] if skipped else []
        reasons += [f"{session.testsfailed} failed"] if session.testsfailed else []
        reasons += ["no tests ran"] if session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED else []
        interrupted = session.shouldstop or session.exitstatus == pytest.ExitCode.INTERRUPTED
        return reasons + (["the run was interrupted"] if interrupted else [])

    def _short(self, path: Path) -> str:
        root = self._config.rootpath
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _idle_divergences(config: pytest.Config, tally: Tally) -> list[str]:
    """The known differences that nothing met, of those that an R which answered could have shown."""
    from pymeta.harness.divergences import read_divergences, unmatched

    path = _divergences(config, _recordings(config))
    entries = unmatched(read_divergences(path), tally.divergences) if path else ()
    return [entry.id for entry in entries if any(entry.known_in(versions) for versions in tally.answered_by())]


def _page(document: str) -> str:
    from pymeta.harness.page import to_html

    return to_html(document)
