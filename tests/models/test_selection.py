"""Selection models: what they refuse, what their integrals are, and what follows from one another."""

import mpmath
import numpy as np
import pandas as pd
import pytest

import pymeta
from pymeta.models.selection import model_of, null_of
from pymeta.models.selection_likelihood import evaluate
from pymeta.models.selection_weights import SELECTIONS

YI = np.array([0.62, 0.35, -0.05, 0.48, 0.21, 0.95, 0.11, 0.41, 0.74, 0.30, 0.02, 0.55])
VI = np.array([0.05, 0.03, 0.02, 0.04, 0.01, 0.15, 0.02, 0.04, 0.09, 0.01, 0.03, 0.06])
X = np.array([1.0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1])
FIT = pymeta.rma(YI, VI, method="ML")
ASKED = {
    "beta": {"alternative": "greater"},
    "halfnorm": {"steps": 0.05, "prec": "sei"},
    "negexp": {"prec": "vi"},
    "logistic": {"alternative": "two.sided"},
    "power": {"alternative": "two.sided"},
    "negexppow": {},
    "stepfun": {"steps": [0.025, 0.5]},
    "trunc": {"steps": 0.3},
    "truncest": {"delta": [np.nan, 0.3]},
}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"type": "betta"}, "beta"),
        ({"type": "stepfun"}, "steps=0.025"),
        ({"type": "stepfun", "steps": 1.0}, "below 1"),
        ({"type": "stepfun", "steps": [-0.1, 0.5]}, "above 0"),
        ({"type": "stepfun", "steps": 1e-12}, "no p-value is 1e-12 or less"),
        ({"type": "stepfun", "steps": 0.025, "delta": [1, 0.5, 0.2]}, "has 2 here"),
        ({"type": "stepfun", "steps": 0.025, "delta": [1, 0]}, "no such p-value is seen"),
        ({"type": "stepfun", "steps": 0.025, "decreasing": "yes"}, "True or False"),
        ({"type": "stepfun", "steps": [0.1, 0.5], "decreasing": True, "delta": [1, 0.2, 0.5]}, "rises"),
        ({"type": "halfnorm", "decreasing": True}, "no steps"),
        ({"type": "halfnorm", "alternative": "both"}, "two.sided"),
        ({"type": "halfnorm", "delta": -1}, "0 or more"),
        ({"type": "halfnorm", "steps": [0.05, 0.5]}, "takes one"),
        ({"type": "beta", "steps": 0.05}, "takes two"),
        ({"type": "beta", "delta": [0, 1]}, "above 0"),
        ({"type": "beta", "prec": "sei"}, "no place for it"),
        ({"type": "halfnorm", "prec": "se"}, "sei"),
        ({"type": "halfnorm", "prec": "ninv"}, "give ni="),
        ({"type": "halfnorm", "prec": "ninv", "ni": np.zeros(12)}, "above 0"),
        ({"type": "halfnorm", "pval_min": 0.1}, "beta"),
        ({"type": "power", "pval_min": 0.7}, "below 0.5"),
        ({"type": "halfnorm", "delta_min": 3, "delta_max": 2}, "below"),
        ({"type": "halfnorm", "subset": np.zeros(12, dtype=bool)}, "no study is chosen"),
        ({"type": "halfnorm", "subset": np.ones(11, dtype=bool)}, "mask of 11"),
        ({"type": "trunc", "alternative": "two.sided"}, "one cutpoint"),
        ({"type": "trunc", "steps": [0.1, 0.2]}, "one cutpoint"),
        ({"type": "trunc", "steps": 100}, "flat"),
        ({"type": "truncest", "steps": 0.1}, "estimates its cutpoint"),
    ],
)
def test_what_is_refused(given, said):
    with pytest.raises(pymeta.PymetaError, match=said):
        pymeta.selmodel(FIT, **given)


def test_models_that_have_no_selection_model():
    for fit, said in (
        (pymeta.rma(YI, VI, weights=np.ones(12)), "weights of its own"),
        (pymeta.rma(YI, VI, weighted=False), "weights of its own"),
        (pymeta.selmodel(FIT, "negexp"), "SelectionResult"),
        (3, "int"),
        (pymeta.rma(YI[:1], VI[:1], method="EE"), "too few"),
    ):
        with pytest.raises(pymeta.PymetaError, match=said):
            pymeta.selmodel(fit, "halfnorm")


