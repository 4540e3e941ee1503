"""The covariances of correlations that were measured on the same people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pymeta.arrays import FloatArray, as_vector, read_only, refuse
from pymeta.data.columns import column
from pymeta.errors import DataError, OptionError, no_such
from pymeta.shaping.blocks import square
from pymeta.shaping.frames import as_pandas, name_of
from pymeta.shaping.levels import label, whole

__all__ = ["CorrelationsV", "rcalc"]

_COMMON: Mapping[str, Callable[[FloatArray], float]] = {
    "min": lambda n: float(n.min()),
    "harmonic": lambda n: float(1.0 / (1.0 / n).mean()),
    "mean": lambda n: float(n.mean()),
}
_SMALLEST = 5.0  # people on whom correlations must rest to have covariances


@dataclass(frozen=True, slots=True, eq=False)
class CorrelationsV:
    """Correlations and their covariances.

    dat : a frame of study, the two variables, both as one label, yi and the study's common ni
    V : (k, k), NaN where a correlation that it rests on is missing; a scipy matrix if asked for
    """

    dat: pd.DataFrame
    V: Any


@dataclass(frozen=True, slots=True)
class _Rows:
    """One correlation a row; names: of the frame's columns study (None for one study alone), first and second."""

    study: list[str]
    first: list[str]
    second: list[str]
    r: FloatArray
    n: FloatArray
    names: tuple[str | None, str, str]


def rcalc(
    x: Any,
    ni: Any,
    *,
    data: Any = None,
    rtoz: bool = False,
    nfun: str | Callable[[FloatArray], float] = "min",
    sparse: bool = False,
) -> CorrelationsV:
    """Dependent correlations as a table, with their variances and covariances.

    x : a correlation matrix (its lower triangle is read), a list or mapping of them; or names of columns of `data`, as in
        ``["ri", "var1", "var2", "study"]``: the correlation, the two variables, and the study if there are several
    ni : sample sizes: one a matrix, or one a row of `data`, or the name of their column
    rtoz : transform the correlations to Fisher's z
    nfun : how the sizes in a study become the one that its covariances need: "min", "harmonic", "mean", or a function

    Covariances are (ψ/(n − 1)) of raw and ψ/((n − 3)(1 − r²)(1 − r'²)) of transformed correlations; NaN below five people.
    Raises DataError for values beyond ±1, pairs that occur twice or of a variable with itself, and missing labels.
    Source: Steiger (1980), equation 3; Olkin & Finn (1990). metafor: ``rcalc(ri ~ var1 + var2 | study, ni, data=)``.
    Differs from metafor: a matrix whose diagonal is not 1 is refused; a z of r = ±1 is NaN there Inf, as its covariances are
    """
    named = isinstance(x, list | tuple) and len(x) > 0 and all(isinstance(name, str) for name in x)
    rows = _rows_of_columns(x, ni, data) if named else _rows_of_matrices(x, ni)
    common = _common_sizes(rows, nfun)
    blocks = [np.flatnonzero(np.array(rows.study) == name) for name in dict.fromkeys(rows.study)]
    V = np.zeros((len(rows.r), len(rows.r)))
    for block in blocks:
        V[np.ix_(block, block)] = _block(rows, block, float(common[block[0]]), rtoz)
    return CorrelationsV(_table(rows, common, rtoz), _sparse(V) if sparse else read_only(V))


def _sparse(V: FloatArray) -> Any:
    from scipy.sparse import csr_array  # only for those who ask

    return csr_array(V)


def _rows_of_columns(x: Sequence[str], ni: Any, data: Any) -> _Rows:
    if data is None:
        raise OptionError(f"x={x!r} names columns, but no data= is given")
    if not 3 <= len(x) <= 4:
        raise OptionError(f"x={x!r}: needs three or four columns: correlation, two variables, and study")
    table = as_pandas("data", data)
    names = [name_of("x", name, table) for name in x]
    first, second, *more = ([label(value) for value in whole(name, table[name])] for name in names[1:])
    study = more[0] if more else ["1"] * len(table)
    n = as_vector("ni", column("ni", ni, data))
    if len(n) != len(table):
        raise DataError(f"has {len(n)} sizes for {len(table)} correlations", argument="ni")
    rows = _Rows(study, first, second, as_vector(names[0], table[names[0]]), n, (x[3] if more else None, x[1], x[2]))
    _check_pairs(rows)
    refuse(names[0], rows.r, np.abs(rows.r) > 1.0, "is no correlation; needs a value between -1 and 1")
    return rows


def _check_pairs(rows: _Rows) -> None:
    seen: set[tuple[str, frozenset[str]]] = set()
    for i, (study, a, b) in enumerate(zip(rows.study, rows.first, rows.second, strict=True), 1):
        where = f" in study {study}" if rows.names[0] else ""
        if a == b:
            raise DataError(f"the correlation of {a!r} with itself{where}", argument=rows.names[2], row=i)
        if (study, frozenset((a, b))) in seen:
            raise DataError(f"the correlation of {a!r} and {b!r} is there twice{where}", argument=rows.names[2], row=i)
        seen.add((study, frozenset((a, b))))


