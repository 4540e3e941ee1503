"""The bias correction of standardized mean differences against 50 digits: up to groups of a million, down to df = 1."""

import mpmath as mp
import numpy as np
import pytest

import pymeta
from pymeta.effects.means import hedges_j
from tests import referee

DF = [*range(2, 40), 98, 298, 299, 299.5, 300, 301, 302, 341, 342, 343, 500, 1e3, 12345, 1e5, 999_998, 2e6, 1e9]


@pytest.mark.parametrize("df", DF)
def test_against_50_digits(df):
    truth = referee.hedges_j(df)
    assert abs(mp.mpf(float(hedges_j(np.array([float(df)]))[0])) - truth) < 2e-15 * truth


def test_without_a_degree_of_freedom_to_spare_there_is_none():
    """At df = 1 the factor would be 0 and the difference have no expectation; metafor says NA, too."""
    assert np.isnan(hedges_j(np.array([1.0, 0.0, -1.0]))).all()
    found = pymeta.escalc("SMD", n1i=[1, 2], m1i=[3, 3], sd1i=[1, 1], n2i=[2, 2], m2i=[1, 1], sd2i=[1, 1])
    assert found.isna().to_numpy().tolist() == [[True, True], [False, False]]


@pytest.mark.parametrize(("n1i", "n2i"), [(2, 2), (9, 8), (150, 151), (5_000, 7), (1_000_000, 1_000_000)])
def test_the_whole_effect(n1i, n2i):
    row = {"n1i": n1i, "m1i": 3.25, "sd1i": 1.5, "n2i": n2i, "m2i": 2.5, "sd2i": 2.25}
    found = pymeta.escalc("SMD", **{name: [value] for name, value in row.items()})
    yi, vi = referee.study_effects("SMD", {name: [value] for name, value in row.items()})
    assert abs(mp.mpf(found["yi"][0]) - yi[0]) < 3e-15 * abs(yi[0])
    assert abs(mp.mpf(found["vi"][0]) - vi[0]) < 1e-15 * vi[0]
