"""The estimates and tests of p-uniform and p-uniform*."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pymeta.arrays import BoolArray
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PUniform", "PUniformStar"]

_NUMBERS = (
    *("k", "k_sig", "est", "ci_lb", "ci_ub", "L_0", "pval_0", "tau2", "tau2_lb", "tau2_ub", "L_het", "pval_het"),
    *("L_pb", "pval_pb", "est_re", "tau2_re", "ll"),
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PUniformStar:
    """sig : (k,) which studies are significant.

    est, ci_lb, ci_ub : the average effect; L_0, pval_0 : the likelihood-ratio test that it is 0
    tau2, tau2_lb, tau2_ub : the variance between studies; L_het, pval_het : the test that it is 0
    L_pb, pval_pb : the test of publication bias: of est_re and tau2_re, estimates by plain maximum likelihood
    ll : the log-likelihood; side, alpha : of the studies' tests; level : of the intervals, in percent
    """

    k: int
    sig: BoolArray = field(repr=False)
    est: float
    ci_lb: float
    ci_ub: float
    L_0: float
    pval_0: float
    tau2: float
    tau2_lb: float
    tau2_ub: float
    L_het: float
    pval_het: float
    L_pb: float
    pval_pb: float
    est_re: float
    tau2_re: float
    ll: float
    side: str
    alpha: float
    level: float

    @property
    def k_sig(self) -> int:
        """How many studies are significant."""
        return int(self.sig.sum())

    def frame(self) -> pd.DataFrame:
        """One row."""
        import pandas as pd

        return pd.DataFrame([{name: getattr(self, name) for name in _NUMBERS}])

    def __str__(self) -> str:
        """Text that reads like metafor's."""

        def row(*numbers: float) -> list[str]:
            *first, L, p = numbers
            return [*(f"{x:.4f}" for x in (*first, L)), text.p_value(p, equals="")]

        rows = [
            ["effect", *row(self.est, self.ci_lb, self.ci_ub, self.L_0, self.pval_0)],
            ["tau2", *row(self.tau2, self.tau2_lb, self.tau2_ub, self.L_het, self.pval_het)],
        ]
        lines = [
            f"p-uniform* (k = {self.k}, of which {self.k_sig} significant on the {self.side})",
            "",
            *text.aligned(["", "estimate", "ci.lb", "ci.ub", "L", "pval"], rows),
            "",
            f"Without truncation (ML): estimate = {self.est_re:.4f}, tau2 = {self.tau2_re:.4f}",
            f"Test for Publication Bias: L(df = 2) = {self.L_pb:.4f}, p {text.p_value(self.pval_pb)}",
        ]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PUniform:
    """What the k_sig significant of k studies say.

    est, ci_lb, ci_ub : their effect; level : of the interval, in percent
    L_0, pval_0 : the test that it is 0; L_pb, pval_pb : that of publication bias, at est_fe, the equal-effects average of
        all; L is a likelihood ratio (method "ML"), or the sum of conditional p-values (method "P")
    side, alpha : of the studies' tests
    """

    k: int
    k_sig: int
    est: float
    ci_lb: float
    ci_ub: float
    L_0: float
    pval_0: float
    L_pb: float
    pval_pb: float
    est_fe: float
    method: str
    side: str
    alpha: float
    level: float

    def frame(self) -> pd.DataFrame:
        """One row."""
        import pandas as pd

        names = ("method", "k", "k_sig", "est", "ci_lb", "ci_ub", "L_0", "pval_0", "L_pb", "pval_pb", "est_fe")
        return pd.DataFrame([{name: getattr(self, name) for name in names}])

    def __str__(self) -> str:
        """Text that reads like metafor's."""
        numbers = [f"{x:.4f}" for x in (self.est, self.ci_lb, self.ci_ub, self.L_0)]
        rows = [[*numbers, text.p_value(self.pval_0, equals="")]]
        lines = [
            f"p-uniform, method {self.method} (k = {self.k}, of which {self.k_sig} significant on the {self.side})",
            "",
            *text.aligned(["estimate", "ci.lb", "ci.ub", "L", "pval"], rows, first="right"),
            "",
            f"Equal-effects average of all studies: {self.est_fe:.4f}",
            f"Test for Publication Bias: L = {self.L_pb:.4f}, p {text.p_value(self.pval_pb)}",
        ]
        return "\n".join(lines)
