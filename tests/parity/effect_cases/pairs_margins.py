"""The margins of pairs' tables, with the pairs' correlations or the shares with both outcomes."""

import numpy as np

MEASURES = ("MPORM",)
FIXED = {
    "correlations": {
        "ai": [10, 5, 0, 5],
        "bi": [20, 9, 6, 9],
        "ci": [7, 8, 3, 8],
        "di": [23, 6, 3, 6],
        "ri": [0.2, 0.9, 0.1, -1.0],
    },
    "shares": {
        "ai": [10, 5, 5, 5],
        "bi": [20, 9, 9, 9],
        "ci": [7, 8, 8, 8],
        "di": [23, 6, 6, 6],
        "pi": [0.2, 0.3, 0.9, 0.0],
    },
    "either": {
        "ai": [10, 5, 4],
        "bi": [20, 9, 6],
        "ci": [7, 8, 3],
        "di": [23, 6, 3],
        "ri": [np.nan, 0.1, np.nan],
        "pi": [0.2, 0.9, np.nan],
    },
    "sizes apart": {
        "ai": [10, 10, 10, 3],
        "bi": [20, 20, 20, 4],
        "ci": [7, 7, 70, 7],
        "di": [20, 22, 100, 21],
        "pi": [0.1, 0.1, 0.2, 0.1],
    },
    "row sums": {"ai": [10, 5], "n1i": [30, 14], "ci": [7, 8], "n2i": [30, 15], "ri": [0.2, 0.9]},
    "empty": {"ai": [0, 0, 4], "bi": [6, 6, 0], "ci": [3, 3, 2], "di": [3, 3, 5], "pi": [0.0, 0.05, 0.1]},
}
OPTIONS = {"MPORM": [{"to": "none"}, {"to": "all", "add": 1.0}, {"to": "if0all"}, {"drop00": True}]}


def random_columns(rng, k):
    columns = {name: np.round(rng.gamma(1.0, 30.0, size=k)) + 1.0 for name in ("ai", "bi", "ci", "di")}
    return columns | {"ri": np.round(rng.uniform(-1, 1, k), 3)}
