"""blup, ranef, profile, simulate and regplot: their defining properties."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import pymeta
from pymeta.errors import OptionError
from pymeta.generics.predict import fitted, predict
from pymeta.generics.profile import profile
from pymeta.generics.random_effects import blup, ranef
from pymeta.generics.regplot import regplot
from pymeta.generics.simulate import simulate
from tests.parity.uni_grid import data_of

BCG = pd.DataFrame(data_of("dat.bcg"))


def fit(mods=None, **options):
    return pymeta.rma("yi", "vi", data=BCG, mods=mods, **options)


def test_a_prediction_is_the_average_and_the_random_effect():
    result = fit("~ x1", test="t")
    np.testing.assert_allclose(blup(result).pred, fitted(result) + ranef(result).pred, rtol=1e-13)
    assert blup(result).slab == result.studies.slab
    assert blup(result).ddf == 11
    assert "pi.lb" in str(blup(result))


def test_without_tau2_studies_do_not_differ():
    result = fit(method="EE")
    np.testing.assert_array_equal(blup(result).pred, fitted(result))
    np.testing.assert_allclose(blup(result).se, predict(result).se.repeat(13), rtol=1e-14)
    assert not ranef(result).pred.any()
    assert not ranef(result).se.any()


@pytest.mark.parametrize("weights", ["w", "flat"])
def test_standard_errors_with_own_weights_by_simulation(weights):
    """metafor refuses these; effects drawn from the model say that the formula holds for any weights."""
    columns = BCG.assign(flat=1.0)
    result = pymeta.rma("yi", "vi", data=columns, mods="~ x1", weights=columns[weights], tau2=0.3)
    rng = np.random.default_rng(5)
    vi, X, n = result.studies.vi, result.spec.X, 100_000
    u = rng.standard_normal((n, 13)) * np.sqrt(0.3)
    y = u + rng.standard_normal((n, 13)) * np.sqrt(vi)
    a = columns[weights].to_numpy()
    average = y @ (X @ np.linalg.inv(X.T @ (a[:, None] * X)) @ (a[:, None] * X).T).T
    share = 0.3 / (0.3 + vi)
    np.testing.assert_allclose((average + share * (y - average) - u).std(axis=0), blup(result).se, rtol=0.015)
    np.testing.assert_allclose((share * (y - average) - u).std(axis=0), ranef(result).se, rtol=0.015)


def test_on_another_scale():
    ours, plain = blup(fit(), transf="exp"), blup(fit())
    np.testing.assert_array_equal(ours.pred, np.exp(plain.pred))
    assert np.isnan(ours.se).all()
    assert list(ours.frame().columns) == ["pred", "pi_lb", "pi_ub"]
    with pytest.raises(OptionError, match="needs the variance between studies"):
        blup(fit(), transf="exp_int")


def test_a_profile_is_highest_at_the_estimate():
    result = fit("~ x1", method="ML")
    found = profile(result, steps=[0.0, result.tau2, 0.2])
    assert found.ll.argmax() == 1
    assert found.ll[1] == pytest.approx(result.fit_stats["ML"].logLik, rel=1e-13) == found.maxll
    np.testing.assert_allclose(found.beta[1], result.beta, rtol=1e-13)
    np.testing.assert_allclose(found.ci_ub[1], result.ci_ub, rtol=1e-12)
    assert found.I2[1] == pytest.approx(result.I2, rel=1e-13)
    assert found.notes == ()
    assert list(found.frame().columns) == ["tau2", "ll", "I2", "H2", "beta.intrcpt", "beta.x1"]


def test_a_profile_reaches_over_the_interval_and_the_estimate():
    found = profile(fit())
    assert (len(found.tau2), found.tau2[0]) == (20, pytest.approx(0.119718, abs=1e-6))
    flat = profile(pymeta.rma([0.1, 0.1001, 0.1002], [1.0, 1.0, 2.0]))
    assert (flat.tau2[0], flat.tau2[-1]) == (0.0, 2.0)


def test_a_profile_tells_of_likelier_values():
    assert "likelier" in profile(fit(tau2=0.1), xlim=(0.1, 0.4)).notes[0]


@pytest.mark.parametrize(
    ("options", "text"),
    [({"steps": 1}, "needs 2 or more"), ({"xlim": (0.0,)}, "needs two values"), ({"steps": [-1.0, 1.0]}, "steps")],
)
def test_a_profile_of_nothing_is_refused(options, text):
    with pytest.raises(OptionError, match=text):
        profile(fit(), **options)
    with pytest.raises(OptionError, match="no tau2"):
        profile(fit(method="EE"))


def test_simulated_effects_follow_the_model():
    result = fit("~ x1")
    drawn = simulate(result, 4000, seed=1)
    assert drawn.shape == (13, 4000)
    z = (drawn - fitted(result)[:, None]) / np.sqrt(result.studies.vi + result.tau2)[:, None]
    assert stats.kstest(z.ravel(), "norm").pvalue > 0.01
    assert min(stats.kstest(row, "norm").pvalue for row in z) > 0.001
    np.testing.assert_allclose(np.corrcoef(z), np.eye(13), atol=0.07)


def test_a_seed_gives_the_same_numbers_and_the_first_of_many():
    one, other = simulate(fit(), 3, seed=7), simulate(fit(), 5, seed=np.random.default_rng(7))
    np.testing.assert_array_equal(one, other[:, :3])
    assert (simulate(fit(), 3, seed=8) != one).all()
    limited = simulate(fit(), 100, seed=7, olim=(-1, 0))
    assert (limited.min(), limited.max()) == (-1.0, 0.0)
    for options in ({"nsim": 0}, {"nsim": 1, "olim": (1, 0)}):
        with pytest.raises(OptionError):
            simulate(fit(), **options)


def test_a_bubble_plots_line_holds_the_others_at_their_means():
    result = fit("~ x1 + x2")
    found = regplot(result, "x1", predlim=(10, 50))
    assert (found.xs[0], found.xs[-1]) == (10.0, 50.0)
    at = predict(result, [10.0, BCG["x2"].mean()])
    assert (found.line[0], found.ci_lb[0], found.pi_ub[0]) == pytest.approx(
        (at.pred[0], at.ci_lb[0], at.pi_ub[0]), rel=1e-11
    )
    assert found.mod == regplot(result, 1).mod == "x1"
    np.testing.assert_array_equal(found.xi, BCG["x1"])


def test_a_bubble_plot_of_given_predictions():
    curve = fit("~ x1 + I(x1^2)")
    xs = np.linspace(10, 50, 5)
    line = predict(curve, newdata={"x1": xs})
    found = regplot(curve, "x1", pred=line, xvals=xs, transf="exp")
    np.testing.assert_array_equal(found.line, np.exp(line.pred))
    assert found.pred is None


def test_which_points_are_named():
    result = fit("~ x1")
    at = predict(result)
    outside = (BCG["yi"] < at.pi_lb) | (BCG["yi"] > at.pi_ub)
    assert regplot(result, label="piout").label == tuple(outside)
    assert sum(regplot(result, label=[0, 2]).label) == 2
    assert all(regplot(result, label=True).label)


@pytest.mark.parametrize(
    ("mods", "options", "text"),
    [
        (None, {}, "needs a model with moderators"),
        ("~ x1 + x2", {}, "which moderator\\? There are x1, x2"),
        ("~ x1 + x2", {"mod": "x"}, "may be x1 or x2"),
        ("~ x1", {"mod": "y1"}, "no such column of the design"),
        ("~ x1", {"label": "piout", "fit": "EE"}, "no prediction interval"),
        ("~ x1", {"label": [13]}, "positions of studies from 0 to 12"),
        ("~ x1", {"psize": "inv"}, "no such way to size points"),
        ("~ x1", {"plim": (None, None)}, "needs a smallest and a largest size"),
    ],
)
def test_a_plot_that_cannot_be_is_refused(mods, options, text):
    method = options.pop("fit", "REML")
    with pytest.raises(OptionError, match=text):
        regplot(fit(mods, method=method), **options)
