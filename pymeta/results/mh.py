"""The result of the Mantel-Haenszel method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pymeta.arrays import FloatArray
from pymeta.results.pooled import Pooled

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MHResult"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MHResult(Pooled):
    """A Mantel-Haenszel estimate under the equal-effects model.

    slab : (k,) labels of the tables that went into the estimate; `studies` holds those with an effect of their own
    weights : (k,) each table's share in the estimate, in percent
    """

    slab: tuple[str, ...]
    weights: FloatArray

    @property
    def k(self) -> int:
        """The number of tables pooled."""
        return len(self.slab)

    def glance(self) -> pd.DataFrame:
        """One row: the model's other numbers."""
        return self._glance(k=self.k)

    def __str__(self) -> str:
        """Text that reads like metafor's."""
        return self._lines([f"{self.label} (k = {self.k})", ""])
