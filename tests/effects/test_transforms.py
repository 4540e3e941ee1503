"""The transformations: by 50 digits at hard places, by each other, by published numbers, and what they refuse."""

import mpmath as mp
import numpy as np
import pytest

from pymeta.effects import transforms
from pymeta.effects.transforms import TRANSFORMS
from pymeta.errors import DataError, OptionError

TINY = [-1e-3, -1e-9, 1e-300, 1e-9, 1e-3, 0.3, 0.999999]

# name -> the definition in mpmath, where it is asked
EXACT = {
    "transf_rtoz": (mp.atanh, [*TINY, -0.999999]),
    "transf_ztor": (mp.tanh, [*TINY, 20.0]),
    "transf_r2toz": (lambda x: mp.atanh(mp.sqrt(x)), TINY[2:]),
    "transf_ztor2": (lambda x: mp.tanh(x) ** 2, [1e-9, 0.3, 5.0]),
    "transf_logit": (lambda x: mp.log(x / (1 - x)), [1e-300, 1e-9, 0.3, 0.4999999, 0.999999]),
    "transf_ilogit": (lambda x: 1 / (1 + mp.exp(-x)), [-700.0, -3.0, 0.0, 40.0]),
    "transf_iprobit": (mp.ncdf, [-37.0, -3.0, 0.0, 2.0]),
    "transf_arcsin": (lambda x: mp.asin(mp.sqrt(x)), TINY[2:]),
    "transf_iarcsin": (lambda x: mp.sin(x) ** 2, [1e-9, 0.3, 1.5]),
    "transf_abt": (lambda x: -mp.log(1 - x), [-5.0, *TINY]),
    "transf_iabt": (lambda x: 1 - mp.exp(-x), [1e-300, 1e-9, 0.3, 40.0]),
    "transf_ahw": (lambda x: 1 - mp.cbrt(1 - x), [-5.0, *TINY]),
    "transf_iahw": (lambda x: 1 - (1 - x) ** 3, [1e-300, 1e-9, 0.3, 0.999]),
    "transf_dtou1": (lambda d: (2 * mp.ncdf(abs(d) / 2) - 1) / mp.ncdf(abs(d) / 2), [-1e-9, 1e-9, 0.3, -4.0]),
    "transf_dtou2": (lambda d: mp.ncdf(d / 2), [-60.0, 0.3, 4.0]),
    "transf_dtou3": (mp.ncdf, [-37.0, 0.3, 4.0]),
    "transf_dtoovl": (lambda d: 2 * mp.ncdf(-abs(d) / 2), [-60.0, 1e-9, 4.0]),
    "transf_dtocles": (lambda d: mp.ncdf(d / mp.sqrt(2)), [-50.0, 0.3, 4.0]),
    "transf_dtocliffd": (lambda d: mp.erf(d / 2), TINY),
    "transf_dtobesd": (lambda d: (1 + d / mp.sqrt(d**2 + 4)) / 2, [-1e8, -40.0, 0.3, 1e8]),
    "transf_dtorpb": (lambda d: d / mp.sqrt(d**2 + 4), [*TINY, -50.0]),
    "transf_rpbtod": (lambda r: 2 * r / mp.sqrt(1 - r**2), [*TINY, -0.999999]),
    "transf_lnortortet_pearson": (lambda x: mp.cos(mp.pi / (1 + mp.exp(x / 2))), [*TINY, -8.0]),
    "transf_lnortortet_digby": (lambda x: mp.tanh(3 * x / 8), [*TINY, -8.0]),
    "transf_lnortod_logis": (lambda x: x * mp.sqrt(3) / mp.pi, TINY),
    "transf_lnortod_norm": (lambda x: x / mp.mpf(1.65), TINY),
}


@pytest.mark.parametrize("name", EXACT)
def test_numbers_keep_their_digits(name):
    definition, points = EXACT[name]
    found = TRANSFORMS[name](points)
    with mp.workdps(400):  # the definitions cancel, which must not matter here
        truth = [definition(mp.mpf(x)) for x in points]
        worst = max(abs((mp.mpf(float(ours)) - exact) / exact) for ours, exact in zip(found, truth, strict=True))
    assert worst < (1e-12 if name in FAR_TAILS else 1e-14)


