"""Residuals, leverages and covariances: identities, and what is refused."""

import numpy as np
import pandas as pd
import pytest

import pymeta
from pymeta.errors import OptionError
from pymeta.generics.accessors import coef, df_residual, formula, model_matrix, nobs, se
from pymeta.generics.residuals import hatvalues, residuals
from pymeta.generics.vcov import vcov
from pymeta.models.residuals import rstandard, rstudent

RNG = np.random.default_rng(11)
K = 12
DATA = pd.DataFrame(
    {"yi": RNG.normal(size=K), "vi": RNG.uniform(0.1, 0.5, K), "x": RNG.normal(size=K), "w": RNG.uniform(1, 2, K)}
)


def model(**options):
    return pymeta.rma("yi", "vi", mods="~ x", data=DATA, **{"method": "DL", **options})


def test_types_of_residuals():
    fit = model()
    np.testing.assert_array_equal(residuals(fit), fit.studies.yi - fit.spec.X @ fit.beta)
    np.testing.assert_array_equal(residuals(fit, "rstandard"), rstandard(fit).z)
    np.testing.assert_array_equal(residuals(fit, "rstudent"), rstudent(fit).z)
    np.testing.assert_allclose(residuals(fit, "pearson"), residuals(fit) / np.sqrt(DATA["vi"] + fit.tau2))
    np.testing.assert_array_equal(residuals(fit, "cholesky"), residuals(fit, "pearson"))


def test_without_tau2_deleted_residuals_have_a_closed_form():
    """e/(1 − h), of variance v/(1 − h). Cook & Weisberg (1982), eq. 2.2.6"""
    fit = model(method="EE")
    found, h = rstudent(fit), hatvalues(fit)
    np.testing.assert_allclose(found.resid, residuals(fit) / (1 - h), rtol=1e-10)
    np.testing.assert_allclose(found.se, np.sqrt(DATA["vi"] / (1 - h)), rtol=1e-11)
    np.testing.assert_allclose(found.z, rstandard(fit).z, rtol=1e-10)


@pytest.mark.parametrize("options", [{}, {"weights": "w"}, {"weighted": False}])
def test_leverages(options):
    fit = model(**options)
    H = hatvalues(fit, "matrix")
    np.testing.assert_allclose(np.diag(H), hatvalues(fit), rtol=1e-11)
    np.testing.assert_allclose(H @ fit.studies.yi, fit.spec.X @ fit.beta, rtol=1e-9, atol=1e-12)
    assert hatvalues(fit).sum() == pytest.approx(fit.p)
    np.testing.assert_allclose(np.sqrt(np.diag(vcov(fit, "resid"))), rstandard(fit).se, rtol=1e-10)


def test_fitted_and_residual_covariances_add_up():
    fit = model()
    np.testing.assert_allclose(vcov(fit, "fitted") + vcov(fit, "resid"), vcov(fit, "obs"), atol=1e-14)
    np.testing.assert_array_equal(vcov(fit, "obs"), vcov(fit, "marginal"))
    assert vcov(fit) is fit.vb


def test_conditional_residuals_are_smaller_by_the_shrinkage():
    fit = model()
    left = DATA["vi"].to_numpy() / (DATA["vi"].to_numpy() + fit.tau2)
    np.testing.assert_allclose(rstandard(fit, "conditional").resid, left * residuals(fit))
    np.testing.assert_allclose(rstandard(fit, "conditional").z, rstandard(fit).z)
    with pytest.raises(OptionError, match="own weights, which has no BLUPs"):
        rstandard(model(weights="w"), "conditional")


def test_a_study_with_a_coefficient_of_its_own():
    """Nothing is left over of it, and no model without it predicts it."""
    fit = pymeta.rma("yi", "vi", mods="~ g", data=DATA.assign(g=["a"] + ["b"] * (K - 1)), method="DL")
    inside, outside = rstandard(fit), rstudent(fit)
    assert (inside.resid[0], inside.se[0]) == (0.0, 0.0)
    assert np.isnan([inside.z[0], outside.resid[0], outside.se[0], outside.z[0]]).all()
    assert np.isfinite(inside.z[1:]).all()
    assert np.isfinite(outside.z[1:]).all()


