"""Stochastic superiority: published examples, 50 digits, and what is refused."""

import mpmath as mp
import numpy as np
import pytest

from pymeta.effects.superiority import auc, binormal_auc, paired_binormal_auc, prepare
from pymeta.errors import DataError
from tests.referee import exact

BINORMAL = ("n1i", "m1i", "sd1i", "n2i", "m2i", "sd2i", "di", "ti", "pi", "ai")


def rows(names, columns):
    k = len(next(iter(columns.values())))
    return {name: np.asarray(columns.get(name, [np.nan] * k), dtype=float) for name in names}


def reported(vtype="LS", **columns):
    return auc(**rows(("ai", "n1i", "n2i", "mi"), columns), vtype=vtype)


def binormal(vtype="LS", **columns):
    return binormal_auc(**rows(BINORMAL, columns), vtype=vtype)


def paired(**columns):
    return paired_binormal_auc(**rows(("m1i", "m2i", "sd1i", "sd2i", "ri", "ni"), columns))


# ---- Reported areas ---------------------------------------------------------------------------------------------------


def test_hanley_and_mcneil_1982():
    """Their example: 51 abnormal and 58 normal images, W = 0.893, SE = 0.032; they divide by n1 n2."""
    found = reported("LS2", ai=[0.893], n1i=[51], n2i=[58])
    assert np.sqrt(found.vi[0] * 50 * 57 / (51 * 58)) == pytest.approx(0.032, abs=6e-4)


def areas(theta, n1, n2, ties, vtype):
    theta, n1, n2, ties = exact([theta, n1, n2, ties])
    q1, q2 = theta / (2 - theta), 2 * theta**2 / (1 + theta)
    if vtype == "LS2":
        above = theta * (1 - theta) - ties / 4 + (n1 - 1) * (q1 - theta**2) + (n2 - 1) * (q2 - theta**2)
    else:
        n = (n1 + n2) / 2 - 1
        above = theta * (1 - theta) * (1 + n * (1 - theta) / (2 - theta) + n * theta / (1 + theta))
    return float(above / ((n1 - 1) * (n2 - 1)))


@pytest.mark.parametrize("vtype", ["LS", "LS2"])
@pytest.mark.parametrize(
    "row", [(0.7, 10, 12, 0.1), (0.999999, 12278728, 888797, 2e-6), (1e-12, 2, 1e9, 0), (0.5, 1.5, 3, 1), (1, 9, 9, 0)]
)
def test_fifty_digits_of_a_reported_area(row, vtype):
    (y,), (v,) = reported(vtype, **dict(zip(("ai", "n1i", "n2i", "mi"), ([x] for x in row), strict=True)))
    assert y == row[0]
    assert v == pytest.approx(areas(*row, vtype), rel=1e-14)


def test_ties_count_for_one_kind_of_variance_only():
    table = {"ai": [0.7], "n1i": [10], "n2i": [12]}
    assert reported("LS", mi=[0.3], **table) == reported("LS", **table)
    assert reported("LS2", mi=[0.3], **table).vi < reported("LS2", **table).vi
    assert reported("LS2", mi=[0.0], **table) == reported("LS2", **table)


def test_equal_groups_give_one_variance():
    table = {"ai": [0.7], "n1i": [12], "n2i": [12]}
    np.testing.assert_allclose(reported("LS", **table).vi, reported("LS2", **table).vi, rtol=1e-15)


