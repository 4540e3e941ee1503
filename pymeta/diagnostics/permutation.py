"""Permutation tests of the coefficients of a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pymeta.api import positions
from pymeta.arrays import BoolArray, FloatArray, IntArray, read_only
from pymeta.data.specs import INTERCEPT, UniSpec
from pymeta.errors import DataError, OptionError, PymetaError, no_such
from pymeta.inference.wald import omnibus
from pymeta.models import location_scale, many
from pymeta.models.many import Many
from pymeta.models.subsets import fits_again
from pymeta.numerics import arrangements
from pymeta.numerics.r_random import RRandom
from pymeta.results.location_scale import LocationScaleResult
from pymeta.results.permutation import PermutationTest, ScalePermutationTest
from pymeta.results.robust import RobustResult
from pymeta.results.uni import UniResult

__all__ = ["Comparison", "permutest"]

ALTERNATIVES = ("two.sided", "less", "greater")
DEFINITIONS = ("abs", "px2")
STATISTICS = ("test", "coef")
_TOLERANCE = float(np.sqrt(np.finfo(float).eps))
_MOST = 20_000_000
_NARROWED = 1e-10
_DOUBLINGS = 20


def permutest(
    result: UniResult | LocationScaleResult,
    *,
    exact: bool | str = False,
    iter: int = 1000,
    btt: Any = None,
    att: Any = None,
    permci: bool | Sequence[int] = False,
    seed: int | Sequence[int] | None = None,
    alternative: str = "two.sided",
    p2defn: str = "abs",
    stat: str = "test",
    comptol: float = _TOLERANCE,
) -> PermutationTest | int | tuple[int, int]:
    """How often coefficients, or the omnibus test, are as far from 0 when effects belong to other studies' moderators.

    Without moderators the signs of the effects are permuted, with moderators the rows of X; each time the model is fitted.
    exact : all permutations that differ, instead of random ones; "i" : only their number, an int
    iter : how many random ones, the first of which is the data's; all of them are taken where they are no more
    btt, att : coefficients of the omnibus tests of location and scale, as in `anova`; default: the model's
    permci : confidence intervals of all coefficients, or of those at these positions, by the same permutations: the values
        nearest to the estimate on each side that the test rejects when they are taken off the effects. Infinite where no
        value is rejected; NaN for an intercept beside moderators, which the permutations do not move
    seed : of R's random numbers: the permutations are those of R after ``set.seed(seed)``, or from its ``.Random.seed`` on
        if that is given; default: others each time
    alternative : "two.sided", "less" or "greater"; p2defn : two-sided by absolute values ("abs") or by twice the smaller
        side ("px2"); stat : "test" for z or t values, "coef" for coefficients; comptol : by how much less is as far,
        of values above 1 as a share of them

    Raises OptionError for other models and for more permutations than can be; DataError for fewer than 2 studies.
    Source: Follmann & Proschan (1999), Biometrics 55, 732; Higgins & Thompson (2004), Statistics in Medicine 23, 1663.
    metafor: ``set.seed(seed); permutest(result, exact=, iter=, btt=, att=, permci=, control=list(alternative=, …))``
    Differs from metafor: limits are where the test begins to reject, not where a search for p = alpha stopped, and are
    infinite where metafor has NA
    """
    _check(result, alternative, p2defn, stat, iter, att, permci)
    compare = Comparison(alternative, p2defn, stat, comptol)
    asked = _Asked(bool(exact), int(iter), seed)
    if isinstance(result, LocationScaleResult):
        return _of_scale(result, exact, asked, btt, att, compare)
    needed = _how_many(result.moderated, result.spec.X)
    if exact == "i":
        return needed
    chosen = _about(result, btt)
    seed = _seed_of(asked.stream())

    def fits(spec: UniSpec) -> Many:
        each = many.permuted if result.moderated else many.signed
        pieces = asked.pieces(result.moderated, result.spec.X, RRandom(seed))
        return many.joined([each(spec, piece) for piece in pieces])

    found = fits(chosen.spec)
    low, high, by_permutation = _intervals(result, permci, fits, compare)
    return PermutationTest(
        **_location(chosen, found, compare),
        ci_lb=low,
        ci_ub=high,
        permci=by_permutation,
        exact=asked.complete(needed),
        exact_iter=needed,
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """When a statistic is as far from 0 as another, and what share of permutations is: see `permutest`."""

    alternative: str
    p2defn: str
    stat: str
    tolerance: float

    def pvalues(self, values: FloatArray, observed: FloatArray | float) -> FloatArray:
        """values : (n, p), NaN where a model could not be fitted; observed : (p,)."""
        less = self.tolerance * np.maximum(1.0, np.abs(observed))
        if self.alternative != "two.sided":
            beyond = values <= observed + less if self.alternative == "less" else values >= observed - less
            return _share(beyond, values)
        if self.p2defn == "abs":
            return _share(np.abs(values) >= np.abs(observed) - less, values)
        above, below = values >= observed - less, values <= observed + less
        return np.minimum(1.0, 2.0 * np.minimum(_share(below, values), _share(above, values)))

    def omnibus(self, values: FloatArray, observed: float) -> float:
        """The share of omnibus tests that are no smaller. values : (n,)."""
        return float(_share(values >= observed - self.tolerance * max(1.0, abs(observed)), values))


def _share(which: BoolArray, values: FloatArray) -> FloatArray:
    there: IntArray = np.count_nonzero(~np.isnan(values), axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray(which.sum(axis=0) / there)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which permutations are wanted."""

    exact: bool
    iter: int
    seed: int | Sequence[int] | None

    def complete(self, needed: int) -> bool:
        return self.exact or self.iter >= needed

    def stream(self) -> RRandom:
        """The stream of R's user, from which metafor draws a seed for its permutations."""
        seed: Any = np.random.default_rng().integers(2**31 - 1) if self.seed is None else self.seed
        return RRandom(seed)

    def pieces(self, rows: bool, X: FloatArray, random: RRandom) -> Iterator[Any]:
        """The permutations of the rows of X, or of signs, a piece at a time."""
        needed = _how_many(rows, X)
        complete = self.complete(needed)
        n = needed if complete else self.iter
        if n > _MOST:
            way = "take random ones, by exact=False" if self.exact else "take a smaller iter="
            raise OptionError(f"{'exact' if self.exact else 'iter'}: {n:,} permutations are more than {_MOST:,}; {way}")
        drawn = None if complete else random
        return arrangements.orders(X, n, drawn) if rows else arrangements.signs(len(X), n, drawn)


