"""Transformations of effects, the only list of them: from one scale to another, and back.

Each takes `xi`, a number or numbers of any shape, and gives as many; NaN stays NaN, and what lies outside the domain
gives NaN, or the end of the range where metafor cuts there. Arguments that go with `xi` are broadcast against it.
The integral ones give the mean of h(Z), the mode ones its mode, for Z normal with mean `xi` and variance `tau2`, which is
given by `targs` (a number, or a mapping with tau2, lower, upper) or by keyword.

metafor: ``transf.*``, with dots for underscores.
Differs from metafor: numbers close to 0 keep their digits, and infinite ones give the limit, where metafor's are cancelled
or NaN. Integrals agree with metafor's quadrature to about 10 digits. Where `xi` is a vector, metafor takes the limits of
iarcsin, iahw and iabt from all of it at once; here each number has its own, as metafor's if asked for one by one. Modes
agree to about 4 digits, the tolerance of metafor's search, which moreover stays 1e-4 from the ends of the range.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from pymeta.arrays import BoolArray, FloatArray
from pymeta.errors import DataError, OptionError, no_such
from pymeta.numerics.normal_mean import normal_mean, tanh_peak

__all__ = [
    "TRANSFORMS",
    "transf_abt",
    "transf_ahw",
    "transf_arcsin",
    "transf_clestod",
    "transf_dtobesd",
    "transf_dtocles",
    "transf_dtocles_int",
    "transf_dtocliffd",
    "transf_dtolnor_logis",
    "transf_dtolnor_norm",
    "transf_dtomd",
    "transf_dtoovl",
    "transf_dtorbis",
    "transf_dtorpb",
    "transf_dtou1",
    "transf_dtou2",
    "transf_dtou3",
    "transf_exp_int",
    "transf_exp_mode",
    "transf_iabt",
    "transf_iabt_int",
    "transf_iabt_mode",
    "transf_iahw",
    "transf_iahw_int",
    "transf_iahw_mode",
    "transf_iarcsin",
    "transf_iarcsin_int",
    "transf_iarcsin_mode",
    "transf_iirft",
    "transf_ilogit",
    "transf_ilogit_int",
    "transf_ilogit_mode",
    "transf_ipft",
    "transf_ipft_hm",
    "transf_iprobit",
    "transf_iprobit_int",
    "transf_iprobit_mode",
    "transf_irft",
    "transf_isqrt",
    "transf_lnortod_logis",
    "transf_lnortod_norm",
    "transf_lnortord",
    "transf_lnortorr",
    "transf_lnortortet_digby",
    "transf_lnortortet_pearson",
    "transf_logit",
    "transf_pft",
    "transf_probit",
    "transf_r2toz",
    "transf_rpbtod",
    "transf_rpbtorbis",
    "transf_rtod",
    "transf_rtorpb",
    "transf_rtoz",
    "transf_ztor",
    "transf_ztor2",
    "transf_ztor_int",
    "transf_ztor_mode",
]

Numbers = npt.ArrayLike
Targs = Any
_LINE = (-np.inf, np.inf)
_QUARTER = (0.0, np.pi / 2.0)


def _array(name: str, values: Numbers) -> FloatArray:
    """Doubles of any shape, NaN for what is missing. Raises DataError, naming the argument, for what is no number."""
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(f"{values!r} is not a number, nor numbers of one shape", argument=name) from None


def _quiet(function: Callable[..., FloatArray], *arrays: FloatArray) -> FloatArray:
    """`function` of the arrays; NaN where it is not defined, without a warning."""
    with np.errstate(all="ignore"):
        return np.asarray(function(*arrays), dtype=np.float64)[()]  # [()]: a number for a number


def _of(function: Callable[[FloatArray], FloatArray], xi: Numbers) -> FloatArray:
    return _quiet(function, _array("xi", xi))


def _share(name: str, values: Numbers) -> FloatArray:
    """Proportions. Raises DataError for one outside [0, 1]."""
    shares = _array(name, values)
    bad = (shares < 0) | (shares > 1)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise DataError(f"{shares.flat[row]:.15g} is not within 0 and 1", argument=name, row=row + 1)
    return shares


# -- correlations


def transf_rtoz(xi: Numbers) -> FloatArray:
    """Fisher's z = atanh(r) of correlations; ±∞ from ±1 on. Source: Fisher (1921)."""
    return _of(lambda x: np.arctanh(np.clip(x, -1.0, 1.0)), xi)


