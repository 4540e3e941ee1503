"""The Doi plot and the index of its asymmetry."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from pymeta.arrays import read_only
from pymeta.diagnostics.given import studies_of
from pymeta.errors import DataError
from pymeta.results.doi import DoiPlot

__all__ = ["lfk"]


def lfk(x: Any, vi: Any = None, *, sei: Any = None) -> DoiPlot:
    """The LFK index of asymmetry, with the numbers of the Doi plot, a folded normal-quantile plot of the effects.

    x : a fitted model, or effects (k,) with vi or sei

    In the order of effects, each study stands for n_i = 100 max(v)/v_i patients, z_i is the normal quantile of the middle
    of its rank, (rank − 1/2)/Σn, and y_0 the effect with the least |z|:
    LFK = 5/(2k) Σ {z_i + (y_i − y_0) range(z)/range(y)}.
    Within ±1 there is no asymmetry, beyond ±2 it is called major. It is no test: with heterogeneity, or many studies, it is
    often large without any bias (Schwarzer, Rücker & Semaca, 2024).
    Raises DataError for fewer than 3 studies, or where all effects are equal.
    Source: Furuya-Kanamori, Barendregt & Doi (2018), Int. J. Evid.-Based Healthc. 16, 195.
    R: ``metasens::lfkindex(TE, seTE)``. Differs from Stata's ``lfk``: that rounds n_i to whole patients.
    """
    studies = studies_of(x, vi, sei, "lfk", 3, "have no sides")
    order = np.lexsort((studies.vi, studies.yi))
    y, v = studies.yi[order], studies.vi[order]
    if not v.all():
        raise DataError("lfk: needs variances above 0")
    if y[0] == y[-1]:
        raise DataError(f"lfk: all effects are {y[0]:g}; the plot has no sides")
    n = 100.0 * v.max() / v
    until = np.cumsum(n)
    z = special.ndtri((until - 0.5 * n - 0.5) / until[-1])
    away = y - y[np.argmin(np.abs(z))]
    index = 2.5 * float(np.mean(z + away * (np.ptp(z) / np.ptp(y))))
    slab = tuple(studies.slab[int(i)] for i in order)
    return DoiPlot(lfk=index, yi=read_only(y), zscore=read_only(z), n=read_only(n), slab=slab)
