"""Random effects as Review Manager 5 computes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from pymeta.data.design import design
from pymeta.data.specs import DataSpec, UniSpec
from pymeta.data.studies import kept_studies
from pymeta.effects.means import standardized_mean_difference_revman5
from pymeta.effects.measures import MEASURES
from pymeta.effects.records import Effects
from pymeta.effects.studies import effects_of
from pymeta.inference.heterogeneity import about, from_q
from pymeta.models.mh import MH_MEASURES, mantel_haenszel
from pymeta.models.uni import pooled
from pymeta.numerics.linalg import residual_trace, wls
from pymeta.numerics.solve import Solve
from pymeta.results.uni import UniResult
from pymeta.tau2.estimate import Tau2

__all__ = ["REVMAN5_MEASURES", "fit"]

REVMAN5_MEASURES = (*MH_MEASURES, "MD", "SMD", "GEN")
"""The measures that Review Manager 5 pools."""


def fit(spec: DataSpec, call: Mapping[str, Any] | None = None) -> UniResult:
    """Random effects with the moment estimator of tau² about RevMan's own fixed-effect estimate.

    For 2x2 tables that is the Mantel-Haenszel estimate of the raw cells, not the inverse-variance mean, so the
    answer differs from DerSimonian and Laird's; for means and generic data it is the inverse-variance mean.
    0.5 goes into all cells of a study with a zero cell for its own effect; ratios of tables without events, or
    with nothing but events, are left out. I² comes from Q.

    Source: Deeks & Higgins (2010), "Statistical algorithms in Review Manager 5".
    metafor: none in one call; r_reference/pool.R puts escalc, rma.mh and rma(tau2=) together
    """
    tables = MEASURES[spec.measure].family.name == "two_by_two"
    yi, vi = _study_effects(spec)
    studies = kept_studies(yi, vi, spec.slab, lambda: spec.complete)
    w = 1.0 / studies.vi
    X = np.ones((studies.k, 1))
    mean = wls(studies.yi, X, w)
    df = studies.k - 1
    centre = _mantel_haenszel(spec) if tables and df else float(mean.beta[0])
    Q = about(studies.yi, studies.vi, centre)
    raw = (Q - df) / residual_trace(X, w) if df else 0.0
    estimate = Tau2(max(0.0, raw), None, Solve(True, "closed form", 0, raw <= 0.0))
    notes = (f"Q and tau^2 are about the Mantel-Haenszel estimate, {centre:.6g}",) if tables and df else ()
    asked = UniSpec(studies, design(None, None, studies.k), spec.measure, "revman5", spec.level, tau2=estimate.tau2)
    return pooled(asked, estimate, from_q(Q, df), notes, call)


def _mantel_haenszel(spec: DataSpec) -> float:
    complete = spec.complete
    return mantel_haenszel(spec.measure, **{name: values[complete] for name, values in spec.inputs.items()}).estimate


def _study_effects(spec: DataSpec) -> Effects:
    """RevMan's own definitions of study effects.

    A risk difference exists for every table, so only a variance of 0 calls for the correction; ratios need it at
    any zero cell.
    """
    match spec.measure:
        case "SMD":
            return standardized_mean_difference_revman5(**spec.inputs)
        case "RD":
            raw = effects_of(replace(spec, to="none", drop00=False))
            added = effects_of(replace(spec, add=0.5, to="all", drop00=False))
            flat = raw.vi == 0.0
            return Effects(np.where(flat, added.yi, raw.yi), np.where(flat, added.vi, raw.vi))
        case _:
            return effects_of(replace(spec, add=0.5, to="only0", drop00=True))
