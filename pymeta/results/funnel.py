"""The numbers of a funnel plot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pymeta.arrays import BoolArray, FloatArray, IntArray
from pymeta.errors import OptionError
from pymeta.inference.wald import quantile
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Funnel"]

_POWERS = {"sei": 1.0, "vi": 0.5, "seinv": -1.0, "vinv": -0.5}
"""What makes a standard error of y, by axis."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Funnel:
    """Where each study is, and in which contour; all (k,) are in the order of the studies.

    x, y : (k,) the effects, or residuals, and what `yaxis` names; slab : labels
    fill : (k,) which studies trim and fill has filled in; None of other models
    se, pval : (k,) standard errors of x, and two-sided p-values of x less `refline` over sqrt(se² + tau2); None without vi
    levels : of the contours, increasing, in percent; refline : the effect that they are about
    tau2 : what the contours have beyond sampling variance, 0 unless `addtau2`
    """

    x: FloatArray
    y: FloatArray
    slab: tuple[str, ...]
    fill: BoolArray | None
    se: FloatArray | None
    pval: FloatArray | None
    yaxis: str
    levels: tuple[float, ...]
    refline: float
    tau2: float

    @property
    def crossed(self) -> IntArray | None:
        """How many contours lie between the line and each study, (k,): 0 within all, len(levels) beyond all."""
        if self.pval is None:
            return None
        return np.asarray((self.pval[:, None] <= self._limits()).sum(axis=1))

    @property
    def bands(self) -> tuple[str, ...] | None:
        """The p-values of each study's band, (k,), as metafor's legend has them: "0.05 < p <= 0.1"."""
        crossed = self.crossed
        if crossed is None:
            return None
        ends = ["1", *(f"{limit:.6g}" for limit in self._limits()), "0"]
        return tuple(f"{ends[i + 1]} < p <= {ends[i]}" for i in crossed)

    def _limits(self) -> FloatArray:
        """The p-values of the contours, decreasing."""
        return (100.0 - np.array(self.levels)) / 100.0

    def frame(self) -> pd.DataFrame:
        """A row a study: x, y, slab, fill (of trim and fill), and pval, crossed and band where vi are known."""
        import pandas as pd

        columns = {"x": self.x, "y": self.y, "slab": self.slab, "fill": self.fill}
        columns |= {"pval": self.pval, "crossed": self.crossed, "band": self.bands}
        return pd.DataFrame({name: values for name, values in columns.items() if values is not None})

    def contours(self, points: int = 101) -> pd.DataFrame:
        """The contours' lines: level, y, ci_lb, ci_ub, for each level at `points` places of the y-axis.

        From the line's tip, y = 0, for "sei" and "vi", and from the least y otherwise, to the largest y.
        Raises OptionError for the other axes, which do not tell a standard error.
        """
        import pandas as pd

        if self.yaxis not in _POWERS:
            raise OptionError(f"contours: yaxis={self.yaxis!r} tells no standard error; they are for {', '.join(_POWERS)}")
        if points < 2:
            raise OptionError(f"points={points!r}: a line needs 2 or more")
        y = np.linspace(0.0 if self.yaxis in ("sei", "vi") else self.y.min(), self.y.max(), points)
        spread = np.sqrt(y ** (2.0 * _POWERS[self.yaxis]) + self.tau2)
        lines = [(level, quantile(level, None) * spread) for level in self.levels]
        return pd.concat(
            [
                pd.DataFrame({"level": level, "y": y, "ci_lb": self.refline - reach, "ci_ub": self.refline + reach})
                for level, reach in lines
            ],
            ignore_index=True,
        )

    def __str__(self) -> str:
        """A line a study."""
        table = self.frame().drop(columns=["slab", "crossed"], errors="ignore")
        rows = [
            [slab, *(f"{value:.4f}" if isinstance(value, float) else str(value) for value in row)]
            for slab, row in zip(self.slab, table.itertuples(index=False), strict=True)
        ]
        head = ["", *(str(name) for name in table.columns)]
        return "\n".join([f"y: {self.yaxis}; contours about {self.refline:.4f}", "", *text.aligned(head, rows)])