@pytest.mark.parametrize("function", ["rstandard", "rstudent", "hatvalues", "blup", "ranef", "update", "reporter"])
def test_what_is_not_defined_for_one(function):
    with pytest.raises(pymeta.OptionError, match="selection model"):
        getattr(pymeta, function)(pymeta.selmodel(FIT, "negexp"))


# ---- The likelihood -----------------------------------------------------------------------------------------------------


def mixed(type_):
    """A model with a moderator, and a place that is not special."""
    result = pymeta.selmodel(pymeta.rma(YI, VI, mods=X, method="ML"), type_, **ASKED[type_])
    model = model_of(null_of(result), result.selection, 0.3 if type_.startswith("trunc") else None)
    delta = {"stepfun": [1.0, 0.6, 0.3], "trunc": [1.0, 0.6], "truncest": [1.0, 0.6]}.get(type_, [0.8, 1.7])
    return model, np.array([0.2, 0.1, 0.03, *delta[: model.deltas]])


@pytest.mark.parametrize("type_", SELECTIONS)
def test_derivatives(type_):
    """Against differences of fourth order."""
    model, theta = mixed(type_)
    here = evaluate(model, theta)
    for i in range(len(theta)):
        h = 1e-3 * np.eye(len(theta))[i] * max(0.1, abs(theta[i]))
        ends = [evaluate(model, theta + c * h) for c in (1, -1, 2, -2)]
        size = 12.0 * h[i]

        def slope(name, ends=ends, size=size):
            one, two, three, four = (getattr(end, name) for end in ends)
            return (8.0 * (one - two) - (three - four)) / size

        np.testing.assert_allclose(slope("value"), here.gradient[i], rtol=1e-7, atol=1e-8)
        np.testing.assert_allclose(slope("gradient"), here.hessian[i], rtol=1e-6, atol=1e-7)


def weight(type_, p, delta):
    """The selection functions as their papers have them."""
    p = min(max(p, mpmath.mpf("1e-5")), 1 - mpmath.mpf("1e-5")) if type_ in ("beta", "power") else p
    return {
        "beta": lambda: p ** (delta[0] - 1) * (1 - p) ** (delta[-1] - 1),
        "halfnorm": lambda: mpmath.exp(-delta[0] * p**2),
        "negexp": lambda: mpmath.exp(-delta[0] * p),
        "logistic": lambda: 2 / (1 + mpmath.exp(delta[0] * p)),
        "power": lambda: (1 - p) ** delta[0],
        "negexppow": lambda: mpmath.exp(-delta[0] * p ** (1 / delta[-1])),
        "stepfun": lambda: mpmath.mpf(1) if p <= 0.025 else delta[0] if p <= 0.5 else delta[-1],
    }[type_]()


@pytest.mark.parametrize("two_sided", [False, True])
@pytest.mark.parametrize("type_", [name for name in SELECTIONS if not name.startswith("trunc")])
def test_the_likelihood_by_many_digits(type_, two_sided):
    """Of three studies, integrated by mpmath."""
    delta = [0.6, 2.0] if len(SELECTIONS[type_].null) == 2 or type_ == "stepfun" else [1.5]
    more = {"steps": [0.025, 0.5]} if type_ == "stepfun" else {}
    given = [1.0, *delta] if type_ == "stepfun" else delta
    fit = pymeta.rma(YI[[0, 2, 9]], VI[[0, 2, 9]], method="EE")
    found = pymeta.selmodel(fit, type_, alternative="two.sided" if two_sided else "greater", delta=given, **more)
    mu, total = mpmath.mpf(float(found.beta[0])), mpmath.mpf(0)

    def seen(y, se):
        z = -abs(y / se) if two_sided else -y / se
        return weight(type_, (2 if two_sided else 1) * mpmath.ncdf(z), [mpmath.mpf(d) for d in delta])

    for y, v in zip(fit.studies.yi.tolist(), fit.studies.vi.tolist(), strict=True):
        se = mpmath.sqrt(v)
        alphas = [0.025, 0.5, 1e-5, 1 - 1e-5]
        bends = [-mpmath.sqrt(2) * mpmath.erfinv(2 * mpmath.mpf(a) / (2 if two_sided else 1) - 1) * se for a in alphas]
        ends = sorted({mpmath.mpf(0), *bends, *(-b for b in bends), *(mu + c * se for c in range(-12, 13, 2))})
        A = mpmath.quad(lambda x, se=se: mpmath.npdf(x, mu, se) * seen(x, se), ends)
        total += mpmath.log(mpmath.npdf(y, mu, se) * seen(mpmath.mpf(y), se) / A)
    assert found.ll == pytest.approx(float(total), rel=1e-12)


