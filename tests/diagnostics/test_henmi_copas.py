"""What hc refuses, and what its quantile is."""

import numpy as np
import pytest
from mpmath import mp

import pymeta
from pymeta.diagnostics.henmi_copas import _beyond, _given_average

YI = np.array([0.10, 0.35, -0.20, 0.60, 0.05, 0.90, 1.40])
VI = np.array([0.01, 0.04, 0.02, 0.09, 0.03, 0.16, 0.25])
FIT = pymeta.rma(YI, VI)


@pytest.mark.parametrize(
    ("fit", "said"),
    [
        (YI, "ndarray"),
        (pymeta.rma(YI, VI, mods=np.arange(7.0)), "moderators"),
        (pymeta.rma(YI[:1], VI[:1]), "2 studies"),
        (pymeta.rma_peto(ai=[3, 4], bi=[9, 8], ci=[1, 2], di=[9, 9]), "PetoResult"),
    ],
)
def test_what_is_refused(fit, said):
    with pytest.raises(pymeta.PymetaError, match=said):
        pymeta.hc(fit)


def test_the_average_is_that_of_equal_effects():
    found = pymeta.hc(FIT)
    assert found.beta == pytest.approx(pymeta.rma(YI, VI, method="EE").beta[0], rel=1e-14)
    assert found.tau2 == pymeta.rma(YI, VI, method="DL").tau2
    w = 1.0 / VI
    assert found.se == pytest.approx(np.sqrt(w**2 @ (VI + found.tau2)) / w.sum(), rel=1e-14)
    assert found.ci_ub - found.beta == pytest.approx(found.beta - found.ci_lb, rel=1e-14)
    assert (found.beta_rma, found.ci_lb_rma, found.tau2_rma) == (FIT.beta[0], FIT.ci_lb[0], FIT.tau2)


def test_moments_of_q_without_the_average_are_those_with_it_averaged():
    """E Q = df + tau² (W - W2/W), and Var Q as in Biggerstaff and Tweedie (1997): R is normal, with a known variance."""
    t2, w = 0.2, 1.0 / VI
    given = _given_average(VI, t2)
    W, W2, W3 = w.sum(), (w**2).sum(), (w**3).sum()
    assert given.variance_of_r == pytest.approx(1.0 + t2 * W2 / W, rel=1e-13)
    assert given.mean[0] + given.mean[1] * given.variance_of_r == pytest.approx(6 + t2 * (W - W2 / W), rel=1e-13)
    of_mean = 2.0 * (given.mean[1] * given.variance_of_r) ** 2
    of_variance = given.variance[0] + given.variance[1] * given.variance_of_r
    expected = 2 * 6 + 4 * t2 * (W - W2 / W) + 2 * t2**2 * (W2 - 2 * W3 / W + (W2 / W) ** 2)
    assert of_mean + of_variance == pytest.approx(expected, rel=1e-13)


@mp.workdps(30)
def test_the_tail_in_30_digits():
    given = _given_average(VI, 0.2)
    u, sd = mp.mpf(2), mp.sqrt(given.variance_of_r)

    def integrand(r):
        mean, variance = (one[0] + one[1] * r**2 for one in (given.mean, given.variance))
        bound = given.df + given.ratio * ((r / u) ** 2 - 1)
        return mp.gammainc(mean**2 / variance, 0, bound * mean / variance, regularized=True) * mp.npdf(r, 0, sd)

    tail = mp.quad(integrand, [u, u + sd, u + 2 * sd, u + 4 * sd, u + 8 * sd, u + 14 * sd])
    assert _beyond(given, 2.0) == pytest.approx(float(tail), rel=1e-13)


@pytest.mark.parametrize("factor", [1e-3, 1.0, 1e3])
def test_units_do_not_matter(factor):
    """Effects in other units have the same interval in those."""
    found, whole = pymeta.hc(pymeta.rma(YI * factor, VI * factor**2)), pymeta.hc(FIT)
    assert found.ci_lb == pytest.approx(whole.ci_lb * factor, rel=1e-10)


def test_levels_and_transformations():
    found = pymeta.hc(FIT)
    narrow = pymeta.hc(pymeta.rma(YI, VI, level=80))
    assert found.ci_lb < narrow.ci_lb < narrow.ci_ub < found.ci_ub
    ratios = pymeta.hc(FIT, transf=np.exp)
    assert (ratios.beta, ratios.ci_ub) == (np.exp(found.beta), np.exp(found.ci_ub))
    assert ratios.se is None
    inverse = pymeta.hc(FIT, transf=np.negative)
    assert (inverse.ci_lb, inverse.ci_ub) == (-found.ci_ub, -found.ci_lb)


def test_what_is_printed():
    lines = str(pymeta.hc(FIT)).splitlines()
    assert lines[0].split() == ["method", "tau2", "estimate", "se", "ci.lb", "ci.ub"]
    assert [line.split()[:2] for line in lines[1:]] == [["rma", "REML"], ["hc", "DL"]]
    assert "se" not in str(pymeta.hc(FIT, transf=np.exp)).split()
