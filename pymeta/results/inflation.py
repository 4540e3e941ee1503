"""Variance inflation factors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pymeta.arrays import FloatArray
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Inflation", "LocationScaleInflation"]


@dataclass(frozen=True, slots=True, eq=False)
class Inflation:
    """Of each set of coefficients: its name, its positions (from 0), and how the others inflate its variance.

    vif : (generalised) factors, of variances; sif : of standard errors, vif^(1/(2m)) for m coefficients
    sim : (n, sets) factors when moderators are shuffled, infinite where that made them collinear, NaN where the model could
        not be fitted; prop : which part of these is smaller than vif, NaN left aside. None where nothing was simulated
    """

    spec: tuple[str, ...]
    btt: tuple[tuple[int, ...], ...]
    vif: FloatArray
    sif: FloatArray
    sim: FloatArray | None = None
    prop: FloatArray | None = None

    @property
    def m(self) -> tuple[int, ...]:
        """How many coefficients each set has."""
        return tuple(len(places) for places in self.btt)

    def frame(self) -> pd.DataFrame:
        """A row a set."""
        import pandas as pd

        more = {} if self.prop is None else {"prop": self.prop}
        return pd.DataFrame({"spec": self.spec, "m": self.m, "vif": self.vif, "sif": self.sif, **more})

    def __str__(self) -> str:
        """A line a set."""
        props = [[]] * len(self.spec) if self.prop is None else [[f"{share:.2f}"] for share in self.prop]
        rows = zip(self.spec, self.m, self.vif, self.sif, props, strict=True)
        head = ["", "m", "vif", "sif", *([] if self.prop is None else ["prop"])]
        return "\n".join(text.aligned(head, [[name, str(m), f"{v:.4f}", f"{s:.4f}", *prop] for name, m, v, s, prop in rows]))


@dataclass(frozen=True, slots=True, eq=False)
class LocationScaleInflation:
    """The factors of the location's coefficients, `beta`, and of the scale's, `alpha`; None where there is no moderator."""

    beta: Inflation | None
    alpha: Inflation | None

    def frame(self) -> pd.DataFrame:
        """A row a set, location first."""
        import pandas as pd

        parts = [("location", self.beta), ("scale", self.alpha)]
        return pd.concat([one.frame().assign(part=name) for name, one in parts if one is not None], ignore_index=True)

    def __str__(self) -> str:
        """A line a set, under headings."""
        parts = [("Location", self.beta), ("Scale", self.alpha)]
        return "\n\n".join(f"{name} Coefficients:\n\n{one}" for name, one in parts if one is not None)
