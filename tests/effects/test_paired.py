"""Changes and matched pairs against 50 digits, R's recorded values and the documentation's own example."""

import mpmath as mp
import numpy as np
import pytest
from scipy import special

import pymeta
from pymeta.errors import DataError, OptionError

mp.mp.dps = 50

MORRIS = {
    "m1i": [30.6, 23.5, 0.5, 53.4, 35.6],
    "m2i": [38.5, 26.8, 0.7, 75.9, 36.0],
    "sd1i": [15.0, 3.1, 0.1, 14.5, 4.7],
    "sd2i": [11.6, 4.1, 0.1, 4.4, 4.6],
    "ri": [0.47, 0.64, 0.77, 0.89, 0.44],
    "ni": [20, 50, 9, 10, 14],
}
CORNERS = {  # m1, m2, sd1, sd2, r, n
    "plain": (3.1, 2.0, 1.2, 1.5, 0.4, 20),
    "correlation near 1, spreads alike": (5.0, 4.9, 2.0, 2.0000001, 1 - 1e-12, 15),
    "correlation 1": (5.0, 4.0, 2.0, 2.5, 1.0, 15),
    "correlation -1": (5.0, 4.0, 2.0, 2.5, -1.0, 15),
    "means alike": (1e6 + 2**-20, 1e6, 3.0, 4.0, 0.5, 12),
    "few": (2.0, 3.0, 1.0, 0.5, 0.2, 5),
    "many": (3.0, 1.0, 1.0, 1.1, 0.3, 10**6),
    "tiny": (3e-150, 2e-150, 1e-151, 2e-151, 0.7, 30),
    "no spread afterwards": (3.0, 1.0, 1.0, 0.0, 0.3, 10),
}
NAMES = ("m1i", "m2i", "sd1i", "sd2i", "ri", "ni")
MEASURES = ("MC", "SMCC", "SMCR", "SMCRH", "SMCRP", "SMCRPH", "ROMC", "VRC", "CVRC")


def escalc(measure, **columns):
    found = pymeta.escalc(measure, **columns, cutoff=None)
    return found["yi"].to_numpy(), found["vi"].to_numpy()


def rows(*corners):
    return dict(zip(NAMES, map(list, zip(*corners, strict=True)), strict=True))


def gamma_quotient(df):
    return mp.exp(mp.loggamma(df / 2) - mp.loggamma((df - 1) / 2)) / mp.sqrt(df / 2)


def olkin_pratt_gap(r, n):
    """1 − r F(1/2, 1/2; (n − 2)/2; 1 − r²), for many people by the series that defines F: mpmath's own way is slow there."""
    c, z = (mp.mpf(n) - 2) / 2, 1 - mp.mpf(r) ** 2
    if n < 100:
        return 1 - r * mp.hyp2f1(0.5, 0.5, c, z)
    return 1 - r * mp.fsum(mp.rf(0.5, j) ** 2 / mp.rf(c, j) * z**j / mp.factorial(j) for j in range(150))


