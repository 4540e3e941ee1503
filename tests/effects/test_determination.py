import mpmath as mp
import numpy as np
import pytest

import pymeta
from pymeta.effects import determination
from pymeta.errors import DataError

NAN = np.nan


def vector(*values):
    return np.array(values, dtype=float)


def fixed(r2, n, m):
    return determination.determination_fixed(r2i=vector(r2), ni=vector(n), mi=vector(m))


def columns(**given):
    return {name: vector(*values) for name, values in given.items()}


def test_whichever_is_known_comes_first():
    given = columns(r2i=[0.3, NAN, NAN, NAN], fi=[9, 2, NAN, NAN], pi=[0.5, 0.5, 0.5, NAN], ni=[10] * 4, mi=[2] * 4)
    r2 = determination.prepare(given)["r2i"]
    np.testing.assert_allclose(r2, [0.3, 4 / 11, 1 - 0.5 ** (2 / 7), NAN], rtol=1e-14)  # 1 − R² is Beta(7/2, 1)


def test_f_statistics_that_are_hard():
    r2 = determination.prepare(columns(fi=[0, 1e-300, 1e308], ni=[10] * 3, mi=[2] * 3))["r2i"]
    np.testing.assert_allclose(r2, [0, 2e-300 / 7, 1], rtol=1e-14)


def test_a_p_value_of_0_tells_no_r2():
    assert np.isnan(determination.prepare(columns(pi=[0], ni=[10], mi=[2]))["r2i"][0])


@pytest.mark.parametrize("given", [{"fi": [1e8]}, {"pi": [1e-60]}, {"fi": [3.0]}, {"pi": [0.4]}])
def test_what_an_f_test_leaves_unexplained_has_all_its_digits(given):
    n, m = 30, 2
    table = {"ni": [n], "mi": [m], **given}
    with mp.workdps(50):
        if "fi" in given:
            rest = 1 / (1 + mp.mpf(given["fi"][0]) * m / (n - m - 1))
        else:  # 1 − R² is Beta((n − 3)/2, 1)
            rest = mp.mpf(given["pi"][0]) ** (mp.mpf(2) / (n - m - 1))
        v, z = 4 * (1 - rest) * rest**2 / n, mp.atanh(mp.sqrt(1 - rest))
    for measure, name, true in (("R2", "vi", v), ("ZR2", "yi", z), ("ZR2F", "yi", z)):
        found = pymeta.escalc(measure, **table, cutoff=None)[name][0]
        assert abs(found / true - 1) < 1e-14


REFUSED = [
    ({"r2i": [0.1, -0.1]}, "r2i, row 2: -0.1 is no R²; it lies between 0 and 1"),
    ({"r2i": [1.5, 0.1]}, "r2i, row 1: 1.5 is no R²; it lies between 0 and 1"),
    ({"fi": [1, -2]}, "fi, row 2: -2 is no F-statistic; it is at least 0"),
    ({"pi": [0.1, -0.1]}, "pi, row 2: -0.1 is no p-value; it lies between 0 and 1"),
    ({"r2i": [0.1, 0.1], "ni": [9, 0]}, "ni, row 2: 0 people; a study needs at least one"),
    ({"r2i": [0.1, 0.1], "mi": [1, 0]}, "mi, row 2: 0 predictors; a regression has at least one"),
    (
        {"r2i": [0.1, 0.1], "mi": [1, 8]},
        "ni, row 2: 9 people are too few for the predictors (column mi); it takes two more",
    ),
]


@pytest.mark.parametrize(("given", "message"), REFUSED)
def test_refusals(given, message):
    with pytest.raises(DataError) as caught:
        determination.prepare(columns(**{"ni": [9, 9], "mi": [2, 2], **given}))
    assert str(caught.value) == message


def test_the_variances_of_r2():
    r2, n, m = vector(0.3, 0.1), vector(30, 100), vector(3, 2)
    ls, ls2, av, av2 = (
        determination.determination(r2i=r2, ni=n, mi=m, vtype=vtype).vi for vtype in ("LS", "LS2", "AV", "AV2")
    )
    np.testing.assert_allclose(ls, [4 * 0.3 * 0.49 / 30, 4 * 0.1 * 0.81 / 100], rtol=1e-14)
    np.testing.assert_allclose(ls2 / ls, [30 * 26**2 / (899 * 33), 100 * 97**2 / (9999 * 103)], rtol=1e-14)
    mean = 19 / 130
    np.testing.assert_allclose(av * n, 4 * mean * (1 - mean) ** 2, rtol=1e-14)
    np.testing.assert_allclose(av2 / av, ls2 / ls, rtol=1e-14)


