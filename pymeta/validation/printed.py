"""Printed figures: what the unrounded number may have been, and whether figures printed together can belong together."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from pymeta.errors import DataError
from pymeta.numerics.tails import normal_quantile
from pymeta.validation.sources import quoted

__all__ = ["Printed", "consistent", "printed"]

_FAR = 1e6

_FIGURE = re.compile(
    r"(?P<sign>[<>≤≥])?\s*(?P<number>[-+]?(\d{1,30}(\.\d{1,30})?|\.\d{1,30})([eE][-+]?\d{1,2})?)\s*%?", re.ASCII
)
_AS_ASCII = str.maketrans("−–·", "--.")  # minus sign, the dash that papers print for it, and The Lancet's point


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed figure and the closed interval of numbers that print so.

    Both ends of a rounding interval count as inside: papers do not say how they round halves.
    """

    text: str
    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether `value` prints as the figure."""
        return self.low <= value <= self.high


def printed(text: str) -> Printed:
    """The figure in `text`: "-1.05", "0.39", "71%", "< 0.001", ".03", "1.2e-05", "0·39".

    Raises DataError when it is not one figure.
    """
    match = _FIGURE.fullmatch(text.strip().translate(_AS_ASCII))
    if match is None:
        raise DataError(f"{quoted(text)} is not a printed figure; write it as the paper does, such as '-1.05' or '<0.001'")
    number = Decimal(match["number"])
    if match["sign"] in ("<", "≤"):
        return Printed(text, -math.inf, float(number))
    if match["sign"] in (">", "≥"):
        return Printed(text, float(number), math.inf)
    half = Decimal(5).scaleb(int(number.as_tuple().exponent) - 1)
    return Printed(text, float(number - half), float(number + half))


@dataclass(frozen=True, slots=True)
class _Line:
    """slope · θ + intercept."""

    slope: float
    intercept: float

    def at(self, theta: float) -> float:
        return self.slope * theta + self.intercept


def consistent(estimate: Printed, ci_lb: Printed, ci_ub: Printed, pval: Printed | None, *, log: bool, level: float) -> bool:
    """Whether one unrounded estimate θ with one standard error s could have printed all four figures.

    θ − z s and θ + z s lie in the bounds' intervals, θ in its own, and |θ| / s between the quantiles of p's interval:
    for each sign of θ these are lines that s must lie above or below, so the gap between the highest lower line and
    the lowest upper one is convex in θ and is least at an end or where two lines cross. For ratios (`log`) θ is a log.
    """
    z = normal_quantile((100.0 - level) / 200.0)
    scaled = [_scaled(figure, log) for figure in (estimate, ci_lb, ci_ub)]
    if any(low > high for low, high in scaled) or (pval and (pval.low >= 1.0 or pval.high <= 0.0)):
        return False
    (t_low, t_high), (l_low, l_high), (u_low, u_high) = scaled
    lower = [_Line(1 / z, -l_high / z), _Line(-1 / z, u_low / z), _Line(0.0, 0.0)]
    upper = [_Line(1 / z, -l_low / z), _Line(-1 / z, u_high / z)]
    halves = [(sign, max(a, 0.0), b) for sign, a, b in ((1.0, t_low, t_high), (-1.0, -t_high, -t_low)) if b >= 0.0]
    for sign, low, high in halves:
        below, above = _z_lines(pval)
        folded = [[_Line(sign * line.slope, line.intercept) for line in lines] for lines in (lower, upper)]
        if _feasible([*folded[0], *below], [*folded[1], *above], low, high):
            return True
    return False


def _scaled(figure: Printed, log: bool) -> tuple[float, float]:
    if not log:
        return figure.low, figure.high
    as_log: Callable[[float], float] = lambda value: math.log(value) if value > 0.0 else -math.inf  # noqa: E731
    return as_log(figure.low), as_log(figure.high)


def _z_lines(pval: Printed | None) -> tuple[list[_Line], list[_Line]]:
    """What p's interval says of s for θ ≥ 0: s ≥ θ / z(p low), s ≤ θ / z(p high)."""
    if pval is None:
        return [], []
    below = [_Line(1.0 / normal_quantile(pval.low / 2.0), 0.0)] if pval.low > 0.0 else []
    above = [_Line(1.0 / normal_quantile(pval.high / 2.0), 0.0)] if pval.high < 1.0 else []
    return below, above


def _feasible(lower: list[_Line], upper: list[_Line], low: float, high: float) -> bool:
    """Whether some θ in [low, high] has an s above every lower line and below every upper one."""
    lines = [line for line in (*lower, *upper) if math.isfinite(line.intercept)]
    crossings = [
        (b.intercept - a.intercept) / (a.slope - b.slope)
        for i, a in enumerate(lines)
        for b in lines[i + 1 :]
        if a.slope != b.slope
    ]
    if not crossings:
        return False
    # Beyond the outermost crossing the gap is a line: far out it has its sign for good.
    low, high = max(low, min(crossings) - _FAR), min(high, max(crossings) + _FAR)
    thetas = [theta for theta in (low, high, *crossings) if low <= theta <= high]
    return any(
        max(line.at(t) for line in lower) - min(line.at(t) for line in upper) <= 1e-12 * max(1.0, abs(t)) for t in thetas
    )
