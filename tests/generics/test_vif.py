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
