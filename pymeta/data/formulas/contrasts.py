"""How the levels of a factor become columns, and the orthogonal polynomials behind some of them.

Source: Chambers & Hastie (1992), "Statistical models in S", section 2.3.2; Forsythe (1957), "Generation and use of
orthogonal polynomials", eq. 9-12 (also Kennedy & Gentle 1980, pp. 343-4, as R's ``?poly`` cites).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.errors import no_such

__all__ = ["CONTRASTS", "Polynomials", "contrast_columns"]

CONTRASTS = ("treatment", "sum", "helmert", "poly")


def contrast_columns(kind: str, levels: tuple[str, ...], base: int | None = None) -> tuple[FloatArray, tuple[str, ...]]:
    """A row a level, its n − 1 columns, and their labels.

    base : the level that "treatment" compares with, from 1; where it is given, labels are numbers
    """
    n = len(levels)
    if kind == "treatment":
        others = [i for i in range(n) if i != (base or 1) - 1]
        return np.eye(n)[:, others], tuple(levels[i] if base is None else str(i + 1) for i in others)
    numbered = tuple(str(i) for i in range(1, n))
    if kind == "sum":
        return np.vstack([np.eye(n - 1), -np.ones(n - 1)]), numbered
    if kind == "helmert":  # level j + 1 with the mean of those before
        return np.array(
            [[-1.0 if i <= j else j + 1.0 if i == j + 1 else 0.0 for j in range(n - 1)] for i in range(n)]
        ), numbered
    if kind == "poly":
        scores = np.arange(1.0, n + 1.0)
        return Polynomials.through(scores, n - 1).at(scores), tuple(_DEGREES.get(j, f"^{j}") for j in range(1, n))
    raise no_such("contrast", kind, CONTRASTS, what="coding of a factor")


_DEGREES = {1: ".L", 2: ".Q", 3: ".C"}


@dataclass(frozen=True, slots=True)
class Polynomials:
    """Polynomials orthonormal over the x they were made from, by p_{j+1} = (x − a_j) p_j − b_j p_{j−1}, from degree 0."""

    shifts: tuple[float, ...]  # a_j
    norms: tuple[float, ...]  # Σ p_j², so b_j = norms_j / norms_{j−1}

    @classmethod
    def through(cls, x: FloatArray, degree: int) -> Polynomials:
        """Those over x (n,), without missing values, up to `degree`, which is below the number of different x."""
        shifts, norms = [float(x.mean())], [float(len(x))]
        before, now = np.zeros_like(x), np.ones_like(x)
        for j in range(degree):
            ratio = norms[j] / norms[j - 1] if j else 0.0
            before, now = now, (x - shifts[j]) * now - ratio * before
            norms.append(float(now @ now))
            shifts.append(float((x * now) @ now) / norms[-1])
        return cls(tuple(shifts), tuple(norms))

    def at(self, x: FloatArray) -> FloatArray:
        """Degrees 1 and up at x, (n, degree)."""
        columns = [np.ones_like(x)]
        for j in range(len(self.norms) - 1):
            before = self.norms[j] / self.norms[j - 1] * columns[j - 1] if j else 0.0
            columns.append((x - self.shifts[j]) * columns[j] - before)
        return np.column_stack(columns)[:, 1:] / np.sqrt(self.norms[1:])
