"""Looking after a folder of recordings: which are unused, which match an R, which still say what R says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymeta.errors import BackendError, DataError, RecordingError
from pymeta.harness.backends.recorded import RecordedReference, environments
from pymeta.harness.calls import Call, Environment, Reference
from pymeta.harness.drift import Difference, recheck
from pymeta.harness.recording import KEY_DIGITS, Recording, read_recording

__all__ = [
    "Pruning",
    "Verification",
    "prune",
    "read_used",
    "recording_for",
    "same_versions",
    "unused_recordings",
    "verify_matching",
    "version_of",
]


def recordings(folder: Path, key: str = "") -> tuple[Path, ...]:
    """The JSON files in the environments of `folder`, all or those named after a key; links are not followed."""
    pattern = f"*-{key[:KEY_DIGITS]}.json" if key else "*.json"
    homes = (folder / slug for slug in environments(folder))
    files = (path for home in homes if not home.is_symlink() for path in home.glob(pattern))
    return tuple(sorted(path for path in files if path.is_file() and not path.is_symlink()))


def unused_recordings(folder: Path, used: Iterable[str]) -> tuple[Path, ...]:
    """Those whose call is none of `used` (keys), in every environment: a call that nobody makes is made on no R."""
    starts = {key[:KEY_DIGITS] for key in used}
    return tuple(path for path in recordings(folder) if path.stem[-KEY_DIGITS:] not in starts)


# Versions.


def same_versions(a: Environment, b: Environment) -> bool:
    """Whether both name one version of R, and of every package that both name."""
    shared = a.packages.keys() & b.packages.keys()
    return a.r_version == b.r_version and all(a.packages[name] == b.packages[name] for name in shared)


def recording_for(call: Call, key: str, environment: Environment, folder: Path) -> Recording:
    """The recording of a call as R of these versions answered it.

    Raises MissingRecording or StaleRecording when there is none at all, RecordingError when there are only others.
    """
    paths = recordings(folder, key)
    if not paths:
        RecordedReference(folder).run(call)  # raises, and says what is nearest
    found = [read_recording(path) for path in paths]
    fitting = [one for one in found if same_versions(one.outcome.environment, environment)]
    if not fitting:
        others = ", ".join(sorted({path.parent.name for path in paths}))
        raise RecordingError(f"{call.function}: recorded with {others}, not with {_versions(environment)}, the R at hand")
    return fitting[0]


def version_of(live: Reference, package: str, timeout: float = 60.0) -> str | None:
    """The version of a package on a live R, None where it is not installed; "R" is R itself."""
    packages = () if package == "R" else (package,)
    try:
        environment = live.run(Call("base::identity", {"x": None}, packages=packages), timeout=timeout).environment
    except BackendError as error:
        if f"no package called {package}" in str(error):
            return None
        raise
    return environment.r_version if package == "R" else environment.packages[package]


def _versions(environment: Environment) -> str:
    return ", ".join(f"{name} {version}" for name, version in {"R": environment.r_version, **environment.packages}.items())


# Verify.


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of making recorded calls again.

    verified : recordings that were made again
    differences : where their answers differ
    left_out : recordings of other versions -> in what they are other
    """

    verified: tuple[Path, ...]
    differences: tuple[Difference, ...]
    left_out: Mapping[Path, str]

    @property
    def ok(self) -> bool:
        """Whether something was made again and nothing differs."""
        return bool(self.verified) and not self.differences

    def to_dict(self) -> dict[str, Any]:
        """The record for strict JSON."""
        return {
            "ok": self.ok,
            "verified": [str(path) for path in self.verified],
            "differences": [change.to_dict() for change in self.differences],
            "left_out": {str(path): why for path, why in self.left_out.items()},
        }


def verify_matching(
    folder: Path,
    live: Reference,
    *,
    root: Path | None = None,
    timeout: float = 60.0,
    needed: float = 12.0,
    watch: Callable[[Path], None] = lambda path: None,
) -> Verification:
    """Make again, on a live R, every recorded call of the versions that it has.

    root : the folder adapters are named from, looked in before what comes with pymeta
    needed : digits that numbers must share
    watch : told of each recording before it is dealt with

    A recording that cannot be read, whose adapter changed, or that `live` cannot answer, is a difference too.
    """
    versions = _Versions(live, timeout)
    verified, left_out, found = [], {}, []
    for path in recordings(folder):
        watch(path)
        why = versions.other_than(path)
        if why:
            left_out[path] = why
        else:
            verified.append(path)
            found += recheck(path, live, root=root, timeout=timeout, needed=needed)
    return Verification(tuple(verified), tuple(found), left_out)


class _Versions:
    """The versions of a live R, asked for once."""

    def __init__(self, live: Reference, timeout: float) -> None:
        self._live, self._timeout = live, timeout
        self._known: dict[str, str | None] = {}

    def other_than(self, path: Path) -> str:
        """In what a recording's versions are other ones; "" when they are the same, or when it cannot be read."""
        try:
            environment = read_recording(path).outcome.environment
        except RecordingError:
            return ""
        wanted = {"R": environment.r_version, **environment.packages}
        other = {name: version for name, version in wanted.items() if self._of(name) != version}
        return ", ".join(f"{name} {version} (here: {self._of(name) or 'none'})" for name, version in other.items())

    def _of(self, package: str) -> str | None:
        if package not in self._known:
            self._known[package] = version_of(self._live, package, self._timeout)
        return self._known[package]


# Prune.


@dataclass(frozen=True, slots=True)
class Pruning:
    """unused : recordings that may go; refused : unused files that are no valid recordings -> why."""

    unused: tuple[Path, ...]
    refused: Mapping[Path, str]


def read_used(report: Path) -> frozenset[str]:
    """The keys that a test run used, from the file that `pytest --rref-strict --rref-json FILE` wrote.

    Raises DataError when the file is none of these, or when its run does not prove that the others are unused.
    """
    try:
        document = json.loads(report.read_bytes())
        used, run = [str(key) for key in document["used"]], document["run"]
        reasons = [*run["partial"], *([] if run["strict"] else ["not with --rref-strict"])]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{report}: not written by `pytest --rref-json` ({type(error).__name__}: {error})") from error
    if reasons:
        raise DataError(f"{report}: its run does not prove anything unused: {', '.join(reasons)}")
    return frozenset(used)


def prune(folder: Path, used: Iterable[str], *, delete: bool = False) -> Pruning:
    """The recordings of `folder` that are none of `used`, deleted where `delete` says so.

    What is no valid recording, by its name, its content and its digests, is never deleted.
    """
    if not environments(folder):
        raise RecordingError(f"{folder}: holds no recordings")
    refused = dict(_invalid(unused_recordings(folder, used)))
    unused = tuple(path for path in unused_recordings(folder, used) if path not in refused)
    for path in unused if delete else ():
        path.unlink()
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
    return Pruning(unused, refused)


def _invalid(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    for path in paths:
        try:
            read_recording(path)
        except RecordingError as error:
            yield path, str(error)
