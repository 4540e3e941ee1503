"""Relative excess heterozygosity against 50 digits and the Hardy-Weinberg equilibrium."""

import mpmath as mp
import numpy as np
import pytest

import pymeta
from pymeta.errors import DataError

mp.mp.dps = 50

CORNERS = {
    "plain": (298, 535, 221),
    "one each": (1, 1, 1),
    "near equilibrium": (10**7, 2 * 10**7 + 1, 10**7),
    "far from it": (1, 10**9, 2),
    "not whole": (0.5, 0.25, 3.75),
}


def escalc(rows, **options):
    found = pymeta.escalc("REH", **dict(zip(("ai", "bi", "ci"), zip(*rows, strict=True), strict=True)), **options)
    return found["yi"].to_numpy(), found["vi"].to_numpy()


@pytest.mark.parametrize("corner", CORNERS)
def test_against_50_digits(corner):
    a, b, c = map(mp.mpf, CORNERS[corner])
    v = 1 / (4 * a) + 1 / b + 1 / (4 * c)
    yi, vi = escalc([CORNERS[corner]])
    assert abs(yi[0] - mp.log(b / (2 * mp.sqrt(a * c)))) <= 1e-15 * max(abs(yi[0]), mp.sqrt(v))
    assert abs(vi[0] - v) <= 1e-15 * v


def test_there_is_no_excess_in_hardy_weinberg_equilibrium():
    """Alleles of 0.3 and 0.7: 9, 42 and 49 of 100 people."""
    assert escalc([(9, 42, 49)])[0].tolist() == [0]
    assert escalc([(9, 60, 49)])[0][0] > 0


def test_rows_without_an_effect():
    """Nothing is added to zero counts, whatever is asked, as in metafor."""
    rows = [(0, 1, 2), (1, 0, 2), (1, 2, 0), (np.nan, 1, 1), (1, np.nan, 1), (1, 1, np.nan), (1, 2, 1)]
    for options in ({}, {"add": 0.5, "to": "all"}):
        yi, vi = escalc(rows, **options)
        assert np.isnan(yi).tolist() == np.isnan(vi).tolist() == [True] * 6 + [False]
        assert yi[-1] == 0


@pytest.mark.parametrize("name", ["ai", "bi", "ci"])
def test_a_negative_count(name):
    with pytest.raises(DataError) as error:
        pymeta.escalc("REH", **{**{key: [1, 2] for key in ("ai", "bi", "ci")}, name: [1, -2]})
    assert str(error.value) == f"REH: {name}, row 2: -2 is negative; a number of people is 0 or more"