def transf_ztor(xi: Numbers) -> FloatArray:
    """r = tanh(z), the inverse of `transf_rtoz`."""
    return _of(np.tanh, xi)


def transf_r2toz(xi: Numbers) -> FloatArray:
    """z = atanh √R² of coefficients of determination, R² cut to [0, 1]. Source: Olkin & Finn (1995), with a factor ½."""

    def transform(x: FloatArray) -> FloatArray:
        cut = np.clip(x, 0.0, 1.0)
        return np.asarray(np.arcsinh(np.sqrt(cut / (1.0 - cut))))  # atanh of a root near 1 loses digits

    return _of(transform, xi)


def transf_ztor2(xi: Numbers) -> FloatArray:
    """R² = tanh² z, the inverse of `transf_r2toz`."""
    return _of(lambda x: np.tanh(x) ** 2, xi)


# -- proportions


def transf_logit(xi: Numbers) -> FloatArray:
    """log(p/(1 − p)) of proportions."""
    return _of(special.logit, xi)


def transf_ilogit(xi: Numbers) -> FloatArray:
    """1/(1 + e⁻ˣ), the inverse of `transf_logit`."""
    return _of(special.expit, xi)


def transf_probit(xi: Numbers) -> FloatArray:
    """Φ⁻¹(p) of proportions."""
    return _of(special.ndtri, xi)


def transf_iprobit(xi: Numbers) -> FloatArray:
    """Φ(x), the inverse of `transf_probit`."""
    return _of(special.ndtr, xi)


def transf_arcsin(xi: Numbers) -> FloatArray:
    """asin √p of proportions."""
    return _of(lambda x: np.arctan2(np.sqrt(x), np.sqrt(1.0 - x)), xi)  # arcsin near 1 loses half the digits


def transf_iarcsin(xi: Numbers) -> FloatArray:
    """sin² x, the inverse of `transf_arcsin`; x is cut to [0, π/2]."""
    return _of(lambda x: np.sin(np.clip(x, *_QUARTER)) ** 2, xi)


def transf_pft(xi: Numbers, ni: Numbers) -> FloatArray:
    """½ (asin √(x/(n + 1)) + asin √((x + 1)/(n + 1))), x = p n, of proportions p among n. Source: Freeman & Tukey (1950)."""

    def double_arcsine(p: FloatArray, n: FloatArray) -> FloatArray:
        x, rest = p * n, n * (1.0 - p)
        low, high = np.arctan2(np.sqrt(x), np.sqrt(rest + 1.0)), np.arctan2(np.sqrt(x + 1.0), np.sqrt(rest))
        return np.asarray(0.5 * (low + high))

    return _quiet(double_arcsine, _array("xi", xi), _array("ni", ni))


def transf_ipft(xi: Numbers, ni: Numbers) -> FloatArray:
    """The proportion among `ni` whose `transf_pft` is `xi`; 0 or 1 beyond what 0 or n events give. Source: Miller (1978)."""

    def proportion(t: FloatArray, n: FloatArray) -> FloatArray:
        lowest, highest = transf_pft(0.0, n), transf_pft(1.0, n)
        s = np.sin(2.0 * t) - np.cos(2.0 * t) ** 2 / (n * np.sin(2.0 * t))
        small = s**2 / (2.0 * (1.0 + np.sqrt((1.0 - s) * (1.0 + s))))  # ½ (1 − √(1 − s²)), without its cancellation
        inner = np.where(np.cos(2.0 * t) < 0.0, 1.0 - small, small)
        found = np.select([t < lowest, t > highest], [0.0, 1.0], inner)
        return np.where(np.isnan(t) | np.isnan(n), np.nan, np.where(n == 0.0, np.where(t > np.pi / 4.0, 1.0, 0.0), found))

    return _quiet(proportion, _array("xi", xi), _array("ni", ni))


