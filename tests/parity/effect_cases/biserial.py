"""Correlations of two groups with a measurement, from means or from d, t, p or the correlation itself."""

import numpy as np

from tests.parity.published import SIZES, columns_of

nan = float("nan")

MEASURES = ("RPB", "ZPB", "RBIS", "ZBIS")
KINDS = [{"vtype": "ST"}, {"vtype": "CS"}]
OPTIONS = {"RPB": KINDS, "ZPB": KINDS}
FIXED = {
    "dat.normand1999": columns_of("dat.normand1999", *SIZES),
    "dat.gibson2002": columns_of("dat.gibson2002", *SIZES),
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
