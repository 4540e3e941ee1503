"""Henmi and Copas' interval, which selection of small studies disturbs less than that of a random-effects model."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import special

from pymeta.arrays import FloatArray
from pymeta.effects.scales import ordered, scale_of
from pymeta.errors import DataError, OptionError
from pymeta.numerics.solve import falling_root
from pymeta.results.henmi_copas import HenmiCopas
from pymeta.results.uni import UniResult
from pymeta.tau2.closed import dersimonian_laird

__all__ = ["hc"]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(40)
_PANELS = 24
_REACH = 12.0
"""Standard deviations of R beyond which its density adds less than rounding."""


def hc(object: UniResult, *, transf: Any = None, targs: Any = None) -> HenmiCopas:
    """The equal-effects average with an interval that holds under heterogeneity, by Henmi and Copas.

    object : a fitted model without moderators; its effects, variances and level are used, its weights and tau² are not
    transf : a function of arrays for estimates and bounds, or the name of one; targs : its further argument

    The bounds are beta -+ u se, where u is the quantile of (beta - mu)/se under the tau² of DerSimonian and Laird that se
    is made of: an estimate, and not a constant. Of the average it takes the distribution of Q to be a gamma one with the
    mean and variance that Q has given the average.
    Raises OptionError for a model with moderators, DataError for a single study.
    Source: Henmi & Copas (2010), Statistics in Medicine 29, 2969.
    metafor: ``hc(object, transf=, targs=)``
    Differs from metafor: u has all digits; there it has some four unless control asks for more, and at levels such as 99
    its search may fail.
    """
    if not isinstance(object, UniResult):
        raise OptionError(f"hc: a model of rma() is needed, not a {type(object).__name__}")
    if object.moderated:
        raise OptionError("hc: the model has moderators; the method is about a single average, rma() without mods")
    yi, vi = object.studies.yi, object.studies.vi
    if len(yi) < 2 or not vi.all():
        raise DataError("hc: needs 2 studies or more, with variances above 0")
    tau2 = dersimonian_laird(yi, vi, np.ones((len(yi), 1))).tau2
    w = 1.0 / vi
    beta, se = float(w @ yi / w.sum()), float(np.sqrt(w @ (1.0 + tau2 * w)) / w.sum())
    half = _quantile(_given_average(vi, tau2), 0.5 - object.spec.level / 200.0) * se
    est, low, high = (
        np.array(pair) for pair in ((beta, object.beta[0]), (beta - half, object.ci_lb[0]), (beta + half, object.ci_ub[0]))
    )
    if transf is not None:
        scale, _ = scale_of(transf, targs)
        est, (low, high) = scale(est), ordered(scale, low, high)
    return HenmiCopas(
        beta=float(est[0]),
        ci_lb=float(low[0]),
        ci_ub=float(high[0]),
        beta_rma=float(est[1]),
        ci_lb_rma=float(low[1]),
        ci_ub_rma=float(high[1]),
        se=se if transf is None else None,
        se_rma=float(object.se[0]) if transf is None else None,
        tau2=tau2,
        tau2_rma=object.tau2,
        method_rma=object.spec.method,
        fit=object,
    )


class _Given(NamedTuple):
    """Of R = sqrt(W) (beta - mu), W the sum of weights: its variance; and of Q given R = r, where Q > df makes tau² > 0.

    mean, variance : a + b r², as (a, b); ratio : by how much Q exceeds df where 1 + tau² W2/W exceeds 1 by 1
    """

    variance_of_r: float
    mean: tuple[float, float]
    variance: tuple[float, float]
    df: int
    ratio: float


def _given_average(vi: FloatArray, tau2: float) -> _Given:
    """Q is the quadratic form y'Ay and R = a'(y - mu), so that given R both moments are those of a form in normal y."""
    w, spread = 1.0 / vi, vi + tau2
    total = float(w.sum())
    a = w / np.sqrt(total)
    of_r = float(spread @ a**2)
    m = spread * a / of_r
    # A S, of A = diag(w) - aa' and the variance given R, S = diag(spread) - of_r mm', is diag(d) + left right'
    d = w * spread
    left = np.column_stack((of_r * ((a @ m) * a - w * m), -a))
    right = np.column_stack((m, spread * a))
    inner = right.T @ left
    Am = w * m - a * (a @ m)
    mean = float(d.sum() + np.trace(inner)), float(m @ Am)
    squares = float(d @ d + 2.0 * np.sum(d[:, None] * left * right) + np.sum(inner * inner.T))
    variance = 2.0 * squares, 4.0 * float(spread @ Am**2 - of_r * (m @ Am) ** 2)
    return _Given(of_r, mean, variance, len(w) - 1, total**2 / float(w @ w) - 1.0)


def _quantile(given: _Given, upper: float) -> float:
    """The u with P(R / sqrt(1 + tau² W2/W) > u) = upper."""

    def excess(u: float) -> float:
        return _beyond(given, u) - upper

    end = 1.0
    while excess(end) > 0.0:
        end *= 2.0
    return falling_root(excess, 0.0, end, 0.5 - upper, excess(end))


def _beyond(given: _Given, u: float) -> float:
    """P(R > u, Q < q(R/u)), where q(f) is the Q that makes 1 + tau² W2/W the square of f: an integral over R from u on."""
    sd = np.sqrt(given.variance_of_r)
    ends = np.linspace(u, max(u, 0.0) + _REACH * sd, _PANELS + 1)
    half = 0.5 * np.diff(ends)[:, None]
    r = (ends[:-1, None] + half) + half * _NODES
    mean, variance = (one[0] + one[1] * r**2 for one in (given.mean, given.variance))
    bound = given.df + given.ratio * ((r / u) ** 2 - 1.0)
    chance = special.gammainc(mean**2 / variance, bound * mean / variance)
    density = np.exp(-0.5 * (r / sd) ** 2) / (sd * np.sqrt(2.0 * np.pi))
    return float(np.sum(half * _WEIGHTS * chance * density))
