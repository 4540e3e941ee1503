"""Peto's method for 2x2 tables."""

from __future__ import annotations

import numpy as np

from pymeta.arrays import BoolArray, FloatArray, read_only
from pymeta.data.specs import INTERCEPT, DataSpec
from pymeta.effects.two_by_two import peto_log_odds_ratio
from pymeta.errors import DataError
from pymeta.inference.heterogeneity import about, from_q
from pymeta.inference.wald import wald_z
from pymeta.models.tables import as_they_are, studies_with_effects, tables_of
from pymeta.results.peto import PetoResult
from pymeta.results.pooled import inferred

__all__ = ["fit", "informations"]


def fit(spec: DataSpec, pooled: DataSpec | None = None, chosen: BoolArray | None = None) -> PetoResult:
    """Σ(O − E)/ΣV with variance 1/ΣV, and Q = Σ V {(O − E)/V}² about it, over the tables that have both outcomes.

    spec, pooled, chosen : as in ``pymeta.models.mh.fit``
    Raises DataError when one of the outcomes is in no table.
    Source: Yusuf, Peto, Lewis, Collins & Sleight (1985), appendix. metafor: ``rma.peto(ai, bi, ci, di)``
    Differs from metafor: Q is over `k_pos` tables and has k_pos − 1 degrees of freedom, there k_yi − 1, which is another
    number where drop00=False gives a table without events an effect
    """
    pooled = as_they_are(spec) if pooled is None else pooled
    tables = tables_of(pooled)
    effects = peto_log_odds_ratio(**tables.columns)
    known = ~np.isnan(effects.yi)
    if not known.any():
        raise DataError(
            "Peto's odds ratio is not defined for these tables: one of the two outcomes is in none of them; "
            "risk differences (rma_mh with measure='RD', rma) may be"
        )
    V = informations(effects.vi)
    total = V.sum()
    beta = np.array([(V[known] * effects.yi[known]).sum() / total])
    Q = about(effects.yi[known], effects.vi[known], float(beta[0]))
    return PetoResult(
        spec=spec,
        pooled=pooled,
        studies=studies_with_effects(spec, chosen),
        label="Equal-Effects Model, Peto",
        names=INTERCEPT,
        slab=tables.slab,
        weights=read_only(V),
        k_pos=int(known.sum()),
        beta=read_only(beta),
        **inferred(wald_z(beta, np.array([[1.0 / total]]), spec.level), from_q(Q, int(known.sum()) - 1)),
    )


def informations(vi: FloatArray) -> FloatArray:
    """V of each table, 0 where it has one of the outcomes only and so no effect, (k,)."""
    return np.where(np.isnan(vi), 0.0, 1.0 / vi)
