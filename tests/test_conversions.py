"""The conversions: metafor's documented examples, published constants, 50 digits, tables in and out, and what is refused."""

import math

import mpmath as mp
import numpy as np
import pandas as pd
import polars as pl
import pytest

from pymeta.conversions import conv_2x2, conv_delta, conv_fivenum, conv_wald
from pymeta.effects import transforms
from pymeta.effects.five_number_fits import blue
from pymeta.effects.five_numbers import FiveNumbers
from pymeta.errors import ConversionWarning, DataError, OptionError
from pymeta.numerics.derivative import derivative

NA = np.nan


@pytest.fixture
def summaries():
    """The example of metafor's conv.fivenum."""
    return pd.DataFrame(
        {
            "min": [2, NA, 2, NA],
            "q1": [NA, 4, 4, NA],
            "median": [6, 6, 6, NA],
            "q3": [NA, 10, 10, NA],
            "max": [14, NA, 14, NA],
            "mean": [NA, NA, NA, 7.0],
            "sd": [NA, NA, NA, 4.2],
            "n": 20,
        }
    )


BY_NAME = {name: name for name in ("min", "q1", "median", "q3", "max", "n")}


# -- means and standard deviations


def test_the_three_cases_by_50_digits(summaries):
    found = conv_fivenum(**BY_NAME, data=summaries)
    with mp.workdps(50):
        n = mp.mpf(20)
        z = [
            mp.sqrt(2) * mp.erfinv(2 * p - 1) for p in ((n - mp.mpf("0.375")) / (n + 0.25), (0.75 * n - 0.125) / (n + 0.25))
        ]
        w1, w2 = 4 / (4 + n**0.75), mp.mpf("0.7") + mp.mpf("0.39") / n
        w31, w32 = mp.mpf("2.2") / (mp.mpf("2.2") + n**0.75), mp.mpf("0.7") - mp.mpf("0.72") / n ** mp.mpf("0.55")
        power = n ** mp.mpf("0.6")
        thetas = (2 + mp.mpf("0.14") * power) * z[0], (2 + 2 / (mp.mpf("0.07") * power)) * z[1]
        means = [w1 * 8 + (1 - w1) * 6, w2 * 7 + (1 - w2) * 6, w31 * 8 + w32 * 7 + (1 - w31 - w32) * 6]
        sds = [12 / (2 * z[0]), 6 / (2 * z[1]), 12 / thetas[0] + 6 / thetas[1]]
        np.testing.assert_allclose(found["mean"][:3], [float(x) for x in means], rtol=1e-15)
        np.testing.assert_allclose(found["sd"][:3], [float(x) for x in sds], rtol=2e-15)
    assert found["mean"][3] == 7.0
    assert found["sd"][3] == 4.2
    assert found.attrs["est"] == {"mean": [True, True, True, False], "sd": [True, True, True, False]}
    assert list(found.columns) == list(summaries.columns)
    assert summaries["mean"].isna().sum() == 3  # the table that was given is left alone


@pytest.mark.parametrize(("n", "d2"), [(5, 2.326), (10, 3.078), (25, 3.931)])
def test_the_range_in_standard_deviations_is_near_the_published_one(n, d2):
    """Wan et al. (2014), table 1: the expected range of a standard normal sample, approximated by eq. 9."""
    sd = conv_fivenum(min=[0.0], median=[0.5], max=[1.0], n=n)["sd"][0]
    assert 1 / sd == pytest.approx(d2, rel=0.015)


@pytest.mark.parametrize(("n", "eta"), [(5, 0.990), (1e9, 1.34898)])
def test_the_quartiles_in_standard_deviations_are_near_the_published_ones(n, eta):
    """Wan et al. (2014), table 2, approximated by eq. 16; for large samples 2 Φ⁻¹(¾)."""
    sd = conv_fivenum(q1=[0.0], median=[0.5], q3=[1.0], n=n)["sd"][0]
    assert 1 / sd == pytest.approx(eta, rel=0.005)


