"""How much the moderators take of each other's precision."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from pymeta.api import positions
from pymeta.arrays import FloatArray, read_only
from pymeta.data.specs import INTERCEPT
from pymeta.errors import DataError, OptionError
from pymeta.generics.anova import several
from pymeta.models import uni
from pymeta.results.inflation import Inflation
from pymeta.results.uni import UniResult

__all__ = ["vif"]


def vif(result: UniResult, *, btt: Any = None, terms: bool = False, reestimate: bool = False) -> Inflation:
    """Variance inflation factors of the coefficients, or generalised ones of sets of them; never of the intercept.

    btt : positions from 0, or texts that names contain: one set; a list of such lists is a set each; default: each
        coefficient
    terms : a set for each term of the formula, such as all levels of a factor
    reestimate : compare with the model that has this set alone, with a tau² of its own, which may make the variance smaller;
        otherwise tau² stays as it is in the model

    Raises OptionError for a model without moderators.
    Source: Fox & Monette (1992), Journal of the American Statistical Association 87, 178, eq. 10.
    metafor: ``vif(result, btt=, reestimate=)``
    """
    if not result.moderated:
        raise OptionError("the model has no moderators, whose variances could be inflated; give mods= to rma")
    sets = _sets(result, btt, terms)
    if reestimate:
        factors = np.array([_reestimated(result, places) for _, places in sets])
    else:
        first = int(result.names[0] == INTERCEPT[0])
        R = _correlations(result.vb[first:, first:])
        factors = np.array([_generalised(R, [i - first for i in places]) for _, places in sets])
    roots = factors ** (0.5 / np.array([len(places) for _, places in sets]))
    return Inflation(tuple(name for name, _ in sets), tuple(places for _, places in sets), factors, roots)


def _sets(result: UniResult, btt: Any, terms: bool) -> list[tuple[str, tuple[int, ...]]]:
    names, design = result.names, result.spec.design
    free = [i for i in range(result.p) if names[i] != INTERCEPT[0]]
    if terms:
        if btt is not None:
            raise OptionError("btt, terms: give one of them")
        return [
            (t, tuple(i for i in free if design.assign[i] == j)) for j, t in enumerate(design.terms, 1) if j in design.assign
        ]
    if btt is None:
        return [(names[i], (i,)) for i in free]
    chosen = [tuple(i for i in positions(one, design, "btt") if i in free) for one in (several(btt) or [btt])]
    if not all(chosen):
        raise OptionError(f"btt={btt!r}: the intercept has no variance inflation factor; name moderators")
    return [(", ".join(names[i] for i in places), places) for places in chosen]


def _reestimated(result: UniResult, places: tuple[int, ...]) -> float:
    """det of the set's covariance, over that in a model of the set alone, with an intercept where there is one."""
    kept = [i for i in range(result.p) if result.names[i] == INTERCEPT[0] or i in places]
    whole = result.spec.design
    names = tuple(whole.names[i] for i in kept)
    part = replace(whole, X=read_only(whole.X[:, kept]), names=names, assign=tuple(whole.assign[i] for i in kept))
    own = tuple(kept.index(i) for i in places)
    alone = uni.fit(replace(result.spec, design=part, btt=own))
    return float(np.linalg.det(result.vb[np.ix_(places, places)]) / np.linalg.det(alone.vb[np.ix_(own, own)]))


def _correlations(vb: FloatArray) -> FloatArray:
    se = np.sqrt(np.diag(vb))
    return np.asarray(vb / se[:, None] / se)


def _generalised(R: FloatArray, places: list[int]) -> float:
    """det R_11 det R_22 / det R, for the set and the others."""
    others = [i for i in range(len(R)) if i not in places]
    logs = [np.linalg.slogdet(M) for M in (R[np.ix_(places, places)], R[np.ix_(others, others)], R)]
    if logs[2][0] <= 0.0:
        raise DataError("the coefficients' covariance matrix is singular; leave a moderator out")
    return float(np.exp(logs[0][1] + logs[1][1] - logs[2][1]))
