"""TAU2, the only list of tau² estimators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pymeta.tau2 import closed, iterative, median, paule_mandel
from pymeta.tau2.estimate import Tau2

__all__ = ["TAU2", "Tau2Method"]

RANDOM = "Random-Effects Model"


@dataclass(frozen=True, slots=True)
class Tau2Method:
    """An estimator of tau².

    fit : (yi, vi, X, weights=None, tau2_min=0.0) -> Tau2; SJ's takes tau2_init too
    random : the model has a tau² at all
    iterative : the answer is a solution, not a formula
    needs_weights : fit raises OptionError without weights
    """

    name: str
    label: str
    fit: Callable[..., Tau2]
    random: bool
    iterative: bool
    source: str
    needs_weights: bool = False


_METHODS = (
    Tau2Method("EE", "Equal-Effects Model", closed.none, False, False, "Hedges & Olkin (1985)"),
    Tau2Method("FE", "Fixed-Effects Model", closed.none, False, False, "Hedges & Vevea (1998)"),
    Tau2Method("CE", "Common-Effect Model", closed.none, False, False, "Hedges & Olkin (1985)"),
    Tau2Method("DL", RANDOM, closed.dersimonian_laird, True, False, "DerSimonian & Laird (1986)"),
    Tau2Method("HE", RANDOM, closed.hedges, True, False, "Hedges (1983)"),
    Tau2Method("HS", RANDOM, closed.hunter_schmidt, True, False, "Hunter & Schmidt (1990)"),
    Tau2Method("HSk", RANDOM, closed.hunter_schmidt_corrected, True, False, "Brannick et al. (2019)"),
    Tau2Method("SJ", RANDOM, closed.sidik_jonkman, True, False, "Sidik & Jonkman (2005)"),
    Tau2Method("SJIT", RANDOM, paule_mandel.iterated_sidik_jonkman, True, True, "Sidik & Jonkman (2007)"),
    Tau2Method("DLIT", RANDOM, paule_mandel.iterated_dersimonian_laird, True, True, "DerSimonian & Kacker (2007)"),
    Tau2Method("ML", RANDOM, iterative.maximum_likelihood, True, True, "Hardy & Thompson (1996)"),
    Tau2Method("REML", RANDOM, iterative.restricted_maximum_likelihood, True, True, "Patterson & Thompson (1971)"),
    Tau2Method("EB", RANDOM, paule_mandel.empirical_bayes, True, True, "Morris (1983)"),
    Tau2Method("PM", RANDOM, paule_mandel.paule_mandel, True, True, "Paule & Mandel (1982)"),
    Tau2Method("PMM", RANDOM, paule_mandel.paule_mandel_median, True, True, "Viechtbauer (2021)"),
    Tau2Method("GENQ", RANDOM, closed.generalised_q, True, False, "DerSimonian & Kacker (2007)", True),
    Tau2Method("GENQM", RANDOM, median.generalised_q_median, True, True, "Viechtbauer (2021)", True),
)

TAU2: Mapping[str, Tau2Method] = MappingProxyType({method.name: method for method in _METHODS})
