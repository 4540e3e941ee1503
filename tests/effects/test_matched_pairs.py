"""Pairs' tables: identities between the measures, 50 digits at hard corners, and what cannot be."""

import mpmath as mp
import numpy as np
import pytest

import pymeta

CELLS = {"ai": [10.0, 59.0], "bi": [4.0, 16.0], "ci": [7.0, 6.0], "di": [20.0, 80.0]}


def found(measure, **columns):
    table = pymeta.escalc(measure, **columns)
    return table["yi"].to_numpy(), table["vi"].to_numpy()


def test_the_conditional_odds_ratio_is_of_the_pairs_that_differ():
    yi, vi = found("MPORC", **CELLS)
    np.testing.assert_allclose(yi, np.log([4 / 7, 16 / 6]), rtol=1e-15)
    np.testing.assert_allclose(vi, [1 / 4 + 1 / 7, 1 / 16 + 1 / 6], rtol=1e-15)
    yi, vi = found("MPPETO", **CELLS)
    np.testing.assert_allclose(yi, [2 * -3 / 11, 2 * 10 / 22], rtol=1e-15)
    np.testing.assert_allclose(yi / vi, [-3 / 2, 10 / 2], rtol=1e-15)  # O - E


@pytest.mark.parametrize(("paired", "independent"), [("MPRR", "RR"), ("MPOR", "OR"), ("MPRD", "RD")])
def test_marginal_effects_are_those_of_the_margins(paired, independent):
    a, b, c, d = (np.array(CELLS[name]) for name in ("ai", "bi", "ci", "di"))
    margins = {"ai": a + b, "bi": c + d, "ci": a + c, "di": b + d}
    np.testing.assert_allclose(found(paired, **CELLS)[0], found(independent, **margins)[0], rtol=1e-14)


def test_the_margins_with_the_tables_own_correlation_give_the_tables_variance():
    a, b, c, d = (np.array(CELLS[name]) for name in ("ai", "bi", "ci", "di"))
    phi = (a * d - b * c) / np.sqrt((a + b) * (c + d) * (a + c) * (b + d))
    margins = {"ai": a + b, "bi": c + d, "ci": a + c, "di": b + d}
    for more in ({"ri": phi}, {"pi": a / (a + b + c + d)}):
        np.testing.assert_allclose(found("MPORM", **margins, **more), found("MPOR", **CELLS), rtol=1e-13)


@pytest.mark.parametrize("measure", ["MPRD", "MPRR", "MPOR", "MPORC", "MPPETO"])
def test_swapped_treatments_turn_the_sign(measure):
    yi, vi = found(measure, **CELLS)
    turned = {**CELLS, "bi": CELLS["ci"], "ci": CELLS["bi"]}
    np.testing.assert_allclose(found(measure, **turned), [-yi, vi], rtol=1e-14)


def test_near_equal_treatments_of_many_pairs_keep_their_digits():
    a, b, c, d = 10**6, 10**7, 10**7 - 1, 10**5
    cells = {"ai": [a], "bi": [b], "ci": [c], "di": [d]}
    with mp.workdps(50):
        N = mp.mpf(a + b + c + d)
        truth = {
            "MPRD": ((b - c) / N, (b + c - (b - c) ** 2 / N) / N**2),
            "MPRR": (mp.log(mp.mpf(a + b) / (a + c)), mp.mpf(b + c) / ((a + b) * (a + c))),
            "MPORC": (mp.log(mp.mpf(b) / c), mp.mpf(1) / b + mp.mpf(1) / c),
        }
    for measure, expected in truth.items():
        for value, exact in zip(found(measure, **cells), expected, strict=True):
            assert value[0] == pytest.approx(float(exact), rel=1e-14)


def test_a_correlation_that_cannot_be_has_no_variance():
    yi, vi = found("MPORM", ai=[5, 5], bi=[9, 9], ci=[8, 8], di=[6, 6], pi=[0.9, 0.3])
    assert np.isfinite(yi).all()
    assert np.isnan(vi).tolist() == [True, False]


MISTAKES = {
    "a negative count": ({"ai": [-1], "bi": [1], "ci": [1], "di": [1]}, "MPRD: ai, row 1: -1 is negative"),
    "more than the row": ({"ai": [5], "n1i": [4], "ci": [1], "n2i": [4]}, "pairs are more than the row has (column n1i)"),
    "too few columns": ({"ai": [5], "bi": [4], "ci": [1]}, "missing: di"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_cannot_be_is_refused(mistake):
    columns, words = MISTAKES[mistake]
    with pytest.raises(pymeta.DataError) as caught:
        pymeta.escalc("MPRD", **columns)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "missing: ri"),
        ({"ri": [-1.2]}, "ri, row 1: -1.2 is no correlation"),
        ({"pi": [1.1]}, "pi, row 1: 1.1 is no proportion"),
    ],
)
def test_margins_need_to_know_how_the_pairs_go_together(more, words):
    with pytest.raises(pymeta.DataError) as caught:
        pymeta.escalc("MPORM", ai=[5], bi=[9], ci=[8], di=[6], **more)
    assert words in str(caught.value)
