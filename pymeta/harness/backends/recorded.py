"""The back end without R: it answers from recordings, or says which recording is missing and how to make it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Self

from pymeta.errors import RecordingError, no_such
from pymeta.harness.calls import Call, Outcome
from pymeta.harness.recording import KEY_DIGITS, Recording, call_key, encoded_args, read_recording
from pymeta.harness.versions import version_key

__all__ = ["MissingRecording", "RecordedReference", "StaleRecording", "environments"]

_NAME = re.compile(rf".+-([0-9a-f]{{{KEY_DIGITS}}})\.json")
_SLUG = re.compile(r"R-\d+(\.\d+)*(_[A-Za-z0-9.]+-\d+(\.\d+)*)*")
_ADVICE = "record it where R is: `pymeta record`, or `pytest --rref=record`"


class MissingRecording(RecordingError):
    """No recording of a call, nor of any other call of its function."""


class StaleRecording(RecordingError):
    """The function was recorded, but for other arguments or with another adapter."""


def environments(folder: Path) -> tuple[str, ...]:
    """The environments recorded in `folder`, oldest first: by the version of R, then of the packages by name.

    Folders whose names are not of the form "R-4.2.2_metafor-3.8.1" are not recordings.
    """
    entries = folder.iterdir() if folder.is_dir() else ()
    found = [entry.name for entry in entries if entry.is_dir() and _SLUG.fullmatch(entry.name)]
    return tuple(sorted(found, key=_age))


@dataclass
class RecordedReference:
    """A reference that reads recordings.

    folder : holds one folder an environment, as `record` writes them
    environment : the name of one of these; default: the newest (the last of `environments`)
    note : what a person should know about it, e.g. why "auto" found no R

    One call may have been recorded with metafor's version and another with metadat's, so answers come from that folder
    and from those that fit it (`folders`): a session never mixes two versions of R or of a package. File names are
    listed at the first call, files are read when asked for, and each is verified then.
    """

    folder: Path
    environment: str = ""
    note: str = field(default="", kw_only=True)
    _read: set[str] = field(default_factory=set, init=False, repr=False)

    def __post_init__(self) -> None:
        """Raise RecordingError when nothing is recorded, OptionError for an environment that is not there."""
        known = environments(self.folder)
        if not known:
            raise RecordingError(f"{self.folder}: holds no recordings; {_ADVICE}")
        self.environment = self.environment or known[-1]
        if self.environment not in known:
            raise no_such("environment", self.environment, known, what="recorded environment")

    @property
    def name(self) -> str:
        """The back end's name."""
        return "recorded"

    @cached_property
    def _index(self) -> Mapping[str, list[Path]]:
        """Start of the key -> the files named after it; one call may be recorded under several labels."""
        index: dict[str, list[Path]] = {}
        for path in (path for folder in self.folders() for path in sorted(folder.glob("*.json"))):
            match = _NAME.fullmatch(path.name)
            if not match:
                raise RecordingError(f"{path}: is not named <label>-<{KEY_DIGITS} digits of its key>.json")
            index.setdefault(match[1], []).append(path)
        return index

    def folders(self) -> tuple[Path, ...]:
        """The environment, then every older or newer one that names no other version of R or of a package."""
        fitting, versions = [self.environment], _versions(self.environment)
        for slug in reversed(environments(self.folder)):
            more = _versions(slug)
            if slug != self.environment and all(versions.get(name, found) == found for name, found in more.items()):
                fitting.append(slug)
                versions |= more
        return tuple(self.folder / slug for slug in fitting)

    def run(self, call: Call, *, timeout: float = 60.0) -> Outcome:
        """The recorded outcome of `call`; `timeout` has no meaning here. Raises as `find` does."""
        return self.find(call).outcome

    def find(self, call: Call) -> Recording:
        """The recording of `call`; its key is the call's, which is costly enough not to be made twice.

        Raises MissingRecording or StaleRecording when there is none, RecordingError when the file was tampered with.
        """
        key = call_key(call)
        paths = self._index.get(key[:KEY_DIGITS])
        if not paths:
            raise self._absence(call)
        recording = read_recording(paths[0])
        if recording.key != key:
            raise RecordingError(f"{recording.path}: holds another call than {call.function} with key {key}")
        self._read.add(key[:KEY_DIGITS])
        return recording

    def paths(self) -> tuple[Path, ...]:
        """Every recording of the environment."""
        return tuple(sorted(path for paths in self._index.values() for path in paths))

    def unused(self) -> tuple[Path, ...]:
        """The recordings whose call was not made in this session."""
        return tuple(sorted(path for start, paths in self._index.items() if start not in self._read for path in paths))

    def close(self) -> None:
        """Nothing to end."""

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Nothing to end."""

    def _absence(self, call: Call) -> RecordingError:
        """Why there is no recording of `call`, told by the nearest one of the same function."""
        where = f"{call.function}: no recording of this call in {self.folder / self.environment}"
        others = [one for one in map(read_recording, self.paths()) if one.call["function"] == call.function]
        if not others:
            return MissingRecording(f"{where}; {_ADVICE}")
        nearest = min(others, key=lambda one: len(_changes(one, call)))
        changes = _changes(nearest, call) or ["the adapter"]
        return StaleRecording(f"{where}; the nearest, {nearest.path.name}, differs in: {', '.join(changes)}; {_ADVICE}")


def _changes(recording: Recording, call: Call) -> list[str]:
    """What differs between a recorded call and another one of the same function; nothing if only the adapter does."""
    old, new = dict(recording.call["args"]), dict(encoded_args(call))
    names = [f"argument {name}" for name in {**old, **new} if old.get(name) != new.get(name)]
    if not names and list(old) != list(new):
        names = ["the order of arguments"]
    return names + (["the seed"] if recording.call["seed"] != call.seed else [])


def _versions(slug: str) -> dict[str, str]:
    """The versions that an environment's folder name states: {"R": "4.2.2", "metafor": "3.8.1"}."""
    pairs = [part.rpartition("-") for part in slug.split("_")]
    return {name: version for name, _, version in pairs}


def _age(slug: str) -> tuple[tuple[int, ...], list[tuple[str, tuple[int, ...]]]]:
    """What orders environments: R's version, then the packages with theirs."""
    versions = {name: version_key(version) for name, version in _versions(slug).items()}
    return (versions.pop("R"), sorted(versions.items()))
