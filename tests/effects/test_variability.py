"""Ratios of spreads: Senior et al. (2020) written out in 50 digits, and where there is nothing to compare."""

import mpmath as mp
import numpy as np
import pytest

import pymeta
from pymeta.errors import DataError
from tests.referee import exact

NAN = np.nan
NAMES = ("n1i", "m1i", "sd1i", "n2i", "m2i", "sd2i")


def effects(measure, **columns):
    found = pymeta.escalc(measure, **columns)
    return found["yi"].to_numpy(), found["vi"].to_numpy()


def truth(measure, row, vtype, correct):
    """Equations 5, 6, 11, 13, 15 and 16, this with its third and sixth term halved."""
    n1, m1, s1, n2, m2, s2 = exact(row)
    y, v = mp.log(s1 / s2), 1 / (2 * (n1 - 1)) + 1 / (2 * (n2 - 1))
    bias = (1 / (n1 - 1) - 1 / (n2 - 1)) / 2
    if vtype == "LS2":
        v += 1 / (2 * (n1 - 1) ** 2) + 1 / (2 * (n2 - 1) ** 2)
    if measure == "CVR":
        y -= mp.log(m1 / m2)
        bias += (s2**2 / (n2 * m2**2) - s1**2 / (n1 * m1**2)) / 2
        v += s1**2 / (n1 * m1**2) + s2**2 / (n2 * m2**2)
        if vtype == "LS2":
            v += s1**4 / (2 * n1**2 * m1**4) + s2**4 / (2 * n2**2 * m2**4)
    return y + (bias if correct else 0), v


HARD = {
    "ordinary": (20, 5.25, 1.5, 25, 4.5, 2.25),
    "two people": (2, 1.0, 0.5, 2, 2.0, 0.25),
    "spreads that agree to 12 digits": (11, 3.0, 2.0, 11, 3.0, 2.0 + 2e-12),
    "many beside few": (10**9, 3.0, 2.0, 8, 1.0, 1.0),
    "huge beside small": (12, 3e150, 1e150, 9, 1e-150, 3e-151),
}


@pytest.mark.parametrize("correct", [True, False])
@pytest.mark.parametrize("vtype", ["LS", "LS2"])
@pytest.mark.parametrize("row", HARD)
@pytest.mark.parametrize("measure", ["VR", "CVR"])
def test_fifty_digits(measure, row, vtype, correct):
    columns = dict(zip(NAMES, ([value] for value in HARD[row]), strict=True))
    yi, vi = effects(measure, **columns, vtype=vtype, correct=correct)
    y, v = truth(measure, HARD[row], vtype, correct)
    # the ratio of two quotients carries their rounding; that of two given numbers does not
    assert yi[0] == pytest.approx(float(y), rel=1e-14, abs=4e-16 if measure == "CVR" else 0.0)
    assert vi[0] == pytest.approx(float(v), rel=1e-14)


def test_the_variability_ratio_needs_no_means():
    columns = {"n1i": [10, 1, 10, 10], "sd1i": [2, 2, 0, NAN], "n2i": [12, 12, 12, 12], "sd2i": [1.5, 1, 1, 1]}
    yi, vi = effects("VR", **columns)
    assert yi[0] == pytest.approx(np.log(2 / 1.5) + 1 / 18 - 1 / 22, rel=1e-14)
    assert np.isnan(yi).tolist() == np.isnan(vi).tolist() == [False, True, True, True]
    with pytest.raises(DataError, match="missing: m1i, m2i"):
        effects("CVR", **columns)


def test_a_coefficient_of_variation_needs_a_mean_above_0():
    """Also where both are below, so that the ratio would be positive: metafor says NA, too."""
    columns = {"n1i": [9] * 5, "sd1i": [1] * 5, "n2i": [9] * 5, "sd2i": [1] * 5}
    yi, vi = effects("CVR", m1i=[-1, 1, 0, -2, 3], m2i=[1, -1, 2, -2, 4], **columns)
    assert np.isnan(yi).tolist() == np.isnan(vi).tolist() == [True, True, True, True, False]
