"""confint: what makes each interval, and sets that are empty, in pieces or far away."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import pymeta
from pymeta.errors import OptionError
from pymeta.generics.confint import confint, likelihood_of
from pymeta.inference.heterogeneity import cochran_q
from tests.parity.uni_grid import data_of

BCG = pd.DataFrame(data_of("dat.bcg"))
HOMOGENEOUS = ([0.1, 0.1001, 0.1002, 0.1], [1.0, 1.0, 1.0, 1.0])


def fit(mods=None, **options):
    return pymeta.rma("yi", "vi", data=BCG, mods=mods, **options)


@pytest.mark.parametrize("method", ["DL", "REML", "ML", "PM", "SJ", "HE"])
@pytest.mark.parametrize("mods", [None, "~ x1"])
def test_q_profile_bounds_meet_their_quantiles(method, mods):
    result = fit(mods, method=method)
    found = confint(result, level=90)["tau2"]
    df = result.k - result.p
    for bound, quantile in ((found.ci_lb, stats.chi2.isf(0.05, df)), (found.ci_ub, stats.chi2.isf(0.95, df))):
        Q = cochran_q(result.studies.yi, result.studies.vi + bound, result.spec.X)
        assert pytest.approx(quantile, rel=1e-12) == Q


@pytest.mark.parametrize("method", ["REML", "ML", "DL"])
def test_profile_likelihood_bounds_lie_half_a_quantile_below(method):
    result = fit(method=method)
    found = confint(result, type="PL")["tau2"]
    likelihood = likelihood_of(result)
    fall = stats.chi2.isf(0.05, 1) / 2
    for bound in (found.ci_lb, found.ci_ub):
        assert likelihood(result.tau2) - likelihood(bound) == pytest.approx(fall, rel=1e-12)
    kind = "REML" if method == "REML" else "ML"
    assert likelihood(result.tau2) == pytest.approx(result.fit_stats[kind].logLik, rel=1e-13)


def test_generalised_q_bounds_meet_their_probabilities_by_simulation():
    """Given tau2 at a bound, a Q as large as the one seen has probability 2.5 or 97.5 %."""
    weights = 1.0 / np.sqrt(BCG["vi"].to_numpy())
    result = fit(method="GENQ", weights=weights)
    found = confint(result)
    assert found.type == "GENQ"

    def q_of(yi):
        centre = (weights * yi).sum(axis=-1, keepdims=True) / weights.sum()
        return (weights * (yi - centre) ** 2).sum(axis=-1)

    rng = np.random.default_rng(1)
    seen = q_of(BCG["yi"].to_numpy())
    for bound, share in ((found["tau2"].ci_lb, 0.025), (found["tau2"].ci_ub, 0.975)):
        drawn = rng.standard_normal((200_000, 13)) * np.sqrt(BCG["vi"].to_numpy() + bound)
        assert (q_of(drawn) >= seen).mean() == pytest.approx(share, abs=0.0015)


def test_with_equal_variances_generalised_q_is_q_profile():
    rng = np.random.default_rng(2)
    yi, vi = rng.normal(0, 1, 20), np.full(20, 0.2)
    generalised = confint(pymeta.rma(yi, vi, method="GENQ", weights=np.full(20, 3.0)))["tau2"]
    profiled = confint(pymeta.rma(yi, vi, method="DL"))["tau2"]
    assert (generalised.ci_lb, generalised.ci_ub) == pytest.approx((profiled.ci_lb, profiled.ci_ub), rel=1e-9)


def test_the_median_unbiased_estimate_is_the_interval_of_level_0():
    narrow = confint(fit(method="GENQM", weights="w"), level=1.0)["tau2"]
    assert narrow.ci_lb < narrow.estimate < narrow.ci_ub
    assert narrow.ci_ub - narrow.ci_lb < 0.02 * narrow.estimate


@pytest.mark.parametrize("kind", ["QP", "PL", "HT"])
@pytest.mark.parametrize("scale", [1e-8, 1e6])
def test_the_scale_of_the_effects_does_not_matter(kind, scale):
    """metafor's default tolerance is absolute, 1e-4, and has no digits of a tau2 of 1e-16."""
    one = confint(fit(), type=kind)
    other = confint(pymeta.rma(BCG["yi"] * scale, BCG["vi"] * scale**2), type=kind)
    for name, factor in (("tau2", scale**2), ("tau", scale), ("I2", 1.0), ("H2", 1.0)):
        assert other[name].ci_lb == pytest.approx(factor * one[name].ci_lb, rel=1e-10)
        assert other[name].ci_ub == pytest.approx(factor * one[name].ci_ub, rel=1e-10)


def test_an_empty_set_is_a_result_with_a_note():
    found = confint(pymeta.rma(*HOMOGENEOUS))
    assert found.empty
    assert (found["tau2"].ci_lb, found["tau2"].ci_ub, found["tau2"].lb_sign, found["tau2"].ub_sign) == (0.0, 0.0, "<", "<")
    assert "The interval of tau^2 is empty: both bounds lie below 0." in str(found)
    assert "<0.0000" in str(found)
    assert not confint(pymeta.rma(*HOMOGENEOUS), type="PL").empty


def test_the_search_has_no_fixed_end():
    """metafor ends at ten times the estimate here and says ">"."""
    found = confint(pymeta.rma([0.0, 1000.0], [0.1, 0.2]))["tau2"]
    assert (found.lb_sign, found.ub_sign) == ("", "")
    assert found.ci_ub == pytest.approx(1e6 / stats.chi2.isf(0.975, 1) / 2, rel=1e-6)


