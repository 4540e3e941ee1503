"""Estimated marginal means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pymeta.arrays import FloatArray
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MarginalMeans"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MarginalMeans:
    """Average effects at combinations of moderators, averaged over the others.

    cells : of each variable asked for, its values, n of them; emmean, se, ci_lb, ci_ub : (n,); vcov : (n, n)
    df : degrees of freedom of the intervals; None is a normal distribution
    X : (n, p) the combinations of coefficients; grid : of each other variable, the values that were averaged over
    """

    cells: Mapping[str, tuple[Any, ...]]
    emmean: FloatArray
    se: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    df: float | None
    vcov: FloatArray
    X: FloatArray
    grid: Mapping[str, tuple[Any, ...]]
    weights: str
    level: float

    def frame(self) -> pd.DataFrame:
        """A row a combination."""
        import pandas as pd

        numbers = {name: getattr(self, name) for name in ("emmean", "se", "ci_lb", "ci_ub")}
        return pd.DataFrame({**self.cells, **numbers})

    def __str__(self) -> str:
        """A line a combination."""
        labels = [
            ", ".join(f"{x:g}" if isinstance(x, float) else str(x) for x in row)
            for row in zip(*self.cells.values(), strict=True)
        ]
        numbers = zip(self.emmean, self.se, self.ci_lb, self.ci_ub, strict=True)
        rows = [[label, *(f"{x:.4f}" for x in row)] for label, row in zip(labels or ["overall"], numbers, strict=True)]
        said = [f"Averaged over {name} ({self.weights} weights)" for name, values in self.grid.items() if len(values) > 1]
        return "\n".join([*text.aligned([", ".join(self.cells), "emmean", "se", "ci.lb", "ci.ub"], rows), *said])
