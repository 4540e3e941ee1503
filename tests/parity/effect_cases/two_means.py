"""Two groups' means: agriculture and medicine, effects as they were reported, and data at the edge of each measure.

Not asked of R here but of mpmath in tests/effects: what R's own J costs it digits for, which are "UB" with correction and
groups of thousands, and means so near to each other, or correlations so near to 1, that R's own difference is rounding.
"""

from tests.parity.published import SIZES, columns_of, head

NAN = float("nan")

MEASURES = ("MD", "POMPMD", "SMD", "SMDH", "SMD1", "SMD1H", "ROM", "VR", "CVR", "D2OR", "D2ORN", "D2ORL")


def _options(*vtypes):
    """Each kind of variance, with and without bias correction; not the defaults, which are asked for anyway."""
    return [{"vtype": vtype, "correct": correct} for vtype in vtypes for correct in (True, False)][1:]


_BY_ONE_SPREAD = [*_options("LS", "LS2", "LS3", "AV", "H0"), {"vtype": "UB", "correct": False}]
OPTIONS = {
    "MD": [{"vtype": "HO"}, {"vtype": "UB"}],
    "POMPMD": [{"vtype": "HO"}, {"vtype": "UB"}],
    "SMD": _BY_ONE_SPREAD,
    "SMDH": _options("LS", "LS2", "LS3"),
    "SMD1": _BY_ONE_SPREAD,
    "SMD1H": [{"correct": False}],
    "ROM": _options("LS", "HO", "LS2", "AV", "AVHO"),
    "VR": _options("LS", "LS2"),
    "CVR": _options("LS", "LS2"),
}