def _seed_of(random: RRandom) -> int:
    return int(random.runif(1)[0] * 2e9)


def _how_many(rows: bool, X: FloatArray) -> int:
    return arrangements.how_many_orders(X) if rows else 2 ** len(X)


def _about(result: Any, btt: Any = None, att: Any = None) -> Any:
    """The model with omnibus tests of other coefficients."""
    if btt is not None:
        at = positions(btt, result.spec.design, "btt")
        tested = omnibus(result.beta, result.vb, at, result.ddf)
        result = replace(result, spec=replace(result.spec, btt=at), **tested._asdict())
    if att is not None:
        at = positions(att, result.scale.design, "att")
        QS, QSp = omnibus(result.alpha, result.va, at, result.ddf_alpha)
        result = replace(result, scale=replace(result.scale, att=at), QS=QS, QSp=QSp)
    return result


def _location(result: Any, found: Any, compare: Comparison) -> dict[str, Any]:
    coefficients = compare.stat == "coef"
    pval = compare.pvalues(found.beta if coefficients else found.zval, result.beta if coefficients else result.zval)
    numbers = {"zval_perm": found.zval, "beta_perm": found.beta, "QM_perm": found.QM, "pval": pval}
    return {"model": result, "QMp": compare.omnibus(found.QM, result.QM), **{n: read_only(x) for n, x in numbers.items()}}


# ---- Intervals ---------------------------------------------------------------------------------------------------------


def _intervals(
    result: UniResult, permci: bool | Sequence[int], fits: Callable[[UniSpec], Many], compare: Comparison
) -> tuple[FloatArray, FloatArray, tuple[bool, ...]]:
    if permci is False:
        return result.ci_lb, result.ci_ub, (False,) * result.p
    chosen = range(result.p) if permci is True else positions(permci, result.spec.design, "permci")
    low, high = result.ci_lb.copy(), result.ci_ub.copy()
    for j in chosen:
        if result.moderated and np.ptp(result.spec.X[:, j]) == 0.0:
            low[j] = high[j] = np.nan
        else:
            low[j], high[j] = (_end(result, j, side, fits, compare) for side in (-1.0, 1.0))
    return read_only(low), read_only(high), tuple(j in chosen for j in range(result.p))


def _end(result: UniResult, j: int, side: float, fits: Callable[[UniSpec], Many], compare: Comparison) -> float:
    """Where the test of a value that is taken off the effects begins to reject it, going from the estimate to one side."""
    studies, x = result.spec.studies, result.spec.X[:, j]

    def rejected(distance: float) -> bool:
        value = result.beta[j] + side * distance
        found = fits(replace(result.spec, studies=replace(studies, yi=studies.yi - value * x)))
        values, observed = (
            (found.beta, -side * distance) if compare.stat == "coef" else (found.zval, -side * distance / result.se[j])
        )
        return bool(compare.pvalues(values[:, j], observed) <= 1.0 - result.spec.level / 100.0)

    inside, outside = 0.0, float(result.se[j])
    for _ in range(_DOUBLINGS):
        if rejected(outside):
            break
        inside, outside = outside, 2.0 * outside
    else:
        return side * np.inf
    while outside - inside > _NARROWED * outside:
        middle = 0.5 * (inside + outside)
        inside, outside = (inside, middle) if rejected(middle) else (middle, outside)
    return float(result.beta[j] + side * outside)


