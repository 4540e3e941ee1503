"""Correlations, as they are or by their t-tests. UCOR, for which R wants its package gsl, is in unbiased_correlation.py.

A row without any of the three has ri alone, as metafor makes variances of "AV" and ZCOR without an effect for the others.
"""

import numpy as np

from tests.parity.published import columns_of

NAN = np.nan

MEASURES = ("COR", "ZCOR")
OPTIONS = {"COR": [{"vtype": "AV"}, {"vtype": "H0"}]}

# fmt: off
MCDANIEL = {
    "ri": [
        0, 0.06, 0.36, 0.15, 0.14, 0.06, 0.09, 0.4, 0.39, 0.14, 0.36, 0.28, 0.62, 0.07, 0.18, 0.42, 0.08, 0.18, 0.43, 0.04,
        -0.04, 0.05, -0.14, 0.05, 0.35, -0.08, 0.24, 0.16, 0.25, 0.68, 0.61, 0.81, 0.99, 0.66, 0.45, 0.71, 0.27, -0.02, 0.29,
        0.13, 0.03, 0, 0.09, -0.03, 0.46, 0.3, 0.33, 0.24, 0.64, 0.12, 0.15, 0.44, 0, 0.16, 0.21, 0.29, 0.19, 0.04, 0.56,
        0.14,
    ],
    "ni": [
        123, 95, 69, 1832, 78, 329, 153, 29, 29, 157, 149, 92, 15, 15, 170, 19, 19, 68, 93, 57, 80, 53, 24, 57, 275, 45, 79,
        107, 31, 407, 84, 8, 6, 7, 12, 14, 40, 40, 99, 164, 67, 57, 50, 129, 49, 63, 56, 238, 20, 122, 51, 40, 210, 334, 310,
        180, 93, 472, 44, 75,
    ],
}
# fmt: on
FIXED = {
    "dat.molloy2014": columns_of("dat.molloy2014", "ri", "ni"),
    "dat.mcdaniel1994": MCDANIEL,
    # near ±1 by powers of 2, whose squares R has exactly: 1 − r² costs it digits otherwise
    "hard": {
        "ri": [
            1,
            -1,
            1,
            1 - 2**-20,
            2**-20 - 1,
            1 - 2**-26,
            0,
            1e-300,
            -0.25,
            0.5,
            0.5,
            0.5,
            0.5,
            -0.99,
            0.3,
            NAN,
            0.2,
            NAN,
        ],
        "ni": [10, 10, 3, 20, 4, 1e6, 20, 30, 1e15, 1, 2, 3, 4, 5, 3.5, 20, NAN, NAN],
    },
    "tests": {"ti": [0, 2.5, -2.5, 1e-8, 30, -2, 2, 0, NAN, 1.5], "ni": [10, 10, 10, 30, 12, 2, 3, 2, 10, NAN]},
    "p-values": {
        "pi": [0.07, -0.07, 1, -1, 0, 0.5, 1e-10, -1e-5, 0.07, 0.07, 0.05, 0.999999, 0.01],
        "ni": [30, 30, 30, 30, 30, 4, 60, 12, 2, 1, 1e6, 100, NAN],
    },
    "whichever is known": {
        "ri": [0.3, NAN, NAN, NAN, 0.9],
        "ti": [5, 2.5, NAN, 2, NAN],
        "pi": [NAN, 0.9, -0.07, 0.5, 0.5],
        "ni": [10, 10, 30, NAN, 15],
    },
}


def random_columns(rng, k):
    n = np.round(4 + 10 ** rng.uniform(-1, 7, k))
    r = np.round(np.tanh(rng.normal(0, 1, k)), 2)
    t = rng.normal(0, 2, k)
    p = rng.choice([-1, 1], k) * np.minimum(10 ** rng.uniform(-6, 0.1, k), 1)
    r[rng.random(k) < 0.5] = NAN
    t[rng.random(k) < 0.5] = NAN
    n[rng.random(k) < 0.1] = NAN
    return {"ri": r, "ti": t, "pi": p, "ni": n}
