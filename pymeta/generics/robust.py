"""Cluster-robust tests and intervals of a fitted model."""

from __future__ import annotations

from dataclasses import fields
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from pymeta.arrays import FloatArray, IntArray, read_only
from pymeta.data.collation import text_key
from pymeta.errors import DataError, no_such
from pymeta.inference.sandwich import ESTIMATORS, Sandwich, hotelling_df, sandwich, satterthwaite_df
from pymeta.inference.wald import omnibus
from pymeta.numerics.linalg import wls
from pymeta.numerics.tails import f_upper, t_quantile, t_two_sided
from pymeta.results.data_rows import at_studies
from pymeta.results.robust import RobustResult
from pymeta.results.selection import without_selection
from pymeta.results.uni import UniResult
from pymeta.results.weighing import model_weights

__all__ = ["hotelling", "robust"]


def robust(
    result: UniResult,
    cluster: Any,
    *,
    adjust: bool = True,
    clubSandwich: bool = False,
    vcov: str | None = None,
) -> RobustResult:
    """The model with a covariance of its coefficients that holds for effects that depend on each other within clusters.

    cluster : a label a row of the data, of any kind that can be told apart; or a column's name
    adjust : multiply the covariance by n/(n − p), for n clusters and p coefficients ("CR1p"; without, "CR0"); the tests are
        t-tests with n − p degrees of freedom
    clubSandwich : the same as vcov="CR2"
    vcov : "CR0", "CR1", "CR1p" or "CR2" with Satterthwaite's degrees of freedom, as R's clubSandwich has them, and
        Zhang's for the omnibus test

    Raises DataError for a missing label, and when there are no more clusters than coefficients (n − p degrees of freedom).
    Source: Hedges, Tipton & Johnson (2010); see ``pymeta.inference.sandwich``.
    metafor: ``robust(result, cluster=, adjust=, clubSandwich=)``; clubSandwich: ``coef_test(result, vcov=, cluster=)``
    Differs from metafor: after test="knha" its CR0 and CR1 are (s²_w)² times as large, as they use the scaled covariance as
    bread; clubSandwich, and metafor's own with a person's weights, do not.
    """
    without_selection(result, "robust")
    estimator, satterthwaite = _estimator(adjust, clubSandwich, vcov)
    places, groups = _clusters(result, cluster)
    n, p = len(groups), result.p
    if n <= p and (estimator == "CR1p" or not satterthwaite):
        raise DataError(
            f"{n} clusters for {p} coefficients; there must be more, or use clubSandwich=True", argument="cluster"
        )
    if n < 2:
        raise DataError("all studies are in one cluster; robust variances need two at least", argument="cluster")
    found = _sandwich(result, groups, estimator)
    return _result(result, found, places, estimator, satterthwaite)


def _estimator(adjust: bool, club: bool, vcov: str | None) -> tuple[str, bool]:
    if vcov is None and not club:
        return "CR1p" if adjust else "CR0", False
    name = "CR2" if vcov is None else vcov
    if name not in ESTIMATORS:
        raise no_such("vcov", vcov, ESTIMATORS, what="robust covariance")
    return name, True


def _clusters(result: UniResult, cluster: Any) -> tuple[IntArray, list[IntArray]]:
    """The cluster of each study that is pooled, from 0 in the order of their labels; and the studies of each."""
    labels = at_studies(result, "cluster", cluster)
    known = {label: place for place, label in enumerate(sorted(set(labels), key=_in_order))}
    places = np.array([known[label] for label in labels])
    return places, [np.flatnonzero(places == j) for j in range(len(known))]


def _in_order(label: Any) -> tuple[Any, ...]:
    """Numbers before texts, which stand as R sorts them."""
    return (0, label) if isinstance(label, Real) else (1, text_key(str(label)))


def _sandwich(result: UniResult, groups: list[IntArray], estimator: str) -> Sandwich:
    X, w = result.spec.X, model_weights(result)
    bread = wls(result.studies.yi, X, w).bread
    return sandwich(X, w, bread, result.studies.vi + result.tau2, result.residuals, groups, estimator)


class _Tests(NamedTuple):
    dfs: FloatArray
    QM: float
    QMp: float
    QM_ddf: float


def _result(result: UniResult, found: Sandwich, places: IntArray, estimator: str, satterthwaite: bool) -> RobustResult:
    n, p, chosen = len(found.groups), result.p, np.eye(result.p)[list(result.btt)]
    if satterthwaite:
        tests = _Tests(satterthwaite_df(found, np.eye(p)), *hotelling(found, chosen, result.beta))
    else:
        tests = _Tests(np.full(p, float(n - p)), *omnibus(result.beta, found.vb, result.btt, float(n - p)), float(n - p))
    se = np.sqrt(np.diag(found.vb))
    with np.errstate(divide="ignore", invalid="ignore"):
        zval = result.beta / se
    reach = se * np.array([t_quantile((100.0 - result.spec.level) / 200.0, df) for df in tests.dfs])
    pval = np.array([float(t_two_sided(np.array(t), df)) for t, df in zip(zval, tests.dfs, strict=True)])
    arrays = {
        "vb": found.vb,
        "se": se,
        "zval": zval,
        "pval": pval,
        "ci_lb": result.beta - reach,
        "ci_ub": result.beta + reach,
    }
    kept = {field.name: getattr(result, field.name) for field in fields(UniResult)}
    sizes = np.bincount(places)
    note = f"cluster-robust inference ({estimator}, {n} clusters of {sizes.min()} to {sizes.max()} studies)"
    return RobustResult(
        **{**kept, **{name: read_only(values) for name, values in arrays.items()}}
        | {"QM": tests.QM, "QMp": tests.QMp, "ddf": float(tests.dfs.min()), "s2w": 1.0, "notes": (*result.notes, note)},
        robumethod=estimator,
        satterthwaite=satterthwaite,
        dfs=read_only(tests.dfs),
        QM_ddf=tests.QM_ddf,
        cluster=places,
        n=n,
        tcl=sizes,
        vbest=result.vb,
        meat=read_only(found.meat),
        sandwich=found,
    )


def hotelling(found: Sandwich, C: FloatArray, difference: FloatArray) -> tuple[float, float, float]:
    """F, p-value and denominator degrees of freedom of the test that C times `difference` is 0.

    NaN where the degrees of freedom leave no F. clubSandwich: ``Wald_test(test="HTZ")``
    """
    q = len(C)
    Cb = C @ difference
    Q = float(Cb @ np.linalg.solve(C @ found.vb @ C.T, Cb))
    eta = float(satterthwaite_df(found, C)[0]) if q == 1 else hotelling_df(found, C)
    ddf = eta - q + 1.0
    if ddf <= 0.0:
        return float("nan"), float("nan"), ddf
    F = ddf / (eta * q) * Q
    return F, f_upper(F, q, ddf), ddf
