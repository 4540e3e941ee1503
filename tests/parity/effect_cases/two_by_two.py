"""2x2 tables. The 28th of dat.bourassa1996 has nobody in a group, which pymeta refuses."""

import numpy as np

from tests.parity.published import columns_of, numbers

MEASURES = ("RR", "OR", "RD", "PETO", "AS", "PHI", "ZPHI", "YUQ", "YUY", "PBIT", "OR2D", "OR2DN", "OR2DL")

RISKS = [{"vtype": "AV"}, {"vtype": "H0"}]
FILLED = [{"to": "all", "add": 0.25}]
OPTIONS = {
    "RR": [*RISKS, {"drop00": True}, *FILLED],
    "OR": [*RISKS, {"to": "if0all"}, {"vtype": "AV", "to": "none", "drop00": True}],
    "RD": [{"vtype": "UB"}, *RISKS, {"to": "none"}, {"vtype": "UB", "to": "all"}],
    "PETO": [{"to": "none"}, {"drop00": True}, *FILLED],
    "AS": [{"drop00": True}, {"add": 0.5}],
    "PHI": [{"vtype": "ST"}, {"vtype": "CS", "add": 0.5}, {"vtype": "ST", "to": "all", "add": 0.5}],
    "ZPHI": [{"vtype": "ST"}, {"vtype": "CS", "add": 0.5}],
    "YUQ": [{"to": "none"}, *FILLED],
    "YUY": [{"drop00": True}],
    "PBIT": [{"to": "none"}, *FILLED],
    "OR2D": RISKS,
    "OR2DN": RISKS,
    "OR2DL": RISKS,
}


