"""The studies that are pooled, and those that were left out and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from pymeta.arrays import BoolArray, FloatArray, read_only, refuse
from pymeta.errors import DataError

__all__ = ["Dropped", "Numbered", "Studies", "kept_studies", "labels"]

NO_VARIANCE = (
    "would give the study all the weight there is; a sampling variance is above 0, so leave the row out or correct it"
)
"""What is wrong with a variance of 0."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A study that was left out: its row (from 1), its label and the reason."""

    row: int
    slab: str
    reason: str


@dataclass(frozen=True, slots=True)
class Studies:
    """Effects yi and variances vi (k,), labels, and what was left out on the way."""

    yi: FloatArray
    vi: FloatArray
    slab: tuple[str, ...]
    dropped: tuple[Dropped, ...] = ()

    @property
    def k(self) -> int:
        """The number of studies that are pooled."""
        return len(self.yi)


class Numbered(Sequence[str]):
    """The labels "1" … "k", each made when it is asked for: a million tables need none."""

    def __init__(self, k: int) -> None:
        self._places = range(1, k + 1)

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...
    def __getitem__(self, place: int | slice) -> str | tuple[str, ...]:
        found = self._places[place]
        return str(found) if isinstance(found, int) else tuple(map(str, found))


def labels(slab: Sequence[object] | None, k: int) -> Sequence[str]:
    """One label a study: `slab` as text, or "1" … "k". Labels may repeat; studies are never merged by them."""
    if slab is None:
        return Numbered(k)
    if isinstance(slab, str) or len(slab) != k:
        raise DataError(f"needs one label a study: {k}, got {slab!r}", argument="slab")
    return tuple(str(label) for label in slab)


def kept_studies(yi: FloatArray, vi: FloatArray, slab: Sequence[str], complete: BoolArray) -> Studies:
    """The studies that have both an effect and a variance; the others are listed with the reason.

    complete : (k,) whether a study's data were all there, so that what it lacks is an effect
    Raises DataError for a variance of 0, and when nothing is left to pool.
    """
    lost = np.isnan(yi) | np.isnan(vi)
    dropped = tuple(
        Dropped(int(i) + 1, slab[int(i)], "its data have no such effect" if complete[i] else "a value is missing")
        for i in np.flatnonzero(lost)
    )
    if lost.all():
        reasons = "; ".join(f"{d.slab}: {d.reason}" for d in dropped) or "the data have no rows"
        raise DataError(f"no studies left to pool ({reasons})")
    refuse("vi", vi, vi == 0.0, NO_VARIANCE)
    kept = tuple(label for label, gone in zip(slab, lost, strict=True) if not gone)
    return Studies(read_only(yi[~lost]), read_only(vi[~lost]), kept, dropped)
