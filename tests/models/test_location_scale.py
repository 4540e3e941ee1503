"""Location-scale models: the likelihood against 50 digits, and what must hold whatever the data."""

from dataclasses import replace

import mpmath as mp
import numpy as np
import pytest

import pymeta
from pymeta.data.design import Design
from pymeta.data.scale import ScaleSpec
from pymeta.data.specs import UniSpec
from pymeta.data.studies import Studies
from pymeta.errors import ConvergenceError, DataError, OptionError
from pymeta.generics.location_scale import anova_of_scale, likelihood_ratio_of, predict_location_scale
from pymeta.generics.scale_profile import confint_of_scale, profile_of_scale
from pymeta.models.location_scale import fit, model_of
from pymeta.models.uni import fit as fit_uni
from pymeta.results.predictions import ScaleProfile
from pymeta.tau2.scale import evaluate

K = 24


def design(*columns, names=None):
    X = np.column_stack(columns)
    names = names or ("intrcpt", *(f"x{j}" for j in range(1, X.shape[1])))
    return Design(X, tuple(names), tuple(range(X.shape[1])), (), None, True, None)


def data(seed=4, k=K):
    rng = np.random.default_rng(seed)
    x, z, vi = rng.normal(size=k), rng.normal(size=k), rng.uniform(0.02, 0.3, k)
    yi = 0.3 + 0.2 * x + rng.normal(size=k) * np.sqrt(vi + np.exp(-1.0 + 0.7 * z))
    return yi, vi, x, z


def spec_of(yi, vi, X, method="REML", **more):
    k = len(yi)
    studies = Studies(np.asarray(yi), np.asarray(vi), tuple(map(str, range(1, k + 1))), (), np.arange(k))
    return UniSpec(studies, X, "GEN", method, 95.0, **{"methods": (method,), **more})


def fitted(seed=4, method="REML", link="log", *, mods=True, scale=True, **more):
    yi, vi, x, z = data(seed)
    one = np.ones(K)
    X = design(one, x) if mods else design(one)
    Z = design(one, z) if scale else design(one)
    return fit(spec_of(yi, vi, X, method, btt=(1,) if mods else (0,), **more), ScaleSpec(Z, link))


def exact(model, alpha):
    """The log-likelihood in 50 digits, by matrices."""
    k = len(model.yi)
    y, X = mp.matrix([mp.mpf(float(v)) for v in model.yi]), mp.matrix(model.X.tolist())
    eta = [mp.fsum(mp.mpf(float(a)) * b for a, b in zip(row, alpha, strict=True)) for row in model.Z]
    total = [mp.mpf(float(v)) + (mp.exp(e) if model.log else e) for v, e in zip(model.vi, eta, strict=True)]
    W = mp.diag([1 / t for t in total])
    A = X.T * W * X
    r = y - X * mp.lu_solve(A, X.T * W * y)
    value = -mp.fsum(mp.log(t) for t in total) / 2 - mp.fsum(r[i] ** 2 / total[i] for i in range(k)) / 2
    return value - mp.log(mp.det(A)) / 2 if model.restricted else value


@pytest.mark.parametrize("link", ["log", "identity"])
@pytest.mark.parametrize("method", ["REML", "ML"])
def test_score_and_hessian_in_50_digits(link, method):
    result = fitted(link=link, method=method)
    model = model_of(result.spec, result.scale)
    alpha = np.array([-0.8, 0.4]) if link == "log" else np.array([1.1, 0.1])
    here = evaluate(model, alpha)
    with mp.workdps(50):
        f = lambda a, b: exact(model, (a, b))  # noqa: E731
        at = tuple(mp.mpf(float(a)) for a in alpha)
        assert here.value == pytest.approx(float(f(*at)), rel=1e-13)
        gradient = [float(mp.diff(f, at, n)) for n in ((1, 0), (0, 1))]
        hessian = [[float(mp.diff(f, at, n)) for n in row] for row in (((2, 0), (1, 1)), ((1, 1), (0, 2)))]
    np.testing.assert_allclose(here.gradient, gradient, rtol=1e-11)
    np.testing.assert_allclose(here.hessian, hessian, rtol=1e-11)


