"""Log odds ratios from standardized mean differences: constants, names, and the rows that have none."""

import numpy as np
import pytest

import pymeta

NAN = np.nan


def effects(measure, **columns):
    found = pymeta.escalc(measure, **columns)
    return found["yi"].to_numpy(), found["vi"].to_numpy()


@pytest.mark.parametrize(
    ("measure", "factor"), [("D2OR", np.pi / np.sqrt(3)), ("D2ORL", np.pi / np.sqrt(3)), ("D2ORN", 1.65)]
)
def test_a_multiple_of_cohens_d(measure, factor):
    """Of d itself: there is no bias correction to switch off."""
    columns = {"di": [0.5, -2.0, 0.0], "n1i": [10, 1, 300], "n2i": [12, 2, 4]}
    d = pymeta.escalc("SMD", **columns, correct=False, cutoff=None)
    for correct in (True, False):
        yi, vi = effects(measure, **columns, correct=correct)
        np.testing.assert_allclose(yi, factor * d["yi"], rtol=1e-15)
        np.testing.assert_allclose(vi, factor**2 * d["vi"], rtol=1e-15)


def test_chinn_2000():
    """Chinn (2000): divide a log odds ratio by 1.81 to have the effect size."""
    yi, _ = effects("D2OR", di=[1.0], n1i=[10], n2i=[10])
    assert round(yi[0], 2) == 1.81


@pytest.mark.parametrize("measure", ["D2OR", "D2ORN", "D2ORL"])
def test_rows_without_an_effect(measure):
    """Two people, a correlation of 1, nothing known, and groups without spread."""
    yi, vi = effects(
        measure,
        n1i=[1, 10, 10, 10],
        n2i=[1, 10, 10, 10],
        di=[0.5, NAN, NAN, NAN],
        ri=[NAN, 1, NAN, NAN],
        m1i=[NAN, NAN, NAN, 2],
        m2i=[NAN, NAN, NAN, 1],
        sd1i=[NAN, NAN, NAN, 0],
        sd2i=[NAN, NAN, NAN, 0],
    )
    assert np.isnan([yi, vi]).all()
