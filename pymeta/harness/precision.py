"""How near two numbers are: digits of agreement and units in the last place."""

from __future__ import annotations

import math
import struct

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["CAP", "NOTHING", "TINY_P", "digits", "p_digits", "ulps"]

CAP = 16.0
"""Digits of two equal values (both +Inf, or both -Inf, are equal); a double has no more."""

NOTHING = -math.inf
"""Digits where there is nothing to measure: NaN, an infinity against anything else, a missing quantity."""

SMALLEST_NORMAL = 2.2250738585072014e-308
"""Below it doubles lose their digits one by one: a p-value there is 0 to one program and a few bits to another."""

TINY_P = 1e-12
"""p-values up to this one are compared by logarithms: their relative error is that of the statistic, magnified."""


def digits(x: ArrayLike, r: ArrayLike, scale: ArrayLike | None = None) -> NDArray[np.float64]:
    """Digits of agreement, -log10(|x - r| / max(|r|, scale)), NIST's log relative error.

    x, r : values to judge and reference values, one shape
    scale : positive; what `r` is measured against where it is nearer zero than that. None: only `r` itself.

    Returns an array of that shape: at most `CAP`; negative when the error exceeds the value; `NOTHING` for
    a NaN on either side (even on both) and for an infinity against anything but itself.
    """
    a, b = np.asarray(x, dtype=np.float64), np.asarray(r, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError(f"x has shape {a.shape}, r has shape {b.shape}: arrays are not broadcast")
    size = np.abs(b) if scale is None else np.maximum(np.abs(b), np.asarray(scale, dtype=np.float64))
    with np.errstate(all="ignore"):
        found = np.minimum(-np.log10(np.abs(a - b) / size), CAP)
    found = np.where(np.isfinite(a) & np.isfinite(b), found, NOTHING)
    return np.where(a == b, CAP, found)


def p_digits(x: ArrayLike, r: ArrayLike) -> NDArray[np.float64]:
    """Digits of agreement of p-values: relative, those of the logarithms where both are tiny (`TINY_P`), and all of them
    where both are below the normal doubles.
    """
    a, b = np.asarray(x, dtype=np.float64), np.asarray(r, dtype=np.float64)
    found = digits(a, b)
    tiny = (a > 0) & (b > 0) & (a <= TINY_P) & (b <= TINY_P)
    found[tiny] = digits(np.log(a[tiny]), np.log(b[tiny]))
    found[(a >= 0) & (b >= 0) & (a < SMALLEST_NORMAL) & (b < SMALLEST_NORMAL)] = CAP
    return found


def ulps(x: float, r: float) -> int | None:
    """How many doubles lie between the two, counted from one to the other; None unless both are finite."""
    if not (math.isfinite(x) and math.isfinite(r)):
        return None
    return abs(_rank(x) - _rank(r))


def _rank(value: float) -> int:
    """The place of a double among all doubles, 0 for both zeros."""
    bits: int = struct.unpack("<q", struct.pack("<d", value))[0]
    return bits if bits >= 0 else -(bits + 2**63)
