"""How many null results would overturn a meta-analysis."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pymeta.results.uni import UniResult
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FailSafeN"]

_COLUMNS = ("type", "fsnum", "est", "tau2", "pval", "alpha", "target", "est_fsn", "tau2_fsn", "pval_fsn")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FailSafeN:
    """The fail-safe N: how many studies of null results, on average, would have to be added.

    fsnum : their number, a whole one; infinite where no number will do
    capped : whether it takes more than fsnum, the most that is looked for
    est, tau2, pval : of the studies at hand; est_fsn, tau2_fsn, pval_fsn : with the file drawer, type "General" only
    alpha : the p-value to reach; target : the average to reach, None where a p-value is
    method : of tau², type "General" only; exact : whether models were fitted to all studies, and not approximated
    fits : the models of the studies at hand and, where `exact`, of all
    None : the type has no such number.
    """

    type: str
    fsnum: float
    k: int
    alpha: float
    capped: bool = False
    est: float | None = None
    tau2: float | None = None
    pval: float | None = None
    target: float | None = None
    method: str | None = None
    exact: bool = False
    est_fsn: float | None = None
    tau2_fsn: float | None = None
    pval_fsn: float | None = None
    fits: tuple[UniResult, ...] = field(default=(), repr=False)

    def frame(self) -> pd.DataFrame:
        """One row."""
        import pandas as pd

        return pd.DataFrame([{name: getattr(self, name) for name in _COLUMNS}])

    def __str__(self) -> str:
        """Text that reads like metafor's."""
        rows = [("Average Effect Size:", _number(self.est), _number(self.est_fsn))]
        if self.fits and self.fits[0].random:
            rows.append(("Amount of Heterogeneity:", _number(self.tau2), _number(self.tau2_fsn)))
        rows.append(("Observed Significance Level:", _p(self.pval), _p(self.pval_fsn)))
        if self.target is None:
            rows.append(("Target Significance Level:", f"{self.alpha:g}", ""))
        else:
            rows.append(("Target Effect Size:", _number(self.target), ""))
        rows = [row for row in rows if row[1]]
        width = max(len(row[0]) for row in rows)
        pad = " " * any(value.startswith("-") for value in rows[0][1:])
        signed = [
            [label, *(value if value[:1] in ("-", "") else pad + value for value in values)] for label, *values in rows
        ]
        lines = [
            f"{label:{width}} {value}" + (f" (with file drawer: {after})" if after else "") for label, value, after in signed
        ]
        number = "Inf" if self.fsnum == float("inf") else f"{self.fsnum:.0f}"
        head = f"Fail-safe N Calculation Using the {self.type} Approach"
        return "\n".join([head, "", *lines, "", f"Fail-safe N: {'>' if self.capped else ''}{number}"])


def _number(x: float | None) -> str:
    return "" if x is None else f"{x:.4f}"


def _p(x: float | None) -> str:
    return "" if x is None else text.p_value(x, equals="").replace(" ", "")