def transf_ipft_hm(xi: Numbers, targs: Targs = None, *, ni: Numbers | None = None) -> FloatArray:
    """`transf_ipft` with the harmonic mean of the sample sizes `ni`, NaN left out, for all. Source: Miller (1978).

    targs : a mapping with "ni"; or give ni by keyword
    """
    given = _targs(targs, {"ni": ni}, first=None)
    if given["ni"] is None:
        raise OptionError("transf_ipft_hm needs the sample sizes: targs={'ni': …} or ni=…")
    sizes = _array("ni", given["ni"]).ravel()
    sizes = sizes[~np.isnan(sizes)]
    return transf_ipft(xi, _quiet(lambda n: 1.0 / np.mean(1.0 / n), sizes) if sizes.size else np.nan)


# -- rates


def transf_isqrt(xi: Numbers) -> FloatArray:
    """x², the inverse of the square root; 0 below 0."""
    return _of(lambda x: np.maximum(x, 0.0) ** 2, xi)


def transf_irft(xi: Numbers, ti: Numbers) -> FloatArray:
    """½ (√x + √(x + 1/t)) of rates x in person-time t. Source: Freeman & Tukey (1950)."""
    return _quiet(lambda x, t: 0.5 * (np.sqrt(x) + np.sqrt(x + 1.0 / t)), _array("xi", xi), _array("ti", ti))


def transf_iirft(xi: Numbers, ti: Numbers) -> FloatArray:
    """(x − 1/(4 t x))², the inverse of `transf_irft`; 0 below what no events give."""

    def rate(x: FloatArray, t: FloatArray) -> FloatArray:
        inner = np.where(x <= 0.5 / np.sqrt(t), 0.0, (x - 1.0 / (4.0 * t * x)) ** 2)
        return np.where(np.isnan(x) | np.isnan(t), np.nan, inner)

    return _quiet(rate, _array("xi", xi), _array("ti", ti))


# -- coefficient alpha


def transf_ahw(xi: Numbers) -> FloatArray:
    """1 − (1 − α)^⅓, which rises with α. Source: Hakstian & Whalen (1976)."""
    return _of(lambda x: -np.expm1(np.log1p(-x) / 3.0), xi)


def transf_iahw(xi: Numbers) -> FloatArray:
    """1 − (1 − x)³, the inverse of `transf_ahw`; x is cut to [0, 1]."""
    return _of(_iahw, xi)


def _iahw(x: FloatArray) -> FloatArray:
    x = np.clip(x, 0.0, 1.0)
    return np.asarray(x * (3.0 - x * (3.0 - x)))


def transf_abt(xi: Numbers) -> FloatArray:
    """−log(1 − α), which rises with α. Source: Bonett (2002)."""
    return _of(lambda x: -np.log1p(-x), xi)


def transf_iabt(xi: Numbers) -> FloatArray:
    """1 − e⁻ˣ, the inverse of `transf_abt`; 0 below 0."""
    return _of(lambda x: -np.expm1(-np.maximum(x, 0.0)), xi)


# -- standardized mean differences


def transf_dtou1(xi: Numbers) -> FloatArray:
    """Cohen's U₁ = (2Φ(|d|/2) − 1)/Φ(|d|/2), the share of non-overlap. Source: Cohen (1988)."""
    return _of(lambda x: special.erf(np.abs(x) / np.sqrt(8.0)) / special.ndtr(np.abs(x) / 2.0), xi)


def transf_dtou2(xi: Numbers) -> FloatArray:
    """Cohen's U₂ = Φ(d/2). Source: Cohen (1988)."""
    return _of(lambda x: special.ndtr(x / 2.0), xi)


def transf_dtou3(xi: Numbers) -> FloatArray:
    """Cohen's U₃ = Φ(d), the share of group 1 above the mean of group 2. Source: Cohen (1988)."""
    return _of(special.ndtr, xi)


