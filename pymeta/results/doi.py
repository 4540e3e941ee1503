"""The numbers of a Doi plot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pymeta.arrays import FloatArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DoiPlot"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class DoiPlot:
    """lfk : the index of asymmetry; yi, zscore, n : (k,) effects in their order, quantiles, and what each stands for."""

    lfk: float
    yi: FloatArray
    zscore: FloatArray
    n: FloatArray
    slab: tuple[str, ...]

    @property
    def asymmetry(self) -> str:
        """What the authors call it: "no", "minor" or "major"."""
        return "no" if abs(self.lfk) <= 1.0 else "minor" if abs(self.lfk) <= 2.0 else "major"

    def frame(self) -> pd.DataFrame:
        """A row a study, in the order of effects: a Doi plot has yi across and abs_zscore down."""
        import pandas as pd

        columns = {"slab": self.slab, "yi": self.yi, "zscore": self.zscore, "abs_zscore": abs(self.zscore), "n": self.n}
        return pd.DataFrame(columns)

    def __str__(self) -> str:
        """The index in words."""
        return f"LFK index = {self.lfk:.4f} ({self.asymmetry} asymmetry; k = {len(self.yi)})"
