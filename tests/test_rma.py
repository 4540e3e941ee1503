"""rma's arguments: what they may be, what they do, and what is said where they cannot be."""

import copy
import json
import pickle

import numpy as np
import pandas as pd
import pytest

import pymeta
from pymeta.errors import DataError, OptionError

BCG = pymeta.escalc("RR", ai="tpos", bi="tneg", ci="cpos", di="cneg", data=pymeta.load_dataset("dat.bcg"))


def fit(**options):
    return pymeta.rma("yi", "vi", data=BCG, **options)


def same(one, other):
    np.testing.assert_array_equal(one.beta, other.beta)
    np.testing.assert_array_equal(one.vb, other.vb)
    assert one.tau2 == other.tau2


def test_the_ways_to_give_effects_and_moderators_are_one():
    whole = fit(mods="~ ablat + year")
    yi, vi = BCG["yi"].to_numpy(), BCG["vi"].to_numpy()
    same(pymeta.rma("yi ~ ablat + year", "vi", data=BCG), whole)
    same(pymeta.rma(yi, vi, mods=BCG[["ablat", "year"]]), whole)
    same(pymeta.rma(yi, vi, mods=np.column_stack([BCG["ablat"], BCG["year"]])), whole)
    same(pymeta.rma(BCG, mods="~ ablat + year"), whole)
    np.testing.assert_allclose(pymeta.rma(yi, sei=np.sqrt(vi), mods="~ ablat + year", data=BCG).beta, whole.beta, rtol=1e-12)
    raw = pymeta.rma(measure="RR", ai="tpos", bi="tneg", ci="cpos", di="cneg", data=BCG, mods="~ ablat + year")
    same(raw, whole)
    assert whole.names == ("intrcpt", "ablat", "year")


def test_the_frame_of_escalc_tells_the_measure():
    assert pymeta.rma(BCG).spec.measure == fit().spec.measure == "RR"
    assert pymeta.rma(BCG["yi"], BCG["vi"]).spec.measure == "GEN"


def test_subset_weights_and_missing_values():
    mask = (BCG["alloc"] == "random").to_numpy()
    some = fit(subset=mask, mods="~ ablat")
    same(some, fit(subset=np.flatnonzero(mask), mods="~ ablat"))
    assert some.k == 7
    assert some.studies.rows.tolist() == np.flatnonzero(mask).tolist()
    gaps = BCG.copy()
    gaps.loc[[1, 4], "ablat"] = np.nan
    less = pymeta.rma("yi", "vi", data=gaps, mods="~ ablat", weights=np.arange(1.0, 14.0))
    assert less.k == 11
    assert [(d.row, d.reason) for d in less.studies.dropped] == [
        (2, "a moderator or a weight is missing"),
        (5, "a moderator or a weight is missing"),
    ]
    assert less.spec.weights.tolist() == [1, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13]


def test_weights_of_ones_own():
    np.testing.assert_allclose(fit(weighted=False).beta[0], BCG["yi"].mean(), rtol=1e-14)
    w = np.arange(1.0, 14.0)
    np.testing.assert_allclose(fit(weights=w).beta[0], np.average(BCG["yi"], weights=w), rtol=1e-14)
    np.testing.assert_allclose(pymeta.weights(fit(weights=w)), 100 * w / w.sum())
    one = np.where(np.arange(13) == 2, 1.0, 0.0)
    assert fit(weights=one).beta[0] == pytest.approx(BCG["yi"].iloc[2], rel=1e-14)


def test_redundant_moderators_are_left_out_and_named():
    found = fit(mods="~ ablat + I(2 * ablat) + year")
    assert found.names == ("intrcpt", "ablat", "year")
    assert found.notes == ("redundant moderators left out: I(2 * ablat)",)


def test_btt():
    model = "~ ablat + alloc"
    assert fit(mods=model).btt == (1, 2, 3)
    assert fit(mods=model, btt="alloc").btt == fit(mods=model, btt=[3, 2]).btt == (2, 3)
    assert fit(mods="~ alloc - 1").btt == (0, 1, 2)
    assert fit(mods=model, btt="alloc", test="knha").QMdf == (2, 9.0)


def test_methods_in_turn_and_tau2_given():
    assert fit(method=["REML", "DL"]).spec.method == "REML"
    given = fit(tau2=0.25)
    assert (given.tau2, given.parms) == (0.25, 1)
    assert fit(tau2=0.25, method="FE").tau2 == 0.0


def test_one_study_and_as_many_coefficients_as_studies():
    alone = fit(subset=[0], test="knha")
    assert (alone.k, alone.test, alone.tau2, alone.QE) == (1, "z", 0.0, 0.0)
    with pytest.raises(DataError, match="2 studies cannot carry 2 coefficients and tau\\^2"):
        fit(subset=[0, 1], mods="~ ablat")
    exact = fit(subset=[0, 1], mods="~ ablat", method="FE")
    np.testing.assert_allclose(exact.spec.X @ exact.beta, exact.studies.yi, rtol=1e-12)


