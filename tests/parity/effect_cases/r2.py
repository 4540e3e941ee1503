"""Coefficients of determination, as they are or by their F-tests.

For those of fixed predictors metafor's integrals are approximate: its variances are right where R² is well inside 0 to 1.
"""

import numpy as np

from tests.parity.effect_cases import partial_correlation

NAN = np.nan

MEASURES = ("R2", "ZR2", "R2F", "ZR2F")
OPTIONS = {"R2": [{"vtype": "LS2"}, {"vtype": "AV"}, {"vtype": "AV2"}]}

ALOE = partial_correlation.FIXED["dat.aloe2013"]

FIXED = {
    "dat.aloe2013": {name: ALOE[name] for name in ("r2i", "ni", "mi")},
    "hard": {
        "r2i": [0, 1, 0, 0.5, 0.5, 0.5, 0.25, 0.25, NAN, 0.5, 0.0625, 0.9375, 0.5],
        "ni": [10, 10, 50, 4, 6, 3.5, 1e3, 1e4, 10, NAN, 500, 5, 1e5],
        "mi": [2, 2, 2, 2, 2, 2, 998, 3, 2, 2, 0.5, 1, 5],
    },
    "F-tests": {
        "fi": [0, 2, 2, 40, 1e-8, 1e8, 3, NAN, 2],
        "ni": [10, 10, 200, 60, 30, 30, 4, 20, NAN],
        "mi": [2, 2, 5, 3, 2, 2, 2, 2, 2],
    },
    "p-values": {
        "pi": [0.05, 1, 0, 1e-10, 0.3, 0.999, NAN, 0.2],
        "ni": [30, 30, 30, 100, 4, 100, 30, NAN],
        "mi": [3, 2, 3, 5, 2, 2, 3, 3],
    },
    "whichever is known": {
        "r2i": [0.3, NAN, NAN, NAN, 0.9, NAN],
        "fi": [5, 2.5, NAN, 2, NAN, NAN],
        "pi": [0.3, 0.9, 0.07, 0.5, 0.5, NAN],
        "ni": [30, 30, 30, NAN, 15, 20],
        "mi": [3, 2, 5, 3, 3, 3],
    },
}


def random_columns(rng, k):
    m = np.round(rng.uniform(1, 12, k))
    n = m + np.round(2 + 10 ** rng.uniform(0, 4, k))
    r2 = np.round(rng.uniform(0.01, 0.99, k), 2)
    f = 10 ** rng.uniform(-1, 2, k)
    p = rng.uniform(0.001, 1, k)
    r2[rng.random(k) < 0.5] = NAN
    f[rng.random(k) < 0.5] = NAN
    n[rng.random(k) < 0.1] = NAN
    return {"r2i": r2, "fi": f, "pi": p, "ni": n, "mi": m}