def test_the_weights_of_large_and_small_samples():
    """Luo et al. (2018): the mid-range loses its weight as samples grow; Shi et al. (2020): so does the range."""
    five = {"min": [0.0], "q1": [10.0], "median": [10.0], "q3": [10.0], "max": [40.0], "test": False}
    means = [conv_fivenum(**five, n=n)["mean"][0] for n in (5, 50, 5000)]
    assert means[0] > means[1] > means[2] > 10.0
    assert means[2] == pytest.approx(10.0, abs=0.05)
    assert conv_fivenum(**five, n=1e7)["sd"][0] < 0.1


def test_skewed_rows_are_left_out(summaries):
    summaries.loc[2, ["q3", "max"]] = 14, 20
    found = conv_fivenum(**BY_NAME, data=summaries)
    assert np.isnan(found["mean"][2])
    assert found.attrs["skewness"]["sig"] == [False, False, True, False]
    assert conv_fivenum(**BY_NAME, data=summaries, test=False)["mean"].notna().all()
    by_row = conv_fivenum(**BY_NAME, data=summaries, dist=["norm", "norm", "lnorm", "norm"])
    assert by_row["mean"].notna().all()
    assert by_row.attrs["skewness"]["dist"] == ["norm", "norm", "lnorm", "norm"]


def test_log_normal_data_of_huge_samples_have_their_moments():
    """Shi et al. (2020b): at n = ∞ nothing is biased, and the quartiles of a log-normal distribution give its moments."""
    mu, sigma = 1.0, 0.5
    quartile = math.exp(0.6744897501960817 * sigma)
    five = {"q1": [math.e / quartile], "median": [math.e], "q3": [math.e * quartile], "n": 1e10}
    found = conv_fivenum(**five, dist="lnorm", test=False)
    assert found["mean"][0] == pytest.approx(math.exp(mu + sigma**2 / 2), rel=1e-8)
    assert found["sd"][0] == pytest.approx(math.sqrt(math.expm1(sigma**2)) * math.exp(mu + sigma**2 / 2), rel=1e-8)
    logs = conv_fivenum(**five, dist="lnorm", transf=False, test=False)
    assert [logs["mean"][0], logs["sd"][0]] == pytest.approx([mu, sigma], rel=1e-8)


def test_a_small_spread_keeps_its_digits_on_the_way_back():
    five = {"min": [1 - 1e-7], "median": [1.0], "max": [1 + 1e-7], "n": 50, "test": False}
    assert conv_fivenum(**five, dist="lnorm")["sd"][0] == pytest.approx(
        conv_fivenum(**five, dist="lnorm", transf=False)["sd"][0], rel=1e-6
    )


def test_without_a_median_there_is_a_standard_deviation(summaries):
    found = conv_fivenum(min=[2, NA, 2], q1=[NA, 4, 4], q3=[NA, 10, 10], max=[14, NA, 14], n=20)
    expected = conv_fivenum(**BY_NAME, data=summaries, append=False)
    assert found["mean"].isna().all()
    np.testing.assert_array_equal(found["sd"], expected["sd"][:3])


def test_small_samples_and_other_selections_give_nothing():
    found = conv_fivenum(min=[2] * 4, q1=[NA, NA, 3, NA], median=[6] * 4, max=[14] * 4, n=[4, 5, 20, NA])
    assert found["mean"].isna().tolist() == [True, False, True, True]
    assert np.isnan(conv_fivenum(min=2, median=6, max=14)["mean"][0])  # no sample size


def test_quantile_estimation_finds_the_published_fit():
    """The example of estmeansd's documentation, whose search stops after five digits: 4.347284 and 1.502171."""
    found = conv_fivenum(min=2, median=4, max=9, n=100, method="qe")
    assert [found["mean"][0], found["sd"][0]] == pytest.approx([4.347284, 1.502171], rel=1e-5)


