"""How much the moderators take of each other's precision."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, overload

import numpy as np

from pymeta.api import positions
from pymeta.arrays import FloatArray, read_only
from pymeta.data.design import Design, independent
from pymeta.data.scale import ScaleSpec
from pymeta.data.specs import INTERCEPT
from pymeta.errors import DataError, OptionError, PymetaError
from pymeta.generics.anova import several
from pymeta.generics.reshuffled import Reshuffled
from pymeta.models import location_scale, uni
from pymeta.results.inflation import Inflation, LocationScaleInflation
from pymeta.results.location_scale import LocationScaleResult
from pymeta.results.robust import RobustResult
from pymeta.results.uni import UniResult

__all__ = ["vif"]

_MANY = 1000
"""How many factors sim=True simulates, as in metafor."""
_TIE = 1e-12
"""Simulated factors that are smaller by no more than this share are the same number: rounding makes them differ."""

_Sets = list[tuple[str, tuple[int, ...]]]
"""Names of sets of coefficients, and their positions."""


@overload
def vif(
    result: UniResult,
    *,
    btt: Any = None,
    att: None = None,
    terms: bool = False,
    reestimate: bool = False,
    sim: bool | int = False,
    seed: int | np.random.Generator | None = None,
) -> Inflation: ...
@overload
def vif(
    result: LocationScaleResult,
    *,
    btt: Any = None,
    att: Any = None,
    terms: bool = False,
    reestimate: bool = False,
    sim: bool | int = False,
    seed: int | np.random.Generator | None = None,
) -> LocationScaleInflation: ...
def vif(
    result: UniResult | LocationScaleResult,
    *,
    btt: Any = None,
    att: Any = None,
    terms: bool = False,
    reestimate: bool = False,
    sim: bool | int = False,
    seed: int | np.random.Generator | None = None,
) -> Inflation | LocationScaleInflation:
    """Variance inflation factors of the coefficients, or generalised ones of sets of them; never of the intercept.

    btt : positions from 0, or texts that names contain: one set; a list of such lists is a set each; default: each
        coefficient; att : the same of a location-scale model's scale coefficients
    terms : a set for each term of the formula, such as all levels of a factor
    reestimate : compare with the model that has this set alone, with a tau² of its own, which may make the variance smaller;
        otherwise tau² stays as it is in the model. In a location-scale model the other part keeps all its predictors
        Factors of scale coefficients are NaN where one of these has no standard error
    sim : how many factors to simulate, True for 1000: the model is fitted to moderators that no longer depend on each other,
        and the result's `prop` is the part of these factors that is smaller. With formulas, each variable of the data is
        shuffled, and the formulas are evaluated with these; otherwise each column of the design is. One moderator alone,
        whose factor is 1 in any case, is not simulated
    seed : of numpy's generator, or a generator; the same seed gives the same numbers

    Returns an Inflation; for a location-scale model one for each part.
    Raises OptionError for a model without moderators, and for sim= of robust results or where redundant ones were left out.
    Source: Fox & Monette (1992), Journal of the American Statistical Association 87, 178, eq. 10; the simulation is Horn's
    (1965) parallel analysis, Psychometrika 30, 179, of factors.
    metafor: ``vif(result, btt=, att=, reestimate=, sim=, seed=)``, whose random numbers are R's
    """
    many = _how_many(sim)
    model = _Model.of(result)
    if att is not None and model.scale is None:
        raise OptionError("att: the model has no scale coefficients; rma(scale=…) has")
    if not _free(model.location) and not _free(model.scale):
        raise OptionError("the model has no moderators, whose variances could be inflated; give mods= to rma")
    sets = [_sets(model.location, btt, terms, "btt"), [] if model.scale is None else _sets(model.scale, att, terms, "att")]
    factors = model.factors(sets, reestimate)
    simulated = [None, None] if not many else _simulated(model, sets, reestimate, many, seed)
    beta, alpha = (_inflation(*part) if part[0] else None for part in zip(sets, factors, simulated, strict=True))
    if model.scale is not None:
        return LocationScaleInflation(beta, alpha)
    assert beta is not None
    return beta


@dataclass(frozen=True, slots=True)
class _Model:
    """A fitted model with its designs; `scale` is None where it has no such part."""

    result: UniResult | LocationScaleResult
    location: Design
    scale: Design | None

    @classmethod
    def of(cls, result: UniResult | LocationScaleResult) -> _Model:
        scale = result.scale.design if isinstance(result, LocationScaleResult) else None
        return cls(result, result.spec.design, scale)

    def fitted(self, location: Design, scale: Design | None) -> _Model:
        """The model with these designs instead, of the same studies."""
        spec = replace(self.result.spec, design=location, btt=(0,))
        if isinstance(self.result, LocationScaleResult) and scale is not None:
            return _Model.of(location_scale.fit(spec, _with(self.result.scale, scale)))
        return _Model.of(uni.fit(spec))

    def covariance(self, part: int) -> FloatArray:
        """Of the location's coefficients (0) or the scale's (1)."""
        return self.result.va if part and isinstance(self.result, LocationScaleResult) else self.result.vb

    def factors(self, sets: list[_Sets], reestimate: bool) -> list[FloatArray]:
        """One a set of the location (first) and of the scale."""
        one = self._reestimated if reestimate else self._factor
        return [np.array([one(part, places) for _, places in these]) for part, these in enumerate(sets)]

    def _factor(self, part: int, places: tuple[int, ...]) -> float:
        """det R_11 det R_22 / det R, of the correlations of the set and the others. Fox & Monette, eq. 10"""
        design = self.scale if part and self.scale is not None else self.location
        first = int(design.names[0] == INTERCEPT[0])
        vb = self.covariance(part)[first:, first:]
        se = np.sqrt(np.diag(vb))
        R, these = vb / se[:, None] / se, [i - first for i in places]
        if np.isnan(R).any():
            return np.nan
        others = [i for i in range(len(R)) if i not in these]
        logs = [np.linalg.slogdet(M) for M in (R[np.ix_(these, these)], R[np.ix_(others, others)], R)]
        if not logs[2][0] > 0.0:
            raise DataError("the coefficients' covariance matrix is singular; leave a moderator out")
        return float(np.exp(logs[0][1] + logs[1][1] - logs[2][1]))

    def _reestimated(self, part: int, places: tuple[int, ...]) -> float:
        """det of the set's covariance, over that in a model of the set alone, with an intercept where there is one."""
        design = self.scale if part and self.scale is not None else self.location
        kept = [i for i, name in enumerate(design.names) if name == INTERCEPT[0] or i in places]
        alone = _columns(design, kept)
        other = self.fitted(self.location, alone) if part else self.fitted(alone, self.scale)
        own = [kept.index(i) for i in places]
        whole, small = self.covariance(part)[np.ix_(places, places)], other.covariance(part)[np.ix_(own, own)]
        return float(np.linalg.det(whole) / np.linalg.det(small))


