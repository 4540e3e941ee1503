"""What the pytest plugin does with R: how each mode gets an answer, what it notes down, and when a test fails."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from pymeta.errors import BackendError, OptionError, PymetaError, RecordingError, no_such
from pymeta.harness.agreement import Agreement, Answer, Rule
from pymeta.harness.backends.open import BACKENDS, open_reference
from pymeta.harness.backends.recorded import MissingRecording, RecordedReference, StaleRecording, environments
from pymeta.harness.calls import Call, Outcome, Reference
from pymeta.harness.divergences import Divergence, applicable, read_divergences
from pymeta.harness.drift import differences
from pymeta.harness.mismatch import Disagreement, comparison_text
from pymeta.harness.pick import Pick, Select
from pymeta.harness.recording import KEY_DIGITS, call_key, environment_slug, record, safe_label
from pymeta.harness.reproducer import Comparison, compared, r_says, write_pair
from pymeta.harness.tally import Check
from pymeta.harness.upkeep import recording_for, recordings, version_of
from pymeta.harness.versions import in_range, parse_range
from pymeta.show.text import one_line

__all__ = ["MODES", "Checker", "Mark", "Session", "Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the options of a test run say.

    require : no R is an error, never a skip
    recordings : the folder of recordings
    environment : which of its environments a replay answers from; "" is the newest
    root : the folder that adapters are named from
    divergences : the file of known differences, if there is one
    failures : where reproducers go, asked for when the first is written
    """

    mode: str
    backend: str
    rscript: str | None
    require: bool
    timeout: float
    recordings: Path
    environment: str
    root: Path
    divergences: Path | None
    failures: Callable[[], Path]


@dataclass(frozen=True, slots=True)
class Asked:
    """One call with R's answer to it.

    drift : where a live answer and the recording differ
    """

    call: Call
    key: str
    outcome: Outcome
    drift: tuple[str, ...] = ()


# Markers.

_PACKAGE = re.compile(r"([A-Za-z][A-Za-z0-9.]*)\s*(.*)")


@dataclass(frozen=True, slots=True)
class Mark:
    """What the marker `rref` of a test says.

    packages : R package -> range of versions, "" for any; "R" is R itself
    known : id of the divergence that the test must meet, or ""
    """

    packages: Mapping[str, str] = field(default_factory=dict)
    known: str = ""

    @classmethod
    def read(cls, args: tuple[object, ...], kwargs: Mapping[str, Any]) -> Mark:
        """The marker's arguments; OptionError for any but package="metafor>=3.8" and known="DIV-012"."""
        unknown = [name for name in kwargs if name not in {"package", "known"}]
        if args or unknown:
            raise OptionError(f"mark rref(package='metafor>=3.8', known='DIV-012') does not take {args or unknown}")
        match = _PACKAGE.fullmatch(kwargs.get("package", "R"))
        if not match:
            raise OptionError(f"package={kwargs['package']!r}: write a name and a range, 'metafor>=3.8,<5'")
        parse_range(match[2])
        return cls({match[1]: match[2]}, kwargs.get("known", ""))


# The session.