@pytest.mark.parametrize("family", ["normal", "gamma", "weibull", "beta"])
def test_quantile_estimation_finds_the_distribution_that_it_is(family):
    from scipy import stats

    law = {"normal": stats.norm(-3, 2), "gamma": stats.gamma(2, scale=3), "weibull": stats.weibull_min(1.7, scale=4)}
    law["beta"] = stats.beta(2, 5)
    q1, median, q3 = law[family].ppf([0.25, 0.5, 0.75])
    # three quartiles fit two parameters exactly only for the family itself
    found = conv_fivenum(q1=q1, median=median, q3=q3, n=50, method="qe")
    assert [found["mean"][0], found["sd"][0]] == pytest.approx([law[family].mean(), law[family].std()], rel=1e-6)


def test_best_linear_unbiased_estimates_have_the_published_weights():
    """Sarhan & Greenberg (1956): n = 5, 0.2 each for the mean; −0.3724, −0.1352, 0, … for the standard deviation."""
    unit = np.eye(5)
    weights = [blue(FiveNumbers(*(np.array([x]) for x in row), np.array([5.0]))) for row in unit]
    np.testing.assert_allclose([w.mean[0] for w in weights], 0.2, atol=1e-12)
    np.testing.assert_allclose([w.sd[0] for w in weights], [-0.3724, -0.1352, 0, 0.1352, 0.3724], atol=5e-5)


def test_best_linear_unbiased_estimates_move_with_the_data():
    five = {"min": [1.0], "q1": [3.0], "median": [4.0], "q3": [5.5], "max": [9.0], "n": 33}
    once = conv_fivenum(**five, method="blue")
    moved = conv_fivenum(**{name: np.multiply(x, 2) + 10 if name != "n" else x for name, x in five.items()}, method="blue")
    np.testing.assert_allclose([moved["mean"][0], moved["sd"][0]], [once["mean"][0] * 2 + 10, once["sd"][0] * 2], rtol=1e-11)


# -- 2x2 tables

TABLE = [36, 86, 20, 98]


def test_the_documented_table_comes_back():
    found = conv_2x2(ori=[2.05, NA, NA], ri=[NA, 0.16, NA], x2i=[NA, NA, 5.25], ni=[240] * 3, n1i=[122] * 3, n2i=[56] * 3)
    assert found.to_numpy().tolist() == [TABLE, [37, 85, 19, 99], TABLE]  # a phi of two digits is one off, as documented


def test_random_tables_come_back_from_exact_statistics():
    rng = np.random.default_rng(5)
    cells = rng.poisson(rng.choice([2, 30, 1000], (4, 200))) + 1.0
    a, b, c, d = cells
    n, margins = cells.sum(axis=0), (a + b) * (c + d) * (a + c) * (b + d)
    known = {"ni": n, "n1i": a + b, "n2i": a + c}
    phi = (a * d - b * c) / np.sqrt(margins)
    yates = np.maximum(np.abs(a * d - b * c) - n / 2, 0) ** 2 * n / margins * np.sign(phi)
    np.testing.assert_array_equal(conv_2x2(ori=a * d / (b * c), **known).T, cells)
    np.testing.assert_array_equal(conv_2x2(ri=phi, **known).T, cells)
    np.testing.assert_array_equal(conv_2x2(x2i=n * phi**2 * np.sign(phi), correct=False, **known).T, cells)
    far = np.abs(a * d - b * c) > n / 2  # else Yates's correction leaves nothing to go back from
    np.testing.assert_array_equal(conv_2x2(x2i=yates, **known).T.to_numpy()[:, far], cells[:, far])
    shares = {"sens": a / (a + c), "spec": d / (b + d), "ppv": a / (a + b), "npv": d / (c + d)}
    np.testing.assert_array_equal(conv_2x2(**shares, ni=n).T, cells)
    for name in shares:
        some = {other: values for other, values in shares.items() if other != name}
        np.testing.assert_array_equal(conv_2x2(**some, ni=n).T, cells)


