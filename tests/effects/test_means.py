"""Differences of two means, raw and standardized: a worked example, the formulas in 50 digits, and what is refused."""

import mpmath as mp
import numpy as np
import pytest

import pymeta
from pymeta.effects.means import cohens_d, hedges_j_excess, standardized_mean_difference_revman5
from pymeta.errors import DataError, OptionError
from pymeta.numerics.tails import t_of_p
from tests.referee import exact, hedges_j

NAN = np.nan
BORENSTEIN = {"n1i": [50], "m1i": [103], "sd1i": [5.5], "n2i": [50], "m2i": [100], "sd2i": [4.5]}  # 2009, chapter 4
SMD_VTYPES = ("LS", "LS2", "LS3", "UB", "AV", "H0")


def effects(measure, **columns):
    found = pymeta.escalc(measure, cutoff=None, **columns)
    return found["yi"].to_numpy(), found["vi"].to_numpy()


# ---- A worked example ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "options", "yi", "vi"),
    [
        ("MD", {"vtype": "HO"}, 3.0, 1.0100),
        ("SMD", {"correct": False}, 0.5970, 0.0418),
        ("SMD", {"vtype": "LS2"}, 0.5924, 0.0411),
        ("D2ORL", {}, 1.0829, 0.1374),
    ],
)
def test_borenstein_2009(measure, options, yi, vi):
    """He has 0.5924 by J ≈ 1 − 3/(4df − 1), which is J to four places; the log odds ratio is his chapter 7."""
    found = effects(measure, **BORENSTEIN, **options)
    assert found[0][0] == pytest.approx(yi, abs=1e-4)
    assert found[1][0] == pytest.approx(vi, abs=1e-4)


def test_the_documented_p_value():
    yi, _ = effects("SMD", pi=[-0.018], n1i=[20], n2i=[20])
    assert round(yi[0], 4) == -0.7664


# ---- 50 digits ----------------------------------------------------------------------------------------------------------


def one_spread(d, df, size, n1, n2, vtype, correct):
    """The effect and its variance as the papers have them, "AV" with one row."""
    J = hedges_j(df) if correct else mp.mpf(1)
    g, noise = J * d, 1 / n1 + 1 / n2
    return g, {
        "LS": lambda: noise + g**2 / (2 * size),
        "LS2": lambda: J**2 * (noise + d**2 / (2 * size)),
        "LS3": lambda: noise + g**2 / (2 * (size - mp.mpf(394) / 100)),
        "UB": lambda: noise + (1 - (df - 2) / (df * J**2)) * g**2,
        "AV": lambda: noise + g**2 / (2 * size),
        "H0": lambda: J**2 * noise * df / (df - 2),
    }[vtype]()


def truth(measure, row, vtype, correct):
    n1, m1, s1, n2, m2, s2 = exact(row)
    if measure == "SMD":
        df = n1 + n2 - 2
        d = (m1 - m2) / mp.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / df)
        return one_spread(d, df, n1 + n2, n1, n2, vtype, correct)
    if measure == "SMD1":
        return one_spread((m1 - m2) / s2, n2 - 1, n2, n1, n2, vtype, correct)
    if measure == "SMD1H":
        g = (hedges_j(n2 - 1) if correct else 1) * (m1 - m2) / s2
        return g, s1**2 / (s2**2 * (n1 - 1)) + 1 / (n2 - 1) + g**2 / (2 * (n2 - 1))
    s = mp.sqrt((s1**2 + s2**2) / 2)
    g = (hedges_j(n1 + n2 - 2) if correct else 1) * (m1 - m2) / s
    a, b = {"LS": (1, 1), "LS2": (0, 0), "LS3": (0, 1)}[vtype]
    of_spread = g**2 * (s1**4 / (n1 - b) + s2**4 / (n2 - b)) / (8 * s**4)
    return g, of_spread + s1**2 / (s**2 * (n1 - a)) + s2**2 / (s**2 * (n2 - a))


