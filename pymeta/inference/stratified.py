"""Score tests of stratified tables: is there an association, and is the odds ratio the same in all of them?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.numerics.tails import chi2_upper

__all__ = ["Homogeneity", "ScoreTest", "cochran", "expected_events", "homogeneity", "mantel_haenszel", "person_times"]


class ScoreTest(NamedTuple):
    """A chi-squared statistic, its degrees of freedom and p-value; NaN where the data cannot tell."""

    statistic: float
    df: int
    p: float


class Homogeneity(NamedTuple):
    """Breslow and Day's test and Tarone's, which corrects it."""

    breslow_day: ScoreTest
    tarone: ScoreTest


def mantel_haenszel(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray, correct: bool) -> ScoreTest:
    """(|Σ(a − E)| − ½)² / ΣV, V = n1 n2 m1 m2 / {N²(N − 1)} of the hypergeometric distribution; cells (k,).

    correct : whether to take off the ½; as published, it does so from differences below ½, too
    Source: Mantel & Haenszel (1959), p. 726. metafor: ``rma.mh(measure="OR")``, MH and MHp
    """
    N, spread = ai + bi + ci + di, _margins(ai, bi, ci, di)
    return _association((ai * di - bi * ci) / N, spread / (N - 1.0), correct)


def cochran(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray, correct: bool) -> ScoreTest:
    """The same with V = n1 n2 m1 m2 / N³, two binomial distributions.

    Source: Cochran (1954), p. 445. metafor: ``rma.mh(measure="OR")``, CO and COp
    """
    N = ai + bi + ci + di
    return _association((ai * di - bi * ci) / N, _margins(ai, bi, ci, di) / N, correct)


def person_times(*, x1i: FloatArray, x2i: FloatArray, t1i: FloatArray, t2i: FloatArray, correct: bool) -> ScoreTest:
    """The same for events in person-times, V = (x1 + x2) t1 t2 / T²; all (k,).

    Source: Rothman, Greenland & Lash (2008), Modern Epidemiology, ch. 15. metafor: ``rma.mh(measure="IRR")``, MH and MHp
    """
    T = t1i + t2i
    return _association((x1i * t2i - x2i * t1i) / T, (x1i + x2i) * (t1i / T) * (t2i / T), correct)


def _margins(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> FloatArray:
    """n1 n2 m1 m2 / N², (k,)."""
    N = ai + bi + ci + di
    return np.asarray((ai + bi) * (ci + di) / N * ((ai + ci) / N) * (bi + di))


def _association(excess: FloatArray, variances: FloatArray, correct: bool) -> ScoreTest:
    total = variances.sum()
    if total == 0.0:  # no table has both outcomes
        return ScoreTest(np.nan, 1, np.nan)
    statistic = float((abs(excess.sum()) - (0.5 if correct else 0.0)) ** 2 / total)
    return ScoreTest(statistic, 1, chi2_upper(statistic, 1))


def homogeneity(*, ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray, log_or: float) -> Homogeneity:
    """Σ(a − A)²/V about the events A that a common odds ratio has expected, and that less {Σ(a − A)}²/ΣV.

    log_or : the Mantel-Haenszel estimate. Tables without one of the outcomes tell nothing, and no degree of freedom counts
        for them
    V = 1 / (1/A + 1/B + 1/C + 1/D)
    Source: Breslow & Day (1980), vol. 1, eqs. 4.30-4.32; Tarone (1985), eq. 4. metafor: ``rma.mh(measure="OR")``, TA and TAp
    """
    both = (ai + ci > 0.0) & (bi + di > 0.0)
    a, b, c, d = (cells[both] for cells in (ai, bi, ci, di))
    A = expected_events(a, b, c, d, log_or)
    expected = (A, a + b - A, a + c - A, d - a + A)
    with np.errstate(divide="ignore"):  # an odds ratio beyond all measure leaves a cell empty, and V is 0
        V = 1.0 / (1.0 / np.maximum(expected, 0.0)).sum(axis=0)
    excess, df = a - A, int(both.sum()) - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        breslow_day = float((excess**2 / V).sum())
        tarone = float(breslow_day - excess.sum() ** 2 / V.sum()) if df > 0 else 0.0
    return Homogeneity(_homogeneous(breslow_day, df), _homogeneous(tarone, df))


def _homogeneous(statistic: float, df: int) -> ScoreTest:
    """Without degrees of freedom there is no p-value, as metafor has it."""
    return ScoreTest(statistic, max(df, 0), chi2_upper(statistic, df) if df > 0 else np.nan)


def expected_events(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray, log_or: float) -> FloatArray:
    """The events of group 1 with which a table of these margins has the odds ratio: A D / (B C) = ψ. (k,)

    Below ψ = 1 the groups are swapped, which turns ψ over: so every term is positive, and nothing cancels.
    """
    if log_or < 0.0:
        return np.asarray(ai + ci - expected_events(ci, di, ai, bi, -log_or))
    n1, m1, N = ai + bi, ai + ci, ai + bi + ci + di
    u = np.expm1(log_or)
    half_b = N + u * (n1 + m1)
    discriminant = N**2 + 2.0 * u * (N * (n1 + m1) - 2.0 * n1 * m1) + (u * (n1 - m1)) ** 2
    return np.asarray(2.0 * (u + 1.0) * n1 * m1 / (half_b + np.sqrt(discriminant)))
