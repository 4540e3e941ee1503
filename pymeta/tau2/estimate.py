"""What an estimator of tau² returns."""

from __future__ import annotations

from dataclasses import dataclass

from pymeta.numerics.solve import Solve

__all__ = ["Tau2"]


@dataclass(frozen=True, slots=True)
class Tau2:
    """An estimate of tau², its standard error (None where the method has none) and how it was found."""

    tau2: float
    se_tau2: float | None
    solve: Solve
