"""The models of all subsets of the studies, or of random ones."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb
from typing import Any

import numpy as np

from pymeta.arrays import BoolArray, FloatArray, IntArray, read_only
from pymeta.errors import DataError, OptionError
from pymeta.models import many
from pymeta.models.many_tables import subsets_of_tables
from pymeta.models.subsets import fits_again, rows_of
from pymeta.numerics.r_random import RRandom, r_binomial
from pymeta.results.gosh import Gosh
from pymeta.results.robust import RobustResult
from pymeta.results.tables import PooledTables
from pymeta.results.uni import UniResult

__all__ = ["gosh"]

_ALL = 1_000_000
_MOST = 20_000_000
_FROM_Q = ("EE", "FE", "CE", "DL")


def gosh(
    result: UniResult | PooledTables, *, subsets: int | Any | None = None, seed: int | Sequence[int] | None = None
) -> Gosh:
    """The model of every subset of the studies: a graphical display of study heterogeneity, as numbers.

    subsets : a number of random subsets, which may have the same one twice, or all where they are no more; or a table of
        truth values, a row a subset and a column a study. Default: all that have as many studies as the model has
        coefficients or more; 10^6 random ones where there are more than these
    seed : of R's random numbers: the subsets are those of R before 4.4 after ``set.seed(seed)``, and of later ones where
        there are 16 studies or fewer; or R's ``.Random.seed``. Default: others each time

    Subsets are sorted by size. H2 of a subset, of a model without moderators by EE or DL, is Q/(k − 1), also below 1.
    Raises OptionError for other models, or subsets that are none; DataError for fewer than 2 studies.
    Source: Olkin, Dahabreh & Trikalinos (2012), Research Synthesis Methods 3, 214. metafor: ``gosh(result, subsets=)``
    """
    tables = isinstance(result, PooledTables)
    if not tables and (not isinstance(result, UniResult) or isinstance(result, RobustResult)):
        raise OptionError(f"gosh: not defined for a {type(result).__name__}; it takes what rma, rma_mh or rma_peto return")
    fits_again(result)
    k, p = len(rows_of(result)), len(result.names)
    if k < 2:
        raise DataError("gosh: there is 1 study, and it has no subsets; it needs 2 or more")
    incl = _chosen(subsets, k, p, seed)
    if isinstance(result, PooledTables):
        return _gosh(result, incl, **subsets_of_tables(result, incl))
    found = many.subsets(result.spec, incl)
    H2 = found.H2
    if result.spec.method in _FROM_Q and not result.moderated and result.spec.tau2 is None:
        df = found.k - 1
        H2 = np.where(df > 0, found.QE / np.maximum(df, 1), 1.0)
    return _gosh(result, incl, QE=found.QE, I2=found.I2, H2=H2, tau2=found.tau2, beta=found.beta)


def _gosh(result: UniResult | PooledTables, incl: BoolArray, **numbers: FloatArray) -> Gosh:
    slab = result.slab if isinstance(result, PooledTables) else result.studies.slab
    incl.setflags(write=False)
    return Gosh(
        incl=incl,
        slab=tuple(slab),
        names=tuple(result.names),
        k=incl.sum(axis=1),
        **{name: read_only(values) for name, values in numbers.items()},
    )


def _chosen(subsets: Any, k: int, p: int, seed: int | Sequence[int] | None) -> BoolArray:
    there_are = sum(comb(k, size) for size in range(p, k + 1))
    if subsets is None:
        return _random(_ALL, k, p, seed) if there_are > _ALL else _all(k, p)
    if np.ndim(subsets) == 0:
        if isinstance(subsets, bool) or not isinstance(subsets, int | np.integer) or not 1 <= subsets <= _MOST:
            raise OptionError(f"subsets={subsets!r}: needs a whole number, from 1 to {_MOST:,}, or a table of truth values")
        return _random(int(subsets), k, p, seed) if there_are > subsets else _all(k, p)
    found = np.asarray(subsets)
    if found.ndim != 2 or found.shape[1] != k or not (found.dtype == bool or np.isin(found, (0, 1)).all()):
        raise OptionError(
            f"subsets: needs truth values, a row a subset and {k} columns, one a study; got shape {found.shape}"
        )
    return found.astype(bool)


def _all(k: int, p: int) -> BoolArray:
    """All subsets of p studies or more, by size; the first study's place changes fastest."""
    found = (np.arange(1, 2**k)[:, None] >> np.arange(k)) & 1 > 0
    sizes = found.sum(axis=1)
    order = np.argsort(sizes, kind="stable")
    return np.asarray(found[order[sizes[order] >= p]])


def _random(n: int, k: int, p: int, seed: int | Sequence[int] | None) -> BoolArray:
    """Each subset of p studies or more as probable as any other: its size first, then which."""
    start: Any = np.random.default_rng().integers(2**31 - 1) if seed is None else seed
    random = RRandom(start)
    sizes: IntArray = random.weighted(r_binomial(k)[p:], n) + p
    places = random.samples(k, sizes)
    found = np.zeros((n, k), dtype=bool)
    rows = np.repeat(np.arange(n), sizes)
    found[rows, places[places >= 0]] = True
    return found[np.argsort(sizes, kind="stable")]
