"""Tests of funnel plot asymmetry."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pymeta.arrays import FloatArray
from pymeta.results.uni import UniResult
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LeastSquares", "RankTest", "RegressionTest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankTest:
    """Kendall's tau of effects and variances; exact : whether the p-value is; k : how many studies."""

    tau: float
    pval: float
    exact: bool
    k: int

    def frame(self) -> pd.DataFrame:
        """One row."""
        import pandas as pd

        return pd.DataFrame([{"tau": self.tau, "pval": self.pval, "exact": self.exact, "k": self.k}])

    def __str__(self) -> str:
        """Text that reads like metafor's."""
        head = "Rank Correlation Test for Funnel Plot Asymmetry"
        return f"{head}\n\nKendall's tau = {self.tau:.4f}, p {text.p_value(self.pval)}"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LeastSquares:
    """Weighted least squares with a dispersion: beta (p,), vb (p, p); fitted, residuals, weights (k,); df, of residuals."""

    beta: FloatArray
    vb: FloatArray
    fitted: FloatArray
    residuals: FloatArray
    weights: FloatArray
    df: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RegressionTest:
    """The test of the predictor: zval, pval; ddf : degrees of freedom of a t-test, else None.

    est, ci_lb, ci_ub : the limit estimate, None where the predictor or the moderators have none
    fit : the model with the predictor as its last coefficient
    """

    model: str
    predictor: str
    zval: float
    pval: float
    ddf: float | None
    est: float | None
    ci_lb: float | None
    ci_ub: float | None
    fit: UniResult | LeastSquares = field(repr=False)

    def frame(self) -> pd.DataFrame:
        """One row."""
        import pandas as pd

        names = ("model", "predictor", "zval", "ddf", "pval", "est", "ci_lb", "ci_ub")
        return pd.DataFrame([{name: getattr(self, name) for name in names}])

    def __str__(self) -> str:
        """Text that reads like metafor's."""
        kind = "weighted regression with multiplicative dispersion"
        kind = self.fit.label.lower() if isinstance(self.fit, UniResult) else kind
        statistic = f"z = {self.zval:.4f}" if self.ddf is None else f"t = {self.zval:.4f}, df = {self.ddf:g}"
        lines = [
            "Regression Test for Funnel Plot Asymmetry",
            "",
            f"Model:     {kind}",
            f"Predictor: {self.predictor}",
            "",
            f"Test for Funnel Plot Asymmetry: {statistic}, p {text.p_value(self.pval)}",
        ]
        if self.est is not None:
            lines.append(
                f"Limit Estimate ({self.predictor} -> 0): b = {self.est:.4f} (CI: {self.ci_lb:.4f}, {self.ci_ub:.4f})"
            )
        return "\n".join(lines)