# ---- Location-scale models ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """Coefficients and tests of the location or of the scale under each permutation."""

    beta: FloatArray
    zval: FloatArray
    QM: FloatArray


def _of_scale(
    result: LocationScaleResult, exact: bool | str, asked: _Asked, btt: Any, att: Any, compare: Comparison
) -> ScalePermutationTest | tuple[int, int]:
    fixed = result.scale.names == INTERCEPT
    needed = _how_many(result.moderated, result.spec.X), 0 if fixed else _how_many(True, result.scale.Z)
    if exact == "i":
        return needed
    chosen = _about(result, btt, att)

    def located(piece: Any) -> LocationScaleResult:
        spec = chosen.spec
        if result.moderated:
            spec = replace(spec, design=replace(spec.design, X=spec.X[piece]))
        else:
            spec = replace(spec, studies=replace(spec.studies, yi=spec.studies.yi * piece))
        return location_scale.fit(spec, chosen.scale, drifting=True)

    def scaled(piece: Any) -> LocationScaleResult:
        design = replace(chosen.scale.design, X=chosen.scale.Z[piece])
        return location_scale.fit(chosen.spec, replace(chosen.scale, design=design), drifting=True)

    user = asked.stream()
    random = user if asked.complete(needed[0]) else RRandom(_seed_of(user))
    location = _part(asked.pieces(result.moderated, result.spec.X, random), located, ("beta", "zval", "QM"), result.p)
    again = RRandom(_seed_of(random))  # from where the first permutations left off
    orders = iter(()) if fixed else asked.pieces(True, result.scale.Z, again)
    scale = _part(orders, scaled, ("alpha", "zval_alpha", "QS"), result.q)
    coefficients = compare.stat == "coef"
    pval_alpha = compare.pvalues(
        scale.beta if coefficients else scale.zval, result.alpha if coefficients else result.zval_alpha
    )
    return ScalePermutationTest(
        **_location(chosen, location, compare),
        ci_lb=result.ci_lb,
        ci_ub=result.ci_ub,
        permci=(False,) * result.p,
        exact=asked.complete(max(needed)),
        exact_iter=needed[0],
        pval_alpha=result.pval_alpha if fixed else read_only(pval_alpha),
        QSp=float("nan") if fixed else compare.omnibus(scale.QM, chosen.QS),
        zval_alpha_perm=read_only(scale.zval),
        alpha_perm=read_only(scale.beta),
        QS_perm=read_only(scale.QM),
        Z_exact_iter=needed[1],
    )


def _part(pieces: Iterator[Any], fit: Callable[[Any], LocationScaleResult], names: tuple[str, str, str], p: int) -> _Part:
    """The fits of all permutations; NaN where there is none."""
    found: list[tuple[FloatArray, FloatArray, float]] = []
    for piece in pieces:
        for one in piece:
            try:
                made = fit(one)
                found.append((getattr(made, names[0]), getattr(made, names[1]), getattr(made, names[2])))
            except PymetaError:
                found.append((np.full(p, np.nan), np.full(p, np.nan), np.nan))
    return _Part(
        np.array([one[0] for one in found]).reshape(-1, p),
        np.array([one[1] for one in found]).reshape(-1, p),
        np.array([one[2] for one in found], dtype=np.float64),
    )


def _check(result: Any, alternative: str, p2defn: str, stat: str, n: Any, att: Any, permci: Any) -> None:
    if not isinstance(result, UniResult | LocationScaleResult) or isinstance(result, RobustResult):
        raise OptionError(f"permutest: not defined for a {type(result).__name__}; it takes what rma returns")
    if isinstance(result, UniResult):
        fits_again(result)
        if att is not None:
            raise OptionError("att: this model has no scale coefficients; it is for rma(scale=…)")
    elif permci is not False:
        raise OptionError("permci: not defined for a location-scale model; use confint")
    for name, value, known in (("alternative", alternative, ALTERNATIVES), ("p2defn", p2defn, DEFINITIONS)):
        if value not in known:
            raise no_such(name, value, known, what="kind of p-value")
    if stat not in STATISTICS:
        raise no_such("stat", stat, STATISTICS, what="statistic")
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
        raise OptionError(f"iter={n!r}: needs a whole number of permutations, 1 or more")
    if result.k < 2:
        raise DataError("permutest: there is 1 study, and nothing to permute; it needs 2 or more")
