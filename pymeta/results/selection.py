"""The result of a selection model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from pymeta.arrays import FloatArray, IntArray, read_only
from pymeta.data.selection import SelectionSpec
from pymeta.data.specs import INTERCEPT, UniSpec
from pymeta.errors import OptionError
from pymeta.inference.likelihood import FitStatistics, criteria
from pymeta.numerics.solve import Solve
from pymeta.results.pooled import Pooled
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SelectionResult", "without_selection"]

_COLUMNS = ("se", "zval", "pval", "ci_lb", "ci_ub")
_HEAD = ("estimate", "se", "zval", "pval", "ci.lb", "ci.ub")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SelectionResult(Pooled):
    """A meta-analysis by maximum likelihood, of which some studies were likelier to be seen than others.

    vb : (p, p) covariance of beta; vd : (d, d) of delta, NaN for what was given or is at a bound
    QM, QMp : the omnibus test of the coefficients at `btt`
    tau2, se_tau2, ci_lb_tau2, ci_ub_tau2 : the variance between studies; None where it was given, or is at its bound of 0
    delta, se_delta, zval_delta, pval_delta, ci_lb_delta, ci_ub_delta : (d,) selection parameters; the tests are of their
        values without selection
    LRT, LRTdf, LRTp : the likelihood-ratio test of no selection; LRT_tau2, LRTp_tau2 : of tau2 = 0, None where there is none
    ll, ll0 : log-likelihoods, with selection and without
    ptable : (c,) how many p-values lie between the steps, where there are steps; pvals : (k,) the p-values,
        kept away from 0 and 1 where the model keeps them so
    QE, I2 and H2, which selection distorts, are NaN
    """

    spec: UniSpec
    selection: SelectionSpec
    vb: FloatArray
    QM: float
    QMp: float
    random: bool
    tau2: float
    se_tau2: float | None
    ci_lb_tau2: float | None
    ci_ub_tau2: float | None
    delta: FloatArray
    vd: FloatArray
    se_delta: FloatArray
    zval_delta: FloatArray
    pval_delta: FloatArray
    ci_lb_delta: FloatArray
    ci_ub_delta: FloatArray
    ll: float
    ll0: float
    LRT: float
    LRTdf: int
    LRTp: float
    LRT_tau2: float | None
    LRTp_tau2: float | None
    ptable: IntArray | None
    pvals: FloatArray
    solve: Solve
    call: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def k(self) -> int:
        """The number of studies pooled."""
        return self.studies.k

    @property
    def p(self) -> int:
        """The number of coefficients."""
        return len(self.beta)

    @property
    def m(self) -> int:
        """How many coefficients QM tests."""
        return len(self.spec.btt)

    @property
    def ddf(self) -> None:
        """Tests are z-tests."""
        return

    @property
    def test(self) -> str:
        """The same, by name."""
        return "z"

    @property
    def btt(self) -> tuple[int, ...]:
        """The coefficients that QM tests."""
        return self.spec.btt

    @property
    def QMdf(self) -> tuple[int, float | None]:
        """How many QM tests; it has no denominator degrees of freedom."""
        return self.m, None

    @property
    def residuals(self) -> FloatArray:
        """Effects less what the model says of all studies, seen or not, (k,)."""
        return read_only(self.studies.yi - self.spec.X @ self.beta)

    @property
    def type(self) -> str:
        """The kind of selection."""
        return self.selection.type

    @property
    def steps(self) -> tuple[float, ...]:
        """Between which p-values, or at which effect, selection changes."""
        return self.selection.steps

    @property
    def moderated(self) -> bool:
        """Whether there is more to the model than an intercept."""
        return self.names != INTERCEPT

    @property
    def parms(self) -> int:
        """How many parameters were estimated."""
        return self.p + int(self.random and self.spec.tau2 is None) + int(np.isnan(self.selection.delta).sum())

    @property
    def fit_stats(self) -> Mapping[str, FitStatistics]:
        """Log-likelihood, deviance (−2 times that), AIC, BIC and AICc; there is no restricted likelihood."""
        return {
            "ML": criteria(self.ll, -2.0 * self.ll, self.parms, self.k),
            "REML": FitStatistics(*[np.nan] * 5),
        }

    def frame(self) -> pd.DataFrame:
        """One row a selection parameter."""
        import pandas as pd

        columns = {"estimate": self.delta, **{name: getattr(self, f"{name}_delta") for name in _COLUMNS}}
        table = pd.DataFrame(columns, index=self._delta_names())
        if self.type == "stepfun":
            table.insert(0, "k", self.ptable)
        return table

    def glance(self) -> pd.DataFrame:
        """One row: the model's other numbers."""
        import pandas as pd

        names = ("k", "tau2", "se_tau2", "ll", "LRT", "LRTdf", "LRTp", "LRT_tau2", "LRTp_tau2", "QM", "QMp")
        return pd.DataFrame(
            [{"measure": self.spec.measure, "type": self.type, **{name: getattr(self, name) for name in names}}]
        )

    def __str__(self) -> str:
        """Text that reads like metafor's."""
        lines = [*self._head(), "Model Results:", "", *self._coefficients(), ""]
        p = "= NA" if np.isnan(self.LRTp) else text.p_value(self.LRTp)
        lines += ["Test for Selection Model Parameters:", f"LRT(df = {self.LRTdf}) = {self.LRT:.4f}, p-val {p}", ""]
        return "\n".join([*lines, "Selection Model Results:", "", *self._deltas(), *self._closing_lines()])

    def _head(self) -> list[str]:
        if not self.random:
            lines = [f"{self.label} (k = {self.k})", ""]
        else:
            given = self.spec.tau2 is not None
            what, kind = "specified" if given else "estimated", "residual" if self.moderated else "total"
            se = "" if self.se_tau2 is None else f" (SE = {self.se_tau2:.4f})"
            labels = [f"tau^2 ({what} amount of {kind} heterogeneity):", f"tau (square root of {what} tau^2 value):"]
            width = max(map(len, labels))
            how = "user-specified tau^2 value" if given else "tau^2 estimator: ML"
            lines = [f"{self.label} (k = {self.k}; {how})", "", f"{labels[0]:{width}} {self.tau2:.4f}{se}"]
            lines += [f"{labels[1]:{width}} {self.tau2**0.5:.4f}", ""]
        if self.LRT_tau2 is not None and self.LRTp_tau2 is not None:
            residual = "Residual " if self.moderated else ""
            lines += [f"Test for {residual}Heterogeneity:"]
            lines += [f"LRT(df = 1) = {self.LRT_tau2:.4f}, p-val {text.p_value(self.LRTp_tau2)}", ""]
        if self.moderated:
            tested = ", ".join(self.names[j] for j in self.spec.btt)
            lines += [f"Test of Moderators ({tested}):"]
            lines += [f"QM(df = {self.m}) = {self.QM:.4f}, p-val {text.p_value(self.QMp)}", ""]
        return lines

    def _coefficients(self) -> list[str]:
        rows = [_row(self.beta[i], *(getattr(self, name)[i] for name in _COLUMNS)) for i in range(self.p)]
        if not self.moderated:
            return text.aligned(_HEAD, rows, first="right")
        return text.aligned(("", *_HEAD), [[name, *row] for name, row in zip(self.names, rows, strict=True)])

    def _deltas(self) -> list[str]:
        columns = [getattr(self, f"{name}_delta") for name in _COLUMNS]
        given = ~np.isnan(self.selection.delta)
        rows = [
            [f"{self.delta[j]:.4f}", *["---"] * 5] if given[j] else _row(self.delta[j], *(column[j] for column in columns))
            for j in range(len(self.delta))
        ]
        if self.type == "stepfun" and self.ptable is not None:
            counts = [[name, str(n), *row] for name, n, row in zip(self._delta_names(), self.ptable, rows, strict=True)]
            return text.aligned(("", "k", *_HEAD), counts)
        if len(rows) == 1:
            return text.aligned(_HEAD, rows, first="right")
        return text.aligned(("", *_HEAD), [[name, *row] for name, row in zip(self._delta_names(), rows, strict=True)])

    def _delta_names(self) -> list[str]:
        if self.type != "stepfun":
            return [f"delta.{j + 1}" for j in range(len(self.delta))]
        ends = [f"{step:g}" for step in (0.0, *self.steps)]
        wide, last = max(map(len, ends[:-1])), max(map(len, ends[1:]))
        return [f"{low:{wide}} < p <= {high:{last}}" for low, high in pairwise(ends)]


def without_selection(result: object, what: str) -> None:
    """Raise OptionError for a selection model, whose studies do not count by their weights alone."""
    if isinstance(result, SelectionResult):
        raise OptionError(
            f"{what}: not defined for a selection model, whose estimates are no weighted averages; "
            "it has predict, confint, profile, anova, coef, vcov, residuals and fit statistics"
        )


def _row(*numbers: float) -> list[str]:
    estimate, se, zval, pval, low, high = ("NA" if np.isnan(x) else f"{x:.4f}" for x in numbers)
    shown = pval if pval == "NA" else text.p_value(numbers[3], equals="").replace(" ", "")
    return [estimate, se, zval, shown, low, high]
