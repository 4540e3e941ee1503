"""Single means and spreads against 50 digits and hand arithmetic."""

import mpmath as mp
import numpy as np
import pytest

import pymeta
from pymeta.errors import DataError, OptionError

mp.mp.dps = 50

MEASURES = ("MN", "SMN", "MNLN", "SDLN", "CVLN")
NORMAND = {  # dat.normand1999, specialist care
    "mi": [55, 27, 64, 66, 14, 19, 52, 21, 30],
    "sdi": [47, 7, 17, 20, 8, 7, 45, 16, 27],
    "ni": [155, 31, 75, 18, 8, 57, 34, 110, 60],
}
CORNERS = {
    "plain": (3.1, 1.2, 20),
    "few": (1.5, 0.4, 3),
    "many": (0.75, 3.0, 10**6),
    "mean near 1": (1 + 2**-40, 0.5, 30),
    "tiny": (3e-150, 1e-151, 12),
    "huge": (3e150, 1e149, 12),
}


def escalc(measure, **columns):
    found = pymeta.escalc(measure, **columns, cutoff=None)
    return found["yi"].to_numpy(), found["vi"].to_numpy()


def truth(measure, correct, row):
    m, s, n = map(mp.mpf, row)
    df = n - 1
    J = mp.exp(mp.loggamma(df / 2) - mp.loggamma((df - 1) / 2)) / mp.sqrt(df / 2) if correct else 1
    bias, cv2 = correct / (2 * df), (s / m) ** 2
    return {
        "MN": (m, s**2 / n),
        "SMN": (J * m / s, 1 / n + (J * m / s) ** 2 / (2 * n)),
        "MNLN": (mp.log(m), cv2 / n),
        "SDLN": (mp.log(s) + bias, 1 / (2 * df)),
        "CVLN": (mp.log(s / m) + bias, 1 / (2 * df) + cv2 / n),
    }[measure]


@pytest.mark.parametrize("correct", [True, False])
@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("measure", MEASURES)
def test_against_50_digits(measure, corner, correct):
    row = CORNERS[corner]
    found = escalc(measure, **dict(zip(("mi", "sdi", "ni"), ([value] for value in row), strict=True)), correct=correct)
    for one, expected in zip(found, truth(measure, correct, row), strict=True):
        assert abs(mp.mpf(float(one[0])) - expected) <= 2e-15 * abs(expected)


def test_one_variance_for_all():
    """Pooled by the degrees of freedom: (19 * 1.44 + 34 * 4 + 3 * 0.49) / 56 = 2.943392857…"""
    yi, vi = escalc("MN", mi=[3.1, 5.0, 2.2], sdi=[1.2, 2.0, 0.7], ni=[20, 35, 4], vtype="HO")
    assert yi.tolist() == [3.1, 5.0, 2.2]
    np.testing.assert_allclose(vi * [20, 35, 4], 164.83 / 56, rtol=1e-15)


def test_who_shares_in_the_pooled_variance():
    """metafor pools the rows with sdi and ni, even those without mi, and gives a row without its own sdi the pooled one."""
    nan, rest = np.nan, {"mi": [5.0, 2.2], "sdi": [2.0, 0.7], "ni": [35, 4]}
    pooled = (34 * 4 + 3 * 0.49) / 37
    for name, first, kept in (("sdi", 3.1, True), ("ni", 3.1, False), ("none", 3.1, True)):
        columns = {"mi": [first, *rest["mi"]], "sdi": [1.2, *rest["sdi"]], "ni": [1 if name == "none" else 20, *rest["ni"]]}
        if name in columns:
            columns[name] = [nan, *rest[name]]
        yi, vi = escalc("MN", **columns, vtype="HO")
        np.testing.assert_allclose(vi[1:] * [35, 4], pooled, rtol=1e-15)
        assert np.isfinite([yi[0], vi[0]]).tolist() == [kept, kept]
    yi, vi = escalc("MN", mi=[nan, *rest["mi"]], sdi=[1.2, *rest["sdi"]], ni=[20, *rest["ni"]], vtype="HO")
    np.testing.assert_allclose(vi[1:] * [35, 4], 164.83 / 56, rtol=1e-15)
    assert np.isnan([yi[0], vi[0]]).all()
    assert np.isnan(escalc("MN", mi=[1, 2], sdi=[0, 0], ni=[1, 1], vtype="HO")).all()


