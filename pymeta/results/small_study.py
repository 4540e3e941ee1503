"""Tests of small-study effects in 2x2 tables."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SmallStudyTest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallStudyTest:
    """A weighted regression of k studies' effects on what tells their size.

    intercept, se_intercept, bias, se_bias : its coefficients, `bias` that of the predictor
    tval, pval : the test of `bias`, with df degrees of freedom; dispersion : the weighted residuals' mean square
    outcome, predictor, weights : what was regressed on what, in words
    """

    method: str
    measure: str
    k: int
    df: int
    intercept: float
    se_intercept: float
    bias: float
    se_bias: float
    tval: float
    pval: float
    dispersion: float
    outcome: str
    predictor: str
    weights: str

    def frame(self) -> pd.DataFrame:
        """One row."""
        import pandas as pd

        return pd.DataFrame([asdict(self)])

    def __str__(self) -> str:
        """The test in words."""
        return "\n".join(
            [
                f"Test of Small-Study Effects ({self.method}; {self.k} studies; {self.measure})",
                "",
                f"Outcome:   {self.outcome}",
                f"Predictor: {self.predictor}",
                f"Weights:   {self.weights}",
                "",
                f"bias = {self.bias:.4f} (se = {self.se_bias:.4f}), intercept = {self.intercept:.4f} "
                f"(se = {self.se_intercept:.4f}), dispersion = {self.dispersion:.4f}",
                f"t = {self.tval:.4f}, df = {self.df}, p {text.p_value(self.pval)}",
            ]
        )
