"""What tes refuses, and what follows from its definition."""

from itertools import product

import numpy as np
import pytest
from scipy import integrate, stats

import pymeta
from pymeta.diagnostics.excess import _of_numbers

YI = np.array([0.10, 0.35, -0.20, 0.60, 0.05, 0.90, 1.40])
VI = np.array([0.01, 0.04, 0.02, 0.09, 0.03, 0.16, 0.25])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "vi or sei"),
        ({"vi": VI[:3]}, "3 variances for 7 effects"),
        ({"vi": VI, "alpha": 5}, "alpha=5"),
        ({"vi": VI, "tes_alpha": 0}, "tes_alpha=0"),
        ({"vi": VI, "test": "chisq"}, "chisq"),
        ({"vi": VI, "alternative": "two-sided"}, "Did you mean 'two.sided'"),
        ({"vi": VI, "tes_alternative": "more"}, "tes_alternative='more'"),
        ({"vi": VI, "tau2": -1}, "tau2=-1"),
        ({"vi": VI, "theta": [0.1, 0.2]}, "7 numbers; got 2"),
        ({"vi": VI, "theta": np.nan}, "theta"),
    ],
)
def test_what_is_refused(given, said):
    with pytest.raises(pymeta.PymetaError, match=said):
        pymeta.tes(YI, **given)


def test_no_study_at_all():
    with pytest.raises(pymeta.PymetaError, match="0 studies"):
        pymeta.tes([np.nan], [0.1])


def test_chances_of_numbers_by_all_sets():
    power = np.array([0.1, 0.5, 0.7, 0.95])
    chances = np.zeros(5)
    for outcome in product((0, 1), repeat=4):
        chances[sum(outcome)] += np.prod(np.where(outcome, power, 1.0 - power))
    assert _of_numbers(power) == pytest.approx(chances, rel=1e-14)


@pytest.mark.parametrize("alternative", ["two.sided", "greater", "less"])
def test_power_is_an_average_over_true_effects(alternative):
    found = pymeta.tes(YI, VI, theta=0.2, tau2=0.3, alternative=alternative)
    s, critical = np.sqrt(VI[1]), stats.norm.isf(0.025 if alternative == "two.sided" else 0.05)

    def power(theta):
        above, below = stats.norm.sf(critical - theta / s), stats.norm.sf(critical + theta / s)
        return {"two.sided": above + below, "greater": above, "less": below}[alternative]

    def weighed(theta):
        return power(theta) * stats.norm.pdf(theta, 0.2, np.sqrt(0.3))

    average = integrate.quad(weighed, -8, 8, epsabs=1e-13, limit=500, points=[-0.4, 0.0, 0.4])[0]
    assert found.power[1] == pytest.approx(average, rel=1e-9)


@pytest.mark.parametrize("test", ["chi2", "binom", "exact"])
@pytest.mark.parametrize("tail", ["greater", "less", "two.sided"])
def test_the_limit_is_where_the_p_value_is_its_level(test, tail):
    found = pymeta.tes(YI, VI, test=test, tes_alternative=tail)
    limits = found.theta_lim if isinstance(found.theta_lim, tuple) else (found.theta_lim,)
    tails = ("greater", "less") if tail == "two.sided" else (tail,)
    for limit, one in zip(limits, tails, strict=True):
        again = pymeta.tes(YI, VI, test=test, theta=limit, tes_alternative=one)
        assert again.pval == pytest.approx(0.1 / len(limits), rel=1e-12)


def test_no_limit():
    assert pymeta.tes(YI / 9, VI).theta_lim is None
    assert "not estimable" in str(pymeta.tes(YI / 9, VI))
    assert pymeta.tes(YI, VI, theta=0.0).theta_lim is None  # neither side of H0
    assert pymeta.tes(YI, VI, theta=np.full(7, 0.3)).theta_lim is None
    assert "theta" not in str(pymeta.tes(YI, VI, theta=np.full(7, 0.3)))


def test_both_tails_of_the_exact_test_have_the_number_in_common():
    tails = [pymeta.tes(YI, VI, test="exact", tes_alternative=one) for one in ("greater", "less")]
    chance = _of_numbers(tails[0].power)[tails[0].O]
    assert sum(one.pval for one in tails) == pytest.approx(1.0 + chance, rel=1e-14)


def test_binomial_is_scipy_s():
    found = pymeta.tes(YI, VI, test="binom", tes_alternative="two.sided")
    assert found.pval == pytest.approx(stats.binomtest(found.O, 7, found.E / 7).pvalue, rel=1e-12)


def test_all_studies_significant_without_a_doubt():
    found = pymeta.tes(np.full(5, 50.0), np.full(5, 0.01), test="chi2")
    assert (found.O, found.E, found.X2, found.pval) == (5, 5.0, 0.0, 0.5)


def test_exact_up_to_a_million_sets():
    yi = np.where(np.arange(21) < 11, 0.5, 0.1)
    assert pymeta.tes(yi, np.full(21, 0.04)).test == "chi2"
    assert pymeta.tes(yi[:19], np.full(19, 0.04)).test == "exact"


def test_models():
    fit = pymeta.rma(YI, VI, method="DL")
    found = pymeta.tes(fit)
    assert found.theta == fit.beta[0]
    assert pytest.approx(pymeta.tes(YI, VI, theta=fit.beta[0], tau2=fit.tau2).E, rel=1e-14) == found.E
    assert pymeta.tes(fit, theta=0.1, tau2=0.0).E == pymeta.tes(YI, VI, theta=0.1).E
    moderated = pymeta.rma(YI, VI, mods=np.arange(7.0), method="FE")
    assert np.array_equal(pymeta.tes(moderated).theta, moderated.spec.X @ moderated.beta)
    peto = pymeta.rma_peto(ai=[3, 4], bi=[9, 8], ci=[1, 2], di=[9, 9])
    assert pymeta.tes(peto).theta == peto.beta[0]


def test_what_is_printed():
    text = str(pymeta.tes(YI, VI, test="chi2"))
    assert "Observed Number of Significant Findings: 3 (out of 7)" in text
    assert "(where p = 0.1)" in text
    assert "binomial test" in str(pymeta.tes(YI, VI, test="binom"))
    assert len(pymeta.tes(YI, VI).frame()) == 1
