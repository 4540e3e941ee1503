"""Subgroups: identities, Review Manager 5, refusals."""

import numpy as np
import pandas as pd
import pytest

import pymeta
from pymeta.errors import DataError, OptionError
from pymeta.generics.subgroups import subgroups
from pymeta.numerics.tails import chi2_upper

RNG = np.random.default_rng(23)
K = 14
DATA = pd.DataFrame({"yi": RNG.normal(size=K), "vi": RNG.uniform(0.1, 0.5, K), "g": list("bac" * 5)[:K]})
TABLES = pymeta.load_dataset("dat.bcg")
CELLS = {"ai": "tpos", "bi": "tneg", "ci": "cpos", "di": "cneg"}


def test_without_tau2_the_q_add_up():
    """Q total = Σ Q within + Q between. Borenstein et al. (2009), ch. 19"""
    for tau2 in ("separate", "common"):
        found = subgroups("yi", "vi", data=DATA, by="g", method="EE", tau2=tau2)
        assert sum(fit.QE for fit in found.fits) + found.QB == pytest.approx(found.overall.QE, rel=1e-12)
        assert (found.names, found.QB_df, chi2_upper(found.QB, 2)) == (("a", "b", "c"), (2, None), found.QBp)


def test_each_is_a_fit_of_its_studies():
    found = subgroups("yi", "vi", data=DATA, by="g")
    for name, fit in zip(found.names, found.fits, strict=True):
        alone = pymeta.rma("yi", "vi", data=DATA[DATA["g"] == name])
        np.testing.assert_allclose([fit.beta[0], fit.se[0], fit.tau2], [alone.beta[0], alone.se[0], alone.tau2])


def test_a_common_tau2():
    found = subgroups(pymeta.rma("yi", "vi", data=DATA, method="DL"), by=DATA["g"], tau2="common")
    model = pymeta.rma("yi", "vi", mods="~ g", data=DATA, method="DL")
    np.testing.assert_allclose([found.QB, found.QBp], [model.QM, model.QMp], rtol=1e-10)
    assert {fit.tau2 for fit in found.fits} == {found.model.tau2}
    np.testing.assert_allclose([fit.beta[0] for fit in found.fits], found.model.beta)
    assert found.by == "g"


def test_review_manager_5():
    found = subgroups(measure="RR", method="revman5", data=TABLES, by="alloc", **CELLS)
    for name, fit in zip(found.names, found.fits, strict=True):
        alone = pymeta.rma(measure="RR", method="revman5", data=TABLES[TABLES["alloc"] == name], **CELLS)
        assert (fit.beta[0], fit.tau2, fit.QE) == (alone.beta[0], alone.tau2, alone.QE)
    with pytest.raises(OptionError, match="has separate ones only"):
        subgroups(measure="RR", method="revman5", data=TABLES, by="alloc", tau2="common", **CELLS)


def test_a_subgroup_of_one_study():
    found = subgroups("yi", "vi", data=DATA.assign(g=["z", *DATA["g"][1:]]), by="g")
    assert (found.fits[-1].k, found.fits[-1].tau2, found.fits[-1].beta[0]) == (1, 0.0, DATA["yi"][0])


def test_order_of_subgroups():
    ordered = pd.Categorical(DATA["g"], ["c", "d", "a", "b"])
    assert subgroups("yi", "vi", data=DATA.assign(g=ordered), by="g").names == ("c", "a", "b")
    mixed = [("x", 1) if g == "a" else g for g in DATA["g"]]
    assert subgroups("yi", "vi", data=DATA, by=mixed).names == ("b", "('x', 1)", "c")


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"by": "g", "mods": "~ vi"}, OptionError, "a model without moderators"),
        ({"by": "g", "tau2": "own"}, OptionError, "tau2='own': needs 'separate' or 'common'"),
        ({"by": ["a"] * K}, DataError, "all studies are in one subgroup, 'a'"),
        ({"by": ["a", None] * 7}, DataError, "by, row 2: a value is missing"),
        ({"by": ["a", "b"]}, DataError, "by: 2 values; give one a row of the data: 14"),
    ],
)
def test_refusals(arguments, error, text):
    with pytest.raises(error, match=text):
        subgroups("yi", "vi", data=DATA, **arguments)


def test_text():
    found = subgroups([0.1, 0.3, 0.6, 0.9], [0.1, 0.1, 0.2, 0.1], by=["a", "a", "b", "b"], method="EE", level=90)
    assert str(found).splitlines() == [
        "Subgroups by subgroup:",
        "",
        "         k  estimate      se    ci.lb   ci.ub   tau^2     I^2",
        "a        2    0.2000  0.2236  -0.1678  0.5678  0.0000   0.00%",
        "b        2    0.8000  0.2582   0.3753  1.2247  0.0000   0.00%",
        "overall  4    0.4571  0.1690   0.1791  0.7352  0.0000  16.33%",
        "",
        "Test for Subgroup Differences:",
        "QB(df = 1) = 3.0857, p-val = 0.0790",
    ]
