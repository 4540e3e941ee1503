"""p-uniform*: the average effect from densities that know which effects are significant."""

from __future__ import annotations

from typing import Any

import numpy as np

from pymeta.arrays import read_only
from pymeta.data.design import design
from pymeta.data.specs import UniSpec
from pymeta.data.studies import Studies
from pymeta.diagnostics.given import effects_alone
from pymeta.diagnostics.truncated import MU, TAU2, Place, Truncated
from pymeta.errors import OptionError
from pymeta.models.uni import fit
from pymeta.numerics.tails import chi2_upper, normal_quantile
from pymeta.results.puniform import PUniformStar
from pymeta.results.uni import UniResult

__all__ = ["puniform_star"]


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
    studies, z = effects_alone(object, vi, sei, side, "puniform_star", 2)
    for name, value, most in (("alpha", alpha, 1.0), ("level", 95.0 if level is None else level, 100.0)):
        if not 0.0 < value < most:
            raise OptionError(f"{name}={value!r}: it is above 0 and below {most:g}")
    confidence = level if level is not None else object.spec.level if isinstance(object, UniResult) else 95.0
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
