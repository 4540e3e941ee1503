"""p-uniform and p-uniform*: the average effect from densities that know which effects are significant."""

from __future__ import annotations

from collections.abc import Callable
from math import comb, factorial
from typing import Any

import numpy as np
from scipy import special

from pymeta.arrays import FloatArray, read_only
from pymeta.data.design import design
from pymeta.data.specs import UniSpec
from pymeta.data.studies import Studies
from pymeta.diagnostics.given import effects_alone
from pymeta.diagnostics.truncated import MU, TAU2, Place, Truncated
from pymeta.effects.asked import percentage
from pymeta.errors import ConvergenceError, DataError, OptionError, no_such
from pymeta.models.uni import fit
from pymeta.numerics.solve import falling_root
from pymeta.numerics.tails import chi2_upper, normal_quantile
from pymeta.results.puniform import PUniform, PUniformStar
from pymeta.results.uni import UniResult

__all__ = ["METHODS", "puniform", "puniform_star"]

METHODS = ("P", "ML")
"""Of p-uniform: by the sum of conditional p-values, and by maximum likelihood."""


def puniform_star(
    object: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    side: str = "right",
    alpha: float = 0.05,
    level: float | None = None,
) -> PUniformStar:
    """van Aert and van Assen's p-uniform*, by maximum likelihood.

    object : a fitted model without moderators, whose effects and variances are used, or effects (k,) with vi or sei
    side : "right" or "left", where effects are significant; alpha : of the studies' own two-sided tests
    level : of the intervals, in percent; default: the model's, or 95

    Each effect has its normal density with mean mu and variance v + tau², divided by the chance of being significant on that
    side, or of not being so, as it is. Intervals and tests are by likelihood ratios, profiled over the other parameter: of
    mu = 0 and of tau² = 0 with 1 degree of freedom (for tau², which is at the edge of what it may be, that is on the safe
    side; half the p-value is the usual correction), and of publication bias with 2: of the estimates that maximum
    likelihood without truncation has. An interval's bound is infinite where the likelihood never falls that low.
    Raises OptionError for a model with moderators, an unknown side or a level that is none, DataError for fewer than 2
    studies, ConvergenceError where the likelihood has no maximum.
    Source: van Aert & van Assen (2018), Correcting for publication bias in a meta-analysis with the p-uniform* method,
    MetaArXiv zqjr9. R: ``puniform::puni_star(yi=, vi=, side=, method="ML")``, which was not at hand to compare with.
    """
    confidence = _confidence(object, alpha, level)
    studies, z = effects_alone(object, vi, sei, side, "puniform_star", 2)
    sign = 1.0 if side == "right" else -1.0
    critical, significant = normal_quantile(alpha / 2.0), z >= normal_quantile(alpha / 2.0)
    sd = np.sqrt(studies.vi)
    whole = Truncated(sign * studies.yi, studies.vi, critical * sd, np.where(significant, 1.0, -1.0))
    plain = _without_truncation(studies, sign)
    unit = float(np.sqrt(studies.vi.mean() + plain.tau2))
    model = whole.scaled(unit)
    mu, tau2 = plain.mu / unit, plain.tau2 / unit**2
    peak = model.highest([(mu, tau2), (mu, 0.0), (0.0, tau2), (0.0, 0.0), (-1.0, 0.5)])
    no_effect = model.profile(MU, 0.0, (peak.tau2, tau2, 0.0))
    no_spread = model.profile(TAU2, 0.0, (peak.mu, mu, 0.0))
    ratios = [max(0.0, 2.0 * (peak.value - one)) for one in (no_effect.value, no_spread.value, model.at(mu, tau2).value)]
    drop = 0.5 * normal_quantile((100.0 - confidence) / 200.0) ** 2
    low, high = sorted(sign * unit * end for end in model.interval(MU, peak, drop))
    tau2_low, tau2_high = (unit**2 * end for end in model.interval(TAU2, peak, drop))
    return PUniformStar(
        k=studies.k,
        sig=read_only(significant),
        est=sign * unit * peak.mu,
        ci_lb=low,
        ci_ub=high,
        L_0=ratios[0],
        pval_0=chi2_upper(ratios[0], 1),
        tau2=unit**2 * peak.tau2,
        tau2_lb=tau2_low,
        tau2_ub=tau2_high,
        L_het=ratios[1],
        pval_het=chi2_upper(ratios[1], 1),
        L_pb=ratios[2],
        pval_pb=chi2_upper(ratios[2], 2),
        est_re=sign * plain.mu,
        tau2_re=plain.tau2,
        ll=peak.value - studies.k * float(np.log(unit)),
        side=side,
        alpha=alpha,
        level=confidence,
    )


def _without_truncation(studies: Studies, sign: float) -> Place:
    """The random-effects model by maximum likelihood."""
    turned = Studies(sign * studies.yi, studies.vi, studies.slab)
    made = fit(UniSpec(turned, design(None, None, studies.k), "GEN", "ML", 95.0, ("ML",)))
    return Place(float(made.beta[0]), float(made.tau2), 0.0)


def _confidence(object: Any, alpha: float, level: float | None) -> float:
    """The level of intervals; refuses levels that are none."""
    if not 0.0 < alpha < 1.0:
        raise OptionError(f"alpha={alpha!r}: a significance level is above 0 and below 1")
    return percentage(level if level is not None else object.spec.level if isinstance(object, UniResult) else 95.0)


# ---- p-uniform ---------------------------------------------------------------------------------------------------------


