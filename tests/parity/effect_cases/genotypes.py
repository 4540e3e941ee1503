"""Genotype counts; women with and without breast cancer in dat.frank2008."""

import numpy as np

from tests.parity.published import numbers

MEASURES = ("REH",)

OPTIONS = {"REH": [{"to": "all", "add": 0.5}]}


FIXED = {
    "dat.frank2008": {
        "ai": numbers("298 235 280 1133 270 245 285 1149"),
        "bi": numbers("535 541 509 2115 506 608 492 2263"),
        "ci": numbers("221 251 222 1050 263 321 229 1062"),
    },
    "corners": {
        "ai": numbers("0 3 2 1 NAN 4 1e9 25 0.5"),
        "bi": numbers("4 0 3 2 3 NAN 2e9 50 1.5"),
        "ci": numbers("2 1 0 1 2 5 1e9 25 2.5"),
    },
}


def random_columns(rng, k):
    ai, bi, ci = (np.rint(rng.lognormal(3, 3, k)) for _ in range(3))
    bi[rng.random(k) < 0.05] = np.nan
    return {"ai": ai, "bi": bi, "ci": ci}
