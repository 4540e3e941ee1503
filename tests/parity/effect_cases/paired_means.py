"""Two means of the same people, or of matched pairs.

metadat has no such data: `dat.curtis1998` and `dat.gibson2002` stand in, their groups taken for pairs with a correlation
that is made up. Not asked of R here but in tests/effects/test_paired.py: SMCR by "UB" and "H0", which want R's package
gsl, and SMCC by "UB" with its correction, where R's own J costs it three digits and more.
"""

import numpy as np

from tests.parity.published import as_printed, columns_of, head

NAN = np.nan

MEASURES = ("MC", "POMPMC", "SMCC", "SMCR", "SMCRH", "SMCRP", "SMCRPH", "ROMC", "VRC", "CVRC")

MEANS = ("m1i", "m2i", "sd1i", "sd2i", "ri", "ni")
COLUMNS = {
    **dict.fromkeys(MEASURES, MEANS),
    "POMPMC": (*MEANS, "mini", "maxi"),
    "SMCC": (*MEANS, "di", "ti", "pi"),
    "SMCR": ("m1i", "m2i", "sd1i", "ri", "ni"),
    "VRC": ("sd1i", "sd2i", "ri", "ni"),
}

SECOND = [{"vtype": "LS2"}]
RAW = [{"correct": False}]
BOTH = [*SECOND, *RAW, {"vtype": "LS2", "correct": False}]
OTHERS = [*({"vtype": vtype, **more} for vtype in ("UB", "H0") for more in ({}, {"correct": False}))]
OPTIONS = {
    "SMCC": [*BOTH, *OTHERS[1:]],
    "SMCR": [*BOTH, *OTHERS],
    "SMCRH": BOTH,
    "SMCRP": RAW,
    "SMCRPH": BOTH,
    "ROMC": BOTH,
    "VRC": SECOND,
    "CVRC": BOTH,
}


def _as_pairs(name, correlation):
    found = columns_of(name, "m1i", "m2i", "sd1i", "sd2i", ni="n1i")
    ni = found.pop("ni")
    return {**found, "ri": np.full(len(ni), correlation), "ni": ni}


