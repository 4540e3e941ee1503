"""One model of many data sets at once: of subsets of the studies, with effects of other signs, or with permuted moderators.

All data sets share the k sampling variances. A fit needs no more than the sums Σ w^a x_i x_j, Σ w^a x_i y and Σ w^a y²,
which matrix products give for all of them, with X made orthonormal so that X'WX is as well conditioned as W. The answers
are those of one `fit` after another, which remains for what is not in `METHODS` and for variances that differ too much.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pymeta.arrays import BoolArray, FloatArray, IntArray
from pymeta.data.specs import UniSpec
from pymeta.models.subsets import fit_or_none, some
from pymeta.numerics.stacks import Kept, Permuted, Signed, Stack
from pymeta.tau2.many import METHODS, forms_of, weights_at
from pymeta.tau2.methods import TAU2

__all__ = ["Many", "joined", "permuted", "signed", "subsets"]

_WIDEST = 1e4  # of the largest variance over the smallest: sums of products keep 8 digits
_NUMBERS = 1 << 21  # that a working array may hold
_SINGULAR = 1e-12  # of the smallest eigenvalue of X'X over the largest


@dataclass(frozen=True, slots=True)
class Many:
    """The fits: coefficients, standard errors and test values, (n, p); the rest (n,), NaN where a model cannot be fitted."""

    beta: FloatArray
    se: FloatArray
    zval: FloatArray
    QM: FloatArray
    QE: FloatArray
    tau2: FloatArray
    I2: FloatArray
    H2: FloatArray
    k: IntArray


def joined(found: Sequence[Many]) -> Many:
    """The fits one after the other."""
    parts: Any = {name: np.concatenate([getattr(one, name) for one in found]) for name in Many.__dataclass_fields__}
    return Many(**parts)


def subsets(spec: UniSpec, kept: BoolArray) -> Many:
    """The model of the studies that are `kept`, (n, k)."""

    def one(i: int) -> UniSpec:
        return some(spec, kept[i])

    if not _together(spec):
        return _one_by_one(spec, len(kept), one)
    Q, R = np.linalg.qr(spec.X)
    yi, vi = spec.studies.yi, spec.studies.vi
    return _joined(spec, (Kept(Q, yi, vi, kept[rows]) for rows in _pieces(len(kept), len(yi) * Q.shape[1])), R)


def signed(spec: UniSpec, signs: FloatArray) -> Many:
    """The model of the effects times `signs`, (n, k)."""
    yi = spec.studies.yi

    def one(i: int) -> UniSpec:
        return replace(spec, studies=replace(spec.studies, yi=yi * signs[i]))

    if not _together(spec):
        return _one_by_one(spec, len(signs), one)
    Q, R = np.linalg.qr(spec.X)
    parts = (Signed(Q, yi, spec.studies.vi, signs[rows]) for rows in _pieces(len(signs), len(yi) * Q.shape[1]))
    return _joined(spec, parts, R)


def permuted(spec: UniSpec, orders: IntArray) -> Many:
    """The model with the rows of X in other orders, (n, k)."""
    yi = spec.studies.yi

    def one(i: int) -> UniSpec:
        return replace(spec, design=replace(spec.design, X=spec.X[orders[i]]))

    if not _together(spec):
        return _one_by_one(spec, len(orders), one)
    Q, R = np.linalg.qr(spec.X)
    size = len(yi) * (Q.shape[1] + 1) ** 2
    return _joined(spec, (Permuted(Q, yi, spec.studies.vi, orders[rows]) for rows in _pieces(len(orders), size)), R)


def _together(spec: UniSpec) -> bool:
    vi = spec.studies.vi
    plain = spec.weights is None and spec.weighted and spec.tau2_min == 0.0 and spec.tau2_init is None
    return plain and spec.method in METHODS and bool(vi.max() <= _WIDEST * vi.min())


def _pieces(n: int, size: int) -> Iterator[slice]:
    step = max(1, _NUMBERS // size)
    return (slice(start, start + step) for start in range(0, n, step))


def _one_by_one(spec: UniSpec, n: int, one: Callable[[int], UniSpec]) -> Many:
    fits = [fit_or_none(one(i)) for i in range(n)]
    p = spec.X.shape[1]

    def column(name: str) -> FloatArray:
        return np.array([np.nan if found is None else getattr(found, name) for found in fits], dtype=np.float64)

    def table(name: str) -> FloatArray:
        return np.array([np.full(p, np.nan) if found is None else getattr(found, name) for found in fits]).reshape(n, p)

    k = np.array([one(i).studies.k for i in range(n)], dtype=np.intp)
    parts: Any = {name: table(name) for name in ("beta", "se", "zval")}
    return Many(**parts, **{name: column(name) for name in ("QM", "QE", "tau2", "I2", "H2")}, k=k)


def _joined(spec: UniSpec, parts: Iterator[Stack], R: FloatArray) -> Many:
    return joined([_fitted(spec, stack, R) for stack in parts])


def _fitted(spec: UniSpec, stack: Stack, R: FloatArray) -> Many:
    eigenvalues = np.linalg.eigvalsh(stack.sums(np.ones(len(stack.vi)))[0])
    estimated = TAU2[spec.method].random and spec.tau2 is None and stack.p > 1
    there = np.flatnonzero((stack.k >= stack.p + estimated) & (eigenvalues[:, 0] > _SINGULAR * eigenvalues[:, -1]))
    few = stack if len(there) == stack.n else stack.take(there)
    made = _of_full_rank(spec, few, R)
    if few is stack:
        return made
    names = [name for name in Many.__dataclass_fields__ if name != "k"]
    parts: Any = {name: _spread(getattr(made, name), there, stack.n) for name in names}
    return Many(**parts, k=stack.k)


def _spread(values: FloatArray, places: IntArray, n: int) -> FloatArray:
    whole = np.full((n, *values.shape[1:]), np.nan)
    whole[places] = values
    return whole


def _of_full_rank(spec: UniSpec, stack: Stack, R: FloatArray) -> Many:
    df = stack.k - stack.p
    tau2 = np.full(stack.n, 0.0 if spec.tau2 is None else spec.tau2)
    if spec.tau2 is None and TAU2[spec.method].random:
        left = np.flatnonzero(df > 0)
        tau2[left] = np.maximum(METHODS[spec.method](stack if len(left) == stack.n else stack.take(left)), 0.0)
    w = weights_at(stack, tau2)
    A, c, d = stack.sums(w)
    bread = np.linalg.inv(A)
    beta = np.einsum("nij,nj->ni", bread, c)
    s2w = np.ones(stack.n)
    if spec.test in ("knha", "adhoc"):
        with np.errstate(divide="ignore", invalid="ignore"):
            s2w = np.where(stack.k == 1, 1.0, (d - np.einsum("ni,ni->n", beta, c)) / df)
        s2w = np.maximum(s2w, 1.0) if spec.test == "adhoc" else s2w
    back = np.linalg.inv(R)
    vb = s2w[:, None, None] * (back @ bread @ back.T)
    coefficients = (beta + stack.start) @ back.T
    se = np.sqrt(np.einsum("nii->ni", vb))
    QE, trace = _homogeneity(stack)
    random = TAU2[spec.method].random
    with np.errstate(divide="ignore", invalid="ignore"):
        zval = coefficients / se
        typical = df / trace
        shares = (100.0 * tau2 / (tau2 + typical), tau2 / typical + 1.0) if random else _from_q(QE, df)
    I2, H2 = np.where(df > 0, shares[0], 0.0), np.where(df > 0, shares[1], 1.0)
    return Many(coefficients, se, zval, _omnibus(spec, coefficients, vb), np.where(df > 0, QE, 0.0), tau2, I2, H2, stack.k)


def _homogeneity(stack: Stack) -> tuple[FloatArray, FloatArray]:
    forms = forms_of(stack, 1.0 / stack.vi)
    return np.maximum(forms.q, 0.0), forms.trace


def _from_q(QE: FloatArray, df: IntArray) -> tuple[FloatArray, FloatArray]:
    return 100.0 * np.maximum(0.0, (QE - df) / QE), QE / df


def _omnibus(spec: UniSpec, beta: FloatArray, vb: FloatArray) -> FloatArray:
    chosen = list(spec.btt)
    b, V = beta[:, chosen], vb[:, chosen][:, :, chosen]
    QM: FloatArray = np.einsum("ni,ni->n", b, np.linalg.solve(V, b[:, :, None])[:, :, 0])
    return QM if spec.test == "z" else QM / len(chosen)
