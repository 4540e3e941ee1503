"""Means and standard deviations from five-number summaries, by fitting distributions or by weighting order statistics."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

import numpy as np
from scipy import special

from pymeta.arrays import FloatArray
from pymeta.effects.five_numbers import FiveNumbers, MeanSD, case_of

__all__ = ["blue", "quantile_estimation"]

Fit = tuple[float, float]
_PLACES = np.array([0.0, 0.25, 0.5, 0.75, 1.0])


def _row_by_row(five: FiveNumbers, fit: Callable[[FloatArray, FloatArray, float], Fit]) -> MeanSD:
    """`fit` of each row's numbers, their places (0 the minimum, 1 the maximum) and the sample size; NaN without a median."""
    found = np.full((len(five.n), 2), np.nan)
    numbers = np.column_stack(five[:5])
    for i in np.flatnonzero((case_of(five) > 0) & ~np.isnan(five.m + five.n)):
        there = ~np.isnan(numbers[i])
        with np.errstate(all="ignore"):
            found[i] = fit(numbers[i, there], _PLACES[there], float(five.n[i]))
    return MeanSD(found[:, 0], found[:, 1])


# -- quantile estimation


def quantile_estimation(five: FiveNumbers) -> MeanSD:
    """Of the distribution whose quantiles at 1/n, ¼, ½, ¾ and 1 − 1/n are nearest to the reported ones, by least squares.

    Candidates: normal, log-normal, gamma, Weibull, and beta within (0, 1); the normal alone where a number is not positive.
    Source: McGrath et al. (2020), quantile estimation method.
    metafor: ``conv.fivenum(…, method="qe")``
    Differs from metafor: its search, in the package estmeansd, stops earlier; about 5 digits of the mean are shared.
    """
    return _row_by_row(five, _nearest)


