"""Event rates of one group."""

import numpy as np

from tests.parity.effect_cases import rates_two
from tests.parity.published import numbers

MEASURES = ("IR", "IRLN", "IRS", "IRFT")

OPTIONS = {
    "IR": [{"to": "none"}, {"to": "all", "add": 0.25}],
    "IRLN": [{"to": "if0all"}, {"drop00": True}, {"to": "none"}],
    "IRS": [{"add": 0.5}],
    "IRFT": [{"add": 0.5}],
}


def _both_groups(name):
    groups = rates_two.FIXED[name]
    return {"xi": [*groups["x1i"], *groups["x2i"]], "ti": [*groups["t1i"], *groups["t2i"]]}


FIXED = {
    "dat.hart1999": _both_groups("dat.hart1999"),
    "dat.nielweise2008": _both_groups("dat.nielweise2008"),
    "corners": {
        "xi": numbers("0 3 1 1e9 NAN 2.5 4"),
        "ti": numbers("10 0.5 1e-6 1e3 4 2.5 NAN"),
    },
}


def random_columns(rng, k):
    xi, ti = rng.poisson(rng.lognormal(1, 2, k)) * 1.0, 10.0 ** rng.uniform(-3, 6, k)
    xi[rng.random(k) < 0.05] = np.nan
    return {"xi": xi, "ti": ti}
