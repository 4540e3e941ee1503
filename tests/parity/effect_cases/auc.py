"""Stochastic superiority: reported areas under the curve, and those of two normal groups or measurements."""

import numpy as np

from tests.parity.effect_cases import biserial

nan = float("nan")

MEASURES = ("CLES", "AUC", "CLESN", "AUCN", "CLESCN", "AUCCN")
REPORTED = ("ai", "mi", "n1i", "n2i")
BINORMAL = ("n1i", "m1i", "sd1i", "n2i", "m2i", "sd2i", "di", "ti", "pi", "ai")
PAIRED = ("ni", "m1i", "m2i", "sd1i", "sd2i", "ri")
COLUMNS = dict.fromkeys(("CLES", "AUC"), REPORTED)
COLUMNS |= dict.fromkeys(("CLESN", "AUCN"), BINORMAL)
COLUMNS |= dict.fromkeys(("CLESCN", "AUCCN"), PAIRED)
OPTIONS = {name: [{"vtype": "LS2"}] for name in ("CLES", "AUC")} | {name: [{"vtype": "HO"}] for name in ("CLESN", "AUCN")}
FIXED = {
    "dat.rivera2025": {
        "n1i": [127, 247, 150, 142, 613, 120, 855, 50, 812, 59],
        "n2i": [173, 202, 115, 63, 57, 83, 68, 52, 111, 64],
        "ai": [nan, nan, nan, 0.93, nan, 0.94, 0.96, 0.85, 0.97, 0.97],
    },
    "dat.normand1999": biserial.FIXED["dat.normand1999"],
    "dat.gibson2002": biserial.FIXED["dat.gibson2002"],
    "hard areas": {  # none and all, groups of one and two, ties as many as there can be
        "n1i": [10, 10, 10, 1, 5, 1, 2, 1.5, 1e9, 1e9, 20, nan, 20],
        "n2i": [12, 12, 12, 5, 1, 1, 2, 1.5, 2e9, 2, 30, 20, 30],
        "ai": [0, 1, 0.5, 0.7, 0.7, 0.7, 0.3, 0.7, 0.7, 0.7, 0.001, 0.5, 0.999],
        "mi": [0, 0, 1, 0, nan, 0.1, 0.6, nan, 0, 0.5, 0.002, 0, nan],
    },
    "hard means": biserial.FIXED["hard means"],
    "means and an area": {  # the area is the effect, the variance is the means' if there are enough of them
        "n1i": [20, 20, 20, 20, 20, 1, 20, 20],
        "m1i": [1, nan, nan, 1, 1, 1, 1, 1],
        "sd1i": [1, 1, 1, nan, 0, 1, nan, 1],
        "n2i": [25, 25, 25, 25, 25, 5, 25, 25],
        "m2i": [0, 0, nan, 0, 0, 0, 0, 0],
        "sd2i": [2, 2, 2, nan, 0, 2, 2, 2],
        "ai": [0.7, 0.7, 0.7, 0.7, 0.7, 0.7, nan, 1],
    },
    "standardized mean differences": biserial.FIXED["standardized mean differences"] | {"ai": [nan, 0.7, 0.1, 0]},
    "p-values": {"n1i": [10, 10, 10, 10], "n2i": [12, 12, 12, 12], "pi": [0.03, 1, -1, 1e-20]},
    "hard pairs": {
        "ni": [1, 2, 1.5, 10, 10, 10, 10, 10, 1e9, 10, 10, 10, nan],
        "m1i": [1, 1, 1, 1, 1, 1, 1, 5, 1, 1, 1, 0, 1],
        "m2i": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        "sd1i": [1, 1, 1, 1, 1, 0, 0, 1, 1, 2, 1, 2, 1],
        "sd2i": [2, 2, 2, 2, 2, 2, 0, 1, 2, 2, 1, 2, 1],
        "ri": [0.5, 0.5, 0.5, 1, -1, 0.5, 0.5, 0.5, 0.5, 1, nan, 1, 0],
    },
}


def random_columns(rng, k):
    """Every column of the three kinds; ties as the area leaves room for."""
    columns = biserial.random_columns(rng, k)
    ai = np.round(rng.uniform(0, 1, k), rng.choice([2, 12]))
    given = np.where(rng.random(k) < 0.6, ai, nan)
    ties = np.where(rng.random(k) < 0.5, 2 * np.minimum(ai, 1 - ai) * rng.uniform(0, 1, k), nan)
    return columns | {"ai": given, "mi": ties, "ni": columns["n1i"], "ri": rng.uniform(-1, 1, k)}
