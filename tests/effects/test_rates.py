"""Incidence rates against 50 digits and hand arithmetic."""

import mpmath as mp
import numpy as np
import pytest

import pymeta
from pymeta.effects.measures import MEASURES
from pymeta.errors import DataError

mp.mp.dps = 50

TWO, ONE = ("x1i", "x2i", "t1i", "t2i"), ("xi", "ti")
MEASURES_OF = {TWO: ("IRR", "IRD", "IRSD"), ONE: ("IR", "IRLN", "IRS", "IRFT")}
NAMES = {measure: names for names, measures in MEASURES_OF.items() for measure in measures}
CORNERS = {
    TWO: {
        "plain": (3, 10, 4.5, 9),
        "alike": (3, 6, 0.1, 0.2),
        "nearly alike": (10**8, 10**8 + 1, 10**9, 10**9),
        "long and short": (1, 1, 1e-9, 1e9),
        "not whole": (0.125, 7.75, 3, 0.01),
    },
    ONE: {"plain": (3, 4.5), "near 1": (10**8, 10**8 + 1), "short": (7, 1e-9), "long": (1, 1e12), "not whole": (0.125, 3)},
}
EVERY = [(measure, corner) for measure, names in NAMES.items() for corner in CORNERS[names]]


def escalc(measure, rows, **options):
    columns = dict(zip(NAMES[measure], zip(*rows, strict=True), strict=True))
    found = pymeta.escalc(measure, **columns, **options)
    return found["yi"].to_numpy(), found["vi"].to_numpy()


def two(measure, x1, x2, t1, t2):
    r1, r2 = x1 / t1, x2 / t2
    return {
        "IRR": (mp.log(r1 / r2), 1 / x1 + 1 / x2),
        "IRD": (r1 - r2, x1 / t1**2 + x2 / t2**2),
        "IRSD": (mp.sqrt(r1) - mp.sqrt(r2), 1 / (4 * t1) + 1 / (4 * t2)),
    }[measure]


def one(measure, x, t):
    return {
        "IR": (x / t, x / t**2),
        "IRLN": (mp.log(x / t), 1 / x),
        "IRS": (mp.sqrt(x / t), 1 / (4 * t)),
        "IRFT": ((mp.sqrt(x / t) + mp.sqrt((x + 1) / t)) / 2, 1 / (4 * t)),
    }[measure]


@pytest.mark.parametrize(("measure", "corner"), EVERY)
def test_against_50_digits(measure, corner):
    row = CORNERS[NAMES[measure]][corner]
    y, v = (two if NAMES[measure] == TWO else one)(measure, *map(mp.mpf, row))
    scale = max(abs(y), mp.sqrt(v))
    if corner == "nearly alike" and measure != "IRR":  # two rates of 0.1 that differ in the 9th digit
        scale = mp.mpf(1) / 10
    yi, vi = (float(values[0]) for values in escalc(measure, [row]))
    assert abs(yi - y) <= 1e-15 * scale
    assert abs(vi - v) <= 1e-15 * v


@pytest.mark.parametrize(
    ("measure", "row", "expected"),
    [
        ("IRR", (0, 3, 2, 4), (np.nan, np.nan)),
        ("IRR", (3, 0, 2, 4), (np.nan, np.nan)),
        ("IRD", (0, 0, 2, 4), (0, 0)),
        ("IRSD", (0, 0, 2, 4), (0, 0.1875)),
        ("IR", (0, 2), (0, 0)),
        ("IRLN", (0, 2), (np.nan, np.nan)),
        ("IRS", (0, 2), (0, 0.125)),
        ("IRFT", (0, 2), (np.sqrt(0.5) / 2, 0.125)),
    ],
)
def test_no_events_as_they_are(measure, row, expected):
    for found, value in zip(escalc(measure, [row], to="none"), expected, strict=True):
        assert found == pytest.approx([value], rel=1e-15, abs=0, nan_ok=True)


@pytest.mark.parametrize("measure", NAMES)
def test_a_half_event_is_added_where_the_measure_asks_for_it(measure):
    """To the events of both groups, never to the time."""
    wide = NAMES[measure] == TWO
    rows = [(0, 3, 2, 4), (1, 3, 2, 4)] if wide else [(0, 2), (1, 2)]
    filled = [(0.5, 3.5, 2, 4), (1, 3, 2, 4)] if wide else [(0.5, 2), (1, 2)]
    adds = measure not in ("IRSD", "IRS", "IRFT")
    assert np.array_equal(escalc(measure, rows), escalc(measure, filled if adds else rows, to="none"))
    assert np.array_equal(escalc(measure, rows, add=0.5), escalc(measure, filled, to="none"))
    every = [(1.5, 3.5, 2, 4)] if wide else [(1.5, 2)]
    assert np.array_equal(escalc(measure, rows[1:], add=0.5, to="all"), escalc(measure, every, to="none"))


@pytest.mark.parametrize("measure", NAMES)
def test_pairs_of_groups_without_events_are_dropped_when_asked(measure):
    """Single groups are not, as in metafor; that leaves IRSD's variance in a row it drops."""
    wide = NAMES[measure] == TWO
    rows = [(0, 0, 2, 4), (0, 1, 2, 4), (1, 1, 2, 4)] if wide else [(0, 2), (1, 2)]
    for values in escalc(measure, rows, drop00=True):
        assert np.isnan(values).tolist() == ([True, False, False] if wide else [False, False])


@pytest.mark.parametrize("measure", NAMES)
def test_rows_with_missing_values(measure):
    width = len(NAMES[measure])
    rows = [tuple(np.nan if i == j else 5 for j in range(width)) for i in range(width)] + [(5,) * width]
    for values in escalc(measure, rows):
        assert np.isnan(values).tolist() == [True] * width + [False]


def test_back_to_rates():
    for measure in ("IRLN", "IRS"):
        assert MEASURES[measure].display(escalc(measure, [(3, 4)])[0])[0] == pytest.approx(0.75, rel=1e-15)
    assert MEASURES["IRS"].display(np.array([-0.5, 0.0, 2.0])).tolist() == [0, 0, 4]


@pytest.mark.parametrize("measure", NAMES)
def test_values_that_cannot_be(measure):
    for name in NAMES[measure]:
        good = {key: [1, 2] for key in NAMES[measure]}
        bad = {-1: "is negative; a number of events is 0 or more"}
        if name.startswith("t"):
            bad = dict.fromkeys((-1, 0), "is not above 0, as the time in which events were counted must be")
        for value, problem in bad.items():
            with pytest.raises(DataError) as error:
                pymeta.escalc(measure, **{**good, name: [1, value]})
            assert str(error.value) == f"{measure}: {name}, row 2: {value} {problem}"
