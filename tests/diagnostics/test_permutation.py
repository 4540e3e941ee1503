"""permutest: what it refuses, and what must hold whatever the data."""

import numpy as np
import pytest

import pymeta
from pymeta.errors import DataError, OptionError

YI = np.array([0.8, 0.1, 0.5, -0.2, 0.9, 0.4, 0.6])
VI = np.array([0.10, 0.04, 0.09, 0.16, 0.05, 0.12, 0.07])
SPREAD = np.array([1.8, 0.1, 0.5, -0.2, -1.9, 0.4, 2.6])
X = np.array([1.0, 0.0, 1.0, 0.0, 3.0, 2.0, 2.0])


def test_signs_by_hand():
    """3 studies of equal variance by EE: |±0.3±0.5±0.7|/3 is no less than 1.5/3 for 2 of the 8 signs."""
    found = pymeta.permutest(pymeta.rma([0.3, 0.5, 0.7], [0.1] * 3, method="EE"), exact=True)
    assert found.pval.tolist() == [0.25]
    assert (found.exact, found.exact_iter, len(found)) == (True, 8, 8)


def test_rows_by_hand():
    """4 studies of equal variance by EE: of 24 orders of x, that of the data and its mirror have the steepest slope."""
    fit = pymeta.rma([0.1, 0.2, 0.4, 0.8], [0.1] * 4, mods={"x": [1.0, 2.0, 3.0, 4.0]}, method="EE")
    assert pymeta.permutest(fit, exact=True).pval[1] == pytest.approx(2.0 / 24.0)
    assert pymeta.permutest(fit, exact=True, alternative="greater").pval[1] == pytest.approx(1.0 / 24.0)
    assert pymeta.permutest(fit, exact=True, alternative="less").pval[1] == 1.0
    assert pymeta.permutest(fit, exact=True, p2defn="px2").pval[1] == pytest.approx(2.0 / 24.0)


def test_the_order_of_the_studies_does_not_matter():
    one = pymeta.rma(YI, VI, mods={"x": X}, method="DL")
    other = pymeta.rma(YI[::-1], VI[::-1], mods={"x": X[::-1]}, method="DL")
    assert pymeta.permutest(one, exact=True).pval.tolist() == pymeta.permutest(other, exact=True).pval.tolist()


def test_all_are_taken_where_they_are_no_more_than_asked_for():
    found = pymeta.permutest(pymeta.rma(YI, VI), iter=128)
    assert found.exact
    assert found.pval.tolist() == pymeta.permutest(pymeta.rma(YI, VI), exact=True).pval.tolist()


def test_how_many():
    assert pymeta.permutest(pymeta.rma(YI, VI), exact="i") == 128
    assert pymeta.permutest(pymeta.rma(YI, VI, mods={"x": X}), exact="i") == 5040 // 8


def test_the_same_seed_gives_the_same_permutations_and_none_others():
    fit = pymeta.rma(YI, VI, mods={"x": X})
    one, other = (pymeta.permutest(fit, iter=50, seed=seed) for seed in (1, 2))
    np.testing.assert_array_equal(one.zval_perm, pymeta.permutest(fit, iter=50, seed=1).zval_perm)
    assert not np.array_equal(one.zval_perm, other.zval_perm)
    assert not np.array_equal(pymeta.permutest(fit, iter=50).zval_perm, pymeta.permutest(fit, iter=50).zval_perm)


def test_the_first_is_the_data():
    fit = pymeta.rma(YI, VI, mods={"x": X}, test="knha")
    np.testing.assert_allclose(pymeta.permutest(fit, iter=50).zval_perm[0], fit.zval, rtol=1e-10)


def test_the_omnibus_test_of_some_coefficients():
    fit = pymeta.rma(YI, VI, mods={"x": X, "z": X**2}, method="DL")
    found = pymeta.permutest(fit, exact=True, btt=[1])
    assert pytest.approx(fit.zval[1] ** 2) == found.model.QM
    assert found.QMp == pytest.approx(found.pval[1])


