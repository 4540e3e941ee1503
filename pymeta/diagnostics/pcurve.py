"""The p-curve: do significant results alone have evidential value?"""

from __future__ import annotations

from math import log, sqrt
from typing import Any

import numpy as np
from scipy import special

from pymeta.arrays import FloatArray, read_only
from pymeta.diagnostics.given import effects_alone
from pymeta.errors import DataError
from pymeta.numerics.solve import falling_root
from pymeta.numerics.tails import normal_quantile, normal_two_sided
from pymeta.results.pcurve import PCurve, Stouffer

__all__ = ["pcurve"]

_FULL, _HALF = 0.05, 0.025
"""What is significant, two-sided, and the half of it."""
_LOW_POWER = 1.0 / 3.0
_LEAST, _MOST = 0.05, 0.99
"""Powers between which the estimate is looked for; the least is that of no effect."""


def pcurve(x: Any, vi: Any = None, *, sei: Any = None, side: str = "right") -> PCurve:
    """Simonsohn, Nelson and Simmons' p-curve of the z-values yi/sei that are significant.

    x : a fitted model without moderators, whose effects and variances are used, or effects (k,) with vi or sei
    side : "right" or "left" of 0, where the hypothesis is; results of the other side are left out

    Significant is a two-sided p below 0.05 on that side. As in version 4.06 of their app, with z² as chi-squared with 1
    degree of freedom: a pp-value is the chance of a result at most as extreme, given that it is significant, under a power
    common to all studies; normal scores of pp-values are combined by Stouffer's method. Right skew: power 5 %, full and
    half (p < 0.025) curve; flatness: power 33 % (1/3). There is evidential value where the half curve is right-skewed at
    0.05, or both are at 0.1; evidence is inadequate where the full curve is flatter than by 33 % power at 0.05, or the half
    curve and the binomial test both are at 0.1. Power is estimated by the one whose Stouffer score is 0, between 5 % and
    99 %, its 90 % interval by where the score's p-values are 0.05 and 0.95.
    Raises OptionError for a model with moderators or an unknown side, DataError where nothing is significant.
    Source: Simonsohn, Nelson & Simmons (2014), J. of Experimental Psychology: General 143, 534; Simonsohn, Simmons & Nelson
    (2015), the same 144, 1146 (half curve, Stouffer, verdicts).
    Differs from the app: p-values next to 0 or 1 are taken as they are, and not bounded at 2.2e-16.
    """
    studies, z = effects_alone(x, vi, sei, side, "pcurve")
    chosen = z > normal_quantile(_FULL / 2.0)
    if not chosen.any():
        raise DataError(
            f"pcurve: of {studies.k} studies none has p < 0.05 on the {side}; there is no curve. side= is the other"
        )
    full, half = z[chosen], z[z > normal_quantile(_HALF / 2.0)]
    power, low, high = (_power_where(full, score) for score in (0.0, normal_quantile(0.05), -normal_quantile(0.05)))
    share = float(np.exp(_log_power(_shift(_LOW_POWER), _HALF))) / _LOW_POWER
    n, many = len(half), len(full)
    return PCurve(
        k=studies.k,
        k_sig=many,
        k_half=n,
        slab=tuple(np.array(studies.slab, dtype=np.object_)[chosen]),
        zval=read_only(full),
        pval=read_only(normal_two_sided(full)),
        right=_skew(full, _FULL),
        right_half=_skew(half, _HALF) if n else None,
        flat=_flatness(full, _FULL),
        flat_half=_flatness(half, _HALF) if n else None,
        binom_right=float(special.bdtrc(n - 1, many, 0.5)) if n else 1.0,
        binom_flat=float(special.bdtr(n, many, share)),
        power=power,
        power_lb=low,
        power_ub=high,
        side=side,
    )


def _skew(z: FloatArray, alpha: float) -> Stouffer:
    """Of pp-values under no effect; a negative score where they are small."""
    score = -_stouffer(z, 0.0, alpha)
    return Stouffer(score, float(special.ndtr(score)))


def _flatness(z: FloatArray, alpha: float) -> Stouffer:
    """Of pp-values under low power; a negative score where results are less extreme than that."""
    score = _stouffer(z, _shift(_LOW_POWER), alpha)
    return Stouffer(score, float(special.ndtr(score)))


def _stouffer(z: FloatArray, shift: float, alpha: float) -> float:
    """Σ q / sqrt(k) of the normal quantiles q of P(|Z| ≤ z given |Z| significant), Z normal with mean `shift`."""
    log_more = _log_tail(z, shift) - _log_power(shift, alpha)
    with np.errstate(divide="ignore"):
        log_less = np.log(-np.expm1(np.minimum(log_more, 0.0)))
    few = log_more < log(0.5)
    q = np.where(few, -special.ndtri_exp(np.where(few, log_more, -1.0)), special.ndtri_exp(np.where(few, -1.0, log_less)))
    return float(q.sum() / sqrt(len(z)))


def _log_tail(z: Any, shift: float) -> Any:
    """The logarithm of P(|Z| > z)."""
    return np.logaddexp(special.log_ndtr(shift - z), special.log_ndtr(-shift - z))


def _log_power(shift: float, alpha: float) -> float:
    return float(_log_tail(normal_quantile(alpha / 2.0), shift))


def _shift(power: float) -> float:
    """The mean of Z by which P(two-sided p < 0.05) is the power, at least 0.05."""
    target, end = log(power), normal_quantile(1.0 - power) + normal_quantile(_FULL / 2.0) + 1.0
    start = target - _log_power(0.0, _FULL)
    if start <= 0.0:
        return 0.0

    def lack(shift: float) -> float:
        return target - _log_power(shift, _FULL)

    return falling_root(lack, 0.0, end, start, lack(end))


def _power_where(z: FloatArray, score: float) -> float:
    """The power at which Stouffer's score is this one, or the bound on whose side it is."""

    def excess(shift: float) -> float:
        return _stouffer(z, shift, _FULL) - score  # the larger the power, the less extreme the results

    end = _shift(_MOST)
    low, high = excess(0.0), excess(end)
    if low <= 0.0:
        return _LEAST
    if high >= 0.0:
        return _MOST
    return float(np.exp(_log_power(falling_root(excess, 0.0, end, low, high), _FULL)))
