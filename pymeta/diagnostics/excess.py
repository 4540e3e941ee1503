"""The test of excess significance: are there more significant studies than their power explains?"""

from __future__ import annotations

from collections.abc import Callable
from math import comb, copysign, inf, sqrt
from typing import Any, NamedTuple

import numpy as np
from scipy import special

from pymeta.arrays import FloatArray, as_vector, read_only
from pymeta.data.studies import Studies
from pymeta.diagnostics.given import studies_of
from pymeta.errors import DataError, OptionError, no_such
from pymeta.numerics.solve import falling_root
from pymeta.numerics.tails import chi2_upper, normal_quantile
from pymeta.results.excess import ExcessTest
from pymeta.results.pooled import Pooled
from pymeta.results.robust import RobustResult
from pymeta.results.tables import PooledTables
from pymeta.results.uni import UniResult

__all__ = ["ALTERNATIVES", "TESTS", "tes"]

TESTS = ("chi2", "binom", "exact")
ALTERNATIVES = ("two.sided", "greater", "less")
_MOST = 10**6
"""Sets of studies that metafor's exact test adds up by default."""
_FAR = 40.0
"""Standard deviations beyond which power is 0 or 1 to the last digit."""
_SAME = 1.0 + 1e-7
"""How much more likely than O a number may be, for rounding, and still count as no likelier; R's ``?binom.test`` has it."""


def tes(
    x: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    H0: float = 0.0,
    alternative: str = "two.sided",
    alpha: float = 0.05,
    theta: Any = None,
    tau2: float | None = None,
    test: str | None = None,
    tes_alternative: str = "greater",
    tes_alpha: float = 0.10,
) -> ExcessTest:
    """Ioannidis and Trikalinos' test of excess significance.

    x : a fitted model, or effects (k,) with vi or sei
    H0, alternative, alpha : what the studies tested, each by a z-test: one of `ALTERNATIVES`, at which level
    theta : the true effect, or (k,) one a study; default: the model's, or the average by 1/vi
    tau2 : the variance of the true effects; default: the model's, or 0
    test : one of `TESTS`; default: "exact" where that takes no more than a million sets of studies to add up in metafor,
        else "chi2"
    tes_alternative : "greater" tests for an excess of significant studies; tes_alpha : the p-value of the limit estimate

    A study's power is averaged over effects with mean theta and variance tau2. The limit estimate is the theta, on the same
    side of H0, where pval would be tes_alpha; by "two.sided" there are two, of the tests of either side at half of it.
    Raises OptionError for an unknown name or a level that is none, DataError for thetas of another number than studies.
    Source: Ioannidis & Trikalinos (2007), Clinical Trials 4, 245; exact: Francis (2013), J. of Mathematical Psychology 57.
    metafor: ``tes(x, vi, sei, H0=, alternative=, alpha=, theta=, tau2=, test=, tes.alternative=, tes.alpha=)``
    Differs from metafor: theta and tau2 count for models too, where metafor takes the model's; power under tau2 is a closed
    form, where metafor's quadrature stops at 5 standard deviations; the limit has all digits, where metafor's search ends
    after some four; any number of studies will do for "exact".
    """
    for name, value in (("alternative", alternative), ("tes_alternative", tes_alternative)):
        if value not in ALTERNATIVES:
            raise no_such(name, value, ALTERNATIVES, what="alternative")
    for name, level in (("alpha", alpha), ("tes_alpha", tes_alpha)):
        if not 0.0 < level < 1.0:
            raise OptionError(f"{name}={level!r}: a significance level is above 0 and below 1")
    if test is not None and test not in TESTS:
        raise no_such("test", test, TESTS, what="test of excess significance")
    if isinstance(x, Pooled) and (isinstance(x, RobustResult) or not isinstance(x, UniResult | PooledTables)):
        raise OptionError(f"tes: not for a {type(x).__name__}; it takes what rma(), rma_mh() and rma_peto() return")
    studies = x.studies if isinstance(x, Pooled) else studies_of(x, vi, sei, "tes", 1, "have no significance")
    effect, variance = _truth(x, studies, theta, tau2)
    plan = _Plan(studies.yi - H0, studies.vi, variance, alternative, alpha)
    sig = plan.significant()
    count = int(sig.sum())
    kind = test or ("exact" if _sets(studies.k, count, tes_alternative) <= _MOST else "chi2")
    power = plan.power(effect - H0)
    pval, X2 = _p_value(kind, count, power, tes_alternative)
    one = float(effect) if np.ndim(effect) == 0 else None
    limit = None
    if one is not None and one != H0:
        limit = _limits(plan, kind, count, copysign(1.0, one - H0), tes_alternative, tes_alpha, H0)
    return ExcessTest(
        k=studies.k,
        O=count,
        E=float(power.sum()),
        test=kind,
        X2=X2,
        pval=pval,
        power=read_only(power),
        sig=read_only(sig),
        theta=effect if one is None else one,
        theta_lim=limit,
        tes_alternative=tes_alternative,
        tes_alpha=tes_alpha,
    )


