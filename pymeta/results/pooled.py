"""What every fitted model of one pooled effect has, and how it is printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pymeta.arrays import FloatArray, read_only
from pymeta.data.specs import DataSpec, UniSpec
from pymeta.data.studies import Studies
from pymeta.effects.measures import MEASURES
from pymeta.inference.heterogeneity import Heterogeneity
from pymeta.inference.wald import Wald
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Pooled", "inferred"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Pooled:
    """A fitted model; nothing is rounded, and effects are on the scale that is pooled (logs of ratios).

    beta, se, zval, pval, ci_lb, ci_ub : (p,) coefficients, their tests and intervals
    QE, QE_df, QEp : Cochran's Q, its degrees of freedom and p-value
    I2, H2 : in percent, and as a ratio
    studies : the effects that were pooled, and what was left out and why
    spec : what was asked, enough to fit it again
    notes : what a reader of the numbers must know
    """

    spec: UniSpec | DataSpec
    studies: Studies
    label: str
    names: tuple[str, ...]
    beta: FloatArray
    se: FloatArray
    zval: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    QE: float
    QE_df: int
    QEp: float
    I2: float
    H2: float
    notes: tuple[str, ...] = ()

    def tidy(self) -> pd.DataFrame:
        """One row a coefficient, on the scale that is pooled."""
        import pandas as pd

        columns = ("beta", "se", "zval", "pval", "ci_lb", "ci_ub")
        return pd.DataFrame({"term": self.names, **{name: getattr(self, name) for name in columns}})

    def _glance(self, **more: Any) -> pd.DataFrame:
        import pandas as pd

        shared = {name: getattr(self, name) for name in ("I2", "H2", "QE", "QE_df", "QEp")}
        return pd.DataFrame([{"measure": self.spec.measure, "method": self.spec.method, **more, **shared}])

    def _back_lines(self) -> list[str]:
        """The pooled effect on the scale people read, where that is another one."""
        measure = MEASURES[self.spec.measure]
        if measure.back is None:
            return []
        shown = measure.display(np.array([self.beta[0], self.ci_lb[0], self.ci_ub[0]]))
        cells = [[measure.name, *(f"{value:.4f}" for value in shown)]]
        return ["", f"As {measure.short.lower()}:", "", *text.aligned(["", "estimate", "ci.lb", "ci.ub"], cells)]

    def _closing_lines(self) -> list[str]:
        dropped = [f"  {d.slab} (row {d.row}): {d.reason}" for d in self.studies.dropped]
        return (["", "Left out:", *dropped] if dropped else []) + (["", *self.notes] if self.notes else [])


def inferred(test: Wald, heterogeneity: Heterogeneity) -> Mapping[str, Any]:
    """The fields of a result that come from its tests."""
    return {**{name: read_only(values) for name, values in test._asdict().items()}, **heterogeneity._asdict()}
