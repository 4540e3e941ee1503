"""Estimators that solve Q(tau²) = a number, and the iterations that lead to the same place."""

import numpy as np
import pytest

from pymeta.numerics.linalg import residual_trace, wls
from pymeta.tau2.methods import TAU2


def q_at(yi, vi, X, tau2):
    w = 1.0 / (vi + tau2)
    return float((w * wls(yi, X, w).residuals ** 2).sum())


@pytest.mark.parametrize("method", ["PM", "PMM"])
def test_one_root_that_q_falls_through(method, designs):
    target = {"PM": lambda df: df, "PMM": lambda df: 2.0 * _median(df)}[method]
    for yi, vi, X, _ in designs.values():
        tau2, goal = TAU2[method].fit(yi, vi, X).tau2, target(len(yi) - X.shape[1])
        if tau2 > 0.0:
            assert q_at(yi, vi, X, tau2) == pytest.approx(goal, rel=1e-11)
        assert q_at(yi, vi, X, tau2 * 1.01 + 1e-9 * vi.min()) < goal


def _median(df):
    from scipy.special import gammaincinv

    return gammaincinv(df / 2, 0.5)


def test_a_root_beyond_any_fixed_maximum():
    """rma(c(0, 1e4, -2e4), rep(1, 3), method="PM") ends at its tau2.max; with equal v the answer is var(y) − v."""
    yi, vi = np.array([0.0, 1e4, -2e4]), np.ones(3)
    for method in ("PM", "EB", "SJIT", "DLIT", "REML"):
        assert TAU2[method].fit(yi, vi, np.ones((3, 1))).tau2 == pytest.approx(np.var(yi, ddof=1) - 1.0, rel=1e-14)
    assert TAU2["GENQM"].fit(yi, vi, np.ones((3, 1)), vi).tau2 == pytest.approx(
        TAU2["PMM"].fit(yi, vi, np.ones((3, 1))).tau2, rel=1e-12
    )


def test_median_unbiased_with_equal_variances():
    """GENQM with equal weights, and PMM: Σ (y − mean)² / (v + tau²) is chi-squared."""
    yi = np.array([0.1, 0.9, -0.4, 1.2, 0.3])
    ss, median = np.var(yi) * 5, 2.0 * _median(4)
    for method in ("PMM", "GENQM"):
        found = TAU2[method].fit(yi, np.full(5, 0.04), np.ones((5, 1)), np.full(5, 2.0))
        assert found.tau2 == pytest.approx(ss / median - 0.04, rel=1e-12)


def test_sidik_and_jonkmans_iteration_leads_to_its_limit(designs):
    for name in ("bcg", "k = p + 1", "equal variances"):
        yi, vi, X, _ = designs[name]
        df = len(yi) - X.shape[1]
        for start in (1e-3, 50.0):
            tau2 = start
            for _ in range(3_000):
                before, tau2 = tau2, tau2 * q_at(yi, vi, X, tau2) / df
                if abs(tau2 - before) < 1e-15 * tau2:
                    break
            assert tau2 == pytest.approx(TAU2["SJIT"].fit(yi, vi, X).tau2, rel=1e-10)


def test_dersimonian_and_lairds_iteration_stays_where_it_is(designs):
    for yi, vi, X, _ in designs.values():
        tau2 = TAU2["DLIT"].fit(yi, vi, X).tau2
        w = 1.0 / (vi + tau2)
        trace = residual_trace(X, w)
        step = (q_at(yi, vi, X, tau2) - (len(yi) - X.shape[1])) / trace
        assert max(0.0, tau2 + step) == pytest.approx(tau2, rel=1e-12, abs=1e-12 * vi.min())


def test_the_reason_names_the_equation(designs):
    assert TAU2["PM"].fit(*designs["bcg"]).solve.reason == "Q(tau²) = k − p = 12"
    assert "at tau² = 0 already" in TAU2["PM"].fit(*designs["tau2 is 0"]).solve.reason
