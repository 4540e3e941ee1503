"""Quadratic forms and traces of the residual matrix P for many values of tau² at once.

With w = 1 / (v + tau²) for each of G values of tau² there are G matrices P = W − W X (X'WX)⁻¹ X'W. Each engine gives
what estimators are written in for all of them in a few NumPy calls, in O(G k p²) time and O(G k p) memory: OneMean for a
constant column, OneColumn for another one, Columns by QR, and Moments, the fastest, where the weights differ little.
They differ in rounding and speed, never in what they compute.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.numerics.linalg import wls

__all__ = ["Columns", "Engine", "Moments", "OneColumn", "OneMean", "engine"]


def engine(yi: FloatArray, vi: FloatArray, X: FloatArray) -> Engine:
    """The engine that keeps the most digits. yi, vi : (k,); X : (k, p)."""
    if X.shape[1] > 1:
        return Columns(yi, vi, X)
    x = X[:, 0]
    return OneMean(yi, vi, X) if x[0] != 0.0 and np.logical_and.reduce(x == x[0]) else OneColumn(yi, vi, X)


class Engine:
    """What is known of y, v and X. w : (G, k) weights as `weights` gives them; every answer is (G,)."""

    def __init__(self, yi: FloatArray, vi: FloatArray, X: FloatArray) -> None:
        self.yi, self.vi, self.X = yi, vi, X
        self.first = int(vi.argmin())
        self.low, self.high = float(vi[self.first]), float(vi[vi.argmax()])

    @cached_property
    def moments(self) -> Moments:
        """The engine of sums of products for the same studies."""
        return Moments(self.yi, self.vi, self.X)

    def weights(self, tau2: FloatArray) -> FloatArray:
        """1 / (v + tau²) for each of tau2 (G,)."""
        return np.asarray(1.0 / (tau2[:, None] + self.vi))

    def unweighted_ss(self) -> float:
        """The residual sum of squares with weights of 1."""
        r = wls(self.yi, self.X, np.ones(self.vi.size)).residuals
        return float(r @ r)

    def q(self, w: FloatArray) -> FloatArray:
        """y'Py = Σ w r²."""
        r = self._residuals(w)
        return np.asarray(np.einsum("gk,gk->g", w * r, r))

    def qq(self, w: FloatArray) -> FloatArray:
        """y'PPy = Σ w² r²."""
        wr = w * self._residuals(w)
        return np.asarray(np.einsum("gk,gk->g", wr, wr))

    def trace(self, w: FloatArray) -> FloatArray:
        """tr P."""
        raise NotImplementedError

    def qq_less_trace(self, w: FloatArray) -> FloatArray:
        """y'PPy − tr P."""
        return self.qq(w) - self.trace(w)

    def _residuals(self, w: FloatArray) -> FloatArray:
        raise NotImplementedError


class OneMean(Engine):
    """X is one constant column, whose size P does not depend on.

    The study with the smallest v is the heaviest for every tau², so its effect is the origin and its weight is what must
    not be lost by subtraction.
    """

    def __init__(self, yi: FloatArray, vi: FloatArray, X: FloatArray) -> None:
        super().__init__(yi, vi, X)
        self._y = yi - yi[self.first]
        self._ones = np.ones(vi.size)
        self._others = self._ones.copy()
        self._others[self.first] = 0.0

    def unweighted_ss(self) -> float:
        """The sum of squares about the mean."""
        r = self._y - float(np.add.reduce(self._y)) / self._y.size
        return float(r @ r)

    def _residuals(self, w: FloatArray) -> FloatArray:
        return np.asarray(self._y - (w @ self._y / (w @ self._others + w[:, self.first]))[:, None])

    def trace(self, w: FloatArray) -> FloatArray:
        """Σ w_i (Σ_{j≠i} w_j) / Σ w, all terms positive."""
        rest = w @ self._others
        total = rest + w[:, self.first]
        others = total[:, None] - w
        others[:, self.first] = rest
        return np.asarray(np.einsum("gk,gk->g", w, others) / total)

    def qq_less_trace(self, w: FloatArray) -> FloatArray:
        """y'PPy − tr P, with what they share computed once: a meta-analysis by REML spends its time here."""
        rest = w @ self._others
        total = rest + w[:, self.first]
        wr = (self._y - (w @ self._y / total)[:, None]) * w
        shares = 1.0 - w / total[:, None]
        shares[:, self.first] = rest / total
        return np.asarray((wr * wr - w * shares) @ self._ones)


