import mpmath as mp
import numpy as np
import pytest

import pymeta
from pymeta.effects import correlations
from pymeta.errors import DataError, OptionError
from pymeta.numerics.tails import t_of_p

NAN = np.nan


def vector(*values):
    return np.array(values, dtype=float)


def off(found, true):
    return float(abs((mp.mpf(float(found)) - true) / true))


def test_the_documented_p_values():
    """escalc's help page: "escalc(measure="COR", pi=-0.07, ni=30) yields a negative correlation of -0.3354"."""
    assert round(pymeta.escalc("COR", pi=[-0.07], ni=[30])["yi"][0], 4) == -0.3354


def test_molloy_et_al():
    """The mean of dat.molloy2014 by ZCOR and REML, as the metafor project shows it: 0.1499, 0.0316, tau2 0.0081."""
    z = pymeta.escalc("ZCOR", ri="ri", ni="ni", data=pymeta.load_dataset("dat.molloy2014"))
    fit = pymeta.rma(z["yi"], z["vi"])
    assert [round(float(value), 4) for value in (fit.beta[0], fit.se[0], fit.tau2)] == [0.1499, 0.0316, 0.0081]


def test_t_statistics_that_are_hard():
    """An infinite one is a perfect correlation; t² beyond the doubles is none for metafor, whose r is then 0."""
    r = correlations.r_of_t(vector(1e200, -np.inf, 1e-200, 0, 3), vector(28, 28, 28, 0, 0))
    np.testing.assert_allclose(r, [1, -1, 1e-200 / np.sqrt(28), NAN, 1], rtol=1e-15)


def test_ri_comes_first_then_ti_then_pi():
    columns = {"ri": vector(0.1, NAN, NAN, NAN), "ti": vector(2, 2, NAN, NAN), "pi": vector(0.5, 0.5, 0.5, NAN)}
    inputs = correlations.prepare({**columns, "ni": vector(10, 10, 10, 10)})
    t = t_of_p(vector(0.5), vector(8))[0]
    np.testing.assert_allclose(inputs["ri"], [0.1, 2 / np.sqrt(12), t / np.sqrt(t * t + 8), NAN], rtol=1e-15)
    assert list(inputs) == ["ri", "ni"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"ri": [0.1, -1.5], "ni": [9, 9]}, "COR: ri, row 2: -1.5 is no correlation; it lies between -1 and 1"),
        ({"ri": [0.1, 0.2], "ni": [9, 0]}, "COR: ni, row 2: 0 people; a study needs at least one"),
        ({"pi": [0.1, -2], "ni": [9, 9]}, "COR: pi, row 2: -2 is no p-value with a sign; it lies between -1 and 1"),
        (
            {"ti": [1, 2], "ni": [9, 1]},
            "COR: ni, row 2: 1 people have no t-test of a correlation (column ti); it takes two",
        ),
        (
            {"ri": [0.1]},
            "COR: correlations are given by ri, ni or ti, ni or pi, ni; got ri; missing: ni",
        ),
    ],
)
def test_refusals(columns, message):
    with pytest.raises(DataError) as caught:
        pymeta.escalc("COR", **columns)
    assert str(caught.value) == message


def test_a_known_correlation_needs_no_test():
    """What R takes, too: ti counts only where ri is missing."""
    assert pymeta.escalc("COR", ri=[0.5], ti=[2], ni=[1])["yi"][0] == 0.5


@pytest.mark.parametrize(("measure", "vtype"), [("COR", "UB"), ("UCOR", "H0"), ("ZCOR", "AV")])
def test_kinds_of_variance_that_are_another_measures(measure, vtype):
    with pytest.raises(OptionError, match=f"no such kind of variance of {measure}"):
        pymeta.escalc(measure, ri=[0.5], ni=[20], vtype=vtype)


