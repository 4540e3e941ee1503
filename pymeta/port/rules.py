"""What agreement each number of an R object needs: its kind, and what it is measured against near zero."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pymeta.harness.agreement import Rule
from pymeta.port.calls.numbers import WHOLE, Numbers

__all__ = ["rules_of"]

_P_VALUES = frozenset(
    {"pval", "pvals", "pval.fsn", "QEp", "QMp", "QSp", "MHp", "COp", "TAp", "BDp", "QMp.alpha", "pval.alpha", "QEp.Wld", "p"}
)
_COUNTS = frozenset(
    {"k", "m", "parms", "btt", "att", "k.eff", "p.eff", "k.yi", "k.pos", "n", "tcl", "k.tables", "MHdf", "TAdf"}
)
_ON_EFFECT_SCALE = (
    "b",
    "beta",
    "pred",
    "estimate",
    "ci.lb",
    "ci.ub",
    "pi.lb",
    "pi.ub",
    "cr.lb",
    "cr.ub",
    "Xb",
    "resid",
    "alpha",
)
_NEAR_ONE = frozenset(
    {"zval", "z", "tval", "zi", "QM", "QE", "QS", "Fval", "I2", "H2", "R2", "LRT", "ML", "REML", "ll", "MH", "CO", "TA"}
)


_TESTS_OF_MANY = ("zval.perm", "zval.alpha.perm", "QM.perm", "QS.perm")
_ESTIMATES_OF_MANY = ("beta.perm", "alpha.perm", "res$")
"""Columns of what is near 0 by chance in one of many fits, and measured against the largest."""


def rules_of(found: Numbers, *, iterative: bool, unit: float | None = None) -> dict[str, Rule]:
    """A rule for each number that R returned.

    iterative : whether the numbers are, or come from, a solution by iteration; else from formulas
    unit : what all of them are measured against, where they are in units of their own
    """
    if unit is not None:
        return dict.fromkeys(found, Rule("iterative" if iterative else "closed", scale=unit, allow_nan=True))
    return {place: _rule(place, values, found, iterative) for place, values in found.items()}


def _rule(place: str, values: NDArray[np.float64], found: Numbers, iterative: bool) -> Rule:
    base = place.rsplit("$", 1)[-1].removesuffix(" (head)")
    kind = "iterative" if iterative else "closed"
    if base in _P_VALUES:
        return Rule(f"{kind}_p", allow_nan=True)
    if base in _COUNTS:
        return Rule("exact", allow_nan=True)
    return Rule(kind, scale=_scale(place, base, values, found), allow_nan=True)


def _scale(place: str, base: str, values: NDArray[np.float64], found: Numbers) -> Any:
    """Positive numbers of the shape of `values`, or None where they are measured against themselves."""
    beside = place.removesuffix(" (head)").removesuffix(base)
    scale: Any = None
    if base in _NEAR_ONE or place.startswith(_TESTS_OF_MANY):
        return 1.0
    if base == "yi" and f"{beside}vi" in found:
        scale = np.sqrt(np.abs(found[f"{beside}vi"]))
    elif base.removesuffix(".alpha") in _ON_EFFECT_SCALE:
        scale = found.get(f"{beside}se.alpha" if base.endswith("alpha") else f"{beside}se")
    elif base == "tau2" and "vi" in found:
        scale = np.full(values.shape, np.mean(found["vi"]))
    elif base in ("X", "Z") and values.ndim == 2:
        scale = np.broadcast_to(np.abs(values).max(axis=0, initial=0.0), values.shape)
    elif values.ndim == 2 and values.shape[0] == values.shape[1]:
        scale = _of_covariances(values)
    elif (
        base in ("fitted", "x", "y")
        or place.startswith(_ESTIMATES_OF_MANY)
        or (place == WHOLE and values.ndim == 1 and values.size > 1)
    ):
        scale = np.full(values.shape, _largest(values))
    return _positive(scale, values)


def _of_covariances(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The products of standard deviations; of other square matrices the largest number."""
    diagonal = np.abs(np.diag(values))
    return np.sqrt(np.outer(diagonal, diagonal)) if (diagonal > 0).all() else np.full(values.shape, _largest(values))


def _largest(values: NDArray[np.float64]) -> float:
    return float(np.abs(values[np.isfinite(values)]).max(initial=0.0))


def _positive(scale: Any, values: NDArray[np.float64]) -> Any:
    """The scale where it is one for every element; where only some have none, these are measured against the smallest."""
    if scale is None or np.size(scale) != values.size:
        return None
    scale = np.reshape(scale, values.shape)
    fine = np.isfinite(scale) & (scale > 0)
    if not fine.any():
        return None
    return np.where(fine, scale, scale[fine].min())