FIXED = {
    "Morris (2008), treated": {
        "m1i": [30.6, 23.5, 0.5, 53.4, 35.6],
        "m2i": [38.5, 26.8, 0.7, 75.9, 36.0],
        "sd1i": [15.0, 3.1, 0.1, 14.5, 4.7],
        "sd2i": [11.6, 4.1, 0.1, 4.4, 4.6],
        "ri": [0.47, 0.64, 0.77, 0.89, 0.44],
        "ni": [20, 50, 9, 10, 14],
    },
    "Morris (2008), control": {
        "m1i": [23.1, 24.9, 0.6, 55.7, 34.8],
        "m2i": [19.7, 25.3, 0.6, 60.7, 33.4],
        "sd1i": [13.8, 4.1, 0.2, 17.3, 3.1],
        "sd2i": [14.8, 3.3, 0.2, 17.9, 6.9],
        "ri": [0.47, 0.64, 0.77, 0.89, 0.44],
        "ni": [20, 42, 9, 11, 14],
    },
    "dat.curtis1998 as pairs": head(as_printed(_as_pairs("dat.curtis1998", 0.5)), 60),
    "dat.gibson2002 as pairs": _as_pairs("dat.gibson2002", -0.2),
    "few people": {
        "m1i": [1.5, 1.5, 1.5, 1.5, 1.5, 1.5],
        "m2i": [1.1, 1.1, 1.1, 1.1, 1.1, 1.1],
        "sd1i": [0.4, 0.4, 0.4, 0.4, 0.4, 0.4],
        "sd2i": [0.7, 0.7, 0.7, 0.7, 0.7, 0.7],
        "ri": [0.3, 0.3, 0.3, 0.0, -0.3, 0.3],
        "ni": [1, 2, 3, 4, 5, 2.5],
    },
    "corners": {
        "m1i": [1, 2, 0, 5, 5, -1, -3, 4, 0, 2.5, NAN, 3, 3],
        "m2i": [1, 0, 2, 5, 4, -2, 2, -5, 0, 2, 1, 3, 3.5],
        "sd1i": [1, 1, 1, 0, 0, 2, 1, 2, 3, 1, 1, 1, 1],
        "sd2i": [2, 1, 1, 1, 0, 1, 1, 3, 1, 3, 1, NAN, 2],
        "ri": [0.5, 0, 0.2, 0.5, 0.5, 0.9, 0.1, -0.9, 1, -1, 0.4, 0.2, NAN],
        "ni": [10, 12, 8, 20, 20, 15, 6, 7, 9, 11, 10, 10, 30],
    },
    "two people, correlations of 1": {
        "m1i": [1, 1, 1],
        "m2i": [3, 3, 3],
        "sd1i": [1, 1, 1],
        "sd2i": [4, 4, 4],
        "ri": [1, -1, 0.999],
        "ni": [2, 2, 2],
    },
    "POMP": {
        "m1i": [3.1, 5.0, 2.2, 60, 1],
        "m2i": [2.0, 5.5, 4.1, 20, NAN],
        "sd1i": [1.2, 2.0, 0.7, 12, 1],
        "sd2i": [1.5, 2.5, 0.9, 15, 1],
        "ri": [0.4, 0.6, -0.2, 0.8, 0.5],
        "ni": [20, 35, 4, 100, 5],
        "mini": [0, 1, -5, 5.5, 0],
        "maxi": [10, 9, 5, 40, 5],
    },
    "changes, t, p": {
        "m1i": [1, 2, 3, 4, 1, NAN, NAN, NAN, NAN, NAN, NAN],
        "m2i": [2, 1, 1, 1, 3, NAN, NAN, NAN, NAN, NAN, NAN],
        "sd1i": [1, 2, 1, 2, 1, NAN, NAN, NAN, NAN, NAN, NAN],
        "sd2i": [2, 1, 2, 1, 1, NAN, NAN, NAN, NAN, NAN, NAN],
        "ri": [0.1, 0.2, 0.3, 0.4, 0.5, NAN, NAN, NAN, NAN, NAN, NAN],
        "ni": [10, 12, 14, 16, 18, 20, 3, 4, 5, 100, 40],
        "di": [NAN, -0.5, NAN, NAN, 0.3, NAN, 0.1, NAN, NAN, NAN, NAN],
        "ti": [NAN, NAN, 2.5, NAN, 1.5, 3, NAN, NAN, 0, NAN, NAN],
        "pi": [NAN, NAN, NAN, -0.03, 0.5, 0.01, NAN, -0.4, NAN, 1e-9, NAN],
    },
    "p alone": {
        "pi": [0.05, -0.05, 1, -1, 0.999, 1e-12, -1e-60, 0.3, 0.3, 0.3, 0.3],
        "ni": [20, 20, 20, 20, 20, 20, 20, 2, 3, 4, 300],
    },
    "t alone": {"ti": [1, -2.5, 0, 40, -1e-8, 1e4, 1, 1], "ni": [20, 50, 10, 7, 10, 10, 1, 2]},
}


def random_columns(rng, k):
    """Means of any size, few to many people; correlations of ±1 only where the spreads differ, as R's variance cancels."""
    scale = 10.0 ** rng.integers(-6, 7, k)
    m1i, m2i = scale * rng.lognormal(0, 1, k), scale * rng.lognormal(0, 1, k)
    sd1i, ri = scale * rng.lognormal(-1, 1, k), rng.uniform(-0.95, 0.95, k)
    sd2i = sd1i * rng.lognormal(0, 0.7, k)
    ends = rng.random(k) < 0.1
    ri, sd2i = np.where(ends, rng.choice([-1.0, 1.0], k), ri), np.where(ends, 3 * sd1i, sd2i)
    sd2i = np.where(rng.random(k) < 0.05, 0.0, sd2i)
    m1i, m2i = m1i * rng.choice([1, 1, 1, 1, -1], k), np.where(rng.random(k) < 0.05, 0.0, m2i)
    ni = np.where(rng.random(k) < 0.2, rng.integers(1, 6, k), np.rint(rng.lognormal(3.5, 0.8, k)) + 2)
    m1i[rng.random(k) < 0.05] = np.nan
    return {"m1i": m1i, "m2i": m2i, "sd1i": sd1i, "sd2i": sd2i, "ri": ri, "ni": ni, "mini": 0 * scale, "maxi": 5 * scale}