@pytest.mark.parametrize(("ori", "n1i", "n2i", "cells"), [(0, 40, 40, [0, 40, 40, 20]), (0, 70, 60, [30, 40, 30, 0])])
def test_odds_ratios_of_zero(ori, n1i, n2i, cells):
    assert conv_2x2(ori=ori, ni=100, n1i=n1i, n2i=n2i).to_numpy().tolist() == [cells]


def test_margins_that_contradict_the_statistic():
    with pytest.warns(ConversionWarning, match="contradict each other in row 2: a cell would be negative"):
        found = conv_2x2(ri=[0.1, 0.9], ni=[240, 240], n1i=[122, 122], n2i=[56, 56])
    assert found.isna().all(axis=1).tolist() == [False, True]


def test_accuracy_of_0_or_1():
    one = {"sens": [1.0], "spec": [0.7], "ppv": [0.6], "npv": [1.0], "ni": 100}
    assert conv_2x2(**one).isna().all().all()
    assert conv_2x2(**one, drop01=False).to_numpy().tolist() == [[31, 21, 0, 48]]
    perfect = {name: [1.0] for name in ("sens", "spec", "ppv", "npv")}
    assert conv_2x2(**perfect, ni=100, drop01=False).isna().all().all()  # how many are ill, nobody can say


# -- variances


def test_the_documented_intervals_and_tests():
    both = conv_wald(out=[0.64], ci_lb=[0.33], ci_ub=[1.22], transf=np.log)
    upper = conv_wald(out=[0.64], ci_ub=[1.22], transf=np.log)
    p = conv_wald(out=[0.64], pval=[0.17], transf=np.log)
    assert [round(one["yi"][0], 4) for one in (both, upper, p)] == [-0.4463] * 3
    assert [round(one["vi"][0], 4) for one in (both, upper, p)] == [0.1113, 0.1083, 0.1058]


def test_intervals_come_before_upper_bounds_before_tests():
    found = conv_wald(
        out=[1.0, 1, 1, 1],
        ci_lb=[0, NA, NA, NA],
        ci_ub=[2, 3, NA, NA],
        zval=[9, 9, -4, NA],
        pval=[0.5, 0.5, 0.5, 0.045500263896358],
    )
    np.testing.assert_allclose(
        found["vi"], [1 / 1.959963984540054**2, (2 / 1.959963984540054) ** 2, 1 / 16, 0.25], rtol=1e-12
    )


def test_levels_by_row():
    found = conv_wald(out=[1.0, 1, 1], ci_lb=[0, 0, 0], ci_ub=[2, 2, 2], level=[90, 0.9, 0.1])
    np.testing.assert_allclose(found["vi"], 1 / 1.6448536269514722**2, rtol=1e-14)


def test_a_tiny_p_value_keeps_its_digits():
    with mp.workdps(50):
        z = mp.findroot(lambda z: mp.log(mp.erfc(z / mp.sqrt(2))) - mp.log(mp.mpf(1e-300)), 37)
    assert conv_wald(out=1.0, pval=1e-300)["vi"][0] == pytest.approx(float(1 / z**2), rel=1e-13)


def test_estimates_that_are_not_in_the_middle():
    with pytest.warns(ConversionWarning, match=r"halfway between the bounds in row 2, 3: is this a Wald-type interval\?"):
        conv_wald(out=[0.6, 0.61, 5], ci_lb=[0, 0, 0], ci_ub=[1, 1, 1])
    conv_wald(out=[0.61], ci_lb=[0], ci_ub=[1], check=False)
    conv_wald(out=[0.61], ci_lb=[0], ci_ub=[1], data=pd.DataFrame({"yi": [1.0], "vi": [1.0]}))  # which is not used


def test_a_row_without_an_answer():
    found = conv_wald(out=[1.0, -1.0, 1.0], ci_ub=[NA, 3, NA], pval=[1.0, NA, NA], transf=np.log)
    assert found["vi"].isna().all()
    assert found["yi"].isna().tolist() == [False, True, False]


