"""The covariances of estimates that share people: their sampling errors' matrix, block by block."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pymeta.arrays import FloatArray, as_vector, refuse
from pymeta.data.columns import column
from pymeta.errors import DataError, OptionError, ShapingWarning
from pymeta.shaping.definite import is_definite, nearest_correlation
from pymeta.shaping.frames import as_pandas, given_or_none, names_of
from pymeta.shaping.levels import codes, label, whole

__all__ = ["vcalc"]

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Between:
    """The correlations of estimates by one of their labels: a number for two that differ, or a matrix over `names`."""

    values: npt.NDArray[Any]
    rho: float | FloatArray

    def among(self, rows: Rows) -> FloatArray:
        found = self.values[rows]
        if isinstance(self.rho, np.ndarray):
            return np.asarray(self.rho[np.ix_(found, found)])
        return np.where(found[:, None] == found, 1.0, self.rho)


@dataclass(frozen=True, slots=True)
class _Contrasts:
    """What each estimate contrasts: group, time and weight of its two conditions, each (k,)."""

    groups: tuple[Rows, Rows]
    times: tuple[FloatArray, FloatArray]
    weights: tuple[FloatArray, FloatArray]

    def among(self, rows: Rows, phi: float) -> FloatArray:
        """Correlations of the contrasts A − B: those of their outcomes A and B, whose variances are 1/w."""
        AA, AB, BA, BB = (self._outcomes(a, b, rows, phi) for a, b in ((0, 0), (0, 1), (1, 0), (1, 1)))
        covariance = (AA + BB) - (AB + BA)
        variance = np.diag(covariance)
        return np.asarray(covariance / np.sqrt(variance[:, None] * variance))

    def _outcomes(self, a: int, b: int, rows: Rows, phi: float) -> FloatArray:
        same = self.groups[a][rows][:, None] == self.groups[b][rows]
        power = _autocorrelation(self.times[a][rows], self.times[b][rows], phi)
        return np.where(same, power, 0.0) / np.sqrt(self.weights[a][rows][:, None] * self.weights[b][rows])


def _autocorrelation(first: FloatArray, second: FloatArray, phi: float) -> FloatArray:
    with np.errstate(invalid="ignore"):  # a negative phi has no power of half a unit of time: NaN
        return np.asarray(np.power(phi, np.abs(first[:, None] - second)))


@dataclass(frozen=True, slots=True)
class _Structure:
    """Every reason for which two estimates of a cluster may be correlated; None where there is none."""

    obs: _Between | None
    type: _Between | None
    time: FloatArray | None
    contrasts: _Contrasts | None
    phi: float

    def among(self, rows: Rows) -> FloatArray:
        """The correlations of some estimates of one cluster, (m, m)."""
        R = self._of_measurements(rows)
        if self.contrasts is not None:
            R = R * self.contrasts.among(rows, self.phi)
        elif self.time is not None:
            R = R * _autocorrelation(self.time[rows], self.time[rows], self.phi)
        np.fill_diagonal(R, 1.0)
        return R

    def _of_measurements(self, rows: Rows) -> FloatArray:
        if self.type is not None and self.obs is not None:
            found = self.type.values[rows]
            return np.where(found[:, None] == found, self.obs.among(rows), self.type.among(rows))
        for one in (self.type, self.obs):
            if one is not None:
                return one.among(rows)
        return np.ones((len(rows), len(rows)))


def vcalc(
    vi: Any,
    cluster: Any,
    *,
    subgroup: Any = None,
    obs: Any = None,
    type: Any = None,
    time1: Any = None,
    time2: Any = None,
    grp1: Any = None,
    grp2: Any = None,
    w1: Any = None,
    w2: Any = None,
    data: Any = None,
    rho: Any = None,
    phi: float | None = None,
    rvars: Any = None,
    checkpd: bool = True,
    nearpd: bool = False,
    sparse: bool = False,
) -> Any:
    """The variances and covariances of dependent estimates, V of a multivariate model.

    vi : (k,) sampling variances, or one for all
    cluster, subgroup : (k,) estimates are dependent within a cluster, and there within a subgroup
    obs, type : (k,) which observation of a construct, and which construct; `rho` is their correlation, or a frame of
        correlations named by the values; with both, a pair of these: within a construct, and between constructs
    time1, grp1, w1 : (k,) time, group and size of the first condition; time2, grp2, w2 : of the second, if estimates are
        contrasts. Without times all are one, time2 is time1, and sizes are equal; w2 is w1
    phi : the correlation of estimates that are one unit of time apart
    rvars : columns of `data` with each cluster's correlations, lower triangle and diagonal, instead of all these
    data : a table; the other arguments may name its columns
    checkpd : warn of clusters whose matrix is not positive definite; nearpd : replace their correlations by the nearest
    sparse : a scipy matrix in compressed rows

    Returns (k, k), rows and columns of NaN where a variance is missing (if sparse: within the cluster).
    Warns (ShapingWarning) as `checkpd` says and of gaps in `rvars`.
    Raises OptionError for arguments that do not go together, DataError for values that cannot be.
    metafor: ``vcalc(vi, cluster, …)``. Differs from metafor: it ignores `rho` without obs and type, and `phi` without
    time1, and reads only half of an asymmetric `rho`; it knows no variance for a contrast of a thing with itself (NaN);
    without grp2, it compares every group with one called 2, whether or not there is such a group. Here, these are errors,
    but for the last: the group compared with is none of grp1
    """
    groups = whole("cluster", column("cluster", cluster, data))
    k = len(groups)
    variances = _variances(vi, k, data)
    parts = groups.map(label)
    if subgroup is not None:
        parts = parts + "." + whole("subgroup", column("subgroup", subgroup, data), k).map(label)
    blocks = {str(name): rows for name, rows in parts.groupby(parts, sort=False).indices.items()}
    if rvars is not None:
        found = _tabled(rvars, data, blocks, k)
    else:
        labels = {"obs": obs, "type": type, "grp1": grp1, "grp2": grp2}
        numbers = {"time1": time1, "time2": time2, "w1": w1, "w2": w2}
        structure = _structure(_labels(labels, data, k), _numbers(numbers, data, k), rho, phi)
        found = {name: structure.among(rows) for name, rows in blocks.items()}
    found = {name: _definite(name, R, checkpd, nearpd) for name, R in found.items()}
    return _assembled(found, blocks, np.sqrt(variances), sparse)


def _variances(vi: Any, k: int, data: Any) -> FloatArray:
    variances = as_vector("vi", column("vi", vi, data))
    variances = np.repeat(variances, k) if variances.size == 1 else variances
    if len(variances) != k:
        raise DataError(f"has {len(variances)} values for {k} rows of cluster", argument="vi")
    refuse("vi", variances, variances < 0.0, "is negative; a sampling variance is 0 or more")
    return variances


def _labels(given: Mapping[str, Any], data: Any, k: int) -> dict[str, pd.Series]:
    found = {name: given_or_none(name, values, data) for name, values in given.items()}
    return {name: whole(name, values, k) for name, values in found.items() if values is not None}


def _numbers(given: Mapping[str, Any], data: Any, k: int) -> dict[str, FloatArray]:
    found = {name: given_or_none(name, values, data) for name, values in given.items()}
    numbers = {name: as_vector(name, values) for name, values in found.items() if values is not None}
    for name, values in numbers.items():
        whole(name, values, k)
        if name in ("w1", "w2"):
            refuse(name, values, values <= 0.0, "is no weight; needs a size above 0")
    return numbers


def _structure(
    labels: Mapping[str, pd.Series], numbers: Mapping[str, FloatArray], rho: Any, phi: float | None
) -> _Structure:
    _check_pairs({*labels, *numbers})
    if ("time1" in numbers) != (phi is not None):
        raise OptionError("time1 and phi, the autocorrelation over time, go together: give both or neither")
    if phi is not None and not -1.0 <= phi <= 1.0:
        raise OptionError(f"phi={phi!r}: needs a correlation between -1 and 1")
    between = _correlations(labels, rho)
    contrasts = _contrasts(labels, numbers) if "grp1" in labels else None
    return _Structure(
        between.get("obs"), between.get("type"), numbers.get("time1"), contrasts, 1.0 if phi is None else float(phi)
    )


def _check_pairs(given: set[str]) -> None:
    for second, first in (("time2", "time1"), ("grp2", "grp1"), ("w2", "w1"), ("time2", "grp2"), ("w2", "grp2")):
        if second in given and first not in given:
            raise OptionError(f"{second} is given without {first}; give both or neither")
    if "w1" in given and "grp1" not in given:
        raise OptionError("w1 is given without grp1; weights say how much groups that are shared correlate estimates")


def _contrasts(labels: Mapping[str, pd.Series], numbers: Mapping[str, FloatArray]) -> _Contrasts:
    k = len(labels["grp1"])
    first = [label(value) for value in labels["grp1"]]
    second = [label(value) for value in labels["grp2"]] if "grp2" in labels else None
    all_codes = codes([*first, *(second or [])])
    groups = all_codes[:k], all_codes[k:] if second else np.full(k, -1, dtype=np.intp)
    time = numbers.get("time1", np.zeros(k))
    weight = numbers.get("w1", np.ones(k))
    times, weights = (time, numbers.get("time2", time)), (weight, numbers.get("w2", weight))
    idle = np.flatnonzero((groups[0] == groups[1]) & (times[0] == times[1]))
    if idle.size:
        raise DataError(
            f"{first[idle[0]]!r} is compared with itself at the same time: that is no contrast",
            argument="grp1",
            row=int(idle[0]) + 1,
        )
    return _Contrasts(groups, times, weights)


def _correlations(labels: Mapping[str, pd.Series], rho: Any) -> dict[str, _Between]:
    """What `rho` says of obs, of type, or of both."""
    names = [name for name in ("obs", "type") if name in labels]
    if (rho is None) != (not names):
        raise OptionError("rho and what it correlates, obs or type, go together: give rho with one of them, or neither")
    several = isinstance(rho, list | tuple) or (isinstance(rho, np.ndarray) and rho.ndim == 1)
    given = list(rho) if several else [rho]
    if names and len(given) != len(names):
        need = "two: the correlation within a construct and that between" if len(names) == 2 else "one correlation"
        raise OptionError(f"rho has {len(given)} elements; with {' and '.join(names)} it needs {need}")
    return {name: _between(name, labels[name], one) for name, one in zip(names, given, strict=False)}


def _between(name: str, series: pd.Series, rho: Any) -> _Between:
    if np.ndim(rho) == 0:
        if not -1.0 <= rho <= 1.0:
            raise OptionError(f"rho={rho!r}: needs a correlation between -1 and 1")
        return _Between(codes(series), float(rho))
    if not isinstance(rho, pd.DataFrame):
        raise OptionError(f"rho: needs a DataFrame whose rows and columns are named by the values of {name}")
    known = [label(value) for value in rho.index]
    matrix = rho.to_numpy(dtype=np.float64, copy=True)
    if known != [label(value) for value in rho.columns] or not np.array_equal(matrix, matrix.T):
        raise OptionError("rho: needs a symmetric matrix without gaps, its columns named as its rows are")
    if not (np.abs(matrix) <= 1.0).all():
        raise OptionError(f"rho: {matrix[np.abs(matrix) > 1.0][0]:.15g} is no correlation")
    texts = [label(value) for value in series]
    for value in texts:
        if value not in known:
            raise DataError(f"{value!r} of {name} has no row in the matrix of correlations", argument="rho")
    np.fill_diagonal(matrix, 1.0)
    return _Between(codes(texts, known), matrix)


def _tabled(rvars: Any, data: Any, blocks: Mapping[str, Rows], k: int) -> dict[str, FloatArray]:
    """Each cluster's matrix as it stands in the first of the columns `rvars`, lower triangle and diagonal."""
    if data is None:
        raise OptionError("rvars names columns, but no data= is given")
    table = as_pandas("data", data)
    names = names_of("rvars", rvars, table)
    largest = max(map(len, blocks.values()))
    if len(table) != k or len(names) != largest:
        raise DataError(
            f"{len(names)} columns of {len(table)} rows, and the largest cluster has {largest} of {k} rows", argument="rvars"
        )
    values = table[names].to_numpy(dtype=np.float64)
    found = {}
    for name, rows in blocks.items():
        lower = np.tril(values[rows, : len(rows)])
        found[name] = lower + np.tril(lower, -1).T
        if np.isnan(found[name]).any():
            warnings.warn(f"rvars: correlations of cluster {name} are missing", ShapingWarning, stacklevel=4)
    return found


