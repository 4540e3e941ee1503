"""Effects of genotype counts. ai, bi, ci: people homozygous for one allele, heterozygous, homozygous for the other; (k,)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pymeta.arrays import FloatArray, refuse
from pymeta.effects.records import Effects, defined
from pymeta.numerics.logarithms import log_ratio

__all__ = ["log_excess_heterozygosity", "prepare"]


def prepare(columns: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """The three counts, checked. Raises DataError for a negative one."""
    for name, count in columns.items():
        refuse(name, count, count < 0, "is negative; a number of people is 0 or more")
    return dict(columns)


def log_excess_heterozygosity(*, ai: FloatArray, bi: FloatArray, ci: FloatArray) -> Effects:
    """Log relative excess heterozygosity, log{b/(2√(ac))}, V = 1/4a + 1/b + 1/4c; NaN where a count is zero.

    metafor adds nothing to zero counts here, whatever `add` and `to` are.
    Source: Ziegler, Van Steen & Wellek (2011). metafor: ``escalc("REH", …)``.
    """
    with np.errstate(all="ignore"):
        return defined(log_ratio(bi**2, 4.0 * ai * ci) / 2.0, 1.0 / (4.0 * ai) + 1.0 / bi + 1.0 / (4.0 * ci))