def transf_dtoovl(xi: Numbers) -> FloatArray:
    """The overlapping coefficient 2Φ(−|d|/2). Source: Inman & Bradley (1989)."""
    return _of(lambda x: special.erfc(np.abs(x) / np.sqrt(8.0)), xi)


def transf_dtocles(xi: Numbers) -> FloatArray:
    """The common language effect size Φ(d/√2). Source: McGraw & Wong (1992)."""
    return _of(lambda x: special.ndtr(x / np.sqrt(2.0)), xi)


def transf_clestod(xi: Numbers) -> FloatArray:
    """√2 Φ⁻¹(x), the inverse of `transf_dtocles`."""
    return _of(lambda x: np.sqrt(2.0) * special.ndtri(x), xi)


def transf_dtocliffd(xi: Numbers) -> FloatArray:
    """Cliff's delta 2Φ(d/√2) − 1 = erf(d/2)."""
    return _of(lambda x: special.erf(x / 2.0), xi)


def transf_dtobesd(xi: Numbers) -> FloatArray:
    """The binomial effect size display's ½ + ½ d/√(d² + 4). Source: Rosenthal & Rubin (1982)."""

    def above_median(d: FloatArray) -> FloatArray:
        r = np.hypot(d, 2.0)
        below = 2.0 / (r * (r + np.abs(d)))  # ½ (1 − |d|/r)
        return np.asarray(np.where(d < 0.0, below, 1.0 - below))

    return _of(above_median, xi)


def transf_dtomd(xi: Numbers, targs: Targs = None, *, sd: float | None = None) -> FloatArray:
    """Mean differences from standardized ones; targs, or sd, is the one known standard deviation."""
    if isinstance(targs, Mapping) and len(targs) == 1:
        targs = next(iter(targs.values()))
    size = sd if targs is None else targs
    if size is None or np.size(_array("targs", size)) != 1:
        raise OptionError(f"transf_dtomd needs one standard deviation, by targs= or sd=; got {size!r}")
    factor = float(_array("targs", size).item())
    return _of(lambda x: x * factor, xi)


def transf_dtorpb(xi: Numbers, n1i: Numbers | None = None, n2i: Numbers | None = None) -> FloatArray:
    """Point-biserial correlations d/√(d² + h), h = m/n₁ + m/n₂, m = n₁ + n₂ − 2; or 4 without group sizes.

    Source: Jacobs & Viechtbauer (2017), eq. 5.
    """
    return _quiet(lambda d, h: _limit(d / np.hypot(d, np.sqrt(h)), d), _array("xi", xi), _sizes(n1i, n2i)[0])


def transf_rpbtod(xi: Numbers, n1i: Numbers | None = None, n2i: Numbers | None = None) -> FloatArray:
    """√h r/√(1 − r²), the inverse of `transf_dtorpb`."""
    return _quiet(_rpbtod, _array("xi", xi), _sizes(n1i, n2i)[0])


def transf_dtorbis(xi: Numbers, n1i: Numbers | None = None, n2i: Numbers | None = None) -> FloatArray:
    """Biserial correlations √(p(1 − p))/φ(z_p) r_pb from `transf_dtorpb`, p = n₁/(n₁ + n₂), or ½ without group sizes.

    Source: Jacobs & Viechtbauer (2017), eq. 8.
    """
    h, p = _sizes(n1i, n2i)
    return _quiet(lambda d: _limit(d / np.hypot(d, np.sqrt(h)), d) / _attenuation(p), _array("xi", xi))


def transf_rtod(xi: Numbers, n1i: Numbers | None = None, n2i: Numbers | None = None) -> FloatArray:
    """Standardized mean differences from correlations with a variable that was dichotomized: `transf_dtorbis` inverted."""
    h, p = _sizes(n1i, n2i)
    return _quiet(lambda r: _rpbtod(r * _attenuation(p), h), _array("xi", xi))


def transf_rpbtorbis(xi: Numbers, pi: Numbers = 0.5) -> FloatArray:
    """Biserial from point-biserial correlations; pi : the share of group 1. Raises DataError for one outside [0, 1]."""
    return _quiet(lambda r, p: r / _attenuation(p), _array("xi", xi), _share("pi", pi))


