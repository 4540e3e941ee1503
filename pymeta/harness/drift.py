"""What changed between two outcomes of one call, and between recordings and a live R.

Values are compared as numbers, since bytes differ in the 16th digit between machines; everything else exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from pymeta.errors import BackendError
from pymeta.harness.backends.recorded import RecordedReference
from pymeta.harness.calls import Condition, Outcome, Reference
from pymeta.harness.codec import RVector
from pymeta.harness.precision import CAP, NOTHING, digits
from pymeta.harness.recording import read_recording

__all__ = ["Difference", "differences", "recheck", "verify"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two outcomes differ.

    place : in R's words: value$beta, attr(value$vb, "dimnames")[[1]], error
    old, new : the worst element, or what is there instead
    digits : of agreement; -inf where nothing can be measured
    recording : the file the old outcome came from, if any
    """

    place: str
    old: str
    new: str
    digits: float = NOTHING
    recording: Path | None = None

    def __str__(self) -> str:
        """In one sentence; where the call could not be made again, the reason."""
        if self.place == "call":
            return self.new
        shared = f" ({self.digits:.1f} digits)" if math.isfinite(self.digits) else ""
        return f"{self.place}: {self.old} became {self.new}{shared}"

    def to_dict(self) -> dict[str, Any]:
        """The fields for strict JSON; digits are null where nothing can be measured."""
        digits_or_none = self.digits if math.isfinite(self.digits) else None
        recording = str(self.recording) if self.recording else None
        return {"recording": recording, "place": self.place, "old": self.old, "new": self.new, "digits": digits_or_none}


def verify(
    folder: Path,
    live: Reference,
    *,
    environment: str = "",
    root: Path | None = None,
    timeout: float = 60.0,
    needed: float = 12.0,
) -> list[Difference]:
    """Make every recorded call again on a live R and report what differs; [] when all is as recorded.

    folder, environment : as for `RecordedReference`
    root : as for `record`
    needed : digits that numbers must share

    A recording that cannot be read, whose adapter changed, or that `live` cannot answer, is a difference too.
    """
    paths = RecordedReference(folder, environment).paths()
    return [change for path in paths for change in recheck(path, live, root=root, timeout=timeout, needed=needed)]


def recheck(
    path: Path, live: Reference, *, root: Path | None = None, timeout: float = 60.0, needed: float = 12.0
) -> list[Difference]:
    """Make one recorded call again and report what differs; see `verify`."""
    try:
        recording = read_recording(path)
        outcome = live.run(recording.rebuild(root), timeout=timeout)
        changes = differences(recording.outcome, outcome, needed=needed)
    except BackendError as error:
        changes = [Difference("call", "an outcome", str(error))]
    return [replace(change, recording=path) for change in changes]


def differences(old: Outcome, new: Outcome, *, needed: float = 12.0) -> list[Difference]:
    """Where two outcomes differ: in the error's classes, or in the value, element by element."""
    if old.error or new.error:
        said = _said(old.error), _said(new.error)
        return [] if said[0] == said[1] else [Difference("error", *said)]
    return [change for change in _walk(old.value, new.value, "value") if change.digits < needed]


def _said(error: Condition | None) -> str:
    return "/".join(error.classes) if error else "no error"


def _walk(old: RVector, new: RVector, place: str) -> Iterator[Difference]:
    """The differences of two R values, those of numbers with their digits, whatever these are."""
    if _shape(old) != _shape(new):
        yield Difference(place, _shape(old), _shape(new))
        return
    if old.kind == "list":
        for i, (mine, theirs) in enumerate(zip(old.values, new.values, strict=True)):
            yield from _walk(mine, theirs, _element(old, place, i))
    elif old.kind in {"dbl", "cpl"}:
        yield from _numbers(old, new, place)
    elif RVector(old.kind, old.values) != RVector(new.kind, new.values):
        yield _exact(list(old.values), list(new.values), place)
    for (name, mine), (_, theirs) in zip(old.attributes, new.attributes, strict=True):
        yield from _walk(mine, theirs, f'attr({place}, "{name}")')


def _shape(vector: RVector) -> str:
    """Kind, length and attributes, in words."""
    names = ", ".join(name for name, _ in vector.attributes)
    return f"{vector.kind} of {len(vector)}" + (f" with {names}" if names else "")


def _element(vector: RVector, place: str, i: int) -> str:
    name = vector.names[i] if vector.names else None
    return f"{place}${name}" if name else f"{place}[[{i + 1}]]"


def _numbers(old: RVector, new: RVector, place: str) -> Iterator[Difference]:
    """The worst element of a vector of doubles; NA, NaN and the infinities must be what they were."""
    a, b = _doubles(new.values), _doubles(old.values)
    scores = digits(a, b)
    scores[np.isnan(a) & np.isnan(b)] = CAP
    na_changed = np.repeat(old.is_na() != new.is_na(), a.size // max(len(old), 1))
    scores[na_changed] = NOTHING
    if scores.size and scores.min() < CAP:
        i = int(scores.argmin())
        yield Difference(f"{place}[{i * len(old) // a.size + 1}]", repr(float(b[i])), repr(float(a[i])), scores[i].item())


def _doubles(values: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Doubles as they are; complex numbers as their parts in turn."""
    return np.ascontiguousarray(values).view(np.float64)


def _exact(old: list[Any], new: list[Any], place: str) -> Difference:
    i = next(i for i, (mine, theirs) in enumerate(zip(old, new, strict=True)) if mine != theirs)
    return Difference(f"{place}[{i + 1}]", repr(old[i]), repr(new[i]))
