"""Models of some of the studies, one after another: without each, and of more and more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pymeta.arrays import FloatArray, IntArray
from pymeta.results.pooled import Pooled
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Cumulative", "LeaveOneOut", "Refits"]

_COLUMNS = ("k", "estimate", "se", "zval", "pval", "ci_lb", "ci_ub", "Q", "Qp", "tau2", "I2", "H2")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Refits:
    """A number of each of n models; NaN where one cannot be fitted.

    estimate, se, zval, pval, ci_lb, ci_ub : (n,) the pooled effect; se is NaN where `transf` holds
    Q, Qp : (n,) Cochran's Q and its p-value
    tau2 : (n,), None for models that have none; I2 : in percent; H2 : (n,)
    slab : (n,) labels
    transf : whether estimate and bounds are on another scale
    digits : how many decimal places are printed
    fits : the n models, None where there is none
    """

    estimate: FloatArray
    se: FloatArray
    zval: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    Q: FloatArray
    Qp: FloatArray
    tau2: FloatArray | None
    I2: FloatArray
    H2: FloatArray
    slab: tuple[str, ...]
    transf: bool
    digits: int = 4
    fits: tuple[Pooled | None, ...] = field(default=(), repr=False)

    def __len__(self) -> int:
        return len(self.slab)

    def _columns(self) -> dict[str, Any]:
        found = {name: getattr(self, name, None) for name in _COLUMNS if name != "se" or not self.transf}
        return {name: values for name, values in found.items() if values is not None}

    def frame(self) -> pd.DataFrame:
        """A row a model."""
        import pandas as pd

        return pd.DataFrame({"slab": self.slab, **self._columns()})

    def __str__(self) -> str:
        """A line a model."""
        columns = self._columns()
        rows = zip(self.slab, *columns.values(), strict=True)
        head = ["", *(name.replace("_", ".") for name in columns)]
        cells = [
            [slab, *(str(x) if name == "k" else f"{x:.{self.digits}f}" for name, x in zip(columns, row, strict=True))]
            for slab, *row in rows
        ]
        return "\n".join(text.aligned(head, cells))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LeaveOneOut(Refits):
    """Models without each study, or without each cluster, whose label has a "-" in front."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Cumulative(Refits):
    """Models of more and more studies.

    k : (n,) how many; order : (n,) the value that each was ordered by, or None
    ids : (n,) the place in the data, from 0, of the study that was added last; None where steps are collapsed
    """

    k: IntArray
    order: tuple[Any, ...] | None
    ids: IntArray | None