@pytest.mark.parametrize("link", ["log", "identity"])
@pytest.mark.parametrize("method", ["REML", "ML"])
def test_the_score_is_0_in_50_digits(link, method):
    result = fitted(link=link, method=method)
    model = model_of(result.spec, result.scale)
    with mp.workdps(50):
        at = tuple(mp.mpf(float(a)) for a in result.alpha)
        score = np.array([float(mp.diff(lambda a, b: exact(model, (a, b)), at, n)) for n in ((1, 0), (0, 1))])
    assert np.abs(result.va @ score).max() < 1e-12 * np.abs(result.alpha).max()


@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize("test", ["z", "t", "knha", "adhoc"])
def test_an_intercept_alone_is_the_plain_model(method, test):
    plain = fit_uni(fitted(method=method, test=test).spec)
    for link, value in (("log", np.exp), ("identity", np.asarray)):
        result = fitted(method=method, link=link, scale=False, test=test)
        assert value(result.alpha[0]) == pytest.approx(plain.tau2, rel=1e-11)
        np.testing.assert_allclose(result.tau2, plain.tau2, rtol=1e-11)
        for name in ("beta", "se", "zval", "ci_lb", "vb", "QM", "QE", "I2", "H2", "s2w"):
            np.testing.assert_allclose(getattr(result, name), getattr(plain, name), rtol=1e-10)
        np.testing.assert_allclose(result.fit_stats[method], plain.fit_stats[method], rtol=1e-12)
        assert (result.ddf, result.parms) == (plain.ddf, plain.parms)


def test_groups_of_their_own_are_fits_of_their_own():
    """With a mean and a tau² for each group the likelihood is a product, and so is the restricted one."""
    yi, vi, _, z = data()
    in_a = (z > 0.0) * 1.0
    G = design(in_a, 1.0 - in_a, names=("a", "b"))
    for method in ("ML", "REML"):
        result = fit(spec_of(yi, vi, G, method, btt=(0, 1)), ScaleSpec(G, "identity"))
        for j, rows in enumerate((in_a == 1.0, in_a == 0.0)):
            alone = fit_uni(spec_of(yi[rows], vi[rows], design(np.ones(rows.sum())), method))
            assert result.alpha[j] == pytest.approx(alone.tau2, rel=1e-10)
            assert result.beta[j] == pytest.approx(alone.beta[0], rel=1e-11)
            assert result.se[j] == pytest.approx(alone.se[0], rel=1e-11)


@pytest.mark.parametrize("c", [1e-8, 1e6])
@pytest.mark.parametrize("link", ["log", "identity"])
def test_scale_of_the_effects(c, link):
    yi, vi, x, z = data()
    X, Z = design(np.ones(K), x), design(np.ones(K), z)
    one = fit(spec_of(yi, vi, X, btt=(1,)), ScaleSpec(Z, link))
    other = fit(spec_of(c * yi, c * c * vi, X, btt=(1,)), ScaleSpec(Z, link))
    moved = one.alpha + np.array([2.0 * np.log(c), 0.0]) if link == "log" else one.alpha * c * c
    np.testing.assert_allclose(other.alpha, moved, rtol=1e-10)
    np.testing.assert_allclose(other.se_alpha, one.se_alpha * (1.0 if link == "log" else c * c), rtol=1e-10)
    np.testing.assert_allclose(other.tau2, one.tau2 * c * c, rtol=1e-10)
    np.testing.assert_allclose(other.beta, one.beta * c, rtol=1e-10)
    np.testing.assert_allclose(other.QM, one.QM, rtol=1e-10)


