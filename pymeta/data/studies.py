"""The studies that are pooled, and those that were left out and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from pymeta.arrays import BoolArray, FloatArray, IntArray, read_only, refuse
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
    """Effects yi and variances vi (k,), labels, and what was left out on the way.

    rows : the places of the k studies in the data, from 0
    """

    yi: FloatArray
    vi: FloatArray
    slab: tuple[str, ...]
    dropped: tuple[Dropped, ...] = ()
    rows: IntArray | None = None

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

    def __iter__(self) -> Iterator[str]:
        return map(str, self._places)

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


def kept_studies(
    yi: FloatArray,
    vi: FloatArray,
    slab: Sequence[str],
    complete: Callable[[], BoolArray],
    chosen: BoolArray | None = None,
    lacking: BoolArray | None = None,
    *,
    needed: bool = True,
    zero: bool = False,
    spread: str = "vi",
) -> Studies:
    """The studies that have both an effect and a variance; the others are listed with the reason.

    yi, vi : (n,), which become the studies' own
    complete : whether a study's data were all there, (n,), so that what it lacks is an effect; asked where one is lost
    chosen : (n,) which rows to look at; lacking : (n,) those without a moderator or a weight
    needed : whether there must be a study, as there must not where the tables themselves are pooled
    zero : whether variances may be 0, as they may where nothing is weighted by them; spread : what they were given by
    Raises DataError for a variance of 0 otherwise, and when nothing is left to pool.
    """
    lost = np.isnan(yi) | np.isnan(vi)
    gone = lost if lacking is None else lost | lacking
    kept = ~gone if chosen is None else ~gone & chosen
    if kept.size and np.count_nonzero(kept) == kept.size:
        if not zero:
            _refuse_zero(vi, vi == 0.0, spread)
        return Studies(read_only(yi), read_only(vi), tuple(slab), (), read_only(np.arange(len(yi))))
    out = gone if chosen is None else gone & chosen
    whole = complete()
    dropped = tuple(Dropped(int(i) + 1, slab[int(i)], _why(lost[i], whole[i])) for i in np.flatnonzero(out))
    if needed and not kept.any():
        reasons = "; ".join(f"{d.slab}: {d.reason}" for d in dropped) or "the data have no rows"
        raise DataError(f"no studies left to pool ({reasons})")
    if not zero:
        _refuse_zero(vi, (vi == 0.0) & kept, spread)
    rows = read_only(np.flatnonzero(kept))
    return Studies(read_only(yi[rows]), read_only(vi[rows]), tuple(slab[int(i)] for i in rows), dropped, rows)


def _refuse_zero(vi: FloatArray, where: BoolArray, spread: str) -> None:
    refuse(spread, vi, where, NO_VARIANCE if spread == "vi" else NO_VARIANCE.replace("sampling variance", "standard error"))


def _why(lost: bool, complete: bool) -> str:
    if not lost:
        return "a moderator or a weight is missing"
    return "its data have no such effect" if complete else "a value is missing"
