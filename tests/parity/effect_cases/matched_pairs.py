"""Pairs of patients, or patients before and after, by their outcomes."""

import numpy as np

MEASURES = ("MPRD", "MPRR", "MPOR", "MPORC", "MPPETO")
FIXED = {
    "plain": {"ai": [10, 25, 3], "bi": [4, 9, 2], "ci": [7, 3, 8], "di": [20, 63, 1]},
    "empty cells": {"ai": [0, 5, 0, 3, 6], "bi": [3, 0, 0, 2, 0], "ci": [2, 0, 3, 0, 0], "di": [9, 6, 1, 0, 4]},
    "nothing but": {"ai": [0, 6, 0, 0], "bi": [0, 0, 5, 0], "ci": [0, 0, 0, 7], "di": [6, 0, 0, 0]},
    "row sums": {"ai": [10, 25], "n1i": [14, 34], "ci": [7, 3], "n2i": [27, 66]},
    "huge": {"ai": [10**6, 3], "bi": [10**6, 10**7], "ci": [10**6 + 1, 10**7], "di": [5, 10**7]},
    "missing": {"ai": [10, np.nan, 3], "bi": [4, 9, 2], "ci": [7, 3, np.nan], "di": [20, 63, 1]},
}
OPTIONS = {name: [{"to": "none"}, {"to": "all", "add": 1.0}, {"to": "if0all"}, {"drop00": True}] for name in MEASURES}


def random_columns(rng, k):
    scale = 10.0 ** rng.integers(0, 5, size=k)
    columns = {name: np.round(rng.gamma(0.5, scale)) for name in ("ai", "bi", "ci", "di")}
    columns["bi"][rng.integers(k)] = np.nan
    return columns
