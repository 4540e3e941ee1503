"""What pcurve refuses, what follows from one another, and its numbers once more in 30 digits."""

import mpmath as mp
import numpy as np
import pytest

import pymeta

Z = np.array([2.0, 2.3, 2.9, 3.6, 2.1, 1.0, -2.5])
ONES = np.ones(len(Z))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"x": Z, "vi": ONES, "side": "up"}, "side"),
        ({"x": Z}, "vi or sei"),
        ({"x": np.zeros(3), "vi": np.ones(3)}, "none has p < 0.05 on the right"),
        ({"x": -Z[:5], "vi": ONES[:5]}, "none has p < 0.05 on the right"),
        ({"x": pymeta.rma(Z, ONES, mods=np.arange(7.0))}, "moderators"),
    ],
)
def test_what_it_refuses(given, said):
    with pytest.raises(pymeta.PymetaError, match=said):
        pymeta.pcurve(**given)


def test_who_counts():
    found = pymeta.pcurve(Z, ONES)
    assert (found.k, found.k_sig, found.k_half) == (7, 5, 3)
    assert found.slab == ("1", "2", "3", "4", "5")
    other = pymeta.pcurve(Z, ONES, side="left")
    assert (other.k_sig, other.zval.tolist()) == (1, [2.5])


def test_a_model_a_unit_and_a_mirror_make_no_difference():
    one = str(pymeta.pcurve(Z, ONES))
    assert str(pymeta.pcurve(pymeta.rma(Z, ONES))) == one
    assert str(pymeta.pcurve(100.0 * Z, sei=100.0 * ONES)) == one
    assert str(pymeta.pcurve(-Z, ONES, side="left")).replace("left", "right") == one


@mp.workdps(30)
def test_right_skew_by_the_papers_formula():
    """Without an effect, significant p-values are uniform on (0, 0.05): pp = 20 p, and 40 p below 0.025."""
    found = pymeta.pcurve(Z, ONES)
    for times, test, values in ((20, found.right, Z[:5]), (40, found.right_half, Z[1:4])):
        pp = [times * mp.erfc(mp.mpf(float(z)) / mp.sqrt(2)) for z in values]
        score = mp.fsum(mp.sqrt(2) * mp.erfinv(2 * p - 1) for p in pp) / mp.sqrt(len(pp))
        assert test.zval == pytest.approx(float(score), rel=1e-13)
        assert test.pval == pytest.approx(float(mp.ncdf(score)), rel=1e-12)


@mp.workdps(25)
def test_flatness_and_power_by_integrals_of_the_density_of_chi_squared():
    """z² has a noncentral chi-squared distribution with 1 degree of freedom; its density is integrated."""

    def density(x, shift):
        return mp.exp(-(x + shift**2) / 2) * mp.cosh(shift * mp.sqrt(x)) / mp.sqrt(2 * mp.pi * x)

    def beyond(z, shift):
        return mp.quad(lambda x: density(x, shift), [z**2, z**2 + 5, z**2 + 30, z**2 + 120, z**2 + 400])

    def score(shift):
        below = [1 - beyond(mp.mpf(float(z)), shift) / beyond(critical, shift) for z in Z[:5]]
        return mp.fsum(mp.sqrt(2) * mp.erfinv(2 * p - 1) for p in below) / mp.sqrt(5)

    critical = mp.sqrt(2) * mp.erfinv(mp.mpf("0.95"))
    low = mp.findroot(lambda shift: beyond(critical, shift) - mp.mpf(1) / 3, (1.5, 1.6), tol=mp.mpf("1e-40"))
    found = pymeta.pcurve(Z, ONES)
    assert found.flat.zval == pytest.approx(float(score(low)), rel=1e-12)
    shift = mp.findroot(score, (1.0, 1.5), tol=mp.mpf("1e-30"))
    assert found.power == pytest.approx(float(beyond(critical, shift)), rel=1e-11)


def test_the_power_of_the_interval_is_where_its_score_is():
    """Tests of power 5 % are the test for right skew, mirrored: its interval starts there where skew is not significant."""
    weak, strong = pymeta.pcurve(Z, ONES), pymeta.pcurve(np.full(20, 6.0), np.ones(20))
    assert weak.power_lb < weak.power < weak.power_ub
    assert (weak.power_lb == 0.05) == (weak.right.pval >= 0.05)
    assert (strong.power_lb, strong.power, strong.power_ub) == (0.99, 0.99, 0.99)
    assert strong.evidential
    assert not strong.inadequate
    flat = pymeta.pcurve(np.full(10, 1.97), np.ones(10))
    assert (flat.power_lb, flat.power, flat.power_ub) == (0.05, 0.05, 0.05)
    assert flat.inadequate
    assert not flat.evidential


def test_an_empty_half_curve_has_no_test():
    found = pymeta.pcurve([2.05], [1.0])
    assert (found.k_half, found.right_half, found.flat_half, found.binom_right) == (0, None, None, 1.0)
    assert "NA" in str(found)
    assert not found.evidential


def test_z_values_without_end_are_numbers():
    found = pymeta.pcurve([60.0, 200.0], [1.0, 1.0])
    assert found.right.zval == pytest.approx(-260.0 / np.sqrt(2.0), rel=0.01)
    assert found.frame().shape == (2, 5)
