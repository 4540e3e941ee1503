"""2x2 tables from what was reported of them instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pymeta.arrays import FloatArray

__all__ = ["Table", "phi_of_chi_square", "table_of_accuracy", "table_of_odds_ratio", "table_of_phi"]


class Table(NamedTuple):
    """Cells of 2x2 tables, (k,); a count is negative where the margins do not allow the statistic."""

    ai: FloatArray
    bi: FloatArray
    ci: FloatArray
    di: FloatArray


def table_of_odds_ratio(ori: FloatArray, ni: FloatArray, n1i: FloatArray, n2i: FloatArray) -> Table:
    """Of the odds ratio, the total and the margins ai + bi and ai + ci, (k,).

    Source: Bonett (2007): the root in [0, min(n1, n2)] of (1 − OR) a² + B a − OR n1 n2 = 0, B = n + (OR − 1)(n1 + n2).
    """
    with np.errstate(all="ignore"):
        B = ni + (ori - 1.0) * (n1i + n2i)
        root = np.sqrt(B**2 - 4.0 * (ori - 1.0) * ori * n1i * n2i)
        # of the two ways to write the root, the one that adds what has the same sign
        ai = np.where(B >= 0.0, 2.0 * ori * n1i * n2i / (B + root), (root - B) / (2.0 * (1.0 - ori)))
    return _completed(ai, ni, n1i, n2i)


def table_of_phi(ri: FloatArray, ni: FloatArray, n1i: FloatArray, n2i: FloatArray) -> Table:
    """Of the phi coefficient, the total and the margins, (k,): a = (n1 n2 + phi √(n1 (n − n1) n2 (n − n2)))/n."""
    with np.errstate(all="ignore"):
        ai = (n1i * n2i + ri * np.sqrt(n1i * (ni - n1i) * n2i * (ni - n2i))) / ni
    return _completed(ai, ni, n1i, n2i)


def phi_of_chi_square(x2i: FloatArray, correct: FloatArray, ni: FloatArray, n1i: FloatArray, n2i: FloatArray) -> FloatArray:
    """phi with the sign of `x2i`, from Pearson's chi-square; correct : 1 where it has Yates's correction, (k,).

    With it, χ² = n (|ad − bc| − n/2)²/(n1 (n − n1) n2 (n − n2)).
    """
    with np.errstate(all="ignore"):
        margins = n1i * (ni - n1i) * n2i * (ni - n2i)
        return np.sign(x2i) * (np.sqrt(np.abs(x2i) / ni) + correct * ni / 2.0 / np.sqrt(margins))


def _completed(ai: FloatArray, ni: FloatArray, n1i: FloatArray, n2i: FloatArray) -> Table:
    a = np.round(ai)
    return Table(a, n1i - a, n2i - a, ni - n1i - n2i + a)


def table_of_accuracy(sens: FloatArray, spec: FloatArray, ppv: FloatArray, npv: FloatArray, ni: FloatArray) -> Table:
    """Of a diagnostic study's accuracy, at least three of the four measures, and its size, (k,); NaN elsewhere.

    The cells whose measures are nearest to the reported ones, by least squares; rounded so that they add up to the size
    (those with the largest fractions upwards). NaN where several tables are as near.
    metafor: ``conv.2x2(sens=, spec=, ppv=, npv=, ni=)``, whose documentation says that it minimizes the discrepancy; that
    this is the sum of squares, and how it rounds, was found from its answers.
    Differs from metafor: of equal fractions it may round another one up, and for measures near 0 its search may stop early.
    """
    measures, sizes = np.column_stack([sens, spec, ppv, npv]), np.round(ni)
    cells = np.full((len(ni), 4), np.nan)
    for i, row in enumerate(measures):
        if np.isnan(row).sum() <= 1 and sizes[i] > 0.0:
            cells[i] = _apportioned(_nearest_shares(row), sizes[i])
    return Table(*cells.T)


_NUMERATORS, _OTHERS = [0, 3, 0, 3], [2, 1, 1, 2]  # sens = a/(a + c), spec = d/(d + b), ppv = a/(a + b), npv = d/(d + c)


def _nearest_shares(reported: FloatArray) -> FloatArray:
    """The shares of the four cells; NaN where they are not determined."""
    found = [_exact_shares(reported, [i for i in range(4) if i != left]) for left in range(4)]
    exact = [shares for shares in found if shares is not None]
    if not exact:
        return _fitted(reported, _ANYWHERE)
    if np.isnan(reported).any():
        return exact[0]
    middle = np.exp(np.log(exact).mean(axis=0))
    return _fitted(reported, [middle, *(start for start in exact if np.abs(start - middle).max() > 0.05)])


_ANYWHERE = tuple(np.array(shares) / 10.0 for shares in ((2.5, 2.5, 2.5, 2.5), (6, 1, 1, 2), (2, 1, 1, 6), (1, 4, 4, 1)))


def _exact_shares(reported: FloatArray, chosen: Sequence[int]) -> FloatArray | None:
    """From three measures strictly between 0 and 1, each of which is the odds of two cells."""
    if not all(0.0 < reported[i] < 1.0 for i in chosen):
        return None
    equations = np.zeros((3, 4))
    for equation, i in zip(equations, chosen, strict=True):
        equation[_NUMERATORS[i]], equation[_OTHERS[i]] = 1.0, -1.0
    logs = np.linalg.lstsq(equations, np.log(reported[list(chosen)] / (1.0 - reported[list(chosen)])), rcond=None)[0]
    shares = np.exp(logs - logs.max())
    return np.asarray(shares / shares.sum())


def _fitted(reported: FloatArray, starts: Sequence[FloatArray]) -> FloatArray:
    from scipy.optimize import least_squares  # a quarter of a second that closed forms need not pay

    known = np.flatnonzero(~np.isnan(reported))

    def shares(t: FloatArray) -> FloatArray:
        cells = np.exp(t - t.max())
        return np.asarray(cells / cells.sum())

    def miss(t: FloatArray) -> FloatArray:
        p = shares(np.append(t, 0.0))
        return np.array([p[_NUMERATORS[i]] / (p[_NUMERATORS[i]] + p[_OTHERS[i]]) - reported[i] for i in known])

    limits = (-30.0, 30.0)  # of log odds: a cell without anybody stays a number
    fits = [
        least_squares(miss, np.clip(np.log(p[:3] / p[3]), -29.0, 29.0), bounds=limits, xtol=1e-13, ftol=1e-13, gtol=1e-13)
        for p in starts
    ]
    best = min(fits, key=lambda fit: float(fit.cost))
    found = [shares(np.append(fit.x, 0.0)) for fit in fits if fit.cost <= best.cost + 1e-9]
    alike = all(np.abs(one - found[0]).max() < 1e-3 for one in found)
    return shares(np.append(best.x, 0.0)) if alike else np.full(4, np.nan)


def _apportioned(shares: FloatArray, size: float) -> FloatArray:
    """Whole cells that add up to `size`; of equal fractions, the later cell is rounded up."""
    if np.isnan(shares).any():
        return shares
    cells = shares * size
    whole = np.floor(cells + 1e-9)
    order = np.lexsort((np.arange(4), np.round(cells - whole, 6)))[::-1]
    whole[order[: round(size - whole.sum())]] += 1.0
    return np.asarray(whole)
