"""TAU2, the only list of tau² estimators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pymeta.arrays import FloatArray
from pymeta.tau2.closed import dersimonian_laird, none
from pymeta.tau2.estimate import Tau2
from pymeta.tau2.iterative import restricted_maximum_likelihood

__all__ = ["TAU2", "Tau2Method"]


@dataclass(frozen=True, slots=True)
class Tau2Method:
    """An estimator of tau². `random`: the model has a tau² at all. `iterative`: the answer is a solution, not a formula."""

    name: str
    label: str
    fit: Callable[[FloatArray, FloatArray, FloatArray], Tau2]
    random: bool
    iterative: bool
    source: str


_METHODS = (
    Tau2Method("EE", "Equal-Effects Model", none, False, False, "Hedges & Olkin (1985)"),
    Tau2Method("FE", "Fixed-Effects Model", none, False, False, "Hedges & Vevea (1998)"),
    Tau2Method("CE", "Common-Effect Model", none, False, False, "Hedges & Olkin (1985)"),
    Tau2Method("DL", "Random-Effects Model", dersimonian_laird, True, False, "DerSimonian & Laird (1986)"),
    Tau2Method("REML", "Random-Effects Model", restricted_maximum_likelihood, True, True, "Patterson & Thompson (1971)"),
)

TAU2: Mapping[str, Tau2Method] = MappingProxyType({method.name: method for method in _METHODS})
