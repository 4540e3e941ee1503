"""The numbers of a L'Abbé plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pymeta.arrays import FloatArray, IntArray
from pymeta.errors import OptionError
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Labbe"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Labbe:
    """x, y : (k,) the outcomes of the groups, on the scale of the measure or transformed; precision : (k,) 1/s, s² the sum
    of both groups' variances.

    ids : (k,) places in the data, from 0; slab : labels
    """

    x: FloatArray
    y: FloatArray
    precision: FloatArray
    ids: IntArray
    slab: tuple[str, ...]
    measure: str

    def sizes(self, plim: Sequence[float] = (0.5, 3.5)) -> FloatArray:
        """The points' sizes, (k,): precisions on the way from the least, plim[0], to the largest, plim[1]; 1 if all equal.

        metafor: the column `cex` of ``labbe(x, plim=)``
        """
        if len(plim) != 2 or not 0.0 < plim[0] <= plim[1]:
            raise OptionError(f"plim={plim!r}: needs two sizes above 0, of the smallest and of the largest point")
        least, range_ = self.precision.min(), np.ptp(self.precision)
        if range_ == 0.0:
            return np.ones(len(self.precision))
        return np.asarray((self.precision - least) / range_ * (plim[1] - plim[0]) + plim[0])

    def frame(self) -> pd.DataFrame:
        """A row a study."""
        import pandas as pd

        return pd.DataFrame({"x": self.x, "y": self.y, "cex": self.sizes(), "ids": self.ids, "slab": self.slab})

    def __str__(self) -> str:
        """A line a study."""
        rows = [[slab, f"{x:.4f}", f"{y:.4f}"] for slab, x, y in zip(self.slab, self.x, self.y, strict=True)]
        return "\n".join(text.aligned(["", "x", "y"], rows))
