"""One outcome, pooled by pymeta and asked of R: the same rows unchanged to both, the same quantities back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from pymeta.api import rma
from pymeta.generics.weights import weights
from pymeta.harness import Call, Rule
from pymeta.resources import shipped
from pymeta.results.mh import MHResult
from pymeta.results.uni import UniResult
from pymeta.table_models import rma_mh
from pymeta.tau2.methods import TAU2
from pymeta.validation.case import OutcomeCase

__all__ = ["Quantities", "fitted", "is_iterative", "quantities", "r_call", "rules"]

Quantities = dict[str, Any]
"""Quantity -> number, array or labels, under the names that r_reference/pool.R gives them."""


def fitted(outcome: OutcomeCase) -> UniResult | MHResult:
    """pymeta's result for an outcome."""
    shared: dict[str, Any] = {"measure": outcome.measure.name, "slab": outcome.rows.slab, "level": outcome.level}
    shared |= outcome.rows.columns
    return rma_mh(**shared) if outcome.method == "MH" else rma(method=outcome.method, **shared)


def quantities(result: UniResult | MHResult) -> Quantities:
    """Everything a result is compared on; effects on the scale that is pooled."""
    answer: Quantities = {
        "estimate": float(result.beta[0]),
        "se": float(result.se[0]),
        "ci_lb": float(result.ci_lb[0]),
        "ci_ub": float(result.ci_ub[0]),
        "zval": float(result.zval[0]),
        "pval": float(result.pval[0]),
        "tau2": result.tau2 if isinstance(result, UniResult) else 0.0,
        "QE": result.QE,
        "QE_df": float(result.QE_df),
        "QEp": result.QEp,
        "I2": result.I2,
        "H2": result.H2,
        "k": float(result.k),
        "slab": list(result.studies.slab),
        "yi": result.studies.yi,
        "vi": result.studies.vi,
        "weights": weights(result),
    }
    if isinstance(result, UniResult) and result.se_tau2 is not None:
        answer["se_tau2"] = result.se_tau2
    return answer


def is_iterative(outcome: OutcomeCase) -> bool:
    """Whether the method iterates, so that R's answer depends on its control."""
    return outcome.method in TAU2 and TAU2[outcome.method].iterative


def r_call(outcome: OutcomeCase, *, tightened: bool) -> Call:
    """The call of r_reference/pool.R for an outcome, under metafor's default control or a tightened one."""
    control = _tight_control(outcome) if tightened else {}
    args = {
        "measure": outcome.measure.name,
        "method": outcome.method,
        "data": dict(outcome.rows.columns),
        "slab": list(outcome.rows.slab),
        "level": outcome.level,
        "control": control,
    }
    return Call("pool", args, adapter=shipped("r_reference", "pool.R"), packages=("metafor", "metadat"))


def _tight_control(outcome: OutcomeCase) -> Mapping[str, float]:
    """metafor stops when tau² moves by less than `threshold`, an absolute amount: it must follow the data's scale.

    A power of ten, so that the call, and with it the recording's key, is the same on every machine.
    """
    studies = fitted(outcome).studies
    scale = float(np.var(studies.yi) + np.mean(studies.vi))
    return {"threshold": 10.0 ** (math.floor(math.log10(scale)) - 14), "maxiter": 10000.0}


def rules(outcome: OutcomeCase, reference: Mapping[str, Any]) -> dict[str, Rule]:
    """How each quantity is judged; near zero, against the scale that a reader judges it by.

    Estimates and bounds: their standard error. z, Q, H² and I² (in percent): 1. tau²: the mean sampling variance.
    """
    kind = "iterative" if is_iterative(outcome) else "closed"
    # Without R's numbers there is nothing to scale by, and nothing to compare: missing quantities fail as such.
    se = _positive(reference.get("se"))
    vi = np.asarray(reference.get("vi", 1.0), dtype=np.float64)
    effect, test = Rule(kind, scale=se), Rule(kind, scale=1.0)
    variance = Rule(kind, scale=_positive(vi.sum() / max(vi.size, 1)))
    judged = {
        **dict.fromkeys(("estimate", "ci_lb", "ci_ub"), effect),
        **dict.fromkeys(("zval", "QE", "H2", "I2"), test),
        **dict.fromkeys(("tau2", "se_tau2"), variance),
        **dict.fromkeys(("se", "weights"), Rule(kind)),
        "pval": Rule(f"{kind}_p"),
        "QEp": Rule("closed_p"),
        "yi": Rule("closed", scale=np.sqrt(vi) if (vi > 0).all() else None),
        "vi": Rule("closed"),
        **dict.fromkeys(("QE_df", "k", "slab"), Rule("exact")),
    }
    return judged if has_se_tau2(outcome, reference) else {name: rule for name, rule in judged.items() if name != "se_tau2"}


def has_se_tau2(outcome: OutcomeCase, reference: Mapping[str, Any]) -> bool:
    """Whether the method tells the standard error of tau², for as many studies as R could pool."""
    pooled = _positive(reference["k"]) if "k" in reference else len(outcome.rows.slab)
    return outcome.method in TAU2 and TAU2[outcome.method].random and (pooled > 1 or "se_tau2" in reference)


def _positive(value: Any) -> float:
    number = float(np.asarray(value, dtype=np.float64).ravel()[0]) if value is not None else 1.0
    return number if np.isfinite(number) and number > 0.0 else 1.0
