"""The Mantel-Haenszel method: its tests in 50 digits, its options, its edges and its texts."""

import mpmath as mp
import numpy as np
import pytest

import pymeta
from pymeta import DataError, OptionError
from pymeta.inference import stratified

mp.mp.dps = 50
RNG = np.random.default_rng(5)
TABLES = {
    "bcg": {
        "ai": [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27],
        "bi": [119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886],
        "ci": [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29],
        "di": [128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825],
    },
    "huge odds ratios": {"ai": [999, 1990, 40], "bi": [1, 10, 1], "ci": [1, 3, 1], "di": [999, 1497, 49]},
    "tiny odds ratios": {"ai": [1, 3, 1], "bi": [999, 1497, 49], "ci": [999, 1990, 40], "di": [1, 10, 1]},
    "an odds ratio of 1": {"ai": [4, 8, 2], "bi": [10, 20, 5], "ci": [4, 8, 2], "di": [10, 20, 5]},
    "zeros": {"ai": [0, 4, 0, 20, 7], "bi": [20, 26, 15, 0, 0], "ci": [0, 3, 5, 20, 9], "di": [20, 27, 11, 0, 6]},
    "one outcome in all": {"ai": [5, 7], "bi": [9, 3], "ci": [0, 1], "di": [4, 0]},
    "one table": {"ai": [3], "bi": [17], "ci": [5], "di": [16]},
    "random": {name: RNG.integers(0, 30, 40) + 1 for name in ("ai", "bi", "ci", "di")},
    "millions": {"ai": [10, 999_990, 3], "bi": [10**6, 10, 10**6], "ci": [2000, 500_000, 4], "di": [10**6, 10**6, 10**6]},
}
RATES = {"x1i": [7, 8, 3, 0], "t1i": [1344, 1600, 12012, 1536], "x2i": [11, 8, 14, 3], "t2i": [1988, 1461, 10962, 1503]}
DOUBLE_ZERO = {"ai": [0, 4, 6], "bi": [20, 26, 24], "ci": [0, 3, 8], "di": [20, 27, 18]}


def mp_tests(tables, half):
    """The statistics of CMH, Cochran, Breslow-Day and Tarone, by the definitions; and the tables that count."""
    cells = [tuple(mp.mpf(int(n)) for n in row) for row in zip(*tables.values(), strict=True)]
    excess = mp.fsum((a * d - b * c) / (a + b + c + d) for a, b, c, d in cells)
    margins = [((a + b) * (c + d) * (a + c) * (b + d), a + b + c + d) for a, b, c, d in cells]
    top = (abs(excess) - half) ** 2
    cmh = top / mp.fsum(m / (n**2 * (n - 1)) for m, n in margins)
    cochran = top / mp.fsum(m / n**3 for m, n in margins)
    psi = mp.fsum(a * d / (a + b + c + d) for a, b, c, d in cells) / mp.fsum(b * c / (a + b + c + d) for a, b, c, d in cells)
    rows = [(a, *mp_expected(a, b, c, d, psi)) for a, b, c, d in cells if a + c > 0 and b + d > 0]
    breslow_day = mp.fsum((a - A) ** 2 / V for a, A, V in rows)
    tarone = breslow_day - mp.fsum(a - A for a, A, _ in rows) ** 2 / mp.fsum(V for *_, V in rows)
    return cmh, cochran, breslow_day, tarone, len(rows)


def mp_expected(a, b, c, d, psi):
    """By bisection of A (n2 − m1 + A) − ψ (n1 − A)(m1 − A), which rises from the smallest possible A to the largest."""
    n1, n2, m1 = a + b, c + d, a + c
    low, high = max(mp.mpf(0), m1 - n2), min(n1, m1)
    for _ in range(190):
        middle = (low + high) / 2
        below = middle * (n2 - m1 + middle) < psi * (n1 - middle) * (m1 - middle)
        low, high = (middle, high) if below else (low, middle)
    A = (low + high) / 2
    return A, 1 / (1 / A + 1 / (n1 - A) + 1 / (m1 - A) + 1 / (n2 - m1 + A))


def upper(q, df):
    return float(mp.gammainc(mp.mpf(df) / 2, q / 2, regularized=True))


