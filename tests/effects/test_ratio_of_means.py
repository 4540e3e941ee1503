"""The log ratio of two means: the papers' formulas in 50 digits, and averages that leave out what has no value."""

import mpmath as mp
import numpy as np
import pytest

import pymeta
from tests.referee import exact

NAN = np.nan
NAMES = ("n1i", "m1i", "sd1i", "n2i", "m2i", "sd2i")


def effects(**columns):
    found = pymeta.escalc("ROM", **columns)
    return found["yi"].to_numpy(), found["vi"].to_numpy()


def truth(row, vtype, correct):
    n1, m1, s1, n2, m2, s2 = exact(row)
    e1, e2 = s1**2 / (n1 * m1**2), s2**2 / (n2 * m2**2)
    pooled = ((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2)
    both = (n1 * s1 / abs(m1) + n2 * s2 / abs(m2)) / (n1 + n2)
    v = {
        "LS": e1 + e2,
        "HO": pooled * (1 / (n1 * m1**2) + 1 / (n2 * m2**2)),
        "LS2": e1 + e2 + (e1**2 + e2**2) / 2,
        "AV": e1 + e2,
        "AVHO": both**2 * (1 / n1 + 1 / n2),
    }[vtype]
    return mp.log(m1 / m2) + ((e1 - e2) / 2 if correct else 0), v


HARD = {
    "ordinary": (20, 5.25, 1.5, 25, 4.5, 2.25),
    "means that agree to 12 digits": (10, 100.0, 1e-6, 13, 100.0 + 1e-10, 2e-6),
    "both below 0": (12, -3.0, 1.0, 9, -70.0, 2.0),
    "groups of one and two": (1, 3.0, 0.5, 2, 4.0, 0.5),
    "a million": (10**6, 0.125, 1.0, 2 * 10**6, 0.25, 1.5),
    "huge beside small": (12, 3e70, 1e70, 9, 1e-70, 3e-71),
}


@pytest.mark.parametrize("correct", [True, False])
@pytest.mark.parametrize("vtype", ["LS", "HO", "LS2", "AV", "AVHO"])
@pytest.mark.parametrize("row", HARD)
def test_fifty_digits(row, vtype, correct):
    columns = dict(zip(NAMES, ([value] for value in HARD[row]), strict=True))
    yi, vi = effects(**columns, vtype=vtype, correct=correct)
    y, v = truth(HARD[row], vtype, correct)
    assert yi[0] == pytest.approx(float(y), rel=1e-14)
    assert vi[0] == pytest.approx(float(v), rel=1e-14)


def test_the_bias_correction_is_that_of_lajeunesse():
    """Lajeunesse (2015), eq. 8; 4/80 and 9/90 by hand."""
    yi, _ = effects(n1i=[20], m1i=[2], sd1i=[2], n2i=[10], m2i=[3], sd2i=[3])
    assert yi[0] == pytest.approx(np.log(2 / 3) + (4 / 80 - 9 / 90) / 2, rel=1e-14)


@pytest.mark.parametrize("vtype", ["LS", "HO", "LS2", "AV", "AVHO"])
def test_means_of_opposite_signs_or_of_0_have_no_ratio(vtype):
    columns = {"n1i": [9] * 5, "sd1i": [1] * 5, "n2i": [9] * 5, "sd2i": [1] * 5}
    yi, vi = effects(m1i=[-1, 1, 0, 2, 3], m2i=[1, -1, 2, 0, 4], **columns, vtype=vtype)
    assert np.isnan(yi).tolist() == np.isnan(vi).tolist() == [True, True, True, True, False]


ROWS = {
    "n1i": np.array([10.0, 20, 30, NAN, 15]),
    "m1i": np.array([5.0, -4, 6, 5, 0]),
    "sd1i": np.array([1.0, 2, NAN, 1, 1]),
    "n2i": np.array([12.0, 18, 25, 11, 15]),
    "m2i": np.array([4.0, -5, 3, 6, 2]),
    "sd2i": np.array([1.0, 1, 1, 3, 1]),
}


def test_the_average_variation_of_each_group():
    """Without regard to signs, over the rows where it is known; the third row has no spread of its own in group 1."""
    yi, vi = effects(**ROWS, vtype="AV", correct=False)
    one = (10 * 0.2 + 20 * 0.5) / 30
    two = (12 / 4 + 18 / 5 + 25 / 3 + 11 / 2 + 15 / 2) / (12 + 18 + 25 + 11 + 15)
    expected = one**2 / ROWS["n1i"] + two**2 / ROWS["n2i"]
    np.testing.assert_allclose(vi[:3], expected[:3], rtol=1e-14)
    assert np.isnan(yi).tolist() == np.isnan(vi).tolist() == [False, False, False, True, True]


def test_the_average_variation_of_both_groups():
    """Of the rows that have it in both, here the first two."""
    _, vi = effects(**ROWS, vtype="AVHO", correct=False)
    both = (10 * 0.2 + 20 * 0.5 + 12 / 4 + 18 / 5) / 60
    np.testing.assert_allclose(vi[:3], (both**2 * (1 / ROWS["n1i"] + 1 / ROWS["n2i"]))[:3], rtol=1e-14)


def test_with_correction_a_row_needs_its_own_spread():
    yi, vi = effects(**ROWS, vtype="AV")
    assert np.isnan([yi[2], vi[2]]).all()


def test_without_any_spread_there_is_no_average():
    _, vi = effects(n1i=[9], m1i=[1], sd1i=[NAN], n2i=[9], m2i=[2], sd2i=[1], vtype="AV", correct=False)
    assert np.isnan(vi).all()


@pytest.mark.parametrize(("measure", "m1i"), [("ROM", 1e-200), ("SMD", 1e300)])
def test_an_average_beyond_what_can_be_squared_leaves_no_variance(measure, m1i):
    rest = {"m2i": [2.0, 1.0], "sd1i": [1.0, 1.0], "sd2i": [1.0, 1.0], "n1i": [5, 5], "n2i": [5, 5]}
    found = pymeta.escalc(measure, m1i=[m1i, 1.0], **rest, vtype="AV", cutoff=None)
    assert found[["yi", "vi"]].isna().all(axis=None)
