"""What puniform and puniform_star refuse, what follows from one another, and its likelihood once more in 30 digits."""

import mpmath as mp
import numpy as np
import pytest

import pymeta
from pymeta.diagnostics.puniform import _irwin_hall
from pymeta.diagnostics.truncated import Truncated
from pymeta.numerics.tails import normal_quantile

YI = np.array([-0.30, 0.75, -0.35, 0.90, 0.02, 1.60, 0.20, 0.50])
VI = np.array([0.01, 0.04, 0.02, 0.09, 0.03, 0.16, 0.04, 0.02])

EDGE = normal_quantile(0.025)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"object": YI, "vi": VI, "side": "up"}, "side"),
        ({"object": YI}, "vi or sei"),
        ({"object": YI[:1], "vi": VI[:1]}, "1 studies"),
        ({"object": YI, "vi": VI, "alpha": 0.0}, "alpha=0.0"),
        ({"object": YI, "vi": VI, "level": 100.0}, "level=100.0"),
        ({"object": YI, "vi": VI, "level": "high"}, "level='high'"),
        ({"object": pymeta.rma(YI, VI, mods=np.arange(8.0))}, "moderators"),
        ({"object": [2.0, 2.1, 2.05, 2.2, 2.4, 5.0], "vi": np.ones(6)}, "no maximum"),
    ],
)
def test_what_it_refuses(given, said):
    with pytest.raises(pymeta.PymetaError, match=said):
        pymeta.puniform_star(**given)


def numbers(found):
    return found.frame().iloc[0].to_numpy(dtype=float)


def test_a_model_and_a_mirror_make_no_difference():
    one = pymeta.puniform_star(YI, VI)
    assert numbers(pymeta.puniform_star(pymeta.rma(YI, VI))).tolist() == numbers(one).tolist()
    other = pymeta.puniform_star(-YI, sei=np.sqrt(VI), side="left")
    assert (other.est, other.ci_ub) == pytest.approx((-one.est, -one.ci_lb), rel=1e-9)
    assert (other.L_0, other.L_het, other.L_pb) == pytest.approx((one.L_0, one.L_het, one.L_pb), rel=1e-9)


def test_another_unit_is_another_unit():
    one, other = pymeta.puniform_star(YI, VI), pymeta.puniform_star(1e4 * YI, 1e8 * VI)
    for name in ("est", "ci_lb", "ci_ub"):
        assert getattr(other, name) == pytest.approx(1e4 * getattr(one, name), rel=1e-9)
    for name in ("tau2", "tau2_ub"):
        assert getattr(other, name) == pytest.approx(1e8 * getattr(one, name), rel=1e-9)
    assert other.L_pb == pytest.approx(one.L_pb, rel=1e-9)


def log_likelihood(mu, tau2):
    """Each effect given whether its two-sided test at 0.05 is significant on the right, as the paper has it."""
    total = mp.mpf(0)
    for y, v in zip(YI.tolist(), VI.tolist(), strict=True):
        s, critical = mp.sqrt(v + tau2), mp.sqrt(2) * mp.erfinv(mp.mpf("0.95")) * mp.sqrt(v)
        below = mp.ncdf((critical - mu) / s)
        total += mp.log(mp.npdf(y, mu, s) / (1 - below if y >= critical else below))
    return total


@mp.workdps(30)
def test_the_likelihood_and_its_derivatives_in_30_digits():
    z = YI / np.sqrt(VI)
    model = Truncated(YI, VI, 1.959963984540054 * np.sqrt(VI), np.where(z > 1.96, 1.0, -1.0))
    for mu, tau2 in ((0.2, 0.03), (-1.0, 0.2), (2.0, 0.001)):
        here = model.at(mu, tau2)
        assert here.value == pytest.approx(float(log_likelihood(mu, tau2)), rel=1e-12)
        for place, order in enumerate(((1, 0), (0, 1))):
            assert here.gradient[place] == pytest.approx(float(mp.diff(log_likelihood, (mu, tau2), order)), rel=1e-9)
        for place, order in (((0, 0), (2, 0)), ((0, 1), (1, 1)), ((1, 1), (0, 2))):
            assert here.hessian[place] == pytest.approx(float(mp.diff(log_likelihood, (mu, tau2), order)), rel=1e-7)


@mp.workdps(30)
def test_the_estimates_and_ratios_in_30_digits():
    found = pymeta.puniform_star(YI, VI)
    assert found.tau2 > 0.0
    scores = [lambda m, t, n=n: mp.diff(log_likelihood, (m, t), n) for n in ((1, 0), (0, 1))]
    mu, tau2 = mp.findroot(scores, (found.est, found.tau2), tol=1e-20)
    assert (found.est, found.tau2) == pytest.approx((float(mu), float(tau2)), rel=1e-9)
    peak = log_likelihood(mu, tau2)
    assert found.ll == pytest.approx(float(peak), rel=1e-12)
    assert found.L_pb == pytest.approx(float(2 * (peak - log_likelihood(found.est_re, found.tau2_re))), rel=1e-9)
    bound = mp.findroot(
        [
            lambda m, t: 2 * (peak - log_likelihood(m, t)) - 2 * mp.erfinv(mp.mpf("0.95")) ** 2,
            lambda m, t: mp.diff(log_likelihood, (m, t), (0, 1)),
        ],
        (found.ci_ub, found.tau2),
        tol=1e-20,
    )
    assert found.ci_ub == pytest.approx(float(bound[0]), rel=1e-8)


