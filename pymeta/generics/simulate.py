"""New effects drawn from a fitted model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.effects.asked import is_number
from pymeta.errors import OptionError
from pymeta.generics.predict import fitted
from pymeta.results.location_scale import LocationScaleResult
from pymeta.results.uni import UniResult

__all__ = ["simulate"]


def simulate(
    result: UniResult | LocationScaleResult,
    nsim: int = 1,
    *,
    seed: int | np.random.Generator | None = None,
    olim: Sequence[float] | None = None,
) -> FloatArray:
    """New effects of the same studies, (k, nsim): normal about Xb with variances v + tau2.

    seed : of numpy's generator, or a generator; the same seed gives the same numbers; olim : limits to move values to
    metafor: ``simulate(result, nsim=, seed=, olim=)``, whose random numbers are R's
    """
    if not isinstance(result, UniResult | LocationScaleResult):
        raise OptionError("simulate: needs an inverse-variance model, such as rma gives")
    if not (is_number(nsim) and int(nsim) == nsim and nsim >= 1):
        raise OptionError(f"nsim={nsim!r}: needs a whole number of 1 or more")
    spread = np.sqrt(result.studies.vi + result.tau2)
    drawn = np.random.default_rng(seed).standard_normal((int(nsim), result.studies.k)).T
    values = fitted(result)[:, None] + spread[:, None] * drawn
    return values if olim is None else limited(values, olim)


def limited(values: FloatArray, olim: Sequence[float]) -> FloatArray:
    """Values beyond the limits of what can be observed, moved to them."""
    low, high = _limits(olim)
    return np.clip(values, low, high)


def _limits(olim: Sequence[float]) -> tuple[float, float]:
    if len(olim) != 2 or not all(map(is_number, olim)) or not olim[0] < olim[1]:
        raise OptionError(f"olim={olim!r}: needs a lower and an upper limit, such as (-1, 1)")
    return float(olim[0]), float(olim[1])