def transf_rtorpb(xi: Numbers, pi: Numbers = 0.5) -> FloatArray:
    """Point-biserial correlations, after one variable is dichotomized: the inverse of `transf_rpbtorbis`."""
    return _quiet(lambda r, p: r * _attenuation(p), _array("xi", xi), _share("pi", pi))


def _sizes(n1i: Numbers | None, n2i: Numbers | None) -> tuple[FloatArray, FloatArray]:
    """h = m/n₁ + m/n₂ and the first group's share p; 4 and ½ where no sizes are given."""
    if n1i is None and n2i is None:
        return np.array(4.0), np.array(0.5)
    if n1i is None or n2i is None:
        raise OptionError("n1i and n2i: give both group sizes, or none for groups of one size")
    n1, n2 = _array("n1i", n1i), _array("n2i", n2i)
    m = n1 + n2 - 2.0
    return _quiet(lambda: m / n1 + m / n2), _quiet(lambda: n1 / (n1 + n2))


def _attenuation(p: FloatArray) -> FloatArray:
    """φ(z_p)/√(p(1 − p)), P(Z > z_p) = p: a point-biserial correlation in parts of the biserial one."""
    z = special.ndtri(p)
    return np.asarray(np.exp(-(z**2) / 2.0) / np.sqrt(2.0 * np.pi) / np.sqrt(p * (1.0 - p)))


def _rpbtod(r: FloatArray, h: FloatArray) -> FloatArray:
    return np.sqrt(h) * r / np.sqrt((1.0 - r) * (1.0 + r))


def _limit(value: FloatArray, d: FloatArray) -> FloatArray:
    return np.where(np.isinf(d), np.sign(d), value)


# -- odds ratios


def transf_lnortord(xi: Numbers, pc: Numbers) -> FloatArray:
    """Risk differences from log odds ratios, `pc` being the risk in group 2. Raises DataError for one outside [0, 1]."""

    def difference(x: FloatArray, p: FloatArray) -> FloatArray:
        fall = np.exp(-np.abs(x))  # never overflows: the smaller of OR and 1/OR
        rising = p * (1.0 - p) * -np.expm1(-np.abs(x)) / ((1.0 - p) * fall + p)
        falling = p * (1.0 - p) * np.expm1(-np.abs(x)) / (1.0 - p + p * fall)
        return np.where((p == 0.0) | (p == 1.0), np.where(np.isnan(x), np.nan, 0.0), np.where(x > 0.0, rising, falling))

    return _quiet(difference, _array("xi", xi), _share("pc", pc))


def transf_lnortorr(xi: Numbers, pc: Numbers) -> FloatArray:
    """Risk ratios (not their logarithms) from log odds ratios, `pc` being the risk in group 2: OR/(1 − pc + pc OR)."""

    def ratio(x: FloatArray, p: FloatArray) -> FloatArray:
        falling = np.exp(x) / (1.0 - p + p * np.exp(x))
        return np.where(x > 0.0, 1.0 / ((1.0 - p) * np.exp(-x) + p), falling)

    return _quiet(ratio, _array("xi", xi), _share("pc", pc))


def transf_lnortod_norm(xi: Numbers) -> FloatArray:
    """log OR/1.65, for normal distributions. Source: Cox & Snell (1989)."""
    return _of(lambda x: x / 1.65, xi)


def transf_dtolnor_norm(xi: Numbers) -> FloatArray:
    """1.65 d, the inverse of `transf_lnortod_norm`."""
    return _of(lambda x: x * 1.65, xi)


def transf_lnortod_logis(xi: Numbers) -> FloatArray:
    """√3/π log OR, for logistic distributions. Source: Chinn (2000)."""
    return _of(lambda x: x * np.sqrt(3.0) / np.pi, xi)


def transf_dtolnor_logis(xi: Numbers) -> FloatArray:
    """π/√3 d, the inverse of `transf_lnortod_logis`."""
    return _of(lambda x: x * np.pi / np.sqrt(3.0), xi)