FIXED = {
    "dat.normand1999": columns_of("dat.normand1999", *SIZES),
    "dat.gibson2002": columns_of("dat.gibson2002", *SIZES),
    "dat.curtis1998": head(columns_of("dat.curtis1998", *SIZES), 38),
    "as reported": {  # means, d, t, p and r, alone and at once
        "n1i": [20, 20, 30, 12, 50, 8, 40, 25, 15, 33],
        "n2i": [22, 20, 28, 14, 45, 9, 40, 20, 16, 30],
        "m1i": [5.2, NAN, NAN, NAN, NAN, 3.1, 12, NAN, NAN, 7],
        "sd1i": [1.1, NAN, NAN, NAN, NAN, 0.7, 3.5, 2, NAN, 2.5],
        "m2i": [4.6, NAN, NAN, NAN, NAN, 3.3, 10, 4, NAN, 6],
        "sd2i": [1.3, NAN, NAN, NAN, NAN, 0.9, 4.2, 2.5, NAN, 2.1],
        "di": [NAN, 0.45, NAN, NAN, NAN, 1.2, NAN, NAN, NAN, NAN],
        "ti": [NAN, NAN, -2.2, NAN, NAN, -0.5, 1.7, NAN, NAN, NAN],
        "pi": [NAN, NAN, NAN, -0.018, NAN, 0.3, -0.2, NAN, NAN, 0.04],
        "ri": [NAN, NAN, NAN, NAN, 0.33, NAN, -0.1, NAN, NAN, 0.5],
    },
    "p-values": {
        "n1i": [20, 20, 3, 50, 10, 10, 200, 6, 2, 40],
        "n2i": [20, 22, 2, 40, 10, 12, 200, 5, 2, 40],
        "pi": [-0.018, 0.05, 0.001, 1e-12, 1, -1, 0.9999, -1e-07, 0.02, 0.5],
    },
    "correlations": {
        "n1i": [10, 30, 3, 80],
        "n2i": [12, 30, 4, 75],
        "ri": [0.99, -0.5, 0, 1e-09],
    },
    "scales": {
        "n1i": [20, 35, 50, 12],
        "m1i": [25, 3.2, 80, NAN],
        "sd1i": [8, 1.1, 15, 2],
        "n2i": [22, 33, 50, 14],
        "m2i": [21, 2.9, 71, 5],
        "sd2i": [9, 0.9, 22, 2],
        "mini": [0, 1, 0, 0],
        "maxi": [63, 5, 100, 10],
    },
    "far apart": {  # tiny, huge and equal means and spreads, groups of very different size, one group without spread
        "n1i": [5, 300, 2, 9, 40, 12, 7, 6],
        "m1i": [1e-09, 1e09, 3, 7.25, 0.001, 100, 0.5, 2],
        "sd1i": [1e-10, 1e08, 0.1, 1.5, 0.01, 1e-06, 40, 0],
        "n2i": [6, 4, 390, 9, 41, 13, 5, 9],
        "m2i": [2e-09, 1e09, 2.9999999, 7.25, 1000, 101, 8000, 1],
        "sd2i": [3e-10, 2e08, 0.1, 1.5, 100, 1e-06, 30, 0.5],
    },
    "missing values": {
        "n1i": [10, 12, NAN, 14, 15, NAN, 22],
        "m1i": [5, NAN, 6, 7, 8, 9, 4],
        "sd1i": [2, 2, 2, NAN, 2, 2, 2],
        "n2i": [11, 12, 13, 14, 15, 20, 21],
        "m2i": [4, 4, 4, 4, NAN, 4, 4],
        "sd2i": [1, 1, 1, 1, 1, 1, NAN],
    },
    "groups of one or two": {  # degrees of freedom that run out
        "n1i": [1, 1, 2, 1, 1, 3, 10],
        "m1i": [5, 4, 3, 5, 4, 6, 5],
        "sd1i": [1, 2, 1.5, 0.5, 1, 1, 1],
        "n2i": [1, 2, 2, 3, 10, 1, 12],
        "m2i": [4, 3, 3, 6, 3, 5, 4.5],
        "sd2i": [2, 1, 2.5, 0.5, 2, 1.5, 1],
    },
    "no spread": {  # differences of infinite size and of none
        "n1i": [10, 10, 10, 10, 11],
        "m1i": [5, 5, 5, 5, 7],
        "sd1i": [0, 0, 2, 2, 3],
        "n2i": [12, 12, 12, 12, 14],
        "m2i": [4, 5, 4, 5, 5],
        "sd2i": [0, 0, 0, 3, 2],
    },
    "means of either sign": {
        "n1i": [10, 12, 14, 15, 16],
        "m1i": [5, 4, 6, 3, 7],
        "sd1i": [2, 1, 3, 1, 2],
        "n2i": [11, 12, 13, 14, 15],
        "m2i": [4, 5, -6, -2, 8],
        "sd2i": [1, 2, 2, 2, 1],
    },
    "means below 0": {
        "n1i": [10, 12, 14],
        "m1i": [-5, -4, -6],
        "sd1i": [2, 1, 3],
        "n2i": [11, 12, 13],
        "m2i": [-4, -5, -3],
        "sd2i": [1, 2, 2],
    },
    "means of 0": {
        "n1i": [10, 12, 14, 15, 16],
        "m1i": [5, 4, 0, 3, 0],
        "sd1i": [2, 1, 3, 1, 2],
        "n2i": [11, 12, 13, 14, 15],
        "m2i": [4, 5, 6, 0, 0],
        "sd2i": [1, 2, 2, 2, 1],
    },
    "p of 0": {
        "n1i": [10, 10, 10, 10],
        "n2i": [12, 12, 12, 12],
        "pi": [0, 0, NAN, 0.2],
        "ri": [0.2, -0.3, 0.9, 0.5],
    },
    "r of ±1": {  # an infinite d
        "n1i": [10, 10, 10, 10],
        "n2i": [12, 12, 12, 12],
        "ri": [0.2, 1, -1, 0.5],
    },
    "hundreds": {
        "n1i": [150, 300, 400, 999, 20],
        "m1i": [5, 5, 5, 5, 5],
        "sd1i": [1, 1, 1, 1, 1],
        "n2i": [150, 200, 400, 10, 500],
        "m2i": [4, 4, 4, 4, 4],
        "sd2i": [2, 2, 2, 2, 2],
    },
    "millions": {
        "n1i": [1e06, 1e09, 1e12, 20],
        "sd1i": [1, 2, 1e-09, 2],
        "n2i": [1e06, 10, 1000, 2e07],
        "sd2i": [1.5, 2, 3e09, 1],
    },
}


def random_columns(rng, k):
    """Means above 0, second groups of three or more, and one row in six by its d, t, p or r."""
    columns = {
        "n1i": rng.integers(2, 2 + 10 ** rng.uniform(0, 2.4, k), endpoint=True).astype(float),
        "m1i": 10.0 ** rng.normal(0, 1.5, k),
        "sd1i": 10.0 ** rng.normal(0, 1, k) * rng.choice([0.0, 1.0], k, p=[0.05, 0.95]),
        "n2i": rng.integers(3, 3 + 10 ** rng.uniform(0, 2.4, k), endpoint=True).astype(float),
        "m2i": 10.0 ** rng.normal(0, 1.5, k),
        "sd2i": 10.0 ** rng.normal(0, 1, k),
        "di": rng.normal(0, 2, k),
        "ti": rng.normal(0, 4, k),
        "pi": rng.uniform(-1, 1, k) ** 3,
        "ri": rng.uniform(-1, 1, k),
        "mini": -(10.0 ** rng.uniform(-2, 0, k)),
        "maxi": 10.0 ** rng.uniform(0, 4, k),
    }
    for name in ("di", "ti", "pi", "ri"):
        columns[name][rng.uniform(size=k) < 23 / 24] = NAN
    for name in ("m1i", "sd1i", "m2i", "sd2i"):
        columns[name][rng.uniform(size=k) < 0.04] = NAN
    return columns
