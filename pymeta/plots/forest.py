"""Forest plots: where everything stands, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.effects.measures import MEASURES
from pymeta.numerics.tails import normal_quantile
from pymeta.results.mh import MHResult
from pymeta.results.uni import UniResult

__all__ = ["ForestLayout", "ForestRow", "layout"]


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One line of a forest plot, on the scale that is pooled; weight in percent, None for the pooled effect."""

    label: str
    estimate: float
    ci_lb: float
    ci_ub: float
    weight: float | None


@dataclass(frozen=True, slots=True)
class ForestLayout:
    """A forest plot in numbers.

    rows : the studies in their order; pooled : the diamond
    low, high : the axis, on the scale that is pooled; what reaches beyond it is cut with an arrow
    null : no effect, on the same scale
    ticks : positions on that scale and their labels on the scale people read
    """

    rows: tuple[ForestRow, ...]
    pooled: ForestRow
    low: float
    high: float
    null: float
    ticks: tuple[tuple[float, str], ...]


def layout(result: UniResult | MHResult, weights: FloatArray) -> ForestLayout:
    """The forest plot of a result; `weights` as `pymeta.weights` gives them, one for each study that has an effect.

    metafor: the coordinates that ``forest(res)`` uses
    """
    measure = MEASURES[result.spec.measure]
    reach = normal_quantile((100.0 - result.spec.level) / 200.0) * np.sqrt(result.studies.vi)
    bounds = zip(result.studies.slab, result.studies.yi, reach, weights, strict=True)
    rows = tuple(ForestRow(label, float(y), float(y - r), float(y + r), float(w)) for label, y, r, w in bounds)
    pooled = ForestRow("Pooled", float(result.beta[0]), float(result.ci_lb[0]), float(result.ci_ub[0]), None)
    log = measure.back is not None
    null = float(np.log(measure.null)) if log else measure.null
    low, high = _axis(rows, pooled, null)
    ticks = _log_ticks(low, high) if log else _ticks(low, high)
    return ForestLayout(rows, pooled, low, high, null, ticks)


def _axis(rows: tuple[ForestRow, ...], pooled: ForestRow, null: float) -> tuple[float, float]:
    """Wide enough for every estimate and most intervals; one very wide interval does not flatten all others."""
    widest = np.quantile([row.ci_ub - row.ci_lb for row in rows], 0.8)
    points = [null, pooled.ci_lb, pooled.ci_ub, *(row.estimate for row in rows)]
    low = min([*points, *(row.ci_lb for row in rows if row.ci_ub - row.ci_lb <= widest)])
    high = max([*points, *(row.ci_ub for row in rows if row.ci_ub - row.ci_lb <= widest)])
    margin = 0.04 * (high - low) or 1.0
    return low - margin, high + margin


def _ticks(low: float, high: float) -> tuple[tuple[float, str], ...]:
    """Round numbers, four to eight of them."""
    rough = (high - low) / 5.0
    unit = 10.0 ** np.floor(np.log10(rough))
    step = float(unit * min((1, 2, 5, 10), key=lambda m: abs(m * unit - rough)))
    decimals = max(0, -int(np.floor(np.log10(step))))
    values = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    return tuple((float(value), f"{value + 0.0:.{decimals}f}") for value in values)


def _log_ticks(low: float, high: float) -> tuple[tuple[float, str], ...]:
    """1, 2 and 5 times powers of ten, or the powers alone where those would crowd; plain ticks on a narrow axis."""
    powers = range(int(np.floor(low / np.log(10))), int(np.ceil(high / np.log(10))) + 1)
    for multiples in ((1,), (1, 2, 5), (1, 1.5, 2, 3, 5, 7)):
        values = [m * 10.0**power for power in powers for m in multiples]
        found = tuple((float(np.log(value)), f"{value:g}") for value in values if low <= np.log(value) <= high)
        if len(found) >= 4:
            return found
    return tuple((float(np.log(t)), label) for t, label in _ticks(float(np.exp(low)), float(np.exp(high))) if t > 0)
