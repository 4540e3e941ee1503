"""Predictions of the studies' true effects."""

from __future__ import annotations

from typing import Any

import numpy as np

from pymeta.arrays import FloatArray, read_only
from pymeta.effects.asked import percentage
from pymeta.effects.scales import ordered, scale_of
from pymeta.inference.leverage import standard_errors
from pymeta.inference.wald import quantile
from pymeta.results.predictions import RandomEffects
from pymeta.results.uni import UniResult
from pymeta.results.weighing import model_weights

__all__ = ["blup", "ranef"]


def blup(result: UniResult, *, level: float | None = None, transf: Any = None, targs: Any = None) -> RandomEffects:
    """Best linear unbiased predictions of the studies' true effects: λ y + (1 − λ) Xb with λ = tau2 / (tau2 + v).

    Their variance is λ v + (1 − λ)² x' vb x. In models without tau2, the fitted values.
    level : of the prediction intervals, in percent; transf, targs : as of `predict`
    Source: Raudenbush & Bryk (1985), Journal of Educational Statistics 10, 75; Robinson (1991), Statistical Science 6, 15.
    metafor: ``blup(result)``. Differs from metafor: it refuses models with a person's own weights. The variance above holds
    for them too, since with this λ the parts that involve the weights cancel.
    """
    share, own, leverage = _parts(result)
    average = result.spec.X @ result.beta
    se = np.sqrt(own + (1.0 - share) ** 2 * leverage)
    return _record(result, average + share * result.residuals, se, level, transf, targs)


def ranef(result: UniResult, *, level: float | None = None, transf: Any = None, targs: Any = None) -> RandomEffects:
    """Predictions of the random effects alone, λ (y − Xb), with variance λ v + λ² x' vb x; as `blup` otherwise.

    metafor: ``ranef(result)``
    """
    share, own, leverage = _parts(result)
    return _record(result, share * result.residuals, np.sqrt(own + share**2 * leverage), level, transf, targs)


def _parts(result: UniResult) -> tuple[FloatArray, FloatArray, FloatArray]:
    """λ, λ v, and the variance of the average effects, each (k,)."""
    vi, X = result.studies.vi, result.spec.X
    share = result.tau2 / (result.tau2 + vi)
    return share, share * vi, standard_errors(X, X, model_weights(result), vi + result.tau2, result.s2w) ** 2


def _record(
    result: UniResult, pred: FloatArray, se: FloatArray, level: float | None, transf: Any, targs: Any
) -> RandomEffects:
    wanted = result.spec.level if level is None else percentage(level)
    reach = quantile(wanted, result.ddf) * se
    lb, ub = pred - reach, pred + reach
    if transf is not None:
        scale, _ = scale_of(transf, targs)
        (lb, ub), pred, se = ordered(scale, lb, ub), scale(pred), np.full(len(pred), np.nan)
    arrays = {"pred": pred, "se": se, "pi_lb": lb, "pi_ub": ub}
    return RandomEffects(
        **{name: read_only(values) for name, values in arrays.items()},
        slab=tuple(result.studies.slab),
        level=wanted,
        ddf=result.ddf,
        transf=transf is not None,
    )
