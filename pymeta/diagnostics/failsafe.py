"""The fail-safe N, or file drawer analysis: how many null results would overturn a meta-analysis?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import ceil, copysign, inf
from typing import Any, NamedTuple

import numpy as np

from pymeta.arrays import FloatArray, as_vector
from pymeta.data.design import design
from pymeta.data.specs import UniSpec
from pymeta.data.studies import Studies
from pymeta.diagnostics.given import spec_of, studies_of
from pymeta.errors import DataError, OptionError, no_such
from pymeta.models.subsets import fits_again
from pymeta.models.uni import fit
from pymeta.numerics.tails import normal_quantile, normal_two_sided
from pymeta.results.failsafe import FailSafeN
from pymeta.results.robust import RobustResult
from pymeta.results.uni import UniResult
from pymeta.tau2.methods import TAU2

__all__ = ["TYPES", "fsn", "together", "with_drawer"]

TYPES = ("Rosenthal", "Orwin", "Rosenberg", "General")
_MOST = 10**7
"""Studies; a file drawer beyond that is not counted."""
_FEW = "cannot be overturned by others"


def fsn(
    x: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    type: str | None = None,  # metafor's name
    alpha: float = 0.05,
    target: float | None = None,
    method: str | None = None,
    exact: bool = False,
) -> FailSafeN:
    """The fail-safe N: the least number of studies with null results, on average, that would overturn a meta-analysis.

    x : a fitted model without moderators, or effects (k,) with vi or sei
    type : "Rosenthal" (default for effects): until Stouffer's one-sided p-value is alpha, below 0.5
        "Orwin": until the average is the target; weighted by 1/vi where there are vi or sei
        "Rosenberg": until the two-sided p-value of the equal-effects average is alpha
        "General" (default and only one for a model): until the model's p-value is alpha or, where there is a target, its
        estimate is the target
    target : takes the sign of the average; default for "Orwin": half of the average
    method : the estimator of tau² for "General"; default: the model's, or "REML"
    exact : for "General", whether each model is fitted to all studies, and not approximated; as it is for tests other
        than "z" anyway

    The file drawer of "General" holds N studies of average 0, each with the harmonic mean v of the variances; their effects
    have the sample variance tau² + v. The approximation takes for tau² of all studies the variance of both sets of
    true effects together, {(k - 1) tau² + (N - 1) tau² + kN/(k + N) est²}/(k + N - 1).

    The fail-safe N tells nothing of how many studies there are in file drawers. It is 0 where the significance level or the
    target is reached without any, infinite where no number of studies reaches it, and not counted beyond 10 million.
    Raises OptionError for models with moderators or weights of a person's own, DataError for a single study.
    Source: Rosenthal (1979), Psychological Bulletin 86, 638; Orwin (1983), Journal of Educational Statistics 8, 157;
    Rosenberg (2005), Evolution 59, 464; Viechtbauer (2024), Society for Research Synthesis Methodology.
    metafor: ``fsn(x, vi, sei, type=, alpha=, target=, method=, exact=)``
    Differs from metafor: N is the least that does; there it may be one more, from a search between whole numbers. A type
    other than "General" is refused for a model, where metafor warns and takes "General".
    """
    kind = type or ("General" if isinstance(x, UniResult) else "Rosenthal")
    if kind not in TYPES:
        raise no_such("type", kind, TYPES, what="fail-safe N")
    _check(x, kind, alpha)
    if kind == "Orwin" and vi is None and sei is None:
        yi = as_vector("x", x)
        return _orwin(yi[~np.isnan(yi)], None, target, alpha)
    studies = studies_of(x, vi, sei, "fsn", 2, _FEW)
    if kind == "Orwin":
        return _orwin(studies.yi, 1.0 / studies.vi, target, alpha)
    if kind == "General":
        return _general(x, studies, alpha, target, method, exact)
    return (_rosenthal if kind == "Rosenthal" else _rosenberg)(studies, alpha)


def _check(x: Any, kind: str, alpha: float) -> None:
    end = 0.5 if kind == "Rosenthal" else 1.0
    if not 0.0 < alpha < end:
        raise OptionError(f"alpha={alpha!r}: a p-value to reach is above 0 and, for type={kind!r}, below {end:g}")
    if not isinstance(x, UniResult):
        return
    fits_again(x)
    if kind != "General":
        raise OptionError(f"type={kind!r} takes effects and variances, not a model: fsn(yi, vi, type={kind!r})")
    if x.moderated:
        raise OptionError("fsn: the model has moderators; the file drawer is about a single average, rma() without mods")
    if x.spec.weights is not None or isinstance(x, RobustResult):
        why = "weights of a person's own" if x.spec.weights is not None else "a robust covariance"
        raise OptionError(f"fsn: the model has {why}, which studies in a file drawer lack; fit rma() without")


def _rosenthal(studies: Studies, alpha: float) -> FailSafeN:
    """N of (sum z)²/(k + N) = z_alpha². Source: Rosenthal (1979)."""
    total = float(np.sum(studies.yi / np.sqrt(studies.vi)))
    pval = float(normal_two_sided(np.array(total / studies.k**0.5))) / 2.0
    number = 0.0 if pval >= alpha else ceil((total / normal_quantile(alpha)) ** 2 - studies.k)
    return FailSafeN(type="Rosenthal", fsnum=number, k=studies.k, alpha=alpha, pval=pval)


def _orwin(yi: FloatArray, w: FloatArray | None, target: float | None, alpha: float) -> FailSafeN:
    """N of k est/(k + N) = target. Source: Orwin (1983)."""
    k = len(yi)
    if k < 2:
        raise DataError(f"fsn: {k} studies {_FEW}; it needs 2 or more")
    est = float(yi.mean() if w is None else w @ yi / w.sum())
    goal = _goal(est, est / 2.0 if target is None else target)
    if abs(goal) >= abs(est):
        number = 0.0
    else:
        number = inf if goal == 0.0 else ceil(k * (est - goal) / goal)
    return FailSafeN(type="Orwin", fsnum=number, k=k, alpha=alpha, est=est, target=goal)


def _goal(est: float, target: float) -> float:
    if not np.isfinite(target):
        raise OptionError(f"target={target!r}: needs a number, the average that would no longer matter")
    return copysign(target, est) if target else 0.0


def _rosenberg(studies: Studies, alpha: float) -> FailSafeN:
    """N of (sum wy)²/{sum w (1 + N/k)} = z_alpha/2². Source: Rosenberg (2005), by the normal distribution."""
    w = 1.0 / studies.vi
    est, z = float(w @ studies.yi / w.sum()), float(w @ studies.yi / np.sqrt(w.sum()))
    pval = float(normal_two_sided(np.array(z)))
    number = 0.0 if pval >= alpha else ceil(studies.k * ((z / normal_quantile(alpha / 2.0)) ** 2 - 1.0))
    return FailSafeN(type="Rosenberg", fsnum=number, k=studies.k, alpha=alpha, est=est, pval=pval)


class _Together(NamedTuple):
    """The model of the studies and the file drawer; fits : of the studies, and of all where there is one."""

    est: float
    tau2: float
    pval: float
    fits: tuple[UniResult, ...]


def _general(x: Any, studies: Studies, alpha: float, target: float | None, method: str | None, exact: bool) -> FailSafeN:
    if method is not None and (method not in TAU2 or TAU2[method].needs_weights):
        names = [name for name, one in TAU2.items() if not one.needs_weights]
        raise no_such("method", method, names, what="estimator of tau^2 without weights")
    spec = spec_of(x, studies, method or "REML")
    if method is not None:
        spec = replace(spec, method=method, methods=(method,))
    observed = fit(spec)
    exactly = exact or observed.test != "z"
    est, pval = float(observed.beta[0]), float(observed.pval[0])
    goal = None if target is None else _goal(est, target)
    already = pval >= alpha if goal is None else abs(est) <= abs(goal)
    if already or goal == 0.0:
        number, capped = (0.0 if already else inf), False
    else:
        number, capped = _least(lambda n: _reached(together(observed, n, exactly), est, alpha, goal))
    found = FailSafeN(
        type="General",
        fsnum=number,
        k=studies.k,
        alpha=alpha,
        capped=capped,
        target=goal,
        method=observed.spec.method,
        exact=exactly,
    )
    return with_drawer(found, observed, number)


def with_drawer(found: FailSafeN, observed: UniResult, number: float) -> FailSafeN:
    """The same by this model of the studies, and with that number in the file drawer, unless it is infinite."""
    est, pval = float(observed.beta[0]), float(observed.pval[0])
    found = replace(found, fsnum=number, est=est, tau2=observed.tau2, pval=pval, fits=(observed,))
    if number == inf:
        return found
    more = together(observed, int(number), found.exact)
    return replace(found, est_fsn=more.est, tau2_fsn=more.tau2, pval_fsn=more.pval, fits=more.fits)


def together(observed: UniResult, number: int, exactly: bool) -> _Together:
    """The model of the studies with `number` more in the file drawer."""
    if number == 0:
        return _Together(float(observed.beta[0]), observed.tau2, float(observed.pval[0]), (observed,))
    drawer = 1.0 / float(np.mean(1.0 / observed.studies.vi))
    if not exactly:
        return _approximately(observed, number, drawer)
    made = fit(filled(observed, number, drawer))
    return _Together(float(made.beta[0]), made.tau2, float(made.pval[0]), (observed, made))


def filled(observed: UniResult, number: int, drawer: float) -> UniSpec:
    """The model of all studies: those in the drawer have variance `drawer` and average 0."""
    spread = np.arange(number) - (number - 1) / 2.0  # any effects with this mean and variance give the same model
    if number > 1:
        spread *= np.sqrt((observed.tau2 + drawer) / spread.var(ddof=1))
    yi = np.concatenate([observed.studies.yi, spread])
    vi = np.concatenate([observed.studies.vi, np.full(number, drawer)])
    return replace(observed.spec, studies=Studies(yi, vi, ()), design=design(None, None, len(yi)))


def _approximately(observed: UniResult, number: int, drawer: float) -> _Together:
    spec, k, est = observed.spec, observed.k, float(observed.beta[0])
    tau2 = observed.tau2
    if observed.random and spec.tau2 is None:
        between = k * number / (k + number) * est**2
        tau2 = ((k + number - 2) * tau2 + between) / (k + number - 1)
    variances = np.append(observed.studies.vi, drawer) + tau2
    counts = np.append(np.ones(k), number)
    w = counts / variances if spec.weighted else counts
    mean = float(w[:-1] @ observed.studies.yi / w.sum())
    se = float(np.sqrt(w**2 / counts @ variances) / w.sum())
    return _Together(mean, tau2, float(normal_two_sided(np.array(mean / se))), (observed,))


def _reached(found: _Together, est: float, alpha: float, goal: float | None) -> bool:
    if goal is None:
        return found.pval >= alpha
    return copysign(found.est, est * found.est) <= abs(goal)


def _least(enough: Callable[[int], bool]) -> tuple[float, bool]:
    """The least number that is enough, and whether even the most is not."""
    short, number = 0, 1
    while not enough(number):
        if number == _MOST:
            return number, True
        short, number = number, min(2 * number, _MOST)
    while number - short > 1:
        middle = (short + number) // 2
        short, number = (short, middle) if enough(middle) else (middle, number)
    return number, False
