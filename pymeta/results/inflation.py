"""Variance inflation factors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pymeta.arrays import FloatArray
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Inflation"]


@dataclass(frozen=True, slots=True, eq=False)
class Inflation:
    """Of each set of coefficients: its name, its positions (from 0), and how the others inflate its variance.

    vif : (generalised) factors, of variances; sif : of standard errors, vif^(1/(2m)) for m coefficients
    """

    spec: tuple[str, ...]
    btt: tuple[tuple[int, ...], ...]
    vif: FloatArray
    sif: FloatArray

    @property
    def m(self) -> tuple[int, ...]:
        """How many coefficients each set has."""
        return tuple(len(places) for places in self.btt)

    def frame(self) -> pd.DataFrame:
        """A row a set."""
        import pandas as pd

        return pd.DataFrame({"spec": self.spec, "m": self.m, "vif": self.vif, "sif": self.sif})

    def __str__(self) -> str:
        """A line a set."""
        rows = zip(self.spec, self.m, self.vif, self.sif, strict=True)
        return "\n".join(
            text.aligned(["", "m", "vif", "sif"], [[name, str(m), f"{v:.4f}", f"{s:.4f}"] for name, m, v, s in rows])
        )