@pytest.mark.parametrize(
    "row",
    [
        {"ai": 0.7, "n1i": 1, "n2i": 5},
        {"ai": 1, "n1i": 5, "n2i": 1},
        {"ai": np.nan, "n1i": 5, "n2i": 5},
        {"ai": 1, "n1i": 10, "n2i": 10, "mi": 0.5},  # no room for ties: less than no variance
    ],
)
def test_no_reported_area(row):
    found = reported("LS2", **{name: [value] for name, value in row.items()})
    assert np.isnan(found).all()


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        ("n1i", 0.5, "n1i, row 2: 0.5 patients; a group needs at least one"),
        ("n2i", -3, "n2i, row 2: -3 patients; a group needs at least one"),
        ("ai", 1.5, "ai, row 2: 1.5 is not between 0 and 1, as an area under the curve is"),
        ("ai", -0.1, "ai, row 2: -0.1 is not between 0 and 1, as an area under the curve is"),
        ("mi", 1.01, "mi, row 2: 1.01 is not between 0 and 1, as a proportion of ties is"),
    ],
)
def test_refused(column, value, problem):
    good = {"ai": [0.7, 0.7], "n1i": [10, 10], "n2i": [12, 12], "mi": [0.1, np.nan]}
    columns = {name: np.array(values, dtype=float) for name, values in good.items()}
    assert prepare(columns).keys() == columns.keys()
    columns[column][1] = value
    with pytest.raises(DataError) as error:
        prepare(columns)
    assert str(error.value) == problem


# ---- Two normal groups ------------------------------------------------------------------------------------------------


def test_mcgraw_and_wong_1992():
    """Their example: men 69.7 (SD 2.8) and women 64.3 (2.6) inches tall; a man is taller in 92 of 100 pairs."""
    found = binormal(m1i=[69.7], sd1i=[2.8], n1i=[100], m2i=[64.3], sd2i=[2.6], n2i=[100])
    assert round(found.yi[0], 2) == 0.92


def unequal(m1, s1, n1, m2, s2, n2):
    m1, s1, n1, m2, s2, n2 = exact([m1, s1, n1, m2, s2, n2])
    both = s1**2 + s2**2
    delta = (m1 - m2) / mp.sqrt(both)
    spreads = delta**2 / (2 * both**2) * (s1**4 / (n1 - 1) + s2**4 / (n2 - 1))
    v = mp.npdf(delta) ** 2 * ((s1**2 / (n1 - 1) + s2**2 / (n2 - 1)) / both + spreads)
    return float(mp.ncdf(delta)), float(v)


@pytest.mark.parametrize(
    "row", [(1, 2, 20, 0, 3, 25), (-9, 2, 2, 0, 0, 3), (1e-170, 3e-170, 5, 0, 1e-170, 5), (2e200, 1e200, 9, 0, 1e200, 9)]
)
def test_fifty_digits_of_two_normal_groups(row):
    y, v = unequal(*row)
    found = binormal(**dict(zip(("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"), ([x] for x in row), strict=True)))
    assert found.yi[0] == pytest.approx(y, rel=1e-13)
    assert found.vi[0] == pytest.approx(v, rel=1e-13)


@pytest.mark.parametrize("vtype", ["LS", "HO"])
def test_equal_variances(vtype):
    """Half of d's variance, by φ²: what d and t mean in any case, and means too under "HO"."""
    d, n1, n2 = 0.7, 20, 25
    expected = float(mp.npdf(d / mp.sqrt(2)) ** 2) * (1 / n1 + 1 / n2 + d**2 / (2 * (n1 + n2))) / 2
    sizes = {"n1i": [n1], "n2i": [n2]}
    for way in ({"di": [d]}, {"ti": [d / np.sqrt(1 / n1 + 1 / n2)]}):
        found = binormal(vtype, **way, **sizes)
        assert found.yi[0] == pytest.approx(float(mp.ncdf(d / mp.sqrt(2))), rel=1e-14)
        assert found.vi[0] == pytest.approx(expected, rel=1e-14)
    means = binormal("HO", m1i=[d], sd1i=[1.0], m2i=[0.0], sd2i=[1.0], **sizes)
    np.testing.assert_allclose(means, binormal("HO", di=[d], **sizes), rtol=1e-14)


