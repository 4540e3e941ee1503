"""Subgroups of studies, and the test between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pymeta.results.uni import UniResult
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Subgroups"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Subgroups:
    """A fit a subgroup, and whether they differ.

    names : of the subgroups; fits : of each, in the same order; overall : of all studies
    model : with a common tau², the one model of all subgroups, whose coefficients they are; else None
    tau2 : "separate" or "common"; QB, QB_df, QBp : the test between subgroups, chi-squared, or F where QB_df[1] is a number
    """

    by: str
    names: tuple[str, ...]
    fits: tuple[UniResult, ...]
    overall: UniResult
    model: UniResult | None
    tau2: str
    QB: float
    QB_df: tuple[int, float | None]
    QBp: float

    def frame(self) -> pd.DataFrame:
        """A row a subgroup, and one overall."""
        import pandas as pd

        rows = [self._row(i) for i in range(len(self.names))]
        return pd.DataFrame([*rows, {"subgroup": "overall", **_numbers(self.overall, self.overall, 0)}])

    def _row(self, place: int) -> dict[str, Any]:
        fit = self.fits[place]
        tests, at = (fit, 0) if self.model is None else (self.model, place)
        return {"subgroup": self.names[place], **_numbers(fit, tests, at)}

    def __str__(self) -> str:
        """A line a subgroup, one overall, and the test."""
        head = ["", "k", "estimate", "se", "ci.lb", "ci.ub", "tau^2", "I^2"]
        rows = [
            [str(row["subgroup"]), str(row["k"])]
            + [f"{row[name]:.4f}" for name in ("beta", "se", "ci_lb", "ci_ub", "tau2")]
            + [f"{row['I2']:.2f}%"]
            for row in self.frame().to_dict("records")
        ]
        m, ddf = self.QB_df
        test = f"QB(df = {m})" if ddf is None else f"F(df1 = {m}, df2 = {ddf:.4g})"
        kind = "" if not self.overall.random else f" ({self.tau2} tau^2)"
        title = f"Subgroups by {self.by}{kind}:"
        between = ["", "Test for Subgroup Differences:", f"{test} = {self.QB:.4f}, p-val {text.p_value(self.QBp)}"]
        return "\n".join([title, "", *text.aligned(head, rows), *between])


def _numbers(fit: UniResult, tests: UniResult, place: int) -> dict[str, Any]:
    """Counts and heterogeneity of a subgroup's own fit, the estimate with its interval of where it was estimated."""
    estimate = {name: float(getattr(tests, name)[place]) for name in ("beta", "se", "zval", "pval", "ci_lb", "ci_ub")}
    return {"k": fit.k, **estimate, **{name: getattr(fit, name) for name in ("tau2", "I2", "QE", "QE_df", "QEp")}}