def test_the_effect_that_is_there_already_goes_with_the_test():
    data = pd.DataFrame({"yi": [3.0, NA], "vi": [NA, NA]})
    found = conv_wald(out=[1.0, 1.0], zval=[2.0, 2.0], data=data)
    assert found["yi"].tolist() == [3.0, 1.0]
    assert found["vi"].tolist() == [2.25, 0.25]


# -- other scales


def test_the_delta_method_by_known_derivatives():
    y, v = np.array([1e-6, 0.125, 0.5, 0.999]), np.array([1e-9, 0.0027, 0.1, 0.2])
    for transf, slope in (
        (transforms.transf_logit, 1 / (y * (1 - y))),
        (np.exp, np.exp(y)),
        (transforms.transf_rtoz, 1 / (1 - y**2)),
    ):
        found = conv_delta(y, v, transf=transf)
        np.testing.assert_array_equal(found["yi"], transf(y))
        np.testing.assert_allclose(found["vi"], v * slope**2, rtol=1e-12)


@pytest.mark.parametrize("y", [-50.0, -1.0, 0.0, 1e-9, 1.0, 300.0])
def test_derivatives_of_the_exponential(y):
    assert derivative(np.exp, np.array([y]))[0] == pytest.approx(math.exp(y), rel=1e-12)


def test_derivatives_where_there_are_none():
    assert np.isnan(derivative(np.sqrt, np.array([0.0, -1.0, NA]))).all()
    assert np.isnan(derivative(transforms.transf_arcsin, np.array([0.0, 1.0]))).all()
    assert derivative(lambda x: 3 * x + 1000, np.array([1e-6, 0.0])) == pytest.approx([3.0, 3.0], rel=1e-12)
    assert derivative(lambda x: 0 * x + 7, np.array([1.0])) == 0.0


def test_functions_of_one_number():
    found = conv_delta([0.5, 2.0, -1.0], [0.1, 0.1, 0.1], transf=math.log)
    np.testing.assert_allclose(found["vi"][:2], [0.4, 0.025], rtol=1e-12)
    assert found[["yi", "vi"]].iloc[2].isna().all()
    steps = conv_delta([0.5, 2.0], [0.1, 0.1], transf=lambda x: x**2 if x > 1 else x**3)
    np.testing.assert_allclose(steps["vi"], [0.1 * 0.75**2, 1.6], rtol=1e-12)


def test_further_arguments_may_be_columns():
    data = pd.DataFrame({"d": [0.5, 1.0], "v": [0.1, 0.2], "a": [10, 20], "b": [12, 30]})
    found = conv_delta("d", "v", data=data, transf=transforms.transf_dtorpb, n1i="a", n2i="b")
    assert found["yi"].tolist() == transforms.transf_dtorpb(data["d"], data["a"], data["b"]).tolist()
    one = conv_delta("d", "v", data=data.iloc[:1], transf=transforms.transf_dtorpb, n1i="a", n2i="b")
    assert one["yi"][0] == found["yi"][0]
    assert one["vi"][0] == pytest.approx(found["vi"][0], rel=1e-12)
    doubled = conv_delta([1.0, 2.0], [1.0, 1.0], transf=lambda x, by: x * by, by=2.0)
    assert doubled["vi"].tolist() == pytest.approx([4.0, 4.0], rel=1e-12)


# -- tables in and out


@pytest.mark.parametrize(
    ("replace", "mean", "sd"),
    [
        ("ifna", [1.0, "new", 3.0, 7.0], ["new", 2.0, 2.0, 4.0]),
        (False, [1.0, "new", 3.0, 7.0], ["new", 2.0, 2.0, 4.0]),
        ("all", ["new", "new", "new", 7.0], ["new", "new", "new", 4.0]),
        (True, ["new", "new", "new", 7.0], ["new", "new", "new", 4.0]),
        ("complete", ["new", "new", "new", None], ["new", "new", "new", None]),
    ],
)
def test_what_is_replaced(summaries, replace, mean, sd):
    new = conv_fivenum(**BY_NAME, data=summaries, append=False)
    data = summaries.assign(mean=[1, NA, 3, 7], sd=[NA, 2, 2, 4])
    found = conv_fivenum(**BY_NAME, data=data, replace=replace)
    for name, expected in (("mean", mean), ("sd", sd)):
        wanted = [new[name][i] if one == "new" else NA if one is None else one for i, one in enumerate(expected)]
        np.testing.assert_array_equal(found[name], wanted)