# ---- What follows from one another --------------------------------------------------------------------------------------


def same(one, other, rel=1e-8):
    for name in ("beta", "se", "tau2", "delta", "se_delta", "ll", "LRT"):
        ours, theirs = (np.asarray(getattr(x, name), dtype=float) for x in (one, other))
        np.testing.assert_allclose(ours, theirs, rtol=rel, atol=1e-10, err_msg=name)


def test_no_selection_is_the_model_without():
    for type_, more, delta in (
        ("beta", {}, [1, 1]),
        ("halfnorm", {}, 0),
        ("stepfun", {"steps": 0.025}, [1, 1]),
        ("trunc", {}, 1),
    ):
        found = pymeta.selmodel(FIT, type_, delta=delta, **more)
        assert found.beta[0] == pytest.approx(FIT.beta[0], rel=1e-8)
        assert found.tau2 == pytest.approx(FIT.tau2, rel=1e-7, abs=1e-10)
        assert (found.LRT, found.LRTdf) == (pytest.approx(0.0, abs=1e-9), 0)


def test_small_effects_may_be_the_significant_ones():
    for type_ in ("negexp", "stepfun", "trunc"):
        more = {"steps": 0.1} if type_ == "stepfun" else {}
        one = pymeta.selmodel(FIT, type_, **more)
        other = pymeta.selmodel(pymeta.rma(-YI, VI, method="ML"), type_, alternative="less", **more)
        assert -other.beta[0] == pytest.approx(one.beta[0], rel=1e-9)
        assert other.delta == pytest.approx(one.delta, rel=1e-7)


def test_units_and_order_do_not_matter():
    order = np.argsort(YI * 7 % 1)
    for type_, more in (("halfnorm", {}), ("stepfun", {"steps": [0.025, 0.5]})):
        one = pymeta.selmodel(FIT, type_, **more)
        other = pymeta.selmodel(pymeta.rma(1e5 * YI[order], 1e10 * VI[order], method="ML"), type_, **more)
        assert other.beta[0] == pytest.approx(1e5 * one.beta[0], rel=1e-8)
        assert other.delta == pytest.approx(one.delta, rel=1e-7)
        assert pytest.approx(one.LRT, rel=1e-7) == other.LRT


def test_functions_that_are_others_special_cases():
    for power, type_ in ((0.5, "halfnorm"), (1.0, "negexp")):
        special = pymeta.selmodel(FIT, "negexppow", delta=[np.nan, power])
        assert special.ll == pytest.approx(pymeta.selmodel(FIT, type_).ll, rel=1e-12)
    same(pymeta.selmodel(FIT, "negexp", delta_max=50), pymeta.selmodel(FIT, "negexp"))
    trunc, step = pymeta.selmodel(FIT, "trunc"), pymeta.selmodel(FIT, "stepfun", steps=0.5)
    assert (trunc.delta[0], trunc.ll) == (pytest.approx(step.delta[1], rel=1e-8), pytest.approx(step.ll, rel=1e-12))


def test_an_estimated_cutpoint_is_the_best_of_all():
    best = pymeta.selmodel(FIT, "truncest")
    others = [pymeta.selmodel(FIT, "truncest", delta=[np.nan, cut]).ll for cut in np.linspace(0.0, 0.7, 29)]
    assert best.ll >= max(others) - 1e-9
    assert best.delta[1] in YI or np.nextafter(best.delta[1], np.inf) in YI


def test_a_function_that_may_not_rise():
    free, falling = (pymeta.selmodel(FIT, "stepfun", steps=[0.025, 0.1, 0.5], decreasing=x) for x in (False, True))
    assert (np.diff(falling.delta) <= 0.0).all()
    assert falling.ll <= free.ll + 1e-12


def test_a_subset_may_be_a_mask_or_positions():
    mask = np.arange(12) % 3 > 0
    same(*(pymeta.selmodel(FIT, "negexp", subset=one) for one in (mask, np.flatnonzero(mask))))
    data = pd.DataFrame({"yi": [*YI, np.nan], "vi": [*VI, 0.1], "seen": [*mask, True]})
    fit = pymeta.rma("yi", "vi", data=data, method="ML")
    same(pymeta.selmodel(fit, "negexp", subset="seen"), pymeta.selmodel(FIT, "negexp", subset=mask))


