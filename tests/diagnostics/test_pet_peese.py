"""What pet_peese refuses, and what follows from one another."""

import numpy as np
import pytest

import pymeta

YI = np.array([0.10, 0.35, -0.20, 0.60, 0.05, 0.90])
VI = np.array([0.01, 0.04, 0.02, 0.09, 0.03, 0.16])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"object": YI[:2], "vi": VI[:2]}, "2 studies"),
        ({"object": YI}, "vi or sei"),
        ({"object": YI, "vi": -VI}, "above 0"),
        ({"object": YI, "vi": np.full(6, 0.1)}, "as precise"),
        ({"object": 0.2 + 0.5 * np.sqrt(VI), "vi": VI}, "no dispersion"),
        ({"object": np.zeros(6), "vi": VI}, "no dispersion"),
        ({"object": YI, "vi": VI, "side": "up"}, "side"),
        ({"object": YI, "vi": VI, "test": "knha"}, "knha"),
        ({"object": YI, "vi": VI, "alpha": 1.0}, "alpha"),
        ({"object": YI, "vi": VI, "level": 100}, "level"),
        ({"object": pymeta.rma(YI, VI, mods=np.arange(6.0))}, "moderators"),
    ],
)
def test_what_it_refuses(given, said):
    with pytest.raises(pymeta.PymetaError, match=said):
        pymeta.pet_peese(**given)


def test_pet_is_eggers_regression():
    found, egger = pymeta.pet_peese(YI, VI), pymeta.regtest(YI, VI, model="lm")
    assert found.pet.zval[1] == pytest.approx(egger.zval, rel=1e-12)
    assert found.pet.beta[0] == pytest.approx(egger.est, rel=1e-12)
    assert (found.pet.ci_lb[0], found.pet.ci_ub[0]) == pytest.approx((egger.ci_lb, egger.ci_ub), rel=1e-12)


def test_peese_is_the_papers_regression_of_t_on_precision_and_standard_error():
    """Stanley & Doucouliagos (2014): t = estimate/se regressed on 1/se and se without an intercept."""
    sei = np.sqrt(VI)
    X = np.column_stack([1.0 / sei, sei])
    b, ss, *_ = np.linalg.lstsq(X, YI / sei, rcond=None)
    se = np.sqrt(np.diag(np.linalg.inv(X.T @ X)) * ss[0] / 4.0)
    found = pymeta.pet_peese(YI, VI).peese
    assert found.beta == pytest.approx(b, rel=1e-10)
    assert found.se == pytest.approx(se, rel=1e-10)


def test_a_model_gives_its_effects_and_its_level():
    of_model = pymeta.pet_peese(pymeta.rma(YI, VI, level=90))
    assert str(of_model) == str(pymeta.pet_peese(YI, sei=np.sqrt(VI), level=90))


@pytest.mark.parametrize(("shift", "side", "chosen"), [(1, "right", "PEESE"), (1, "left", "PET"), (-1, "left", "PEESE")])
def test_the_side_decides(shift, side, chosen):
    found = pymeta.pet_peese(YI + shift, VI, side=side)
    assert found.chosen == chosen
    line = found.peese if chosen == "PEESE" else found.pet
    assert (found.est, found.se, found.pval) == (line.beta[0], line.se[0], line.pval[0])
    assert (found.ci_lb, found.ci_ub) == (line.ci_lb[0], line.ci_ub[0])


def test_mirrored_effects_have_the_mirrored_answer():
    one, other = pymeta.pet_peese(YI, VI, side="left"), pymeta.pet_peese(-YI, VI, side="right")
    assert one.chosen == other.chosen
    assert one.pval_pet == pytest.approx(other.pval_pet, rel=1e-12)
    assert one.est == pytest.approx(-other.est, rel=1e-12)


def test_one_unit_is_as_good_as_another():
    one, other = pymeta.pet_peese(YI, VI), pymeta.pet_peese(10.0 * YI, 100.0 * VI)
    assert other.est == pytest.approx(10.0 * one.est, rel=1e-12)
    assert other.pet.pval == pytest.approx(one.pet.pval, rel=1e-12)


def test_what_is_printed():
    found = pymeta.pet_peese(YI, VI)
    assert [line.split(":")[0] for line in str(found).splitlines()[-3:]] == [
        "Test for Funnel Plot Asymmetry (FAT)",
        "Test of PET's Intercept > 0",
        f"Conditional Estimate ({found.chosen})",
    ]
    assert found.frame()["chosen"].sum() == 1
