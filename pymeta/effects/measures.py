"""MEASURES, the only list of effect measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.effects.families import FAMILIES, Family
from pymeta.effects.means import mean_difference, standardized_mean_difference
from pymeta.effects.records import Effects, defined
from pymeta.effects.two_by_two import log_odds_ratio, log_risk_ratio, risk_difference
from pymeta.errors import no_such

__all__ = ["MEASURES", "Measure", "measure_named"]

Transform = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True)
class Measure:
    """An effect measure.

    effect : the family's inputs, by keyword -> Effects
    back : from the scale that is pooled to the one people read, or None where they are the same
    null : no effect, on the scale that people read
    """

    name: str
    label: str
    short: str
    family: Family
    effect: Callable[..., Effects]
    back: Transform | None
    null: float
    source: str

    def display(self, values: FloatArray) -> FloatArray:
        """`values` on the scale that people read."""
        return values if self.back is None else self.back(values)


def _given(*, yi: FloatArray, vi: FloatArray) -> Effects:
    return defined(yi, vi)


_TABLES, _MEANS = FAMILIES["two_by_two"], FAMILIES["two_means"]
_MEASURES = (
    Measure("GEN", "Effect", "Effect", FAMILIES["generic"], _given, None, 0.0, "given"),
    Measure("RR", "Log Risk Ratio", "Risk ratio", _TABLES, log_risk_ratio, np.exp, 1.0, "Katz et al. (1978)"),
    Measure("OR", "Log Odds Ratio", "Odds ratio", _TABLES, log_odds_ratio, np.exp, 1.0, "Woolf (1955)"),
    Measure("RD", "Risk Difference", "Risk difference", _TABLES, risk_difference, None, 0.0, "Cohen (1995)"),
    Measure("MD", "Mean Difference", "Mean difference", _MEANS, mean_difference, None, 0.0, "Deeks & Higgins (2010)"),
    Measure(
        "SMD",
        "Standardized Mean Difference",
        "Std. mean difference",
        _MEANS,
        standardized_mean_difference,
        None,
        0.0,
        "Hedges (1981)",
    ),
)

MEASURES: Mapping[str, Measure] = MappingProxyType({measure.name: measure for measure in _MEASURES})


def measure_named(name: str, *, family: str | None = None) -> Measure:
    """The measure called `name`, or an OptionError with what is allowed (of one `family`, if given)."""
    allowed = [m.name for m in _MEASURES if family is None or m.family.name == family]
    if name not in allowed:
        raise no_such("measure", name, allowed, what="measure here")
    return MEASURES[name]
