"""Permutations: of signs and of the rows of a matrix, all that differ or random ones, in pieces that memory holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from math import comb, prod

import numpy as np

from pymeta.arrays import FloatArray, IntArray
from pymeta.numerics.r_random import RRandom

__all__ = ["how_many_orders", "orders", "signs"]

_PIECE = 1 << 16


def signs(k: int, n: int, random: RRandom | None) -> Iterator[FloatArray]:
    """n rows of k signs: random ones, the first of which is all +1; or all 2^k of them, the first sign changing fastest."""
    for start in range(0, n, _PIECE):
        size = min(_PIECE, n - start)
        if random is None:
            minus = (np.arange(start, start + size)[:, None] >> np.arange(k)) & 1
        else:
            minus = 1 - random.sample(2, size * k, replace=True).reshape(size, k)
            minus[0] = 0 if start == 0 else minus[0]
        yield np.where(minus, -1.0, 1.0)


def orders(X: FloatArray, n: int, random: RRandom | None) -> Iterator[IntArray]:
    """n orders of the rows of X: random ones, the first of which is theirs; or all that make another matrix.

    Rows are sorted before they are permuted, as metafor does it.
    """
    places = np.lexsort(X.T[::-1])
    if random is not None:
        for start in range(0, n, _PIECE):
            found = places[random.samples(len(X), np.full(min(_PIECE, n - start), len(X)))]
            if start == 0:
                found[0] = np.arange(len(X))
            yield found
        return
    ordered = X[places]
    kinds = [0, *np.cumsum((ordered[1:] != ordered[:-1]).any(axis=1)).tolist()]
    first = places[[kinds.index(kind) for kind in range(kinds[-1] + 1)]]
    every = _distinct(kinds)
    while piece := list(islice(every, _PIECE)):
        yield first[np.array(piece)]


def how_many_orders(X: FloatArray) -> int:
    """How many orders of the rows make another matrix: k! over those of equal rows."""
    left, ways = len(X), []
    for count in Counter(map(tuple, X.tolist())).values():
        ways.append(comb(left, count))
        left -= count
    return prod(ways)


def _distinct(kinds: list[int]) -> Iterator[tuple[int, ...]]:
    """All arrangements of a sorted list that differ, in lexicographic order. Source: Knuth, TAOCP 7.2.1.2, algorithm L."""
    a = list(kinds)
    while True:
        yield tuple(a)
        j = len(a) - 2
        while j >= 0 and a[j] >= a[j + 1]:
            j -= 1
        if j < 0:
            return
        last = len(a) - 1
        while a[j] >= a[last]:
            last -= 1
        a[j], a[last] = a[last], a[j]
        a[j + 1 :] = reversed(a[j + 1 :])
