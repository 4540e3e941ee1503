"""predict: moderators as they are given, kinds of intervals, other scales; digits that moderators such as years cost R."""

import mpmath as mp
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import pymeta
from pymeta.errors import DataError, OptionError
from pymeta.generics.predict import fitted, predict
from tests import referee
from tests.parity.uni_grid import data_of

BCG = pd.DataFrame(data_of("dat.bcg"))


def fit(mods=None, **options):
    return pymeta.rma("yi", "vi", data=BCG, mods=mods, **options)


def same(one, other):
    for name in ("pred", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-13, err_msg=name)


PLAIN, ONE, TWO = fit(), fit("~ x1"), fit("~ x1 + g", test="knha")
CURVE = fit("~ I(x1^2) + I(x1^3)")
ROWS = np.array([[30.0, 1.0, 0.0], [31.0, 1.0, 0.0]])


def test_without_moderators_there_is_one_prediction():
    found = predict(PLAIN)
    assert (len(found), found.slab) == (1, ("",))
    assert found.pred[0] == PLAIN.beta[0]
    assert str(found).splitlines() == [
        "     pred      se    ci.lb    ci.ub    pi.lb   pi.ub",
        "  -0.7145  0.1798  -1.0669  -0.3622  -1.8667  0.4376",
    ]


def test_with_moderators_there_is_one_a_study():
    found = predict(ONE)
    assert found.slab == ONE.studies.slab
    np.testing.assert_array_equal(found.pred, fitted(ONE))


def test_a_vector_is_many_predictions_of_one_moderator_and_one_of_several():
    assert len(predict(ONE, [10, 20, 30])) == 3
    assert len(predict(TWO, [30, 1, 0])) == 1
    same(predict(TWO, [30, 1, 0]), predict(TWO, ROWS[:1]))


def test_moderators_by_name_or_by_variable():
    by_place = predict(TWO, ROWS)
    same(predict(TWO, {"gsys": 0, "gran": [1, 1], "x1": [30, 31]}), by_place)
    same(predict(TWO, pd.DataFrame({"x1": [30, 31], "grandom": 1, "gsystematic": 0})), by_place)
    same(predict(TWO, newdata={"x1": [30, 31], "g": ["random", "random"]}), by_place)
    same(predict(TWO, pd.Series({"gsys": 0, "gran": 1, "x1": 30})), predict(TWO, ROWS[:1]))
    same(predict(TWO, pd.Series(ROWS[0])), predict(TWO, ROWS[:1]))


def test_the_index_of_one_moderators_values_is_of_labels():
    same(predict(ONE, pd.Series([10.0, 20.0], ["a", "b"])), predict(ONE, [10.0, 20.0]))


def test_a_location_scale_model_reads_a_series_by_name():
    model = fit("~ x1 + x2", scale="~ x2 + x1")
    named = predict(model, newmods=pd.Series({"x2": -30.0, "x1": 30.0}), newscale=pd.Series({"x1": 30.0, "x2": -30.0}))
    same(named, predict(model, newmods=[30.0, -30.0], newscale=[-30.0, 30.0]))
    with pytest.raises(OptionError, match="newscale='y': no such column"):
        predict(model, newscale=pd.Series({"y": 1.0, "x1": 2.0}))


def test_a_polynomial_by_its_variable():
    curve = fit("~ x1 + I(x1^2)")
    same(predict(curve, newdata={"x1": [10.0, 20.0]}), predict(curve, [[10.0, 100.0], [20.0, 400.0]]))


def test_the_intercept_is_added_unless_told_otherwise():
    slope = predict(ONE, [10.0], intercept=False)
    assert slope.pred[0] == pytest.approx(10.0 * ONE.beta[1], rel=1e-14)
    same(predict(ONE, [[0.0, 10.0]]), slope)
    same(predict(ONE, [[1.0, 10.0]]), predict(ONE, [10.0]))


