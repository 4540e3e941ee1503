"""Sums of products over many data sets at once: of some rows, with effects of other signs, or with permuted rows of X.

All share the k sampling variances, and their sums Σ w x_i x_j, Σ w x_i y and Σ w y² are matrix products.
"""

from __future__ import annotations

import numpy as np

from pymeta.arrays import BoolArray, FloatArray, IntArray

__all__ = ["Kept", "Permuted", "Signed", "Stack"]


class Stack:
    """Data sets whose sums are known. w : (k,) weights for all, or (n, k); sums are (n, p, p), (n, p) and (n,).

    X : (k, p), its columns orthonormal
    start : (n, p) coefficients that are taken off the effects, so that squares of large effects do not cost digits; those
        found with the sums are beside them
    """

    n: int
    k: IntArray
    start: FloatArray

    def __init__(self, X: FloatArray, yi: FloatArray, vi: FloatArray) -> None:
        self.X, self.yi, self.vi, self.p = X, yi, vi, X.shape[1]
        self._xx = np.einsum("ki,kj->kij", X, X).reshape(len(vi), -1)

    def sums(self, w: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """X'WX, X'Wy and y'Wy."""
        raise NotImplementedError

    def total(self, w: FloatArray) -> FloatArray:
        """Σ w, of any (k,) or (n, k)."""
        return np.broadcast_to(w.sum(axis=-1), self.n)

    def take(self, places: IntArray) -> Stack:
        """Some of the data sets."""
        raise NotImplementedError

    def _square(self, sums: FloatArray) -> FloatArray:
        return np.broadcast_to(sums.reshape(*sums.shape[:-1], self.p, self.p), (self.n, self.p, self.p))


class Kept(Stack):
    """Some of the rows. kept : (n, k)."""

    def __init__(self, X: FloatArray, yi: FloatArray, vi: FloatArray, kept: BoolArray) -> None:
        super().__init__(X, yi, vi)
        self._kept, self.n, self.k = kept.astype(np.float64), len(kept), kept.sum(axis=1)
        middle = X.T @ yi
        self.start = np.broadcast_to(middle, (self.n, self.p))
        self._y = yi - X @ middle

    def sums(self, w: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """As `Stack.sums`."""
        own = self._kept * w
        return self._square(own @ self._xx), own @ (self.X * self._y[:, None]), own @ self._y**2

    def total(self, w: FloatArray) -> FloatArray:
        """As `Stack.total`."""
        return np.asarray(np.einsum("nk,nk->n", self._kept, np.broadcast_to(w, self._kept.shape)))

    def take(self, places: IntArray) -> Stack:
        """As `Stack.take`."""
        return Kept(self.X, self.yi, self.vi, self._kept[places] > 0.0)


class Signed(Stack):
    """Effects times signs, (n, k)."""

    def __init__(self, X: FloatArray, yi: FloatArray, vi: FloatArray, signs: FloatArray) -> None:
        super().__init__(X, yi, vi)
        self._signs, self.n, self.k = signs, len(signs), np.full(len(signs), len(yi))
        self.start = (signs * yi) @ X
        self._y = signs * yi - self.start @ X.T

    def sums(self, w: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """As `Stack.sums`."""
        own = self._y * w
        return self._square(w @ self._xx), own @ self.X, np.einsum("nk,nk->n", own, self._y)

    def take(self, places: IntArray) -> Stack:
        """As `Stack.take`."""
        return Signed(self.X, self.yi, self.vi, self._signs[places])


class Permuted(Stack):
    """Rows of X in other orders, (n, k)."""

    def __init__(self, X: FloatArray, yi: FloatArray, vi: FloatArray, orders: IntArray) -> None:
        super().__init__(X, yi, vi)
        self._orders, self.n, self.k = orders, len(orders), np.full(len(orders), len(yi))
        ordered = X[orders]
        self.start = np.einsum("nki,k->ni", ordered, yi)
        y = yi - np.einsum("nki,ni->nk", ordered, self.start)
        Z = np.concatenate([ordered, y[:, :, None]], axis=2)
        i, j = np.triu_indices(self.p + 1)
        self._products = np.ascontiguousarray((Z[:, :, i] * Z[:, :, j]).transpose(0, 2, 1))
        self._place = np.zeros((self.p + 1, self.p + 1), dtype=np.intp)
        self._place[i, j] = self._place[j, i] = np.arange(len(i))

    def sums(self, w: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """As `Stack.sums`."""
        found = self._products @ w if w.ndim == 1 else np.matmul(self._products, w[:, :, None])[:, :, 0]
        whole, p = found[:, self._place], self.p
        return whole[:, :p, :p], whole[:, :p, p], whole[:, p, p]

    def take(self, places: IntArray) -> Stack:
        """As `Stack.take`."""
        return Permuted(self.X, self.yi, self.vi, self._orders[places])
