"""What an effect measure returns."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pymeta.arrays import FloatArray

__all__ = ["Effects", "defined"]


class Effects(NamedTuple):
    """Effects yi and their sampling variances vi, both (k,), on the scale that is pooled; NaN where there is none."""

    yi: FloatArray
    vi: FloatArray


def defined(yi: FloatArray, vi: FloatArray) -> Effects:
    """Effects with NaN, in both or neither, where yi or vi came out infinite or undefined."""
    known = np.isfinite(yi) & np.isfinite(vi)
    return (
        Effects(yi, vi)
        if np.count_nonzero(known) == known.size
        else Effects(np.where(known, yi, np.nan), np.where(known, vi, np.nan))
    )