def truth(measure, vtype, correct, row):  # noqa: PLR0911
    """The papers' formulas as they stand, at 50 digits."""
    m1, m2, s1, s2, r, n = map(mp.mpf, row)
    change, df, fix = s1**2 + s2**2 - 2 * r * s1 * s2, n - 1, gamma_quotient if correct else lambda df: mp.mpf(1)
    if measure == "MC":
        return m1 - m2, change / n
    if measure in ("SMCC", "SMCR"):
        d, noise = ((m1 - m2) / mp.sqrt(change), 1 / n) if measure == "SMCC" else ((m1 - m2) / s1, 2 * (1 - r) / n)
        unbiased, J = noise if measure == "SMCC" else 2 * olkin_pratt_gap(r, n) / n, fix(df)
        variances = {
            "LS": noise + (J * d) ** 2 / (2 * n),
            "LS2": J**2 * (noise + d**2 / (2 * n)),
            "UB": unbiased + (1 - (df - 2) / (df * J**2)) * (J * d) ** 2,
            "H0": J**2 * unbiased * df / (df - 2),
        }
        return J * d, variances[vtype]
    divisor = n if vtype == "LS2" else df
    if measure == "SMCRH":
        y = fix(df) * (m1 - m2) / s1
        return y, change / (s1**2 * divisor) + y**2 / (2 * divisor)
    average = (s1**2 + s2**2) / 2
    y = fix(2 * df / (1 + r**2)) * (m1 - m2) / mp.sqrt(average)
    if measure == "SMCRP":
        return y, 2 * (1 - r) / n + y**2 * (1 + r**2) / (4 * n)
    if measure == "SMCRPH":
        fourth = s1**4 + s2**4 + 2 * r**2 * s1**2 * s2**2
        return y, change / (average * divisor) + y**2 * fourth / (8 * average**2 * divisor)
    c1, c2, second = s1 / m1, s2 / m2, vtype == "LS2"
    means = (c1**2 + c2**2 - 2 * r * c1 * c2) / n + second * (c1**4 + c2**4 - 2 * (r * c1 * c2) ** 2) / (2 * n**2)
    spreads = (1 - r**2) / df + second * (1 - r**4) / df**2
    ratio = mp.log(m1 / m2) + correct * (c1**2 - c2**2) / (2 * n)
    if measure == "ROMC":
        return ratio, means
    if s2 == 0:
        return mp.nan, mp.nan
    return (mp.log(s1 / s2), spreads) if measure == "VRC" else (mp.log(s1 / s2) - ratio, means + spreads)


def close(found, expected, ulps=24):
    if mp.isnan(expected):
        return np.isnan(found)
    return abs(mp.mpf(float(found)) - expected) <= ulps * mp.mpf(2) ** -53 * abs(expected)


@pytest.mark.parametrize("correct", [True, False])
@pytest.mark.parametrize(("measure", "vtype"), [(name, one) for name in MEASURES for one in pymeta.MEASURES[name].vtypes])
@pytest.mark.parametrize("corner", CORNERS)
def test_against_50_digits(measure, vtype, correct, corner):
    columns = rows(CORNERS[corner])
    if corner == "means alike" and measure == "CVRC":
        columns["sd2i"] = [3.0]  # or the two logarithms are of one size, and nothing is at stake
    row = tuple(columns[name][0] for name in NAMES)
    (yi,), (vi,) = escalc(measure, **columns, vtype=vtype, correct=correct)
    expected = truth(measure, vtype, correct, row)
    assert close(yi, expected[0])
    assert close(vi, expected[1], 100)


R_WITH_GSL = {  # metafor 5.2-1 with gsl 2.1-9: escalc("SMCR", m1i=, m2i=, sd1i=, ri=, ni=, vtype=)
    "UB": [0.059280520847058385, 0.025862218670781995, 0.305024841446879, 0.1577555940695409, 0.07781716502554249],
    "H0": [0.053424570468630014, 0.014390431585839745, 0.04946998824283671, 0.02101434240119583, 0.08113305304224182],
}


@pytest.mark.parametrize("vtype", R_WITH_GSL)
def test_the_variances_for_which_r_wants_gsl(vtype):
    yi, vi = escalc("SMCR", **{name: MORRIS[name] for name in NAMES if name != "sd2i"}, vtype=vtype)
    np.testing.assert_allclose(vi, R_WITH_GSL[vtype], rtol=1e-12)
    np.testing.assert_allclose(yi, escalc("SMCR", **MORRIS)[0], rtol=0)


def test_the_unbiased_variance_where_r_loses_digits():
    """metafor 5.2-1 at n = 1000 has 0.010692118193275247: its J comes from a difference of log-gammas, 3e-13 off."""
    _, vi = escalc("SMCC", di=[0.5, -2.0, 4.4], ni=[20, 50, 1000], vtype="UB")
    np.testing.assert_allclose(vi, [0.056672760886475285, 0.06103109579528325, 0.010692118193275247], rtol=2e-9)
    J = gamma_quotient(mp.mpf(999))
    assert close(vi[2], mp.mpf(1) / 1000 + (1 - 997 / (999 * J**2)) * (J * mp.mpf(4.4)) ** 2)


