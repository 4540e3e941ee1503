"""Coefficients of determination of regressions. r2i: R², ni: people, mi: predictors without the intercept; all (k,).

unexplained : 1 − R², (k,), which has digits that R² next to 1 has not where it comes from an F-test; default: from R²

The F-test of all predictors has m and n − m − 1 degrees of freedom.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import special

from pymeta.arrays import FloatArray, refuse
from pymeta.effects.correlations import check_size, effects_known, weighted_mean
from pymeta.effects.records import Effects

__all__ = ["determination", "determination_fixed", "fisher_z", "fisher_z_fixed", "prepare"]

LOWEST = 1e-4
"""The smallest true R² that the fixed-X variance reckons with: inferred from metafor's answers."""
NOTHING = 1e-120
"""A share that is left unexplained is none below this: λ is some n over it, and its square must not overflow."""
NODES, WEIGHTS = np.polynomial.legendre.leggauss(128)


def prepare(columns: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """r2i, unexplained, ni and mi; in a row without r2i those of its F-test, from its statistic fi, or else its p-value pi.

    Raises DataError for an R² or p-value outside 0 to 1, a negative F-statistic, no people, no predictors and too many of
    them for the people.
    """
    ni, mi = columns["ni"], columns["mi"]
    check_size("ni", ni)
    refuse("mi", mi, mi <= 0.0, "predictors; a regression has at least one")
    df = ni - mi - 1.0
    refuse("ni", ni, df <= 0.0, "people are too few for the predictors (column mi); it takes two more")
    absent = np.full_like(ni, np.nan)
    r2i, fi, pi = (columns.get(name, absent) for name in ("r2i", "fi", "pi"))
    refuse("r2i", r2i, (r2i < 0.0) | (r2i > 1.0), "is no R²; it lies between 0 and 1")
    refuse("fi", fi, fi < 0.0, "is no F-statistic; it is at least 0")
    refuse("pi", pi, (pi < 0.0) | (pi > 1.0), "is no p-value; it lies between 0 and 1")
    unexplained = 1.0 - r2i
    for r2, rest in (_of_f(fi, mi, df), _of_p(pi, mi, df)):
        lacking = np.isnan(r2i)
        r2i, unexplained = np.where(lacking, r2, r2i), np.where(lacking, rest, unexplained)
    return {"r2i": r2i, "unexplained": unexplained, "ni": ni, "mi": mi}


def _of_f(fi: FloatArray, mi: FloatArray, df: FloatArray) -> tuple[FloatArray, FloatArray]:
    """R² = mF/(mF + n − m − 1) and what it lacks to 1, (k,)."""
    with np.errstate(divide="ignore", over="ignore"):
        return 1.0 / (1.0 + df / mi / fi), 1.0 / (1.0 + fi * mi / df)


def _of_p(pi: FloatArray, mi: FloatArray, df: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The R² whose F-test has the p-value, and what it lacks to 1, (k,); NaN for p = 0, as in metafor.

    R² has a beta distribution with m/2 and (n − m − 1)/2, and so has 1 − R² the other way round.
    """
    p = np.where(pi > 0.0, pi, np.nan)
    return special.betainccinv(mi / 2.0, df / 2.0, p), special.betaincinv(df / 2.0, mi / 2.0, p)


def determination(
    *, r2i: FloatArray, ni: FloatArray, mi: FloatArray, vtype: str, unexplained: FloatArray | None = None
) -> Effects:
    """R² as it is, of predictors that are random as the outcome is.

    vtype : "LS" 4R²(1 − R²)²/n; "LS2" 4R²(1 − R²)²(n − m − 1)²/((n² − 1)(n + 3)); "AV", "AV2" the same with the mean of all
        rows' R², weighted by n, for R²

    Source: Kendall & Stuart (1979), eq. 27.88 and 27.87. metafor: ``escalc("R2", r2i=, ni=, mi=, vtype=)``
    """
    shares = (r2i, 1.0 - r2i if unexplained is None else unexplained)
    r2, rest = (weighted_mean(share, ni) if vtype.startswith("AV") else share for share in shares)
    spread = 4.0 * r2 * rest**2
    df = ni - mi - 1.0
    with np.errstate(divide="ignore", invalid="ignore"):  # "LS2" of one person, whose predictors are not known
        large = df**2 / ((ni - 1.0) * (ni + 1.0) * (ni + 3.0)) if vtype.endswith("2") else 1.0 / ni
    return effects_known(np.where(np.isnan(ni), np.nan, r2i), spread * large)


def fisher_z(*, r2i: FloatArray, ni: FloatArray, unexplained: FloatArray | None = None) -> Effects:
    """artanh R with variance 1/n; NaN for R² = 1.

    Source: Olkin & Finn (1995), halved. metafor: ``escalc("ZR2", r2i=, ni=, mi=)``
    """
    return effects_known(np.where(np.isnan(ni), np.nan, _z(r2i, unexplained)), 1.0 / ni)


def _z(r2i: FloatArray, unexplained: FloatArray | None) -> FloatArray:
    """artanh R; next to 1 by log {(1 + R)²/(1 − R²)} / 2."""
    R, rest = np.sqrt(r2i), 1.0 - r2i if unexplained is None else unexplained
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(rest < 0.5, np.log1p(R) - 0.5 * np.log(rest), np.arctanh(R)))


def determination_fixed(
    *, r2i: FloatArray, ni: FloatArray, mi: FloatArray, unexplained: FloatArray | None = None
) -> Effects:
    """R² as it is, of predictors whose values are fixed; NaN for R² = 1, and for R² = 0 unless m = 2.

    The variance is that of the true R², ρ², given the observed one: the F-statistic has a non-central F distribution with
    non-centrality λ = nρ²/(1 − ρ²), whose density is, as a function of ρ² from 0.0001 on, that of ρ² up to a factor.

    Source: metafor's documentation says no more than "the known relationship between the non-central F-distribution and
    its non-centrality parameter"; the rest is inferred from its answers. metafor: ``escalc("R2F", r2i=, ni=, mi=)``
    Differs from metafor: the integrals are exact, metafor's seem to be approximate near the ends.
    """
    rest = 1.0 - r2i if unexplained is None else unexplained
    known = ~np.isnan(r2i + ni + mi) & (rest > NOTHING) & ((r2i > 0.0) | (mi == 2.0))
    vi = np.full(r2i.shape, np.nan)
    for row in np.flatnonzero(known):
        vi[row] = _fixed_variance(float(r2i[row]), float(rest[row]), float(ni[row]), float(mi[row]))
    return effects_known(np.where(known, r2i, np.nan), vi)


def fisher_z_fixed(*, r2i: FloatArray, ni: FloatArray, mi: FloatArray, unexplained: FloatArray | None = None) -> Effects:
    """artanh R with the variance of R2F over (1 − R⁴)²; NaN for R² = 1.

    metafor: ``escalc("ZR2F", r2i=, ni=, mi=)``. The divisor is metafor's; the delta method has 4R²(1 − R²)², as
    artanh is taken of R and not of R².
    """
    rest = 1.0 - r2i if unexplained is None else unexplained
    yi, vi = determination_fixed(r2i=r2i, ni=ni, mi=mi, unexplained=rest)
    return effects_known(np.where(np.isnan(yi), np.nan, _z(r2i, rest)), vi / (rest * (1.0 + yi)) ** 2)


def _fixed_variance(r2: float, unexplained: float, n: float, m: float) -> float:
    """The variance of ρ² whose density is proportional to e^(−λ/2) ₁F₁((n − 1)/2; m/2; R²λ/2), integrated over log √λ.

    The grid covers where the second moment has more than e⁻⁵⁰ of its peak, which is near the λ that F estimates without
    bias: near R² = 1 the peak is too narrow, and where m is near nR² it is too wide, for any width set beforehand. With few
    people and R² next to 1 small λ count, for the moment has 1 − ρ² to the 4th.
    """

    def log_mass(q: FloatArray) -> FloatArray:
        falls = -unexplained * q * q / 2.0
        density = falls + _log_1f1((n - 1.0) / 2.0, m / 2.0, r2 * q * q / 2.0) if r2 > 0.0 else falls
        return density + 2.0 * np.log(q) - 2.0 * np.log1p(q * q / n)

    lowest = np.sqrt(n * LOWEST / (1.0 - LOWEST))
    peak = max(lowest, np.sqrt(max((n - 1.0) * r2 - m, 0.0) / unexplained))
    steps = np.exp2(np.arange(-2.0, 16.0)) / np.sqrt(unexplained)  # from less than the width of the peak to far beyond
    places = np.concatenate([np.maximum(peak - steps[::-1], lowest), [peak], peak + steps])
    moment = log_mass(places) - 2.0 * np.log1p(np.minimum(places, peak) ** 2 / n)
    needed = np.flatnonzero(moment > moment.max() - 50.0)
    low, high = np.log(places[[max(needed[0] - 1, 0), min(needed[-1] + 1, len(places) - 1)]])
    q = np.exp(low + (high - low) * (NODES + 1.0) / 2.0)
    rest = n / (q * q + n)  # 1 − ρ²
    logs = log_mass(q)
    mass = np.exp(logs - logs.max()) * WEIGHTS
    centre = mass @ rest / mass.sum()
    return float(mass @ (rest - centre) ** 2 / mass.sum())


def _largest(a: float, b: float, z: FloatArray) -> FloatArray:
    """The j, not whole, of the largest term of ₁F₁(a; b; z): (a + j)z = (b + j)j."""
    half = (z - b) / 2.0
    root = np.hypot(half, np.sqrt(a * z))
    with np.errstate(divide="ignore", invalid="ignore"):  # of the two forms, the one without a difference
        return np.where(half > 0.0, half + root, a * z / (root - half))


def _log_1f1(a: float, b: float, z: FloatArray) -> FloatArray:
    """log of e⁻ᶻ ₁F₁(a; b; z) Γ(a)/Γ(b), (k,): the sum over j of Γ(a + j)/Γ(b + j) times Poisson's probability of j.

    The terms are taken around each z's largest, out to 12 of their standard deviations: every one, or where they are nearly
    normal in j and far from j = 0 those a third of a standard deviation apart, whose sum has all digits too.
    """
    centre = _largest(a, b, z)
    sd = 1.0 / np.sqrt(np.maximum(1.0 / (centre + 1.0) + 1.0 / (b + centre) - 1.0 / (a + centre), 1e-300))
    low = np.floor(centre - 12.0 * sd) - 40.0
    step = np.where(low > 0.0, np.maximum(1.0, np.floor(sd / 3.0)), 1.0)
    low = np.maximum(low, 0.0)
    terms = np.ceil(((centre + 12.0 * sd + 80.0 - low) / step).max())
    j = low[:, None] + step[:, None] * np.arange(terms)
    rising = _log_gamma_ratio(a + j, b + j, a - b)
    return np.asarray(special.logsumexp(rising + _log_poisson(j, z[:, None]), axis=1) + np.log(step))


def _log_gamma_ratio(x: FloatArray, y: FloatArray, apart: float) -> FloatArray:
    """log Γ(x)/Γ(y) where x = y + apart: by Stirling's series, without the difference of large numbers where y is large."""
    many = np.maximum(y, 16.0 + max(-apart, 0.0))
    more = many + apart
    large = (many - 0.5) * np.log1p(apart / many) + apart * (np.log(more) - 1.0) + _stirling(more) - _stirling(many)
    return np.asarray(np.where(np.minimum(x, y) < 64.0, special.gammaln(x) - special.gammaln(y), large))


def _stirling(j: FloatArray) -> FloatArray:
    """log Γ(j) less (j − ½) log j − j + ½ log 2π, for j from 16 on."""
    return (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - 1.0 / (1680.0 * j**2)) / j**2) / j**2) / j


def _log_poisson(j: FloatArray, z: FloatArray) -> FloatArray:
    """log of e⁻ᶻ zʲ/j!, without the difference of large numbers where j is large.

    Source: Loader (2000), Fast and accurate computation of binomial probabilities, eq. 3 to 5.
    """
    few = special.xlogy(j, z) - z - special.gammaln(j + 1.0)
    many = np.maximum(j, 16.0)
    excess = (z - many) / many
    with np.errstate(divide="ignore"):  # z next to 0
        large = many * (np.log1p(excess) - excess) - np.log(2.0 * np.pi * many) / 2.0 - _stirling(many)
    return np.asarray(np.where(j < 64.0, few, large))
