"""Tetrachoric correlations against 30-digit integrals: metafor's own have some 5 digits."""

import mpmath as mp
import numpy as np
import pytest

import pymeta

TABLES = {
    "plain": (10, 4, 7, 20),
    "strong": (40, 1, 2, 30),
    "weak": (24, 12, 18, 65),
    "negative": (4, 20, 15, 3),
    "rare": (2, 30, 25, 900),
    "large": (10**6, 10**4, 2 * 10**4, 3 * 10**6),
    "lopsided": (3, 1, 400, 2000),
}


def quantile(p):
    return mp.sqrt(2) * mp.erfinv(2 * p - 1)


def density(h, k, theta):
    return mp.exp(-(h * h - 2 * h * k * mp.sin(theta) + k * k) / (2 * mp.cos(theta) ** 2)) / (2 * mp.pi)


def correlation(cells, start):
    """The ρ that gives the table its first cell: Newton's steps on Plackett's integral over arcsin ρ, from close by."""
    a, b, c, d = cells
    n = a + b + c + d
    h, k, theta = quantile((a + b) / n), quantile((a + c) / n), mp.asin(start)
    for _ in range(3):
        integral = mp.quad(lambda t: density(h, k, t), mp.linspace(0, theta, 5))
        theta -= (integral - (a * d - b * c) / n**2) / density(h, k, theta)
    return mp.sin(theta)


def truth(cells, start):
    """ρ and the delta method's variance of it under multinomial sampling, its derivatives taken numerically."""
    with mp.workdps(30):
        cells = [mp.mpf(int(cell)) for cell in cells]
        n, rho = sum(cells), correlation(cells, mp.mpf(start))
        slopes = []
        for i in range(4):
            step = cells[i] * mp.mpf(10) ** -8
            up, down = ([x + sign * step * (j == i) for j, x in enumerate(cells)] for sign in (1, -1))
            slopes.append((correlation(up, rho) - correlation(down, rho)) / (2 * step / n))
        p = [cell / n for cell in cells]
        mean = sum(x * y for x, y in zip(p, slopes, strict=True))
        variance = sum(x * (y - mean) ** 2 for x, y in zip(p, slopes, strict=True)) / n
        return float(rho), float(variance)


@pytest.mark.parametrize("name", TABLES)
def test_thirty_digits(name):
    cells = dict(zip(("ai", "bi", "ci", "di"), ([x] for x in TABLES[name]), strict=True))
    found = pymeta.escalc("RTET", **cells)
    rho, variance = truth(TABLES[name], found["yi"][0] * (1 - 1e-9))
    assert found["yi"][0] == pytest.approx(rho, rel=1e-13)
    assert found["vi"][0] == pytest.approx(variance, rel=1e-9)  # the numerical derivatives' digits
    z = pymeta.escalc("ZTET", **cells)
    assert z["yi"][0] == pytest.approx(np.arctanh(rho), rel=1e-12)
    assert z["vi"][0] == pytest.approx(variance / (1 - rho**2) ** 2, rel=1e-9)


def test_many_at_once_are_each_alone():
    rng = np.random.default_rng(5)
    cells = {name: rng.integers(1, 200, 3000).astype(float) for name in ("ai", "bi", "ci", "di")}
    every = pymeta.escalc("RTET", **cells)
    alone = [
        pymeta.escalc("RTET", **{name: values[[i]] for name, values in cells.items()})["yi"][0] for i in (0, 1500, 2999)
    ]
    assert every["yi"][[0, 1500, 2999]].tolist() == pytest.approx(alone, rel=1e-14)


def test_independence_is_zero_and_swapping_turns_the_sign():
    found = pymeta.escalc("RTET", ai=[10, 4], bi=[20, 20], ci=[10, 15], di=[20, 3])
    assert found["yi"][0] == 0.0
    turned = pymeta.escalc("RTET", ai=[20, 20], bi=[10, 4], ci=[20, 3], di=[10, 15])
    np.testing.assert_allclose(turned["yi"], -found["yi"], rtol=1e-14, atol=0)
    np.testing.assert_allclose(turned["vi"], found["vi"], rtol=1e-13)


def test_empty_cells():
    found = pymeta.escalc("RTET", ai=[5, 5, 0], bi=[0, 0, 3], ci=[2, 0, 0], di=[9, 9, 4])
    assert found["yi"].tolist()[:2] == [1.0, 1.0]
    assert np.isnan(found["vi"][0])
    assert found["vi"][1] == 0.0
    assert np.isnan(found["yi"][2])
    assert np.isfinite(pymeta.escalc("RTET", ai=[5], bi=[0], ci=[2], di=[9], add=0.5)["vi"][0])
