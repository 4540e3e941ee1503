"""Means and standard deviations from five-number summaries: minimum, quartiles, median, maximum and sample size.

Everywhere: a, q1, m, q3, b : (k,), NaN where they are not reported, n : sample sizes, (k,). A row belongs to the case
whose numbers it has: 1 (a, m, b), 2 (q1, m, q3), 3 (all five); without the median it still has a standard deviation.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from pymeta.arrays import BoolArray, FloatArray

__all__ = ["FiveNumbers", "MeanSD", "Skewness", "back_transformed", "case_of", "log_normal", "luo_wan_shi", "skewness"]


class FiveNumbers(NamedTuple):
    """Five-number summaries, each (k,)."""

    a: FloatArray
    q1: FloatArray
    m: FloatArray
    q3: FloatArray
    b: FloatArray
    n: FloatArray

    def logs(self) -> FiveNumbers:
        """Of the logarithms of the data."""
        with np.errstate(all="ignore"):
            a, q1, m, q3, b = (np.log(x) for x in self[:5])
            return FiveNumbers(a, q1, m, q3, b, self.n)


class MeanSD(NamedTuple):
    """Means and standard deviations, both (k,)."""

    mean: FloatArray
    sd: FloatArray


class Skewness(NamedTuple):
    """Statistics and critical values of a test, (k,); a NaN statistic is not significant."""

    tval: FloatArray
    crit: FloatArray

    @property
    def significant(self) -> BoolArray:
        """Where the data are skewed."""
        return np.asarray(self.tval > self.crit)


def case_of(five: FiveNumbers) -> FloatArray:
    """1, 2 or 3 by which of minimum, quartiles and maximum are there, 0 for another selection, (k,)."""
    ends = ~np.isnan(five.a) & ~np.isnan(five.b)
    quartiles = ~np.isnan(five.q1) & ~np.isnan(five.q3)
    no_ends, no_quartiles = np.isnan(five.a) & np.isnan(five.b), np.isnan(five.q1) & np.isnan(five.q3)
    return np.select([ends & no_quartiles, quartiles & no_ends, ends & quartiles], [1.0, 2.0, 3.0], 0.0)


def _by_case(five: FiveNumbers, one: FloatArray, two: FloatArray, three: FloatArray) -> FloatArray:
    case = case_of(five)
    return np.select([case == 1, case == 2, case == 3], [one, two, three], np.nan)


def _ends(n: FloatArray) -> FloatArray:
    """Φ⁻¹((n − 0.375)/(n + 0.25)), about what the largest of n standard normal data is."""
    return np.asarray(-special.ndtri(0.625 / (n + 0.25)))


def _quartiles(n: FloatArray) -> FloatArray:
    """Φ⁻¹((0.75 n − 0.125)/(n + 0.25)), about what their upper quartile is."""
    return np.asarray(special.ndtri((0.75 * n - 0.125) / (n + 0.25)))


def luo_wan_shi(five: FiveNumbers) -> MeanSD:
    """Means and standard deviations of normal data.

    Source: means by Luo et al. (2018), eqs. 7, 11, 15; standard deviations by Wan et al. (2014), eqs. 9, 16, and Shi et al.
    (2020), eq. 10. metafor: ``conv.fivenum(…, method="luo/wan/shi", test=FALSE)``
    """
    with np.errstate(all="ignore"):
        return MeanSD(_luo(five), _wan_shi(five))


def _luo(five: FiveNumbers) -> FloatArray:
    a, q1, m, q3, b, n = five
    w1 = 4.0 / (4.0 + n**0.75)
    w2 = 0.7 + 0.39 / n
    w31, w32 = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    range_, quartiles = (a + b) / 2.0, (q1 + q3) / 2.0
    return _by_case(
        five,
        w1 * range_ + (1.0 - w1) * m,
        w2 * quartiles + (1.0 - w2) * m,
        w31 * range_ + w32 * quartiles + (1.0 - w31 - w32) * m,
    )


def _wan_shi(five: FiveNumbers) -> FloatArray:
    a, q1, _, q3, b, n = five
    theta1, theta2 = (2.0 + 0.14 * n**0.6) * _ends(n), (2.0 + 2.0 / (0.07 * n**0.6)) * _quartiles(n)
    return _by_case(
        five, (b - a) / (2.0 * _ends(n)), (q3 - q1) / (2.0 * _quartiles(n)), (b - a) / theta1 + (q3 - q1) / theta2
    )


def skewness(five: FiveNumbers) -> Skewness:
    """Tests of skewness at the level 0.05.

    Source: Shi et al. (2023), Statistical Methods in Medical Research 32(7), by metafor's documentation; the constants were
    found from what metafor answers, not read in the paper.
    metafor: the attributes ``tval`` and ``crit`` of what ``conv.fivenum`` estimates
    """
    a, q1, m, q3, b, n = five
    with np.errstate(all="ignore"):
        t1, t2 = np.abs(a + b - 2.0 * m) / (b - a), np.abs(q1 + q3 - 2.0 * m) / (q3 - q1)
        t3 = np.maximum(2.65 * np.log(0.6 * n) / np.sqrt(n) * t1, t2)
        crit1 = 1.0 / np.log(n + 9.0) + 2.5 / (n + 1.0)
        crit2, crit3 = 2.65 / np.sqrt(n) - 6.0 / n**2, 3.0 / np.sqrt(n) - 40.0 / n**3
        return Skewness(_by_case(five, t1, t2, t3), _by_case(five, crit1, crit2, crit3))


def log_normal(five: FiveNumbers) -> MeanSD:
    """Means and standard deviations of the logarithms of log-normal data; `five` has the data themselves.

    Source: Shi et al. (2020b), Statistics and Its Interface 13(4), by metafor's documentation: variances corrected for bias;
    the constants were found from what metafor answers, not read in the paper.
    metafor: ``conv.fivenum(…, dist="lnorm", transf=FALSE, test=FALSE)``
    """
    mean, sd = luo_wan_shi(five.logs())
    return MeanSD(mean, sd / np.sqrt(_inflation(five)))


def _inflation(five: FiveNumbers) -> FloatArray:
    """What the squared standard deviation estimates of log data are too large by."""
    n = five.n
    with np.errstate(all="ignore"):
        return _by_case(five, 1.01 + 0.25 / np.log(n) ** 2, 1.0 + 1.58 / n, 1.0 + 0.28 / np.log(n) ** 2)


def back_transformed(five: FiveNumbers) -> MeanSD:
    """Means and standard deviations of log-normal data, each exponential corrected for its bias.

    Source: Shi et al. (2020b): exp(c μ + d σ²) is divided by 1 + c² (A/n) σ² + (2d)² (B/n) σ⁴, σ⁴ estimated by itself;
    form and constants were found from what metafor answers (see `log_normal`), where they hold to 13 digits.
    metafor: ``conv.fivenum(…, dist="lnorm", test=FALSE)``
    """
    mu, sd = log_normal(five)
    n, zero = five.n, np.zeros_like(mu)
    A, B = _by_case(five, zero + 0.565, zero + 0.57, zero + 0.405), _by_case(five, zero + 0.37, zero + 0.75, zero + 0.315)
    with np.errstate(all="ignore"):
        too_large = _by_case(five, 1.0 + 2.23 / np.log(n) ** 2, 1.0 + 19.2 / n**1.2, 1.0 + 3.93 / n)
        s2, s4 = sd**2, (sd**2 * _inflation(five)) ** 2 / too_large

        def too_large_by(c: float, d: float) -> FloatArray:
            return np.asarray(1.0 + (c**2 * A * s2 + (2.0 * d) ** 2 * B * s4) / n)

        mean = np.exp(mu + s2 / 2.0) / too_large_by(1.0, 0.5)
        # exp(2μ + 2σ²)/D₂ − exp(2μ + σ²)/D₁ as one fraction, for small σ
        D2, D1 = too_large_by(2.0, 2.0), too_large_by(2.0, 1.0)
        variance = np.exp(2.0 * mu + s2) * (np.expm1(s2) * D1 - 12.0 * B * s4 / n) / (D1 * D2)
        return MeanSD(mean, np.sqrt(variance))