def puniform(
    object: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    side: str = "right",
    method: str = "P",
    alpha: float = 0.05,
    level: float | None = None,
) -> PUniform:
    """van Assen, van Aert and Wicherts' p-uniform: the one effect of significant studies alone.

    object, vi, sei, side, alpha, level : as in `puniform_star`
    method : "P": the effect at which the sum of p-values, each given that it is significant, is what it is expected to be,
        half their number, with the interval and tests of its (Irwin-Hall) distribution; "ML": by maximum likelihood, with
        those of likelihood ratios

    The test of no effect is one-sided by "P", on that side, and two-sided by "ML". The test of publication bias is of the
    equal-effects average of all studies: by "P" one-sided, that conditional p-values are too large there, by "ML" its
    likelihood ratio. There is no variance between studies; where there is one, use `puniform_star`.
    Raises OptionError as `puniform_star` does, DataError where nothing is significant, ConvergenceError where significant
    effects are at their critical values.
    Source: van Assen, van Aert & Wicherts (2015), Psychological Methods 20, 293; "ML": van Aert & van Assen (2018).
    R: ``puniform::puniform(yi=, vi=, side=, method=)``, which was not at hand to compare with.
    """
    if method not in METHODS:
        raise no_such("method", method, METHODS, what="method of p-uniform")
    confidence = _confidence(object, alpha, level)
    studies, z = effects_alone(object, vi, sei, side, "puniform")
    critical = normal_quantile(alpha / 2.0)
    chosen, sign = z >= critical, 1.0 if side == "right" else -1.0
    if not chosen.any():
        raise DataError(f"puniform: of {studies.k} studies none is significant on the {side}; puniform_star() needs none")
    y, sd, w = sign * studies.yi[chosen], np.sqrt(studies.vi[chosen]), 1.0 / studies.vi
    plain = sign * float(w @ studies.yi / w.sum())
    infer = _by_sum if method == "P" else _by_likelihood
    est, ends, tests = infer(y, sd, critical, confidence, plain)
    low, high = sorted(sign * end for end in ends)
    (stat, p), (stat_pb, p_pb) = tests
    return PUniform(
        k=studies.k,
        k_sig=len(y),
        est=sign * est,
        ci_lb=low,
        ci_ub=high,
        L_0=stat,
        pval_0=p,
        L_pb=stat_pb,
        pval_pb=p_pb,
        est_fe=sign * plain,
        method=method,
        side=side,
        alpha=alpha,
        level=confidence,
    )


_Inference = tuple[float, tuple[float, float], tuple[tuple[float, float], tuple[float, float]]]
"""The estimate, its interval, and both tests as statistic and p-value."""


def _by_sum(y: FloatArray, sd: FloatArray, critical: float, level: float, plain: float) -> _Inference:
    k, tail = len(y), (100.0 - level) / 200.0

    def total(mu: float) -> float:
        """Σ P(Y ≥ y given Y ≥ its critical value), which rises with mu."""
        return float(np.exp(special.log_ndtr((mu - y) / sd) - special.log_ndtr(mu / sd - critical)).sum())

    def where(f: Callable[[float], float]) -> float:
        return _falling_in(f, float(y.mean()), float(sd.mean()))

    est = where(lambda mu: 0.5 * k - total(mu))
    low = where(lambda mu: tail - _irwin_hall(total(mu), k))
    high = where(lambda mu: _irwin_hall(total(mu), k, upper=True) - tail)
    at_zero, at_plain = total(0.0), total(plain)
    return est, (low, high), ((at_zero, _irwin_hall(at_zero, k)), (at_plain, _irwin_hall(at_plain, k, upper=True)))


def _by_likelihood(y: FloatArray, sd: FloatArray, critical: float, level: float, plain: float) -> _Inference:
    model = Truncated(y, sd**2, critical * sd, np.ones(len(y)))
    size = float(sd.mean())
    est = _falling_in(lambda mu: float(model.at(mu, 0.0).gradient[MU]), float(y.mean()), size)
    peak, drop = model.at(est, 0.0).value, 0.5 * normal_quantile((100.0 - level) / 200.0) ** 2

    def left(mu: float) -> float:
        return drop - (peak - model.at(mu, 0.0).value)

    low = est - _falling_in(lambda far: left(est - far), size, size)
    high = est + _falling_in(lambda far: left(est + far), size, size)
    ratios = [max(0.0, 2.0 * (peak - model.at(mu, 0.0).value)) for mu in (0.0, plain)]
    tests = [(ratio, chi2_upper(ratio, 1)) for ratio in ratios]
    return est, (low, high), (tests[0], tests[1])


def _falling_in(f: Callable[[float], float], start: float, step: float) -> float:
    """The root of a falling f, looked for from `start` by steps that double."""
    here = f(start)
    direction = 1.0 if here > 0.0 else -1.0
    near, value = start, here
    for _ in range(_DOUBLINGS):
        far = near + direction * step
        there = f(far)
        if (there > 0.0) != (here > 0.0):
            return falling_root(f, near, far, value, there) if here > 0.0 else falling_root(f, far, near, there, value)
        near, value, step = far, there, 2.0 * step
    raise ConvergenceError(
        "puniform: no effect is small enough for results so close to their critical values; "
        "puniform_star() asks of all studies"
    )


_DOUBLINGS = 20
"""How often a search doubles its steps, the first a standard error, before there is taken to be nothing."""


def _irwin_hall(x: float, k: int, *, upper: bool = False) -> float:
    """P(S ≤ x), or P(S ≥ x), of the sum S of k uniform numbers, in whole numbers, whose differences lose nothing."""
    p, q = float(min(max(x, 0.0), k)).as_integer_ratio()
    if upper:
        p = k * q - p
    volume = sum((-1) ** j * comb(k, j) * (p - j * q) ** k for j in range(p // q + 1))
    return float(volume / (q**k * factorial(k)))
