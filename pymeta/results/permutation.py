"""Permutation tests of the coefficients of a model."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pymeta.arrays import FloatArray
from pymeta.results import uni_text
from pymeta.results.location_scale import LocationScaleResult
from pymeta.results.uni import UniResult

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PermutationTest", "ScalePermutationTest"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PermutationTest:
    """p-values of the coefficients, (p,), and of the omnibus test, by permutation.

    model : the model that was tested; its own p-values are others
    ci_lb, ci_ub : (p,) its confidence limits, or those by permutation where `permci` says so, (p,)
    zval_perm, beta_perm : (n, p) of each permutation; QM_perm : (n,); NaN where a model could not be fitted
    exact : whether these are all permutations; exact_iter : how many there are
    """

    pval: FloatArray
    QMp: float
    ci_lb: FloatArray
    ci_ub: FloatArray
    permci: tuple[bool, ...]
    model: UniResult | LocationScaleResult
    zval_perm: FloatArray = field(repr=False)
    beta_perm: FloatArray = field(repr=False)
    QM_perm: FloatArray = field(repr=False)
    exact: bool
    exact_iter: int

    def __len__(self) -> int:
        return len(self.QM_perm)

    def frame(self) -> pd.DataFrame:
        """A row a coefficient. metafor: ``coef(permutest(…))``."""
        return self._tested().tidy()

    def _tested(self) -> Any:
        return replace(self.model, pval=self.pval, QMp=self.QMp, ci_lb=self.ci_lb, ci_ub=self.ci_ub)

    def __str__(self) -> str:
        """Text that reads like metafor's: tests and coefficients, ¹ beside what was found by permutation."""
        found = self._tested()
        lines = uni_text.lines(found) if isinstance(found, UniResult) else str(found).splitlines()
        first = next(i for i, line in enumerate(lines) if line.startswith(("Test of ", "Model Results")))
        marked = [_marked(line, any(self.permci)) for line in lines[first:]]
        what = ("p-value" if len(self.pval) == 1 else "p-values") + (" and CI bounds" if any(self.permci) else "")
        return "\n".join([*marked, "", f"1) {what} based on permutation testing"])


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ScalePermutationTest(PermutationTest):
    """Of a location-scale model: the same of its scale coefficients, (q,), whose predictors were permuted.

    Z_exact_iter : how many permutations there are; 0, and no numbers, where there is nothing but an intercept
    """

    pval_alpha: FloatArray
    QSp: float
    zval_alpha_perm: FloatArray = field(repr=False)
    alpha_perm: FloatArray = field(repr=False)
    QS_perm: FloatArray = field(repr=False)
    Z_exact_iter: int

    def _tested(self) -> Any:
        return replace(super(ScalePermutationTest, self)._tested(), pval_alpha=self.pval_alpha, QSp=self.QSp)


def _marked(line: str, intervals: bool) -> str:
    if line.startswith("Test of "):
        return line.replace("):", "):¹")
    if " estimate " not in f" {line} ":
        return line
    for name in ("pval", "ci.lb", "ci.ub") if intervals else ("pval",):
        line = line.replace(f" {name}", f"{name}¹", 1)
    return line
