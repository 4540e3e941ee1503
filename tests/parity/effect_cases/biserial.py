"""Correlations of two groups with a measurement, from means or from d, t, p or the correlation itself."""

import numpy as np

nan = float("nan")

MEASURES = ("RPB", "ZPB", "RBIS", "ZBIS")
KINDS = [{"vtype": "ST"}, {"vtype": "CS"}]
OPTIONS = {"RPB": KINDS, "ZPB": KINDS}
FIXED = {
    "dat.normand1999": {
        "n1i": [155, 31, 75, 18, 8, 57, 34, 110, 60],
        "m1i": [55, 27, 64, 66, 14, 19, 52, 21, 30],
        "sd1i": [47, 7, 17, 20, 8, 7, 45, 16, 27],
        "n2i": [156, 32, 71, 18, 13, 52, 33, 183, 52],
        "m2i": [75, 29, 119, 137, 18, 18, 41, 31, 23],
        "sd2i": [64, 4, 29, 48, 11, 4, 34, 27, 20],
    },
    "dat.gibson2002": {
        "n1i": [50, 140, 23, 97, 35, 45, 56, 20, 128, 119, 32, 86, 25, 28, 12],
        "m1i": [2.2, 17.6, 0.38, 2.09, 4.92, 0.85, 2.8, 24.1, 1.4, 6.23, 2.1, 0.73, 8, nan, nan],
        "sd1i": [12.73, 24.2, 0.56, 5.93, 6.05, 4.75, 9, 11.8, 3.3, 12.2, 8, 1.48, 32, nan, nan],
        "n2i": [54, 136, 19, 94, 35, 55, 59, 20, 143, 100, 33, 100, 24, 28, 33],
        "m2i": [5.2, 34.1, 0.23, 2.66, 20, 2.31, 4.8, 31.8, 2.3, 5.71, 5.1, 0.47, 26, nan, nan],
        "sd2i": [12.5, 38.8, 0.29, 4.95, 26.34, 9.16, 7.2, 17.9, 7.6, 8.57, 14, 1.2, 70, nan, nan],
    },
    "hard means": {  # groups of one, no spread in one or both groups, no difference, correlations near 1 and beyond
        "n1i": [1, 1, 2, 1, 20, 20, 20, 1e9, 3, 100, 8, nan, 5],
        "m1i": [1, 1, 1, 1, 1, 1, 0, 1, 5, 5, 200, 1, 0],
        "sd1i": [1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1],
        "n2i": [1, 25, 1, 999, 25, 25, 25, 2e9, 3, 100, 800, 5, 5],
        "m2i": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        "sd2i": [1, 2, 1, 3, 2, 0, 0, 2, 1, 1, 1, 1, 1],
    },
    "standardized mean differences": {"n1i": [20, 1, 1, 5], "n2i": [25, 1, 5, 900], "di": [0.7, 0.7, -9, 0]},
    "correlations": {
        "n1i": [20, 20, 20, 1, 1, 5, 20, 9],
        "n2i": [25, 25, 25, 1, 5, 900, 25, 9],
        "ri": [0.7, 1, -1, 0.5, 0, -0.99, 0.999, nan],
    },
    "t statistics": {"n1i": [20, 1, 1, 5], "n2i": [25, 1, 5, 900], "ti": [-0.7, 0.7, 9, 0]},
    "p-values": {
        "n1i": [20, 20, 20, 1, 5, 20],
        "n2i": [25, 25, 25, 1, 900, 25],
        "pi": [0.03, 1, -1, 0.5, 1e-20, -0.999],
    },
}


def random_columns(rng, k):
    """All ways to a correlation, a third of the rows each; nothing at all in some."""
    n1i = np.floor(10 ** rng.uniform(0, 5, k))
    sd1i = np.where(rng.random(k) < 0.1, 0.0, 10 ** rng.uniform(-3, 3, k))
    columns = {
        "n1i": n1i,
        "n2i": np.ceil(n1i * 10 ** rng.uniform(-2, 2, k)),
        "m1i": sd1i * rng.choice([0.0, 0.1, 1.0, 5.0], k),
        "m2i": sd1i * rng.normal(size=k),
        "sd1i": sd1i,
        "sd2i": sd1i * np.exp(rng.normal(size=k)),
        "di": rng.normal(size=k) * 2,
        "ti": rng.normal(size=k) * 3,
        "pi": rng.uniform(-1, 1, k),
        "ri": rng.uniform(-1, 1, k),
    }
    for name in ("m1i", "sd2i", "di", "ti", "pi", "ri"):
        columns[name] = np.where(rng.random(k) < 0.3, columns[name], nan)
    return columns