def test_effects_without_heterogeneity_and_a_tau2_that_is_given():
    EE = pymeta.selmodel(pymeta.rma(YI, VI, method="EE"), "stepfun", steps=0.025)
    zero = pymeta.selmodel(pymeta.rma(YI, VI, tau2=0.0), "stepfun", steps=0.025)
    assert (EE.tau2, EE.ll, EE.LRT_tau2, zero.tau2) == (0.0, pytest.approx(zero.ll, rel=1e-12), None, 0.0)
    assert pymeta.selmodel(pymeta.rma(YI, VI, tau2=0.07), "negexp").tau2 == 0.07


# ---- Of a selection model -----------------------------------------------------------------------------------------------


def test_predictions_at_moderators():
    found = pymeta.selmodel(pymeta.rma(YI, VI, mods=X, method="ML"), "stepfun", steps=0.025)
    there = pymeta.predict(found, newmods=[0.0, 1.0])
    np.testing.assert_allclose(there.pred, [found.beta[0], found.beta.sum()], rtol=1e-14)
    np.testing.assert_allclose(there.se, [found.se[0], np.sqrt(found.vb.sum())], rtol=1e-12)
    reach = 1.959963984540054 * np.sqrt(there.se**2 + found.tau2)
    np.testing.assert_allclose(there.pi_ub, there.pred + reach, rtol=1e-12)
    assert len(pymeta.predict(found).pred) == 12


@pytest.mark.parametrize("type_", ["stepfun", "trunc", "halfnorm"])
def test_intervals_end_where_the_profile_has_fallen(type_):
    found = pymeta.selmodel(FIT, type_, **({"steps": 0.1} if type_ == "stepfun" else {}))
    which = len(found.delta) - 1
    interval = pymeta.confint(found, delta=which)[f"delta.{which + 1}"]
    values = [end for end in (interval.ci_lb, interval.ci_ub) if 0.0 < end < 100.0]
    fallen = pymeta.profile(found, delta=which, steps=[found.delta[which], *values])
    np.testing.assert_allclose(fallen.ll - found.ll, [0.0, *[-1.9207294103470623] * len(values)], atol=1e-8)


def test_profiles_of_all_that_was_estimated():
    found = pymeta.selmodel(FIT, "stepfun", steps=0.025)
    each = pymeta.profile(found, steps=3)
    assert [one.name for one in each] == ["tau2", "delta.2"]
    np.testing.assert_array_equal(each[1].ll, pymeta.profile(found, delta=1, steps=3).ll)
    frame = each.frame()
    assert (len(frame), frame.columns[:3].tolist()) == (6, ["parameter", "value", "ll"])
    assert frame[frame["parameter"] == "tau2"]["value"].tolist() == each[0].value.tolist()


def test_there_is_no_likelihood_where_what_was_seen_is_never_selected():
    """A weight of 0 with studies in its interval: metafor says NA."""
    found = pymeta.selmodel(FIT, "stepfun", steps=0.025)
    at_zero = pymeta.profile(found, delta=1, steps=[0.0, 0.5])
    assert np.isnan([at_zero.ll[0], at_zero.beta[0, 0], at_zero.ci_ub[0, 0]]).all()
    assert np.isfinite([at_zero.ll[1], at_zero.beta[1, 0]]).all()


def test_intervals_of_what_was_not_estimated():
    found = pymeta.selmodel(FIT, "stepfun", steps=0.025)
    for function, given, said in (
        (pymeta.confint, {"delta": 0}, "positions, from 0"),
        (pymeta.profile, {"tau2": True, "steps": [-1.0, 0.0]}, "from 0 to inf"),
    ):
        with pytest.raises(pymeta.OptionError, match=said):
            function(found, **given)
    with pytest.raises(pymeta.OptionError, match="of a selection model"):
        pymeta.confint(FIT, delta=1)
    with pytest.raises(pymeta.OptionError, match="jumps"):
        pymeta.confint(pymeta.selmodel(FIT, "truncest"))
    assert [name for name, _ in pymeta.confint(found, fixed=True)] == ["intrcpt"]


def test_how_it_is_shown():
    text = str(pymeta.selmodel(FIT, "stepfun", steps=0.025))
    for part in (
        "Random-Effects Model (k = 12",
        "Test for Heterogeneity:",
        "LRT(df = 1)",
        "0.025 < p <= 1",
        "Selection Model Results:",
    ):
        assert part in text
    found = pymeta.selmodel(FIT, "stepfun", steps=[0.025, 0.5])
    assert list(found.frame()["k"]) == list(found.ptable)
    assert found.glance().loc[0, "type"] == "stepfun"
