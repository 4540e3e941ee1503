"""Tests of funnel plot asymmetry: do small studies have other effects than large ones?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy import stats

from pymeta.arrays import FloatArray, read_only
from pymeta.data.design import Design
from pymeta.data.specs import INTERCEPT, UniSpec
from pymeta.data.studies import Studies
from pymeta.diagnostics.given import sizes_of, spec_of, studies_of
from pymeta.errors import DataError, OptionError, no_such
from pymeta.inference.wald import quantile, two_sided
from pymeta.models.uni import fit
from pymeta.numerics.linalg import wls
from pymeta.results.asymmetry import LeastSquares, RankTest, RegressionTest
from pymeta.results.location_scale import LocationScaleResult
from pymeta.results.pooled import Pooled
from pymeta.results.robust import RobustResult
from pymeta.results.tables import PooledTables
from pymeta.results.uni import UniResult

__all__ = ["PREDICTORS", "of_fit", "ranktest", "regtest"]

PREDICTORS = ("sei", "vi", "ni", "ninv", "sqrtni", "sqrtninv")
"""What effects are regressed on: standard errors, variances, sample sizes, their inverses and roots of both."""
_AT_INFINITY = ("sei", "vi", "ninv", "sqrtninv")
"""Predictors that are 0 in a study without end."""
_FEW = "tell nothing of asymmetry"
_EXACT_BELOW = 50
"""Studies; metafor's exact p-value is R's cor.test(), which is exact for fewer."""


def ranktest(x: Any, vi: Any = None, *, sei: Any = None, exact: bool = True) -> RankTest:
    """Begg and Mazumdar's rank correlation test of effects with their variances.

    x : a fitted model, of tables too, or effects (k,) with vi or sei; exact : the exact p-value where no two ranks are the
        same

    Kendall's tau-b of the variances with the effects less their inverse-variance average, in standard errors.
    Raises OptionError for a model with moderators, DataError for fewer than 3 studies.
    Source: Begg & Mazumdar (1994), Biometrics 50, 1088, section 2.
    metafor: ``ranktest(x, vi, sei, exact=)``
    """
    if isinstance(x, UniResult) and x.moderated:
        raise OptionError("ranktest: the model has moderators, which ranks do not know; regtest() takes such models")
    fits = (UniResult, PooledTables, LocationScaleResult)
    studies = studies_of(x, vi, sei, "ranktest", 3, _FEW, fits)
    w = 1.0 / studies.vi
    centre = w @ studies.yi / w.sum()
    standard = (studies.yi - centre) / np.sqrt(studies.vi - 1.0 / w.sum())
    tied = len(set(standard)) < studies.k or len(set(studies.vi)) < studies.k
    alone = exact and not tied and studies.k < _EXACT_BELOW
    found = stats.kendalltau(standard, studies.vi, method="exact" if alone else "asymptotic")
    return RankTest(tau=float(found.statistic), pval=float(found.pvalue), exact=alone, k=studies.k)


def regtest(
    x: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    ni: Any = None,
    model: str = "rma",
    predictor: str = "sei",
    level: float | None = None,
) -> RegressionTest:
    """Egger's regression test: the effects regressed on what tells how precise a study is.

    x : a fitted model, whose moderators stay in, or effects (k,) with vi or sei; fits of tables have model="lm" alone
    model : "rma", with the estimator and test of x ("REML" and "z" for effects); or "lm", weighted least squares with a
        dispersion of its own
    predictor : one of `PREDICTORS`; ni : sample sizes for those that need them, one a study or a row of the data, or the
        name of a column
    level : of the interval of the limit estimate; default: the model's, or 95

    The limit estimate is the effect that the regression has of a study of no standard error at all.
    Raises OptionError for an unknown name, DataError for too few studies or where all are as precise.
    Source: Egger, Davey Smith, Schneider & Minder (1997), BMJ 315, 629; Sterne & Egger (2005), ch. 6.
    metafor: ``regtest(x, vi, sei, ni, model=, predictor=)``
    """
    if model not in ("rma", "lm"):
        raise no_such("model", model, ("rma", "lm"), what="regression")
    if predictor not in PREDICTORS:
        raise no_such("predictor", predictor, PREDICTORS, what="predictor")
    if isinstance(x, RobustResult):
        raise OptionError("regtest: not of what robust() returns, whose tests know of clusters; give the model itself")
    if isinstance(x, PooledTables) and model == "rma":
        raise OptionError(f"regtest: model='rma' is not for a {type(x).__name__}, which has no tau²; use model='lm'")
    studies = studies_of(x, vi, sei, "regtest", 3, _FEW, (UniResult, PooledTables))
    values = _values(x, studies, predictor, ni)
    if np.ptp(values) == 0.0:
        raise DataError(
            f"regtest: all studies have the same {predictor}, {values[0]:g}; another predictor= may tell them apart"
        )
    confidence = level if level is not None else x.spec.level if isinstance(x, Pooled) else 95.0
    if model == "lm":
        return _by_least_squares(spec_of(x, studies), values, predictor, confidence)
    return _by_model(spec_of(x, studies), values, predictor, confidence)


def _values(x: Any, studies: Studies, predictor: str, ni: Any) -> FloatArray:
    if predictor in ("sei", "vi"):
        return np.sqrt(studies.vi) if predictor == "sei" else studies.vi
    if ni is None:
        raise OptionError(f"predictor={predictor!r} needs the sample sizes; give ni=")
    n = sizes_of(x, studies, ni, "regtest")
    return {"ni": n, "ninv": 1.0 / n, "sqrtni": np.sqrt(n), "sqrtninv": 1.0 / np.sqrt(n)}[predictor]


def _by_model(spec: UniSpec, values: FloatArray, predictor: str, level: float) -> RegressionTest:
    whole = spec.design
    X = _with(spec, values, predictor)
    last = max(whole.assign, default=0) + 1
    wider = replace(whole, X=X, names=(*whole.names, predictor), assign=(*whole.assign, last))
    return of_fit(
        fit(replace(spec, design=wider, btt=tuple(range(int(_starts_with_1(whole)), X.shape[1])))), predictor, level
    )


def _starts_with_1(one: Design) -> bool:
    return one.names[:1] == INTERCEPT


def of_fit(made: UniResult, predictor: str, level: float) -> RegressionTest:
    """The test in a model whose last coefficient is the predictor's."""
    limit = made.p == 2 and predictor in _AT_INFINITY
    return RegressionTest(
        model="rma",
        predictor=predictor,
        zval=float(made.zval[-1]),
        pval=float(made.pval[-1]),
        ddf=made.ddf,
        **_limit(float(made.beta[0]), float(made.se[0]), made.ddf, level, limit),
        fit=made,
    )


