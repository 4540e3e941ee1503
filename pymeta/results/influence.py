"""What each study does to a model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pymeta.arrays import BoolArray, FloatArray, IntArray
from pymeta.results.pooled import Pooled
from pymeta.results.uni import UniResult
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Baujat", "Influence"]

_COLUMNS = ("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "QE_del", "hat", "weight")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Influence:
    """A number of each of the k studies; NaN where the model cannot be fitted without it.

    rstudent : externally standardized residual
    dffits : change of the study's fitted value, in its standard deviations; dfbs : (k, p) the same of each coefficient
    cook_d : Cook's distance between the coefficients with and without it; cov_r : ratio of their covariances' determinants
    tau2_del, QE_del : tau² and Q without it; hat : leverage; weight : in percent
    is_infl : whether it stands out
    tau2, QE : with all studies; names : of the p coefficients; fits : without each study, or None
    """

    rstudent: FloatArray
    dffits: FloatArray
    cook_d: FloatArray
    cov_r: FloatArray
    tau2_del: FloatArray
    QE_del: FloatArray
    hat: FloatArray
    weight: FloatArray
    dfbs: FloatArray
    is_infl: BoolArray
    slab: tuple[str, ...]
    names: tuple[str, ...]
    tau2: float
    QE: float
    fits: tuple[UniResult | None, ...] = field(default=(), repr=False)

    def frame(self) -> pd.DataFrame:
        """A row a study."""
        import pandas as pd

        numbers = {name: getattr(self, name) for name in _COLUMNS}
        return pd.DataFrame({"slab": self.slab, **numbers, "is_infl": self.is_infl})

    def dfbs_frame(self) -> pd.DataFrame:
        """A row a study, a column a coefficient."""
        import pandas as pd

        return pd.DataFrame(self.dfbs, columns=list(self.names), index=list(self.slab))

    def __str__(self) -> str:
        """A line a study, with a star for those that stand out."""
        shown = self.frame().drop(columns=["slab", "is_infl"])
        dfbs = [f"dfbs.{name}" for name in self.names] if len(self.names) > 1 else ["dfbs"]
        rows = zip(self.slab, shown.to_numpy(), self.dfbs, self.is_infl, strict=True)
        lines = [[slab, *(f"{x:.4f}" for x in [*row, *betas]), "*" if star else ""] for slab, row, betas, star in rows]
        return "\n".join(text.aligned(["", *(name.replace("_", ".") for name in _COLUMNS), *dfbs, "inf"], lines))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Baujat:
    """x : what each study adds to Q; y : how far the pooled effect moves without it, squared, over its variance; (k,).

    ids : (k,) places in the data, from 0; slab : labels; fits : the models without each study
    """

    x: FloatArray
    y: FloatArray
    ids: IntArray
    slab: tuple[str, ...]
    fits: tuple[Pooled | None, ...] = field(default=(), repr=False)

    def frame(self) -> pd.DataFrame:
        """A row a study."""
        import pandas as pd

        return pd.DataFrame({"x": self.x, "y": self.y, "ids": self.ids, "slab": self.slab})

    def __str__(self) -> str:
        """A line a study."""
        rows = zip(self.slab, self.x, self.y, strict=True)
        return "\n".join(text.aligned(["", "x", "y"], [[slab, f"{x:.4f}", f"{y:.4f}"] for slab, x, y in rows]))