def test_an_area_itself_and_what_its_variance_is_from():
    """From d before means before the area; each group's own variance as soon as both are known and no d is."""
    sizes, spreads = {"n1i": [20], "n2i": [25]}, {"sd1i": [1.0], "sd2i": [2.0]}
    means = {"m1i": [1.0], "m2i": [0.0], **spreads, **sizes}
    alone = binormal(ai=[0.8], **sizes)
    with_d = binormal(ai=[0.8], di=[0.7], **means)
    with_means = binormal(ai=[0.8], **means)
    with_spreads = binormal(ai=[0.8], **spreads, **sizes)
    for found in (alone, with_d, with_means, with_spreads):
        assert found.yi[0] == 0.8
    assert with_d.vi == binormal(di=[0.7], **sizes).vi
    assert with_means.vi == binormal(**means).vi
    delta = float(mp.sqrt(2) * mp.erfinv(2 * mp.mpf(0.8) - 1))
    assert alone.vi == pytest.approx(binormal(di=[delta * np.sqrt(2)], **sizes).vi, rel=1e-14)
    assert with_spreads.vi == pytest.approx(binormal(m1i=[delta * np.sqrt(5)], m2i=[0.0], **spreads, **sizes).vi, rel=1e-14)
    assert binormal("HO", ai=[0.8], **spreads, **sizes) == alone


@pytest.mark.parametrize(
    "row",
    [
        {"n1i": 1, "n2i": 5, "m1i": 1, "m2i": 0, "sd1i": 1, "sd2i": 1},
        {"n1i": 9, "n2i": 5, "m1i": 1, "m2i": 0, "sd1i": 0, "sd2i": 0},
        {"n1i": 9, "n2i": 5, "ai": 1},
        {"n1i": 9, "n2i": 5, "ai": 0},
        {"n1i": 9, "n2i": 5, "m1i": 1, "sd1i": 1, "sd2i": 1},
    ],
)
def test_no_binormal_area(row):
    found = binormal(**{name: [value] for name, value in row.items()})
    assert np.isnan(found).all()


def test_no_chance_of_the_other_order():
    """The density underflows; metafor says 1 and 0, too."""
    assert binormal(n1i=[9], n2i=[9], di=[100]) == (1.0, 0.0)


# ---- Two normal measurements of the same people -----------------------------------------------------------------------


def dependent(m1, s1, m2, s2, r, n):
    m1, s1, m2, s2, r, n = exact([m1, s1, m2, s2, r, n])
    both = s1**2 + s2**2
    delta = (m1 - m2) / mp.sqrt(both)
    means = (both - 2 * r * s1 * s2) / both
    spreads = delta**2 / (2 * both**2) * (s1**4 + s2**4 + 2 * r**2 * s1**2 * s2**2)
    return float(mp.ncdf(delta)), float(mp.npdf(delta) ** 2 * (means + spreads) / (n - 1))


@pytest.mark.parametrize(
    "row", [(1, 2, 0, 3, 0.5, 20), (0, 1, 0, 1, 1 - 1e-12, 10), (1, 2, 0, 2, -1, 2), (-3, 0, 1, 2, 0.3, 1e9)]
)
def test_fifty_digits_of_pairs(row):
    y, v = dependent(*row)
    found = paired(**dict(zip(("m1i", "sd1i", "m2i", "sd2i", "ri", "ni"), ([x] for x in row), strict=True)))
    assert found.yi[0] == pytest.approx(y, rel=1e-14)
    assert found.vi[0] == pytest.approx(v, rel=1e-14)


def test_unrelated_measurements_are_two_groups():
    means = {"m1i": [1.0], "sd1i": [2.0], "m2i": [0.0], "sd2i": [3.0]}
    np.testing.assert_allclose(paired(ri=[0.0], ni=[20], **means), binormal(n1i=[20], n2i=[20], **means), rtol=1e-15)


@pytest.mark.parametrize(
    "row",
    [
        {"m1i": 1, "m2i": 0, "sd1i": 1, "sd2i": 1, "ri": 0.5, "ni": 1},
        {"m1i": 1, "m2i": 0, "sd1i": 0, "sd2i": 0, "ri": 0.5, "ni": 9},
        {"m1i": 1, "m2i": 0, "sd1i": 1, "sd2i": 1, "ni": 9},
    ],
)
def test_no_paired_area(row):
    found = paired(**{name: [value] for name, value in row.items()})
    assert np.isnan(found).all()