HARD = {
    "ordinary": (20, 5.25, 1.5, 25, 4.5, 2.25),
    "four people": (2, 1.0, 0.5, 4, 2.0, 0.25),
    "hundreds": (310, 12.0, 3.0, 298, 11.5, 2.5),
    "a million": (10**6, 0.125, 1.0, 2 * 10**6, 0.0, 1.5),
    "many beside few": (10**9, 3.0, 2.0, 8, 1.0, 1.0),
    "large numbers": (12, 3e150, 1e140, 9, 1e150, 3e140),
    "small numbers": (12, 3e-150, 1e-140, 9, 1e-150, 3e-140),
}


@pytest.mark.parametrize("correct", [True, False])
@pytest.mark.parametrize("row", HARD)
@pytest.mark.parametrize(
    ("measure", "vtype"),
    [(measure, vtype) for measure in ("SMD", "SMD1") for vtype in SMD_VTYPES]
    + [("SMDH", "LS"), ("SMDH", "LS2"), ("SMDH", "LS3"), ("SMD1H", "LS")],
)
def test_fifty_digits(measure, vtype, row, correct):
    columns = dict(zip(BORENSTEIN, ([value] for value in HARD[row]), strict=True))
    yi, vi = effects(measure, **columns, vtype=vtype, correct=correct)
    y, v = truth(measure, HARD[row], vtype, correct)
    assert yi[0] == pytest.approx(float(y), rel=1e-14)
    assert vi[0] == pytest.approx(float(v), rel=3e-14)


def test_the_unbiased_variance_keeps_its_digits():
    """Written as it stands, 1 − (df − 2)/(df J²) loses as many digits as df has."""
    df = np.array([1.5, 2, 3, 39.5, 40, 41, 75, 299, 300, 1e4, 1e6, 1e9, 1e12])
    for one, found in zip(exact(df), hedges_j_excess(df), strict=True):
        assert abs(found / (1 - (one - 2) / (one * hedges_j(one) ** 2)) - 1) < 2e-14
    assert np.isnan(hedges_j_excess(np.array([1.0, 0.0]))).all()


# ---- What d is made of --------------------------------------------------------------------------------------------------


def test_one_study_reported_in_five_ways():
    n1, n2, t = 20, 31, 2.25
    d, r = t * np.sqrt(1 / n1 + 1 / n2), t / np.sqrt(t**2 + n1 + n2 - 2)
    p = float(mp.betainc(mp.mpf(49) / 2, mp.mpf(1) / 2, 0, 49 / (49 + mp.mpf(t) ** 2), regularized=True))
    ways = {"di": d, "ti": t, "pi": p, "ri": r, "m1i": d, "m2i": 0.0, "sd1i": 1.0, "sd2i": 1.0}
    rows = [("di",), ("ti",), ("pi",), ("ri",), ("m1i", "m2i", "sd1i", "sd2i")]
    columns = {name: [ways[name] if name in row else NAN for row in rows] for name in ways}
    yi, vi = effects("SMD", n1i=[n1] * 5, n2i=[n2] * 5, **columns)
    assert np.ptp(yi) < 1e-15
    assert np.ptp(vi) < 1e-15
    assert yi[0] == pytest.approx(float(hedges_j(49)) * d, rel=1e-15)


def test_the_first_there_is():
    """d before t before p before r before the means."""
    values = {"di": 1.0, "ti": 2.0, "pi": 0.3, "ri": 0.4}
    columns = {name: np.array([value] * 5) for name, value in values.items()}
    for later, name in enumerate(values, 1):
        columns[name][later:] = NAN
    n, m = np.full(5, 10.0), np.full(5, 18.0)
    found = cohens_d(n, n * 0 + 7, n * 0 + 2, n, n * 0 + 2, n * 0 + 2, **columns)
    root = np.sqrt(0.2)
    expected = [1.0, 2.0 * root, t_of_p(np.array([0.3]), m[:1])[0] * root, 0.4 / np.sqrt(0.84) * np.sqrt(18) * root, 2.5]
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_a_p_value_of_0_counts_as_missing_and_a_correlation_of_1_has_no_effect():
    yi, vi = effects("SMD", n1i=[10] * 4, n2i=[10] * 4, pi=[0, 0, NAN, 1], ri=[0.5, NAN, -1, NAN])
    assert np.isnan(yi).tolist() == np.isnan(vi).tolist() == [False, True, True, False]
    assert yi[3] == 0.0