@pytest.mark.parametrize(
    ("model", "options", "text"),
    [
        (PLAIN, {"newmods": [1.0]}, "newmods: the model has no moderators"),
        (ONE, {"newmods": [[1.0, 2.0, 3.0]]}, "makes 4 columns where the model has 2"),
        (TWO, {"newmods": [30.0, 1.0]}, "makes 3 columns where the model has 4"),
        (ONE, {"newmods": ["a"]}, "needs numbers; for levels of a factor use newdata="),
        (TWO, {"newmods": {"x1": 1, "gran": 1}}, "no values for gsystematic"),
        (TWO, {"newmods": {"x1": 1, "g": 1, "gran": 0}}, "'grandom' is given twice, also as 'gran'"),
        (TWO, {"newmods": {"": 1}}, "no values for grandom, gsystematic"),
        (CURVE, {"newmods": {"^": 1, "x": 1}}, "'\\^' may be I\\(x1\\^2\\) or I\\(x1\\^3\\)"),
        (TWO, {"newmods": pd.Series({"x1": 1, "gran": 1, "foo": 0})}, "newmods='foo': no such column of the design"),
        (TWO, {"newmods": pd.Series({"x1": 1, "gran": 1})}, "no values for gsystematic"),
        (TWO, {"newmods": pd.Series([1, 1, 1], ["x1", "gran", "x1"])}, "'x1' is given twice"),
        (TWO, {"newmods": pd.Series({"intrcpt": 1, "x1": 1, "gran": 1, "gsys": 0})}, "newmods='intrcpt': no such column"),
        (TWO, {"newmods": {"foo": 1}}, "newmods='foo': no such column of the design; allowed: x1, grandom"),
        (TWO, {"newmods": {"x1": 1, "x": 1}}, "'x1' is given twice"),
        (ONE, {"newmods": [1.0], "newdata": {"x1": 1}}, "give one of them"),
        (ONE, {"newmods": [1.0], "intercept": "no"}, "intercept='no': needs True or False"),
        (ONE, {"predtype": "rily"}, "predtype='rily': no such kind of prediction interval.*Did you mean 'riley'"),
        (ONE, {"prob": "0"}, "prob='0': needs a sign and a number"),
        (ONE, {"prob": "<0 & >1"}, "needs a sign and a number"),
        (ONE, {"hetvar": -1.0}, "hetvar=-1.0: needs a variance"),
        (ONE, {"newvi": [1.0, 2.0]}, "newvi=.*for all predictions, or one for each of 13"),
        (ONE, {"level": 101}, "level=101: needs a percentage"),
        (ONE, {"transf": "expo"}, "transf='expo': no such transformation.*Did you mean 'exp'"),
        (ONE, {"transf": float}, "needs a function of arrays"),
        (ONE, {"transf": np.sum}, "gives 1 numbers for 13"),
        (ONE, {"slab": ["a"]}, "needs one label a prediction, 13"),
    ],
)
def test_what_does_not_fit_is_refused(model, options, text):
    with pytest.raises(OptionError, match=text):
        predict(model, **options)


def test_a_missing_value_is_refused_with_its_row():
    with pytest.raises(DataError, match="newmods, row 2: a value is missing"):
        predict(ONE, [1.0, np.nan])


def test_kinds_of_prediction_intervals():
    k, tau2, se = PLAIN.k, PLAIN.tau2, PLAIN.se[0]
    wide = np.sqrt(se**2 + tau2)
    half = {
        "default": stats.norm.isf(0.025) * wide,
        "simple": stats.norm.isf(0.025) * np.sqrt(tau2),
        "t": stats.t.isf(0.025, k - 1) * wide,
        "Riley": stats.t.isf(0.025, k - 2) * wide,
    }
    for kind, reach in half.items():
        found = predict(PLAIN, predtype=kind)
        assert found.pi_ub[0] - found.pred[0] == pytest.approx(reach, rel=1e-12), kind
        same_ci = predict(PLAIN)
        assert (found.ci_lb[0], found.ci_ub[0]) == (same_ci.ci_lb[0], same_ci.ci_ub[0])


def test_two_studies_leave_one_degree_of_freedom_to_riley():
    assert predict(pymeta.rma([0.1, 0.5], [0.2, 0.1]), predtype="riley").pi_ddf == 1.0


def test_models_without_tau2_have_no_prediction_interval():
    found = predict(fit(method="EE"), prob="<-0.4")
    assert found.pi_lb is None
    assert "pi.lb" not in str(found)
    assert found.prob[0] == pytest.approx(stats.norm.cdf((-0.4 - found.pred[0]) / found.se[0]), rel=1e-13)


