"""A p-curve's tests, verdicts and estimate of power."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan
from typing import TYPE_CHECKING, NamedTuple

from pymeta.arrays import FloatArray
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PCurve", "Stouffer"]


class Stouffer(NamedTuple):
    """Stouffer's combination of pp-values: its z-value, and the p-value that it is so low."""

    zval: float
    pval: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PCurve:
    """What the k_sig of k studies that are significant on one side say.

    k_half : how many of them have p < 0.025; slab, zval, pval : (k_sig,) their labels, z-values (away from 0) and p-values
    right, right_half : tests for right skew, of the full and of the half curve; flat, flat_half : that the curve is flatter
        than by 33 % power; those of the half curve are None where it is empty
    binom_right, binom_flat : p-values of the share of p < 0.025, that it is higher than by no effect, and lower than by 33 %
    power, power_lb, power_ub : the power that the studies have, and its 90 % interval
    """

    k: int
    k_sig: int
    k_half: int
    slab: tuple[str, ...]
    zval: FloatArray = field(repr=False)
    pval: FloatArray = field(repr=False)
    right: Stouffer
    right_half: Stouffer | None
    flat: Stouffer
    flat_half: Stouffer | None
    binom_right: float
    binom_flat: float
    power: float
    power_lb: float
    power_ub: float
    side: str

    @property
    def evidential(self) -> bool:
        """Evidential value: the half curve is right-skewed at 0.05, or both are at 0.1."""
        half = self.right_half
        return half is not None and (half.pval < 0.05 or (half.pval < 0.1 and self.right.pval < 0.1))

    @property
    def inadequate(self) -> bool:
        """Evidential value is absent or inadequate: flatter than by 33 % at 0.05, or half curve and binomial at 0.1."""
        half = self.flat_half
        return self.flat.pval < 0.05 or (half is not None and half.pval < 0.1 and self.binom_flat < 0.1)

    def frame(self) -> pd.DataFrame:
        """Two rows, "right skew" and "flatness": binomial p-values, and Stouffer's of the full and of the half curve."""
        import pandas as pd

        none = Stouffer(float("nan"), float("nan"))
        rows = [
            {"binom_p": p, "full_z": full.zval, "full_p": full.pval, "half_z": half.zval, "half_p": half.pval}
            for p, full, half in (
                (self.binom_right, self.right, self.right_half or none),
                (self.binom_flat, self.flat, self.flat_half or none),
            )
        ]
        return pd.DataFrame(rows, index=["right skew", "flatness"])

    def __str__(self) -> str:
        """Text that reads like metafor's."""
        head = ["", "binom p", "full z", "full p", "half z", "half p"]
        rows = [
            [
                str(name),
                *(
                    "NA" if isnan(x) else f"{x:.4f}" if column.endswith("z") else text.p_value(x, equals="")
                    for column, x in zip(row.index, row, strict=True)
                ),
            ]
            for name, row in self.frame().iterrows()
        ]
        said = {True: "yes", False: "no"}
        lines = [
            f"P-Curve (k = {self.k}, of which {self.k_sig} significant on the {self.side}, {self.k_half} with p < .025)",
            "",
            *text.aligned(head, rows),
            "",
            f"Evidential value:                       {said[self.evidential]}",
            f"Evidential value absent or inadequate:  {said[self.inadequate]}",
            f"Estimated power: {self.power:.4f} (90% CI: {self.power_lb:.4f}, {self.power_ub:.4f})",
        ]
        return "\n".join(lines)