def test_a_bound_is_infinite_where_the_likelihood_stays_high():
    """As mu falls and tau² grows with it, densities become exponential: k (log λ - 1), λ the inverse of the mean excess."""
    for y, infinite in (([2.0, 2.5, 3.0, 3.5, 4.0], True), ([5.0, 5.5, 6.0, 6.5, 5.2, 5.8], False)):
        found = pymeta.puniform_star(y, np.ones(len(y)))
        limit = -len(y) * (np.log(np.mean(y) - 1.959963984540054) + 1.0)
        assert (2.0 * (found.ll - limit) < 3.841458820694124) == infinite
        assert np.isinf(found.ci_lb) == infinite
        assert np.isinf(found.tau2_ub) == infinite


def test_all_significant_by_far_is_the_random_effects_model():
    found = pymeta.puniform_star([50.0, 60.0, 55.0, 40.0], np.ones(4))
    assert (found.est, found.tau2) == pytest.approx((found.est_re, found.tau2_re), rel=1e-8)
    assert found.pval_pb == pytest.approx(1.0)
    assert found.L_het == pytest.approx(pymeta.anova(*_nested()).LRT, rel=1e-8)


def _nested():
    y, v = [50.0, 60.0, 55.0, 40.0], np.ones(4)
    return pymeta.rma(y, v, method="ML"), pymeta.rma(y, v, method="ML", tau2=0.0)


def test_what_is_printed():
    found = pymeta.puniform_star(YI, VI)
    assert str(found).splitlines()[0] == "p-uniform* (k = 8, of which 4 significant on the right)"
    assert found.k_sig == found.sig.sum() == 4
    assert "Test for Publication Bias: L(df = 2)" in str(found)


# ---- p-uniform ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"object": YI, "vi": VI, "side": "up"}, "side"),
        ({"object": YI, "vi": VI, "method": "KS"}, "KS"),
        ({"object": YI, "vi": VI, "alpha": 1.0}, "alpha=1.0"),
        ({"object": [0.1, 0.2], "vi": [1.0, 1.0]}, "none is significant"),
        ({"object": [EDGE, EDGE, 3.0], "vi": np.ones(3)}, "critical values"),
        ({"object": [EDGE, EDGE], "vi": np.ones(2), "method": "ML"}, "critical values"),
        ({"object": pymeta.rma(YI, VI, mods=np.arange(8.0))}, "moderators"),
    ],
)
def test_what_p_uniform_refuses(given, said):
    with pytest.raises(pymeta.PymetaError, match=said):
        pymeta.puniform(**given)


@pytest.mark.parametrize("method", ["P", "ML"])
def test_p_uniform_has_units_and_sides(method):
    one = pymeta.puniform(YI, VI, method=method)
    other = pymeta.puniform(-10.0 * YI, 100.0 * VI, method=method, side="left")
    assert (other.est, other.ci_lb, other.ci_ub) == pytest.approx(
        (-10 * one.est, -10 * one.ci_ub, -10 * one.ci_lb), rel=1e-9
    )
    assert (other.pval_0, other.pval_pb) == pytest.approx((one.pval_0, one.pval_pb), rel=1e-9)
    assert one.ci_lb < one.est < one.ci_ub
    alone = 1.96 * np.sqrt(VI) <= YI
    assert pymeta.puniform(YI[alone], VI[alone], method=method).est == pytest.approx(one.est, rel=1e-12)


@mp.workdps(30)
def test_at_the_estimate_conditional_p_values_are_on_average_a_half():
    found = pymeta.puniform(YI, VI)

    def total(mu):
        critical = mp.sqrt(2) * mp.erfinv(mp.mpf("0.95"))
        z = [(mp.mpf(y), mp.sqrt(v)) for y, v in zip(YI.tolist(), VI.tolist(), strict=True)]
        return mp.fsum(mp.ncdf((mu - y) / s) / mp.ncdf(mu / s - critical) for y, s in z if y >= critical * s)

    assert found.est == pytest.approx(float(mp.findroot(lambda mu: total(mu) - found.k_sig / 2, found.est)), rel=1e-12)
    assert pytest.approx(float(total(0)), rel=1e-13) == found.L_0


def test_the_distribution_of_a_sum_of_uniforms():
    """Two: x²/2 up to 1, as an area; and symmetry."""
    assert _irwin_hall(0.6, 2) == pytest.approx(0.18, rel=1e-15)
    assert _irwin_hall(1.5, 3) == 0.5
    assert _irwin_hall(30.0, 70) == pytest.approx(_irwin_hall(40.0, 70, upper=True), rel=1e-15)
    assert _irwin_hall(1.0, 100) == pytest.approx(float(1 / mp.factorial(100)), rel=1e-14)
    assert (_irwin_hall(0.0, 5), _irwin_hall(5.0, 5), _irwin_hall(0.0, 5, upper=True)) == (0.0, 1.0, 1.0)


def test_p_uniforms_interval_is_where_its_test_is():
    found = pymeta.puniform(YI, VI, level=90)
    moved = YI - found.ci_lb  # the test of no effect, where critical values move along, has half of 10 %
    sd = np.sqrt(VI)
    q = [mp.ncdf(-y / s) / mp.ncdf(-(1.959963984540054 * s - found.ci_lb) / s) for y, s in zip(moved, sd, strict=True)]
    significant = 1.959963984540054 * sd <= YI
    total = float(sum(one for one, there in zip(q, significant, strict=True) if there))
    assert _irwin_hall(total, found.k_sig) == pytest.approx(0.05, rel=1e-9)


def test_what_p_uniform_prints():
    found = pymeta.puniform(YI, VI, method="ML")
    assert str(found).splitlines()[0] == "p-uniform, method ML (k = 8, of which 4 significant on the right)"
    assert found.frame()["est_fe"][0] == pytest.approx(pymeta.rma(YI, VI, method="EE").beta[0], rel=1e-13)
