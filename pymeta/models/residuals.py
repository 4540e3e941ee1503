"""Residuals over their standard errors, with the study in the model and without it."""

from __future__ import annotations

import numpy as np

from pymeta.arrays import FloatArray, IntArray, read_only
from pymeta.errors import OptionError, no_such
from pymeta.inference.hat import hat_diagonal, residual_variances
from pymeta.models.subsets import fit_of_some, fits_again, rows_of
from pymeta.results.location_scale import LocationScaleResult
from pymeta.results.residuals import Residuals
from pymeta.results.tables import PooledTables
from pymeta.results.uni import UniResult
from pymeta.results.weighing import model_weights

__all__ = ["rstandard", "rstudent", "with_effects"]

_ALONE = 1e-9  # a study with a leverage this near 1 is met exactly; nothing is left over of it


def with_effects(result: PooledTables) -> IntArray:
    """The places, among the tables, of those with an effect of their own."""
    return np.flatnonzero(np.isin(rows_of(result), np.asarray(result.studies.rows)))


def rstandard(result: UniResult | LocationScaleResult | PooledTables, type: str = "marginal") -> Residuals:
    """Residuals over their standard errors: "marginal", about the fitted values; "conditional", about each study's BLUP.

    z is NaN for a study that a coefficient of its own meets exactly. Of pooled tables, those with an effect of their own,
    (k_yi,): its difference from the estimate, over its standard error.
    Source: Viechtbauer & Cheung (2010), Research Synthesis Methods 1, 112, section 2; Viechtbauer (2021), ch. 11.
    metafor: ``rstandard(result, type=)``, where z of such a study is what rounding left of 0/0
    """
    if type not in ("marginal", "conditional"):
        raise no_such("type", type, ("marginal", "conditional"), what="type of standardized residuals")
    if isinstance(result, PooledTables):
        return _standardized(result, result.residuals, np.sqrt(result.studies.vi))
    variances = result.studies.vi + result.tau2
    X, w = result.spec.X, model_weights(result)
    alone = 1.0 - hat_diagonal(X, w) < _ALONE
    se = np.where(alone, 0.0, np.sqrt(np.maximum(residual_variances(X, w, variances), 0.0)))
    resid = np.where(alone, 0.0, result.residuals)
    if type == "conditional":
        if result.spec.weights is not None or not result.spec.weighted:
            raise OptionError("type='conditional': not for a model with own weights, which has no BLUPs; use 'marginal'")
        left = result.studies.vi / variances  # y − BLUP = (1 − λ)(y − Xb), λ = tau²/(v + tau²)
        resid, se = left * resid, left * se
    return _standardized(result, resid, se)


def _standardized(result: UniResult | LocationScaleResult | PooledTables, resid: FloatArray, se: FloatArray) -> Residuals:
    with np.errstate(divide="ignore", invalid="ignore"):
        z = resid / se
    return Residuals(read_only(resid), read_only(se), read_only(z), tuple(result.studies.slab))


def rstudent(result: UniResult | PooledTables) -> Residuals:
    """Each effect less what a model without its study predicts for it, over the standard error of that difference.

    The variance is s²_w (v + tau²) + x'vb x, all of the model without the study (s²_w is 1 except for "knha" and "adhoc").
    NaN where a model cannot be fitted without the study. Fits k models. Of pooled tables, those with an effect of their own,
    (k_yi,); the variance is v + vb.
    Source: Viechtbauer & Cheung (2010), section 2. metafor: ``rstudent(result)``
    """
    fits_again(result)
    if isinstance(result, PooledTables):
        return _deleted_tables(result)
    X, yi, vi = result.spec.X, result.studies.yi, result.studies.vi
    resid, se = np.full(result.k, np.nan), np.full(result.k, np.nan)
    # X without row i is of full rank where the leverage of i, by any weights, is less than 1
    for i in np.flatnonzero(1.0 - hat_diagonal(X, np.ones(result.k)) > _ALONE):
        rest = fit_of_some(result, np.arange(result.k) != i)
        if isinstance(rest, UniResult):
            resid[i] = yi[i] - X[i] @ rest.beta
            se[i] = np.sqrt(rest.s2w * (vi[i] + rest.tau2) + X[i] @ rest.vb @ X[i])
    return _standardized(result, resid, se)


def _deleted_tables(result: PooledTables) -> Residuals:
    yi, vi = result.studies.yi, result.studies.vi
    resid, se = np.full(result.k_yi, np.nan), np.full(result.k_yi, np.nan)
    for j, place in enumerate(with_effects(result)):
        rest = fit_of_some(result, np.arange(result.k) != place)
        if rest is not None:
            resid[j], se[j] = yi[j] - rest.beta[0], np.sqrt(vi[j] + rest.se[0] ** 2)
    return _standardized(result, resid, se)
