"""Correlations of two groups with a measurement: point-biserial, and biserial where the groups cut a normal variable.

All come from Cohen's d, given or made of means, correlations, t statistics or p-values (see `means.cohens_d`), and the
groups' sizes n1i, n2i; all (k,). With m = n1 + n2 − 2 and h = m/n1 + m/n2, r = d/√(d² + h) and 1 − r² = h/(d² + h).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from pymeta.arrays import FloatArray
from pymeta.effects.means import cohens_d
from pymeta.effects.records import Effects, defined

__all__ = ["biserial", "biserial_z", "point_biserial", "point_biserial_z"]


class _Groups(NamedTuple):
    """What the correlations are made of: the standardized difference on h's scale, d/√h, and the groups' sizes."""

    x: FloatArray
    n1i: FloatArray
    n2i: FloatArray

    @property
    def r(self) -> FloatArray:
        """The point-biserial correlation, d/√(d² + h)."""
        return self.x / np.hypot(self.x, 1.0)

    @property
    def rest(self) -> FloatArray:
        """1 − r², without the difference."""
        return np.asarray(np.hypot(self.x, 1.0) ** -2)


def point_biserial(
    *,
    n1i: FloatArray,
    m1i: FloatArray,
    sd1i: FloatArray,
    n2i: FloatArray,
    m2i: FloatArray,
    sd2i: FloatArray,
    di: FloatArray,
    ri: FloatArray,
    ti: FloatArray,
    pi: FloatArray,
    vtype: str,
) -> Effects:
    """Point-biserial correlation; NaN at ±1, and for two groups of one person.

    vtype : "ST" (or "LS") for group sizes fixed by design, "CS" for a cross-sectional sample
    Source: Tate (1954), "CS"; "ST" by the delta method from d's variance 1/n1 + 1/n2 + d²/2N, Hedges & Olkin (1985).
    metafor: ``escalc("RPB", …, vtype=…)``
    """
    with np.errstate(all="ignore"):
        groups = _groups(n1i, n2i, cohens_d(n1i, m1i, sd1i, n2i, m2i, sd2i, di, ri, ti, pi))
        return defined(groups.r, groups.rest**2 * _z_variance(groups, vtype))


def point_biserial_z(
    *,
    n1i: FloatArray,
    m1i: FloatArray,
    sd1i: FloatArray,
    n2i: FloatArray,
    m2i: FloatArray,
    sd2i: FloatArray,
    di: FloatArray,
    ri: FloatArray,
    ti: FloatArray,
    pi: FloatArray,
    vtype: str,
) -> Effects:
    """Fisher's z of the point-biserial correlation, asinh(d/√h); NaN for two groups of one person.

    vtype : as in `point_biserial`
    Source: Tate (1954) and the delta method; Fisher (1921). metafor: ``escalc("ZPB", …, vtype=…)``
    Differs from metafor: where |r| is so near 1 that metafor's 1 − r² loses its digits, or is 0 and metafor gives NA.
    """
    with np.errstate(all="ignore"):
        groups = _groups(n1i, n2i, cohens_d(n1i, m1i, sd1i, n2i, m2i, sd2i, di, ri, ti, pi))
        return defined(np.arcsinh(groups.x), _z_variance(groups, vtype))


def biserial(
    *,
    n1i: FloatArray,
    m1i: FloatArray,
    sd1i: FloatArray,
    n2i: FloatArray,
    m2i: FloatArray,
    sd2i: FloatArray,
    di: FloatArray,
    ri: FloatArray,
    ti: FloatArray,
    pi: FloatArray,
) -> Effects:
    """Biserial correlation; it can pass ±1, and its variance is then that at ±1.

    b = r√(pq)/f with p = n1/N, q = 1 − p, f = φ(z) and Φ(z) = q
    V = {pq/f² − [3/2 + (1 − pz/f)(1 + qz/f)] b² + b⁴} / (N − 1)
    Source: Pearson (1909); Soper (1914); Jacobs & Viechtbauer (2017).
    metafor: ``escalc("RBIS", …)``
    Differs from metafor: where group 1 is far the larger one, and metafor's z has lost digits (4 left at 1e12 to 1).
    """
    with np.errstate(all="ignore"):
        groups = _groups(n1i, n2i, cohens_d(n1i, m1i, sd1i, n2i, m2i, sd2i, di, ri, ti, pi))
        return defined(*_biserial(groups))


def biserial_z(
    *,
    n1i: FloatArray,
    m1i: FloatArray,
    sd1i: FloatArray,
    n2i: FloatArray,
    m2i: FloatArray,
    sd2i: FloatArray,
    di: FloatArray,
    ri: FloatArray,
    ti: FloatArray,
    pi: FloatArray,
) -> Effects:
    """Fisher's z of the biserial correlation, with V/(1 − b²)²; NaN from ±1 on, which a biserial correlation can pass.

    Source: Soper (1914), Jacobs & Viechtbauer (2017) and the delta method; Fisher (1921). metafor: ``escalc("ZBIS", …)``
    """
    with np.errstate(all="ignore"):
        groups = _groups(n1i, n2i, cohens_d(n1i, m1i, sd1i, n2i, m2i, sd2i, di, ri, ti, pi))
        b, v = _biserial(groups)
        return defined(np.arctanh(b), v / ((1.0 - b) * (1.0 + b)) ** 2)


def _groups(n1i: FloatArray, n2i: FloatArray, d: FloatArray) -> _Groups:
    """NaN where h = 0, for N = 2 says nothing of the spread, and where d is infinite."""
    h = (n1i + n2i - 2.0) * (1.0 / n1i + 1.0 / n2i)
    return _Groups(np.where((h > 0.0) & np.isfinite(d), d / np.sqrt(h), np.nan), n1i, n2i)


def _z_variance(groups: _Groups, vtype: str) -> FloatArray:
    """The variance of Fisher's z; (1 − r²)² times it is r's."""
    _, n1i, n2i = groups
    N = n1i + n2i
    r2 = groups.r**2
    if vtype == "CS":
        return (1.0 + r2 * (N / n1i * (N / n2i) / 4.0 - 1.5)) / N
    return groups.rest / (N - 2.0) + r2 / (2.0 * N)


def _biserial(groups: _Groups) -> Effects:
    """b and its variance. Both stay as they are when the groups change places, so z is taken on its better side, z ≥ 0."""
    r, (_, n1i, n2i) = groups.r, groups
    N = n1i + n2i
    p, q = np.minimum(n1i, n2i) / N, np.maximum(n1i, n2i) / N
    z = -special.ndtri(p)
    f = np.exp(-(z**2) / 2.0) / np.sqrt(2.0 * np.pi)
    b = r * np.sqrt(p * q) / f
    b2 = np.minimum(b**2, 1.0)
    soper = 1.5 + (1.0 - p * z / f) * (1.0 + q * z / f)
    return Effects(b, (p * q / f**2 - soper * b2 + b2**2) / (N - 1.0))
