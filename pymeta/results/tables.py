"""What the results of methods that pool the tables themselves share, and how they are printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.data.specs import DataSpec
from pymeta.effects.measures import MEASURES
from pymeta.inference.likelihood import FitStatistics, criteria, maximum_likelihood, restricted_likelihood, saturated
from pymeta.results.pooled import Pooled
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PooledTables", "number"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PooledTables(Pooled):
    """An estimate from the tables themselves, under the equal-effects model.

    spec : the data, and what was done about zeros for the study effects in `studies`; pooled : what for the tables
    slab : (k,) labels of the tables that went into the estimate; `studies` holds those with an effect of their own
    weights : (k,) each table's weight in the estimate, as the method has it; ``pymeta.weights`` gives percentages
    call : the arguments as they were given, for `update`
    """

    spec: DataSpec
    pooled: DataSpec
    slab: tuple[str, ...]
    weights: FloatArray
    call: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def k(self) -> int:
        """The number of tables pooled."""
        return len(self.slab)

    @property
    def k_yi(self) -> int:
        """The number of tables with an effect of their own."""
        return self.studies.k

    @property
    def parms(self) -> int:
        """How many parameters were estimated."""
        return 1

    @property
    def residuals(self) -> FloatArray:
        """The study effects less the pooled one, (k_yi,)."""
        return np.asarray(self.studies.yi - self.beta[0])

    @property
    def fit_stats(self) -> Mapping[str, FitStatistics]:
        """Log-likelihood, deviance, AIC, BIC and AICc of the study effects about the estimate; NaN without any.

        Differs from metafor: a single effect of several tables counts as any other, where rma.mh has it at the estimate.
        """
        vi, k = self.studies.vi, self.studies.k
        if k == 0:
            return dict.fromkeys(("ML", "REML"), FitStatistics(*[np.nan] * 5))
        ml = maximum_likelihood(self.residuals, vi)
        reml = restricted_likelihood(self.residuals, vi, np.ones((k, 1)))
        return {
            "ML": criteria(ml, 2.0 * (saturated(vi) - ml), self.parms, k),
            "REML": criteria(reml, -2.0 * reml, self.parms, k - 1),
        }

    def glance(self) -> pd.DataFrame:
        """One row: the model's other numbers."""
        return self._glance(k=self.k)

    def __str__(self) -> str:
        """Text that reads like metafor's."""
        return "\n".join([self._head(), "", *self._rest()])

    def summary(self) -> str:
        """The same with the log-likelihood and what is made of it. metafor: ``summary(result)``."""
        return "\n".join([self._head(), "", *_in_columns(self.fit_stats["ML"]), "", *self._rest()])

    def _head(self) -> str:
        return f"Equal-Effects Model (k = {self.k})"

    def _rest(self) -> list[str]:
        return [*self._shares(), "", *self._results(), *self._test_lines(), *self._closing_lines()]

    def _shares(self) -> list[str]:
        return [
            f"I^2 (total heterogeneity / total variability):  {number(self.I2, 2)}%",
            f"H^2 (total variability / sampling variability): {number(self.H2, 2)}",
            "",
            "Test for Heterogeneity:",
            f"Q(df = {self.QE_df}) = {number(self.QE)}, p-val {text.p_value(self.QEp)}",
        ]

    def _results(self) -> list[str]:
        """The estimate and, where people read another scale, its interval there."""
        measure = MEASURES["OR" if self.spec.measure == "PETO" else self.spec.measure]
        pval = text.p_value(float(self.pval[0]), equals="").replace(" ", "")
        numbers = [number(float(x[0])) for x in (self.beta, self.se, self.zval)]
        bounds = [number(float(x[0])) for x in (self.ci_lb, self.ci_ub)]
        head = ["estimate", "se", "zval", "pval", "ci.lb", "ci.ub"]
        lines = text.aligned(head, [[*numbers, pval, *bounds]], first="right")
        if measure.back is None:
            return ["Model Results:", "", *lines]
        back = measure.display(np.array([self.beta[0], self.ci_lb[0], self.ci_ub[0]]))
        cells = [number(float(value)) for value in back]
        again = text.aligned(["estimate", "ci.lb", "ci.ub"], [cells], first="right")
        scale = [f"Model Results ({measure.name} scale):", "", *again]
        return ["Model Results (log scale):", "", *lines, "", *scale]

    def _test_lines(self) -> list[str]:
        """What the method tests besides."""
        return []


def _in_columns(statistics: FitStatistics) -> list[str]:
    """Names over values, all columns as wide as the widest, as R prints a vector."""
    rows: Sequence[Sequence[str]] = (["logLik", "deviance", "AIC", "BIC", "AICc"], [number(x) for x in statistics])
    width = max(len(cell) for row in rows for cell in row)
    return ["  ".join(cell.rjust(width) for cell in row) for row in rows]


def number(value: float, digits: int = 4) -> str:
    """As R prints a number with so many decimal places: "NA" where there is none."""
    return "NA" if np.isnan(value) else f"{value:.{digits}f}".replace("inf", "Inf")
