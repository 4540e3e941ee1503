"""vif: identities and refusals."""

import numpy as np
import pandas as pd
import pytest

import pymeta
from pymeta.errors import OptionError
from pymeta.generics.vif import vif

RNG = np.random.default_rng(13)
K = 20
DATA = pd.DataFrame(
    {"yi": RNG.normal(size=K), "vi": RNG.uniform(0.1, 0.5, K), "x": RNG.normal(size=K), "g": list("abcd" * 5)}
)
DATA["z"] = DATA["x"] + RNG.normal(size=K)


def model(mods="~ x + z + g", **options):
    return pymeta.rma("yi", "vi", mods=mods, data=DATA, **{"method": "EE", **options})


def test_it_is_one_over_the_share_that_others_leave():
    """1/(1 − R²) of a weighted regression of each moderator on the others."""
    fit = model()
    X, root = fit.spec.X, np.sqrt(1.0 / fit.studies.vi)
    for place, factor in zip(range(1, fit.p), vif(fit).vif, strict=True):
        y, others = X[:, place], np.delete(X, place, axis=1)
        left = root * (y - others @ np.linalg.lstsq(root[:, None] * others, root * y, rcond=None)[0])
        mean = (root**2 @ y) / (root**2).sum()
        assert factor == pytest.approx(((root * (y - mean)) ** 2).sum() / (left**2).sum(), rel=1e-10)


def test_moderators_alone_have_a_factor_of_one():
    assert vif(model("~ x")).vif == pytest.approx([1.0])
    assert vif(model(), btt=range(1, 6)).vif == pytest.approx([1.0])


def test_sets():
    fit = model()
    found = vif(fit, terms=True)
    assert (found.spec, found.m) == (("x", "z", "g"), (1, 1, 3))
    assert found.vif[2] == vif(fit, btt=[3, 4, 5]).vif[0] == vif(fit, btt=[[0, 3, 4, 5]]).vif[0]
    np.testing.assert_allclose(found.sif, found.vif ** (0.5 / np.array([1, 1, 3])))
    assert vif(fit, btt=[["x"], [2]]).spec == ("x", "z")
    assert list(found.frame().columns) == ["spec", "m", "vif", "sif"]


def test_the_scale_of_the_covariance_does_not_matter():
    np.testing.assert_allclose(vif(model(test="knha")).vif, vif(model()).vif, rtol=1e-12)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"btt": [0]}, "the intercept has no"),
        ({"btt": [1], "terms": True}, "give one of them"),
        ({"btt": [99]}, "no coefficient 99"),
    ],
)
def test_refusals(options, text):
    with pytest.raises(OptionError, match=text):
        vif(model(), **options)
    with pytest.raises(OptionError, match="has no moderators"):
        vif(model(None), **options)


def test_text():
    assert str(vif(model("~ x"))).splitlines() == ["   m     vif     sif", "x  1  1.0000  1.0000"]


def test_simulated():
    fit = model()
    found, again = vif(fit, sim=30, seed=3), vif(fit, sim=30, seed=3)
    np.testing.assert_array_equal(found.vif, vif(fit).vif)
    np.testing.assert_array_equal(found.sim, again.sim)
    np.testing.assert_array_equal(found.prop, (found.sim < found.vif).mean(axis=0))
    assert found.sim.shape == (30, 5)
    assert not np.array_equal(found.sim, vif(fit, sim=30, seed=4).sim)
    assert list(found.frame()["prop"]) == list(found.prop)
    assert str(found).splitlines()[0].split() == ["m", "vif", "sif", "prop"]
    assert str(found).splitlines()[1].endswith(f"  {found.prop[0]:.2f}")


def test_rows_that_are_not_used_are_not_shuffled_in():
    """With what only they have, moderators would be collinear, or missing."""
    data = pd.concat([DATA, DATA.iloc[:2].assign(x=[np.nan, 1e9])], ignore_index=True)
    fit = pymeta.rma("yi", "vi", mods="~ x + z + g", data=data, subset=np.arange(21), method="EE")
    np.testing.assert_array_equal(vif(fit, sim=9, seed=1).sim, vif(model(), sim=9, seed=1).sim)


def test_what_cannot_be_told_apart_is_infinite():
    """Two moderators of one 1 each: now and then in the same study."""
    data = DATA.assign(a=np.eye(K)[0], b=np.eye(K)[1])
    found = vif(pymeta.rma("yi", "vi", mods="~ x + a + b", data=data, method="EE"), sim=200, seed=1)
    infinite = np.isinf(found.sim)
    assert not infinite[:, :2].any()
    assert 2 < infinite[:, 2].sum() < 25
    assert found.prop[2] == np.mean(found.sim[:, 2] < found.vif[2])


def test_one_moderator_alone_is_not_simulated():
    found = vif(model("~ x"), sim=5)
    assert (found.sim, found.prop) == (None, None)


def test_a_part_without_moderators_has_no_factors():
    found = vif(model("~ 1", scale="~ x + z", method="REML"))
    assert found.beta is None
    assert found.alpha.spec == ("x", "z")
    assert str(found).splitlines()[:3] == ["Scale Coefficients:", "", "   m     vif     sif"]
    both = vif(model("~ x", scale="~ x", method="REML"))
    assert list(both.frame()["part"]) == ["location", "scale"]


@pytest.mark.parametrize(
    ("fit", "options", "text"),
    [
        (model, {"sim": 0}, "sim=0: needs True or False, or how many"),
        (model, {"sim": 2.5}, "sim=2.5: needs True or False"),
        (lambda: model("~ x + I(2 * x) + z"), {"sim": 2}, "redundant predictors were left out"),
        (lambda: pymeta.robust(model(), range(K)), {"sim": 2}, "robust results have no factors"),
        (model, {"att": [1]}, "att: the model has no scale coefficients"),
        (lambda: model(scale="~ x", method="REML"), {"att": [0]}, "att=\\[0\\]: the intercept has no"),
    ],
)
def test_refusals_of_simulation_and_scale(fit, options, text):
    with pytest.raises(OptionError, match=text):
        vif(fit(), **options)
