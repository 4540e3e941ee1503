"""What fsn refuses, what it says of examples, and what follows from its definition."""

import numpy as np
import pytest

import pymeta
from pymeta.diagnostics.failsafe import together

YI = np.array([0.10, 0.35, -0.20, 0.60, 0.05, 0.90])
VI = np.array([0.01, 0.04, 0.02, 0.09, 0.03, 0.16])
EQUAL = np.full(6, 0.04)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"x": YI[:1], "vi": VI[:1]}, "1 studies"),
        ({"x": YI[:1], "type": "Orwin"}, "1 studies"),
        ({"x": YI}, "vi or sei"),
        ({"x": YI, "vi": VI, "type": "Rosenthal", "alpha": 0.5}, "below 0.5"),
        ({"x": YI, "vi": VI, "type": "Rosenberg", "alpha": 5}, "alpha=5"),
        ({"x": YI, "vi": VI, "type": "Rosental"}, "Did you mean 'Rosenthal'"),
        ({"x": YI, "vi": VI, "type": "General", "method": "GENQ"}, "GENQ"),
        ({"x": YI, "vi": VI, "type": "Orwin", "target": np.nan}, "target=nan"),
        ({"x": pymeta.rma(YI, VI), "type": "Orwin"}, "not a model"),
        ({"x": pymeta.rma(YI, VI, mods=np.arange(6.0))}, "moderators"),
        ({"x": pymeta.rma(YI, VI, weights=np.arange(1.0, 7.0))}, "weights of a person's own"),
        ({"x": pymeta.robust(pymeta.rma(YI, VI), np.arange(6))}, "robust"),
        ({"x": pymeta.rma_peto(ai=[3, 4], bi=[9, 8], ci=[1, 2], di=[9, 9])}, "PetoResult"),
    ],
)
def test_what_is_refused(given, said):
    with pytest.raises(pymeta.PymetaError, match=said):
        pymeta.fsn(**given)


def test_orwin_s_half_is_as_many_as_there_are():
    assert pymeta.fsn(YI, type="Orwin").fsnum == 6
    assert pymeta.fsn(YI, VI, type="Orwin").fsnum == 6


def test_orwin_s_example():
    """Orwin (1983): k (mean - target) / target; 10 studies of 0.6 need 20 others to come down to 0.2."""
    assert pymeta.fsn(np.full(10, 0.6), type="Orwin", target=0.2).fsnum == 20


def test_rosenthal_by_hand():
    """Rosenthal (1979): (sum z)²/2.706 - k."""
    z = YI / np.sqrt(VI)
    assert pymeta.fsn(YI, VI).fsnum == np.ceil(z.sum() ** 2 / 2.7055 - 6)


def test_nothing_to_overturn():
    for kind in ("Rosenthal", "Rosenberg", "General"):
        assert pymeta.fsn(YI / 100, VI, type=kind).fsnum == 0
    assert pymeta.fsn(YI, VI, type="Orwin", target=5).fsnum == 0
    assert pymeta.fsn(YI * 0.0, VI, type="Orwin").fsnum == 0


def test_no_number_brings_an_average_to_nothing():
    for kind in ("Orwin", "General"):
        found = pymeta.fsn(YI, VI, type=kind, target=0)
        assert found.fsnum == np.inf
        assert "Fail-safe N: Inf" in str(found)


def test_a_number_too_large_to_count():
    found = pymeta.fsn(YI, VI, type="General", method="EE", target=1e-9)
    assert found.capped
    assert str(found).endswith(">10000000")


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("aim", [{}, {"alpha": 0.2}, {"target": 0.1}])
def test_general_is_the_least_number_that_does(exact, aim):
    found = pymeta.fsn(YI + 0.3, VI, type="General", method="DL", exact=exact, **aim)
    alpha, target = found.alpha, found.target
    one_less = together(found.fits[0], int(found.fsnum) - 1, exact)
    if target is None:
        assert one_less.pval < alpha <= found.pval_fsn
    else:
        assert found.est_fsn <= target < one_less.est


def test_general_of_equal_effects_is_rosenberg_s_and_orwin_s():
    for exact in (False, True):
        given = {"type": "General", "method": "EE", "exact": exact}
        assert pymeta.fsn(YI, VI, **given).fsnum == pymeta.fsn(YI, VI, type="Rosenberg").fsnum
        assert pymeta.fsn(YI, VI, target=0.05, **given).fsnum == pymeta.fsn(YI, VI, type="Orwin", target=0.05).fsnum


def test_the_approximation_of_equal_variances():
    """tau² of all studies is the variance of their true effects, of the studies and of the drawer, about one mean."""
    found = pymeta.fsn(YI, EQUAL, type="General", target=0.1)
    n, t2 = found.fsnum, found.tau2
    between = 6 * n / (6 + n) * YI.mean() ** 2
    assert found.tau2_fsn == pytest.approx(((n + 4) * t2 + between) / (n + 5), rel=1e-12)


def test_signs_do_not_matter():
    for kind in ("Rosenthal", "Orwin", "Rosenberg", "General"):
        one, other = pymeta.fsn(YI, VI, type=kind), pymeta.fsn(-YI, VI, type=kind)
        assert one.fsnum == other.fsnum
    assert pymeta.fsn(YI, VI, type="Orwin", target=-0.1).target == 0.1


def test_a_model_s_own_test_and_method():
    fit = pymeta.rma(YI, VI, method="DL", test="knha")
    found = pymeta.fsn(fit, alpha=0.5)
    assert (found.exact, found.method) == (True, "DL")
    assert found.pval == fit.pval[0]
    assert pymeta.fsn(fit, alpha=0.5, method="EE").method == "EE"
    assert pymeta.fsn(pymeta.rma(YI, VI, tau2=0.1), alpha=0.5).tau2_fsn == 0.1


def test_what_is_printed():
    lines = str(pymeta.fsn(-YI - 0.5, VI, type="General")).splitlines()
    assert lines[0] == "Fail-safe N Calculation Using the General Approach"
    assert lines[2].startswith("Average Effect Size:         -0.")
    assert lines[3].startswith("Amount of Heterogeneity:      0.")
    assert lines[-3].startswith("Target Significance Level:    0.05")
    assert len(pymeta.fsn(YI, VI).frame()) == 1
