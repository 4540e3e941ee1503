"""What people ask of a location-scale model: predictions of both parts, and tests and intervals of the scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from pymeta.arrays import FloatArray, read_only
from pymeta.data import design as designs
from pymeta.data.columns import frame
from pymeta.data.design import Design
from pymeta.effects.asked import percentage
from pymeta.effects.scales import ordered, scale_of
from pymeta.errors import DataError, OptionError
from pymeta.generics.new_rows import named_columns, named_values
from pymeta.inference.wald import omnibus, quantile, two_sided
from pymeta.models.location_scale import fit
from pymeta.numerics.tails import chi2_upper
from pymeta.results.location_scale import LocationScaleResult
from pymeta.results.predictions import Predictions
from pymeta.results.tests import Contrasts, LikelihoodRatio, WaldTest

__all__ = ["anova_of_scale", "likelihood_ratio_of", "predict_location_scale"]


def predict_location_scale(
    result: LocationScaleResult,
    newmods: Any = None,
    newscale: Any = None,
    *,
    addx: bool = False,
    level: float | None = None,
    adjust: bool = False,
    transf: Any = None,
    targs: Any = None,
    vcov: bool = False,
) -> Predictions:
    """Average effects; or, where only `newscale` is given, Z alpha: log tau², or tau² with link="identity".

    newmods, newscale : values of the designs' columns, with or without the intercept, a row a prediction (a vector is one
        row, or a column where there is one predictor; a Series has columns by name); or variables of the formulas as a
        mapping or frame. Both, for as many predictions: effects with prediction intervals by the tau² of newscale. newmods
        alone: without such intervals. Neither: one prediction a study. An intercept-only location takes newmods=1
    level, adjust, transf, targs, vcov : as of `predict`; transf="exp" makes tau² of its logarithm
    Of the identity link, predictions and bounds below 0 are 0.
    metafor: ``predict(result, newmods=, newscale=, transf=)``
    """
    if newmods is None and newscale is not None:
        Z = _rows("newscale", newscale, result.scale.design)
        nothing = np.full(len(Z), np.nan)
        return _predictions(
            result, Z, nothing, scale=True, level=level, adjust=adjust, transf=(transf, targs), more=(addx, vcov)
        )
    if newmods is None:
        X, tau2 = result.spec.X, result.tau2
    else:
        X = _rows("newmods", newmods, result.spec.design)
        tau2 = np.full(len(X), np.nan) if newscale is None else _tau2_at(result, newscale, len(X))
    return _predictions(result, X, tau2, scale=False, level=level, adjust=adjust, transf=(transf, targs), more=(addx, vcov))


def _tau2_at(result: LocationScaleResult, newscale: Any, n: int) -> FloatArray:
    Z = _rows("newscale", newscale, result.scale.design)
    if len(Z) not in (1, n):
        raise OptionError(f"newscale: {len(Z)} rows for {n} of newmods; give as many, or one")
    eta = np.broadcast_to(Z @ result.alpha, (n,))
    return np.exp(eta) if result.link == "log" else np.maximum(eta, 0.0)


def _predictions(
    result: LocationScaleResult,
    X: FloatArray,
    tau2: FloatArray,
    *,
    scale: bool,
    level: float | None,
    adjust: bool,
    transf: tuple[Any, Any],
    more: tuple[bool, bool],
) -> Predictions:
    names, beta, vb, ddf = (
        (result.scale.names, result.alpha, result.va, result.ddf_alpha)
        if scale
        else (result.names, result.beta, result.vb, result.ddf)
    )
    wanted = result.spec.level if level is None else percentage(level)
    wanted = 100.0 - (100.0 - wanted) / len(X) if adjust else wanted
    pred = X @ beta
    se = np.sqrt(np.maximum(((X @ vb) * X).sum(axis=1), 0.0))
    far = np.sqrt(se**2 + tau2)
    reach = quantile(wanted, ddf)
    ci, pi = (pred - reach * se, pred + reach * se), (pred - reach * far, pred + reach * far)
    if scale and result.link == "identity":
        pred, ci = np.maximum(pred, 0.0), (np.maximum(ci[0], 0.0), np.maximum(ci[1], 0.0))
    addx, vcov = more
    if transf[0] is not None:
        change, _ = scale_of(*transf)
        pred, se, ci, pi = change(pred), np.full(len(pred), np.nan), ordered(change, *ci), ordered(change, *pi)
    return Predictions(
        pred=read_only(pred),
        se=read_only(se),
        ci_lb=read_only(ci[0]),
        ci_ub=read_only(ci[1]),
        pi_lb=None if scale else read_only(pi[0]),
        pi_ub=None if scale else read_only(pi[1]),
        prob=None,
        slab=_labels(result, X),
        X=read_only(X.copy()),
        names=names,
        addx=addx,
        level=wanted,
        ddf=ddf,
        pi_ddf=ddf,
        pi_se=read_only(far),
        vcov=read_only(X @ vb @ X.T) if vcov and transf[0] is None else None,
        transf=transf[0] is not None,
    )


def _labels(result: LocationScaleResult, X: FloatArray) -> tuple[str, ...]:
    if X is result.spec.X:
        return tuple(result.studies.slab)
    return tuple(str(i + 1) for i in range(len(X))) if len(X) > 1 else ("",)


def _rows(argument: str, values: Any, design: Design) -> FloatArray:
    """Rows of the design, (n, p)."""
    if isinstance(values, Mapping) or frame(values) is not None:
        return np.asarray(designs.new_rows(design, values), dtype=np.float64)
    p, first = len(design.names), design.names[0] == "intrcpt"
    pairs = named_values(values) if p - first > 1 else None
    if pairs is not None:
        values = named_columns(argument, pairs, design.names[first:])
    try:
        given = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise OptionError(f"{argument}={values!r}: needs numbers, or variables of the formula by name") from None
    if given.ndim < 2:
        given = given.reshape(-1, 1) if p - first <= 1 and given.size != p else given.reshape(1, -1)
    if first and given.shape[1] == p - 1:
        given = np.column_stack([np.ones(len(given)), given])
    if given.ndim != 2 or given.shape[1] != p:
        raise OptionError(f"{argument}={values!r}: needs a column for each of {', '.join(design.names)}")
    rows = np.flatnonzero(~np.isfinite(given).all(axis=1))
    if rows.size:
        raise DataError("a value is missing or infinite; leave the row out", argument=argument, row=int(rows[0]) + 1)
    return given


def anova_of_scale(
    result: LocationScaleResult,
    att: tuple[int, ...] | None = None,
    Z: Any = None,
    rhs: Any = None,
) -> WaldTest | Contrasts:
    """The Wald-type test of scale coefficients at `att` (default: the model's own), or of linear combinations Z, (m, q).

    rhs : what they are under the hypothesis, one or (m,); default 0. The record's fields are those of tests of beta (QM).
    metafor: ``anova(result, att=)``, which counts from 1; ``anova(result, Z=, rhs=)``
    """
    if Z is not None and att is not None:
        raise OptionError("att, Z: give one of them")
    chosen = result.att if att is None else tuple(att)
    if not chosen or not set(chosen) <= set(range(result.q)):
        raise OptionError(f"att={list(chosen)}: positions of scale coefficients, from 0 to {result.q - 1}")
    C = np.eye(result.q)[list(chosen)] if Z is None else np.atleast_2d(np.asarray(Z, dtype=np.float64))
    if C.shape[1] != result.q:
        raise OptionError(f"Z: combinations of {C.shape[1]} coefficients; the scale has {result.q}")
    right = np.broadcast_to(np.zeros(1) if rhs is None else np.asarray(rhs, dtype=np.float64), (len(C),)).copy()
    if Z is not None:
        return _contrasts(result, C, right)
    QM, QMp = omnibus(C @ result.alpha - right, C @ result.va @ C.T, range(len(C)), result.ddf_alpha)
    return WaldTest(
        QM=QM,
        QMdf=(len(C), result.ddf_alpha),
        QMp=QMp,
        btt=chosen,
        names=tuple(result.scale.names[j] for j in chosen),
        rhs=right,
        k=result.k,
        p=result.q,
        test=result.test,
    )


def _contrasts(result: LocationScaleResult, C: FloatArray, right: FloatArray) -> Contrasts:
    Za, ddf = C @ result.alpha, result.ddf_alpha
    va = C @ result.va @ C.T
    zval = (Za - right) / np.sqrt(np.diag(va))
    full = np.linalg.matrix_rank(C) == len(C)
    QM, QMp = omnibus(Za - right, va, range(len(C)), ddf) if full else (None, None)
    terms = [[f"{c:.4g}*{name}" for c, name in zip(row, result.scale.names, strict=True) if c != 0.0] for row in C]
    return Contrasts(
        hyp=tuple(f"{' + '.join(sums)} = {r:g}" for sums, r in zip(terms, right, strict=True)),
        X=C,
        rhs=right,
        Xb=Za,
        se=np.sqrt(np.diag(va)),
        zval=zval,
        pval=two_sided(zval, ddf),
        ddf=None if ddf is None else np.full(len(C), ddf),
        QM=QM,
        QMdf=(len(C), ddf) if full else None,
        QMp=QMp,
        k=result.k,
        p=result.q,
        test=result.test,
    )


def likelihood_ratio_of(one: LocationScaleResult, two: LocationScaleResult, *, refit: bool = False) -> LikelihoodRatio:
    """The likelihood-ratio test of two nested location-scale models of the same studies, such as ~ 1 and ~ x as scale.

    refit : fit two REML models with different moderators of the location again by ML
    There is no tau² to tell, nor R²: both are NaN. metafor: ``anova(one, two, refit=)``
    """
    _check_comparable(one, two)
    same = one.spec.X.shape == two.spec.X.shape and bool((one.spec.X == two.spec.X).all())
    if refit and one.spec.method == "REML" and not same:
        one, two = (fit(replace(model.spec, method="ML", methods=("ML",)), model.scale, model.call) for model in (one, two))
    full, reduced = (one, two) if one.parms > two.parms else (two, one)
    kind = full.spec.method
    f, r = full.fit_stats[kind], reduced.fit_stats[kind]
    LRT = max(0.0, 2.0 * (f.logLik - r.logLik))
    note = "restricted likelihoods of models with different moderators cannot be compared; use refit=True"
    return LikelihoodRatio(
        fit_stats_f=f,
        fit_stats_r=r,
        parms_f=full.parms,
        parms_r=reduced.parms,
        LRT=LRT,
        pval=chi2_upper(LRT, full.parms - reduced.parms),
        QE_f=full.QE,
        QE_r=reduced.QE,
        tau2_f=np.nan,
        tau2_r=np.nan,
        R2=np.nan,
        method=kind,
        notes=(note,) * (kind == "REML" and not same),
    )


def _check_comparable(one: LocationScaleResult, two: LocationScaleResult) -> None:
    if not isinstance(two, LocationScaleResult):
        raise OptionError("other: needs a location-scale model too; fit the other one with scale='~ 1'")
    if not (np.array_equal(one.studies.yi, two.studies.yi) and np.array_equal(one.studies.vi, two.studies.vi)):
        raise DataError(
            "the models were fitted to different effects or variances; fit both to the same studies", argument="other"
        )
    if one.spec.method != two.spec.method or one.parms == two.parms:
        raise OptionError("other: one model must have all of the other's terms and more, and both the same method")