@pytest.mark.parametrize("correct", [True, False])
@pytest.mark.parametrize("name", TABLES)
def test_the_tests_have_12_digits(name, correct):
    result = pymeta.rma_mh(**TABLES[name], correct=correct)
    cmh, cochran, breslow_day, tarone, n = mp_tests(TABLES[name], mp.mpf("0.5") if correct else 0)
    found = (result.MH, result.CO, result.BD, result.TA)
    np.testing.assert_allclose(found, [float(x) for x in (cmh, cochran, breslow_day, tarone)], rtol=1e-12, atol=1e-12)
    assert (result.MHdf, result.TAdf, result.k_pos) == (1, n - 1, n)
    np.testing.assert_allclose((result.MHp, result.COp), (upper(cmh, 1), upper(cochran, 1)), rtol=1e-11)
    if n > 1:
        wanted = (upper(breslow_day, n - 1), upper(tarone, n - 1))
        np.testing.assert_allclose((result.BDp, result.TAp), wanted, rtol=1e-11)
    else:
        assert np.isnan(result.TAp)
        assert np.isnan(result.BDp)


def test_the_referee_tells_tarones_test_from_breslow_and_days():
    """Else the comparison above could not fail for the one in the other's place."""
    *_, breslow_day, tarone, _ = mp_tests(TABLES["bcg"], mp.mpf(0))
    assert abs(breslow_day - tarone) > 1e-3


def test_person_times_by_the_definition():
    result = pymeta.rma_mh(measure="IRR", **RATES)
    x1, t1, x2, t2 = (np.array(RATES[name], dtype=float) for name in ("x1i", "t1i", "x2i", "t2i"))
    T = t1 + t2
    expected = (abs((x1 - (x1 + x2) * t1 / T).sum()) - 0.5) ** 2 / ((x1 + x2) * t1 * t2 / T**2).sum()
    np.testing.assert_allclose(result.MH, expected, rtol=1e-12)
    assert (result.TA, result.CO, result.k_pos) == (None, None, None)


def test_a_risk_ratio_has_no_such_tests():
    result = pymeta.rma_mh(measure="RR", **DOUBLE_ZERO)
    assert (result.MH, result.MHp, result.TA, result.BD) == (None, None, None, None)
    assert "Test" not in str(result).replace("Test for Heterogeneity", "")
    assert list(result.glance().columns)[-1] == "QEp"


def test_expected_events_have_the_odds_ratio():
    for name in ("bcg", "huge odds ratios", "tiny odds ratios", "random"):
        a, b, c, d = (np.array(column, dtype=float) for column in TABLES[name].values())
        for log_or in (-8.0, -0.5, 0.0, 1e-9, 0.7, 6.0):
            A = stratified.expected_events(a, b, c, d, log_or)
            B, C, D = a + b - A, a + c - A, d - a + A
            np.testing.assert_allclose(np.log(A * D / (B * C)), log_or, rtol=0, atol=1e-6)


def test_tables_without_any_outcome_tell_nothing():
    nothing = np.array([0.0, 0.0])
    found = stratified.mantel_haenszel(ai=nothing, bi=nothing + 9, ci=nothing, di=nothing + 8, correct=True)
    assert np.isnan(found.statistic)
    assert np.isnan(found.p)


# ---- Zeros --------------------------------------------------------------------------------------------------------------


def test_one_value_is_for_the_study_effects_and_the_second_for_the_estimate():
    plain = pymeta.rma_mh(**DOUBLE_ZERO)
    assert (plain.k, plain.k_yi, plain.slab) == (3, 2, ("1", "2", "3"))
    for same in ({"add": 0.25}, {"to": "all"}, {"drop00": False}, {"to": ["only0", "all"]}, {"add": [0.5, 9.0]}):
        assert pymeta.rma_mh(**DOUBLE_ZERO, **same).beta[0] == plain.beta[0]
    added = pymeta.rma_mh(**DOUBLE_ZERO, add=[0.5, 0.5], to=["only0", "all"])
    by_hand = {name: np.array(column) + 0.5 for name, column in DOUBLE_ZERO.items()}
    assert added.beta[0] == pytest.approx(pymeta.rma_mh(**by_hand).beta[0], rel=1e-14)
    dropped = pymeta.rma_mh(**DOUBLE_ZERO, drop00=(True, True))
    assert (dropped.k, dropped.slab, dropped.beta[0]) == (2, ("2", "3"), pytest.approx(plain.beta[0], rel=1e-15))


