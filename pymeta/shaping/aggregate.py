"""Several estimates of a study made one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pymeta.arrays import BoolArray, FloatArray, as_vector, refuse
from pymeta.data.columns import column, rows_chosen
from pymeta.errors import DataError, OptionError, no_such
from pymeta.shaping.blocks import square
from pymeta.shaping.definite import is_definite
from pymeta.shaping.frames import as_pandas, given_or_none, names_of
from pymeta.shaping.levels import codes, label, text_key, whole

__all__ = ["aggregate"]

STRUCTS = ("ID", "CS", "CAR", "CS+CAR", "CS*CAR")
Rows = npt.NDArray[np.intp]
Summary = Callable[[pd.Series], Any]


@dataclass(frozen=True, slots=True)
class _Errors:
    """The sampling errors' covariances: variances and a structure, or all of V.

    rho, phi : (number of clusters,); time : (k,); obs : (k,) codes; V : (k, k)
    """

    vi: FloatArray
    struct: str
    rho: FloatArray
    phi: FloatArray
    time: FloatArray
    obs: Rows
    V: FloatArray | None

    def among(self, rows: Rows, cluster: int) -> FloatArray:
        """The covariances of some rows of one cluster, (m, m)."""
        if self.V is not None:
            return self.V[np.ix_(rows, rows)]
        root = np.sqrt(self.vi[rows])
        R = self._correlations(rows, self.rho[cluster], self.phi[cluster])
        np.fill_diagonal(R, 1.0)
        return np.asarray(R * (root[:, None] * root))

    def _correlations(self, rows: Rows, rho: float, phi: float) -> FloatArray:
        if self.struct == "ID":
            return np.eye(len(rows))
        if self.struct == "CS":
            return np.full((len(rows), len(rows)), rho)
        power = np.power(phi, np.abs(self.time[rows][:, None] - self.time[rows]))
        if self.struct == "CAR":
            return np.asarray(power)
        if self.struct == "CS+CAR":
            return np.asarray(rho + (1.0 - rho) * power)
        return np.asarray(np.where(self.obs[rows][:, None] == self.obs[rows], 1.0, rho) * power)


def aggregate(
    x: Any,
    cluster: Any,
    *,
    time: Any = None,
    obs: Any = None,
    V: Any = None,
    struct: str = "CS",
    rho: Any = None,
    phi: Any = None,
    weighted: bool = True,
    checkpd: bool = True,
    fun: Sequence[Summary] | None = None,
    na_rm: bool | Sequence[bool] = True,
    addk: bool = False,
    subset: Any = None,
    select: Sequence[str] | None = None,
    var_names: Sequence[str] | None = None,
) -> pd.DataFrame:
    """One row a cluster, whose estimate is the mean of the cluster's estimates, as precise as their errors' covariances say.

    x : a table of estimates and variances, such as `escalc` returns; the other arguments may name its columns
    cluster : (k,) what the estimates are of
    time, obs : (k,) when each was measured, and what it is an observation of
    struct : the errors' correlations: "ID" none; "CS" rho; "CAR" phi^|t − t'|; "CS+CAR" rho + (1 − rho) phi^|t − t'|;
        "CS*CAR" phi^|t − t'|, times rho between different obs
    rho, phi : one for all clusters, or one a cluster, in the order in which they occur in `x`
    V : (k, k) covariances, or (k,) variances, instead of all these
    weighted : by the inverse of the covariances, else the plain mean
    checkpd : refuse covariances that are not positive definite
    fun : what is made of other columns: of numbers (default: the mean), of truth values (their mean), of all else (the
        commonest; of several the last by name)
    na_rm : leave out estimates, and values of other columns, that are missing; one for both, or one each
    addk : add how many estimates there were, ki
    subset : the rows to use, a mask or positions from 0; select : the columns to return
    var_names : the columns of estimates and variances; default: as `escalc` called them

    Clusters come in the order in which they occur; those without an estimate are left out.
    Raises OptionError for arguments that are missing or out of range, DataError for values that cannot be.
    Source: generalized least squares; Gleser & Olkin (2009). metafor: ``aggregate(x, cluster=, …)``.
    Differs from metafor: a missing time is an error naming the row, and variances may be as small as one likes
    """
    table = as_pandas("x", x).reset_index(drop=True)
    k = len(table)
    groups = whole("cluster", column("cluster", cluster, table), k)
    order = list(groups.unique())
    place = codes(groups, order)
    yi_name, vi_name = _names(var_names, table)
    yi = as_vector(yi_name, table[yi_name])
    errors = _errors(table, vi_name, V, struct, len(order), rho=rho, phi=phi, time=time, obs=obs)
    drop, drop_others = (na_rm, na_rm) if isinstance(na_rm, bool) else tuple(na_rm)
    used = np.ones(k, dtype=bool) if subset is None else rows_chosen("subset", subset, k, table)
    parts = []
    for i in range(len(order)):
        rows = np.flatnonzero(used & (place == i))
        rows = rows[_complete(yi[rows], errors.among(rows, i))] if drop else rows
        if rows.size:
            parts.append((i, rows))
    if not parts:
        raise DataError("no estimate is left to aggregate", argument="x")
    means = [_mean(yi[rows], errors.among(rows, i), weighted, checkpd, label(order[i])) for i, rows in parts]
    new = dict(zip((yi_name, vi_name), np.array(means).T, strict=True))
    out = _summarized(table, [rows for _, rows in parts], new, _functions(fun, drop_others))
    if addk:
        out["ki"] = [rows.size for _, rows in parts]
    out.attrs = dict(table.attrs)
    return out if select is None else out[names_of("select", select, out)]


def _names(var_names: Sequence[str] | None, table: pd.DataFrame) -> tuple[str, str]:
    if var_names is not None and (isinstance(var_names, str) or len(var_names) != 2):
        raise OptionError(f"var_names={var_names!r}: needs two names, of the estimates and of their variances")
    yi, vi = var_names or (table.attrs.get("yi", "yi"), table.attrs.get("vi", "vi"))
    for name in (yi, vi):
        if name not in table.columns:
            raise DataError(f"has no column {name!r}; name estimates and variances by var_names=", argument="x")
    return yi, vi


def _errors(
    table: pd.DataFrame, vi_name: str, V: Any, struct: str, clusters: int, *, rho: Any, phi: Any, time: Any, obs: Any
) -> _Errors:
    k, none = len(table), np.zeros(0)
    vi = as_vector(vi_name, table[vi_name])
    if V is not None:
        return _Errors(vi, "V", none, none, none, none.astype(np.intp), _covariances(V, k))
    if struct not in STRUCTS:
        raise no_such("struct", struct, STRUCTS, what="structure of covariances")
    refuse(vi_name, vi, vi < 0.0, "is negative; a sampling variance is 0 or more")
    needs_rho, needs_phi = "CS" in struct, "CAR" in struct
    times = as_vector("time", _needed("time", time, struct, table)) if needs_phi else np.zeros(k)
    seen = whole("obs", _needed("obs", obs, struct, table), k) if struct == "CS*CAR" else pd.Series(np.zeros(k))
    whole("time", times, k)
    return _Errors(
        vi,
        struct,
        _by_cluster("rho", rho, struct, clusters, -1.0) if needs_rho else np.zeros(clusters),
        _by_cluster("phi", phi, struct, clusters, 0.0) if needs_phi else np.zeros(clusters),
        times,
        codes(seen),
        None,
    )


def _covariances(V: Any, k: int) -> FloatArray:
    matrix = np.diag(as_vector("V", V)) if np.ndim(V) == 1 else square("V", V)
    if len(matrix) != k:
        raise DataError(f"is of shape {matrix.shape} for {k} rows of x", argument="V")
    if not np.allclose(matrix, matrix.T, rtol=1e-12, atol=0.0, equal_nan=True):
        raise DataError("needs a symmetric matrix", argument="V")
    return matrix


def _needed(name: str, values: Any, struct: str, table: pd.DataFrame) -> Any:
    found = given_or_none(name, values, table)
    if found is None:
        raise OptionError(f"struct={struct!r} needs {name}=")
    return found


def _by_cluster(name: str, value: Any, struct: str, clusters: int, least: float) -> FloatArray:
    if value is None:
        raise OptionError(f"struct={struct!r} needs {name}=")
    given = as_vector(name, value)
    if given.size not in (1, clusters):
        raise OptionError(f"{name} has {given.size} values for {clusters} clusters; give one, or one a cluster")
    if not ((given >= least) & (given <= 1.0)).all():
        raise OptionError(f"{name}={value!r}: needs correlations between {least:g} and 1")
    return np.repeat(given, clusters) if given.size == 1 else given


def _complete(yi: FloatArray, V: FloatArray) -> BoolArray:
    """Which estimates have a variance, and covariances with the others that have one."""
    known = ~np.isnan(yi) & ~np.isnan(np.diag(V))
    return np.asarray(known & ~np.isnan(V[:, known]).any(axis=1))


def _mean(yi: FloatArray, V: FloatArray, weighted: bool, checkpd: bool, name: str) -> tuple[float, float]:
    """The mean of a cluster and its variance: y'w and w'Vw, w ∝ V⁻¹1 or equal."""
    if np.isnan(V).any():
        if weighted:
            raise DataError(f"a covariance in cluster {name} is missing; na_rm=True leaves its estimates out", argument="V")
        return float(yi.mean()), np.nan
    if checkpd and not is_definite(V):
        raise DataError(
            f"the covariances in cluster {name} are not positive definite: a variance of 0, or correlations that cannot be "
            "together",
            argument="V",
        )
    if not weighted:
        return float(yi.mean()), float(V.mean())
    root = np.sqrt(np.diag(V))
    try:
        with np.errstate(divide="ignore", invalid="ignore"):
            pull = np.linalg.solve(V / (root[:, None] * root), 1.0 / root) / root
    except np.linalg.LinAlgError:
        pull = np.full(len(yi), np.nan)
    if not np.isfinite(pull).all():
        raise DataError(f"the covariances in cluster {name} have no inverse", argument="V")
    total = float(pull.sum())
    return float((pull * yi).sum() / total), 1.0 / total


def _functions(fun: Sequence[Summary] | None, drop: bool) -> tuple[Summary, Summary, Summary]:
    if fun is None:
        average: Summary = lambda values: _average(values, drop)  # noqa: E731
        return average, average, lambda values: _commonest(values, drop)
    if callable(fun) or len(fun) != 3 or not all(map(callable, fun)):
        raise OptionError(f"fun={fun!r}: needs three functions, for numbers, truth values and all else")
    return fun[0], fun[1], fun[2]


def _average(values: pd.Series, drop: bool) -> float:
    numbers = np.array([np.nan if pd.isna(value) else float(value) for value in values])
    if drop:
        numbers = numbers[~np.isnan(numbers)]
    return float(numbers.mean()) if numbers.size else np.nan


def _commonest(values: pd.Series, drop: bool) -> Any:
    """The value that is there most often; of several the last by name, a missing one behind all others."""
    count: dict[Any, int] = {}
    for value in values:
        if not pd.isna(value):
            count[value] = count.get(value, 0) + 1
    missing = 0 if drop else int(values.isna().sum())
    most = max(count.values(), default=0)
    if not count or missing >= most:
        return None
    return max((value for value, n in count.items() if n == most), key=_place_of(values))


def _place_of(values: pd.Series) -> Callable[[Any], Any]:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return list(values.cat.categories).index
    return lambda value: text_key(str(value))


def _summarized(
    table: pd.DataFrame, parts: Sequence[Rows], new: dict[str, Any], functions: tuple[Summary, Summary, Summary]
) -> pd.DataFrame:
    columns = []
    for i, name in enumerate(table.columns):
        series = table.iloc[:, i]
        if name in new:
            columns.append(pd.Series(new[name], name=name))
            continue
        made = [functions[_kind(series)](series.iloc[rows]) for rows in parts]
        keeps = isinstance(series.dtype, pd.CategoricalDtype) and set(made) - {None} <= set(series.cat.categories)
        columns.append(pd.Series(pd.Categorical(made, dtype=series.dtype) if keeps else made, name=name))
    return pd.concat(columns, axis=1)


def _kind(series: pd.Series) -> int:
    """0 for numbers, 1 for truth values, 2 for all else; a column that also has gaps is judged by its values."""
    if pd.api.types.is_bool_dtype(series):
        return 1
    if pd.api.types.is_numeric_dtype(series):
        return 0
    known = series.dropna()
    return 1 if len(known) and all(isinstance(value, bool | np.bool_) for value in known) else 2
