"""Limit meta-analysis: what would studies say if each were without error?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pymeta.arrays import FloatArray, read_only
from pymeta.errors import DataError, OptionError, no_such
from pymeta.inference.wald import quantile, two_sided
from pymeta.numerics.linalg import wls
from pymeta.numerics.tails import chi2_upper
from pymeta.results.limit_meta import LimitMeta
from pymeta.results.robust import RobustResult
from pymeta.results.uni import UniResult

__all__ = ["limitmeta"]

ADJUSTMENTS = ("beta0", "betalim", "mulim")


def limitmeta(x: UniResult, *, method: str = "beta0") -> LimitMeta:
    """The average that small-study effects have been taken from, and each study's effect in the limit of no error.

    x : a fitted model without moderators; its effects, variances, tau² and level are used
    method : "beta0", the line's height at a study without error: beta + tau alpha, where the line is
        yi/sqrt(vi + tau²) = alpha + beta/sqrt(vi + tau²); "betalim" and "mulim", the average of the limit's effects, by
        their radial regression with an intercept and without

    In the limit, a study's effect is beta0 + (tau/sqrt(vi + tau²)) (yi − beta0). Standard errors are those of the slope in
    the radial plot of the effects' own errors, as in the paper, which takes tau² as known.
    Q parts into Q_small, 1 df, that small-study effects explain, and Q_resid, k − 2 df.
    Raises OptionError for models with moderators or another method, DataError for fewer than 3 studies, or as exact ones.
    Source: Rücker, Schwarzer, Carpenter, Binder & Schumacher (2011), Biostatistics 12, 122.
    R: ``metasens::limitmeta(x, method.adjust=)``
    """
    if not isinstance(x, UniResult) or isinstance(x, RobustResult):
        raise OptionError(f"limitmeta: a model of rma() is needed, not a {type(x).__name__}")
    if method not in ADJUSTMENTS:
        raise no_such("method", method, ADJUSTMENTS, what="adjusted average")
    if x.moderated:
        raise OptionError("limitmeta: the model has moderators; the method is about a single average, rma() without mods")
    yi, vi = x.studies.yi, x.studies.vi
    if len(yi) < 3 or not vi.all():
        raise DataError("limitmeta: a line and what is left of it need 3 studies or more, with variances above 0")
    if np.ptp(vi) == 0.0:
        raise DataError(f"limitmeta: all studies have the variance {vi[0]:g}; small ones cannot be told from large ones")
    by_model, own = _radial(yi, vi + x.tau2), _radial(yi, vi)
    tau = float(np.sqrt(x.tau2))
    beta0 = by_model.slope + tau * by_model.intercept
    limit = beta0 + tau / np.sqrt(vi + x.tau2) * (yi - beta0)
    w = 1.0 / vi
    estimate, se = {
        "beta0": (beta0, own.se),
        "betalim": (_radial(limit, vi).slope, own.se),
        "mulim": (float(w @ limit / w.sum()), float(w.sum() ** -0.5)),
    }[method]
    half = quantile(x.spec.level, None) * se
    return LimitMeta(
        method=method,
        beta=estimate,
        se=se,
        zval=estimate / se,
        pval=float(two_sided(np.array([estimate / se]), None)[0]),
        ci_lb=estimate - half,
        ci_ub=estimate + half,
        alpha=by_model.intercept,
        slope=by_model.slope,
        tau2=x.tau2,
        Q=x.QE,
        Q_small=x.QE - own.ss,
        Q_small_p=chi2_upper(max(0.0, x.QE - own.ss), 1.0),
        Q_resid=own.ss,
        Q_resid_p=chi2_upper(own.ss, float(len(yi) - 2)),
        limit=read_only(limit),
        slab=tuple(x.studies.slab),
        fit=x,
    )


class _Radial(NamedTuple):
    """The line of y/s on 1/s: intercept, slope, the slope's error for residuals of variance 1, and their squares' sum."""

    intercept: float
    slope: float
    se: float
    ss: float


def _radial(y: FloatArray, v: FloatArray) -> _Radial:
    s = np.sqrt(v)
    made = wls(y, np.column_stack([s, np.ones_like(s)]), 1.0 / v)
    return _Radial(float(made.beta[0]), float(made.beta[1]), float(np.sqrt(made.bread[1, 1])), made.ss)