class Session:
    """The references, recordings and known differences that the tests of one process share."""

    def __init__(self, settings: Settings) -> None:
        if settings.mode not in MODES:
            raise no_such("--rref", settings.mode, MODES, what="mode")
        self.settings = settings
        self._known_versions: dict[str, str | None] = {}

    def why_not(self, marks: Iterable[Mark]) -> str:
        """Why a test with these markers cannot run here; "" if it can. A replay can always.

        Raises BackendError for a lack that `require` makes an error, and when R is there and does not start.
        """
        if self.settings.mode == "replay":
            return ""
        lack = self._no_r or next((why for mark in marks for why in self._not_installed(mark)), "")
        if lack and self.settings.require:
            raise BackendError(f"--rref-require: {lack}")
        return lack or next((why for mark in marks for why in self._out_of_range(mark)), "")

    @cached_property
    def live(self) -> Reference:
        """The live reference."""
        if self._no_r:
            raise BackendError(self._no_r)
        found = open_reference(self.settings.backend, rscript=self.settings.rscript)
        if found.name == "recorded":  # not for want of an R: one was found, and did not start
            raise BackendError("no R starts here; `pymeta doctor` says why")
        return found

    @cached_property
    def recorded(self) -> RecordedReference:
        """The recordings that a replay answers from."""
        return RecordedReference(self.settings.recordings, self.settings.environment)

    @property
    def reference(self) -> Reference:
        """What answers in this mode."""
        return self.recorded if self.settings.mode == "replay" else self.live

    @cached_property
    def divergences(self) -> tuple[Divergence, ...]:
        """Every known difference."""
        return read_divergences(self.settings.divergences) if self.settings.divergences else ()

    def ask(self, call: Call, label: str) -> Asked:
        """R's answer to a call, got as the mode says."""
        return MODES[self.settings.mode](self, call, label)

    def run(self, call: Call) -> Outcome:
        """The answer of live R."""
        return self.live.run(call, timeout=self.settings.timeout)

    def close(self) -> None:
        """End the live reference, if one was opened."""
        if "live" in self.__dict__:
            self.live.close()

    @cached_property
    def _no_r(self) -> str:
        """Why there is no R for the back end asked for; "" where one should start."""
        if self.settings.rscript is not None:
            return ""
        live = [name for name in BACKENDS if name != "recorded"]
        names = live if self.settings.backend == "auto" else [self.settings.backend]
        lacks = [BACKENDS[name].missing() for name in names]
        return "" if None in lacks else f"no R: {lacks[-1]}"

    def _version(self, package: str) -> str | None:
        if package not in self._known_versions:
            self._known_versions[package] = version_of(self.live, package, self.settings.timeout)
        return self._known_versions[package]

    def _not_installed(self, mark: Mark) -> list[str]:
        return [f"no R package {name} here" for name in mark.packages if self._version(name) is None]

    def _out_of_range(self, mark: Mark) -> list[str]:
        found = [(name, self._version(name) or "", span) for name, span in mark.packages.items()]
        return [f"needs {name}{span}, here is {here}" for name, here, span in found if not in_range(here, span)]


# The modes.


def _replay(session: Session, call: Call, label: str) -> Asked:
    found = session.recorded.find(call)
    return Asked(call, found.key, found.outcome)


def _live(session: Session, call: Call, label: str) -> Asked:
    return Asked(call, call_key(call), session.run(call))


def _verify(session: Session, call: Call, label: str) -> Asked:
    key, outcome = call_key(call), session.run(call)
    old = recording_for(call, key, outcome.environment, session.settings.recordings)
    drift = differences(old.outcome, outcome)
    return Asked(call, key, outcome, tuple(f"{old.path.name}: {change}" for change in drift))


def _record(session: Session, call: Call, label: str) -> Asked:
    key, outcome, folder = call_key(call), session.run(call), session.settings.recordings
    root = session.settings.root
    inside = call.adapter is None or call.adapter.resolve().is_relative_to(root.resolve())
    record(call, outcome, folder, _old_label(folder, key, outcome) or label, root=root if inside else None)
    return Asked(call, key, outcome)


def _old_label(folder: Path, key: str, outcome: Outcome) -> str:
    """The label that this call has been recorded under: a call recorded under two has two answers."""
    home = folder / environment_slug(outcome.environment)
    names = [path.stem for path in recordings(folder, key) if path.parent == home]
    return names[0].removesuffix(f"-{key[:KEY_DIGITS]}") if names else ""


MODES: Mapping[str, Callable[[Session, Call, str], Asked]] = MappingProxyType(
    {"replay": _replay, "live": _live, "verify": _verify, "record": _record}
)
"""replay: recordings only · live: R · verify: R, against the recordings too · record: R, and keep what it says"""


# The fixture.


