"""The result of an inverse-variance model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pymeta.arrays import FloatArray
from pymeta.numerics.solve import Solve
from pymeta.results.pooled import Pooled

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["UniResult"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class UniResult(Pooled):
    """A fitted equal-, fixed- or random-effects model.

    vb : (p, p) covariance of beta
    tau2, se_tau2 : the variance between studies and its standard error (None where the method has none)
    random : whether the model has a tau2 at all
    solve : how tau2 was found
    """

    vb: FloatArray
    tau2: float
    se_tau2: float | None
    random: bool
    solve: Solve

    @property
    def k(self) -> int:
        """The number of studies pooled."""
        return self.studies.k

    @property
    def p(self) -> int:
        """The number of coefficients."""
        return len(self.beta)

    def glance(self) -> pd.DataFrame:
        """One row: the model's other numbers."""
        return self._glance(k=self.k, tau2=self.tau2, se_tau2=self.se_tau2)

    def __str__(self) -> str:
        """Text that reads like metafor's."""
        if not self.random:
            return self._lines([f"{self.label} (k = {self.k})", ""])
        se = "" if self.se_tau2 is None else f" (SE = {self.se_tau2:.4f})"
        return self._lines(
            [
                f"{self.label} (k = {self.k}; tau^2 estimator: {self.spec.method})",
                "",
                f"tau^2 (estimated amount of total heterogeneity): {self.tau2:.4f}{se}",
                f"tau (square root of estimated tau^2 value):      {self.tau2**0.5:.4f}",
            ]
        )
