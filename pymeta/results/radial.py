"""The numbers of a radial plot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pymeta.arrays import FloatArray, IntArray
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Radial"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Radial:
    """x : inverse standard errors; y : effects over them; (k,). ids : (k,) places in the data, from 0; slab : labels.

    slope, ci_lb, ci_ub : of the line of the pooled effect and of its interval; reach : how far up and down from the line
    the region of z-values goes
    """

    x: FloatArray
    y: FloatArray
    ids: IntArray
    slab: tuple[str, ...]
    slope: float
    ci_lb: float
    ci_ub: float
    reach: float

    def frame(self) -> pd.DataFrame:
        """A row a study."""
        import pandas as pd

        return pd.DataFrame({"x": self.x, "y": self.y, "ids": self.ids, "slab": self.slab})

    def __str__(self) -> str:
        """A line a study."""
        rows = [[slab, f"{x:.4f}", f"{y:.4f}"] for slab, x, y in zip(self.slab, self.x, self.y, strict=True)]
        line = f"y = {self.slope:.4f} x (CI: {self.ci_lb:.4f}, {self.ci_ub:.4f}), -+{self.reach:.4f}"
        return "\n".join([line, "", *text.aligned(["", "x", "y"], rows)])
