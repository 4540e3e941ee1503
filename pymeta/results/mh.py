"""The result of the Mantel-Haenszel method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pymeta.results.tables import PooledTables, number
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MHResult"]

_TESTS = ("MH", "MHdf", "MHp", "TA", "TAdf", "TAp")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MHResult(PooledTables):
    """A Mantel-Haenszel estimate under the equal-effects model.

    Chi-squared statistics with their degrees of freedom and p-values, None where the measure has no such test:
    MH, MHdf, MHp : of association, Cochran, Mantel and Haenszel's ("OR") or for person-times ("IRR")
    CO, COdf, COp : Cochran's own, with binomial variances ("OR")
    TA, TAdf, TAp : Tarone's of equal odds ratios ("OR"); TAp is NaN with one table, as BDp is
    BD, BDdf, BDp : Breslow and Day's, which Tarone's corrects
    """

    MH: float | None = None
    MHdf: int | None = None
    MHp: float | None = None
    CO: float | None = None
    COdf: int | None = None
    COp: float | None = None
    TA: float | None = None
    TAdf: int | None = None
    TAp: float | None = None
    BD: float | None = None
    BDdf: int | None = None
    BDp: float | None = None

    @property
    def correct(self) -> bool:
        """Whether the tests of association are corrected for continuity."""
        return self.spec.correct

    @property
    def k_pos(self) -> int | None:
        """The number of tables with both outcomes, which Tarone's test is about."""
        return None if self.TAdf is None else self.TAdf + 1

    def glance(self) -> pd.DataFrame:
        """One row: the model's other numbers."""
        found = self._glance(k=self.k)
        return found.assign(**{name: getattr(self, name) for name in _TESTS if self.MH is not None})

    def _test_lines(self) -> list[str]:
        if self.MH is None or self.MHp is None:
            return []
        if self.TA is None or self.TAp is None:
            return ["", f"Mantel-Haenszel Test: MH = {number(self.MH)}, df = 1, p-val {text.p_value(self.MHp)}"]
        values = [number(self.MH), number(self.TA)]
        dfs = [f"{self.MHdf},", f"{self.TAdf},"]
        names = ["Cochran-Mantel-Haenszel Test:    CMH", "Tarone's Test for Heterogeneity: X^2"]
        wide, far = max(map(len, values)), max(map(len, dfs))
        rows = zip(names, values, dfs, (self.MHp, self.TAp), strict=True)
        return ["", *(f"{name} = {x:>{wide}}, df = {df:<{far}} p-val {_p_value(p)}" for name, x, df, p in rows)]


def _p_value(p: float) -> str:
    """With the zero before the point, as metafor has it in these two lines."""
    return "= NA" if np.isnan(p) else text.p_value(p).replace("< .", "< 0.")
