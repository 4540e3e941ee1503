"""One group's proportion."""

import numpy as np

from tests.parity.published import columns_of, numbers

MEASURES = ("PR", "PLN", "PLO", "PRZ", "PAS", "PFT")

AVERAGE = [{"vtype": "AV"}]
FILLED = [{"to": "all", "add": 0.25}]
OPTIONS = {
    "PR": [{"vtype": "UB"}, *AVERAGE, {"vtype": "UB", "to": "none"}, *FILLED],
    "PLN": [*AVERAGE, {"to": "if0all"}],
    "PLO": [*AVERAGE, {"to": "none"}, {"to": "none", "vtype": "AV"}],
    "PRZ": [{"to": "none"}, *FILLED, {"drop00": True}],
    "PAS": [{"add": 0.5}],
    "PFT": [{"add": 0.5}],
}


FIXED = {
    "dat.pritz1997": {
        "xi": numbers("16 10 4 43 10 25 13 12 22 4 5 18 58 6"),
        "ni": numbers("17 12 8 58 10 42 14 12 41 5 6 23 68 10"),
    },
    "dat.debruin2009": columns_of("dat.debruin2009", "xi", "ni"),
    "dat.hannum2020": {
        "xi": numbers(
            "44 13 17 2 344 15 22 63 48 4668 40 53 95 34 42 284 488 357 42 14 136 241 26 11 130 25 7 59 38 75 54 119 "
            "35 18 52"
        ),
        "ni": numbers(
            "72 16 33 15 579 42 34 103 95 7178 59 72 145 54 321 508 3191 417 72 59 498 345 63 214 202 79 28 60 45 128 "
            "114 1113 154 42 199"
        ),
    },
    "dat.crisafulli2020": {
        "xi": numbers("47 66 19 2 99 105 73 110 12 156 48 76 50 5 16 20 397 9 29 5 21 11 51 40 6 72"),
        "ni": numbers(
            "177413 234396 91157 10000 532302 371698 301283 420374 71091 721163 176600 292637 261254 18000 72963 77654 "
            "1673791 34219 210324 30014 111703 62188 281214 190521 37649 369780"
        ),
    },
    "ends": {
        "xi": numbers("0 5 0 1 3 0.5 0 1"),
        "ni": numbers("5 5 1 1 6 2.5 1000000 1000000"),
    },
    "many people": {
        "xi": numbers("1 7 500000000 2e6"),
        "ni": numbers("1e9 1e8 1e9 3e6"),
    },
    "mi, some ni": {
        "xi": numbers("1 2 3 4 NAN 0"),
        "mi": numbers("2 NAN NAN NAN 3 6"),
        "ni": numbers("NAN 5 9 NAN 5 6"),
    },
    "others": {
        "xi": numbers("3 0 12 NAN 4"),
        "mi": numbers("5 7 0 3 NAN"),
    },
}


def random_columns(rng, k):
    """Rare and common events, few and many people, none and all."""
    ni = np.rint(np.exp(rng.uniform(0.0, rng.choice([4.0, 14.0]), k)))
    risk = np.where(rng.random(k) < 0.3, 10.0 ** -rng.uniform(1, 5, k), rng.uniform(0.02, 0.98, k))
    xi = rng.binomial(ni.astype(int), risk) * 1.0
    xi = np.where((rng.random(k) < 0.2) & (ni < 500), ni, xi)
    xi[rng.random(k) < 0.05] = np.nan
    return {"xi": xi, "ni": ni}
