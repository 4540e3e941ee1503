"""The result of an inverse-variance model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.data.specs import INTERCEPT, UniSpec
from pymeta.inference.likelihood import FitStatistics, criteria, maximum_likelihood, restricted_likelihood, saturated
from pymeta.numerics.solve import Solve
from pymeta.results.pooled import Pooled
from pymeta.results.uni_exports import exported, html_table, latex_table
from pymeta.results.uni_text import lines, summary_lines

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["UniResult"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class UniResult(Pooled):
    """A fitted equal-, fixed- or random-effects model.

    vb : (p, p) covariance of beta
    QM, QMp : the omnibus test of the coefficients at `btt`: chi-squared, or F where `ddf` is a number
    tau2, se_tau2 : the variance between studies and its standard error (None where the method has none)
    R2 : the share of tau² that the moderators explain, in percent; None where there is none to speak of
    random : whether the model has a tau2 at all
    s2w : what the test "knha" or "adhoc" multiplied the covariance by
    ddf : degrees of freedom of the tests of coefficients; None for z-tests
    solve : how tau2 was found
    call : the arguments as they were given, for `update`
    """

    spec: UniSpec
    vb: FloatArray
    QM: float
    QMp: float
    tau2: float
    se_tau2: float | None
    R2: float | None
    random: bool
    s2w: float
    ddf: float | None
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
    def btt(self) -> tuple[int, ...]:
        """The positions, from 0, of the coefficients that QM tests."""
        return self.spec.btt

    @property
    def m(self) -> int:
        """How many coefficients QM tests."""
        return len(self.spec.btt)

    @property
    def test(self) -> str:
        """How coefficients are tested."""
        return self.spec.test

    @property
    def moderated(self) -> bool:
        """Whether there is more to the model than an intercept."""
        return self.names != INTERCEPT

    @property
    def QMdf(self) -> tuple[int, float | None]:
        """The degrees of freedom of QM: of a chi-squared distribution, or both of an F distribution."""
        return self.m, self.ddf

    @property
    def parms(self) -> int:
        """How many parameters were estimated: the coefficients, and tau² unless it was given."""
        return self.p + int(self.random and self.spec.tau2 is None)

    @property
    def residuals(self) -> FloatArray:
        """Effects less what the model says, (k,)."""
        return self.studies.yi - self.spec.X @ self.beta

    @property
    def fit_stats(self) -> Mapping[str, FitStatistics]:
        """Log-likelihood, deviance, AIC, BIC and AICc by maximum ("ML") and by restricted likelihood ("REML")."""
        X, vi = self.spec.X, self.studies.vi
        variances = vi + self.tau2
        if not variances.all():
            return dict.fromkeys(("ML", "REML"), FitStatistics(*[np.nan] * 5))
        ml = maximum_likelihood(self.residuals, variances)
        reml = restricted_likelihood(self.residuals, variances, X)
        return {
            "ML": criteria(ml, 2.0 * (saturated(vi) - ml), self.parms, self.k),
            "REML": criteria(reml, -2.0 * reml, self.parms, self.k - self.p),
        }

    def glance(self) -> pd.DataFrame:
        """One row: the model's other numbers."""
        return self._glance(k=self.k, tau2=self.tau2, se_tau2=self.se_tau2)

    def __str__(self) -> str:
        """Text that reads like metafor's."""
        return "\n".join([*lines(self), *self._after()])

    def summary(self) -> str:
        """The same with the log-likelihood and what is made of it. metafor: ``summary(result)``."""
        return "\n".join([*summary_lines(self), *self._after()])

    def _after(self) -> list[str]:
        return [*([] if self.moderated else self._back_lines()), *self._closing_lines()]

    def augment(self) -> pd.DataFrame:
        """One row a study: its label, effect and variance, what the model says, and its weight in percent."""
        import pandas as pd

        w = 1.0 / (self.studies.vi + self.tau2) if self.spec.weights is None else self.spec.weights
        w = w if self.spec.weighted else np.ones(self.k)
        columns = {"slab": self.studies.slab, "yi": self.studies.yi, "vi": self.studies.vi}
        more = {"fitted": self.studies.yi - self.residuals, "resid": self.residuals, "weight": 100.0 * w / w.sum()}
        return pd.DataFrame({**columns, **more}, index=self.studies.rows)

    def to_dict(self) -> dict[str, Any]:
        """Every number of the model as plain Python, for JSON: None where there is none."""
        return exported(self)

    def to_json(self, **options: Any) -> str:
        """The same as JSON text; `options` are those of ``json.dumps``."""
        return json.dumps(self.to_dict(), allow_nan=False, **options)

    def to_latex(self, *, digits: int = 4) -> str:
        """The coefficients as a LaTeX table (booktabs)."""
        return latex_table(self, digits)

    def _repr_html_(self) -> str:
        return html_table(self)
