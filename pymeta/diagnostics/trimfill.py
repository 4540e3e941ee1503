"""Trim and fill: how would a meta-analysis look if its funnel plot were symmetric?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from pymeta.arrays import FloatArray, IntArray, read_only
from pymeta.data.design import design
from pymeta.data.specs import UniSpec
from pymeta.data.studies import Studies
from pymeta.diagnostics.asymmetry import regtest
from pymeta.errors import ConvergenceError, DataError, OptionError, no_such
from pymeta.models.subsets import fits_again, some
from pymeta.models.uni import fit
from pymeta.results.robust import RobustResult
from pymeta.results.trimfill import TrimFillResult
from pymeta.results.uni import UniResult

__all__ = ["ESTIMATORS", "as_fields", "trimfill"]

ESTIMATORS = ("L0", "R0", "Q0")
"""Of the number of missing studies: linear, by the run of the largest ranks, quadratic."""


def trimfill(
    x: UniResult,
    *,
    side: str | None = None,
    estimator: str = "L0",
    maxiter: int = 100,
    verbose: bool = False,
    ilim: Sequence[float] | None = None,
) -> TrimFillResult:
    """The model with as many studies filled in as are missing on one side of the funnel.

    x : a fitted model without moderators, which is fitted again to what is left by trimming, and at the end to all
    side : "left" or "right", where studies are missing; default: "right" where Egger's regression falls, else "left"
    estimator : of how many are missing, one of `ESTIMATORS`
    maxiter : how often to trim until the number stays the same; verbose : print each round's number and average
    ilim : the least and the largest that a filled effect may be

    A filled effect is a trimmed one, mirrored about the trimmed average, with its variance (and weight).
    Raises OptionError for models with moderators or unknown names, DataError where the side cannot be told,
    ConvergenceError where the number does not settle.
    Source: Duval & Tweedie (2000), Biometrics 56, 455; (2000), JASA 95, 89, with the variances of the estimators.
    metafor: ``trimfill(x, side=, estimator=, maxiter=, verbose=, ilim=)``
    Differs from metafor: test, level and a tau² that was given are the model's, where metafor's filled model has z-tests, a
    level of 95 and an estimate; `ilim` bounds filled effects alone, and not those at hand; an error where "Q0" has no
    value. As there, the p-value of "R0" is 0.5 or less also where no rank at all speaks for missing studies.
    """
    _check(x, estimator, ilim)
    where = _side(x) if side is None else side
    if where not in ("left", "right"):
        raise no_such("side", side, ("left", "right"), what="side of a funnel")
    sign = 1.0 if where == "left" else -1.0
    order, centre, raw = _trimmed(x.spec, sign, estimator, maxiter, verbose)
    k0 = _whole(raw)
    last = order[len(order) - k0 :]
    values = 2.0 * centre - x.studies.yi[last]
    if ilim is not None:
        values = np.clip(values, ilim[0], ilim[1])
    return TrimFillResult(
        **as_fields(_filled(x, last, values)),
        k0=k0,
        se_k0=_standard_error(x.k, raw, estimator),
        p_k0=0.5 ** (k0 + 1) if estimator == "R0" else None,
        side=where,
        estimator=estimator,
        fill=read_only(np.arange(x.k + k0) >= x.k),
    )


def _check(x: UniResult, estimator: str, ilim: Sequence[float] | None) -> None:
    if not isinstance(x, UniResult) or isinstance(x, RobustResult):
        raise OptionError(f"trimfill: a model of rma() is needed, not a {type(x).__name__}")
    fits_again(x)
    if x.moderated:
        raise OptionError("trimfill: the model has moderators; studies are missing around a single average, rma() without")
    if x.k < 2:
        raise DataError("trimfill: 1 study has no funnel; it needs 2 or more")
    if estimator not in ESTIMATORS:
        raise no_such("estimator", estimator, ESTIMATORS, what="estimator of the number of missing studies")
    if ilim is not None and (len(ilim) != 2 or not ilim[0] < ilim[1]):
        raise OptionError(f"ilim={ilim!r}: needs two numbers, the least and the largest that a filled effect may be")


def as_fields(made: UniResult) -> dict[str, Any]:
    """What the model has of its own, by name."""
    return {one.name: getattr(made, one.name) for one in fields(UniResult)}


def _side(x: UniResult) -> str:
    """Where the small studies of no effect, or of the other direction, would be."""
    try:
        slope = regtest(x).zval
    except DataError as error:
        raise DataError(f"trimfill: the side cannot be told ({error}); give side='left' or 'right'") from error
    return "right" if slope < 0.0 else "left"


def _whole(raw: float) -> int:
    return max(0, round(raw))


def _trimmed(spec: UniSpec, sign: float, estimator: str, maxiter: int, verbose: bool) -> tuple[IntArray, float, float]:
    """The order of the effects, that of the missing side first; the trimmed average; the estimate before rounding."""
    yi = sign * spec.studies.yi
    order = np.argsort(yi, kind="stable")
    k0, k = 0, len(yi)
    for step in range(1, maxiter + 1):
        kept = np.zeros(k, dtype=bool)
        kept[order[: k - k0]] = True
        centre = float(fit(some(spec, kept)).beta[0])
        raw = _missing(yi[order] - sign * centre, estimator)
        if verbose:
            print(f"Iteration: {step}    missing = {_whole(raw)}   beta = {centre:.4f}")
        if _whole(raw) == k0:
            return order, centre, raw
        k0 = _whole(raw)
    raise ConvergenceError(
        f"trimfill: after {maxiter} rounds the number of missing studies is still changing; try another estimator="
    )


def _missing(deviations: FloatArray, estimator: str) -> float:
    """How many studies are missing below, by the ranks of the deviations in size; (k,), in increasing order.

    R0 = gamma* - 1, L0 = {4 T - k(k + 1)}/(2k - 1), Q0 = k - 1/2 - sqrt(2k² - 4T + 1/4), where T is the sum of ranks of
    positive deviations and gamma* the length of the run of them at the end. Source: Duval & Tweedie (2000).
    """
    k = len(deviations)
    unit = float(np.abs(deviations).max()) or 1.0
    deviations = np.round(deviations / unit, 12)  # so that rounding does not decide between those of one size
    ranks = np.empty(k)
    ranks[np.argsort(np.abs(deviations), kind="stable")] = np.arange(1.0, k + 1.0)
    if estimator == "R0":
        return float(k - ranks[deviations < 0.0].max(initial=0.0) - 1.0)
    total = float(ranks[deviations > 0.0].sum())
    if estimator == "L0":
        return (4.0 * total - k * (k + 1)) / (2 * k - 1)
    square = 2.0 * k**2 - 4.0 * total + 0.25
    if square < 0.0:
        raise ConvergenceError("estimator='Q0' has no value: nearly all ranks are of one side; 'L0' and 'R0' have one")
    return float(k - 0.5 - np.sqrt(square))


def _standard_error(k: int, k0: float, estimator: str) -> float:
    """Of the estimate before rounding; NaN where its equation gives a negative variance.

    Source: Duval & Tweedie (2000), JASA 95, 89.
    """
    if estimator == "R0":
        return float(np.sqrt(2.0 * max(0.0, k0) + 2.0))
    ranks = k * (k + 1) * (2 * k + 1) + 10 * k0**3 + 27 * k0**2 + 17 * k0 - 18 * k * k0**2 - 18 * k * k0 + 6 * k**2 * k0
    slope = 4.0 / (2 * k - 1) if estimator == "L0" else 2.0 / abs(k - 0.5 - k0)
    return float(slope * np.sqrt(ranks / 24.0)) if ranks >= 0.0 else np.nan


def _filled(x: UniResult, places: IntArray, values: FloatArray) -> UniResult:
    """The model of the studies and of `values`, (k0,), each with the variance and weight of the study at its place."""
    old, spec = x.studies, x.spec
    slab = (*old.slab, *(f"Filled {i}" for i in range(1, len(places) + 1)))
    yi, vi = (np.concatenate(pair) for pair in ((old.yi, values), (old.vi, old.vi[places])))
    weights = None if spec.weights is None else np.concatenate([spec.weights, spec.weights[places]])
    studies = Studies(read_only(yi), read_only(vi), slab)
    return fit(replace(spec, studies=studies, design=design(None, None, len(yi)), weights=weights))