def _with(scale: ScaleSpec, design: Design) -> ScaleSpec:
    """The scale with another design, that has some of its columns; what is known of the coefficients goes with them."""
    places = [scale.names.index(name) for name in design.names]
    low, high, alpha = (None if x is None else x[places] for x in (scale.alpha_min, scale.alpha_max, scale.alpha))
    return replace(scale, design=design, att=None, alpha_min=low, alpha_max=high, alpha=alpha)


def _columns(design: Design, kept: list[int]) -> Design:
    names, assign = tuple(design.names[i] for i in kept), tuple(design.assign[i] for i in kept)
    return replace(design, X=read_only(design.X[:, kept]), names=names, assign=assign)


def _free(design: Design | None) -> list[int]:
    """The positions of all but an intercept."""
    return [] if design is None else [i for i, name in enumerate(design.names) if name != INTERCEPT[0]]


def _sets(design: Design, btt: Any, terms: bool, argument: str) -> _Sets:
    """The sets that are asked for; none where there are no moderators."""
    names, free = design.names, _free(design)
    if terms:
        if btt is not None:
            raise OptionError(f"{argument}, terms: give one of them")
        assigned = [(t, tuple(i for i in free if design.assign[i] == j)) for j, t in enumerate(design.terms, 1)]
        return [(term, places) for term, places in assigned if places]
    if btt is None:
        return [(names[i], (i,)) for i in free]
    chosen = [tuple(i for i in positions(one, design, argument) if i in free) for one in (several(btt) or [btt])]
    if free and not all(chosen):
        raise OptionError(f"{argument}={btt!r}: the intercept has no variance inflation factor; name moderators")
    return [(", ".join(names[i] for i in places), places) for places in chosen if places]


def _inflation(sets: _Sets, factors: FloatArray, sim: FloatArray | None) -> Inflation:
    roots = factors ** (0.5 / np.array([len(places) for _, places in sets]))
    prop = None
    if sim is not None:
        there = ~np.isnan(sim)
        with np.errstate(invalid="ignore"):
            prop = read_only((there & (sim < factors * (1.0 - _TIE))).sum(axis=0) / there.sum(axis=0))
    return Inflation(tuple(name for name, _ in sets), tuple(places for _, places in sets), factors, roots, sim, prop)


def _how_many(sim: bool | int) -> int:
    if isinstance(sim, bool | np.bool_):
        return _MANY if sim else 0
    if not isinstance(sim, int | np.integer) or sim < 1:
        raise OptionError(f"sim={sim!r}: needs True or False, or how many factors to simulate")
    return int(sim)


def _simulated(
    model: _Model, sets: list[_Sets], reestimate: bool, many: int, seed: int | np.random.Generator | None
) -> list[FloatArray | None]:
    """Factors (many, sets) of both parts, with moderators that are shuffled."""
    if isinstance(model.result, RobustResult):
        raise OptionError("sim: needs the model as rma fits it; robust results have no factors to simulate")
    designs = [model.location, *([] if model.scale is None else [model.scale])]
    source, rng = Reshuffled.of(model.result, designs), np.random.default_rng(seed)
    rows = [_once(model, sets, source.draw(rng), reestimate) for _ in range(many)]
    found = [np.array([row[part] for row in rows]) for part in (0, 1)]
    alone = [len(_free(design)) == 1 for design in designs]
    return [None if one else read_only(sim) for one, sim in zip([*alone, False][:2], found, strict=True)]


def _once(model: _Model, sets: list[_Sets], designs: list[Design], reestimate: bool) -> list[FloatArray]:
    """One factor a set: infinite where a coefficient of the set cannot be told from others, NaN without a model."""
    kept = [independent(design.X) for design in designs]
    own = [
        [(name, tuple(left.index(i) for i in places)) for name, places in these if set(places) <= set(left)]
        for these, left in zip(sets, [*kept, []], strict=False)
    ]
    try:
        parts = [_columns(design, left) for design, left in zip(designs, kept, strict=True)]
        found = model.fitted(parts[0], parts[1] if len(parts) > 1 else None).factors(own, reestimate)
    except PymetaError:
        found = [np.full(len(these), np.nan) for these in own]
    factors = [np.full(len(these), np.inf) for these in sets]
    for all_, values, these, left in zip(factors, found, sets, [*kept, []], strict=False):
        all_[[set(places) <= set(left) for _, places in these]] = values
    return factors
