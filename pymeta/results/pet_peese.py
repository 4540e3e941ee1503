"""PET, PEESE and the estimate that is chosen of both."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pymeta.arrays import FloatArray
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Line", "PetPeese"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Line:
    """A weighted regression: beta, se, zval, pval, ci_lb, ci_ub (2,), of the intercept and of the slope.

    zval : t or z values; vb : (2, 2) covariances; dispersion : the factor by which effects vary beyond vi; df : of residuals
    """

    beta: FloatArray
    se: FloatArray
    zval: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    vb: FloatArray = field(repr=False)
    dispersion: float
    df: int


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PetPeese:
    """The two regressions, pet and peese, and which of their intercepts is the conditional estimate: `chosen`.

    pval_pet : the one-sided p-value that chose, of PET's intercept; side, alpha : of that test
    est, se, pval, ci_lb, ci_ub : of the conditional estimate, the p-value two-sided; level : in percent; test : "t" or "z"
    """

    k: int
    pet: Line
    peese: Line
    pval_pet: float
    chosen: str
    side: str
    alpha: float
    level: float
    test: str

    @property
    def _conditional(self) -> Line:
        return self.peese if self.chosen == "PEESE" else self.pet

    @property
    def est(self) -> float:
        """The conditional estimate."""
        return float(self._conditional.beta[0])

    @property
    def se(self) -> float:
        """Its standard error."""
        return float(self._conditional.se[0])

    @property
    def pval(self) -> float:
        """Its two-sided p-value."""
        return float(self._conditional.pval[0])

    @property
    def ci_lb(self) -> float:
        """The lower bound of its interval."""
        return float(self._conditional.ci_lb[0])

    @property
    def ci_ub(self) -> float:
        """The upper bound of its interval."""
        return float(self._conditional.ci_ub[0])

    def frame(self) -> pd.DataFrame:
        """A row a coefficient: PET's intercept and slope (FAT), PEESE's; `chosen` is true of the conditional estimate."""
        import pandas as pd

        columns = ("beta", "se", "zval", "pval", "ci_lb", "ci_ub")
        rows = [
            {"model": name, "term": term, **{one: getattr(line, one)[j] for one in columns}, "df": line.df}
            | {"chosen": j == 0 and name == self.chosen}
            for name, line, slope in (("PET", self.pet, "sei"), ("PEESE", self.peese, "vi"))
            for j, term in enumerate(("intrcpt", slope))
        ]
        return pd.DataFrame(rows)

    def __str__(self) -> str:
        """Text that reads like metafor's."""
        sign = {"right": ">", "left": "<"}[self.side]
        df = f", df = {self.pet.df}" if self.test == "t" else ""
        table = self.frame()
        rows = [
            [
                f"{row.model} {row.term}",
                *(f"{x:.4f}" for x in (row.beta, row.se, row.zval)),
                text.p_value(row.pval, equals=""),
                *(f"{x:.4f}" for x in (row.ci_lb, row.ci_ub)),
            ]
            for row in table.itertuples()
        ]
        lines = [
            "Precision-Effect Test and Precision-Effect Estimate with Standard Error",
            "",
            *text.aligned(["", "estimate", "se", f"{self.test}val", "pval", "ci.lb", "ci.ub"], rows),
            "",
            f"Test for Funnel Plot Asymmetry (FAT): {self.test} = {self.pet.zval[1]:.4f}{df}, "
            f"p {text.p_value(float(self.pet.pval[1]))}",
            f"Test of PET's Intercept {sign} 0:          p {text.p_value(self.pval_pet)} (alpha = {self.alpha:g})",
            f"Conditional Estimate ({self.chosen}): b = {self.est:.4f} (CI: {self.ci_lb:.4f}, {self.ci_ub:.4f})",
        ]
        return "\n".join(lines)