def test_probabilities_have_digits_in_both_tails():
    far = predict(PLAIN, prob=">10").prob[0]
    assert far == pytest.approx(stats.norm.sf(10, PLAIN.beta[0], np.sqrt(PLAIN.se[0] ** 2 + PLAIN.tau2)), rel=1e-11)
    assert predict(PLAIN, prob="< (1e1)").prob[0] == 1.0 - far
    assert predict(PLAIN, prob="<0", transf="exp").prob[0] == predict(PLAIN, prob="<=0").prob[0]


def test_level_and_bonferroni():
    same(predict(ONE, [1.0, 2.0], adjust=True), predict(ONE, [1.0, 2.0], level=97.5))
    same(predict(ONE, [1.0], level=0.8), predict(ONE, [1.0], level=80))


def test_another_scale_orders_the_bounds_and_has_no_standard_error():
    ours, plain = predict(PLAIN, transf=lambda x: -x), predict(PLAIN)
    assert np.isnan(ours.se).all()
    assert (ours.ci_lb[0], ours.pi_ub[0]) == (-plain.ci_ub[0], -plain.pi_lb[0])
    assert "se" not in ours.frame()
    assert predict(PLAIN, transf="ztor").pred[0] == np.tanh(plain.pred[0]) == predict(PLAIN, transf="transf.ztor").pred[0]


def test_a_mean_on_another_scale_takes_the_models_tau2_and_has_no_prediction_interval():
    found = predict(PLAIN, transf=pymeta.transf_exp_int)
    assert found.pi_lb is None
    assert found.pred[0] == pytest.approx(np.exp(PLAIN.beta[0] + PLAIN.tau2 / 2), rel=1e-14)
    assert predict(PLAIN, transf="exp_int", targs=0.0).pred[0] == pytest.approx(np.exp(PLAIN.beta[0]), rel=1e-14)


def test_covariance_and_the_frame():
    found = predict(ONE, [10.0, 20.0], vcov=True, addx=True, slab=["low", "high"])
    np.testing.assert_allclose(np.sqrt(np.diag(found.vcov)), found.se, rtol=1e-12)
    assert list(found.frame().columns)[-2:] == ["X.intrcpt", "X.x1"]
    assert list(found.frame().index) == ["low", "high"]
    with pytest.raises(ValueError, match="read-only"):
        found.pred[0] = 1.0


def test_mantel_haenszel_estimates_are_predicted_too():
    tables = {"ai": [4, 6, 3], "bi": [119, 300, 228], "ci": [11, 29, 11], "di": [128, 274, 209]}
    result = pymeta.rma_mh(**tables)
    found = predict(result)
    assert (found.ci_lb[0], found.ci_ub[0]) == pytest.approx((result.ci_lb[0], result.ci_ub[0]), rel=1e-14)
    assert found.pi_lb is None
    np.testing.assert_array_equal(fitted(result), np.full(3, result.beta[0]))


def test_what_is_no_model_is_refused():
    with pytest.raises(OptionError, match="needs a fitted model"):
        predict({"beta": 1})


@pytest.mark.parametrize("options", [{"method": "EE"}, {"method": "DL"}, {"method": "EE", "weights": "w"}])
@pytest.mark.parametrize("name", ["dat.bcg", "dat.berkey1998", "dat.egger2001", "dat.hart1999"])
def test_years_as_moderators_cost_no_digits(name, options):
    """R has 8 to 11 digits of these; the referee, given the same tau2, says that pymeta has 13 (of se) and 12 (of pred)."""
    columns = pd.DataFrame(data_of(name))
    years = [x for x in ("x1", "x2") if x in columns]
    result = pymeta.rma("yi", "vi", data=columns, mods="~ " + " + ".join(years), **options)
    found = predict(result)
    X = mp.matrix([[mp.mpf(float(x)) for x in row] for row in result.spec.X])
    variances = [v + mp.mpf(result.tau2) for v in referee.exact(result.studies.vi)]
    w = referee.exact(columns["w"]) if "weights" in options else [1 / v for v in variances]
    M, A = mp.diag(variances), mp.diag(w)
    spread = mp.inverse(X.T * A * X) * X.T * A
    beta, vb = spread * mp.matrix(referee.exact(result.studies.yi)), spread * M * spread.T
    for i in range(result.k):
        x = X[i, :]
        se = mp.sqrt((x * vb * x.T)[0])
        assert abs(mp.mpf(float(found.se[i])) / se - 1) < 1e-13
        assert abs(mp.mpf(float(found.pred[i])) - (x * beta)[0]) < 1e-11 * se
