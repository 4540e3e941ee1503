"""What a fitted model predicts: average effects with their intervals, and the spread of true effects around them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from pymeta.arrays import FloatArray, as_vector, read_only
from pymeta.effects.asked import percentage
from pymeta.effects.scales import ordered, scale_of
from pymeta.errors import OptionError, no_such
from pymeta.generics.location_scale import predict_location_scale
from pymeta.generics.new_rows import new_rows
from pymeta.inference.leverage import standard_errors
from pymeta.inference.wald import quantile, two_sided
from pymeta.results.location_scale import LocationScaleResult
from pymeta.results.pooled import Pooled
from pymeta.results.predictions import Predictions
from pymeta.results.robust import RobustResult
from pymeta.results.selection import SelectionResult
from pymeta.results.tables import PooledTables
from pymeta.results.uni import UniResult
from pymeta.results.weighing import model_weights

__all__ = ["PREDTYPES", "fitted", "predict"]

PREDTYPES = ("default", "simple", "riley", "t")
"""Kinds of prediction intervals."""


_Regression = UniResult | SelectionResult


class _Spread(NamedTuple):
    """The distribution of a new study's effect about its prediction: standard error (n,) and degrees of freedom."""

    se: FloatArray
    ddf: float | None


def predict(
    result: Pooled,
    newmods: Any = None,
    *,
    newdata: Any = None,
    newscale: Any = None,
    intercept: bool | None = None,
    slab: Sequence[object] | None = None,
    addx: bool = False,
    level: float | None = None,
    adjust: bool = False,
    transf: Any = None,
    targs: Any = None,
    predtype: str = "default",
    hetvar: Any = None,
    newvi: Any = 0.0,
    prob: str | None = None,
    vcov: bool = False,
) -> Predictions:
    """Predicted average effects, their confidence intervals and prediction intervals.

    Without newmods and newdata: the pooled effect; of a model with moderators, one prediction a study.
    newmods : values of the design's columns: a row a prediction; a vector is a single one, or, where there is one moderator,
        as many as it has values; or by name (a mapping, a frame, or, of several moderators, a Series indexed by names);
        part of a name stands for the shortest that has it
    newdata : values of the variables in the model's formula instead, a mapping or a frame
    newscale : of a location-scale model, values of the scale's predictors: see `predict_location_scale`
    intercept : whether to add it; a newmods with as many columns as the design has its own
    slab : labels of the predictions; addx : whether frame and print show the design's rows
    level : of the intervals, in percent; default: the model's; adjust : Bonferroni-corrected for their number
    transf, targs : a function of arrays for predictions and bounds, or the name of one ("exp", "transf_ilogit"), and what it
        needs beside them; `se` then is NaN. Means and modes ("transf_exp_int") take the model's tau2 and have no prediction
        interval
    predtype : "default": pred ± q √(se² + tau2), q as the model's tests have it; "simple": pred ± z tau; "t": with a
        t-distribution of k − p degrees of freedom; "riley": of k − p − 1
    hetvar : tau2 for the prediction intervals, one for all or one each; newvi : sampling variance, for intervals of a new
        estimate rather than of its true effect
    prob : "<0", ">0.5": also the probability that a new study's true effect lies there
    vcov : also the covariance of the predictions

    Raises OptionError and DataError for moderators that do not fit the model. No prediction interval in models without tau2.
    Source: Riley, Higgins & Deeks (2011), BMJ 342, d549; Higgins, Thompson & Spiegelhalter (2009), JRSS A 172, 137.
    metafor: ``predict(result, newmods=, …)``; Differs from metafor: `newdata`, `slab`, frames and mappings as `newmods` and
    names for `transf` are additions; in 4.8 and 3.8 `predtype` is called `pi.type`, and `hetvar` and `prob` do not exist.
    """
    if isinstance(result, LocationScaleResult):
        options = {"addx": addx, "level": level, "adjust": adjust, "transf": transf, "targs": targs, "vcov": vcov}
        return predict_location_scale(result, newmods if newdata is None else newdata, newscale, **options)
    beta, vb, ddf, uni = _fitted_numbers(result)
    X, labels = _rows(result, newmods, newdata, intercept, slab)
    wanted = result.spec.level if level is None else percentage(level)
    if adjust:
        wanted = 100.0 - (100.0 - wanted) / len(X)
    pred = X @ beta
    se = _standard_errors(result, X)
    spread = _spread(result, se, ddf, predtype, hetvar, newvi)
    reach, far = quantile(wanted, ddf) * se, quantile(wanted, spread.ddf) * spread.se
    bounds = [(pred - reach, pred + reach), *([(pred - far, pred + far)] if uni is not None and uni.random else [])]
    share = None if prob is None else read_only(_probability(prob, pred, spread))
    covariance = read_only(X @ vb @ X.T) if vcov and transf is None else None
    if transf is not None:
        scale, averages = scale_of(transf, targs, uni.tau2 if uni is not None else 0.0)
        bounds = [ordered(scale, *one) for one in (bounds[:1] if averages else bounds)]
        pred, se = scale(pred), np.full(len(pred), np.nan)
    (ci_lb, ci_ub), (pi_lb, pi_ub) = bounds[0], bounds[1] if len(bounds) > 1 else (None, None)
    return Predictions(
        pred=read_only(pred),
        se=read_only(se),
        ci_lb=read_only(ci_lb),
        ci_ub=read_only(ci_ub),
        pi_lb=None if pi_lb is None else read_only(pi_lb),
        pi_ub=None if pi_ub is None else read_only(pi_ub),
        prob=share,
        slab=labels,
        X=read_only(X.copy()),
        names=result.names,
        addx=addx,
        level=wanted,
        ddf=ddf,
        pi_ddf=spread.ddf,
        pi_se=read_only(spread.se),
        vcov=covariance,
        transf=transf is not None,
    )


