"""R's random numbers: 10^5 of each kind for several seeds, the checksum of whose bits is compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.harness import Call
from pymeta.numerics.r_random import RRandom
from tests.parity.uni_grid import PACKAGES

HERE = Path(__file__).parent
SEEDS = (1234, 0, -5, 2147483647)
N = 100_000
PROB = np.array([0.1, 3.0, 0.7, 0.7, 2.0, 0.7, 0.001, 1.3])


def call_of(seed: int) -> Call:
    return Call("draws", {"seed": float(seed), "n": float(N), "prob": PROB}, HERE / "r_random.R", packages=PACKAGES)


def _mixed(random: RRandom) -> FloatArray:
    parts = [(random.runif(i), random.sample(i) + 1.0, random.rnorm(1)) for i in range(1, 51)]
    return np.concatenate([part for three in parts for part in three])


KINDS: dict[str, Callable[[RRandom], FloatArray]] = {
    "runif": lambda random: random.runif(N),
    "rnorm": lambda random: random.rnorm(N),
    "sample": lambda random: random.sample(N) + 1.0,
    "sample_some": lambda random: random.sample(1000, 500) + 1.0,
    "sample_signs": lambda random: random.sample(2, N, replace=True) * 2.0 - 1.0,
    "sample_wide": lambda random: random.sample(70_000, N, replace=True) + 1.0,
    "sample_weighted": lambda random: random.weighted(PROB, N) + 1.0,
    "mixed": _mixed,
}


def ours(seed: int) -> dict[str, FloatArray]:
    return {kind: told(draw(RRandom(seed))) for kind, draw in KINDS.items()}


def told(x: FloatArray) -> FloatArray:
    """As in r_random.R: a checksum, how many, and a few of them."""
    checksum = 0
    for word in np.ascontiguousarray(x, dtype="<f8").view("<u2").tolist():
        checksum = (31 * checksum + word) % 2147483647
    few = [0, 1, 2, *np.linspace(0, len(x) - 1, 20).astype(int), len(x) - 1]
    return np.array([checksum, len(x), *x[list(dict.fromkeys(few))]])


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"r_random-{seed}", call_of(seed)) for seed in SEEDS)
