"""Block diagonal matrices, taken apart and put together, and a vector as a symmetric matrix."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pymeta.arrays import FloatArray
from pymeta.errors import DataError, OptionError
from pymeta.shaping.levels import codes, levels, whole

__all__ = ["bldiag", "blsplit", "square", "vec2mat"]


def square(argument: str, x: Any) -> FloatArray:
    """`x` as a square matrix of doubles; frames and sparse matrices will do. Raises DataError otherwise."""
    dense = x.toarray() if hasattr(x, "toarray") else x
    try:
        matrix = np.array(dense, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"needs a matrix of numbers, got {x!r}", argument=argument) from error
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise DataError(f"needs a square matrix, got one of shape {matrix.shape}", argument=argument)
    return matrix


def blsplit(
    x: Any, cluster: Any, fun: Callable[..., Any] | None = None, args: Any = None, sort: bool = False
) -> dict[Any, Any]:
    """The blocks of a symmetric matrix, or what `fun` makes of each, by cluster.

    x : (k, k); a frame's blocks are frames
    cluster : (k,) the rows with one value make a block, whether or not they stand together
    fun, args : called as ``fun(block, *args)``; a mapping, or one value, will do for `args`
    sort : order the blocks by cluster, not as the clusters first occur

    Raises DataError for a matrix that is not square and symmetric, and for missing clusters.
    metafor: ``blsplit(x, cluster, fun, args, sort)``. Differs from metafor: the keys are the clusters' values, not texts
    """
    matrix = square("x", x)
    if not np.allclose(matrix, matrix.T, rtol=1e-12, atol=0.0, equal_nan=True):
        raise DataError("needs a symmetric matrix", argument="x")
    series = whole("cluster", cluster, len(matrix))
    known = levels(series) if sort else list(series.unique())
    blocks = {value: _block(x, matrix, np.flatnonzero(series == value)) for value in known if (series == value).any()}
    return blocks if fun is None else {value: _called(fun, block, args) for value, block in blocks.items()}


def _block(x: Any, matrix: FloatArray, rows: npt.NDArray[np.intp]) -> Any:
    return x.iloc[rows, rows] if isinstance(x, pd.DataFrame) else matrix[np.ix_(rows, rows)]


def _called(fun: Callable[..., Any], block: Any, args: Any) -> Any:
    if isinstance(args, Mapping):
        return fun(block, **args)
    several = args if isinstance(args, Sequence) and not isinstance(args, str) else [] if args is None else [args]
    return fun(block, *several)


def bldiag(*matrices: Any, order: Any = None) -> FloatArray:
    """A block diagonal matrix of matrices, or of a list or mapping of them.

    matrices : a number is a block of one, a vector a diagonal; blocks without rows or columns are left out
    order : (k,) a variable by whose sorted values the blocks are ordered; rows and columns then follow the variable

    Raises OptionError when the matrix to be ordered is not square, or `order` is not as long.
    metafor: ``bldiag(…, order=)``
    """
    blocks = [block for block in map(_as_block, _listed(matrices)) if block.size]
    out = np.zeros((sum(len(block) for block in blocks), sum(block.shape[1] for block in blocks)))
    row = column = 0
    for block in blocks:
        out[row : row + len(block), column : column + block.shape[1]] = block
        row, column = row + len(block), column + block.shape[1]
    return out if order is None else _ordered(out, order)


def _listed(matrices: tuple[Any, ...]) -> list[Any]:
    if len(matrices) == 1 and isinstance(matrices[0], Mapping):
        return list(matrices[0].values())
    one = matrices[0] if len(matrices) == 1 else None
    nested = isinstance(one, list | tuple) and (len(one) == 0 or any(np.ndim(block) == 2 for block in one))
    return list(one) if nested else list(matrices)  # type: ignore[arg-type]


def _as_block(block: Any) -> FloatArray:
    array = np.asarray(block.toarray() if hasattr(block, "toarray") else block, dtype=np.float64)
    if array.ndim > 2:
        raise DataError(f"needs matrices, got an array of shape {array.shape}", argument="matrices")
    return array if array.ndim == 2 else np.diag(np.atleast_1d(array))


def _ordered(matrix: FloatArray, order: Any) -> FloatArray:
    if matrix.shape[0] != matrix.shape[1]:
        raise OptionError(f"order: only a square matrix can be ordered, and this one is of shape {matrix.shape}")
    if np.ndim(order) != 1 or len(order) != len(matrix):
        raise OptionError(f"order: has {np.size(order)} values for a matrix of shape {matrix.shape}")
    place = np.argsort(np.argsort(codes(whole("order", order)), kind="stable"))
    return np.asarray(matrix[np.ix_(place, place)])


def vec2mat(x: Any, diag: bool = False, corr: bool | None = None, dimnames: Sequence[Any] | None = None) -> Any:
    """A symmetric matrix whose lower triangle is `x`, column by column.

    x : p (p − 1) / 2 values; with `diag`, p (p + 1) / 2 that hold the diagonal too
    corr : 1 on the diagonal; default: unless `diag`
    dimnames : names for a frame's rows and columns

    Returns (p, p), NaN where nothing is given. Raises DataError when no such p exists or names are too few or many.
    metafor: ``vec2mat(x, diag, corr, dimnames)``
    """
    values = np.asarray(x, dtype=np.float64).ravel(order="F")
    p = round((np.sqrt(8.0 * values.size + 1.0) + (-1.0 if diag else 1.0)) / 2.0)
    if p * (p + (1 if diag else -1)) // 2 != values.size or p < 1:
        raise DataError(f"{values.size} values do not fill the lower triangle of a square matrix", argument="x")
    if dimnames is not None and len(dimnames) != p:
        raise DataError(f"has {len(dimnames)} names for a matrix of {p} rows", argument="dimnames")
    matrix = np.full((p, p), np.nan)
    column, row = np.triu_indices(p, 0 if diag else 1)
    matrix[row, column] = matrix[column, row] = values
    if corr if corr is not None else not diag:
        np.fill_diagonal(matrix, 1.0)
    return matrix if dimnames is None else pd.DataFrame(matrix, index=list(dimnames), columns=list(dimnames))
