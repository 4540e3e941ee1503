"""What trimfill refuses, and what follows from its definition."""

import numpy as np
import pytest

import pymeta
from pymeta.diagnostics.trimfill import _missing

YI = np.array([0.10, 0.35, -0.20, 0.60, 0.05, 0.90, 1.40])
VI = np.array([0.01, 0.04, 0.02, 0.09, 0.03, 0.16, 0.25])
FIT = pymeta.rma(YI, VI, method="EE")


@pytest.mark.parametrize(
    ("fit", "given", "said"),
    [
        (YI, {}, "ndarray"),
        (pymeta.rma_peto(ai=[3, 4], bi=[9, 8], ci=[1, 2], di=[9, 9]), {}, "PetoResult"),
        (pymeta.robust(FIT, np.arange(7)), {}, "RobustResult"),
        (pymeta.rma(YI, VI, mods=np.arange(7.0)), {}, "moderators"),
        (pymeta.rma(YI[:1], VI[:1]), {}, "1 study"),
        (pymeta.rma(YI, np.full(7, 0.1)), {}, "give side="),
        (pymeta.rma(YI[:2], VI[:2]), {}, "give side="),
        (FIT, {"side": "up"}, "up"),
        (FIT, {"estimator": "L1"}, "Did you mean"),
        (FIT, {"ilim": (1, -1)}, "ilim"),
        (FIT, {"ilim": (1,)}, "ilim"),
        (FIT, {"maxiter": 1}, "after 1 rounds"),
    ],
)
def test_what_is_refused(fit, given, said):
    with pytest.raises(pymeta.PymetaError, match=said):
        pymeta.trimfill(fit, **given)


def test_ranks_by_hand():
    """Ranks of sizes 1..5 with signs - - + + +: T = 3 + 4 + 5 = 12, a run of 3 at the end."""
    deviations = np.array([-0.2, -0.1, 0.3, 0.4, 0.5])
    assert _missing(deviations, "R0") == 2
    assert _missing(deviations, "L0") == pytest.approx((4 * 12 - 30) / 9)
    assert _missing(deviations, "Q0") == pytest.approx(4.5 - np.sqrt(50 - 48 + 0.25))


def test_no_number_where_there_is_none():
    with pytest.raises(pymeta.ConvergenceError, match="Q0"):
        _missing(np.arange(1.0, 6.0), "Q0")


def test_filled_studies_mirror_the_largest():
    found = pymeta.trimfill(FIT, side="left")
    assert found.k0 == found.fill.sum() == 2
    assert found.k == 9
    pairs = found.studies.yi[found.fill] + np.sort(YI)[-2:]
    assert np.ptp(pairs) < 1e-14  # twice the trimmed average, each
    assert found.beta[0] == pytest.approx(pairs[0] / 2.0, abs=1e-12)
    assert found.studies.slab[-2:] == ("Filled 1", "Filled 2")


@pytest.mark.parametrize("estimator", ["L0", "R0", "Q0"])
def test_signs_swap_the_sides(estimator):
    yi = np.where(YI == 0.9, -0.9, YI)  # else there is no Q0
    left = pymeta.trimfill(pymeta.rma(yi, VI, method="EE"), side="left", estimator=estimator)
    right = pymeta.trimfill(pymeta.rma(-yi, VI, method="EE"), side="right", estimator=estimator)
    assert (left.k0, left.se_k0, left.p_k0) == (right.k0, right.se_k0, right.p_k0)
    assert left.beta[0] == pytest.approx(-right.beta[0], rel=1e-12)
    assert pymeta.trimfill(FIT).side == "left"
    assert pymeta.trimfill(pymeta.rma(-YI, VI, method="EE")).side == "right"


def test_the_model_is_the_same_but_for_its_studies():
    fit = pymeta.rma(YI, VI, tau2=0.1, test="knha", level=90)
    found = pymeta.trimfill(fit, side="left")
    assert found.k0 > 0
    assert (found.tau2, found.test, found.spec.level) == (0.1, "knha", 90)
    again = pymeta.rma(found.studies.yi, found.studies.vi, tau2=0.1, test="knha", level=90)
    assert found.ci_lb[0] == again.ci_lb[0]


def test_own_weights_are_filled_too():
    found = pymeta.trimfill(pymeta.rma(YI, VI, weights=1.0 / VI), side="left")
    assert found.k0 == 2
    assert found.spec.weights[found.fill].tolist() == (1.0 / VI[[5, 6]]).tolist()


def test_limits_hold_filled_effects_alone():
    found = pymeta.trimfill(FIT, side="left", ilim=(-0.5, 0.5))
    assert found.studies.yi[found.fill].min() == -0.5
    assert found.studies.yi[~found.fill].max() == 1.4


def test_what_is_printed():
    assert str(pymeta.trimfill(FIT)).startswith("Estimated number of missing studies on the left side: 2 (SE = ")
    lines = pymeta.trimfill(FIT, estimator="R0").summary().splitlines()
    assert lines[1].startswith("Test of H0: no missing studies on the left side:      p-val = 0.")
    assert lines[0].index(": ") < lines[1].index("p-val")


def test_rounds_are_printed_on_request(capsys):
    """As metafor prints them of the same data."""
    data = pymeta.load_dataset("dat.bcg")
    fit = pymeta.rma(measure="RR", ai="tpos", bi="tneg", ci="cpos", di="cneg", data=data)
    pymeta.trimfill(fit, verbose=True)
    assert capsys.readouterr().out.splitlines() == [
        "Iteration: 1    missing = 1   beta = -0.7145",
        "Iteration: 2    missing = 1   beta = -0.6552",
    ]
    pymeta.trimfill(fit)
    assert capsys.readouterr().out == ""
