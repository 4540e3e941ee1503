"""How one R function is made on pymeta."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pymeta.port.calls.asked import Asked
from pymeta.port.calls.numbers import WHOLE, Numbers
from pymeta.port.pinned import pinned
from pymeta.results.location_scale import LocationScaleResult
from pymeta.results.selection import SelectionResult
from pymeta.results.uni import UniResult
from pymeta.tau2.methods import TAU2

__all__ = ["Adapter", "iterated"]

Found = Mapping[str, Any]
"""pymeta's numbers by their place in R's answer."""


def iterated(result: Any) -> bool:
    """Whether a model's tau2 was found by iteration, so that R's own stops a little before or after it."""
    if isinstance(result, UniResult):
        found = result.spec.tau2 is None and result.k > result.p
        return found and result.spec.method in TAU2 and TAU2[result.spec.method].iterative
    return isinstance(result, LocationScaleResult | SelectionResult)


def _pinned(result: Any, asked: Asked, reference: Numbers) -> Any:
    return pinned(result, reference) if iterated(result) and WHOLE not in reference else None


def _no_limits(asked: Asked, reference: Numbers) -> Mapping[str, float]:
    return {}


@dataclass(frozen=True, slots=True)
class Adapter:
    """How one R function is made on pymeta.

    run : makes the call; numbers : of what it returned, by their place in R's answer
    iterative : whether that was solved for, beyond the models that it is of
    pin : what it returned, with what R's iteration found in place of pymeta's; None where that is no worse, or there is none
    unit : what all numbers are measured against, where that is the same for all
    limits : the digits that R itself has in a number where they are too few for its kind
    """

    run: Callable[[Asked], Any]
    numbers: Callable[[Any, Asked], Found]
    iterative: Callable[[Any], bool] = iterated
    pin: Callable[[Any, Asked, Numbers], Any] = _pinned
    unit: float | None = None
    limits: Callable[[Asked, Numbers], Mapping[str, float]] = _no_limits