def transf_lnortortet_pearson(xi: Numbers) -> FloatArray:
    """Tetrachoric correlations cos(π/(1 + √OR)) = sin(½π tanh(¼ log OR)). Source: Pearson (1900)."""
    return _of(lambda x: np.sin(np.pi / 2.0 * np.tanh(x / 4.0)), xi)


def transf_lnortortet_digby(xi: Numbers) -> FloatArray:
    """Tetrachoric correlations (OR^¾ − 1)/(OR^¾ + 1) = tanh(⅜ log OR). Source: Digby (1983)."""
    return _of(lambda x: np.tanh(0.375 * x), xi)


# -- means and modes of a transformed normal variable


def _targs(targs: Targs, given: Mapping[str, Any], first: str | None) -> dict[str, Any]:
    """The arguments by name: of `targs` (a mapping, or the `first` one alone), then those given by keyword."""
    if targs is None:
        return dict(given)
    named = targs if isinstance(targs, Mapping) else {first: targs}
    for name in named:
        if name not in given:
            raise no_such("targs", targs if name is None else name, given, what="argument of the transformation")
    return {name: named[name] if given[name] is None and name in named else given[name] for name in given}


def _variance(given: Mapping[str, Any]) -> float:
    if given["tau2"] is None:
        raise OptionError("tau2: this transformation needs the variance between studies, by targs= or tau2=")
    tau2 = _array("tau2", given["tau2"])
    if tau2.size != 1 or not 0.0 <= tau2.item() < np.inf:
        raise OptionError(f"tau2={given['tau2']!r}: needs one number of 0 or more")
    return float(tau2.item())


def _mean(
    h: Callable[[FloatArray], FloatArray],
    xi: Numbers,
    targs: Targs,
    given: Mapping[str, Any],
    within: tuple[float, float] = _LINE,
    closed: Callable[[FloatArray, float, tuple[float, float]], FloatArray | None] = lambda x, tau2, limits: None,
) -> FloatArray:
    """The mean of h(Z), by its `closed` form where there is one, otherwise by quadrature."""
    asked = _targs(targs, given, "tau2")
    x, tau2 = _array("xi", xi), _variance(asked)
    limits = _limits(asked, within)
    mean = np.asarray(h(x))  # what tau2 = 0 and infinite xi give
    usual = np.isfinite(x)
    if tau2 > 0.0 and usual.any():
        with np.errstate(all="ignore"):
            form = closed(x[usual], tau2, limits)
            mean[usual] = normal_mean(h, x[usual], np.sqrt(tau2), limits, within) if form is None else form
    return mean[()]


def _limits(asked: Mapping[str, Any], within: tuple[float, float]) -> tuple[float, float]:
    low, high = (float(within[i] if asked[name] is None else asked[name]) for i, name in enumerate(("lower", "upper")))
    if np.isnan(low) or np.isnan(high):
        raise OptionError(f"lower, upper: {low}, {high} are no limits of an integral")
    return low, high


def _closed_normal(scale: float) -> Callable[[FloatArray, float, tuple[float, float]], FloatArray | None]:
    """E Φ(Z/√s) = Φ(x/√(s + tau2))."""

    def form(x: FloatArray, tau2: float, limits: tuple[float, float]) -> FloatArray | None:
        return special.ndtr(x / np.sqrt(scale + tau2)) if limits == _LINE else None

    return form


def _closed_exp(x: FloatArray, tau2: float, limits: tuple[float, float]) -> FloatArray:
    """E e^Z = e^(x + tau2/2), of which what lies between the limits."""
    low, high = ((limit - x - tau2) / np.sqrt(tau2) for limit in limits)
    both_right = low > 0.0  # differences of the nearer tail
    share = np.where(both_right, special.ndtr(-low) - special.ndtr(-high), special.ndtr(high) - special.ndtr(low))
    return np.asarray(np.exp(x + tau2 / 2.0) * share)


def transf_exp_int(
    xi: Numbers, targs: Targs = None, *, tau2: float | None = None, lower: float | None = None, upper: float | None = None
) -> FloatArray:
    """The mean of e^Z; e^(xi + tau2/2) without limits.

    Differs from metafor: its version 5.2 does not use `lower` and `upper`, though it documents them.
    """
    return _mean(_exp, xi, targs, {"tau2": tau2, "lower": lower, "upper": upper}, closed=_closed_exp)


