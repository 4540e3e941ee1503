"""p-values adjusted for there being several."""

from __future__ import annotations

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.errors import no_such

__all__ = ["ADJUSTMENTS", "adjusted", "adjustment_named"]

ADJUSTMENTS = ("none", "bonferroni", "holm", "hochberg", "hommel", "BH", "BY", "fdr")
"""R's names; "fdr" is another name of "BH"."""


def adjustment_named(adjust: bool | str) -> str:
    """The name of an adjustment; True is Bonferroni's, False none."""
    name = {True: "bonferroni", False: "none"}[adjust] if isinstance(adjust, bool) else adjust
    if name not in ADJUSTMENTS:
        raise no_such("adjust", adjust, ADJUSTMENTS, what="adjustment of p-values")
    return name


def adjusted(pval: FloatArray, adjustment: str) -> FloatArray:
    """p-values (m,) adjusted for each other. metafor: ``p.adjust(pval, adjustment)``

    Source: Holm (1979); Hochberg (1988); Hommel (1988); Benjamini & Hochberg (1995); Benjamini & Yekutieli (2001).
    """
    m = len(pval)
    if adjustment == "none" or m <= 1:
        return pval.copy()
    if adjustment == "bonferroni":
        return np.minimum(1.0, m * pval)
    order = np.argsort(pval, kind="stable")
    found = np.empty(m)
    found[order] = _hommel(pval[order]) if adjustment == "hommel" else _stepwise(pval[order], adjustment)
    return np.minimum(1.0, found)


def _stepwise(rising: FloatArray, adjustment: str) -> FloatArray:
    """Each p-value by its factor, then the largest of those before (Holm) or the smallest of those after it."""
    m = len(rising)
    rank = np.arange(1, m + 1)
    harmonic = (1.0 / rank).sum() if adjustment == "BY" else 1.0
    factor = m - rank + 1.0 if adjustment in ("holm", "hochberg") else harmonic * m / rank
    scaled = factor * rising
    if adjustment == "holm":
        return np.asarray(np.maximum.accumulate(scaled))
    return np.asarray(np.minimum.accumulate(scaled[::-1])[::-1])


def _hommel(rising: FloatArray) -> FloatArray:
    """The smallest level at which Simes' test rejects every set of hypotheses with this one. Source: Wright (1992)."""
    m = len(rising)
    found = np.full(m, (m * rising / np.arange(1, m + 1)).min())
    for j in range(m - 1, 1, -1):
        last = m - j + 1  # the first `last` of them are in sets of j beside the j − 1 largest
        simes = (j * rising[last:] / np.arange(2, j + 1)).min()
        bound = np.minimum(j * rising[:last], simes)
        found[:last] = np.maximum(found[:last], bound)
        found[last:] = np.maximum(found[last:], bound[-1])
    return np.asarray(np.maximum(found, rising))
