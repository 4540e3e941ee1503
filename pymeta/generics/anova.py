"""Tests of coefficients and of linear combinations of them, and likelihood-ratio tests of two models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np

from pymeta.api import positions
from pymeta.arrays import FloatArray, as_vector
from pymeta.errors import OptionError
from pymeta.generics.likelihood_ratio import likelihood_ratio
from pymeta.generics.location_scale import anova_of_scale, likelihood_ratio_of
from pymeta.generics.robust import hotelling
from pymeta.inference.multiple_tests import adjusted, adjustment_named
from pymeta.inference.sandwich import satterthwaite_df
from pymeta.inference.wald import omnibus, two_sided
from pymeta.numerics.tails import t_two_sided
from pymeta.results.location_scale import LocationScaleResult
from pymeta.results.robust import RobustResult
from pymeta.results.selection import SelectionResult
from pymeta.results.tests import Contrasts, LikelihoodRatio, WaldTest, WaldTests
from pymeta.results.uni import UniResult

__all__ = ["anova", "several"]


def anova(
    result: UniResult | LocationScaleResult,
    other: UniResult | LocationScaleResult | None = None,
    *,
    btt: Any = None,
    X: Any = None,
    rhs: Any = None,
    adjust: bool | str = False,
    refit: bool = False,
    att: Any = None,
    Z: Any = None,
) -> WaldTest | WaldTests | Contrasts | LikelihoodRatio:
    """Test coefficients or linear combinations of them; or two nested models against each other.

    other : a model of the same data, of which one has all terms of the other: the likelihood-ratio test
    btt : positions from 0, or texts that names contain; a list of such lists is a test each; default: the model's own
    X : linear combinations, (m, p) or (p,)
    rhs : what they are under the hypothesis, one or (m,); default 0; as in metafor, it is taken off the values in `Xb`
    adjust : p-values of several tests: "holm", "BH", …; True is "bonferroni"
    att, Z : of a location-scale model, scale coefficients, or combinations of them, instead
    refit : fit two REML models with different moderators again by ML

    Raises OptionError for arguments that do not go together, DataError for models that cannot be compared.
    Source: Huizenga, Visser & Dolan (2011); Viechtbauer (2007) for models that differ in tau².
    metafor: ``anova(result, other, btt=, X=, rhs=, adjust=, refit=)``, which counts `btt` from 1
    """
    if isinstance(result, LocationScaleResult) and isinstance(other, LocationScaleResult):
        return likelihood_ratio_of(result, other, refit=refit)
    if other is not None and isinstance(result, SelectionResult) | isinstance(other, SelectionResult):
        raise OptionError("other: a selection model is tested against the one without selection already: LRT and LRTp")
    if att is not None or Z is not None:
        return anova_of_scale(
            _of_scale(result), att if att is None else positions(att, _of_scale(result).scale.design, "att"), Z, rhs
        )
    if other is not None and isinstance(other, LocationScaleResult) != isinstance(result, LocationScaleResult):
        raise OptionError("other: one model has a scale part, the other has none; fit it with scale='~ 1'")
    result, other = cast(UniResult, result), cast(UniResult | None, other)  # all that these tests look at is in both
    adjustment = adjustment_named(adjust)
    if other is not None:
        if btt is not None or X is not None or rhs is not None:
            raise OptionError("btt, X, rhs: a test of two models has none of them; give one model or two")
        return likelihood_ratio(result, other, refit)
    if X is not None:
        if btt is not None:
            raise OptionError("btt, X: give one of them")
        return _contrasts(result, X, rhs, adjustment)
    groups = several(btt)
    if groups is None:
        return _wald(result, btt, rhs)
    tests = [_wald(result, one, rhs) for one in groups]
    pval = adjusted(np.array([test.QMp for test in tests]), adjustment)
    return WaldTests(tuple(replace(t, QMp=float(p)) for t, p in zip(tests, pval, strict=True)), adjustment)


def _of_scale(result: UniResult | LocationScaleResult) -> LocationScaleResult:
    if not isinstance(result, LocationScaleResult):
        raise OptionError("att, Z: this model has no scale part; rma(scale=…) has")
    return result


def several(btt: Any) -> Sequence[Any] | None:
    """The tests that a list of lists asks for; None where it asks for one."""
    if isinstance(btt, list | tuple) and btt and all(isinstance(one, list | tuple | range | np.ndarray) for one in btt):
        return btt
    return None


def _wald(result: UniResult, btt: Any, rhs: Any) -> WaldTest:
    chosen = result.btt if btt is None else positions(btt, result.spec.design, "btt")
    right = _right(rhs, len(chosen))
    beta = result.beta.copy()
    beta[list(chosen)] -= right
    QM, QMp, ddf = _omnibus(result, np.eye(result.p)[list(chosen)], beta)
    names = tuple(result.names[i] for i in chosen)
    return WaldTest(
        QM=QM,
        QMdf=(len(chosen), ddf),
        QMp=QMp,
        btt=chosen,
        names=names,
        rhs=right,
        k=result.k,
        p=result.p,
        test=_test(result),
    )


def _test(result: UniResult) -> str:
    return "t" if isinstance(result, RobustResult) else result.test


def _right(rhs: Any, m: int) -> FloatArray:
    values = np.zeros(m) if rhs is None else as_vector("rhs", rhs)
    if len(values) not in (1, m):
        raise OptionError(f"rhs={rhs!r}: needs one value, or {m}, one a test")
    if np.isnan(values).any():
        raise OptionError(f"rhs={rhs!r}: a value is missing")
    return np.broadcast_to(values, m).copy()


def _omnibus(result: UniResult, C: FloatArray, difference: FloatArray) -> tuple[float, float, float | None]:
    """The test that C times `difference` is 0: statistic, p-value, denominator degrees of freedom."""
    if isinstance(result, RobustResult) and result.satterthwaite:
        return hotelling(result.sandwich, C, difference)
    found = omnibus(C @ difference, C @ result.vb @ C.T, range(len(C)), result.ddf)
    return found.QM, found.QMp, result.ddf


def _contrasts(result: UniResult, X: Any, rhs: Any, adjustment: str) -> Contrasts:
    C = _combinations(X, result.p)
    right = _right(rhs, len(C))
    Xb = C @ result.beta - right
    se = np.sqrt(np.einsum("ij,jl,il->i", C, result.vb, C))
    zval = Xb / se
    ddf = _contrast_df(result, C)
    pval = (
        two_sided(zval, None)
        if ddf is None
        else np.array([float(t_two_sided(np.array(z), df)) for z, df in zip(zval, ddf, strict=True)])
    )
    QM, QMp, QMdf = None, None, None
    if np.linalg.matrix_rank(C) == len(C):
        QM, QMp, ddf2 = _omnibus(result, C, result.beta - np.linalg.pinv(C) @ right)
        QMdf = (len(C), ddf2)
    return Contrasts(
        hyp=_sentences(C, right, result.names),
        X=C,
        rhs=right,
        Xb=Xb,
        se=se,
        zval=zval,
        pval=adjusted(pval, adjustment),
        ddf=ddf,
        QM=QM,
        QMdf=QMdf,
        QMp=QMp,
        k=result.k,
        p=result.p,
        test=_test(result),
        adjust=adjustment,
    )


def _contrast_df(result: UniResult, C: FloatArray) -> FloatArray | None:
    if isinstance(result, RobustResult) and result.satterthwaite:
        return satterthwaite_df(result.sandwich, C)
    return None if result.ddf is None else np.full(len(C), result.ddf)


def _combinations(X: Any, p: int) -> FloatArray:
    try:
        C = np.atleast_2d(np.asarray(X, dtype=np.float64))
    except (TypeError, ValueError):
        raise OptionError(f"X={X!r}: needs numbers, a row a combination") from None
    if p == 1 and C.shape[0] == 1 and C.shape[1] != 1:
        C = C.T
    if C.ndim != 2 or C.shape[1] != p:
        raise OptionError(f"X: combinations of {C.shape[-1]} coefficients; the model has {p}")
    if not np.isfinite(C).all():
        raise OptionError("X: a value is missing or infinite")
    empty = np.flatnonzero(~C.any(axis=1))
    if empty.size:
        raise OptionError(f"X: row {empty[0] + 1} is all 0, which is no combination")
    return C


def _sentences(C: FloatArray, right: FloatArray, names: Sequence[str]) -> tuple[str, ...]:
    values = [f"{r:.4f}" for r in right] if right.any() else ["0"] * len(right)
    return tuple(f"{_sum(row, names)} = {value}" for row, value in zip(C, values, strict=True))


def _sum(row: FloatArray, names: Sequence[str]) -> str:
    parts = [
        (c, f"{'' if abs(c) == 1.0 else f'{abs(c):.4g}*'}{name}") for c, name in zip(row, names, strict=True) if c != 0.0
    ]
    first, rest = parts[0], parts[1:]
    return ("-" if first[0] < 0.0 else "") + first[1] + "".join(f" {'-' if c < 0.0 else '+'} {term}" for c, term in rest)