def test_rows_with_a_missing_value():
    r2, n, m = vector(0.5, NAN, 0.2, 0.3), vector(20, 20, NAN, 20), vector(2, 2, 2, NAN)
    for effects in (
        determination.determination(r2i=r2, ni=n, mi=m, vtype="AV"),
        determination.fisher_z(r2i=r2, ni=n),
    ):
        assert np.isnan(effects.yi).tolist() == [False, True, True, False]
    for effect in (determination.determination_fixed, determination.fisher_z_fixed):
        assert np.isnan(effect(r2i=r2, ni=n, mi=m).vi).tolist() == [False, True, True, True]


def test_r2_of_0_and_1():
    z = determination.fisher_z(r2i=vector(0, 1), ni=vector(10, 10))
    np.testing.assert_array_equal(z, [[0, NAN], [0.1, NAN]])
    assert np.isnan(fixed(1, 10, 2)).all()
    assert np.isnan(fixed(0, 10, 3)).all()


def integrated(r2, n, m):
    """The same variance by mpmath's quadrature and hypergeometric function, over wide panels of log √λ."""
    low = mp.sqrt(n * mp.mpf("1e-4") / (1 - mp.mpf("1e-4")))
    peak, half = mp.sqrt(max(((n - 1) * r2 - m) / (1 - r2), 0)), max(14 / mp.sqrt(1 - r2), 6 * mp.mpf(n) ** 0.25)

    def rest(t):
        return n / (n + mp.exp(2 * t))

    def mass(t):
        q = mp.exp(t)
        return mp.exp(-q * q / 2) * mp.hyp1f1(mp.mpf(n - 1) / 2, mp.mpf(m) / 2, r2 * q * q / 2) * q * q * rest(t) ** 2

    panels = mp.linspace(mp.log(max(low, peak - half)), mp.log(peak + half), 33)
    M0, M1 = mp.quad(mass, panels), mp.quad(lambda t: rest(t) * mass(t), panels)
    return mp.quad(lambda t: (rest(t) - M1 / M0) ** 2 * mass(t), panels) / M0


CORNERS = [(0.995, 20, 2), (0.9999, 40, 3), (0.00001, 12, 8), (0.5, 1000, 490), (0.5, 4, 2)]
DRAWN = [(1 - 2.0**-20, 9, 4), (1 - 1e-6, 59, 3), (1 - 1e-9, 8, 3), (8.2e-5, 6100, 1), (3.2e-4, 98599, 20)]
"""As found by drawn tables: next to 1 with few people, and as narrow as metafor's steps."""


@pytest.mark.parametrize(
    ("r2", "n", "m"), [(0, 10, 2), (0.3, 30, 3), (0.9, 12, 9), (0.02, 200, 1), (0.6, 60, 5), *CORNERS, *DRAWN]
)
def test_the_variance_for_fixed_predictors(r2, n, m):
    true = integrated(mp.mpf(r2), n, m)
    assert abs(fixed(r2, n, m).vi[0] / true - 1) < 1e-11


@pytest.mark.parametrize("r2", [0.01, 0.5, 0.99])
def test_many_people_make_it_the_delta_methods(r2):
    n = 1e7
    np.testing.assert_allclose(fixed(r2, n, 3).vi[0] * n, 4 * r2 * (1 - r2) ** 2 * (1 - r2 / 2), rtol=1e-5)


R = [(0.6, 55, 5, 0.006764576173949655), (0.5, 100, 2, 0.003938161674872098), (0.3, 200, 10, 0.0026112876218544745)]


@pytest.mark.parametrize(("r2", "n", "m", "vi"), R)
def test_variances_of_r(r2, n, m, vi):
    """metafor 5.2-1: escalc("R2F", …), and ZR2F with its divisor (1 − R⁴)²."""
    np.testing.assert_allclose(fixed(r2, n, m).vi, vi, rtol=1e-12)
    z = determination.fisher_z_fixed(r2i=vector(r2), ni=vector(n), mi=vector(m))
    np.testing.assert_allclose(z, [[np.arctanh(np.sqrt(r2))], [vi / (1 - r2**2) ** 2]], rtol=1e-12)
