"""Proportions against 50 digits and hand arithmetic."""

import mpmath as mp
import numpy as np
import pytest

import pymeta
from pymeta.effects.measures import MEASURES
from pymeta.errors import DataError, OptionError

mp.mp.dps = 50

KINDS = {"PR": ("LS", "AV", "UB"), "PLN": ("LS", "AV"), "PLO": ("LS", "AV"), "PRZ": ("LS",), "PAS": ("LS",), "PFT": ("LS",)}
EVERY = [(measure, vtype) for measure, vtypes in KINDS.items() for vtype in vtypes]
CORNERS = {
    "plain": (3, 7),
    "half": (5, 5),
    "hardly any": (1, 10**9),
    "nearly all": (10**9, 1),
    "near a half": (10**8, 10**8 + 1),
    "not whole": (0.125, 2.25),
}


def escalc(measure, xi, mi, **options):
    found = pymeta.escalc(measure, xi=xi, mi=mi, **options)
    return found["yi"].to_numpy(), found["vi"].to_numpy()


def probit(p):
    with mp.workdps(80):
        return mp.sqrt(2) * mp.erfinv(2 * p - 1)


def truth(measure, vtype, x, m):
    n = x + m
    p, q = x / n, m / n
    if measure == "PRZ":
        return probit(p), p * q / n * 2 * mp.pi * mp.exp(probit(p) ** 2)
    low, high = mp.asin(mp.sqrt(x / (n + 1))), mp.asin(mp.sqrt((x + 1) / (n + 1)))
    return {
        "PR": (p, p * q / (n - 1 if vtype == "UB" else n)),
        "PLN": (mp.log(p), q / (n * p)),
        "PLO": (mp.log(p / q), 1 / (n * p * q)),
        "PAS": (mp.asin(mp.sqrt(p)), 1 / (4 * n)),
        "PFT": ((low + high) / 2, 1 / (4 * n + 2)),
    }[measure]


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize(("measure", "vtype"), EVERY)
def test_against_50_digits(measure, vtype, corner):
    row = CORNERS[corner]
    y, v = truth(measure, vtype, *map(mp.mpf, row))
    yi, vi = (float(one[0]) for one in escalc(measure, *([value] for value in row), vtype=vtype))
    assert abs(yi - y) <= 2e-15 * max(abs(y), mp.sqrt(v))
    assert abs(vi - v) <= 2e-14 * v


def test_one_proportion_for_all():
    """AV: 6/30 in every variance; rows without a proportion do not count."""
    xi, mi = [2, 4, np.nan, 9], [8, 16, 3, np.nan]
    for measure, expected in {"PR": [0.016, 0.008], "PLN": [0.4, 0.2], "PLO": [0.625, 0.3125]}.items():
        vi = escalc(measure, xi, mi, vtype="AV")[1]
        assert vi[:2] == pytest.approx(expected, rel=1e-15)
        assert np.isnan(vi[2:]).all()


@pytest.mark.parametrize(
    ("measure", "none", "nothing_else"),
    [
        ("PR", (0, 0), (1, 0)),
        ("PLN", (np.nan, np.nan), (0, 0)),
        ("PLO", (np.nan, np.nan), (np.nan, np.nan)),
        ("PRZ", (np.nan, np.nan), (np.nan, np.nan)),
        ("PAS", (0, 0.05), (np.pi / 2, 0.05)),
        ("PFT", (np.arcsin(np.sqrt(1 / 6)) / 2, 1 / 22), ((np.arcsin(np.sqrt(5 / 6)) + np.pi / 2) / 2, 1 / 22)),
    ],
)
def test_the_ends_as_they_are(measure, none, nothing_else):
    yi, vi = escalc(measure, [0, 5], [5, 0], to="none")
    assert [*yi] == pytest.approx([none[0], nothing_else[0]], rel=1e-15, abs=0, nan_ok=True)
    assert [*vi] == pytest.approx([none[1], nothing_else[1]], rel=1e-15, abs=0, nan_ok=True)


@pytest.mark.parametrize("measure", KINDS)
def test_what_is_added_at_the_ends(measure):
    """A half for some; no one is dropped, since metafor keeps single groups whatever `drop00` is."""
    adds = measure not in ("PAS", "PFT")
    for options in ({}, {"drop00": True}):
        found = escalc(measure, [0, 5, 3], [5, 0, 4], **options)
        expected = escalc(measure, [0.5, 5.5, 3] if adds else [0, 5, 3], [5.5, 0.5, 4] if adds else [5, 0, 4])
        assert np.array_equal(found, expected)
    asked = escalc(measure, [0, 5, 3], [5, 0, 4], add=0.5, to="if0all")
    assert np.array_equal(asked, escalc(measure, [0.5, 5.5, 3.5], [5.5, 0.5, 4.5]))


def test_an_unbiased_variance_of_one_person_there_is_not():
    for xi, mi in ((1, 0), (0.5, 0.5), (0.2, 0.3)):
        assert np.isnan(escalc("PR", [xi], [mi], vtype="UB", to="none")).all()


@pytest.mark.parametrize("measure", KINDS)
def test_sizes_for_others_row_by_row(measure):
    columns = {"xi": [1, 2, 3, 4, np.nan], "mi": [2, np.nan, np.nan, np.nan, 3], "ni": [np.nan, 5, 9, np.nan, 5]}
    found = pymeta.escalc(measure, **columns).to_numpy()
    assert np.array_equal(found[:3], pymeta.escalc(measure, xi=[1, 2, 3], ni=[3, 5, 9]).to_numpy())
    assert np.isnan(found[3:]).all()


@pytest.mark.parametrize(("measure", "expected"), [("PLN", 0.3), ("PLO", 0.3), ("PRZ", 0.3), ("PAS", 0.3)])
def test_back_to_proportions(measure, expected):
    yi, _ = escalc(measure, [3], [7])
    assert MEASURES[measure].display(yi)[0] == pytest.approx(expected, rel=1e-14)


def test_angles_beyond_the_ends():
    assert MEASURES["PAS"].display(np.array([-0.1, 0, np.pi / 2, 2])).tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"xi": [1, -1], "ni": [2, 3]}, "xi, row 2: -1 is negative; a number of events is 0 or more"),
        ({"xi": [1, 1], "mi": [2, -3]}, "mi, row 2: -3 is negative; a number of patients is 0 or more"),
        (
            {"xi": [1, 4], "ni": [2, 3]},
            "xi, row 2: 4 events are more than the group has patients (column ni); correct one of them",
        ),
        ({"xi": [1, 0], "ni": [2, 0]}, "ni, row 2: 0 patients; a group needs at least one"),
        ({"xi": [1, 0], "mi": [2, 0]}, "mi, row 2: 0 and no xi either: the group is empty; leave the row out"),
        ({"xi": [1, 1], "mi": [2, 2], "ni": [3, 20]}, "ni, row 2: 20 is not xi + mi; correct one of the three"),
    ],
)
def test_counts_that_cannot_be(columns, message):
    with pytest.raises(DataError) as error:
        pymeta.escalc("PLO", **columns)
    assert str(error.value) == f"PLO: {message}"


def test_a_kind_of_variance_that_is_none():
    with pytest.raises(OptionError, match="vtype='UB'"):
        escalc("PLN", [1], [2], vtype="UB")
