"""Residuals with their standard errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pymeta.arrays import FloatArray
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Residuals"]


@dataclass(frozen=True, slots=True, eq=False)
class Residuals:
    """resid, se, z = resid/se : (k,); NaN for a study without which there is no fit; slab : labels."""

    resid: FloatArray
    se: FloatArray
    z: FloatArray
    slab: tuple[str, ...]

    def frame(self) -> pd.DataFrame:
        """A row a study."""
        import pandas as pd

        return pd.DataFrame({"slab": self.slab, "resid": self.resid, "se": self.se, "z": self.z})

    def __str__(self) -> str:
        """A line a study."""
        rows = zip(self.slab, self.resid, self.se, self.z, strict=True)
        return "\n".join(text.aligned(["", "resid", "se", "z"], [[slab, *(f"{x:.4f}" for x in row)] for slab, *row in rows]))