def test_rows_that_are_included(summaries):
    found = conv_fivenum(**BY_NAME, data=summaries, include=[0, 3], append=False)
    assert found["mean"].isna().tolist() == [False, True, True, True]
    mask = conv_fivenum(**BY_NAME, data=summaries, include=[True, False, False, True], append=False)
    pd.testing.assert_frame_equal(found, mask)


def test_names_and_kinds_of_tables(summaries):
    data = {name: summaries[name].to_numpy() for name in summaries}
    pandas = conv_fivenum(**BY_NAME, data=summaries, var_names=("m", "s"))
    assert list(pandas.columns) == [*summaries.columns, "m", "s"]
    pd.testing.assert_frame_equal(conv_fivenum(**BY_NAME, data=data, var_names=("m", "s")), pandas)
    polars = conv_fivenum(**BY_NAME, data=pl.DataFrame(data), var_names=("m", "s"))
    np.testing.assert_array_equal(polars["m"], pandas["m"])
    assert list(conv_fivenum(**BY_NAME, data=data, append=False).columns) == ["mean", "sd"]


def test_an_index_is_kept(summaries):
    summaries.index = list("wxyz")
    assert list(conv_fivenum(**BY_NAME, data=summaries).index) == list("wxyz")


def test_effects_keep_what_escalc_called_them():
    data = pd.DataFrame({"y": [NA, 1.0], "v": [NA, 0.5], "or": [2.0, 3.0], "hi": [4.0, 5.0]})
    data.attrs = {"measure": "OR", "yi": "y", "vi": "v"}
    found = conv_wald(out="or", ci_ub="hi", data=data, transf=np.log, n=[10, 20])
    assert list(found.columns) == list(data.columns)
    assert found["y"].tolist() == [math.log(2), 1.0]
    assert {name: found.attrs[name] for name in ("measure", "yi", "vi", "ni")} == {
        "measure": "OR",
        "yi": "y",
        "vi": "v",
        "ni": [10.0, 20.0],
    }
    assert conv_delta("y", "v", data=found, transf=np.exp, append=False).columns.tolist() == ["y", "v"]


