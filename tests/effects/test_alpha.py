import mpmath as mp
import numpy as np
import pytest

import pymeta
from pymeta.errors import DataError

BONETT = {  # dat.bonett2010
    "ai": [0.93, 0.91, 0.94, 0.89, 0.9, 0.89, 0.86, 0.91, 0.9],
    "mi": [20] * 9,
    "ni": [103, 64, 118, 401, 215, 51, 175, 311, 492],
}
TRUTH = {
    "ARAW": lambda a, m, n: (a, 2 * m * (1 - a) ** 2 / ((m - 1) * (n - 2))),
    "AHW": lambda a, m, n: (
        1 - mp.cbrt(1 - a),
        18 * m * (n - 1) * (1 - a) ** (mp.mpf(2) / 3) / ((m - 1) * (9 * n - 11) ** 2),
    ),
    "ABT": lambda a, m, n: (-mp.log(1 - a), 2 * m / ((m - 1) * (n - 2))),
}


@pytest.mark.parametrize("measure", TRUTH)
@pytest.mark.parametrize("a", [0.93, 1e-12, -1e-300, -0.5, -1e6, 1 - 2.0**-50])
def test_the_last_digits(measure, a):
    """Near 0, 1 − (1 − a)^(1/3) and −log(1 − a) as R writes them have no digits left."""
    effects = pymeta.escalc(measure, ai=[a], mi=[20], ni=[64])
    with mp.workdps(400):
        for found, true in zip(effects.to_numpy()[0], TRUTH[measure](mp.mpf(a), mp.mpf(20), mp.mpf(64)), strict=True):
            assert abs((mp.mpf(float(found)) - true) / true) < 2e-15


def test_bonett_2010():
    """His table of nine studies: alpha's variance 2k(1 − a)²/((k − 1)(n − 2)) is that of −log(1 − a) times (1 − a)²."""
    raw, log = pymeta.escalc("ARAW", **BONETT), pymeta.escalc("ABT", **BONETT)
    np.testing.assert_allclose(raw["vi"], log["vi"] * (1 - raw["yi"]) ** 2, rtol=1e-14)
    assert raw["yi"].tolist() == BONETT["ai"]


@pytest.mark.parametrize("measure", TRUTH)
def test_they_rise_with_alpha_and_lead_back_to_it(measure):
    effects = pymeta.escalc(measure, ai=[0.1, 0.5, 0.9], mi=[5] * 3, ni=[20] * 3)["yi"].to_numpy()
    assert (np.diff(effects) > 0).all()
    np.testing.assert_allclose(pymeta.MEASURES[measure].display(effects), [0.1, 0.5, 0.9], rtol=1e-15)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"ai": [0.8, 1.01]}, "ARAW: ai, row 2: 1.01 is no alpha; it is at most 1"),
        ({"mi": [5, 1]}, "ARAW: mi, row 2: 1 items; an instrument that has an alpha has at least two"),
        ({"ni": [20, 0]}, "ARAW: ni, row 2: 0 people; a study needs at least one"),
    ],
)
def test_refusals(changed, message):
    with pytest.raises(DataError) as caught:
        pymeta.escalc("ARAW", **{"ai": [0.8, 0.8], "mi": [5, 5], "ni": [20, 20], **changed})
    assert str(caught.value) == message


def test_a_perfect_alpha():
    data = {"ai": [1], "mi": [5], "ni": [20]}
    assert pymeta.escalc("ARAW", **data).to_numpy().tolist() == [[1, 0]]
    assert pymeta.escalc("AHW", **data).to_numpy().tolist() == [[1, 0]]
    assert pymeta.escalc("ABT", **data).isna().all(axis=None)


def test_one_person_and_two():
    """As in metafor: of one person an effect without a variance, of two neither. AHW's variance is 0 of one."""
    data = {"ai": [0.8, 0.8, 1], "mi": [5] * 3, "ni": [1, 2, 2]}
    for measure in ("ARAW", "ABT"):
        assert pymeta.escalc(measure, **data).isna().to_numpy().tolist() == [[False, True], [True, True], [True, True]]
    assert pymeta.escalc("AHW", **data)["vi"][0] == 0


@pytest.mark.parametrize("measure", TRUTH)
@pytest.mark.parametrize("missing", ["ai", "mi", "ni"])
def test_rows_with_a_missing_value(measure, missing):
    effects = pymeta.escalc(measure, **{**BONETT, missing: [None, *BONETT[missing][1:]]})
    assert effects.isna().all(axis=1).tolist() == [True] + [False] * 8
