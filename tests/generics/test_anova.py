"""anova: identities between its tests, what it refuses, and how it reads."""

import numpy as np
import pandas as pd
import pytest

import pymeta
from pymeta.errors import DataError, OptionError
from pymeta.generics.anova import anova
from pymeta.generics.robust import robust
from pymeta.inference.multiple_tests import adjusted

RNG = np.random.default_rng(5)
K = 14
DATA = pd.DataFrame(
    {
        "yi": RNG.normal(0.2, 0.5, K),
        "vi": RNG.uniform(0.02, 0.2, K),
        "x": RNG.normal(size=K),
        "z": RNG.normal(size=K),
        "g": list("abc" * 5)[:K],
        "cl": np.arange(K) % 7,
    }
)


def model(mods="~ x + g", **options):
    return pymeta.rma("yi", "vi", mods=mods, data=DATA, **options)


@pytest.mark.parametrize("test", ["z", "t", "knha", "adhoc"])
def test_contrasts_of_single_coefficients_are_their_own_tests(test):
    fit = model(test=test)
    found = anova(fit, X=np.eye(fit.p))
    for ours, own in ((found.Xb, fit.beta), (found.se, fit.se), (found.zval, fit.zval), (found.pval, fit.pval)):
        np.testing.assert_allclose(ours, own, rtol=1e-12)


@pytest.mark.parametrize("test", ["z", "knha"])
def test_btt_and_rows_of_x_ask_the_same(test):
    fit = model(test=test)
    by_place, by_rows = anova(fit, btt=[2, 3], rhs=[0.1, -0.2]), anova(fit, X=np.eye(4)[2:], rhs=[0.1, -0.2])
    assert (by_place.m, by_place.names) == (2, ("gb", "gc"))
    np.testing.assert_allclose([by_place.QM, by_place.QMp], [by_rows.QM, by_rows.QMp], rtol=1e-12)
    assert by_place.QMdf == by_rows.QMdf == (2, None if test == "z" else 10.0)


def test_the_default_is_the_models_own_test():
    fit = model()
    assert (anova(fit).QM, anova(fit).QMp, anova(fit).btt) == (fit.QM, fit.QMp, fit.btt)


def test_a_true_hypothesis_has_a_statistic_of_zero():
    fit = model()
    assert pytest.approx(0.0, abs=1e-25) == anova(fit, btt=[1, 2], rhs=fit.beta[1:3]).QM
    assert anova(fit, X=[0, 1, 1, 0], rhs=fit.beta[1] + fit.beta[2]).pval[0] == pytest.approx(1.0)


def test_combinations_that_repeat_have_no_omnibus_test():
    found = anova(model(), X=[[0, 1, 0, 0], [0, 2, 0, 0]])
    assert found.QM is found.QMp is found.QMdf is None
    assert "Omnibus" not in str(found)


def test_several_tests_and_adjustment():
    fit = model()
    alone = [anova(fit, btt=btt).QMp for btt in ([1], [2, 3])]
    assert [t.QMp for t in anova(fit, btt=[[1], [2, 3]])] == alone
    assert [t.QMp for t in anova(fit, btt=[[1], ["gb", "gc"]], adjust=True)] == [min(1.0, 2 * p) for p in alone]
    found = anova(fit, btt=[[1], [2, 3]], adjust="holm")
    assert (len(found), found[1].m, list(found.frame()["m"])) == (2, 2, [1, 2])


def hommel(p):
    """By its definition: the largest Simes p-value of all sets with the hypothesis in it."""
    m = len(p)
    sets = [[i for i in range(m) if s >> i & 1] for s in range(1, 2**m)]
    simes = [(s, min(len(s) * q / (j + 1) for j, q in enumerate(sorted(p[i] for i in s)))) for s in sets]
    return [max(value for s, value in simes if i in s) for i in range(m)]


def test_hommel_is_the_closed_test_of_simes():
    for m in range(1, 8):
        p = RNG.uniform(0, 0.2, m)
        np.testing.assert_allclose(adjusted(p, "hommel"), hommel(p), rtol=1e-13)


def test_likelihood_ratio():
    full, reduced = model(method="ML"), model("~ x", method="ML")
    found = anova(full, reduced)
    difference = full.fit_stats["ML"].logLik - reduced.fit_stats["ML"].logLik
    assert pytest.approx(2 * difference) == found.LRT
    assert (found.parms_f, found.parms_r, found.method, found.notes) == (5, 3, "ML", ())
    assert anova(reduced, full).LRT == found.LRT
    assert list(found.frame().index) == ["Full", "Reduced"]


