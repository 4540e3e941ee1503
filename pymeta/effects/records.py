"""What an effect measure returns."""

from __future__ import annotations

from typing import NamedTuple

from pymeta.arrays import FloatArray

__all__ = ["Effects"]


class Effects(NamedTuple):
    """Effects yi and their sampling variances vi, both (k,), on the scale that is pooled; NaN where there is none."""

    yi: FloatArray
    vi: FloatArray