def test_review_manager_of_2025_is_reml_with_hartung_and_knapp():
    same(fit(method="revman"), fit(method="REML", test="hksj"))
    assert fit(method="revman").test == "knha"


REFUSED = [
    ({"method": "RMEL"}, OptionError, "Did you mean 'REML'"),
    ({"method": ["REML", "revman5"]}, OptionError, "several estimators"),
    ({"test": "khna"}, OptionError, "Did you mean 'knha'"),
    ({"weights": -np.arange(13.0)}, DataError, "weights, row 2: -1 is no weight"),
    ({"weights": np.zeros(13)}, DataError, "weights: all are 0"),
    ({"weights": [1.0, 2.0]}, DataError, "weights: 2 values for 13 studies"),
    ({"tau2": -0.1}, OptionError, "tau2=-0.1"),
    ({"btt": 7}, OptionError, "no coefficient 7"),
    ({"btt": "alocation"}, OptionError, "btt='alocation'"),
    ({"mods": "~ ablatt"}, (OptionError, DataError), "ablatt"),
    ({"subset": np.zeros(13, dtype=bool)}, DataError, "no studies left"),
    ({"method": "GENQ"}, OptionError, "needs weights"),
    ({"weighted": "yes"}, OptionError, "weighted='yes'"),
    ({"scal": "~ ablat"}, OptionError, "scal"),
]


@pytest.mark.parametrize(("options", "kind", "words"), REFUSED)
def test_what_cannot_be_is_refused_with_a_way_out(options, kind, words):
    with pytest.raises(kind, match=words.replace("(", "\\(")):
        fit(**options)


def test_a_formula_in_yi_and_moderators_beside_it():
    with pytest.raises(OptionError, match="leave mods= out"):
        pymeta.rma("yi ~ ablat", "vi", data=BCG, mods="~ year")


def test_results_travel():
    found = fit(mods="~ ablat + alloc", test="knha")
    for twin in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
        assert twin.to_json() == found.to_json()
    numbers = json.loads(found.to_json())
    assert numbers["coefficients"][1]["term"] == "ablat"
    assert numbers["coefficients"][1]["beta"] == found.beta[1]
    assert numbers["ddf"] == 9.0
    assert json.loads(fit(method="EE").to_json())["se_tau2"] is None


def test_tables_of_results():
    found = fit(mods="~ ablat")
    table = found.augment()
    np.testing.assert_allclose(table["fitted"] + table["resid"], BCG["yi"], rtol=1e-14)
    assert table["weight"].sum() == pytest.approx(100)
    assert list(found.tidy()["term"]) == ["intrcpt", "ablat"]
    hostile = pd.DataFrame({"yi": [0.1, 0.3, 0.2], "vi": [0.1, 0.2, 0.1], "x_1<b>": [1.0, 2.0, 4.0]})
    shown = pymeta.rma("yi", "vi", data=hostile, mods=hostile[["x_1<b>"]])
    assert "<b>" not in shown._repr_html_()
    assert r"x\_1<b>" in shown.to_latex()


def test_a_scale_model_and_what_is_asked_of_it():
    found = fit(mods="~ ablat", scale="~ ablat")
    assert isinstance(found, pymeta.LocationScaleResult)
    plain = fit(mods="~ ablat")
    flat = fit(mods="~ ablat", scale="~ 1")
    np.testing.assert_allclose(flat.beta, plain.beta, rtol=1e-8)
    np.testing.assert_allclose(np.exp(flat.alpha[0]), plain.tau2, rtol=1e-8)
    test = pymeta.anova(found, flat)
    assert test.pval > 0.9
    assert pymeta.anova(found, att="ablat").btt == (1,)
    assert len(pymeta.predict(found).pred) == 13
    assert pymeta.predict(found, newscale=[[1.0, 30.0]], transf="exp").pred[0] > 0
    with pytest.raises(OptionError, match="no scale part"):
        pymeta.anova(plain, att=[0])
    with pytest.raises(OptionError, match="location-scale models are fitted by"):
        fit(scale="~ ablat", method="DL")


def test_predictions_of_a_robust_fit_have_its_standard_errors():
    robust = pymeta.robust(fit(), cluster=BCG["alloc"])
    assert pymeta.predict(robust).se[0] == pytest.approx(robust.se[0], rel=1e-14)


def test_without_an_intercept_q_is_the_weighted_regressions():
    """metafor has 209.686, Q of yi − mean(yi): DIV-050; R's lm(yi ~ ablat - 1, weights = 1/vi) has 48.702."""
    found = fit(mods="~ ablat - 1", method="FE")
    x, y, w = BCG["ablat"].to_numpy(float), BCG["yi"].to_numpy(), 1.0 / BCG["vi"].to_numpy()
    slope = (w * x * y).sum() / (w * x * x).sum()
    assert pytest.approx((w * (y - slope * x) ** 2).sum(), rel=1e-12) == found.QE
    assert round(found.QE, 3) == 48.702