def _exp(x: FloatArray) -> FloatArray:
    return _quiet(np.exp, x)


def transf_ztor_int(
    xi: Numbers, targs: Targs = None, *, tau2: float | None = None, lower: float | None = None, upper: float | None = None
) -> FloatArray:
    """The mean of `transf_ztor` of Z, between the limits where they are given."""
    return _mean(transf_ztor, xi, targs, {"tau2": tau2, "lower": lower, "upper": upper})


def transf_ilogit_int(
    xi: Numbers, targs: Targs = None, *, tau2: float | None = None, lower: float | None = None, upper: float | None = None
) -> FloatArray:
    """The mean of `transf_ilogit` of Z, between the limits where they are given."""
    return _mean(transf_ilogit, xi, targs, {"tau2": tau2, "lower": lower, "upper": upper})


def transf_iprobit_int(
    xi: Numbers, targs: Targs = None, *, tau2: float | None = None, lower: float | None = None, upper: float | None = None
) -> FloatArray:
    """The mean of `transf_iprobit` of Z, between the limits where they are given; Φ(xi/√(1 + tau2)) without."""
    return _mean(transf_iprobit, xi, targs, {"tau2": tau2, "lower": lower, "upper": upper}, closed=_closed_normal(1.0))


def transf_dtocles_int(
    xi: Numbers, targs: Targs = None, *, tau2: float | None = None, lower: float | None = None, upper: float | None = None
) -> FloatArray:
    """The mean of `transf_dtocles` of Z, between the limits where they are given; Φ(xi/√(2 + tau2)) without."""
    return _mean(transf_dtocles, xi, targs, {"tau2": tau2, "lower": lower, "upper": upper}, closed=_closed_normal(2.0))


def transf_iarcsin_int(
    xi: Numbers, targs: Targs = None, *, tau2: float | None = None, lower: float | None = None, upper: float | None = None
) -> FloatArray:
    """The mean of `transf_iarcsin` of Z, which is normal cut to [0, π/2]; limits cut the integral, not the distribution."""
    return _mean(transf_iarcsin, xi, targs, {"tau2": tau2, "lower": lower, "upper": upper}, _QUARTER)


def transf_iahw_int(
    xi: Numbers, targs: Targs = None, *, tau2: float | None = None, lower: float | None = None, upper: float | None = None
) -> FloatArray:
    """The mean of `transf_iahw` of Z, which is normal cut to [0, 1]; limits cut the integral, not the distribution."""
    return _mean(transf_iahw, xi, targs, {"tau2": tau2, "lower": lower, "upper": upper}, (0.0, 1.0))


def transf_iabt_int(
    xi: Numbers, targs: Targs = None, *, tau2: float | None = None, lower: float | None = None, upper: float | None = None
) -> FloatArray:
    """The mean of `transf_iabt` of Z, which is normal cut to [0, ∞); limits cut the integral, not the distribution."""
    return _mean(transf_iabt, xi, targs, {"tau2": tau2, "lower": lower, "upper": upper}, (0.0, np.inf))


def _mode(
    back: Callable[[FloatArray], FloatArray],
    peak: Callable[[FloatArray, float], FloatArray],
    xi: Numbers,
    targs: Targs,
    tau2: float | None,
) -> FloatArray:
    """`back` of the z at which the density of back(Z) peaks."""
    x, variance = _array("xi", xi), _variance(_targs(targs, {"tau2": tau2, "lower": None, "upper": None}, "tau2"))
    if variance == 0.0:
        return back(x)
    with np.errstate(all="ignore"):
        return back(np.where(np.isfinite(x), peak(x, variance), x))


def transf_exp_mode(xi: Numbers, targs: Targs = None, *, tau2: float | None = None) -> FloatArray:
    """The mode of a log-normal variable, e^(xi − tau2)."""
    return _mode(_exp, lambda m, v: m - v, xi, targs, tau2)