@pytest.mark.parametrize("kind", ["QP", "PL"])
def test_an_end_that_a_person_sets_is_told_of(kind):
    found = confint(fit(), type=kind, tau2_min=0.2, tau2_max=0.5)
    assert (found["tau2"].ci_lb, found["tau2"].lb_sign) == (0.2, "<")
    assert (found["tau2"].ci_ub, found["tau2"].ub_sign) == (0.5, ">")
    assert len(found.notes) == 2
    beyond = confint(fit(), type=kind, tau2_min=50.0)
    assert beyond.empty
    assert "below 50" in str(beyond)


def test_bounds_below_zero_where_asked_for():
    """The Q-profile method without the restriction: chi-squared quantiles still, tau NaN."""
    found = confint(pymeta.rma(*HOMOGENEOUS), tau2_min=-0.999)
    assert found.empty
    result = pymeta.rma([0.1, 0.4, 0.3, 0.1], [0.1, 0.2, 0.1, 0.3])
    lower = confint(result, tau2_min=-0.0999)["tau2"]
    Q = cochran_q(result.studies.yi, result.studies.vi + lower.ci_lb, result.spec.X)
    assert -0.0999 < lower.ci_lb < 0.0
    assert pytest.approx(stats.chi2.isf(0.025, 3), rel=1e-10) == Q
    assert np.isnan(confint(result, tau2_min=-0.0999)["tau"].ci_lb)


@pytest.mark.parametrize(
    ("yi", "vi", "pieces"),
    [
        ([-0.06, 0.01, 4.53, 0.43], [0.0004, 0.0004, 1.0418, 1.0418], 2),
        ([-0.02, 0.03, -0.06, 0.88, 3.71], [0.0007, 0.0007, 0.0007, 0.5613, 0.5613], 2),
        ([0.1, 0.3, 0.2, 0.5], [0.01, 0.02, 0.01, 0.04], 1),
    ],
)
def test_a_likelihood_with_two_maxima_has_a_set_in_pieces(yi, vi, pieces):
    """Two precise studies that agree beside two that do not: the bounds are the outer ends, and a note says so."""
    result = pymeta.rma(yi, vi, method="ML")
    found = confint(result, type="PL", level=30)
    gaps = ("The set of tau^2 has gaps; the bounds are its outer ends.",)
    assert found.notes == (gaps if pieces > 1 else ())
    likelihood, best = likelihood_of(result), likelihood_of(result)(result.tau2)
    at = np.geomspace(1e-6, 4.0 * found["tau2"].ci_ub, 4001)
    inside = np.array([best - likelihood(t) <= stats.chi2.isf(0.7, 1) / 2 for t in at], dtype=int)
    assert np.count_nonzero(np.diff(inside) == -1) == pieces
    assert at[inside.nonzero()[0][-1]] == pytest.approx(found["tau2"].ci_ub, rel=1e-2)


def test_a_test_based_interval():
    """The formula of Higgins & Thompson (2002), method III, written out."""
    result = fit(method="DL")
    Q, k = result.QE, 13
    se = (np.log(Q) - np.log(k - 1)) / (np.sqrt(2 * Q) - np.sqrt(2 * k - 3)) / 2
    found = confint(result, type="ht")["H2"]
    log_h = np.log(result.H2) / 2
    reach = stats.norm.isf(0.025) * se
    assert (found.ci_lb, found.ci_ub) == pytest.approx(tuple(np.exp(2 * (log_h + np.array([-1, 1]) * reach))), rel=1e-12)


def test_coefficients_too():
    both = confint(fit("~ x1", test="knha"), fixed=True, level=90)
    assert [name for name, _ in both] == ["intrcpt", "x1", "tau2", "tau", "I2", "H2"]
    only = confint(fit(method="EE"))
    assert only["intrcpt"].ci_lb == fit(method="EE").ci_lb[0]
    assert list(only.frame().index) == ["intrcpt"]
    assert confint(fit(), fixed=True, random=False, transf="exp")["intrcpt"].estimate == np.exp(fit().beta[0])


@pytest.mark.parametrize(
    ("result", "options", "text"),
    [
        (fit(method="EE"), {"random": True}, "the model has no tau2"),
        (fit(tau2=0.1), {"random": True}, "tau2 was given, not estimated"),
        (pymeta.rma([0.5], [0.2]), {}, "1 studies and 1 coefficients leave nothing"),
        (fit(), {"type": "GENQ"}, "needs a fit with method='GENQ'"),
        (fit("~ x1"), {"type": "HT"}, "needs a model without moderators"),
        (fit(), {"type": "foo"}, "type='foo': no such kind of interval"),
        (fit(), {"tau2_min": -1.0}, "needs a number above -0.0039"),
        (fit(), {"tau2_max": 0.0}, "tau2_max=0.0: needs a number above"),
        (fit(), {"random": False, "fixed": False}, "both are False"),
    ],
)
def test_what_cannot_be_is_refused(result, options, text):
    with pytest.raises(OptionError, match=text):
        confint(result, **options)


def test_an_unknown_name_is_answered():
    with pytest.raises(OptionError, match="Did you mean 'tau2'"):
        confint(fit())["tau22"]


def test_fixed_coefficients_of_a_scale_model():
    data = pymeta.load_dataset("dat.bangertdrowns2004")
    fit = pymeta.rma("yi", "vi", data=data, scale="~ 1", mods="~ grade")
    found = pymeta.confint(fit, fixed=True)
    assert [name for name, _ in found.fixed] == list(fit.names)
    assert found.random == ()
    assert [one.ci_lb for _, one in found.fixed] == pytest.approx(fit.ci_lb, rel=1e-12)
    assert len(pymeta.confint(fit, fixed=True, random=True).random) == 1
