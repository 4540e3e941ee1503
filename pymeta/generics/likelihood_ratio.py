"""Likelihood-ratio tests of two models of the same effects."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.errors import DataError, OptionError
from pymeta.models.uni import fit
from pymeta.numerics.linalg import wls
from pymeta.numerics.tails import chi2_upper
from pymeta.results.tests import LikelihoodRatio
from pymeta.results.uni import UniResult

__all__ = ["likelihood_ratio"]


def likelihood_ratio(one: UniResult, two: UniResult, refit: bool) -> LikelihoodRatio:
    """Twice the difference of the log-likelihoods, at least 0; which model is the full one, its parameters tell."""
    if not isinstance(two, UniResult):
        raise OptionError(f"other={two!r}: needs a model that rma fitted")
    if not (np.array_equal(one.studies.yi, two.studies.yi) and np.array_equal(one.studies.vi, two.studies.vi)):
        raise DataError(
            "the models were fitted to different effects or variances; fit both to the same studies", argument="other"
        )
    same = _same_space(one.spec.X, two.spec.X)
    if refit and "REML" in (one.spec.method, two.spec.method) and not same:
        one, two = (_by_ml(model) for model in (one, two))
    full, reduced = (one, two) if one.parms > two.parms else (two, one)
    if full.parms == reduced.parms:
        raise DataError(
            f"both models have {full.parms} parameters; one must have all of the other's and more", argument="other"
        )
    kind = _kind(full, reduced)
    f, r = full.fit_stats[kind], reduced.fit_stats[kind]
    LRT = max(0.0, 2.0 * (f.logLik - r.logLik))
    return LikelihoodRatio(
        fit_stats_f=f,
        fit_stats_r=r,
        parms_f=full.parms,
        parms_r=reduced.parms,
        LRT=LRT,
        pval=chi2_upper(LRT, full.parms - reduced.parms),
        QE_f=full.QE,
        QE_r=reduced.QE,
        tau2_f=full.tau2,
        tau2_r=reduced.tau2,
        R2=_explained(full, reduced),
        method=kind,
        notes=_warnings(full, reduced, kind, same),
    )


def _by_ml(model: UniResult) -> UniResult:
    spec = model.spec
    return fit(replace(spec, method="ML", methods=("ML",)), model.call) if spec.method == "REML" else model


def _kind(full: UniResult, reduced: UniResult) -> str:
    """Whose likelihood: models without tau² have both."""
    kinds = {model.spec.method for model in (full, reduced)} & {"ML", "REML"}
    if kinds == {"ML", "REML"}:
        raise DataError("one model was fitted by ML and the other by REML; fit both alike, or refit=True", argument="other")
    return "REML" if kinds == {"REML"} else "ML"


def _within(A: FloatArray, B: FloatArray) -> bool:
    """Whether every column of A is a combination of those of B."""
    w = np.ones(len(A))
    left = [np.abs(wls(a, B, w).residuals).max() / np.abs(a).max() for a in A.T]
    return bool(max(left) < 1e-8)


def _same_space(A: FloatArray, B: FloatArray) -> bool:
    return A.shape == B.shape and _within(A, B)


def _explained(full: UniResult, reduced: UniResult) -> float:
    """The share of tau² that is gone; of models without it, of the residual variance Σ w r²/(k − p), which is QE/(k − p)."""
    if full.random or reduced.random:
        before, after = reduced.tau2, full.tau2
    else:
        before, after = (model.QE / model.QE_df if model.QE_df else 0.0 for model in (reduced, full))
    return 100.0 * max(0.0, (before - after) / before) if before > 0.0 else 0.0


def _warnings(full: UniResult, reduced: UniResult, kind: str, same: bool) -> tuple[str, ...]:
    notes = []
    if not _within(reduced.spec.X, full.spec.X) or (reduced.random and not full.random):
        notes.append(
            "the models do not appear to be nested: a likelihood-ratio test needs one to have all terms of the other"
        )
    if kind == "REML" and not same:
        notes.append("restricted likelihoods of models with different moderators cannot be compared; use refit=True")
    if {model.spec.method for model in (full, reduced) if model.random} - {"ML", "REML"}:
        notes.append("a likelihood-ratio test is for models fitted by ML or REML")
    return tuple(notes)