FIXED = {
    "dat.bcg": columns_of("dat.bcg", ai="tpos", bi="tneg", ci="cpos", di="cneg"),
    "dat.nielweise2007": columns_of("dat.nielweise2007", "ai", "n1i", "ci", "n2i"),
    "dat.yusuf1985": {
        "ai": numbers(
            "14 18 15 10 21 3 2 NAN 19 15 5 0 8 3 0 1 0 14 0 8 6 3 3 0 6 1 0 1 3 1 1 0 1 0 4 4 3 1 3 15 0 1 0 74 0 NAN "
            "NAN 29 25 18 3 7 5 102 28 4 98 60 25 138"
        ),
        "n1i": numbers(
            "56 66 100 52 226 38 20 NAN 76 106 62 9 133 48 16 42 25 221 11 259 157 177 26 39 46 47 20 33 47 26 15 14 "
            "25 20 244 56 73 50 83 364 15 20 134 2877 50 NAN NAN 238 416 698 38 114 69 1533 355 59 945 632 278 1916"
        ),
        "ci": numbers(
            "15 19 12 12 24 6 3 NAN 15 9 4 0 11 3 0 1 3 15 0 7 4 2 4 0 3 2 0 0 1 0 1 0 1 0 13 5 4 0 0 14 0 2 0 87 1 "
            "NAN NAN 24 20 23 3 14 11 127 27 6 152 48 37 188"
        ),
        "n2i": numbers(
            "58 64 95 47 228 31 20 NAN 67 114 57 8 127 49 13 46 25 228 11 129 158 136 23 15 48 48 23 29 44 26 15 12 26 "
            "20 233 52 71 51 83 371 15 19 135 2901 50 NAN NAN 242 384 697 39 116 93 1520 365 52 939 471 282 1921"
        ),
    },
    "dat.li2007": {
        "ai": numbers("1 4 2 1 1 1 6 10 2 90 5 4 4 2216 3 1 6 475 2 0 101 1"),
        "n1i": numbers("40 56 92 48 25 50 81 150 21 1150 125 130 96 29011 40 31 169 3113 50 75 1691 89"),
        "ci": numbers("2 14 7 1 3 9 11 8 4 118 12 8 17 2103 3 0 18 472 10 1 134 3"),
        "n2i": numbers("36 74 93 46 23 53 81 148 25 1150 102 122 98 29039 38 30 181 3100 50 75 1488 91"),
    },
    "dat.bourassa1996, to row 27": {
        "ai": numbers("93 140 74 66 16 102 17 10 7 4 2 3 4 2 3 27 9 5 20 6 8 241 19 11 8 2 2"),
        "bi": numbers("17 91 57 34 14 97 14 2 2 2 3 4 3 1 2 0 11 2 13 8 5 211 10 6 4 2 2"),
        "ci": numbers("130 305 158 147 43 597 38 52 15 15 24 18 29 20 19 101 59 23 137 14 31 1587 27 11 16 33 27"),
        "di": numbers("760 697 427 270 114 1898 80 170 169 38 39 39 89 49 45 261 98 38 327 34 56 3440 33 16 17 84 75"),
    },
    "zeros": {
        "ai": numbers("0 5 0 5 3 0 5 0 4"),
        "bi": numbers("5 0 5 0 2 5 1 9 6"),
        "ci": numbers("0 4 4 0 4 2 2 0 4"),
        "di": numbers("4 1 1 5 0 2 0 7 6"),
    },
    "all at once": {
        "ai": numbers("5 3 15 0"),
        "bi": numbers("0 0 0 7"),
        "ci": numbers("0 0 0 7"),
        "di": numbers("5 3 15 0"),
    },
    "few people": {
        "ai": numbers("1 1 1 0.5 0 1"),
        "bi": numbers("0 1 2 0.5 1 1"),
        "ci": numbers("0 1 1 0.25 0 0"),
        "di": numbers("1 1 0 1.75 2 1"),
    },
    "not whole": {
        "ai": numbers("1.5 2.25 0.1 12.75"),
        "bi": numbers("3.5 7.75 0.9 0.5"),
        "ci": numbers("0.5 1.125 0.3 3.5"),
        "di": numbers("2.5 9 0.6 8.25"),
    },
    "many people": {
        "ai": numbers("1 20 3000000 5000000"),
        "bi": numbers("999999 9999980 5000000 5000001"),
        "ci": numbers("3 20 2999999 4999999"),
        "di": numbers("2999997 9999980 5000001 5000002"),
    },
    "sizes beside some others": {
        "ai": numbers("3 4 5 NAN 7 8"),
        "bi": numbers("10 NAN 6 NAN 3 NAN"),
        "ci": numbers("4 5 1 2 3 1"),
        "di": numbers("9 NAN NAN 3 5 NAN"),
        "n1i": numbers("13 10 NAN 10 10 NAN"),
        "n2i": numbers("13 20 8 NAN 8 9"),
    },
    "missing": {
        "ai": numbers("NAN 0 3 4 7"),
        "bi": numbers("2 NAN 4 5 1"),
        "ci": numbers("0 0 NAN 0 8"),
        "di": numbers("4 5 6 NAN 2"),
    },
}


def random_columns(rng, k):
    """Rare and common events, few and many people, empty cells. No table has one diagonal only: R loses phi's variance."""
    n1i, n2i = (np.rint(np.exp(rng.uniform(1.0, rng.choice([4.0, 13.0]), k))) for _ in range(2))
    risk = np.where(rng.random(k) < 0.3, 10.0 ** -rng.uniform(1, 5, k), rng.uniform(0.02, 0.98, k))
    ai, ci = rng.binomial(n1i.astype(int), risk) * 1.0, rng.binomial(n2i.astype(int), rng.permutation(risk)) * 1.0
    ai = np.where(rng.random(k) < 0.1, 0.0, ai)
    ai = np.where(((ai == 0) & (ci == n2i)) | ((ai == n1i) & (ci == 0)), 1.0, ai)
    ci[rng.random(k) < 0.05] = np.nan
    return {"ai": ai, "bi": n1i - ai, "ci": ci, "di": n2i - ci}