def _nearest(x: FloatArray, places: FloatArray, n: float) -> Fit:
    from scipy.optimize import least_squares  # a quarter of a second that closed forms need not pay

    p = np.clip(places, 1.0 / n, 1.0 - 1.0 / n)
    z = special.ndtri(p)
    slope, middle = np.polyfit(z, x, 1)  # the quantiles of a normal distribution lie on a straight line
    found = [(float(((middle + slope * z - x) ** 2).sum()), (float(middle), float(slope)))]
    center, spread = float(x[len(x) // 2]), float(slope)
    for quantiles, moments, start, highest in _CANDIDATES if x[0] > 0.0 and spread > 0.0 else ():
        if x[-1] < highest:

            def miss(t: FloatArray, quantiles: Callable[..., FloatArray] = quantiles) -> FloatArray:
                return np.asarray((quantiles(p, *np.exp(t)) - x) / spread)

            fit = least_squares(miss, start(center, spread), xtol=1e-15, ftol=1e-15, gtol=1e-15)
            found.append((float(2.0 * fit.cost * spread**2), moments(*np.exp(fit.x))))
    return min(found)[1]


def _log_normal_quantiles(p: FloatArray, median: float, sd: float) -> FloatArray:
    return np.asarray(median * np.exp(sd * special.ndtri(p)))


def _log_normal_moments(median: float, sd: float) -> Fit:
    mean = median * np.exp(sd**2 / 2.0)
    return float(mean), float(mean * np.sqrt(np.expm1(sd**2)))


def _log_normal_start(center: float, spread: float) -> FloatArray:
    return np.log([center, np.sqrt(np.log1p((spread / center) ** 2))])


def _gamma_quantiles(p: FloatArray, shape: float, scale: float) -> FloatArray:
    return np.asarray(scale * special.gammaincinv(shape, p))


def _gamma_moments(shape: float, scale: float) -> Fit:
    return float(shape * scale), float(np.sqrt(shape) * scale)


def _gamma_start(center: float, spread: float) -> FloatArray:
    return np.log([(center / spread) ** 2, spread**2 / center])


def _weibull_quantiles(p: FloatArray, shape: float, scale: float) -> FloatArray:
    return np.asarray(scale * (-np.log1p(-p)) ** (1.0 / shape))


def _weibull_moments(shape: float, scale: float) -> Fit:
    first, second = special.gamma(1.0 + 1.0 / shape), special.gamma(1.0 + 2.0 / shape)
    return float(scale * first), float(scale * np.sqrt(second - first**2))


def _weibull_start(center: float, spread: float) -> FloatArray:
    return np.log([1.2 * center / spread, 1.1 * center])


def _beta_quantiles(p: FloatArray, alpha: float, beta: float) -> FloatArray:
    return np.asarray(special.betaincinv(alpha, beta, p))


def _beta_moments(alpha: float, beta: float) -> Fit:
    total = alpha + beta
    return float(alpha / total), float(np.sqrt(alpha * beta / (total + 1.0)) / total)


def _beta_start(center: float, spread: float) -> FloatArray:
    size = max(center * (1.0 - center) / spread**2 - 1.0, 0.1)
    return np.log([center * size, (1.0 - center) * size])


_CANDIDATES = (
    (_log_normal_quantiles, _log_normal_moments, _log_normal_start, np.inf),
    (_gamma_quantiles, _gamma_moments, _gamma_start, np.inf),
    (_weibull_quantiles, _weibull_moments, _weibull_start, np.inf),
    (_beta_quantiles, _beta_moments, _beta_start, 1.0),
)
"""Quantile function, mean and standard deviation, where the search starts, what the data lie below; two parameters each."""


# -- best linear unbiased estimation


def blue(five: FiveNumbers) -> MeanSD:
    """The best linear unbiased estimates from the numbers as order statistics of a normal sample, of rank 1 + (n − 1) place.

    Expectations and covariances of the order statistics are integrated, ranks between whole ones included.
    Source: Lloyd (1952), Biometrika 39; for summaries, Yang et al. (2022).
    metafor: ``conv.fivenum(…, method="blue")``
    Differs from metafor: its package metaBLUE takes whole ranks; not compared number by number, as it is in no reference R.
    """
    return _row_by_row(five, _weighted)


def _weighted(x: FloatArray, places: FloatArray, n: float) -> Fit:
    weights = _blue_weights(tuple(places), n)
    return float(weights[0] @ x), float(weights[1] @ x)


@lru_cache(maxsize=1024)
def _blue_weights(places: tuple[float, ...], n: float) -> FloatArray:
    """Of the mean and of the standard deviation, (2, numbers)."""
    ranks = 1.0 + (n - 1.0) * np.array(places)
    centers = special.ndtri(ranks / (n + 1.0))
    means = np.array([_expectation(rank, n, center) for rank, center in zip(ranks, centers, strict=True)])
    size = len(ranks)
    covariance = np.empty((size, size))
    for i in range(size):
        for j in range(i, size):
            product = _product(ranks[i], ranks[j], n, centers[i], centers[j])
            covariance[i, j] = covariance[j, i] = product - means[i] * means[j]
    design = np.column_stack([np.ones(size), means + centers])
    weighted = np.linalg.solve(covariance, design)
    return np.asarray(np.linalg.solve(design.T @ weighted, weighted.T))


_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_FAR = np.arange(-14.0, 15.0)
_NEAR = np.arange(-10.0, 11.0)


def _grid(center: FloatArray, scale: FloatArray, highest: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights from −14 to `highest`, dense within 10 scales of the centers, both (k, nodes)."""
    points = [center + step * scale for step in _NEAR] + [np.full_like(center, step) for step in _FAR]
    edges = np.sort(np.clip(points, -14.0, highest), axis=0)
    halves = [(right - left)[:, None] / 2.0 for left, right in pairwise(edges)]
    nodes = [
        (left + right)[:, None] / 2.0 + half * _NODES for (left, right), half in zip(pairwise(edges), halves, strict=True)
    ]
    return np.hstack(nodes), np.hstack([half * _WEIGHTS for half in halves])


def _scale(p: FloatArray, n: FloatArray) -> FloatArray:
    """About the standard deviation of the p-quantile of n standard normal data."""
    density = np.exp(-(special.ndtri(p) ** 2) / 2.0) / np.sqrt(2.0 * np.pi)
    return np.asarray(np.sqrt(p * (1.0 - p) / (n + 2.0)) / density)


def _density(z: FloatArray, rank: float, n: float) -> FloatArray:
    """Of an order statistic of n standard normal data."""
    size = special.gammaln(n + 1.0) - special.gammaln(rank) - special.gammaln(n - rank + 1.0) - np.log(2.0 * np.pi) / 2.0
    below, above = (rank - 1.0) * special.log_ndtr(z), (n - rank) * special.log_ndtr(-z)
    return np.asarray(np.exp(size + below + above - z**2 / 2.0))


def _marginal(rank: float, n: float) -> tuple[FloatArray, FloatArray]:
    p = np.array([rank / (n + 1.0)])
    z, weights = _grid(special.ndtri(p), _scale(p, np.array([n])), np.array([14.0]))
    return z[0], weights[0] * _density(z[0], rank, n)


def _expectation(rank: float, n: float, center: float) -> float:
    z, weights = _marginal(rank, n)
    return float(weights @ (z - center))


def _product(low: float, high: float, n: float, center_low: float, center_high: float) -> float:
    """E (Z_low − center)(Z_high − center): the inner expectation given Z_high is that of an order statistic below it."""
    z, weights = _marginal(high, n)
    if low == high:
        return float(weights @ (z - center_low) ** 2)
    worth = weights > 0.0
    z, weights = z[worth], weights[worth]
    return float(weights @ ((z - center_high) * _given_higher(z, low, high, center_low)))


def _given_higher(z: FloatArray, low: float, high: float, center: float) -> FloatArray:
    """E (Z_low − center) given Z_high = z: Φ(Z_low)/Φ(z) is a Beta(low, high − low) variable, (k,)."""
    log_cap = special.log_ndtr(z)
    middle = special.ndtri_exp(log_cap + np.log(low / high))
    p = np.exp(special.log_ndtr(middle))
    spread = np.maximum(_scale(p, np.full_like(p, high)), 1e-6)
    w, weights = _grid(middle, spread, z)
    share = special.log_ndtr(w) - log_cap[:, None]
    size = -special.betaln(low, high - low) - np.log(2.0 * np.pi) / 2.0 - log_cap[:, None]
    rest = np.log(-np.expm1(share))
    density = np.exp(size + (low - 1.0) * share + (high - low - 1.0) * rest - w**2 / 2.0)
    density = np.where(np.isfinite(density), density, 0.0)
    return np.asarray((weights * density * (w - center)).sum(axis=1) / (weights * density).sum(axis=1))
