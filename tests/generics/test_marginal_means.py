"""Marginal means: against predictions at the same points, and refusals."""

import numpy as np
import pandas as pd
import pytest

import pymeta
from pymeta.errors import OptionError
from pymeta.generics.marginal_means import marginal_means
from pymeta.inference.wald import quantile

RNG = np.random.default_rng(19)
K = 15
DATA = pd.DataFrame(
    {
        "yi": RNG.normal(size=K),
        "vi": RNG.uniform(0.1, 0.5, K),
        "x": RNG.normal(size=K),
        "g": list("abbccccababcabc"),
        "h": [1, 2] * 7 + [1],
        "late": RNG.uniform(size=K) > 0.5,
    }
)


def model(mods="~ g + x", **options):
    return pymeta.rma("yi", "vi", mods=mods, data=DATA, **{"method": "DL", **options})


@pytest.mark.parametrize("test", ["z", "knha"])
def test_levels_at_the_mean_of_numbers(test):
    fit = model(test=test)
    found = marginal_means(fit, "g")
    X = np.array([[1, b, c, DATA["x"].mean()] for b, c in ((0, 0), (1, 0), (0, 1))])
    np.testing.assert_allclose(found.X, X)
    np.testing.assert_allclose(found.emmean, X @ fit.beta)
    np.testing.assert_allclose(found.se, np.sqrt(np.diag(X @ fit.vb @ X.T)))
    reach = quantile(95.0, None if test == "z" else 11.0)
    np.testing.assert_allclose(found.ci_ub - found.emmean, reach * found.se)
    assert found.cells == {"g": ("a", "b", "c")}


def test_ways_to_average():
    fit = model("~ g * x + factor(h)")
    share = DATA["g"].value_counts(normalize=True)
    equal, outer = marginal_means(fit), marginal_means(fit, weights="outer")
    assert equal.X[0, :3] == pytest.approx([1, 1 / 3, 1 / 3])
    assert outer.X[0, :3] == pytest.approx([1, share["b"], share["c"]])
    proportional = marginal_means(fit, weights="proportional").X[0]
    second = list(fit.names).index("factor(h)2")
    assert proportional[second] == pytest.approx((DATA["h"] == 2).mean())
    cells = marginal_means(fit, "g", weights="cells").X
    assert cells[0][second] == pytest.approx((DATA["h"][DATA["g"] == "a"] == 2).mean())


def test_values_of_ones_own():
    found = marginal_means(model("~ g + I(x^2)"), ["x", "g"], at={"x": [0.0, 2.0], "g": ["c", "a"]})
    assert found.cells == {"x": (0.0, 0.0, 2.0, 2.0), "g": ("c", "a", "c", "a")}
    assert found.X[:, -1].tolist() == [0.0, 0.0, 4.0, 4.0]
    assert len(found.frame()) == 4


def test_categoricals_and_bools():
    data = DATA.assign(g=pd.Categorical(DATA["g"], ["c", "b", "a"]))
    fit = pymeta.rma("yi", "vi", mods="~ g + late", data=data, method="DL")
    assert marginal_means(fit, "g").cells == {"g": ("c", "b", "a")}
    assert marginal_means(fit, "late").cells == {"late": (False, True)}


def test_an_intercept_alone():
    fit = model(None)
    found = marginal_means(fit)
    assert (found.emmean[0], found.se[0]) == (fit.beta[0], fit.se[0])
    assert str(found).splitlines()[1].startswith("overall")


@pytest.mark.parametrize(
    ("mods", "arguments", "text"),
    [
        ("~ g + x", {"spec": "gg"}, "spec='gg': no such variable of the model; allowed: g, x"),
        ("~ g + x", {"at": {"y": 1}}, "at='y': no such variable"),
        ("~ g + x", {"weights": "fair"}, "no such way to average"),
        ([DATA["x"]], {}, "mods were given as columns"),
    ],
)
def test_refusals(mods, arguments, text):
    with pytest.raises(OptionError, match=text):
        marginal_means(model(mods), **arguments)


def test_redundant_moderators():
    data = DATA.assign(same=DATA["g"])
    with pytest.raises(OptionError, match="redundant moderators were left out"):
        marginal_means(pymeta.rma("yi", "vi", mods="~ g + same", data=data, method="DL"), "g")