class OneColumn(Engine):
    """X is one column x. The heaviest study, by w x², may be another one for every tau²."""

    def __init__(self, yi: FloatArray, vi: FloatArray, X: FloatArray) -> None:
        super().__init__(yi, vi, X)
        self._x = X[:, 0]
        self._xx = self._x**2

    def _residuals(self, w: FloatArray) -> FloatArray:
        u = w * self._xx
        heaviest = u.argmax(axis=1)
        moved = self.yi - (self.yi[heaviest] / self._x[heaviest])[:, None] * self._x
        slope = np.einsum("gk,gk->g", w * self._x, moved) / u.sum(axis=1)
        return np.asarray(moved - slope[:, None] * self._x)

    def trace(self, w: FloatArray) -> FloatArray:
        """Σ w_i (U − u_i) / U with u = w x² and U = Σ u, all terms positive."""
        u = w * self._xx
        total = u.sum(axis=1)
        others = total[:, None] - u
        row, heaviest = np.arange(len(w)), u.argmax(axis=1)
        u[row, heaviest] = 0.0
        others[row, heaviest] = u.sum(axis=1)
        return np.asarray(np.einsum("gk,gk->g", w, others) / total)


class Columns(Engine):
    """Any X, by a QR of W^½ X for each tau²."""

    def __init__(self, yi: FloatArray, vi: FloatArray, X: FloatArray) -> None:
        super().__init__(yi, vi, X)
        self._y = wls(yi, X, 1.0 / vi).residuals  # P takes no notice, and what is small keeps its digits

    def _residuals(self, w: FloatArray) -> FloatArray:
        """With one step of refinement, as in wls."""
        root = np.sqrt(w)
        Q, R = np.linalg.qr(root[:, :, None] * self.X)
        inverse = np.linalg.inv(R)
        r = np.broadcast_to(self._y, w.shape)
        for _ in range(2):
            beta = inverse @ np.einsum("gkp,gk->gp", Q, root * r)[:, :, None]
            r = r - (self.X @ beta)[:, :, 0]
        return np.asarray(r)

    def trace(self, w: FloatArray) -> FloatArray:
        """Σ w_i (1 − h_i) with the leverages h of W^½ X."""
        Q = np.linalg.qr(np.sqrt(w)[:, :, None] * self.X)[0]
        return np.asarray(np.einsum("gk,gk->g", w, 1.0 - np.einsum("gkp,gkp->gk", Q, Q)))


class Moments(Engine):
    """Any X from the sums Σ w^a x_i x_j, Σ w^a x_i y and Σ w^a y², which two matrix products give.

    X is made orthonormal and y its unweighted residual, so that cond X'WX is at most max w / min w, and the digits that
    are lost are about twice as many as that ratio has.
    """

    def __init__(self, yi: FloatArray, vi: FloatArray, X: FloatArray) -> None:
        super().__init__(yi, vi, X)
        Q, _ = np.linalg.qr(X)
        y = wls(yi, X, np.ones(vi.size)).residuals
        Z = np.column_stack([Q, y - Q @ (Q.T @ y)])
        self._p = p = X.shape[1]
        i, j = np.triu_indices(p + 1)
        self._products = Z[:, i] * Z[:, j]
        self._place = np.zeros((p + 1, p + 1), dtype=np.intp)
        self._place[i, j] = self._place[j, i] = np.arange(len(i))

    def _sums(self, w: FloatArray) -> FloatArray:
        """Z'WZ for Z = [X, y], (G, p + 1, p + 1)."""
        return np.asarray((w @ self._products)[:, self._place])

    def q(self, w: FloatArray) -> FloatArray:
        """y'Py = Σ w r²."""
        return self._form(w, w)

    def qq(self, w: FloatArray) -> FloatArray:
        """y'PPy = Σ w² r²."""
        return self._form(w, w * w)

    def _form(self, w: FloatArray, middle: FloatArray) -> FloatArray:
        """Σ m r² with r = Z b, b = (−beta, 1)."""
        A, p = self._sums(w), self._p
        beta = np.linalg.solve(A[:, :p, :p], A[:, :p, p:])[:, :, 0]
        b = np.column_stack([-beta, np.ones(len(w))])
        return np.asarray(np.einsum("gi,gij,gj->g", b, self._sums(middle), b))

    def trace(self, w: FloatArray) -> FloatArray:
        """tr P = Σ w − tr (X'WX)⁻¹ X'WWX."""
        p = self._p
        A, B = self._sums(w)[:, :p, :p], self._sums(w * w)[:, :p, :p]
        return np.asarray(w.sum(axis=1) - np.trace(np.linalg.solve(A, B), axis1=1, axis2=2))