def test_two_studies_and_one():
    assert np.isfinite(rstudent(pymeta.rma([0.1, 0.9], [0.1, 0.2], method="DL")).z).all()
    assert np.isnan(rstudent(pymeta.rma([0.1], [0.1], method="EE")).z).all()


def test_unknown_types():
    for function in (residuals, rstandard, hatvalues, vcov):
        with pytest.raises(OptionError, match="type='other': no such type"):
            function(model(), "other")


def test_review_manager_5_is_not_fitted_again():
    tables = {"ai": [4, 5, 9], "bi": [16, 15, 11], "ci": [2, 9, 3], "di": [18, 11, 17]}
    with pytest.raises(OptionError, match="needs the raw data of each fit"):
        rstudent(pymeta.rma(measure="RR", method="revman5", **tables))


def test_frame_and_text():
    found = rstandard(pymeta.rma([0.1, 0.9], [0.1, 0.2], slab=["one", "two"], method="EE"))
    assert list(found.frame().columns) == ["slab", "resid", "se", "z"]
    assert str(found).splitlines() == [
        "       resid      se        z",
        "one  -0.2667  0.1826  -1.4606",
        "two   0.5333  0.3651   1.4606",
    ]


def test_accessors():
    fit = model()
    assert coef(fit) is fit.beta
    assert se(fit) is fit.se
    assert model_matrix(fit) is fit.spec.X
    assert (nobs(fit), df_residual(fit), formula(fit), formula(fit, "yi")) == (K, K - 2, "~ x", None)
    given = pymeta.rma("yi ~ x", "vi", data=DATA)
    assert (formula(given), formula(given, "yi")) == (None, "yi ~ x")
    with pytest.raises(OptionError, match="no location-scale model"):
        formula(fit, "scale")


def test_a_location_scale_model_has_fitted_values_of_its_moderators():
    table = pymeta.load_dataset("dat.raudenbush1985")
    fit = pymeta.rma("yi", "vi", mods="~ weeks", scale="~ year", data=table)
    np.testing.assert_allclose(pymeta.fitted(fit), fit.beta[0] + fit.beta[1] * table["weeks"], rtol=1e-14)
    drawn = pymeta.simulate(fit, 20_000, seed=3)
    np.testing.assert_allclose(drawn.mean(axis=1), pymeta.fitted(fit), atol=0.02)
    np.testing.assert_allclose(drawn.std(axis=1), np.sqrt(fit.studies.vi + fit.tau2), rtol=0.03)
    assert pymeta.weights(fit).sum() == pytest.approx(100.0)


def test_a_table_without_an_effect_has_no_residual():
    data = {"ai": [0, 3, 5, 0, 12], "n1i": [20, 30, 44, 25, 100], "ci": [2, 0, 8, 0, 15], "n2i": [21, 28, 40, 25, 98]}
    for result in (pymeta.rma_mh(**data, drop00=True), pymeta.rma_peto(**data)):
        assert np.isnan(pymeta.residuals(result)).tolist() == [False, False, False, True, False]
        assert pymeta.rstandard(result).slab == ("1", "2", "3", "5")
        assert pymeta.residuals(result, "pearson").tolist() == pymeta.rstandard(result).z.tolist()
        assert pymeta.residuals(result, "rstudent").tolist() == pymeta.rstudent(result).z.tolist()
        assert pymeta.df_residual(result) == 4
        assert pymeta.model_matrix(result).tolist() == [[1.0]] * 5
        with pytest.raises(pymeta.OptionError, match="cholesky"):
            pymeta.residuals(result, "cholesky")
