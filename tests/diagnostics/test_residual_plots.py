"""What radial and qqnorm refuse, and what follows from one another."""

import numpy as np
import pytest

import pymeta

YI = np.array([0.10, 0.35, -0.20, 0.60, 0.05, 0.90])
VI = np.array([0.01, 0.04, 0.02, 0.09, 0.03, 0.16])
FIT = pymeta.rma(YI, VI)
MODERATED = pymeta.rma(YI, VI, mods=np.arange(6.0))
TABLES = {"ai": [4, 6, 0, 3], "bi": [119, 300, 50, 228], "ci": [11, 29, 0, 11], "di": [128, 274, 40, 209]}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda: pymeta.radial(MODERATED), "moderators"),
        (lambda: pymeta.radial(YI), "not for a ndarray"),
        (lambda: pymeta.radial(FIT, level=0), "level"),
        (lambda: pymeta.qqnorm(YI), "not for a ndarray"),
        (lambda: pymeta.qqnorm(FIT, type="pearson"), "pearson"),
        (lambda: pymeta.qqnorm(pymeta.rma(YI[:1], VI[:1])), "1 study"),
        (lambda: pymeta.qqnorm(pymeta.robust(FIT, cluster=np.arange(6))), "RobustResult"),
    ],
)
def test_what_they_refuse(asked, said):
    with pytest.raises(pymeta.PymetaError, match=said):
        asked()


def test_slopes_are_effects():
    found = pymeta.radial(FIT)
    assert found.y / found.x == pytest.approx(YI, rel=1e-13)
    assert found.x == pytest.approx(1.0 / np.sqrt(VI + FIT.tau2), rel=1e-14)
    assert (found.slope, found.ci_lb, found.ci_ub) == (FIT.beta[0], FIT.ci_lb[0], FIT.ci_ub[0])
    assert found.reach == pytest.approx(1.959963984540054)
    centred = pymeta.radial(FIT, center=True, level=90)
    assert centred.y == pytest.approx(found.y - FIT.beta[0] * found.x, rel=1e-12)
    assert (centred.slope, centred.reach) == (0.0, pytest.approx(1.6448536269514722))


def test_the_pooled_effect_is_the_regression_through_the_origin():
    """Galbraith (1988)."""
    found = pymeta.radial(FIT)
    assert (found.x @ found.y) / (found.x @ found.x) == pytest.approx(FIT.beta[0], rel=1e-12)


@pytest.mark.parametrize("type", ["rstandard", "rstudent"])
def test_quantiles_are_in_the_order_of_residuals(type):
    found = pymeta.qqnorm(MODERATED, type=type)
    assert np.argsort(found.x).tolist() == np.argsort(found.y).tolist()
    assert found.x.sum() == pytest.approx(0.0, abs=1e-12)
    assert found.y.tolist() == getattr(pymeta, type)(MODERATED).z.tolist()


def test_a_study_that_is_met_exactly_has_no_quantile():
    alone = pymeta.rma(YI, VI, mods=np.array([1.0, 0, 0, 0, 0, 0]))
    assert pymeta.qqnorm(alone).slab == ("2", "3", "4", "5", "6")


def test_tables_have_points_for_their_effects():
    for fit in (pymeta.rma_mh(measure="RR", **TABLES), pymeta.rma_peto(**TABLES)):
        assert len(pymeta.radial(fit).x) == len(pymeta.qqnorm(fit).x) == fit.k_yi
        assert pymeta.radial(fit).ids.tolist() == fit.studies.rows.tolist()


def test_what_is_printed():
    assert str(pymeta.radial(FIT)).startswith(f"y = {FIT.beta[0]:.4f} x (CI: ")
    assert len(str(pymeta.qqnorm(FIT)).splitlines()) == 7
    assert list(pymeta.radial(FIT).frame().columns) == ["x", "y", "ids", "slab"]
    assert list(pymeta.qqnorm(FIT).frame().columns) == ["x", "y", "slab"]
