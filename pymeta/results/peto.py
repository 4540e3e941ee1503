"""The result of Peto's method."""

from __future__ import annotations

from dataclasses import dataclass

from pymeta.results.tables import PooledTables

__all__ = ["PetoResult"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PetoResult(PooledTables):
    """A pooled odds ratio by Peto's method under the equal-effects model.

    k_pos : the number of tables with both outcomes, which Q is about; weights : (k,) V of each table
    """

    k_pos: int
