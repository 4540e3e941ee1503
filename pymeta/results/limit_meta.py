"""An average in the limit of studies without error."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pymeta.arrays import FloatArray
from pymeta.results.uni import UniResult
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LimitMeta"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LimitMeta:
    """The adjusted average: beta, se, zval, pval, ci_lb, ci_ub.

    alpha, slope : of the radial plot by the model's variances; tau2 : of the model, `fit`
    Q, and its parts Q_small and Q_resid, with p-values
    limit : (k,) each study's effect in the limit
    """

    method: str
    beta: float
    se: float
    zval: float
    pval: float
    ci_lb: float
    ci_ub: float
    alpha: float
    slope: float
    tau2: float
    Q: float
    Q_small: float
    Q_small_p: float
    Q_resid: float
    Q_resid_p: float
    limit: FloatArray
    slab: tuple[str, ...]
    fit: UniResult = field(repr=False)

    def frame(self) -> pd.DataFrame:
        """Two rows: "adjusted", and the model's own as "unadjusted"."""
        import pandas as pd

        names = ("beta", "se", "zval", "pval", "ci_lb", "ci_ub")
        rows = [[getattr(self, name) for name in names], [float(getattr(self.fit, name)[0]) for name in names]]
        return pd.DataFrame(rows, columns=["estimate", *names[1:]], index=["adjusted", "unadjusted"])

    def studies(self) -> pd.DataFrame:
        """A row a study: yi, sei, and the effect in the limit."""
        import pandas as pd

        studies = self.fit.studies
        return pd.DataFrame({"slab": self.slab, "yi": studies.yi, "sei": studies.vi**0.5, "limit": self.limit})

    def __str__(self) -> str:
        """The averages and the parts of Q."""
        table = self.frame()
        rows = [
            [
                str(name),
                *map(_number, row[:3]),
                text.p_value(row[3], equals=""),
                *map(_number, row[4:]),
            ]
            for name, row in zip(table.index, table.to_numpy(), strict=True)
        ]
        k = len(self.slab)
        parts = (("Q", self.Q, k - 1, self.fit.QEp), ("small-study effects", self.Q_small, 1, self.Q_small_p))
        lines = [
            f"{name}: {value:.4f}, df = {df}, p {text.p_value(p)}"
            for name, value, df, p in (*parts, ("the rest", self.Q_resid, k - 2, self.Q_resid_p))
        ]
        head = ["", *(str(column).replace("_", ".") for column in table.columns)]
        title = f"Limit Meta-Analysis ({self.method}; k = {k}; tau^2 = {self.tau2:.4f})"
        return "\n".join([title, "", *text.aligned(head, rows), "", *lines])


def _number(x: float) -> str:
    return f"{x:.4f}"