# ---- Averages, and effects without a variance ---------------------------------------------------------------------------


@pytest.mark.parametrize("measure", ["SMD", "SMD1"])
@pytest.mark.parametrize("correct", [True, False])
def test_the_average_effect_of_the_rows_that_have_one(measure, correct):
    columns = {"m1i": [5, 6, 7, 8, 9], "m2i": [4, 4, 4, 4, NAN], "sd1i": [2, 2, 2, 0, 2], "sd2i": [3, 2, 2, 0, 2]}
    n1, n2 = np.array([10.0, 5, 50, 8, 9]), np.array([12.0, 9, 30, 8, 9])
    yi, vi = effects(measure, n1i=n1, n2i=n2, **columns, vtype="AV", correct=correct)
    mean = np.sum(((n1 + n2) * yi)[:3]) / np.sum((n1 + n2)[:3])
    size = n1 + n2 if measure == "SMD" else n2
    np.testing.assert_allclose(vi[:3], (1 / n1 + 1 / n2 + mean**2 / (2 * size))[:3], rtol=1e-14)
    assert np.isnan([yi[3:], vi[3:]]).all()


def test_without_any_effect_there_is_no_average():
    _, vi = effects("SMD", **{**BORENSTEIN, "m1i": [NAN]}, vtype="AV")
    assert np.isnan(vi).all()


def test_effects_without_a_variance():
    """df/(df − 2) needs df > 2; N − 3.94 is negative for N = 3, and a large d makes the variance so."""
    yi, vi = effects("SMD", di=[0.5, 0.5, 0.5], n1i=[1, 2, 2], n2i=[2, 2, 3], vtype="H0", correct=False)
    assert yi.tolist() == [0.5, 0.5, 0.5]
    assert np.isnan(vi).tolist() == [True, True, False]
    yi, vi = effects("SMD", di=[0.5, 5], n1i=[1, 1], n2i=[2, 2], vtype="LS3", correct=False)
    assert yi.tolist() == [0.5, 5.0]
    assert vi[0] == pytest.approx(1.5 + 0.25 / (2 * (3 - 3.94)), rel=1e-14)
    assert np.isnan(vi[1])


def test_an_infinite_variance_is_no_effect():
    """Of one person's spread, by "UB" without correction; and of a d whose square no double holds."""
    yi, vi = effects("SMD1", n1i=[5, 5], m1i=[2, 2], n2i=[1, 2], m2i=[1, 1], sd2i=[1, 1], vtype="UB", correct=False)
    assert np.isnan(yi).tolist() == np.isnan(vi).tolist() == [True, False]
    yi, vi = effects("SMD", di=[1e200], n1i=[5], n2i=[5])
    assert np.isnan([yi, vi]).all()


@pytest.mark.parametrize("measure", ["SMD", "SMDH", "SMD1", "SMD1H", "D2ORN", "D2ORL"])
def test_without_spread_there_is_no_effect(measure):
    for m1 in (5, 4):
        yi, vi = effects(measure, n1i=[10], m1i=[m1], sd1i=[0], n2i=[10], m2i=[4], sd2i=[0])
        assert np.isnan([yi, vi]).all()


@pytest.mark.parametrize("vtype", SMD_VTYPES)
def test_two_people_say_nothing_of_spread(vtype):
    yi, vi = effects("SMD", di=[0.5], n1i=[1], n2i=[1], vtype=vtype, correct=False)
    assert np.isnan([yi, vi]).all()