def _truth(x: Any, studies: Studies, theta: Any, tau2: float | None) -> tuple[Any, Any]:
    """The true effect, or effects (k,), and their variance."""
    variance = getattr(x, "tau2", 0.0) if tau2 is None else tau2
    if not np.isfinite(variance).all() or (np.asarray(variance) < 0.0).any():
        raise OptionError(f"tau2={tau2!r}: a variance is a number, 0 or above")
    if theta is None:
        if isinstance(x, Pooled):
            return (x.spec.X @ x.beta if isinstance(x, UniResult) and x.moderated else float(x.beta[0])), variance
        w = 1.0 / studies.vi
        return float(w @ studies.yi / w.sum()), variance
    values = as_vector("theta", theta)
    if len(values) not in (1, studies.k) or np.isnan(values).any():
        raise DataError(f"theta: one effect, or one a study, {studies.k} numbers; got {len(values)}")
    return (float(values[0]) if np.ndim(theta) == 0 or len(values) < studies.k else values), variance


class _Plan(NamedTuple):
    """What the studies tested: effects and variances (k,), both from H0 on; tau2 : the variance of true effects."""

    yi: FloatArray
    vi: FloatArray
    tau2: Any
    alternative: str
    alpha: float

    @property
    def critical(self) -> float:
        return normal_quantile(self.alpha / 2.0 if self.alternative == "two.sided" else self.alpha)

    def significant(self) -> Any:
        """Which studies are, (k,)."""
        z = self.yi / np.sqrt(self.vi)
        sides = {"two.sided": np.abs(z), "greater": z, "less": -z}
        return sides[self.alternative] >= self.critical

    def power(self, theta: Any) -> FloatArray:
        """P(significant) of effects with mean theta and variance v + tau², (k,)."""
        reach, sd = self.critical * np.sqrt(self.vi), np.sqrt(self.vi + self.tau2)
        above, below = special.ndtr((theta - reach) / sd), special.ndtr((-theta - reach) / sd)
        sides = {"two.sided": above + below, "greater": above, "less": below}
        return np.asarray(np.minimum(sides[self.alternative], 1.0))


def _sets(k: int, count: int, alternative: str) -> int:
    """How many sets of studies could be the significant ones, in the tail that is added up."""
    if alternative == "two.sided":
        return int(2**k)
    numbers = range(count, k + 1) if alternative == "greater" else range(count + 1)
    return sum([comb(k, number) for number in numbers])


def _p_value(test: str, count: int, power: FloatArray, alternative: str) -> tuple[float, float | None]:
    """The p-value; and the statistic of "chi2"."""
    if test == "chi2":
        return _pearson(count, float(power.sum()), len(power), alternative)
    chances = _of_numbers(power if test == "exact" else np.full(len(power), power.mean()))
    if alternative == "two.sided":
        tail = chances[chances <= chances[count] * _SAME]
    else:
        tail = chances[count:] if alternative == "greater" else chances[: count + 1]
    return min(1.0, float(np.sort(tail).sum())), None


def _pearson(count: int, expected: float, k: int, alternative: str) -> tuple[float, float]:
    """X² = (O - E)²/E + (O - E)²/(k - E), with one degree of freedom; one-sided by its signed root."""
    apart, spread = count - expected, expected * (k - expected) / k
    X2 = apart**2 / spread if spread > 0.0 else (0.0 if apart == 0.0 else inf)
    if alternative == "two.sided":
        return chi2_upper(X2, 1), X2
    root = copysign(sqrt(X2), apart)
    return float(special.ndtr(-root if alternative == "greater" else root)), X2


def _of_numbers(power: FloatArray) -> FloatArray:
    """P(n studies are significant) for n = 0 … k, (k + 1,), each study by a chance of its own."""
    chances = np.ones(1)
    for one in power:
        chances = np.append(chances * (1.0 - one), 0.0) + np.append(0.0, chances * one)
    return chances


def _limits(
    plan: _Plan, test: str, count: int, side: float, alternative: str, level: float, H0: float
) -> float | tuple[float | None, float | None] | None:
    """The limit; by "two.sided" those of both one-sided tests at half the level, which have one root each."""
    far = (_FAR + abs(plan.critical)) * float(np.sqrt(np.max(plan.vi + plan.tau2)))

    def limit(tail: str, level: float) -> float | None:
        sign = 1.0 if tail == "greater" else -1.0  # the larger an effect, the less of an excess

        def lack(distance: float) -> float:
            return sign * (level - _p_value(test, count, plan.power(side * distance), tail)[0])

        distance = _root(lack, 0.0, far)
        return None if distance is None else H0 + side * distance

    if alternative != "two.sided":
        return limit(alternative, level)
    return limit("greater", level / 2.0), limit("less", level / 2.0)


def _root(f: Callable[[float], float], a: float, b: float) -> float | None:
    """Where f, above 0 at a, falls through 0 before b; None where it does not."""
    fa, fb = f(a), f(b)
    return falling_root(f, a, b, fa, fb) if fa > 0.0 >= fb else None
