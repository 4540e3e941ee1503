"""Peto's method: by its definition in 50 digits, its options and its edges."""

import mpmath as mp
import numpy as np
import pytest

import pymeta
from pymeta import DataError
from tests.models.test_mh import DOUBLE_ZERO, TABLES

mp.mp.dps = 50


def mp_peto(tables):
    """The estimate, its standard error, Q and the tables that count."""
    cells = [tuple(mp.mpf(int(n)) for n in row) for row in zip(*tables.values(), strict=True)]
    rows = []
    for a, b, c, d in cells:
        N = a + b + c + d
        V = (a + b) * (c + d) * (a + c) * (b + d) / (N**2 * (N - 1))
        rows += [((a * d - b * c) / N, V)] if V > 0 else []
    total = mp.fsum(V for _, V in rows)
    estimate = mp.fsum(excess for excess, _ in rows) / total
    return estimate, 1 / mp.sqrt(total), mp.fsum((excess / V - estimate) ** 2 * V for excess, V in rows), len(rows)


@pytest.mark.parametrize("name", TABLES)
def test_has_12_digits(name):
    result = pymeta.rma_peto(**TABLES[name])
    estimate, se, Q, n = mp_peto(TABLES[name])
    assert result.beta[0] == pytest.approx(float(estimate), rel=1e-12, abs=1e-12 * float(se))
    assert result.se[0] == pytest.approx(float(se), rel=1e-13)
    np.testing.assert_allclose(result.QE, float(Q) if n > 1 else 0.0, rtol=1e-12, atol=1e-12)
    assert (result.k_pos, result.QE_df) == (n, n - 1)


def test_tables_without_one_of_the_outcomes_count_for_nothing():
    result = pymeta.rma_peto(**DOUBLE_ZERO, drop00=False)
    assert (result.k, result.k_yi, result.k_pos, result.QE_df) == (3, 3, 2, 1)
    assert result.weights[0] == 0.0
    assert pymeta.weights(result).sum() == pytest.approx(100.0)
    np.testing.assert_array_equal(pymeta.fitted(result), np.repeat(result.beta, 3))
    found = pymeta.predict(result, transf="exp")
    assert found.pred[0] == pytest.approx(np.exp(result.beta[0]))


def test_the_second_values_are_for_the_estimate():
    plain = pymeta.rma_peto(**DOUBLE_ZERO)
    added = pymeta.rma_peto(**DOUBLE_ZERO, add=[0.5, 0.25], to=["only0", "all"])
    by_hand = pymeta.rma_peto(**{name: np.array(column) + 0.25 for name, column in DOUBLE_ZERO.items()})
    assert added.beta[0] == pytest.approx(by_hand.beta[0], rel=1e-14)
    assert added.beta[0] != plain.beta[0]
    assert added.studies.yi.tolist() == plain.studies.yi.tolist()


def test_one_study_effect_is_the_estimate():
    result = pymeta.rma_peto(ai=[3], n1i=[20], ci=[5], n2i=[21])
    assert result.studies.yi[0] == pytest.approx(result.beta[0], rel=1e-14)
    assert result.fit_stats["ML"].deviance == pytest.approx(0.0, abs=1e-14)
    assert list(result.glance().columns) == ["measure", "method", "k", "I2", "H2", "QE", "QE_df", "QEp"]
    assert list(result.tidy()["term"]) == ["intrcpt"]


def test_without_one_of_the_outcomes_there_is_no_estimate():
    with pytest.raises(DataError, match="one of the two outcomes is in none of them; risk differences"):
        pymeta.rma_peto(ai=[0, 0], n1i=[9, 8], ci=[0, 0], n2i=[9, 8])


def test_rates_are_no_tables():
    with pytest.raises(pymeta.OptionError, match="argument='x1i': no such column argument of PETO"):
        pymeta.rma_peto(x1i=[3], t1i=[9], x2i=[1], t2i=[9])