def test_the_documentation_s_example():
    """?escalc: "escalc(measure="SMCC", pi=-0.018, ni=50) yields a negative standardized mean change value of -0.3408"."""
    assert round(escalc("SMCC", pi=[-0.018], ni=[50])[0][0], 4) == -0.3408


def test_a_row_s_change_goes_before_its_t_and_that_before_its_p_and_its_means():
    nan, yi = np.nan, escalc("SMCC", di=[0.5, 0.5], ni=[10, 10])[0][0]
    t = 0.5 * np.sqrt(10)
    p = 2 * special.stdtr(9, -t)
    means = {"m1i": [9.0] * 4, "m2i": [1.0] * 4, "sd1i": [1.0] * 4, "sd2i": [2.0] * 4, "ri": [0.5] * 4, "ni": [10] * 4}
    found, _ = escalc("SMCC", **means, di=[0.5, nan, nan, nan], ti=[-9.0, t, nan, nan], pi=[-0.1, -0.1, p, nan])
    np.testing.assert_allclose(found[:3], yi, rtol=1e-12)
    assert found[3] == escalc("SMCC", **{name: column[:1] for name, column in means.items()})[0][0]


@pytest.mark.parametrize("p", [0.0, np.nan])
def test_no_effect_from_a_p_value_of_0_or_none(p):
    """For vtype="H0" metafor gives such a row a variance, from ni alone."""
    for vtype in ("LS", "H0"):
        assert np.isnan(escalc("SMCC", pi=[p], ni=[20], vtype=vtype)).all()


def test_pomp_is_the_change_in_percent_of_the_scale():
    (yi,), (vi,) = escalc("POMPMC", **rows(CORNERS["plain"]), mini=[-2.0], maxi=[6.0])
    (change,), (variance,) = escalc("MC", **rows(CORNERS["plain"]))
    assert (yi, vi) == pytest.approx((12.5 * change, 12.5**2 * variance), rel=1e-15)


def test_with_no_spread_afterwards_and_no_correlation_a_change_is_a_single_mean():
    """The way to give the change scores' own standard deviation, as the documentation tells it."""
    columns = {"m1i": [2.0], "m2i": [0.0], "sd1i": [1.5], "sd2i": [0.0], "ri": [0.0], "ni": [12]}
    for change, single in (("MC", "MN"), ("SMCC", "SMN")):
        np.testing.assert_allclose(escalc(change, **columns), escalc(single, mi=[2.0], sdi=[1.5], ni=[12]), rtol=1e-15)


@pytest.mark.parametrize("measure", MEASURES)
def test_swapped_occasions(measure):
    swapped = {**MORRIS, "m1i": MORRIS["m2i"], "m2i": MORRIS["m1i"], "sd1i": MORRIS["sd2i"], "sd2i": MORRIS["sd1i"]}
    yi, vi = escalc(measure, **MORRIS)
    other, variance = escalc(measure, **swapped)
    same = measure not in ("SMCR", "SMCRH")  # standardized by the first occasion
    assert np.allclose(yi, -other, rtol=1e-13) is same
    assert np.allclose(vi, variance, rtol=1e-13) is same


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("measure", MEASURES)
def test_a_missing_number_costs_its_row(measure, name):
    needed = {"SMCR": set(NAMES) - {"sd2i"}, "VRC": set(NAMES) - {"m1i", "m2i"}}.get(measure, set(NAMES))
    columns = {**MORRIS, name: [np.nan, *MORRIS[name][1:]]}
    for vtype in pymeta.MEASURES[measure].vtypes:
        lost = np.isnan(escalc(measure, **columns, vtype=vtype))
        assert lost.tolist() == [[name in needed, *[False] * 4]] * 2