def transf_ztor_mode(xi: Numbers, targs: Targs = None, *, tau2: float | None = None) -> FloatArray:
    """The mode of an atanh-normal variable, the higher one of two; the positive one where both are as high (xi = 0)."""
    return _mode(transf_ztor, lambda m, v: tanh_peak(m, v, 2.0), xi, targs, tau2)


def transf_ilogit_mode(xi: Numbers, targs: Targs = None, *, tau2: float | None = None) -> FloatArray:
    """The mode of a logit-normal variable; NaN for tau2 > 2, where there may be two, as in metafor."""
    return _mode(transf_ilogit, lambda m, v: tanh_peak(m, v, 1.0) if v <= 2.0 else m * np.nan, xi, targs, tau2)


def transf_iprobit_mode(xi: Numbers, targs: Targs = None, *, tau2: float | None = None) -> FloatArray:
    """The mode of a probit-normal variable, Φ(xi/(1 − tau2)); from tau2 = 1 on the end nearer to xi, NaN at xi = 0."""
    return _mode(transf_iprobit, lambda m, v: m / max(1.0 - v, 0.0), xi, targs, tau2)


def transf_iarcsin_mode(xi: Numbers, targs: Targs = None, *, tau2: float | None = None) -> FloatArray:
    """The mode of sin² Z inside (0, 1), where there is one; otherwise the end nearer to xi, 0 at xi = π/4.

    At the ends the density has poles of its own.
    """
    return _mode(transf_iarcsin, _arcsine_peak, xi, targs, tau2)


def _arcsine_peak(m: FloatArray, v: float) -> FloatArray:
    """Where −(z − m)/v − 2 cot 2z falls through 0, which it can only while sin² 2z > 4 v."""
    nearer = np.where(m > np.pi / 4.0, np.pi / 2.0, 0.0)
    if v >= 0.25:
        return np.where(np.isnan(m), np.nan, nearer)
    first = np.arcsin(2.0 * np.sqrt(v)) / 2.0
    low, high = np.full_like(m, first), np.full_like(m, np.pi / 2.0 - first)

    def slope(z: FloatArray) -> FloatArray:
        return np.asarray((m - z) / v - 2.0 / np.tan(2.0 * z))

    inside = (slope(low) > 0.0) & (slope(high) < 0.0)
    for _ in range(60):
        middle = (low + high) / 2.0
        rising: BoolArray = slope(middle) > 0.0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    return np.where(np.isnan(m), np.nan, np.where(inside, (low + high) / 2.0, nearer))


def transf_iahw_mode(xi: Numbers, targs: Targs = None, *, tau2: float | None = None) -> FloatArray:
    """The mode of 1 − (1 − Z)³ below 1, where there is one; otherwise 1, where the density has a pole of its own."""
    return _mode(transf_iahw, _cube_peak, xi, targs, tau2)


def _cube_peak(m: FloatArray, v: float) -> FloatArray:
    """The smaller root of (z − m)(1 − z) = 2 v, if the density rises before it and falls after it; 1 where it only rises."""
    spread = (1.0 - m) ** 2 - 8.0 * v
    root = np.sqrt(np.maximum(spread, 0.0))
    smaller = m + 4.0 * v / (1.0 - m + root)  # (1 + m − root)/2
    falls = (spread > 0.0) & (m < 1.0) & (1.0 + m + root > 0.0)
    return np.where(np.isnan(m), np.nan, np.where(falls, np.maximum(smaller, 0.0), 1.0))


def transf_iabt_mode(xi: Numbers, targs: Targs = None, *, tau2: float | None = None) -> FloatArray:
    """The mode of 1 − e^(−Z), that is 1 − e^−(xi + tau2); 0 where this is below 0."""
    return _mode(transf_iabt, lambda m, v: m + v, xi, targs, tau2)


TRANSFORMS: Mapping[str, Callable[..., FloatArray]] = MappingProxyType(
    {name: globals()[name] for name in __all__ if name.startswith("transf_")}
)
"""Every transformation by its name: metafor's, with underscores for dots."""