def _standard_errors(result: Pooled, X: FloatArray) -> FloatArray:
    if not isinstance(result, _Regression):
        return np.repeat(result.se, len(X))
    if isinstance(result, RobustResult | SelectionResult):  # whose covariance does not come from the weights alone
        return np.asarray(np.sqrt(np.einsum("ij,jk,ik->i", X, result.vb, X)))
    return standard_errors(X, result.spec.X, model_weights(result), result.studies.vi + result.tau2, result.s2w)


def _fitted_numbers(result: Pooled) -> tuple[FloatArray, FloatArray, float | None, UniResult | SelectionResult | None]:
    """Coefficients, covariance and degrees of freedom; and the result again where it is an inverse-variance model."""
    if isinstance(result, _Regression):
        return result.beta, result.vb, result.ddf, result
    if not isinstance(result, Pooled):
        raise OptionError(f"result={result!r}: needs a fitted model, such as rma gives")
    return result.beta, np.diag(result.se**2), None, None


def _rows(
    result: Pooled, newmods: Any, newdata: Any, intercept: bool | None, slab: Sequence[object] | None
) -> tuple[FloatArray, tuple[str, ...]]:
    """The design's rows and their labels."""
    moderated = isinstance(result, _Regression) and result.moderated
    if newmods is None and newdata is None:
        X = result.spec.X if moderated and isinstance(result, _Regression) else np.ones((1, 1))
        own = result.studies.slab if moderated else ("",)
    elif isinstance(result, _Regression):
        X = new_rows(result, newmods, newdata, intercept)
        own = tuple(str(i + 1) for i in range(len(X))) if len(X) > 1 else ("",)
    else:
        raise OptionError("newmods: the model has no moderators; leave it out")
    if slab is None:
        return X, tuple(own)
    if isinstance(slab, str) or len(slab) != len(X):
        raise OptionError(f"slab={slab!r}: needs one label a prediction, {len(X)}")
    return X, tuple(str(label) for label in slab)


def _spread(result: Pooled, se: FloatArray, ddf: float | None, predtype: str, hetvar: Any, newvi: Any) -> _Spread:
    """The prediction interval's standard error and degrees of freedom."""
    kind = str(predtype).lower()
    if kind not in PREDTYPES:
        raise no_such("predtype", predtype, PREDTYPES, what="kind of prediction interval")
    if not isinstance(result, _Regression) or not result.random:
        return _Spread(se, ddf)
    between = np.full(len(se), result.tau2) if hetvar is None else _variances("hetvar", hetvar, len(se))
    between = between + _variances("newvi", newvi, len(se))
    if kind == "simple":
        return _Spread(np.sqrt(between), None)
    free = {"default": ddf, "t": result.k - result.p, "riley": result.k - result.p - 1}[kind]
    return _Spread(np.sqrt(se**2 + between), free if free is None else max(float(free), 1.0))


def _variances(name: str, values: Any, n: int) -> FloatArray:
    found = as_vector(name, values)
    if len(found) not in (1, n) or not (found >= 0.0).all():
        raise OptionError(f"{name}={values!r}: needs a variance for all predictions, or one for each of {n}")
    return np.broadcast_to(found, (n,))


def _probability(prob: str, pred: FloatArray, spread: _Spread) -> FloatArray:
    """P(θ < c) or P(θ > c) for θ about `pred`; 0, ½ or 1 where there is no spread."""
    match = re.fullmatch(r"\s*([<>])=?\s*\(?\s*([-+.\deE]+)\s*\)?\s*", str(prob))
    cutoff = None if match is None else _float(match[2])
    if match is None or cutoff is None:
        raise OptionError(f'prob={prob!r}: needs a sign and a number, such as "<0" or ">0.5"')
    distance = (cutoff - pred) * (1.0 if match[1] == "<" else -1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(distance == 0.0, 0.0, distance / spread.se)
    half = two_sided(z, spread.ddf) / 2.0
    return np.asarray(np.where(z > 0.0, 1.0 - half, half))


def _float(number: str) -> float | None:
    try:
        return float(number)
    except ValueError:
        return None


def fitted(result: Pooled) -> FloatArray:
    """The average effects that the model has for its studies, (k,). metafor: ``fitted(result)``."""
    if isinstance(result, UniResult | LocationScaleResult | SelectionResult):
        return np.asarray(result.spec.X @ result.beta)
    n = len(result.slab) if isinstance(result, PooledTables) else result.studies.k
    return np.full(n, result.beta[0])