@pytest.mark.parametrize("vtype", ["LS", "HO"])
def test_pomp_is_the_mean_in_percent_of_the_scale(vtype):
    yi, vi = escalc("POMPMN", **NORMAND, mini=[10] * 9, maxi=[90] * 9, vtype=vtype)
    mean, variance = escalc("MN", **NORMAND, vtype=vtype)
    np.testing.assert_allclose(yi, 1.25 * (mean - 10), rtol=1e-15)
    np.testing.assert_allclose(vi, 1.25**2 * variance, rtol=1e-15)


def test_the_log_measures_hang_together():
    """log CV = log SD − log mean, and so are their variances added, mean and spread of normal data being independent."""
    cv, sd, mean = (escalc(measure, **NORMAND) for measure in ("CVLN", "SDLN", "MNLN"))
    np.testing.assert_allclose(cv[0], sd[0] - mean[0], rtol=1e-13)
    np.testing.assert_allclose(cv[1], sd[1] + mean[1], rtol=1e-14)


@pytest.mark.parametrize("name", ["mi", "sdi", "ni"])
@pytest.mark.parametrize("measure", MEASURES)
def test_a_missing_number_costs_its_row(measure, name):
    lost = np.isnan(escalc(measure, **{**NORMAND, name: [np.nan, *NORMAND[name][1:]]}))
    assert lost.tolist() == [[measure != "SDLN" or name != "mi", *[False] * 8]] * 2


def test_a_spread_needs_no_mean():
    assert np.array_equal(
        escalc("SDLN", sdi=NORMAND["sdi"], ni=NORMAND["ni"]),
        escalc("SDLN", **NORMAND),
    )


UNDEFINED = [
    ("SMN", (1.0, 0.0, 10)),
    ("SMN", (1.0, 1.0, 2)),
    ("MNLN", (0.0, 1.0, 10)),
    ("SDLN", (1.0, 0.0, 10)),
    ("SDLN", (1.0, 1.0, 1)),
    ("CVLN", (0.0, 1.0, 10)),
    ("CVLN", (1.0, 0.0, 10)),
    ("CVLN", (1.0, 1.0, 1)),
]


@pytest.mark.parametrize(("measure", "row"), UNDEFINED)
def test_an_effect_that_is_not_defined(measure, row):
    mi, sdi, ni = row
    found = escalc(measure, mi=[mi, 3.0], sdi=[sdi, 2.0], ni=[ni, 20])
    assert np.isnan(found).tolist() == [[True, False], [True, False]]


@pytest.mark.parametrize(
    ("measure", "name", "value", "problem"),
    [
        ("MN", "ni", 0, "MN: ni, row 2: 0 patients; a group needs at least one"),
        ("SDLN", "sdi", -2, "SDLN: sdi, row 2: -2 is negative; a standard deviation is 0 or more"),
        ("MNLN", "mi", -3, "mi, row 2: -3 is negative; the log needs a mean of 0 or more"),
        ("CVLN", "mi", -3, "mi, row 2: -3 is negative; the coefficient of variation needs a mean of 0 or more"),
    ],
)
def test_what_cannot_be_is_refused(measure, name, value, problem):
    columns = {**NORMAND, name: [NORMAND[name][0], value, *NORMAND[name][2:]]}
    with pytest.raises(DataError) as refusal:
        escalc(measure, **columns)
    assert str(refusal.value).endswith(problem)


@pytest.mark.parametrize("maxi", [3.0, 2.0])
def test_a_scale_without_width_is_refused(maxi):
    with pytest.raises(DataError, match=rf"POMPMN: maxi, row 1: {maxi:g} is not above the scale's minimum \(column mini\)"):
        escalc("POMPMN", mi=[2.5], sdi=[1.0], ni=[10], mini=[3.0], maxi=[maxi])


def test_what_a_measure_needs_and_knows():
    with pytest.raises(DataError, match="missing: ni"):
        escalc("MN", mi=[1.0], sdi=[1.0])
    with pytest.raises(OptionError, match="LS"):
        escalc("SMN", **NORMAND, vtype="HO")
