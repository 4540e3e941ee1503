"""Event rates of one group."""

import numpy as np

MEASURES = ("IR", "IRLN", "IRS", "IRFT")

OPTIONS = {
    "IR": [{"to": "none"}, {"to": "all", "add": 0.25}],
    "IRLN": [{"to": "if0all"}, {"drop00": True}, {"to": "none"}],
    "IRS": [{"add": 0.5}],
    "IRFT": [{"add": 0.5}],
}


def numbers(text):
    return [float(word) for word in text.split()]


FIXED = {
    "dat.hart1999": {
        "xi": numbers("9 8 3 6 7 20 19 19 13 9 23 50"),
        "ti": numbers("413 263 487 237 489 507 398 245 435 241 483 405"),
    },
    "dat.nielweise2008": {
        "xi": numbers("7 8 3 6 1 1 17 3 2 11 8 14 10 1 8 15 7 3"),
        "ti": numbers("1344 1600 12012 1536 370 729 6760 1107 320 1988 1461 10962 1503 483 913 6840 1015 440"),
    },
    "corners": {
        "xi": numbers("0 3 1 1e9 NAN 2.5 4"),
        "ti": numbers("10 0.5 1e-6 1e3 4 2.5 NAN"),
    },
}


def random_columns(rng, k):
    xi, ti = rng.poisson(rng.lognormal(1, 2, k)) * 1.0, 10.0 ** rng.uniform(-3, 6, k)
    xi[rng.random(k) < 0.05] = np.nan
    return {"xi": xi, "ti": ti}
