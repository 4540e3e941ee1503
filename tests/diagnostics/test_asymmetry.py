"""What ranktest and regtest refuse, and what follows from one another."""

import numpy as np
import pytest

import pymeta

YI = np.array([0.10, 0.35, -0.20, 0.60, 0.05, 0.90])
VI = np.array([0.01, 0.04, 0.02, 0.09, 0.03, 0.16])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"x": YI[:2], "vi": VI[:2]}, "2 studies"),
        ({"x": YI}, "vi or sei"),
        ({"x": YI, "vi": VI, "sei": VI}, "vi or sei"),
        ({"x": YI, "vi": VI[:3]}, "3 variances for 6 effects"),
        ({"x": YI, "vi": -VI}, "above 0"),
        ({"x": YI, "vi": np.full(6, 0.1)}, "the same sei"),
        ({"x": YI, "vi": VI, "predictor": "ni"}, "give ni="),
        ({"x": YI, "vi": VI, "predictor": "ni", "ni": [10, 20, 0, 30, 40, 50]}, "above 0"),
        ({"x": YI, "vi": VI, "predictor": "size"}, "size"),
        ({"x": YI, "vi": VI, "model": "glm"}, "glm"),
    ],
)
def test_what_regtest_refuses(given, said):
    with pytest.raises(pymeta.PymetaError, match=said):
        pymeta.regtest(**given)


def test_a_predictor_that_is_in_the_model_already():
    fit = pymeta.rma(YI, VI, mods=np.sqrt(VI))
    for model in ("rma", "lm"):
        with pytest.raises(pymeta.PymetaError, match="combination"):
            pymeta.regtest(fit, model=model)


def test_ranks_know_no_moderators():
    with pytest.raises(pymeta.PymetaError, match="moderators"):
        pymeta.ranktest(pymeta.rma(YI, VI, mods=np.arange(6.0)))


def test_a_study_without_a_number_is_left_out():
    whole = pymeta.regtest(np.append(YI, np.nan), np.append(VI, 0.1), predictor="ni", ni=np.arange(10.0, 17.0))
    assert whole.zval == pymeta.regtest(YI, VI, predictor="ni", ni=np.arange(10.0, 16.0)).zval


def test_the_sign_of_the_effects_does_not_change_the_p_value():
    for test in (pymeta.ranktest, pymeta.regtest):
        assert test(-YI, VI).pval == pytest.approx(test(YI, VI).pval, rel=1e-12)


def test_egger_by_least_squares_is_his_regression_of_z_on_precision():
    """Egger et al. (1997) regress yi/sei on 1/sei; its intercept is our slope."""
    sei = np.sqrt(VI)
    X = np.column_stack([np.ones(6), 1.0 / sei])
    b, ss, *_ = np.linalg.lstsq(X, YI / sei, rcond=None)
    se = np.sqrt(np.linalg.inv(X.T @ X)[0, 0] * ss[0] / 4.0)
    found = pymeta.regtest(YI, VI, model="lm")
    assert found.zval == pytest.approx(b[0] / se, rel=1e-10)
    assert found.est == pytest.approx(b[1], rel=1e-10)


def test_what_is_printed():
    assert str(pymeta.regtest(YI, VI, model="lm")).splitlines()[2:4] == [
        "Model:     weighted regression with multiplicative dispersion",
        "Predictor: sei",
    ]
    assert "Kendall's tau = " in str(pymeta.ranktest(YI, VI))
    assert list(pymeta.ranktest(YI, VI).frame().columns) == ["tau", "pval", "exact", "k"]
    assert len(pymeta.regtest(YI, VI).frame()) == 1
