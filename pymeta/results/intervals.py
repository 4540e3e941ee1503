"""Confidence intervals of coefficients, and of the amount of heterogeneity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pymeta.errors import no_such
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ConfidenceIntervals", "Interval"]

_PRINTED = {"tau2": "tau^2", "I2": "I^2(%)", "H2": "H^2"}


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the bounds of its interval.

    lb_sign, ub_sign : "<" or ">" where a bound lies beyond the end of the search; both "<": the set is empty
    """

    estimate: float
    ci_lb: float
    ci_ub: float
    lb_sign: str = ""
    ub_sign: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidenceIntervals:
    """Intervals by name: of coefficients (`fixed`), and of tau2, tau, I2 and H2 (`random`).

    type : how those of tau2 were made: "QP", "GENQ", "PL" or "HT"; "" where there are none
    empty : no tau2 of 0 or more is compatible with the data; its bounds then are 0, as metafor has them
    level : in percent; notes : what a reader must know
    """

    fixed: tuple[tuple[str, Interval], ...]
    random: tuple[tuple[str, Interval], ...]
    type: str
    level: float
    empty: bool = False
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[tuple[str, Interval]]:
        """Every name with its interval."""
        return iter((*self.fixed, *self.random))

    def __getitem__(self, name: str) -> Interval:
        """The interval of a coefficient, or of "tau2", "tau", "I2" or "H2"."""
        for known, interval in self:
            if known == name:
                return interval
        raise no_such("name", name, [known for known, _ in self], what="interval here")

    def frame(self) -> pd.DataFrame:
        """A row an interval."""
        import pandas as pd

        columns = ("estimate", "ci_lb", "ci_ub")
        rows = {name: [getattr(interval, column) for column in columns] for name, interval in self}
        return pd.DataFrame.from_dict(rows, orient="index", columns=list(columns))

    def __str__(self) -> str:
        """Text that reads like metafor's."""
        blocks = [_printed(part) for part in (self.fixed, self.random) if part]
        return "\n\n".join([*blocks, *(["\n".join(self.notes)] if self.notes else [])])


def _printed(part: tuple[tuple[str, Interval], ...]) -> str:
    rows = [
        [
            _PRINTED.get(name, name),
            f"{one.estimate:.4f}",
            f"{one.lb_sign}{one.ci_lb:.4f}",
            f"{one.ub_sign}{one.ci_ub:.4f}",
        ]
        for name, one in part
    ]
    return "\n".join(text.aligned(["", "estimate", "ci.lb", "ci.ub"], rows))
