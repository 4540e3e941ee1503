"""Printed figures: what they may have been, and whether those printed together can belong together."""

import math

import numpy as np
import pytest
from scipy.stats import chi2, norm

from pymeta.errors import DataError
from pymeta.validation.printed import consistent, printed
from pymeta.validation.run import _q_checks

Z = norm.isf(0.025)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("-1.05", -1.055, -1.045),
        ("−1.05", -1.055, -1.045),
        ("–1.05", -1.055, -1.045),
        ("+1.05", 1.045, 1.055),
        ("0.00", -0.005, 0.005),
        ("-0.00", -0.005, 0.005),
        ("1.00", 0.995, 1.005),
        ("1", 0.5, 1.5),
        ("16", 15.5, 16.5),
        ("71%", 70.5, 71.5),
        (" 71 % ", 70.5, 71.5),
        (".03", 0.025, 0.035),
        ("-.5", -0.55, -0.45),
        ("0·39", 0.385, 0.395),
        ("1.2e-05", 1.15e-5, 1.25e-5),
        ("3E-7", 2.5e-7, 3.5e-7),
        ("<0.001", -math.inf, 0.001),
        ("< .001", -math.inf, 0.001),
        ("≤0.05", -math.inf, 0.05),
        (">0.05", 0.05, math.inf),
        ("≥ 0.05", 0.05, math.inf),
    ],
)
def test_figures(text, low, high):
    figure = printed(text)
    assert figure.text == text
    assert figure.low == pytest.approx(low, rel=1e-12, abs=1e-18)
    assert figure.high == pytest.approx(high, rel=1e-12, abs=1e-18)


@pytest.mark.parametrize(
    "text",
    ["", " ", "-", "<", "abc", "nan", "inf", "1,05", "1.05.", "1.", "1 05", "0.1 to 0.2", "p=0.04", "0.04*", "1_0", "0x1",
     "--1", "<>1", "1%%", "\u0661", "1e999", "9" * 31, "1." + "9" * 31, "1\n2", "1\x00", "=1"],
)  # fmt: skip
def test_what_is_no_figure(text):
    with pytest.raises(DataError, match="is not a printed figure; write it as the paper does"):
        printed(text)


@pytest.mark.parametrize("value", [-1.0549999, -1.045, -1.055])
def test_a_figure_holds_what_prints_so(value):
    assert printed("-1.05").holds(value)


@pytest.mark.parametrize("value", [-1.0551, -1.0449, 1.05, math.nan, math.inf])
def test_a_figure_does_not_hold_what_prints_otherwise(value):
    assert not printed("-1.05").holds(value)


def four(theta, s, *, log, decimals=2, p_decimals=3):
    """The figures that a paper prints of an estimate and its standard error."""
    shown = [math.exp(x) if log else x for x in (theta, theta - Z * s, theta + Z * s)]
    p = 2.0 * norm.sf(abs(theta) / s)
    p_text = f"<{10.0**-p_decimals:.{p_decimals}f}" if p < 10.0**-p_decimals else f"{p:.{p_decimals}f}"
    return [f"{x:.{decimals}f}" for x in shown] + [p_text]


def says(texts, *, log):
    *effects, pval = texts
    return consistent(*map(printed, effects), printed(pval) if pval else None, log=log, level=95.0)


def truths(n, *, log):
    """Estimates of both signs, near and far from zero, with p from next to nothing to one."""
    rng = np.random.default_rng(20231 + log)
    for _ in range(n):
        s = float(10.0 ** rng.uniform(-1.5, 0.3))
        yield float(rng.choice([0.0, 0.001, 0.3, 1.0, 2.0, 5.0]) * s * rng.uniform(-1.2, 1.2)), s


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(("decimals", "p_decimals"), [(2, 3), (2, 2), (1, 1), (3, 4), (0, 2)])
def test_what_one_truth_printed_is_consistent(log, decimals, p_decimals):
    for theta, s in truths(400, log=log):
        texts = four(theta, s, log=log, decimals=decimals, p_decimals=p_decimals)
        assert says(texts, log=log), (theta, s, texts)
        assert says([*texts[:3], ""], log=log)


def violation(texts, *, log, size=161):
    """By how much the best pair (θ, s) of a fine grid misses the figures, in units of θ, and the grid's step.

    Written without regard to how `consistent` finds its answer.
    """
    figures = [printed(text) for text in texts]
    ends = np.array([[figure.low, figure.high] for figure in figures[:3]])
    if log:
        ends = np.log(np.maximum(ends, 1e-9))
    (t0, t1), (l0, l1), (u0, u1) = ends
    p = figures[3]
    most, least = (norm.isf(max(p.low, 1e-300) / 2), norm.isf(min(p.high, 1.0) / 2))  # of |θ| / s
    theta = np.linspace(t0, t1, size)[:, None]
    s = np.linspace(max((u0 - l1) / 2 / Z, 1e-9), max((u1 - l0) / 2 / Z, 2e-9), size)[None, :]
    misses = [l0 - (theta - Z * s), theta - Z * s - l1, u0 - (theta + Z * s), theta + Z * s - u1]
    if p.low > 0:
        misses.append(abs(theta) - most * s)
    if p.high < 1:
        misses.append(least * s - abs(theta))
    step = (theta[1, 0] - theta[0, 0]) + max(Z, most if p.low > 0 else 0.0, least) * (s[0, 1] - s[0, 0])
    return float(np.max(np.broadcast_arrays(*misses), axis=0).min()), float(step)