def test_predictors_far_from_0_and_of_other_sizes():
    """As dates in days: the slope's digits must not suffer."""
    yi, vi, x, z = data()
    X = design(np.ones(K), x)
    one = fit(spec_of(yi, vi, X), ScaleSpec(design(np.ones(K), z)))
    other = fit(spec_of(yi, vi, X), ScaleSpec(design(np.ones(K), 2e5 + 100.0 * z)))
    assert other.alpha[1] * 100.0 == pytest.approx(one.alpha[1], rel=1e-9)
    np.testing.assert_allclose(other.tau2, one.tau2, rtol=1e-9)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("link", ["log", "identity"])
def test_no_other_place_is_higher(seed, link):
    yi, vi, _, z = data(seed, k=8)
    try:
        result = fit(spec_of(yi, vi, design(np.ones(8))), ScaleSpec(design(np.ones(8), z), link))
    except ConvergenceError:
        assert link == "log"
        return
    model = model_of(result.spec, result.scale)
    top = evaluate(model, result.alpha).value
    rng = np.random.default_rng(seed)
    for _ in range(400):
        size = rng.choice([0.01, 0.3, 2.0]) if link == "identity" else 4.0
        alpha = result.alpha * (link == "identity") + rng.normal(size=2) * size
        if link == "log" or (model.Z @ alpha >= 0.0).all():
            assert evaluate(model, alpha).value <= top + 1e-12


def at_bound():
    """Effects that vary less than their variances say on one side: the identity link's best place is at its bound."""
    rng = np.random.default_rng(3)
    z = np.linspace(-1.0, 1.0, K)
    vi = np.full(K, 0.05)
    yi = rng.normal(size=K) * np.sqrt(0.4 * vi + np.maximum(z, 0.0) ** 3)
    return spec_of(yi, vi, design(np.ones(K))), design(np.ones(K), z)


def test_identity_at_its_bound():
    spec, Z = at_bound()
    result = fit(spec, ScaleSpec(Z, "identity"))
    assert result.tau2.min() == 0.0
    assert result.solve.at_zero
    assert np.isnan(result.se_alpha).all()
    assert any("no standard errors" in note for note in result.notes)
    # along the bound the score is 0; the way it points leads outside
    score = evaluate(model_of(spec, result.scale), result.alpha).gradient
    along, inward = np.array([1.0, 1.0]), np.array([1.0, 0.0])
    assert abs(score @ along) < 1e-8 * abs(score @ inward)
    assert score @ inward < 0.0


def test_all_tau2_are_0():
    yi = np.linspace(0.0, 0.01, 6)
    spec = spec_of(yi, np.full(6, 0.1), design(np.ones(6)))
    result = fit(spec, ScaleSpec(design(np.ones(6), np.arange(6.0)), "identity"))
    np.testing.assert_array_equal(result.tau2, np.zeros(6))
    with pytest.raises(ConvergenceError, match=r"drift to infinity .* use fewer scale predictors, link='identity'"):
        fit(spec, ScaleSpec(design(np.ones(6))))


def test_bounds_that_are_given():
    spec, Z = at_bound()
    low, high = np.array([-6.0, -9.0]), np.array([3.0, 1.0])
    result = fit(spec, ScaleSpec(Z, alpha_min=low, alpha_max=high))
    assert result.alpha[1] == pytest.approx(1.0, abs=1e-12)
    assert any("alpha_max" in note for note in result.notes)
    score = evaluate(model_of(spec, result.scale), result.alpha).gradient
    assert abs(score[0]) < 1e-9 < score[1]
    free = fit(spec, ScaleSpec(Z, alpha_min=low - 100.0, alpha_max=high + 100.0))
    assert not free.notes
    np.testing.assert_allclose(free.alpha, fit(spec, ScaleSpec(Z)).alpha, rtol=1e-10)


