"""The numbers of a normal QQ plot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pymeta.arrays import FloatArray
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NormalQuantiles"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class NormalQuantiles:
    """x : normal quantiles; y : residuals over their standard errors; (k,), in the order of the studies. slab : labels."""

    x: FloatArray
    y: FloatArray
    slab: tuple[str, ...]
    type: str

    def frame(self) -> pd.DataFrame:
        """A row a study."""
        import pandas as pd

        return pd.DataFrame({"x": self.x, "y": self.y, "slab": self.slab})

    def __str__(self) -> str:
        """A line a study."""
        rows = [[slab, f"{x:.4f}", f"{y:.4f}"] for slab, x, y in zip(self.slab, self.x, self.y, strict=True)]
        return "\n".join(text.aligned(["", "x", "y"], rows))