REFUSED = [
    (lambda: conv_fivenum(n=20), OptionError, "needs at least some of min, q1, median, q3, max"),
    (
        lambda: conv_fivenum(min=[2, 7], median=[6, 6], max=[9, 9], n=20),
        DataError,
        "median, row 2: 6 is smaller than a number before",
    ),
    (
        lambda: conv_fivenum(min=0, median=3, max=9, n=20, dist="lnorm"),
        DataError,
        "min, row 1: 0 is not positive; log-normal",
    ),
    (
        lambda: conv_fivenum(min=1, median=3, max=9, n=20, method="luo"),
        OptionError,
        "method='luo': no such method of conv_fivenum",
    ),
    (lambda: conv_fivenum(min=1, median=3, max=9, n=20, method="bc"), OptionError, "method='bc' is a simulation"),
    (lambda: conv_fivenum(min=1, median=3, max=9, n=20, method="mln"), OptionError, "method='mln' is a simulation"),
    (
        lambda: conv_fivenum(min=1, median=3, max=9, n=20, dist="gamma"),
        OptionError,
        "dist='gamma': no such distribution here",
    ),
    (lambda: conv_fivenum(min=[1, 1], median=3, max=9, n=20, dist=["norm"] * 3), OptionError, "dist: 3 values for 2 rows"),
    (
        lambda: conv_fivenum(min=[1, 1], median=[3, 3, 3], max=9, n=20),
        DataError,
        "different lengths: min has 2, median has 3",
    ),
    (
        lambda: conv_fivenum(min=1, median=3, max=9, n=20, var_names="m"),
        OptionError,
        "var_names='m': needs 2 different names",
    ),
    (lambda: conv_fivenum(min=1, median=3, max=9, n=20, replace="no"), OptionError, "replace='no': no such way to replace"),
    (lambda: conv_fivenum(min="lo", median=3, max=9, n=20), DataError, "min: 'lo' names a column, but no data= is given"),
    (lambda: conv_2x2(ni=240, n1i=122, n2i=56), OptionError, "conv_2x2 needs ori, ri, x2i, or at least three of"),
    (lambda: conv_2x2(ori=2, ni=-1, n1i=1, n2i=1), DataError, "ni, row 1: -1 is negative; a count is 0 or more"),
    (lambda: conv_2x2(ori=2, ni=10, n1i=11, n2i=1), DataError, "n1i, row 1: 11 is more than the row's total"),
    (
        lambda: conv_2x2(ori=[1, -2], ni=10, n1i=5, n2i=1),
        DataError,
        "ori, row 2: -2 is negative; an odds ratio is 0 or more",
    ),
    (lambda: conv_2x2(ri=1.2, ni=10, n1i=5, n2i=1), DataError, "ri, row 1: 1.2 is no phi coefficient"),
    (lambda: conv_2x2(sens=1.2, ni=10), DataError, "sens, row 1: 1.2 is no proportion"),
    (lambda: conv_2x2(x2i=[1, 2], ni=9, n1i=4, n2i=4, correct=[True] * 3), OptionError, "correct: 3 values for 2 rows"),
    (lambda: conv_2x2(ori=2, ni=10, n1i=5, n2i=1, var_names=("a", "b")), OptionError, "needs 4 different names"),
    (conv_wald, OptionError, "conv_wald needs at least some of out, ci_lb, ci_ub, zval, pval"),
    (lambda: conv_wald(out=1, ci_lb=2, ci_ub=1), DataError, "ci_lb, row 1: 2 is above the upper bound, ci_ub"),
    (lambda: conv_wald(out=1, pval=1.1), DataError, "pval, row 1: 1.1 is no p-value"),
    (lambda: conv_wald(out=1, ci_ub=2, level=100), OptionError, "level=100.0: needs a percentage between 0 and 100"),
    (lambda: conv_wald(out=[1, 2, 3], ci_ub=2, level=[95, 90]), OptionError, "level: 2 values for 3 rows"),
    (lambda: conv_wald(out=1, ci_ub=np.inf), DataError, "ci_ub, row 1: inf is not a finite number"),
    (lambda: conv_delta([1.0], [1.0]), OptionError, "conv_delta needs yi, vi and transf"),
    (lambda: conv_delta([1.0], transf=np.exp), OptionError, "conv_delta needs yi, vi and transf"),
    (
        lambda: conv_delta([1.0], [-1.0], transf=np.exp),
        DataError,
        "vi, row 1: -1 is negative; a sampling variance is 0 or more",
    ),
    (
        lambda: conv_delta([1.0, 2.0], [1.0, 1.0], transf=transforms.transf_exp_int),
        OptionError,
        "tau2: this transformation needs",
    ),
    (lambda: conv_delta([1.0], [1.0], transf=transforms.transf_exp_int), OptionError, "tau2: this transformation needs"),
    (
        lambda: conv_delta([1.0, 2.0], [1.0, 1.0], data=pd.DataFrame({"a": [1]}), transf=np.exp),
        DataError,
        "data: has 1 rows, yi has 2",
    ),
]


@pytest.mark.parametrize(("call", "error", "text"), REFUSED)
def test_refusals(call, error, text):
    with pytest.raises(error, match=text):
        call()