FAR_TAILS = ("transf_iprobit", "transf_dtou2", "transf_dtou3", "transf_dtoovl", "transf_dtocles")
"""Where an argument's own rounding costs x² of the last digit."""

INVERSES = [
    ("rtoz", "ztor", [-0.9, 0.0, 0.3]),
    ("r2toz", "ztor2", [0.0, 0.3, 0.9]),
    ("logit", "ilogit", [0.01, 0.5, 0.9]),
    ("probit", "iprobit", [0.01, 0.5, 0.9]),
    ("arcsin", "iarcsin", [0.0, 0.3, 1.0]),
    ("ahw", "iahw", [0.0, 0.3, 1.0]),
    ("abt", "iabt", [0.0, 0.3, 0.99]),
    ("dtocles", "clestod", [-1.0, 0.0, 2.0]),
    ("dtolnor_norm", "lnortod_norm", [-1.0, 2.0]),
    ("dtolnor_logis", "lnortod_logis", [-1.0, 2.0]),
    ("dtorpb", "rpbtod", [-1.0, 2.0]),
    ("dtorbis", "rtod", [-1.0, 2.0]),
    ("rpbtorbis", "rtorpb", [-0.3, 0.5]),
]


@pytest.mark.parametrize(("there", "back", "points"), INVERSES)
def test_inverses_undo_each_other(there, back, points):
    moved = TRANSFORMS[f"transf_{there}"](points)
    np.testing.assert_allclose(TRANSFORMS[f"transf_{back}"](moved), points, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("n", [1, 2, 10, 1e3, 1e6])
def test_the_double_arcsine_is_undone_for_every_count(n):
    p = np.array([0.0, 1.0, *(np.arange(1, min(n, 20)) / n)])
    np.testing.assert_allclose(transforms.transf_ipft(transforms.transf_pft(p, n), n), p, atol=1e-12)


def test_the_freeman_tukey_rate_is_undone():
    x, t = np.array([0.0, 0.01, 2.0, 50.0]), np.array([10.0, 1e6, 3.0, 0.5])
    np.testing.assert_allclose(transforms.transf_iirft(transforms.transf_irft(x, t), t), x, rtol=1e-12, atol=1e-15)


def test_the_harmonic_mean_leaves_missing_sizes_out():
    t = np.array([0.5, 0.9])
    expected = transforms.transf_ipft(t, 3.0 / (1 / 5 + 1 / 10 + 1 / 20))
    assert np.array_equal(transforms.transf_ipft_hm(t, {"ni": [5, 10, np.nan, 20]}), expected)
    assert np.array_equal(transforms.transf_ipft_hm(t, ni=[5, 10, 20]), expected)


def test_published_numbers():
    # Cohen (1988), table 2.2.1: d = 0.8 is U1 = 47.4 %, U2 = 65.5 %, U3 = 78.8 %
    assert [round(float(TRANSFORMS[f"transf_dtou{i}"](0.8)), 3) for i in (1, 2, 3)] == [0.474, 0.655, 0.788]
    # Rosenthal & Rubin (1982): r = .32 is a success rate of 66 % against 34 %
    assert round(float(transforms.transf_dtobesd(transforms.transf_rpbtod(0.32))), 2) == 0.66
    # Chinn (2000): an odds ratio is divided by 1.81 in the logarithm
    assert round(1 / float(transforms.transf_lnortod_logis(1.0)), 2) == 1.81


def test_risks_from_odds_ratios():
    pc, odds = np.array([0.05, 0.3, 0.9]), np.array([2.0, 0.5, 3.0])
    pt = pc * odds / (1 - pc + pc * odds)
    np.testing.assert_allclose(transforms.transf_lnortord(np.log(odds), pc), pt - pc, rtol=1e-14)
    np.testing.assert_allclose(transforms.transf_lnortorr(np.log(odds), pc), pt / pc, rtol=1e-14)
    np.testing.assert_array_equal(transforms.transf_lnortord([-np.inf, np.inf], 0.3), [-0.3, 0.7])
    np.testing.assert_allclose(transforms.transf_lnortord([1e-12], 0.3), [0.21e-12], rtol=1e-11)


ENDS = {
    "transf_rtoz": ([-2.0, 2.0], [-np.inf, np.inf]),
    "transf_r2toz": ([-0.5, 1.5], [0.0, np.inf]),
    "transf_logit": ([-0.1, 0.0, 1.0, 1.1], [np.nan, -np.inf, np.inf, np.nan]),
    "transf_arcsin": ([-0.1, 1.1], [np.nan, np.nan]),
    "transf_iarcsin": ([-1.0, 2.0, np.inf], [0.0, 1.0, 1.0]),
    "transf_iahw": ([-1.0, 2.0], [0.0, 1.0]),
    "transf_iabt": ([-1.0, np.inf], [0.0, 1.0]),
    "transf_ahw": ([1.0, 1.5], [1.0, np.nan]),
    "transf_isqrt": ([-1.0, 3.0], [0.0, 9.0]),
    "transf_dtobesd": ([-np.inf, np.inf], [0.0, 1.0]),
    "transf_dtorpb": ([-np.inf, np.inf], [-1.0, 1.0]),
    "transf_lnortortet_digby": ([-800.0, np.inf], [-1.0, 1.0]),
    "transf_rpbtod": ([1.0, 1.1], [np.inf, np.nan]),
}


@pytest.mark.parametrize("name", ENDS)
def test_beyond_the_domain(name):
    points, expected = ENDS[name]
    np.testing.assert_array_equal(TRANSFORMS[name](points), expected)


MORE = {"ni": 10.0, "ti": 3.0, "pc": 0.3}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_missing_stays_missing_and_a_number_stays_a_number(name):
    function = TRANSFORMS[name]
    taken = function.__code__.co_varnames[: function.__code__.co_argcount]
    more = {key: value for key, value in MORE.items() if key in taken}
    more |= {"transf_dtomd": {"targs": 2.0}, "transf_ipft_hm": {"ni": [10.0]}}.get(name, {})
    more |= {"tau2": 0.1} if name.endswith(("_int", "_mode")) else {}
    found = function([0.3, np.nan, 0.4], **more)
    assert np.isnan(found).tolist() == [False, True, False]
    assert np.isscalar(function(0.3, **more))
    assert function(0.3, **more) == pytest.approx(found[0], rel=1e-15)
    assert function(np.full((2, 3), 0.3), **more).shape == (2, 3)


# -- integrals and modes


def normal(mean, tau2):
    return lambda z: mp.exp(-((z - mean) ** 2) / (2 * tau2)) / mp.sqrt(2 * mp.pi * tau2)


def mean_of(h, mean, tau2, low, high, within=None):
    """The definition, in pieces that follow the density and the function."""
    mean, tau2 = mp.mpf(mean), mp.mpf(tau2)
    sd = mp.sqrt(tau2)
    f = normal(mean, tau2)
    points = {mean + step * sd for step in range(-14, 15)} | {mp.mpf(step) for step in range(-20, 21)}
    points |= {mean + tau2 + step * sd for step in range(-14, 15)}  # where e^z moves the density to
    inner = sorted(point for point in points if low < point < high)
    ends = [low if mp.isfinite(low) else min(points) - 20 * sd, high if mp.isfinite(high) else max(points) + 20 * sd]
    whole = mp.quad(lambda z: h(z) * f(z), [ends[0], *inner, ends[1]])
    return whole if within is None else whole / mean_of(lambda z: mp.mpf(1), mean, tau2, *within)


EXPIT = EXACT["transf_ilogit"][0]
MEANS = [
    ("ztor", mp.tanh, -mp.inf, mp.inf, None, [(-3.0, 0.5), (0.3, 0.01), (1.0, 30.0)]),
    ("ilogit", EXPIT, -mp.inf, mp.inf, None, [(-30.0, 0.5), (0.3, 0.01), (-8.0, 3.0), (1.0, 100.0)]),
    ("iprobit", mp.ncdf, -mp.inf, mp.inf, None, [(-8.0, 3.0), (0.3, 0.01)]),
    ("dtocles", EXACT["transf_dtocles"][0], -mp.inf, mp.inf, None, [(-8.0, 3.0), (0.3, 0.01)]),
    ("exp", mp.exp, -mp.inf, mp.inf, None, [(-3.0, 3.0), (2.0, 0.01)]),
    (
        "iarcsin",
        EXACT["transf_iarcsin"][0],
        0,
        mp.pi / 2,
        (0, mp.pi / 2),
        [(0.3, 0.5), (-1.0, 0.02), (0.7, 1e-4), (3.0, 2.0)],
    ),
    ("iahw", EXACT["transf_iahw"][0], 0, mp.mpf(1), (0, mp.mpf(1)), [(0.3, 0.5), (-1.0, 0.02), (0.7, 1e-4)]),
    ("iabt", EXACT["transf_iabt"][0], 0, mp.inf, (0, mp.inf), [(0.3, 0.5), (-1.0, 0.02), (0.7, 1e-4), (2.0, 9.0)]),
]
LIMITED = [
    ("ztor", mp.tanh, -1.0, 2.0, None, [(0.3, 0.5)]),
    ("exp", mp.exp, -1.0, 2.0, None, [(0.3, 0.5), (-4.0, 0.5)]),
    ("iprobit", mp.ncdf, -1.0, 2.0, None, [(0.3, 0.5)]),
    ("iahw", EXACT["transf_iahw"][0], 0.2, 0.6, (0, mp.mpf(1)), [(0.3, 0.5)]),
]


@pytest.mark.parametrize("one", [*MEANS, *LIMITED], ids=lambda one: f"{one[0]} {float(one[2])}")
def test_means_by_50_digits(one):
    name, h, low, high, within, points = one
    limits = {} if one in MEANS else {"lower": low, "upper": high}
    with mp.workdps(30):
        for mean, tau2 in points:
            truth = mean_of(h, mean, tau2, low, high, within)
            found = TRANSFORMS[f"transf_{name}_int"](mean, tau2=tau2, **limits)
            assert abs(mp.mpf(float(found)) / truth - 1) < 1e-12, (mean, tau2, found, truth)


def test_limits_the_other_way_round_turn_the_sign():
    limits = {"tau2": 0.5, "lower": 2.0, "upper": -1.0}
    assert transforms.transf_ztor_int(0.3, limits) == -transforms.transf_ztor_int(0.3, tau2=0.5, lower=-1.0, upper=2.0)


def test_every_number_has_its_own_mean():
    x = [-2.0, 0.3, 1.0, 8.0]
    for name in ("iarcsin", "iahw", "iabt", "ztor"):
        function = TRANSFORMS[f"transf_{name}_int"]
        np.testing.assert_allclose(function(x, tau2=0.5), [function(one, tau2=0.5) for one in x], rtol=1e-14)


def density(name, mean, tau2):
    """Of the transformed variable, by y."""
    to = {
        "ztor": (mp.atanh, lambda y: 1 / (1 - y**2)),
        "ilogit": (lambda y: mp.log(y / (1 - y)), lambda y: 1 / (y * (1 - y))),
        "iabt": (lambda y: -mp.log(1 - y), lambda y: 1 / (1 - y)),
        "iarcsin": (lambda y: mp.asin(mp.sqrt(y)), lambda y: 1 / mp.sqrt(y * (1 - y))),
        "iahw": (lambda y: 1 - mp.cbrt(1 - y), lambda y: mp.cbrt(1 - y) ** -2),
        "exp": (mp.log, lambda y: 1 / y),
    }[name]
    return lambda y: normal(mean, tau2)(to[0](y)) * to[1](y)


@pytest.mark.parametrize("mean", [0.3, 0.6])
@pytest.mark.parametrize("name", ["ztor", "ilogit", "iabt", "iarcsin", "iahw", "exp"])
def test_densities_peak_at_the_modes(name, mean):
    for tau2 in (0.001, 0.01):
        with mp.workdps(40):
            mode = mp.mpf(float(TRANSFORMS[f"transf_{name}_mode"](mean, tau2=tau2)))
            f = density(name, mp.mpf(mean), mp.mpf(tau2))
            slope, bend = (mp.diff(lambda y: mp.log(f(y)), mode, order) for order in (1, 2))  # noqa: B023
        assert bend < 0
        assert abs(slope / bend) < 1e-13 * mode


def test_modes_at_the_ends():
    assert transforms.transf_iabt_mode([-2.0, 0.0], tau2=0.5).tolist() == [0.0, float(-np.expm1(-0.5))]
    assert transforms.transf_iprobit_mode([-1.0, 2.0], tau2=1.0).tolist() == [0.0, 1.0]
    assert np.isnan(transforms.transf_iprobit_mode(0.0, tau2=1.0))
    assert transforms.transf_iarcsin_mode([0.1, 1.5], tau2=1.0).tolist() == [0.0, 1.0]
    assert transforms.transf_iarcsin_mode([0.1, 1.2], tau2=0.05).tolist() == [0.0, 1.0]
    assert transforms.transf_iahw_mode([-2.0, -2.0, 0.5, 1.5], tau2=0.5).tolist()[:2] == [0.0, 0.0]
    assert transforms.transf_iahw_mode([0.5, 1.5], tau2=0.5).tolist() == [1.0, 1.0]
    assert np.isnan(transforms.transf_ilogit_mode(1.0, tau2=2.5))
    assert transforms.transf_ztor_mode([0.0, 0.0], tau2=0.5).tolist() == [0.0, 0.0]
    # of two modes the higher one: on the side of the mean, and the positive one in the middle
    assert np.sign(transforms.transf_ztor_mode([-0.1, 0.0, 0.1], tau2=1.0)).tolist() == [-1.0, 1.0, 1.0]


REFUSED = [
    (lambda: transforms.transf_ztor_int(0.3), OptionError, "tau2: this transformation needs the variance between studies"),
    (lambda: transforms.transf_ztor_int(0.3, -1), OptionError, "tau2=-1: needs one number of 0 or more"),
    (lambda: transforms.transf_exp_mode(0.3, [1, 2]), OptionError, r"tau2=\[1, 2\]: needs one number of 0 or more"),
    (lambda: transforms.transf_exp_mode(0.3, np.nan), OptionError, "tau2=nan: needs one number of 0 or more"),
    (lambda: transforms.transf_ztor_int(0.3, {"tau": 1}), OptionError, "'tau': no such argument.*Did you mean 'tau2'"),
    (lambda: transforms.transf_ztor_int(0.3, 1, lower=np.nan), OptionError, "lower, upper: nan, inf are no limits"),
    (lambda: transforms.transf_ipft_hm(0.3), OptionError, "transf_ipft_hm needs the sample sizes"),
    (lambda: transforms.transf_ipft_hm(0.3, [1, 2]), OptionError, "no such argument of the transformation; allowed: ni"),
    (lambda: transforms.transf_dtomd(0.3), OptionError, "transf_dtomd needs one standard deviation"),
    (lambda: transforms.transf_dtomd(0.3, [1, 2]), OptionError, r"transf_dtomd needs one standard deviation.*got \[1, 2\]"),
    (lambda: transforms.transf_dtorpb(0.3, n1i=3), OptionError, "n1i and n2i: give both group sizes"),
    (lambda: transforms.transf_lnortord(0.3, 1.2), DataError, "pc, row 1: 1.2 is not within 0 and 1"),
    (lambda: transforms.transf_lnortorr([0, 0], [0.5, -1]), DataError, "pc, row 2: -1 is not within 0 and 1"),
    (lambda: transforms.transf_rpbtorbis(0.3, 2), DataError, "pi, row 1: 2 is not within 0 and 1"),
    (lambda: transforms.transf_logit("a"), DataError, "xi: 'a' is not a number"),
]


@pytest.mark.parametrize(("call", "error", "text"), REFUSED)
def test_refusals(call, error, text):
    with pytest.raises(error, match=text):
        call()
