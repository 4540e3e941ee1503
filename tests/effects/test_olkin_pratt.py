"""G and its unbiased variance against mpmath's hypergeometric functions, where doubles are hardest pressed."""

import mpmath as mp
import numpy as np
import pytest

from pymeta.effects.olkin_pratt import unbiased_correlation, unbiased_variance

DIGITS = 120  # the difference G² − Q costs up to 100 of them here


def truth(r, n):
    """G, 1 − G², 1 − G and G² − Q, as Olkin & Pratt write them."""
    with mp.workdps(DIGITS):
        r, n = mp.mpf(r), mp.mpf(n)
        G = r * hypergeometric(mp.mpf(1) / 2, (n - 2) / 2, 1 - r * r)
        Q = 1 - (n - 3) / (n - 2) * (1 - r * r) * hypergeometric(mp.mpf(1), n / 2, 1 - r * r)
        return G, 1 - G * G, 1 - G, G * G - Q


def hypergeometric(a, c, x):
    """F(a, a; c; x): its series where that is short, for mpmath's own way is slow for large c."""
    if c < 100 and x > 0.9:
        return mp.hyp2f1(a, a, c, x)
    return 1 + series(a, c, x)


def series(a, c, x):
    total, term, k = mp.mpf(0), mp.mpf(1), 0
    while term > mp.mpf(10) ** -DIGITS:
        term *= (a + k) ** 2 / (c + k) / (k + 1) * x
        total, k = total + term, k + 1
    return total


def off(found, true):
    with mp.workdps(DIGITS):
        return float(abs((mp.mpf(float(found)) - true) / true))


NEAR_ONE = 1 - 2.0**-53
CORNERS = [
    *((r, n) for n in (4.0001, 4.5, 5, 6, 7, 8, 10, 12, 33) for r in (0.005, -0.4, 0.9, 0.999999, NEAR_ONE)),
    *((r, n) for n in (50, 1e3, 1e6, 1e15) for r in (1e-100, 0.005, 0.5, -0.999, NEAR_ONE)),
    *((r, n) for n in (5, 5.5, 7) for r in (1e-20, 1e-10, 1e-3)),
]


@pytest.mark.parametrize(("r", "n"), CORNERS)
def test_the_last_digits(r, n):
    known = unbiased_correlation(np.array([r]), np.array([float(n)]))
    found = (known.G[0], known.complement[0], known.gap[0], unbiased_variance(np.array([r]), np.array([float(n)]))[0])
    assert max(off(*pair) for pair in zip(found, truth(r, n), strict=True)) < 2e-14


def test_rows_do_not_depend_on_each_other():
    r, n = (np.array(column, dtype=float) for column in zip(*CORNERS, strict=True))
    for function in (lambda r, n: unbiased_correlation(r, n).G, unbiased_variance):
        alone = [function(r[i : i + 1], n[i : i + 1])[0] for i in range(len(r))]
        np.testing.assert_allclose(function(r, n), alone, rtol=1e-14)


def test_no_correlation_and_a_perfect_one():
    """F(1, 1; c + 1; 1) = c/(c − 1), so that G² − Q is 1/(n − 4) at r = 0."""
    r, n = np.array([0.0, 0.0, 1.0, -1.0]), np.array([5.0, 1e6, 4.1, 50.0])
    G, complement = unbiased_correlation(r, n)
    assert G.tolist() == [0, 0, 1, -1]
    assert complement.tolist() == [1, 1, 0, 0]
    np.testing.assert_allclose(unbiased_variance(r, n), [1, 1 / 999996, 0, 0], rtol=1e-15)


def test_up_to_four_people_there_is_no_estimate():
    r, n = np.array([0.3, 0.0, 1.0, np.nan, 0.3]), np.array([4.0, 1.0, 3.0, 20.0, np.nan])
    assert np.isnan([*unbiased_correlation(r, n), unbiased_variance(r, n)]).all()


def test_no_rows():
    none = np.empty(0)
    assert [len(column) for column in (*unbiased_correlation(none, none), unbiased_variance(none, none))] == [0, 0, 0]


def test_g_is_unbiased():
    """The mean of G over the density of r for ρ = 0.6 and n = 12 is ρ, and that of G² − Q the variance of G."""
    rho, n = 0.6, 12
    nodes, weights = np.polynomial.legendre.leggauss(400)
    r = np.sin(nodes * np.pi / 2)
    density = [float(kernel(rho, n, x)) for x in r] * np.cos(nodes * np.pi / 2) * weights
    density /= density.sum()
    size = np.full(r.size, float(n))
    G = unbiased_correlation(r, size).G
    mean = density @ G
    assert abs(mean - rho) < 1e-12
    assert abs(density @ unbiased_variance(r, size) / (density @ (G - mean) ** 2) - 1) < 1e-11


def kernel(rho, n, r):
    """Of the density of r in samples from a bivariate normal distribution. Source: Hotelling (1953)."""
    shape = (1 - r * r) ** ((n - 4) / 2) * (1 - rho * r) ** (1.5 - n)
    return shape * mp.hyp2f1(0.5, 0.5, n - 0.5, (1 + rho * r) / 2)
