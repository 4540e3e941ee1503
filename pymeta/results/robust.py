"""An inverse-variance model with cluster-robust tests."""

from __future__ import annotations

from dataclasses import dataclass

from pymeta.arrays import FloatArray, IntArray
from pymeta.inference.sandwich import Sandwich
from pymeta.results.uni import UniResult

__all__ = ["RobustResult"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RobustResult(UniResult):
    """A fitted model whose vb, and all that is computed from it, hold for effects that depend on each other within clusters.

    robumethod : the estimator of vb: "CR0", "CR1", "CR1p" or "CR2"
    satterthwaite : whether the degrees of freedom are Satterthwaite's and Zhang's, or n − p
    dfs : (p,) degrees of freedom of the tests of coefficients; ddf : the smallest of them
    QM_ddf : the denominator degrees of freedom of QM
    cluster : (k,) the cluster of each study, from 0; n : how many clusters there are
    tcl : how many studies each has, (n,)
    vbest : (p, p) the covariance of the model as it was fitted; meat : (p, p) between the breads
    """

    robumethod: str
    satterthwaite: bool
    dfs: FloatArray
    QM_ddf: float
    cluster: IntArray
    n: int
    tcl: IntArray
    vbest: FloatArray
    meat: FloatArray
    sandwich: Sandwich

    @property
    def QMdf(self) -> tuple[int, float | None]:
        """The degrees of freedom of QM, which is about F."""
        return len(self.spec.btt), self.QM_ddf
