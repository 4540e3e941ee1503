"""Event rates of two groups."""

import numpy as np

from tests.parity.published import columns_of, numbers

MEASURES = ("IRR", "IRD", "IRSD")

OPTIONS = {
    "IRR": [{"to": "all", "add": 0.25}, {"to": "none"}, {"drop00": True}, {"to": "if0all"}],
    "IRD": [{"to": "none"}, {"drop00": True}],
    "IRSD": [{"add": 0.5}],
}


FIXED = {
    "dat.hart1999": columns_of("dat.hart1999", "x1i", "x2i", "t1i", "t2i"),
    "dat.nielweise2008": {
        "x1i": numbers("7 8 3 6 1 1 17 3 2"),
        "x2i": numbers("11 8 14 10 1 8 15 7 3"),
        "t1i": numbers("1344 1600 12012 1536 370 729 6760 1107 320"),
        "t2i": numbers("1988 1461 10962 1503 483 913 6840 1015 440"),
    },
    "corners": {
        "x1i": numbers("0 3 0 1 1e9 NAN 0 2.5 4"),
        "x2i": numbers("0 0 4 1 1e9 3 NAN 1.5 4"),
        "t1i": numbers("10 0.5 3 1e-6 1e3 4 1 2.5 NAN"),
        "t2i": numbers("20 0.25 9 1e6 1001 5 1 3.5 2"),
    },
}


def random_columns(rng, k):
    x1i, x2i = (rng.poisson(rng.lognormal(1, 2, k)) * 1.0 for _ in range(2))
    t1i, t2i = (10.0 ** rng.uniform(-3, 6, k) for _ in range(2))
    x1i[rng.random(k) < 0.05] = np.nan
    return {"x1i": x1i, "x2i": x2i, "t1i": t1i, "t2i": t2i}