def perturbed(texts, rng, *, log):
    """One figure is nudged, by a little or by much."""
    which = int(rng.integers(0, 4))
    nudge = float(rng.choice([-1, 1]) * rng.choice([0.01, 0.02, 0.05, 0.3]))
    if which == 3:
        nudged = min(1.0, max(0.001, float(texts[3].lstrip("<")) + nudge))
        return [*texts[:3], f"{nudged:.3f}"]
    value = float(texts[which]) + nudge
    return [f"{max(value, 0.01) if log else value:.2f}" if i == which else text for i, text in enumerate(texts)]


@pytest.mark.parametrize("log", [False, True])
def test_against_a_grid(log):
    rng = np.random.default_rng(7 + log)
    seen = {True: 0, False: 0}
    for theta, s in truths(300, log=log):
        texts = four(theta, s, log=log)
        if log and float(texts[1]) <= 0.0:
            continue  # a lower bound that prints 0.00 has no logarithm to put a grid on
        texts = perturbed(texts, rng, log=log)
        answer, (miss, step) = says(texts, log=log), violation(texts, log=log)
        seen[answer] += 1
        if answer:
            assert miss <= step, (texts, miss, step)
        else:
            assert miss > 0.0, (texts, miss)
    assert min(seen.values()) > 40, seen


@pytest.mark.parametrize("log", [False, True])
def test_one_figure_beyond_what_is_possible(log):
    for theta, s in truths(200, log=log):
        *effects, pval = four(theta, s, log=log)
        far = 3.0 * (float(effects[2]) - float(effects[1])) + 1.0
        for which in range(3):
            wrong = [f"{float(text) + far:.2f}" if i == which else text for i, text in enumerate(effects)]
            assert not says([*wrong, pval], log=log), wrong


@pytest.mark.parametrize(
    ("texts", "log", "answer"),
    [
        (("-1.05", "-1.72", "-0.39", "0.002"), False, True),  # the paper's pain outcome
        (("0.00", "-0.12", "0.12", "1.00"), False, True),
        (("1.05", "0.24", "4.54", "0.95"), True, True),
        (("1.05", "0.24", "4.54", "0.95"), False, False),  # a ratio's interval is not symmetric
        (("1.05", "-1.72", "-0.39", "0.002"), False, False),  # the sign is lost
        (("-1.05", "-0.39", "-1.72", "0.002"), False, False),  # bounds swapped
        (("-1.05", "-1.72", "-0.39", "0.02"), False, False),
        (("-1.05", "-1.72", "-0.39", "<0.01"), False, True),
        (("-1.05", "-1.72", "-0.39", "<0.001"), False, False),
        (("-1.05", "-1.72", "-0.39", ">0.05"), False, False),
        (("0.30", "-0.10", "0.70", ">0.05"), False, True),
        (("0.30", "-0.10", "0.70", "0.04"), False, False),  # crosses zero, and is significant
        (("0.30", "-0.10", "0.70", "1.7"), False, False),  # no p-value at all
        (("0.30", "-0.10", "0.70", ">1"), False, False),
        (("0.30", "-0.10", "0.70", "-0.2"), False, False),
        (("0.01", "0.00", "0.02", ""), True, True),  # a lower bound that prints 0.00
        (("0.00", "0.00", "0.02", ""), True, True),
        (("-1.42", "-2.39", "-0.84", ""), True, False),  # no ratio
        (("1.42", "-0.84", "2.39", ""), True, False),
        (("<0.01", "0.00", "0.05", ""), True, True),
        (("<1", "0.20", "0.80", ""), False, True),
        ((">5", "0.20", "0.80", ""), False, False),
        (("0.5", ">0.1", "<0.9", ""), False, True),
        (("123456.7", "123450.1", "123463.3", ""), False, True),
    ],
)
def test_examples(texts, log, answer):
    assert says(texts, log=log) is answer


def test_the_level_counts():
    figures = [printed(text) for text in ("0.50", "0.17", "0.83", "0.013")]
    assert consistent(*figures, log=False, level=90.0)
    assert not consistent(*figures, log=False, level=95.0)


def heterogeneity(**texts):
    return _q_checks({name: printed(text) for name, text in texts.items()})


def test_q_df_p_and_i2_of_one_truth_are_consistent():
    rng = np.random.default_rng(3)
    for _ in range(300):
        df = int(rng.integers(1, 30))
        Q = float(rng.chisquare(df) * rng.uniform(0.3, 4.0))
        texts = {
            "QE": f"{Q:.2f}",
            "QE_df": f"{df}",
            "QEp": f"{chi2.sf(Q, df):.3f}",
            "I2": f"{max(0, 100 * (Q - df) / Q):.0f}%",
        }
        assert all(heterogeneity(**texts).values()), texts


@pytest.mark.parametrize(
    ("texts", "red"),
    [
        ({"QE": "75.30", "QE_df": "15", "QEp": "0.04", "I2": "80%"}, {"Q, df and p"}),
        ({"QE": "75.30", "QE_df": "15", "QEp": "<0.00001", "I2": "40%"}, {"Q, df and I²"}),
        ({"QE": "-3", "QE_df": "15", "QEp": "1.00", "I2": "0%"}, {"Q, df and p", "Q, df and I²"}),
        ({"QE": "75.30", "QE_df": "15", "QEp": "<0.00001", "I2": "180%"}, {"Q, df and I²"}),
        ({"QE": "0.00", "QE_df": "3", "QEp": "1.00", "I2": "0%"}, set()),
        ({"QE": ">100", "QE_df": "3", "QEp": "<0.001", "I2": "99%"}, set()),
    ],
)
def test_what_cannot_be_of_heterogeneity(texts, red):
    assert {name for name, ok in heterogeneity(**texts).items() if not ok} == red
