"""Hard data sets, made on purpose and at random (seeded), by every method, pymeta against metafor."""

import numpy as np
import pytest

from pymeta.effects.measures import MEASURES as EVERY_MEASURE
from pymeta.validation.case import POOLED as POOLED_MEASURES

MEASURES = {name: EVERY_MEASURE[name] for name in POOLED_MEASURES}
METHODS = ("EE", "FE", "CE", "DL", "REML", "revman5", "MH")  # the other estimators of tau² are in test_uni.py

MEANS = ("n1i", "m1i", "sd1i", "n2i", "m2i", "sd2i")
LEVELS = (90.0, 95.0, 99.0)


def methods_of(measure):
    """Every method but the synonyms of EE, which the grid covers."""
    tables = MEASURES[measure].family.name == "two_by_two"
    return [method for method in METHODS if method not in ("FE", "CE") and (tables or method != "MH")]


def numbers(*values):
    return np.array(values, dtype=np.float64)


def tables(ai, n1i, ci, n2i):
    return {"ai": numbers(*ai), "n1i": numbers(*n1i), "ci": numbers(*ci), "n2i": numbers(*n2i)}


def generic(yi, vi):
    return {"yi": numbers(*yi), "vi": numbers(*vi)}


def spread(k, seed, *, tau=0.5, orders=1.0, scale=1.0):
    """k effects with variances over `orders` powers of ten."""
    rng = np.random.default_rng(seed)
    vi = 10.0 ** rng.uniform(-orders / 2, orders / 2, k)
    return {"yi": scale * rng.normal(0.3, np.sqrt(vi + tau**2)), "vi": scale**2 * vi}


EDGES = {
    "one table": tables([3], [20], [5], [21]),
    "one table, no events in one arm": tables([0], [20], [5], [21]),
    "one table, no events": tables([0], [20], [0], [21]),
    "two tables": tables([3, 9], [20, 40], [5, 20], [21, 40]),
    "two tables, one of them empty": tables([3, 0], [20, 40], [5, 0], [21, 40]),
    "empty cells of every kind": tables([0, 4, 20, 7, 0, 20], [20] * 6, [3, 0, 11, 21, 0, 21], [21] * 6),
    "no events in group 1 of any study": tables([0, 0, 0], [20, 30, 40], [3, 5, 1], [20, 30, 40]),
    "everybody has the event in group 2": tables([3, 5, 7], [20, 30, 40], [20, 30, 40], [20, 30, 40]),
    "groups of one": tables([0, 1, 1, 0, 1], [1] * 5, [1, 0, 1, 0, 0], [1] * 5),
    "millions": tables([10, 999_990, 3], [1_000_000] * 3, [2_000, 500_000, 4], [1_000_001] * 3),
    "the same table thrice": tables([4, 4, 4], [30] * 3, [9, 9, 9], [31] * 3),
    "one mean": {name: numbers(value) for name, value in zip(MEANS, (9, 3, 1, 8, 2, 1.5), strict=True)},
    "equal means": {
        "n1i": numbers(9, 12, 30), "m1i": numbers(3, 3, 3), "sd1i": numbers(1, 2, 1),
        "n2i": numbers(9, 10, 31), "m2i": numbers(3, 3, 3), "sd2i": numbers(1, 1, 2),
    },
    "groups of two": {
        "n1i": numbers(2, 2, 2, 3), "m1i": numbers(3, 5, 1, 3), "sd1i": numbers(1, 2, 1, 4),
        "n2i": numbers(2, 2, 3, 2), "m2i": numbers(1, 6, 3, 3), "sd2i": numbers(2, 1, 2, 2),
    },
    "no spread in one group": {
        "n1i": numbers(9, 12, 30), "m1i": numbers(3, 5, 4), "sd1i": numbers(0, 2, 1),
        "n2i": numbers(9, 10, 31), "m2i": numbers(2, 1, 3), "sd2i": numbers(1, 1, 0),
    },
    "k = 1": generic([0.4], [0.09]),
    "k = 2": generic([0.4, 1.3], [0.09, 0.2]),
    "k = 2, alike": generic([0.4, 0.41], [0.09, 0.2]),
    "k = 200": spread(200, 1),
    "equal variances": generic([0.1, 0.9, -0.4, 1.2, 0.3], [0.04] * 5),
    "equal effects": generic([0.7] * 4, [0.1, 0.2, 0.05, 0.4]),
    "all effects 0": generic([0.0] * 3, [0.1, 0.2, 0.05]),
    "equal effects and variances": generic([0.7] * 4, [0.1] * 4),
    "tau2 is 0": generic([0.30, 0.32, 0.29, 0.31], [0.1, 0.2, 0.15, 0.3]),
    "one huge variance": generic([0.3, -0.4, 0.9, 50.0], [0.1, 0.08, 0.12, 1e6]),
    "one tiny variance": generic([0.3, -0.4, 0.9, 0.5], [0.1, 0.08, 0.12, 1e-8]),
    "variances over 8 orders": spread(12, 2, orders=8.0),
    "variances over 8 orders, tau2 at 0": spread(30, 3, tau=0.0, orders=8.0),
    "effects of 1e-8": spread(10, 4, scale=1e-8),
    "effects of 1e6": spread(10, 4, scale=1e6),
    "far from zero": generic([1000.1, 1000.4, 999.8, 1000.0], [0.01, 0.02, 0.015, 0.03]),
    "z of 30": generic([3.0, 3.1, 2.9], [0.03, 0.028, 0.031]),
}  # fmt: skip