@pytest.mark.parametrize("method", ["DL", "REML"])
def test_limits_are_where_the_test_begins_to_reject(method):
    fit = pymeta.rma(YI, VI, method=method)
    found = pymeta.permutest(fit, exact=True, permci=True)
    for limit, inwards in ((found.ci_lb[0], 1e-6), (found.ci_ub[0], -1e-6)):
        tested = [pymeta.rma(YI - limit - shift, VI, method=method) for shift in (-inwards, inwards)]
        rejected, kept = (pymeta.permutest(one, exact=True).pval[0] for one in tested)
        assert rejected <= 0.05 < kept
    assert "CI bounds" in str(found)


def test_limits_beside_moderators():
    fit = pymeta.rma(YI, VI, mods={"x": X}, method="DL")
    found = pymeta.permutest(fit, exact=True, permci=[1])
    assert found.ci_lb[1] < fit.beta[1] < found.ci_ub[1]
    assert found.ci_lb[0] == fit.ci_lb[0]
    assert np.isnan(pymeta.permutest(fit, exact=True, permci=True).ci_lb[0])


def test_a_test_that_never_rejects_has_no_limits():
    found = pymeta.permutest(pymeta.rma(YI[:4], VI[:4]), exact=True, permci=True)
    assert (found.ci_lb[0], found.ci_ub[0]) == (-np.inf, np.inf)


def test_a_location_scale_model():
    fit = pymeta.rma(SPREAD, VI, scale={"x": X})
    found = pymeta.permutest(fit, iter=8, seed=5)
    assert found.pval_alpha.shape == (2,)
    assert (found.exact_iter, found.Z_exact_iter) == (128, 630)
    assert "Scale" in str(found)
    assert pymeta.permutest(fit, exact="i") == (128, 630)


REFUSED = {
    "a model of tables": (lambda: pymeta.rma_mh(ai=[1], bi=[9], ci=[3], di=[8]), {}, "not defined for a"),
    "robust errors": (lambda: pymeta.robust(pymeta.rma(YI, VI), cluster=[1, 1, 2, 2, 3, 3, 4]), {}, "not defined for a"),
    "what is no model": (lambda: YI, {}, "not defined for a"),
    "no permutations": (lambda: pymeta.rma(YI, VI), {"iter": 0}, "iter=0: needs a whole number"),
    "half a permutation": (lambda: pymeta.rma(YI, VI), {"iter": 1.5}, "iter=1.5: needs a whole number"),
    "another alternative": (lambda: pymeta.rma(YI, VI), {"alternative": "lesser"}, "less"),
    "another p-value": (lambda: pymeta.rma(YI, VI), {"p2defn": "both"}, "p2defn"),
    "another statistic": (lambda: pymeta.rma(YI, VI), {"stat": "coeff"}, "coef"),
    "no such coefficient": (lambda: pymeta.rma(YI, VI, mods={"x": X}), {"btt": [4]}, "btt="),
    "att of no scale": (lambda: pymeta.rma(YI, VI), {"att": [1]}, "rma(scale=…)"),
    "limits of a scale": (lambda: pymeta.rma(SPREAD, VI, scale={"x": X}), {"permci": True}, "permci: not defined"),
    "a position that is not there": (lambda: pymeta.rma(YI, VI), {"permci": [3]}, "permci="),
    "a text as seed": (lambda: pymeta.rma(YI, VI), {"seed": "one"}, "seed="),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals(case):
    made, how, words = REFUSED[case]
    with pytest.raises(OptionError) as refused:
        pymeta.permutest(made(), **how)
    assert words in str(refused.value)


def test_too_many_permutations_for_a_machine():
    fit = pymeta.rma(np.linspace(0.0, 1.0, 40), np.full(40, 0.1))
    with pytest.raises(OptionError, match="exact: 1,099,511,627,776 permutations are more than"):
        pymeta.permutest(fit, exact=True)


def test_one_study():
    with pytest.raises(DataError, match="nothing to permute"):
        pymeta.permutest(pymeta.rma([0.3], [0.1]))
