"""Partial and semi-partial correlations.

Where all of ri, ti and pi are given, each row has one of them: where it has none, metafor has variances without effects.
"""

import numpy as np

NAN = np.nan

MEASURES = ("PCOR", "ZPCOR", "SPCOR", "ZSPCOR")
AVERAGED = [{"vtype": "AV"}]
OPTIONS = {"PCOR": AVERAGED, "SPCOR": AVERAGED, "ZSPCOR": AVERAGED}

FIXED = {
    "dat.aloe2013": {
        "ti": [4.61, 6.19, 4.07, -0.77, 1.16],
        "ni": [218, 232, 156, 382, 259],
        "mi": [4, 7, 6, 19, 15],
        "r2i": [0.24, 0.455, 0.5, 0.327, 0.117],
    },
    "hard": {
        "ti": [0, 1.5, -1.5, 1e-8, 3, 2, 2, 2, NAN, 1, 1],
        "ni": [10, 6, 5.5, 50, 30, 30, 1e3, 20, 20, NAN, 20],
        "mi": [1, 3, 3, 10, 3, 3, 2.5, 5, 2, 3, NAN],
        "r2i": [0, 0.5, 0.7, 0.25, 1, 0.05, 0.5, NAN, 0.5, 0.5, 0.5],
    },
    "known": {
        "ri": [1, -1, 0.9, 0.9, 0, 0.3, 0.3, NAN, 0.2, 0.4, 0.5],
        "ni": [20, 20, 10, 20, 100, 5, 6, 20, NAN, 15, 10],
        "mi": [2, 2, 2, 2, 3, 3, 3, 2, 2, NAN, 3],
        "r2i": [1, 1, 0.9, 0.5, 0.5, 0.09, 0.1, 0.5, 0.5, 0.5, NAN],
    },
    "p-values": {
        "pi": [0.05, -0.05, 1, -1, 0, 1e-6, -0.3],
        "ni": [30, 30, 30, 30, 30, 60, 8],
        "mi": [3, 3, 3, 3, 3, 5, 5],
        "r2i": [0.4, 0.4, 0.4, 0, 0.4, 0.7, 0.6],
    },
    "whichever is known": {
        "ri": [0.4, 0.4, 0.4, NAN, NAN, NAN, NAN],
        "ti": [2, NAN, NAN, 3, 3, 2, NAN],
        "pi": [0.5, 0.03, NAN, 0.3, 0.3, 0.3, -0.07],
        "ni": [30, 20, 20, NAN, 20, 20, 30],
        "mi": [3, 3, 3, 3, NAN, 3, 5],
        "r2i": [0.5, 0.5, 0.5, 0.5, 0.5, NAN, 0.6],
    },
}


def random_columns(rng, k):
    m = np.round(rng.uniform(1, 12, k))
    n = m + np.round(6 + 10 ** rng.uniform(-1, 7, k))
    t = rng.uniform(-2, 2, k)
    r = np.round(rng.uniform(-0.9, 0.9, k), 2)
    p = rng.choice([-1, 1], k) * rng.uniform(0.1, 1, k)
    r2 = np.round(rng.uniform(0.5, 1, k), 2)
    for column in (r, t, n, r2):
        column[rng.random(k) < (0.7 if column is r else 0.1)] = NAN
    return {"ri": r, "ti": t, "pi": p, "mi": m, "ni": n, "r2i": r2}