UNDEFINED = {
    ("SMCC", (1, 2, 0.0, 0.0, 0.5, 20)): "no spread",
    ("SMCR", (1, 2, 0.0, 1.0, 0.5, 20)): "no spread at first",
    ("SMCRH", (1, 2, 0.0, 1.0, 0.5, 20)): "no spread at first",
    ("SMCRP", (1, 2, 0.0, 0.0, 0.5, 20)): "no spread",
    ("SMCRPH", (1, 2, 1.0, 2.0, 1.0, 2)): "one degree of freedom",
    ("SMCC", (1, 2, 1.0, 2.0, 0.5, 2)): "one degree of freedom",
    ("ROMC", (-1, 2, 1.0, 2.0, 0.5, 20)): "means of two signs",
    ("ROMC", (0, 2, 1.0, 2.0, 0.5, 20)): "a mean of 0",
    ("VRC", (1, 2, 1.0, 0.0, 0.5, 20)): "no spread",
    ("VRC", (1, 2, 1.0, 2.0, 0.5, 1)): "one person",
    ("CVRC", (-1, -2, 1.0, 2.0, 0.5, 20)): "negative means",
}


@pytest.mark.parametrize(("measure", "row"), UNDEFINED, ids=[f"{key[0]}: {why}" for key, why in UNDEFINED.items()])
def test_an_effect_that_is_not_defined(measure, row):
    yi, vi = escalc(measure, **rows(row, CORNERS["plain"]))
    assert np.isnan([yi, vi]).tolist() == [[True, False], [True, False]]


@pytest.mark.parametrize(("measure", "vtype", "n"), [("SMCC", "H0", 3), ("SMCR", "H0", 4), ("SMCR", "UB", 4)])
def test_too_few_people_for_a_variance_leave_the_effect(measure, vtype, n):
    columns = {**rows(CORNERS["plain"]), "ni": [n]}
    yi, vi = escalc(measure, **columns, vtype=vtype)
    assert yi[0] == escalc(measure, **columns)[0][0]
    assert np.isnan(vi[0])
    assert np.isfinite(escalc(measure, **{**columns, "ni": [n + 1]}, vtype=vtype)).all()


BAD = {
    "ni": (0.5, "MC: ni, row 2: 0.5 patients; a study needs at least one"),
    "sd1i": (-1.0, "MC: sd1i, row 2: -1 is negative; a standard deviation is 0 or more"),
    "sd2i": (-0.25, "MC: sd2i, row 2: -0.25 is negative; a standard deviation is 0 or more"),
    "ri": (-1.01, "MC: ri, row 2: -1.01 is outside [-1, 1]; a correlation lies within"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_is_refused(name):
    value, problem = BAD[name]
    columns = {**MORRIS, name: [MORRIS[name][0], value, *MORRIS[name][2:]]}
    with pytest.raises(DataError) as refusal:
        escalc("MC", **columns)
    assert str(refusal.value) == problem


def test_p_values_and_scales_that_cannot_be_are_refused():
    with pytest.raises(
        DataError, match=r"SMCC: pi, row 1: 1\.5 is outside \[-1, 1\]; a p-value, with the sign of the effect"
    ):
        escalc("SMCC", pi=[1.5], ni=[20])
    for maxi in (3.0, 2.0):  # metafor: NA; "One or more standard deviations are negative."
        with pytest.raises(
            DataError, match=rf"POMPMC: maxi, row 1: {maxi:g} is not above the scale's minimum \(column mini\)"
        ):
            escalc("POMPMC", **rows(CORNERS["plain"]), mini=[3.0], maxi=[maxi])


def test_a_variance_that_a_measure_does_not_know():
    with pytest.raises(OptionError, match="UB"):
        escalc("SMCRP", **MORRIS, vtype="UB")


def test_what_a_measure_needs():
    with pytest.raises(DataError, match="missing: ri"):
        escalc("MC", **{name: MORRIS[name] for name in NAMES if name != "ri"})
    with pytest.raises(DataError, match="missing: mini, maxi"):
        escalc("POMPMC", **MORRIS)
    with pytest.raises(DataError, match="missing: ni"):
        escalc("SMCC", di=[0.5])
