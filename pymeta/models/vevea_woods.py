"""Weights of p-values that are given, for selection models with too few studies to estimate them."""

from __future__ import annotations

from typing import Any

from pymeta.errors import no_such

__all__ = ["KINDS", "vevea_woods"]

_STEPS = (0.005, 0.01, 0.05, 0.10, 0.25, 0.35, 0.50, 0.65, 0.75, 0.90, 0.95, 0.99, 0.995, 1.0)
_WEIGHTS = {
    "moderate one-tailed": (1, 0.99, 0.95, 0.80, 0.75, 0.65, 0.60, 0.55, 0.50, 0.50, 0.50, 0.50, 0.50, 0.50),
    "severe one-tailed": (1, 0.99, 0.90, 0.75, 0.60, 0.50, 0.40, 0.35, 0.30, 0.25, 0.10, 0.10, 0.10, 0.10),
    "moderate two-tailed": (1, 0.99, 0.95, 0.90, 0.80, 0.75, 0.60, 0.60, 0.75, 0.80, 0.90, 0.95, 0.99, 1.00),
    "severe two-tailed": (1, 0.99, 0.90, 0.75, 0.60, 0.50, 0.25, 0.25, 0.50, 0.60, 0.75, 0.90, 0.99, 1.00),
}

KINDS = tuple(_WEIGHTS)


def vevea_woods(kind: str) -> dict[str, Any]:
    """Steps and weights, for ``selmodel(fit, "stepfun", **vevea_woods("severe one-tailed"))``.

    kind : one of `KINDS`
    Raises OptionError for another kind. Weights to be estimated at a person's own steps, as those of Vevea & Hedges (1995),
    Psychometrika 60, 419, are ``selmodel(fit, "stepfun", steps=…)``.
    Source: Vevea & Woods (2005), Psychological Methods 10, 428, table 1.
    metafor: ``selmodel(res, type="stepfun", steps=, delta=)``; its help page has the same numbers
    """
    if kind not in _WEIGHTS:
        raise no_such("kind", kind, KINDS, what="kind of selection")
    return {"steps": list(_STEPS), "delta": list(_WEIGHTS[kind])}