def test_a_subset_hides_rows_and_their_zeros():
    options = {"add": [0.5, 0.5], "to": ["if0all", "if0all"]}
    chosen = pymeta.rma_mh(**DOUBLE_ZERO, subset=[1, 2], slab=["a", "b", "c"], **options)
    alone = pymeta.rma_mh(**{name: column[1:] for name, column in DOUBLE_ZERO.items()}, **options)
    assert chosen.beta[0] == alone.beta[0]
    assert chosen.QE == alone.QE
    assert (chosen.slab, chosen.studies.slab, chosen.studies.dropped) == (("b", "c"), ("b", "c"), ())
    assert chosen.studies.rows.tolist() == [1, 2]
    data = pymeta.load_dataset("dat.bcg")
    named = {"ai": "tpos", "bi": "tneg", "ci": "cpos", "di": "cneg", "data": data}
    assert pymeta.rma_mh(**named, subset=data["alloc"] == "random").k == 7


def test_tables_pool_without_a_single_study_effect():
    tables = {"ai": [0, 3], "bi": [10, 7], "ci": [3, 0], "di": [7, 9]}
    result = pymeta.rma_mh(**tables, to="none")
    assert (result.k, result.k_yi, result.QE, result.QE_df, result.QEp) == (2, 0, 0.0, 0, 1.0)
    assert np.isnan(result.fit_stats["ML"]).all()
    assert "NA" in result.summary()
    assert [dropped.slab for dropped in result.studies.dropped] == ["1", "2"]


def test_weights_are_those_of_the_sums():
    result = pymeta.rma_mh(**DOUBLE_ZERO)
    np.testing.assert_allclose(result.weights, [0.0, 26 * 3 / 60, 24 * 8 / 56], rtol=1e-14)
    assert pymeta.weights(result).sum() == pytest.approx(100.0)
    np.testing.assert_array_equal(np.diag(pymeta.weights(result, type="matrix")), result.weights)
    assert pymeta.logLik(result) == result.fit_stats["ML"].logLik


# ---- Bad input ----------------------------------------------------------------------------------------------------------


def test_the_error_of_an_undefined_estimate_tells_the_test():
    with pytest.raises(
        DataError, match=r"OR or its variance is not defined .* still is: 4\.48371, df = 1, p-val = 0\.03422"
    ):
        pymeta.rma_mh(ai=[0, 0], bi=[20, 26], ci=[3, 4], di=[20, 27])
    with pytest.raises(DataError, match=r"IRR or its variance .* a group has no events; .* or measure='IRD', may be; the"):
        pymeta.rma_mh(measure="IRR", x1i=[0], t1i=[9], x2i=[2], t2i=[9])
    with pytest.raises(DataError, match=r"may be$"):
        pymeta.rma_mh(measure="RR", ai=[0, 0], bi=[20, 26], ci=[3, 4], di=[20, 27])


BAD = {
    "three values": (
        {"add": [0.5, 0.5, 0.5]},
        r"add=\[0.5, 0.5, 0.5\]: needs one value, or two: for the study effects and for",
    ),
    "a bad second value": ({"add": [0.5, -1.0]}, r"add=-1.0: needs a number of 0 or more"),
    "a bad second way": ({"to": ["only0", "some"]}, "to='some': no such way to choose studies"),
    "a second drop00 that is none": ({"drop00": [True, 1]}, "drop00=1: needs True or False"),
    "correct as a text": ({"correct": "yes"}, "correct='yes': needs True or False"),
    "an unknown row": ({"subset": [7]}, "subset: there is no row 7; the positions of 3 rows are 0 to 2"),
    "columns of another kind": (
        {"yi": [1, 2, 3]},
        "argument='yi': no such column argument of OR; allowed: ai, bi, ci, di, n1i",
    ),
}


@pytest.mark.parametrize("mistake", BAD)
def test_bad_options_are_named(mistake):
    options, text = BAD[mistake]
    with pytest.raises(OptionError, match=text):
        pymeta.rma_mh(**DOUBLE_ZERO, **options)