def fits(columns, measure):
    return any(set(columns) == set(layout) for layout in measure.family.layouts)


@pytest.mark.parametrize("edge", EDGES)
def test_edges(edge, outcome, judge):
    columns = EDGES[edge]
    found = {
        (measure.name, method, level): judge(outcome(measure.name, method, columns, level=level)).complaints
        for measure in MEASURES.values()
        if fits(columns, measure)
        for method, level in zip(methods_of(measure.name), LEVELS * 2, strict=False)
    }
    assert found
    assert {case: complaints for case, complaints in found.items() if complaints} == {}


def random_tables(rng):
    k, top = int(rng.integers(1, 15)), int(10 ** rng.uniform(0.5, 6))
    n1i, n2i = rng.integers(1, top + 1, (2, k))
    risks = rng.choice([0.0, 0.02, 0.3, 0.7, 1.0], (2, k))
    return tables(rng.binomial(n1i, risks[0]), n1i, rng.binomial(n2i, risks[1]), n2i)


def random_means(rng):
    """Whole and half numbers, so that means tie, on the scale of a power of two, which leaves the ties ties."""
    k, top = int(rng.integers(1, 15)), int(10 ** rng.uniform(0.8, 5))
    scale = 2.0 ** int(rng.integers(-26, 20))
    n, m, sd = rng.integers(2, top + 1, (2, k)), np.round(rng.normal(5, 3, (2, k))), rng.integers(1, 11, (2, k)) / 2
    groups = (numbers(*n[i]) if j == 0 else scale * numbers(*(m, sd)[j - 1][i]) for i in (0, 1) for j in (0, 1, 2))
    return dict(zip(MEANS, groups, strict=True))


def random_effects(rng):
    k, scale = int(rng.choice([1, 2, 3, 5, 20, 80])), 10 ** rng.uniform(-8, 6)
    orders, tau = rng.choice([0.0, 1.0, 8.0]), rng.choice([0.0, 0.5, 2.0])
    columns = spread(k, rng, tau=tau, orders=orders, scale=scale)
    if rng.random() < 0.15:
        columns["vi"][0] *= 1e6
    return columns


MAKERS = {"two_by_two": random_tables, "two_means": random_means, "generic": random_effects}
CASES = [(measure, seed) for measure in MEASURES for seed in range(12 if measure == "SMD" else 24)]


@pytest.mark.parametrize(("measure", "seed"), CASES)
def test_random_data_sets(measure, seed, outcome, judge):
    rng = np.random.default_rng([seed, list(MEASURES).index(measure)])
    columns = MAKERS[MEASURES[measure].family.name](rng)
    level = float(rng.choice(LEVELS))
    found = {method: judge(outcome(measure, method, columns, level=level)).complaints for method in methods_of(measure)}
    assert {method: complaints for method, complaints in found.items() if complaints} == {}, columns


def test_every_family_has_random_data_sets():
    assert set(MAKERS) == {measure.family.name for measure in MEASURES.values()}
    assert all(any(fits(columns, measure) for columns in EDGES.values()) for measure in MEASURES.values())