def _with(spec: UniSpec, values: FloatArray, predictor: str) -> FloatArray:
    X = read_only(np.column_stack([spec.X, values]))
    if np.linalg.matrix_rank(X) < X.shape[1]:
        raise DataError(f"regtest: {predictor} is a combination of the model's moderators; it cannot be told from them")
    return X


def _by_least_squares(spec: UniSpec, values: FloatArray, predictor: str, level: float) -> RegressionTest:
    X = _with(spec, values, predictor)
    k, p = X.shape
    if k <= p:
        raise DataError(f"regtest: {k} studies cannot carry {p} coefficients and their dispersion; use model='rma'")
    w, df = 1.0 / spec.studies.vi, float(k - p)
    made = wls(spec.studies.yi, X, w)
    vb = made.bread * made.ss / df
    se = np.sqrt(np.diag(vb))
    z = made.beta[-1] / se[-1]
    return RegressionTest(
        model="lm",
        predictor=predictor,
        zval=float(z),
        pval=float(two_sided(np.array([z]), df)[0]),
        ddf=df,
        **_limit(float(made.beta[0]), float(se[0]), df, level, p == 2 and predictor in _AT_INFINITY),
        fit=LeastSquares(beta=made.beta, vb=vb, fitted=X @ made.beta, residuals=made.residuals, weights=w, df=df),
    )


def _limit(est: float, se: float, ddf: float | None, level: float, there: bool) -> dict[str, float | None]:
    if not there:
        return {"est": None, "ci_lb": None, "ci_ub": None}
    half = quantile(level, ddf) * se
    return {"est": est, "ci_lb": est - half, "ci_ub": est + half}
