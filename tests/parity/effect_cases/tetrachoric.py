"""Tables of two dichotomized normal variables. metafor finds the maximum to some 5 digits: see DIV-017."""

import numpy as np

MEASURES = ("RTET", "ZTET")
FIXED = {
    "dat.bourassa1996": {
        "ai": [24, 4, 11, 87, 36],
        "bi": [12, 14, 43, 133, 81],
        "ci": [18, 6, 9, 136, 49],
        "di": [65, 78, 127, 1202, 471],
    },
    "plain": {"ai": [10, 25, 3, 40], "bi": [4, 9, 2, 1], "ci": [7, 3, 8, 2], "di": [20, 63, 5, 30]},
    "independent": {"ai": [10, 6], "bi": [20, 3], "ci": [10, 4], "di": [20, 2]},
    "negative": {"ai": [4, 1], "bi": [20, 30], "ci": [15, 40], "di": [3, 2]},
}


def random_columns(rng, k):
    columns = {name: np.round(rng.gamma(2.0, 30.0, size=k)) + 3.0 for name in ("ai", "bi", "ci", "di")}
    columns["ci"][rng.integers(k)] = np.nan
    return columns