@dataclass(slots=True)
class Checker:
    """What the fixture `rref` gives to a test.

    test : the test's id
    name : the test's name in its file, the name of its cases unless they have their own
    checks : noted so far
    """

    session: Session = field(repr=False)
    test: str
    name: str = field(repr=False)
    checks: list[Check] = field(default_factory=list, repr=False)

    def check(
        self,
        call: Call,
        python: Answer | Callable[[], Answer],
        rules: Mapping[str, Rule],
        *,
        pick: Pick | None = None,
        select: Select | None = None,
        tightened: Call | None = None,
        case: str = "",
    ) -> Agreement:
        """Compare what Python says with what R says to `call`; the test fails when they do not agree.

        Parameters
        ----------
        python : {quantity: value}, or a function without arguments that returns or raises it
        rules : quantity -> rule
        pick, select : what is compared of R's value, where that is not a list of quantities (`pymeta.harness.pick`)
        tightened : the call under tightened control, for iterations: then Python is compared with its answer, and the
            difference between R's two answers is R's own digits
        case : the name that known differences and recordings go by; default: the test's

        Raises Disagreement (an AssertionError), and BackendError when R, or the recording of it, has no answer.
        """
        __tracebackhide__ = True
        said = _called(python)
        name = case or self.name
        entries = tuple(entry for entry in self.session.divergences if entry.speaks_of(name))
        comparison = Comparison(name, call, said, rules, tightened, pick, selected=select is not None, divergences=entries)
        asked = self._ask(comparison)
        agreement = self._compare(comparison, asked, select)
        drift = [one for answer in asked for one in answer.drift]
        note = self._note(comparison, asked, agreement, drift)
        if not agreement.ok or drift:
            self._fail(comparison, agreement, note)
        self.checks.append(note)
        return agreement

    def _ask(self, comparison: Comparison) -> list[Asked]:
        __tracebackhide__ = True
        calls = [comparison.call, *([comparison.tightened] if comparison.tightened else [])]
        asked: list[Asked] = []
        try:
            for call, suffix in zip(calls, ("", "-tightened"), strict=False):
                asked.append(self.session.ask(call, safe_label(comparison.name)[:60] + suffix))
        except BackendError as error:
            self._note_silence(comparison, calls, error)
            raise error.with_traceback(None) from None  # the text says it all
        return asked

    def _compare(self, comparison: Comparison, asked: list[Asked], select: Select | None) -> Agreement:
        environment = asked[0].outcome.environment
        versions = {"R": environment.r_version, **environment.packages}
        return compared(
            comparison,
            asked[0].outcome,
            asked[1].outcome if comparison.tightened else None,
            select=select,
            divergences=applicable(comparison.divergences, comparison.name, versions),
        )

    def _note(self, comparison: Comparison, asked: list[Asked], agreement: Agreement, drift: list[str]) -> Check:
        return Check(
            what="compared",
            test=self.test,
            case=comparison.name,
            function=comparison.call.function,
            keys=[one.key for one in asked],
            environment=environment_slug(asked[0].outcome.environment),
            backend=self.session.reference.name,
            note=self.session.reference.note,
            agreement=agreement.to_dict(),
            r_says=r_says(*(one.outcome for one in asked)),
            drift=drift,
        )

    def _note_silence(self, comparison: Comparison, calls: list[Call], error: BackendError) -> None:
        """Note that there was no answer; the recordings of the calls count as used, since they were asked for."""
        self.checks.append(
            Check(
                what=_silence(error, self.session.settings.recordings),
                test=self.test,
                case=comparison.name,
                function=comparison.call.function,
                keys=_keys(calls),
                why=str(error),
            )
        )

    def _fail(self, comparison: Comparison, agreement: Agreement, note: Check) -> NoReturn:
        __tracebackhide__ = True
        folder, problem = self._reproducer(comparison)
        self.checks.append(replace(note, reproducer=str(folder) if folder else ""))
        more = [f"R no longer says what was recorded: {one_line(change)}" for change in note.drift]
        more += [f"{note.versions} ({note.backend})"]
        more += [f"alone: Rscript {folder}/case.R", f"       python {folder}/case.py"] if folder else [problem]
        text = comparison_text(agreement, title=f"{note.case}: {note.function}", r_says=note.r_says, more=more)
        raised = comparison.python if isinstance(comparison.python, BaseException) else None
        raise Disagreement(text) from raised

    def _reproducer(self, comparison: Comparison) -> tuple[Path | None, str]:
        """The folder of the files that make the failure again; that they cannot be written must not hide it."""
        digest = hashlib.sha256(self.test.encode()).hexdigest()[:8]
        try:
            return write_pair(comparison, self.session.settings.failures() / f"{safe_label(self.name)[:60]}-{digest}"), ""
        except (OSError, PymetaError) as error:
            return None, f"its case.R and case.py could not be written: {error}"

    def unmet(self, marks: Iterable[Mark]) -> list[str]:
        """The divergences that markers promise and no comparison of this test met."""
        met = {row["divergence"] for check in self.checks if check.agreement for row in check.agreement["quantities"]}
        return [mark.known for mark in marks if mark.known and mark.known not in met]


def _called(python: Answer | Callable[[], Answer]) -> Answer | BaseException:
    if not callable(python):
        return python
    try:
        return python()
    except Exception as error:  # whatever it is, the comparison judges it
        return error


def _keys(calls: Iterable[Call]) -> list[str]:
    """The keys of calls that may have no key, for want of their adapter."""
    try:
        return [call_key(call) for call in calls]
    except PymetaError:
        return []


def _silence(error: BackendError, folder: Path) -> str:
    if isinstance(error, StaleRecording):
        return "stale"
    missing = isinstance(error, MissingRecording) or (isinstance(error, RecordingError) and not environments(folder))
    return "missing" if missing else "unanswered"
