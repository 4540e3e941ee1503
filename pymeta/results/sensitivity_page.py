"""The page of a sensitivity analysis."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pymeta.results.sensitivity import Finding, Section, Sensitivity
from pymeta.show import text

__all__ = ["page"]

_TEMPLATES = Path(__file__).parent / "templates"
_WIDTH = 180.0
_REACH = 3.0
"""How many widths of the model's own interval a drawing shows on either side; what lies beyond is cut, and marked."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """An interval in units of the drawing; cut_left, cut_right : whether it goes on beyond."""

    low: float
    middle: float
    high: float
    cut_left: bool
    cut_right: bool


def page(found: Sensitivity) -> str:
    """HTML without scripts or anything from elsewhere; every text is escaped."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    scale = _scale(found)
    return environment.get_template("sensitivity.html.j2").render(
        found=found,
        width=_WIDTH,
        clean=text.clean,
        rows=lambda part: _rows(part, scale),
        reference=_reference(found),
        at=lambda x: _at(x, scale),
    )


def _models(found: Sensitivity) -> list[Finding]:
    return [one for one in found.sections[0].findings if one.estimate is not None]


def _reference(found: Sensitivity) -> float | None:
    """Where the line of the model's own estimate goes; none where it has several coefficients."""
    models = _models(found)
    return models[0].estimate if len(models) == 1 else None


def _scale(found: Sensitivity) -> tuple[float, float]:
    """From where to where drawings go: all intervals, within reach of the model's own."""
    bounds = [(one.ci_lb, one.ci_ub) for one in _models(found) if one.ci_lb is not None and one.ci_ub is not None]
    low, high = min(low for low, _ in bounds), max(high for _, high in bounds)
    reach = _REACH * (high - low)
    ends = [x for part in found.sections for one in part.findings for x in (one.ci_lb, one.ci_ub, one.estimate)]
    shown = [min(max(x, low - reach), high + reach) for x in ends if x is not None and not math.isnan(x)]
    return min(shown), max(shown)


def _at(x: float, scale: tuple[float, float]) -> float:
    low, high = scale
    share = (x - low) / (high - low) if high > low else 0.5
    return round(4.0 + (_WIDTH - 8.0) * min(max(share, 0.0), 1.0), 1)


def _rows(part: Section, scale: tuple[float, float]) -> Iterator[tuple[Finding, _Drawn | None]]:
    for one in part.findings:
        estimate, low, high = one.estimate, one.ci_lb, one.ci_ub
        if estimate is None or low is None or high is None or not all(map(math.isfinite, (estimate, low, high))):
            yield one, None
        else:
            ends = _at(low, scale), _at(estimate, scale), _at(high, scale)
            yield one, _Drawn(*ends, low < scale[0], high > scale[1])
