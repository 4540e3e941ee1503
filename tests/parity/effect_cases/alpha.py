"""Cronbach's alpha."""

import numpy as np

from tests.parity.published import columns_of

NAN = np.nan

MEASURES = ("ARAW", "AHW", "ABT")

FIXED = {
    "dat.bonett2010": columns_of("dat.bonett2010", "ai", "mi", "ni"),
    "hard": {
        "ai": [1, 1, 1, 0, -0.5, -50, -1e6, 0.8, 0.8, 0.8, 0.8, 1 - 2**-50, 1e-6, 0.5, NAN, 0.8, 0.8],
        "mi": [5, 2, 5, 5, 5, 2, 3, 2, 5, 5, 2.5, 5, 1e6, 1e9, 5, NAN, 5],
        "ni": [20, 3, 2, 20, 20, 1e9, 4, 20, 2, 1, 2.5, 1e9, 1e4, 3, 20, 20, NAN],
    },
}


def random_columns(rng, k):
    a = np.round(1 - 10 ** rng.uniform(-4, 0.5, k), 6)
    m = np.round(2 + 10 ** rng.uniform(-1, 3, k))
    n = np.round(1 + 10 ** rng.uniform(-1, 7, k))
    for column in (a, m, n):
        column[rng.random(k) < 0.05] = NAN
    return {"ai": a, "mi": m, "ni": n}