def _rows_of_matrices(x: Any, ni: Any) -> _Rows:
    one = not isinstance(x, Mapping) and not (isinstance(x, list | tuple) and any(np.ndim(m) == 2 for m in x))
    matrices: dict[str, Any] = {"1": x} if one else _named(x)
    n = as_vector("ni", ni)
    if len(n) != len(matrices):
        raise DataError(f"has {len(n)} sizes for {len(matrices)} matrices", argument="ni")
    parts = [_lower(name, matrix) for name, matrix in matrices.items()]
    study = [name for name, part in zip(matrices, parts, strict=True) for _ in part[2]]
    first, second = ([text for part in parts for text in part[i]] for i in (0, 1))
    r = np.concatenate([part[2] for part in parts])
    sizes = np.concatenate([np.full(len(part[2]), size) for size, part in zip(n, parts, strict=True)])
    return _Rows(study, first, second, r, sizes, (None if one else "id", "var1", "var2"))


def _named(x: Any) -> dict[str, Any]:
    pairs = x.items() if isinstance(x, Mapping) else ((str(i), matrix) for i, matrix in enumerate(x, 1))
    return {str(name): matrix for name, matrix in pairs}


def _lower(study: str, x: Any) -> tuple[list[str], list[str], FloatArray]:
    """The variables and the correlations of a matrix's lower triangle, column by column."""
    matrix = square("x", x)
    names = list(map(label, x.columns)) if isinstance(x, pd.DataFrame) else [f"x{i + 1}" for i in range(len(matrix))]
    diagonal = np.diag(matrix)
    refuse("x", diagonal, ~np.isnan(diagonal) & (np.abs(diagonal - 1.0) > 1e-12), "on the diagonal of correlations is not 1")
    column, row = np.triu_indices(len(matrix), 1)
    r = matrix[row, column]
    if (np.abs(r) > 1.0).any():
        raise DataError(f"{r[np.abs(r) > 1.0][0]:.15g} in matrix {study} is no correlation", argument="x")
    return [names[i] for i in column], [names[i] for i in row], r


def _common_sizes(rows: _Rows, nfun: Any) -> FloatArray:
    """The sample size that all correlations of a study are taken to rest on, (k,)."""
    if not callable(nfun) and nfun not in _COMMON:
        raise no_such("nfun", nfun, _COMMON, what="common sample size")
    common = nfun if callable(nfun) else _COMMON[nfun]
    refuse("ni", rows.n, rows.n <= 0.0, "is no sample size")
    out = np.full(len(rows.n), np.nan)
    for name in dict.fromkeys(rows.study):
        of_study = np.array(rows.study) == name
        known = rows.n[of_study & ~np.isnan(rows.n)]
        if known.size:
            out[of_study] = common(known)
    return out


def _block(rows: _Rows, block: npt.NDArray[np.intp], n: float, rtoz: bool) -> FloatArray:
    """The covariances of one study's correlations."""
    if not n >= _SMALLEST:
        return np.full((len(block), len(block)), np.nan)
    variables = list(dict.fromkeys([*(rows.first[i] for i in block), *(rows.second[i] for i in block)]))
    i, j = (np.array([variables.index(names[row]) for row in block]) for names in (rows.first, rows.second))
    R = np.full((len(variables), len(variables)), np.nan)
    R[i, j] = R[j, i] = rows.r[block]
    np.fill_diagonal(R, 1.0)
    psi = _psi(R, i, j)
    # Of a correlation with itself nothing is needed but itself, though (3) would do as well
    shrunk = (1.0 - rows.r[block]) * (1.0 + rows.r[block])
    np.fill_diagonal(psi, shrunk**2)
    if not rtoz:
        return psi / (n - 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        transformed = np.where((shrunk == 0.0)[:, None] | (shrunk == 0.0), np.nan, psi / (shrunk[:, None] * shrunk))
    return np.asarray(transformed / (n - 3.0))


def _psi(R: FloatArray, i: npt.NDArray[np.intp], j: npt.NDArray[np.intp]) -> FloatArray:
    """n times the covariances of r_ij and r_kl, by the partial correlations' form of Steiger's (3).

    ψ = ½ [(r_ik − r_ij r_jk)(r_jl − r_jk r_kl) + (r_ik − r_il r_kl)(r_jl − r_ij r_il)
         + (r_il − r_ik r_kl)(r_jk − r_ij r_ik) + (r_il − r_ij r_jl)(r_jk − r_jl r_kl)], summed so that it is symmetric
    """
    r = R[i, j]
    ij, kl = r[:, None], r[None, :]
    ik, il, jk, jl = (R[np.ix_(a, b)] for a in (i, j) for b in (i, j))
    return np.asarray(
        0.5
        * (
            ((ik - ij * jk) * (jl - jk * kl) + (ik - il * kl) * (jl - ij * il))
            + ((il - ik * kl) * (jk - ij * ik) + (il - ij * jl) * (jk - jl * kl))
        )
    )


def _table(rows: _Rows, common: FloatArray, rtoz: bool) -> pd.DataFrame:
    study, first, second = rows.names
    with np.errstate(divide="ignore"):
        yi = np.where(np.abs(rows.r) == 1.0, np.nan, np.arctanh(rows.r)) if rtoz else rows.r
    columns: dict[str, Any] = {} if study is None else {study: rows.study}
    pairs = [f"{a}.{b}" for a, b in zip(rows.first, rows.second, strict=True)]
    columns |= {first: rows.first, second: rows.second, f"{first}.{second}": pairs, "yi": yi, "ni": common}
    return pd.DataFrame(columns)
