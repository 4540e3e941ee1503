"""UCOR, for which R wants its package gsl. Without it R refuses the measure.

Correlations are moderate and studies small: metafor computes the variance of "UB" as a difference of two numbers near 1, and
has the fewer digits the smaller it is; and gsl's hypergeometric function loses digits near r = 0 (9 of them for r = 0.005
and n = 12). Up to four people metafor has no effect, but by "AV" a variance. All of these are held to 40 digits of mpmath
in tests/effects/test_olkin_pratt.py.
"""

import numpy as np

from tests.parity.effect_cases.correlation import MCDANIEL

NAN = np.nan

MEASURES = ("UCOR",)
OPTIONS = {"UCOR": [{"vtype": "AV"}, {"vtype": "UB"}]}

CHOSEN = (np.array(MCDANIEL["ni"]) < 50) & (np.abs(MCDANIEL["ri"]) < 0.65)
FIXED = {
    # small studies of dat.mcdaniel1994 with moderate correlations
    "dat.mcdaniel1994, n < 50": {name: np.array(values)[CHOSEN] for name, values in MCDANIEL.items()},
    "hard": {
        "ri": [0, 1, -1, 0.5, -0.8, 0.3, 0.1, NAN, 0.2],
        "ni": [5, 5, 10, 4.5, 5, 7, 10, 20, NAN],
    },
    "tests": {"ti": [0, 1.5, -2, 0.5, NAN, NAN], "pi": [NAN, NAN, NAN, NAN, -0.2, 1], "ni": [5, 6, 20, 40, 12, 12]},
}


def random_columns(rng, k):
    n = np.round(rng.uniform(5, 40, k))
    r = np.round(rng.choice([-1, 1], k) * rng.uniform(0.1, 0.6, k), 3)
    n[rng.random(k) < 0.1] = NAN
    r[rng.random(k) < 0.1] = NAN
    return {"ri": r, "ni": n}
