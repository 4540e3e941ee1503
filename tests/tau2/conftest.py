"""Data sets for the estimators of tau²."""

import numpy as np
import pytest

# escalc(measure="RR", ai=tpos, bi=tneg, ci=cpos, di=cneg, data=dat.bcg), its ablat and its numbers of people
BCG_YI = [
    -0.88931133392020545, -1.5853886572014306, -1.3480731482996933, -1.4415511900213054, -0.21754732221129558,
    -0.78611558581886398, -1.6208982235983918, 0.011952333523840508, -0.4694176487381494, -1.3713448034727844,
    -0.33935882833839059, 0.44591340057137874, -0.017313948216879815,
]  # fmt: skip
BCG_VI = [
    0.32558476500396133, 0.19458112139814385, 0.41536796536796539, 0.020010031902247573, 0.051210172169630863,
    0.0069056184559087574, 0.22301724757231517, 0.0039615792978177295, 0.056434210463248966, 0.07302479361302891,
    0.01241221397155972, 0.53250584520015276, 0.071404659683986293,
]  # fmt: skip
ABLAT = [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]
YEAR = [1948, 1949, 1960, 1977, 1973, 1953, 1973, 1980, 1968, 1961, 1974, 1969, 1976]
PEOPLE = [262, 609, 451, 26465, 10877, 2992, 3174, 176782, 14776, 3381, 77972, 4839, 34767]


def _draw(rng):
    """A set of 2 to 8 studies of very different sizes, half of them with two camps of effects."""
    k = int(rng.integers(2, 9))
    vi = 10.0 ** rng.uniform(-3, 1, k)
    camps = rng.choice([0.0, 3.0], k) if rng.random() < 0.5 else 0.0
    return camps + rng.normal(0.0, np.sqrt(vi + rng.choice([0.0, 0.1, 1.0]))), vi


@pytest.fixture(scope="session")
def small_sets():
    """n -> the first n of one endless row of seeded random data sets (yi, vi)."""

    def sets(n):
        rng = np.random.default_rng(11)
        return [_draw(rng) for _ in range(n)]

    return sets


def _drawn(rng, k, p, *, orders=1.0, scale=1.0, tau=0.5, centre=0.0):
    vi = 10.0 ** rng.uniform(-orders / 2, orders / 2, k)
    X = np.column_stack([np.ones(k), *rng.normal(size=(p - 1, k))])
    return centre + scale * rng.normal(0.3, np.sqrt(vi + tau**2)), scale**2 * vi, X, rng.uniform(0.1, 3.0, k)


def _bcg(*columns):
    return tuple(np.array(x, dtype=float) for x in (BCG_YI, BCG_VI, np.column_stack(columns), PEOPLE))


@pytest.fixture(scope="session")
def designs():
    """name -> (yi, vi, X, weights): with and without moderators and intercept, easy and hard."""
    rng, ones = np.random.default_rng(5), np.ones(13)
    return {
        "bcg": _bcg(ones),
        "bcg, ablat": _bcg(ones, ABLAT),
        "bcg, ablat and year": _bcg(ones, ABLAT, YEAR),
        "bcg, ablat alone": _bcg(ABLAT),
        "bcg, year and its square": _bcg(ones, YEAR, np.square(YEAR)),
        "k = 20": _drawn(rng, 20, 1, tau=0.8),
        "variances over 8 orders": _drawn(rng, 12, 1, orders=8.0),
        "variances over 8 orders, p = 2": _drawn(rng, 12, 2, orders=8.0),
        "variances over 4 orders, p = 3": _drawn(rng, 14, 3, orders=4.0),
        "effects of 1e-8": _drawn(rng, 10, 1, scale=1e-8),
        "effects of 1e6, p = 2": _drawn(rng, 10, 2, scale=1e6),
        "tau2 is 0": _drawn(rng, 9, 1, tau=0.0),
        "far from zero": _drawn(rng, 8, 1, centre=1000.0),
        "far from zero, p = 2": _drawn(rng, 8, 2, centre=1000.0, tau=1.0),
        "k = 2": (np.array([0.4, 2.3]), np.array([0.09, 0.2]), np.ones((2, 1)), np.array([3.0, 1.0])),
        "k = p + 1": _drawn(rng, 4, 3, tau=2.0),
        "one tiny variance": (
            np.array([0.3, -0.4, 0.9, 0.5]), np.array([0.1, 0.08, 0.12, 1e-8]), np.ones((4, 1)), np.ones(4)),
        "equal variances": (np.array([0.1, 0.9, -0.4, 1.2]), np.full(4, 0.04), np.ones((4, 1)), np.arange(1.0, 5.0)),
    }  # fmt: skip