def _definite(name: str, R: FloatArray, checkpd: bool, nearpd: bool) -> FloatArray:
    if np.isnan(R).any() or not (checkpd or nearpd) or is_definite(R):
        return R
    if nearpd:
        return nearest_correlation(R)
    warnings.warn(
        f"the covariances of cluster {name} are not positive definite: correlations that cannot be together, or estimates "
        "that obs, type, time or groups do not tell apart",
        ShapingWarning,
        stacklevel=4,
    )
    return R


def _assembled(found: Mapping[str, FloatArray], blocks: Mapping[str, Rows], root: FloatArray, sparse: bool) -> Any:
    k = len(root)
    covariances = {
        name: R * (root[rows][:, None] * root[rows]) for (name, R), rows in zip(found.items(), blocks.values(), strict=True)
    }
    if not sparse:
        V = np.zeros((k, k))
        for name, rows in blocks.items():
            V[np.ix_(rows, rows)] = covariances[name]
        V[np.isnan(root)] = V[:, np.isnan(root)] = np.nan
        return V
    from scipy.sparse import csr_array  # only for those who ask

    across = np.concatenate([np.repeat(rows, len(rows)) for rows in blocks.values()])
    down = np.concatenate([np.tile(rows, len(rows)) for rows in blocks.values()])
    return csr_array((np.concatenate([C.ravel() for C in covariances.values()]), (across, down)), shape=(k, k))