def test_own_weights_and_equal_ones():
    best, equal = fitted(), fitted(weighted=False)
    np.testing.assert_array_equal(best.alpha, equal.alpha)
    X, y = best.spec.X, best.studies.yi
    np.testing.assert_allclose(equal.beta, np.linalg.lstsq(X, y, rcond=None)[0], rtol=1e-12)
    A = np.linalg.inv(X.T @ X) @ X.T
    np.testing.assert_allclose(equal.vb, A @ np.diag(equal.studies.vi + equal.tau2) @ A.T, rtol=1e-12)


def test_degrees_of_freedom_and_tests():
    result = fitted(test="t")
    assert (result.ddf, result.ddf_alpha, result.QMdf, result.QSdf) == (K - 2.0, K - 2.0, (1, K - 2.0), (1, K - 2.0))
    assert pytest.approx(result.zval_alpha[1] ** 2) == result.QS
    assert fitted(test="t", scale=False).ddf_alpha == K - 1.0
    assert anova_of_scale(result).QM == result.QS
    both = anova_of_scale(result, Z=np.eye(2))
    assert pytest.approx(anova_of_scale(result, att=(0, 1)).QM, rel=1e-12) == both.QM
    moved = anova_of_scale(result, Z=[0.0, 1.0], rhs=result.alpha[1])
    assert (moved.QM, moved.pval[0]) == (0.0, 1.0)


