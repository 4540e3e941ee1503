"""A model of studies and of those that trim and fill takes to be missing."""

from __future__ import annotations

from dataclasses import dataclass

from pymeta.arrays import BoolArray
from pymeta.results.uni import UniResult
from pymeta.show import text

__all__ = ["TrimFillResult"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TrimFillResult(UniResult):
    """The model of the studies and those that were filled in; it is a model like others.

    k0 : how many were filled in; side : "left" or "right", where they were missing
    se_k0 : the standard error of that estimate, NaN where its equation has none
    p_k0 : of the test that none are missing on that side, by estimator "R0" only
    estimator : "L0", "R0" or "Q0"
    fill : (k,) which of the studies were filled in
    """

    k0: int
    se_k0: float
    p_k0: float | None
    side: str
    estimator: str
    fill: BoolArray

    def _head(self) -> str:
        side, p = f"missing studies on the {self.side} side: ", self.p_k0
        first = f"Estimated number of {side}{self.k0} (SE = {self.se_k0:.4f})"
        if p is None:
            return f"{first}\n\n"
        return f"{first}\n{f'Test of H0: no {side}':{len(first) - len(first.split(': ')[1])}}p-val {text.p_value(p)}\n\n"

    def __str__(self) -> str:
        """Text that reads like metafor's."""
        return self._head() + UniResult.__str__(self)

    def summary(self) -> str:
        """The same with the log-likelihood and what is made of it."""
        return self._head() + UniResult.summary(self)