def test_refit_is_maximum_likelihood():
    found = anova(model(), model("~ x"), refit=True)
    assert pytest.approx(found.LRT, rel=1e-12) == anova(model(method="ML"), model("~ x", method="ML")).LRT
    assert found.method == "ML"


def test_tau2_is_tested_by_restricted_likelihood():
    found = anova(model(), model(method="EE"))
    assert (found.method, found.parms_f - found.parms_r, found.R2, found.notes) == ("REML", 1, 0.0, ())


@pytest.mark.parametrize(
    ("one", "two", "text"),
    [
        ({}, {"mods": "~ x"}, "restricted likelihoods"),
        ({"method": "ML"}, {"mods": "~ z", "method": "ML"}, "do not appear to be nested"),
        ({"method": "DL"}, {"mods": "~ x", "method": "DL"}, "for models fitted by ML or REML"),
    ],
)
def test_doubtful_comparisons_carry_a_note(one, two, text):
    found = anova(model(**one), model(**two))
    assert text in " ".join(found.notes)
    assert text in str(found)
    assert found.LRT >= 0.0


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"btt": [1], "X": np.eye(4)}, OptionError, "btt, X: give one of them"),
        ({"X": [1, 2]}, OptionError, "X: combinations of 2 coefficients; the model has 4"),
        ({"X": np.zeros(4)}, OptionError, "X: row 1 is all 0"),
        ({"X": ["a"] * 4}, OptionError, "needs numbers"),
        ({"btt": [9]}, OptionError, "there is no coefficient 9"),
        ({"btt": [1, 2], "rhs": [1, 2, 3]}, OptionError, "needs one value, or 2"),
        ({"adjust": "holms"}, OptionError, "Did you mean 'holm'"),
        ({"other": 3}, OptionError, "needs a model that rma fitted"),
    ],
)
def test_refusals(arguments, error, text):
    with pytest.raises(error, match=text):
        anova(model(), **arguments)


def test_models_that_cannot_be_compared():
    with pytest.raises(OptionError, match="a test of two models has none of them"):
        anova(model(), model("~ x"), btt=[1])
    with pytest.raises(DataError, match="both models have 3 parameters"):
        anova(model("~ x"), model("~ z"))
    with pytest.raises(DataError, match="one model was fitted by ML and the other by REML"):
        anova(model(), model("~ x", method="ML"))
    with pytest.raises(DataError, match="different effects or variances"):
        anova(model(), pymeta.rma("yi", "vi", data=DATA.iloc[1:]))


def test_robust_models_are_tested_by_their_own_degrees_of_freedom():
    for fit in (robust(model(), "cl"), robust(model(), "cl", clubSandwich=True)):
        found = anova(fit, X=np.eye(4))
        np.testing.assert_allclose(found.pval, fit.pval, rtol=1e-12)
        np.testing.assert_allclose(found.ddf, fit.dfs)
        np.testing.assert_allclose([anova(fit).QM, anova(fit).QMp], [fit.QM, fit.QMp])


def test_text():
    fit = pymeta.rma([0.1, 0.3, 0.5, 0.2], [0.1, 0.2, 0.1, 0.3], mods=[1.0, 2.0, 3.0, 5.0], method="EE")
    assert str(anova(fit)) == "Test of Moderators (coefficient mods):\nQM(df = 1) = 0.2092, p-val = 0.6474"
    assert str(anova(fit, X=[[1, -2], [0, -1]], rhs=0.5)).splitlines() == [
        "Hypotheses:",
        "1: intrcpt - 2*mods = 0.5000",
        "2: -mods = 0.5000",
        "",
        "Results:",
        "    estimate      se     zval    pval",
        "1:   -0.5038  0.6656  -0.7569  0.4491",
        "2:   -0.5671  0.1467  -3.8658  0.0001",
        "",
        "Omnibus Test of Hypotheses:",
        "QM(df = 2) = 124.3131, p-val < .0001",
    ]


def test_a_scale_model_against_one_without_is_refused():
    data = pymeta.load_dataset("dat.bangertdrowns2004")
    plain, scaled = pymeta.rma("yi", "vi", data=data), pymeta.rma("yi", "vi", data=data, scale="~ 1")
    for one, other in ((plain, scaled), (scaled, plain)):
        with pytest.raises(pymeta.OptionError, match="scale part"):
            pymeta.anova(one, other)
