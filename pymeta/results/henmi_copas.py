"""Henmi and Copas' estimate and interval beside those of the model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pymeta.results.uni import UniResult
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["HenmiCopas"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class HenmiCopas:
    """The equal-effects average under heterogeneity: beta, ci_lb, ci_ub; se, None of what was transformed.

    tau2 : DerSimonian and Laird's; `…_rma` : the same numbers of the model, `fit`; method_rma : its estimator of tau²
    """

    beta: float
    se: float | None
    ci_lb: float
    ci_ub: float
    tau2: float
    beta_rma: float
    se_rma: float | None
    ci_lb_rma: float
    ci_ub_rma: float
    tau2_rma: float
    method_rma: str
    fit: UniResult = field(repr=False)

    def frame(self) -> pd.DataFrame:
        """Two rows, "rma" and "hc"."""
        import pandas as pd

        return pd.DataFrame(
            {
                "method": [self.method_rma, "DL"],
                "tau2": [self.tau2_rma, self.tau2],
                "estimate": [self.beta_rma, self.beta],
                "se": [self.se_rma, self.se],
                "ci_lb": [self.ci_lb_rma, self.ci_lb],
                "ci_ub": [self.ci_ub_rma, self.ci_ub],
            },
            index=["rma", "hc"],
        )

    def __str__(self) -> str:
        """Text that reads like metafor's."""
        table = self.frame() if self.se is not None else self.frame().drop(columns="se")
        rows = [
            [str(name), str(row[0]), *(f"{x:.4f}" for x in row[1:])]
            for name, row in zip(table.index, table.to_numpy().tolist(), strict=True)
        ]
        head = ["", *(str(column).replace("_", ".") for column in table.columns)]
        return "\n".join(text.aligned(head, rows))