@pytest.mark.parametrize("name", BORENSTEIN)
@pytest.mark.parametrize("measure", ["MD", "SMD", "SMDH", "SMD1H"])
def test_a_missing_value_is_a_missing_effect(measure, name):
    columns = {column: values * 2 for column, values in BORENSTEIN.items()}
    columns[name] = [NAN, columns[name][1]]
    yi, vi = effects(measure, **columns)
    assert np.isnan(yi).tolist() == np.isnan(vi).tolist() == [True, False]


# ---- Columns ------------------------------------------------------------------------------------------------------------


def test_a_measure_does_without_what_it_does_not_need():
    short = {name: values for name, values in BORENSTEIN.items() if name != "sd1i"}
    assert effects("SMD1", **short) == effects("SMD1", **BORENSTEIN)
    with pytest.raises(DataError, match="missing: sd1i"):
        effects("SMD1H", **short)


@pytest.mark.parametrize("vtype", ["LS", "HO", "UB"])
def test_percent_of_the_maximum_possible(vtype):
    raw = effects("MD", **BORENSTEIN, vtype=vtype)
    percent = effects("POMPMD", **BORENSTEIN, mini=[50], maxi=[250], vtype=vtype)
    assert percent[0] == pytest.approx(raw[0] / 2, rel=1e-15)
    assert percent[1] == pytest.approx(raw[1] / 4, rel=1e-15)


def test_one_variance_for_both_groups_needs_three_people():
    yi, vi = effects("MD", n1i=[1, 1], m1i=[3, 3], sd1i=[1, 1], n2i=[1, 2], m2i=[1, 1], sd2i=[1, 2], vtype="HO")
    assert np.isnan(yi).tolist() == np.isnan(vi).tolist() == [True, False]
    assert vi[1] == 6.0


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("n1i", 0, "SMD: n1i, row 1: 0 patients; a group needs at least one"),
        ("n2i", -3, "SMD: n2i, row 1: -3 patients; a group needs at least one"),
        ("sd1i", -1, "SMD: sd1i, row 1: -1 is negative; a standard deviation is 0 or more"),
        ("sd2i", -0.5, "SMD: sd2i, row 1: -0.5 is negative; a standard deviation is 0 or more"),
        ("ri", 1.5, "SMD: ri, row 1: 1.5 is outside [-1, 1]; a correlation lies within"),
        ("pi", -1.2, "SMD: pi, row 1: -1.2 is outside [-1, 1]; a p-value, with the sign of the effect, lies within"),
        ("ai", 1.1, "SMD: ai, row 1: 1.1 is not between 0 and 1, as an area under the curve is"),
    ],
)
def test_what_cannot_be(column, value, message):
    with pytest.raises(DataError) as error:
        effects("SMD", **{**BORENSTEIN, column: [value]})
    assert str(error.value) == message


def test_a_scale_has_a_maximum_above_its_minimum():
    with pytest.raises(DataError) as error:
        effects("POMPMD", **BORENSTEIN, mini=[10], maxi=[10])
    assert str(error.value) == "POMPMD: maxi, row 1: 10 is not above the scale's minimum (column mini)"


def test_an_unknown_variance():
    with pytest.raises(OptionError, match=r"vtype='LS4'.*LS, LS2, LS3, UB, AV, H0"):
        effects("SMD", **BORENSTEIN, vtype="LS4")


def test_review_managers_effect_of_a_reported_d():
    means = {name: np.array(values, dtype=float) for name, values in BORENSTEIN.items()}
    n = {"n1i": means["n1i"], "n2i": means["n2i"]}
    d = 3 / np.sqrt((5.5**2 + 4.5**2) / 2)
    one, other = standardized_mean_difference_revman5(**means), standardized_mean_difference_revman5(**n, di=np.array([d]))
    np.testing.assert_allclose(one, other, rtol=1e-15)
    assert one.yi[0] == pytest.approx((1 - 3 / 391) * d, rel=1e-15)
