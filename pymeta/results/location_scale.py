"""The result of a location-scale model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.data.scale import ScaleSpec
from pymeta.data.specs import INTERCEPT, UniSpec
from pymeta.inference.likelihood import FitStatistics, criteria, maximum_likelihood, restricted_likelihood, saturated
from pymeta.numerics.solve import Solve
from pymeta.results.pooled import Pooled
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LocationScaleResult"]

_HEAD = ("", "estimate", "se", "zval", "pval", "ci.lb", "ci.ub")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LocationScaleResult(Pooled):
    """A model of how large effects are on average (location, beta) and of how much they vary (scale, alpha).

    vb : (p, p) covariance of beta; va : (q, q) of alpha, NaN where tau² is at its bound of 0, and of what was given
    alpha, se_alpha, zval_alpha, pval_alpha, ci_lb_alpha, ci_ub_alpha : (q,) scale coefficients, their tests and intervals
    QM, QMp : the omnibus test of the coefficients at `btt`; QS, QSp : of the scale coefficients at `att`
    tau2 : (k,) the variance between studies, in each study
    I2, H2 : (k,) by each study's tau²
    ddf, ddf_alpha : degrees of freedom of the tests, k − p and k − q; None for z-tests
    s2w : what the test "knha" or "adhoc" multiplied vb by
    solve : how alpha was found
    call : the arguments as they were given, for `update`
    """

    spec: UniSpec
    scale: ScaleSpec
    vb: FloatArray
    QM: float
    QMp: float
    tau2: FloatArray
    I2: FloatArray  # type: ignore[assignment]  # one a study
    H2: FloatArray  # type: ignore[assignment]
    alpha: FloatArray
    va: FloatArray
    se_alpha: FloatArray
    zval_alpha: FloatArray
    pval_alpha: FloatArray
    ci_lb_alpha: FloatArray
    ci_ub_alpha: FloatArray
    QS: float
    QSp: float
    ddf: float | None
    ddf_alpha: float | None
    s2w: float
    solve: Solve
    call: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def k(self) -> int:
        """The number of studies pooled."""
        return self.studies.k

    @property
    def p(self) -> int:
        """The number of location coefficients."""
        return len(self.beta)

    @property
    def q(self) -> int:
        """The number of scale coefficients."""
        return len(self.alpha)

    @property
    def link(self) -> str:
        """How tau² and the scale predictors are linked: "log" or "identity"."""
        return self.scale.link

    @property
    def btt(self) -> tuple[int, ...]:
        """The positions, from 0, of the coefficients that QM tests."""
        return self.spec.btt

    @property
    def att(self) -> tuple[int, ...]:
        """The positions, from 0, of the scale coefficients that QS tests."""
        return self.scale.chosen

    @property
    def m(self) -> int:
        """How many coefficients QM tests."""
        return len(self.btt)

    @property
    def test(self) -> str:
        """How coefficients are tested."""
        return self.spec.test

    @property
    def moderated(self) -> bool:
        """Whether there is more to the location than an intercept."""
        return self.names != INTERCEPT

    @property
    def QMdf(self) -> tuple[int, float | None]:
        """The degrees of freedom of QM: of a chi-squared distribution, or both of an F distribution."""
        return self.m, self.ddf

    @property
    def QSdf(self) -> tuple[int, float | None]:
        """The degrees of freedom of QS."""
        return len(self.att), self.ddf_alpha

    @property
    def parms(self) -> int:
        """How many parameters were estimated: coefficients of both kinds, without those that were given."""
        return self.p + int(self.scale.free.sum())

    @property
    def residuals(self) -> FloatArray:
        """Effects less what the model says, (k,)."""
        return self.studies.yi - self.spec.X @ self.beta

    @property
    def fit_stats(self) -> Mapping[str, FitStatistics]:
        """Log-likelihood, deviance, AIC, BIC and AICc by maximum ("ML") and by restricted likelihood ("REML")."""
        vi = self.studies.vi
        ml = maximum_likelihood(self.residuals, vi + self.tau2)
        reml = restricted_likelihood(self.residuals, vi + self.tau2, self.spec.X)
        return {
            "ML": criteria(ml, 2.0 * (saturated(vi) - ml), self.parms, self.k),
            "REML": criteria(reml, -2.0 * reml, self.parms, self.k - self.p),
        }

    def tidy(self) -> pd.DataFrame:
        """One row a coefficient, location first."""
        import pandas as pd

        columns = ("beta", "se", "zval", "pval", "ci_lb", "ci_ub")
        scale = {name: getattr(self, "alpha" if name == "beta" else f"{name}_alpha") for name in columns}
        parts = [
            pd.DataFrame({"part": part, "term": names, **values})
            for part, names, values in (
                ("location", self.names, {name: getattr(self, name) for name in columns}),
                ("scale", self.scale.names, scale),
            )
        ]
        return pd.concat(parts, ignore_index=True)

    def glance(self) -> pd.DataFrame:
        """One row: the model's other numbers."""
        import pandas as pd

        names = ("k", "p", "q", "link", "QE", "QE_df", "QEp", "QM", "QMp", "QS", "QSp")
        shared = {"measure": self.spec.measure, "method": self.spec.method}
        return pd.DataFrame([{**shared, **{name: getattr(self, name) for name in names}}])

    def __str__(self) -> str:
        """Text that reads like metafor's."""
        residual = "Residual " if self.moderated else ""
        head = [f"{self.label} (k = {self.k}; tau^2 estimator: {self.spec.method}; link: {self.link})", ""]
        head += [
            f"Test for {residual}Heterogeneity:",
            f"Q(df = {self.QE_df}) = {self.QE:.4f}, p-val {text.p_value(self.QEp)}",
        ]
        location = ["", *self._omnibus_lines("QM"), "Model Results (Location):", "", *self._table("")]
        scale = ["", *self._omnibus_lines("QS"), "Model Results (Scale):", "", *self._table("_alpha")]
        return "\n".join(head + location + scale + self._closing_lines())

    def _omnibus_lines(self, name: str) -> list[str]:
        kind, names, chosen = ("Location", self.names, self.btt) if name == "QM" else ("Scale", self.scale.names, self.att)
        if names == INTERCEPT or (name == "QS" and not self.scale.free[list(chosen)].all()):
            return []
        value, p, (m, ddf) = getattr(self, name), getattr(self, name + "p"), getattr(self, name + "df")
        tested = ", ".join(names[j] for j in chosen)
        statistic = f"{name}(df = {m})" if ddf is None else f"F(df1 = {m}, df2 = {ddf:g})"
        return [f"Test of {kind} Coefficients ({tested}):", f"{statistic} = {value:.4f}, p-val {text.p_value(p)}", ""]

    def _table(self, of: str) -> list[str]:
        """The coefficients: of the location ("") or of the scale ("_alpha")."""
        names = self.scale.names if of else self.names
        estimate, se, zval, pval, low, high = (
            getattr(self, name) for name in ("alpha" if of else "beta", *(f"{n}{of}" for n in _COLUMNS))
        )
        free = self.scale.free if of else np.ones(self.p, dtype=bool)
        rows = [
            [name, *(f"{x:.4f}" for x in (estimate[i], se[i], zval[i])), _p(pval[i]), f"{low[i]:.4f}", f"{high[i]:.4f}"]
            if free[i]
            else [name, f"{estimate[i]:.4f}", *["---"] * len(_COLUMNS)]
            for i, name in enumerate(names)
        ]
        return text.aligned(_HEAD if self.ddf is None else [h.replace("zval", "tval") for h in _HEAD], rows)


_COLUMNS = ("se", "zval", "pval", "ci_lb", "ci_ub")


def _p(p: float) -> str:
    return text.p_value(p, equals="")