REFUSALS = {
    "method": (lambda r: fit(replace(r.spec, method="DL"), r.scale), "location-scale models are fitted by REML or ML"),
    "link": (lambda r: ScaleSpec(r.scale.design, "logit"), "no such link"),
    "att": (lambda r: ScaleSpec(r.scale.design, att=(2,)), "positions of scale coefficients, from 0 to 1"),
    "rank": (lambda r: ScaleSpec(design(np.ones(K), np.ones(K))), "combination of others"),
    "bounds": (lambda r: replace(r.scale, alpha_min=np.ones(3)), "needs 2 numbers"),
    "empty": (lambda r: replace(r.scale, alpha_min=np.ones(2), alpha_max=np.ones(2)), "must be below"),
    "rows": (lambda r: fit(r.spec, ScaleSpec(design(np.ones(3)))), "3 rows for 24 studies"),
    "newscale": (lambda r: predict_location_scale(r, newscale=np.ones((1, 3))), "a column for each of intrcpt, x1"),
    "anova": (lambda r: anova_of_scale(r, att=(0,), Z=[1, 0]), "give one of them"),
    "which": (lambda r: confint_of_scale(r, [5]), "that were estimated: \\[0, 1\\]"),
    "same": (lambda r: likelihood_ratio_of(r, r), "one model must have all"),
    "bounds and link": (
        lambda r: fit(r.spec, ScaleSpec(r.scale.design, "identity", alpha_max=np.array([-1.0, 0.0]))),
        "no coefficients within them",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(name):
    ask, text = REFUSALS[name]
    result = fitted()
    with pytest.raises((OptionError, DataError), match=text):
        ask(result)


def test_predictions():
    result = fitted()
    every = predict_location_scale(result)
    np.testing.assert_allclose(every.pred, result.spec.X @ result.beta)
    half = (every.pi_ub - every.pi_lb) / 2.0 / 1.959963984540054
    np.testing.assert_allclose(half**2, every.se**2 + result.tau2, rtol=1e-12)
    spread = predict_location_scale(result, newscale=[[0.0], [1.0]], transf="exp")
    np.testing.assert_allclose(spread.pred, np.exp([result.alpha[0], result.alpha.sum()]), rtol=1e-12)
    assert spread.pi_lb is None
    alone = predict_location_scale(result, newmods=[0.5])
    assert np.isnan(alone.pi_lb).all()
    both = predict_location_scale(result, newmods=[0.5], newscale=[2.0])
    reach = (both.pi_ub - both.pi_lb)[0] / 2.0 / 1.959963984540054
    assert reach**2 == pytest.approx(both.se[0] ** 2 + np.exp(result.alpha @ [1.0, 2.0]), rel=1e-12)
    wide = predict_location_scale(result, newscale=[0.0, 1.0, 2.0, 3.0], adjust=True)
    assert wide.level == 98.75
    spec, Z = at_bound()
    floor = predict_location_scale(fit(spec, ScaleSpec(Z, "identity")), newscale=[-1.0])
    assert floor.pred[0] == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("link", ["log", "identity"])
def test_a_profile_interval_ends_where_the_likelihood_ratio_says(link):
    result = fitted(link=link)
    interval = confint_of_scale(result, [1])["x1"]
    ends = profile_of_scale(result, 1, np.array([interval.ci_lb, interval.ci_ub]))
    np.testing.assert_allclose(ends, -0.5 * 3.841458820694124, rtol=1e-9)
    narrow = confint_of_scale(result, [1], level=50.0)["x1"]
    assert interval.ci_lb < narrow.ci_lb < narrow.ci_ub < interval.ci_ub


def test_an_interval_without_an_end():
    """Where a tau² of 0 is in the interval, its logarithm has no lower bound."""
    yi, vi, _, _ = data(3, k=8)
    found = confint_of_scale(fit(spec_of(yi, 2.0 * vi, design(np.ones(8))), ScaleSpec(design(np.ones(8)))))
    assert found["intrcpt"].ci_lb == -np.inf
    assert found["intrcpt"].lb_sign == "<"
    assert any("infinite" in note for note in found.notes)


def test_likelihood_ratio():
    full, reduced = fitted(), fitted(scale=False)
    found = likelihood_ratio_of(reduced, full)
    assert (found.parms_f, found.parms_r, found.method) == (4, 3, "REML")
    assert pytest.approx(2.0 * (full.fit_stats["REML"].logLik - reduced.fit_stats["REML"].logLik)) == found.LRT
    smaller = fitted(mods=False, scale=False)
    assert likelihood_ratio_of(full, smaller).notes
    by_ml = likelihood_ratio_of(full, smaller, refit=True)
    assert (by_ml.method, by_ml.notes) == ("ML", ())


def test_text_and_frames():
    result = fitted()
    assert "Model Results (Scale):" in str(result)
    assert "Test of Scale Coefficients (x1):" in str(result)
    assert "F(df1 = 1, df2 = 22)" in str(fitted(test="t"))
    frame = result.tidy()
    assert list(frame["part"]) == ["location", "location", "scale", "scale"]
    np.testing.assert_array_equal(frame["beta"], [*result.beta, *result.alpha])
    assert result.glance()["link"][0] == "log"


def test_many_studies():
    """Nothing (k, k) is built: 20,000 studies in a second or two."""
    rng = np.random.default_rng(5)
    k = 20_000
    z, vi = rng.normal(size=k), rng.uniform(0.02, 0.3, k)
    yi = rng.normal(size=k) * np.sqrt(vi + np.exp(-1.0 + 0.5 * z))
    result = fit(spec_of(yi, vi, design(np.ones(k))), ScaleSpec(design(np.ones(k), z)))
    assert np.abs(result.alpha - [-1.0, 0.5]).max() < 5.0 * result.se_alpha.max() < 0.1


def test_an_interval_has_no_end_where_no_tau2_at_all_is_likely_enough():
    """With slope x → −∞ tau² is 0 in every study, whatever the intercept: 2 (ℓ − ℓ0) = 1.497, below 3.84."""
    data = {"yi": [0.1, 0.3, -0.2, 0.5, 0.25, 0.4], "sei": [0.1, 0.2, 0.15, 0.3, 0.12, 0.22], "x": [1, 2, 3, 4, 5, 6]}
    found = pymeta.confint(pymeta.rma("yi", sei="sei", data=data, mods="~ x", scale="~ x"))
    assert [(one.ci_lb, one.ci_ub) for _, one in found] == [(-np.inf, np.inf)] * 2


def given(alpha=None, **options):
    rng = np.random.default_rng(8)
    data = {name: rng.normal(size=30) for name in ("yi", "x", "z")} | {"vi": rng.uniform(0.05, 0.2, 30)}
    return pymeta.rma("yi", "vi", mods="~ x", scale="~ x + z", data=data, alpha=alpha, **options)


def test_profiles_of_all_scale_coefficients():
    model = given()
    each = pymeta.profile(model, steps=3)
    assert [one.name for one in each] == list(model.scale.names)
    np.testing.assert_array_equal(each[2].ll, pymeta.profile(model, alpha=2, steps=3).ll)
    assert isinstance(pymeta.profile(given([None, 1.0, 0.1]), steps=3), ScaleProfile)


def test_what_is_given_at_the_estimate_changes_nothing_but_its_tests():
    whole = given()
    part = given([None, whole.alpha[1], np.nan])
    np.testing.assert_allclose(part.alpha, whole.alpha, rtol=1e-6)
    np.testing.assert_allclose(part.beta, whole.beta, rtol=1e-6)
    assert (whole.parms, part.parms, given(0.1).parms) == (5, 4, 2)
    assert np.isnan([part.se_alpha[1], part.va[0, 1], part.QS]).all()
    assert part.se_alpha[0] < whole.se_alpha[0]
    assert [line.split()[2:] for line in str(part).splitlines() if "---" in line] == [["---"] * 5]
    assert "Test of Scale" not in str(part)
    assert "Test of Scale" in str(given([None, 0.1, None], att=[2]))


def test_a_profile_is_highest_at_the_estimate():
    fit = given()
    found = pymeta.profile(fit, alpha=2, steps=[fit.alpha[2] - 0.3, fit.alpha[2], fit.alpha[2] + 0.3])
    assert found.ll[1] == pytest.approx(found.maxll, abs=1e-10)
    assert (found.ll[[0, 2]] < found.maxll).all()
    np.testing.assert_allclose(found.beta[1], fit.beta, rtol=1e-6)
    assert (found.name, found.notes) == ("z", ())
    assert list(found.frame().columns) == ["alpha", "ll", "beta.intrcpt", "beta.x"]
    held = given([None, None, float(found.alpha[0])])
    assert found.ll[0] == pytest.approx(held.fit_stats["REML"].logLik, abs=1e-9)


GIVEN = {
    "too few": (lambda: given([1.0, 2.0]), "alpha=\\[1.0, 2.0\\]: needs a number, or None, for each.*: intrcpt, x, z"),
    "text": (lambda: given("x"), "alpha='x': needs a number"),
    "no scale": (
        lambda: pymeta.rma([0.1, 0.2], [0.1, 0.1], alpha=1.0),
        "alpha: gives scale coefficients, and the model has",
    ),
    "confint": (lambda: confint_of_scale(given([None, 1.0, None]), [1]), "that were estimated: \\[0, 2\\]"),
    "profile": (lambda: pymeta.profile(given([None, 1.0, None]), alpha=1), "alpha=1: needs the position .*: \\[0, 2\\]"),
    "which profile": (lambda: pymeta.profile(given(0.1)), "alpha=None: needs the position .*: \\[\\]"),
    "steps": (lambda: pymeta.profile(given(), alpha=1, steps=1), "steps=1, xlim=None: needs 2 steps or more"),
    "of tau2": (lambda: pymeta.profile(pymeta.rma([0.1, 0.9], [0.1, 0.1]), alpha=1), "alpha=1: the model has no scale"),
}


@pytest.mark.parametrize("name", GIVEN)
def test_what_cannot_be_given_or_profiled(name):
    ask, text = GIVEN[name]
    with pytest.raises(OptionError, match=text):
        ask()
