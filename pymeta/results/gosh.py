"""The models of many subsets of the studies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pymeta.arrays import BoolArray, FloatArray, IntArray
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Gosh"]

_NUMBERS = ("k", "QE", "I2", "H2", "tau2", "tau")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Gosh:
    """Pooled effects and heterogeneity of n subsets; NaN where a subset is too small for the model.

    incl : (n, k) which studies a subset has, columns as `slab`
    k : (n,) how many; QE, I2, H2, tau2 : (n,); beta : (n, p), columns as `names`
    """

    incl: BoolArray = field(repr=False)
    slab: tuple[str, ...] = field(repr=False)
    names: tuple[str, ...]
    k: IntArray = field(repr=False)
    QE: FloatArray = field(repr=False)
    I2: FloatArray = field(repr=False)
    H2: FloatArray = field(repr=False)
    tau2: FloatArray = field(repr=False)
    beta: FloatArray = field(repr=False)

    def __len__(self) -> int:
        return len(self.k)

    @property
    def tau(self) -> FloatArray:
        """The square root of tau2, (n,)."""
        return np.sqrt(self.tau2)

    @property
    def fit(self) -> BoolArray:
        """Which subsets could be fitted, (n,)."""
        return np.asarray(~np.isnan(self.beta).any(axis=1))

    def frame(self) -> pd.DataFrame:
        """A row a subset. metafor: ``gosh(…)$res``."""
        import pandas as pd

        names = ("estimate",) if len(self.names) == 1 else self.names
        columns = {name: getattr(self, name) for name in _NUMBERS}
        return pd.DataFrame({**columns, **dict(zip(names, self.beta.T, strict=True))})

    def __str__(self) -> str:
        """Text that reads like metafor's: how each number is spread over the subsets that could be fitted."""
        head = [f"Model fits attempted: {len(self)}", f"Model fits succeeded: {int(self.fit.sum())}", ""]
        rows = []
        for name, values in self.frame()[self.fit].items():
            found = values.to_numpy(dtype=float)
            if len(found):
                spread = (found.mean(), *np.quantile(found, (0.0, 0.25, 0.5, 0.75, 1.0)))
                rows.append([str(name), *(f"{x:.4f}" for x in spread)])
            if name == "tau2":
                rows.append([""] * 7)
        return "\n".join([*head, *text.aligned(["", "mean", "min", "q1", "median", "q3", "max"], rows)])
