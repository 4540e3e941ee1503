"""Mantel-Haenszel's and Peto's methods of many subsets of the tables at once: sums of what each table adds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pymeta.arrays import BoolArray, FloatArray
from pymeta.effects.two_by_two import peto_log_odds_ratio
from pymeta.models.mh import RATIOS, mantel_haenszel
from pymeta.models.peto import informations
from pymeta.models.subsets import rows_of
from pymeta.models.tables import tables_of
from pymeta.results.peto import PetoResult
from pymeta.results.tables import PooledTables

__all__ = ["subsets_of_tables"]

_PIECE = 1 << 16


def subsets_of_tables(result: PooledTables, kept: BoolArray) -> dict[str, FloatArray]:
    """QE, I2, H2, tau2, (n,), and beta, (n, 1), of the tables that are `kept`, (n, k); NaN where there is no estimate.

    Of one table Q is 0, I2 is 0 and H2 is 1.
    """
    part = kept.astype(np.float64)
    if isinstance(result, PetoResult):
        estimate, yi, vi = _peto(result, part)
    else:
        estimate, yi, vi = _mantel_haenszel(result, part)
    there = ~np.isnan(yi)
    w, y = np.where(there, 1.0 / vi, 0.0), np.where(there, yi, 0.0)
    df = part @ there - 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        Q = np.concatenate([((y - b[:, None]) ** 2 * rows) @ w for rows, b in _pieces(part, estimate)])
        numbers = {
            "QE": np.where(df > 0.0, Q, 0.0),
            "I2": np.where(df > 0.0, 100.0 * np.maximum(0.0, (Q - df) / Q), 0.0),
            "H2": np.where(df > 0.0, Q / df, 1.0),
            "tau2": np.zeros(len(kept)),
        }
    if isinstance(result, PetoResult):
        numbers = {name: np.where(np.isnan(estimate), np.nan, values) for name, values in numbers.items()}
    return {**numbers, "beta": estimate[:, None]}


def _pieces(part: FloatArray, estimate: FloatArray) -> Iterator[tuple[FloatArray, FloatArray]]:
    return ((part[at : at + _PIECE], estimate[at : at + _PIECE]) for at in range(0, len(part), _PIECE))


def _mantel_haenszel(result: PooledTables, part: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The subsets' estimates, (n,), and the tables' own effects and variances, (k,), NaN where they have none."""
    found = mantel_haenszel(result.spec.measure, **tables_of(result.pooled).columns)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = (part @ found.numerators) / (part @ found.weights)
        estimate = np.log(estimate) if result.spec.measure in RATIOS else estimate
    yi, vi = np.full(part.shape[1], np.nan), np.full(part.shape[1], np.nan)
    places = {row: place for place, row in enumerate(rows_of(result))}
    rows = result.studies.rows
    for i, row in enumerate(range(result.studies.k) if rows is None else rows):
        if int(row) in places:
            yi[places[int(row)]], vi[places[int(row)]] = result.studies.yi[i], result.studies.vi[i]
    return np.where(np.isfinite(estimate), estimate, np.nan), yi, vi


def _peto(result: PooledTables, part: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    effects = peto_log_odds_ratio(**tables_of(result.pooled).columns)
    V = informations(effects.vi)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = (part @ (V * np.nan_to_num(effects.yi))) / (part @ V)
    return estimate, effects.yi, effects.vi
