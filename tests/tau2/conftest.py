"""Small data sets for the estimators of tau²."""

import numpy as np
import pytest


def _draw(rng):
    """A set of 2 to 8 studies of very different sizes, half of them with two camps of effects."""
    k = int(rng.integers(2, 9))
    vi = 10.0 ** rng.uniform(-3, 1, k)
    camps = rng.choice([0.0, 3.0], k) if rng.random() < 0.5 else 0.0
    return camps + rng.normal(0.0, np.sqrt(vi + rng.choice([0.0, 0.1, 1.0]))), vi


@pytest.fixture(scope="session")
def small_sets():
    """n -> the first n of one endless row of seeded random data sets (yi, vi)."""

    def sets(n):
        rng = np.random.default_rng(11)
        return [_draw(rng) for _ in range(n)]

    return sets
