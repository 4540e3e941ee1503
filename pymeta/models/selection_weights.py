"""SELECTIONS, the only list of selection functions: how likely a study is seen, relative to others, given its p-value.

Each is a function of log p and log(1 − p), so that neither tail loses digits, with its derivatives by the parameters delta.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from pymeta.arrays import FloatArray

__all__ = ["SELECTIONS", "LogWeights", "Selection"]


class LogWeights(NamedTuple):
    """log w (n,), its gradient (d, n) and second derivatives (d, d, n) by delta."""

    value: FloatArray
    gradient: FloatArray
    hessian: FloatArray


Weigh = Callable[[FloatArray, FloatArray, FloatArray, FloatArray], LogWeights]
"""(delta (d,), log p (n,), log(1 − p) (n,), imprecision (n,)) -> log weights."""


@dataclass(frozen=True, slots=True)
class Selection:
    """One kind of selection.

    null : the delta of no selection; one alone where there are as many deltas as steps
    starts : values of delta, each like `null`, where a search begins; unit : what delta is measured in
    tested : how many of the deltas the likelihood-ratio test frees, None for all
    weigh : of a smooth function; None for steps, whose integrals have a closed form
    least : the smallest delta; open : whether that is not one of them
    precision : whether `prec` may be part of it; threshold : how many steps it may have, 0 for any number
    censored : p-values are kept at least this far from 0 and from 1
    """

    name: str
    label: str
    null: tuple[float, ...]
    starts: tuple[tuple[float, ...], ...]
    source: str
    weigh: Weigh | None = None
    unit: float = 1.0
    tested: int | None = None
    least: float = 0.0
    open: bool = False
    precision: bool = False
    threshold: int = 0
    censored: float = 0.0


def _linear(gradient: FloatArray, delta: FloatArray) -> LogWeights:
    d, n = gradient.shape
    return LogWeights(delta @ gradient, gradient, np.zeros((d, d, n)))


def _beta(delta: FloatArray, lp: FloatArray, lq: FloatArray, prec: FloatArray) -> LogWeights:
    """(δ₁ − 1) log p + (δ₂ − 1) log(1 − p)."""
    return _linear(np.stack([lp, lq]), delta - 1.0)


def _halfnorm(delta: FloatArray, lp: FloatArray, lq: FloatArray, prec: FloatArray) -> LogWeights:
    """−δ c p²."""
    return _linear(-(prec * np.exp(2.0 * lp))[None], delta)


def _negexp(delta: FloatArray, lp: FloatArray, lq: FloatArray, prec: FloatArray) -> LogWeights:
    """−δ c p."""
    return _linear(-(prec * np.exp(lp))[None], delta)


def _power(delta: FloatArray, lp: FloatArray, lq: FloatArray, prec: FloatArray) -> LogWeights:
    """δ c log(1 − p)."""
    return _linear((prec * lq)[None], delta)


def _logistic(delta: FloatArray, lp: FloatArray, lq: FloatArray, prec: FloatArray) -> LogWeights:
    """log 2 − δ c p − log(1 + exp(−δ c p))."""
    u = prec * np.exp(lp)
    e = np.exp(-delta[0] * u)
    value = np.log(2.0) - delta[0] * u - np.log1p(e)
    return LogWeights(value, (-u / (1.0 + e))[None], (-(u**2) * e / (1.0 + e) ** 2)[None, None])


def _negexppow(delta: FloatArray, lp: FloatArray, lq: FloatArray, prec: FloatArray) -> LogWeights:
    """−δ₁ c p^(1/δ₂)."""
    d1, d2 = delta[0], max(delta[1], 1e-12)
    q = prec * np.exp(lp / d2)
    slope = lp / d2**2
    mixed = q * slope
    bent = -d1 * mixed * (slope + 2.0 / d2)
    return LogWeights(
        -d1 * q, np.stack([-q, d1 * mixed]), np.stack([np.stack([np.zeros_like(q), mixed]), np.stack([mixed, bent])])
    )


_PRESTON = "Preston, Ashby & Smyth (2004), J. Eval. Clin. Pract. 10, 313"
_ONE = ((0.0,), (2.0,), (10.0,))
_STEPS = ((1.0,), (0.3,), (3.0,))

SELECTIONS: Mapping[str, Selection] = MappingProxyType(
    {
        one.name: one
        for one in (
            Selection(
                "beta",
                "beta",
                (1.0, 1.0),
                ((1.0, 1.0), (0.6, 1.0), (1.5, 1.0), (0.7, 2.5)),
                "Citkowicz & Vevea (2017), Psychological Methods 22, 28, eq. 4; with steps: Pustejovsky (2024)",
                _beta,
                open=True,
                threshold=2,
                censored=1e-5,
            ),
            Selection("halfnorm", "half-normal", (0.0,), _ONE, _PRESTON, _halfnorm, 3.0, precision=True, threshold=1),
            Selection("negexp", "negative-exponential", (0.0,), _ONE, _PRESTON, _negexp, 3.0, precision=True, threshold=1),
            Selection("logistic", "logistic", (0.0,), _ONE, _PRESTON, _logistic, 3.0, precision=True, threshold=1),
            Selection("power", "power", (0.0,), _ONE, _PRESTON, _power, 3.0, precision=True, threshold=1, censored=1e-5),
            Selection(
                "negexppow",
                "negative-exponential power",
                (0.0, 0.0),
                ((0.5, 1.0), (2.0, 1.0), (2.0, 0.3), (4.0, 3.0), (10.0, 1.0), (1.0, 10.0)),
                "Begg & Mazumdar (1994), Biometrics 50, 1088, with 1/delta_2 for their exponent",
                _negexppow,
                precision=True,
                threshold=1,
            ),
            Selection(
                "stepfun",
                "step function",
                (1.0,),
                _STEPS,
                "Hedges (1992), Statistical Science 7, 246; Vevea & Hedges (1995), Psychometrika 60, 419, eq. 6",
            ),
            Selection(
                "trunc", "truncated distribution", (1.0,), _STEPS, "Rust, Lehmann & Farley (1990), J. Marketing Res. 27, 220"
            ),
            Selection(
                "truncest",
                "truncated distribution, cutpoint estimated",
                (1.0, 0.0),
                _STEPS,
                "Rust, Lehmann & Farley (1990), J. Marketing Res. 27, 220",
                tested=1,
            ),
        )
    }
)
"""Name -> selection function."""
