"""The test of excess significance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pymeta.arrays import BoolArray, FloatArray
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ExcessTest"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ExcessTest:
    """The test of the number of significant studies, O of k, against the number that their power makes expected, E.

    test : "chi2", "binom" or "exact"; X2 : its statistic where it is the first, else None
    power, sig : (k,) each study's power at theta, and whether it is significant
    theta : the true effect, or (k,) those of the studies
    theta_lim : the effect where pval would be tes_alpha, or the two of either side at half of it; None where there is none
    """

    k: int
    O: int  # noqa: E741  # metafor's name
    E: float
    test: str
    X2: float | None
    pval: float
    power: FloatArray = field(repr=False)
    sig: BoolArray = field(repr=False)
    theta: float | FloatArray
    theta_lim: float | tuple[float | None, float | None] | None
    tes_alternative: str
    tes_alpha: float

    @property
    def OEratio(self) -> float:
        """O over E."""
        return self.O / self.E

    def frame(self) -> pd.DataFrame:
        """One row."""
        import pandas as pd

        names = ("k", "O", "E", "OEratio", "test", "X2", "pval", "theta_lim")
        return pd.DataFrame([{name: getattr(self, name) for name in names}])

    def __str__(self) -> str:
        """Text that reads like metafor's."""
        quantiles = [f"{q:.4f}" for q in np.quantile(self.power, (0.0, 0.25, 0.5, 0.75, 1.0))]
        theta = f" (based on theta = {self.theta:.4f})" if isinstance(self.theta, float) else ""
        how = f"X^2 = {self.X2:.4f}, df = 1" if self.X2 is not None else f"{_NAMES[self.test]} test"
        lines = [
            "Test of Excess Significance",
            "",
            f"Observed Number of Significant Findings: {self.O} (out of {self.k})",
            f"Expected Number of Significant Findings: {self.E:.4f}",
            f"Observed Number / Expected Number:       {self.OEratio:.4f}",
            "",
            f"Estimated Power of Tests{theta}",
            "",
            *text.aligned(["min", "q1", "median", "q3", "max"], [quantiles], first="right"),
            "",
            f"Test of Excess Significance: p {text.p_value(self.pval)} ({how})",
        ]
        return "\n".join([*lines, *self._limit()])

    def _limit(self) -> list[str]:
        if not isinstance(self.theta, float):
            return []
        both = self.theta_lim if isinstance(self.theta_lim, tuple) else (self.theta_lim,)
        there = ", ".join(f"{one:.4f}" for one in both if one is not None)
        where = f"{there} (where p = {self.tes_alpha / len(both):g})" if there else "not estimable"
        return [f"Limit Estimate (theta_lim):  {where}"]


_NAMES = {"binom": "binomial", "exact": "exact"}