def test_the_variances_of_a_correlation():
    data = {"ri": [0.5, -0.1, 0.2], "ni": [11, 31, 51]}
    ls, av, h0 = (pymeta.escalc("COR", **data, vtype=vtype)["vi"] for vtype in ("LS", "AV", "H0"))
    mean = (0.5 * 11 - 0.1 * 31 + 0.2 * 51) / 93
    np.testing.assert_allclose(ls, [0.75**2 / 10, 0.99**2 / 30, 0.96**2 / 50], rtol=1e-15)
    np.testing.assert_allclose(av, (1 - mean**2) ** 2 / np.array([10, 30, 50]), rtol=1e-15)
    np.testing.assert_allclose(h0, [0.75 / 9, 0.99 / 29, 0.96 / 49], rtol=1e-15)


def test_kinds_of_variance_by_row_have_the_mean_of_all_rows():
    data = {"ri": [0.5, -0.1, 0.2], "ni": [11, 31, 51]}
    mixed = pymeta.escalc("COR", **data, vtype=["AV", "LS", "H0"])["vi"]
    whole = [pymeta.escalc("COR", **data, vtype=vtype)["vi"][row] for row, vtype in enumerate(("AV", "LS", "H0"))]
    assert mixed.tolist() == whole


def test_digits_near_a_perfect_correlation():
    """1 − r² of a double is (1 − r)(1 + r), not what is left of a rounded r²."""
    for r, n in ((1 - 2.0**-53, 20), (0.9999999, 1e9), (-0.999999999999, 5)):
        effects = correlations.correlation(ri=vector(r), ni=vector(n), vtype="LS")
        z = correlations.fisher_z(ri=vector(r), ni=vector(n))
        with mp.workdps(50):
            exact = mp.mpf(r)
            assert off(effects.vi[0], (1 - exact**2) ** 2 / (mp.mpf(n) - 1)) < 1e-15
            assert off(z.yi[0], mp.atanh(exact)) < 1e-15


@pytest.mark.parametrize("measure", ["COR", "ZCOR"])
def test_up_to_three_people_there_is_an_effect_without_a_variance(measure):
    effects = pymeta.escalc(measure, ri=[0.5] * 4, ni=[1, 2, 3, 3.5])
    assert effects["yi"].notna().all()
    assert effects["vi"].isna().tolist() == [True, True, True, False]


def test_a_perfect_correlation():
    assert pymeta.escalc("COR", ri=[1, -1], ni=[10, 10]).to_numpy().tolist() == [[1, 0], [-1, 0]]
    assert pymeta.escalc("ZCOR", ri=[1, -1], ni=[10, 10]).isna().all(axis=None)


@pytest.mark.parametrize("measure", ["COR", "UCOR", "ZCOR"])
def test_rows_with_a_missing_value(measure):
    effects = pymeta.escalc(measure, ri=[0.5, None, 0.2], ni=[20, 20, None])
    assert effects.isna().all(axis=1).tolist() == [False, True, True]


def test_one_missing_row_does_not_spoil_the_mean():
    whole = pymeta.escalc("UCOR", ri=[0.5, 0.3], ni=[20, 40], vtype="AV")["vi"]
    gaps = pymeta.escalc("UCOR", ri=[0.5, 0.3, None, 0.9, 0.9], ni=[20, 40, 30, None, 4], vtype="AV")["vi"]
    assert gaps.tolist()[:2] == whole.tolist()
    assert gaps[2:].isna().all()


R = {  # metafor 5.2-1 with gsl 2.1-9: escalc("UCOR", ri=c(.3,-.5,.3), ni=c(50,50,6), vtype=)
    "LS": [0.016833555823489499, 0.011355546814695588, 0.1512745590681249],
    "UB": [0.017801766771623748, 0.011859428832067975, 0.27308034377803331],
}


@pytest.mark.parametrize("vtype", R)
def test_unbiased_correlations_of_r(vtype):
    effects = pymeta.escalc("UCOR", ri=[0.3, -0.5, 0.3], ni=[50, 50, 6], vtype=vtype)
    np.testing.assert_allclose(effects["yi"], [0.30296970712544008, -0.50404676715216756, 0.36097512928545977], rtol=1e-14)
    np.testing.assert_allclose(effects["vi"], R[vtype], rtol=2e-13)
