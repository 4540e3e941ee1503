"""Every estimator of tau² against 50 digits, against metafor 5.2, and in what holds for all of them."""

import mpmath as mp
import numpy as np
import pytest

from pymeta.errors import OptionError
from pymeta.tau2.methods import TAU2
from tests import referee

CLOSED = [name for name, method in TAU2.items() if method.random and not method.iterative]
SOLVED = [name for name, method in TAU2.items() if method.iterative and not method.needs_weights]
RANDOM = [name for name, method in TAU2.items() if method.random]
SETS = [
    "bcg", "bcg, ablat", "bcg, ablat and year", "bcg, ablat alone", "bcg, year and its square", "k = 20",
    "variances over 8 orders", "variances over 8 orders, p = 2", "variances over 4 orders, p = 3", "effects of 1e-8",
    "effects of 1e6, p = 2",
    "tau2 is 0", "far from zero", "far from zero, p = 2", "k = 2", "k = p + 1", "one tiny variance", "equal variances",
]  # fmt: skip

# rma(yi, vi, mods=…, method=…, weights=people for GENQ and GENQM, control=list(threshold=1e-14, tol=1e-14, maxiter=1e5))
# tau2, se.tau2 of metafor 5.2-1; for GENQM with an implementation of Imhof's integral in the place of CompQuadForm.
METAFOR = {
    "bcg": {
        "DL": (0.30876026286237618, 0.2298699925110258), "HE": (0.32856385799576882, 0.20708717829893372),
        "HS": (0.22836286367690684, 0.12790455661327951), "HSk": (0.24916993028096543, 0.15070919007573519),
        "SJ": (0.34551570159859507, 0.14968051134734317), "SJIT": (0.3180684522050255, 0.17366302746275719),
        "DLIT": (0.31806845220502394, 0.1736630274627565), "ML": (0.28002813726864378, 0.14425194938276401),
        "REML": (0.31324325813648085, 0.16642575283697086), "EB": (0.31806845220502411, 0.17366302746275658),
        "PM": (0.31806845220502394, 0.1736630274627565), "PMM": (0.34338790689580673, 0.1847757155434232),
        "GENQ": (0.23914540688208955, 0.1961675325356215), "GENQM": (0.30419580968088561, 0.24605453032239546),
    },
    "bcg, ablat": {
        "DL": (0.063300502426415217, 0.054825147856626198), "HE": (0.20904802635887584, 0.17071196461608129),
        "HS": (0.029084907899851103, 0.016288456773166263), "HSk": (0.038249788531059772, 0.022893708802436543),
        "SJ": (0.2318437161189788, 0.11953378064610624), "SJIT": (0.1421319414727667, 0.09749856351571877),
        "DLIT": (0.14213194147275526, 0.09749856351571301), "ML": (0.034351442481241473, 0.028014180120634377),
        "REML": (0.0763479639552027, 0.059047228904441237), "EB": (0.14213194147275723, 0.097498563515713996),
        "PM": (0.14213194147275415, 0.097498563515712455), "PMM": (0.16155510876408147, 0.10719464029414667),
        "GENQ": (0.1132514309133754, 0.1092210468370759), "GENQM": (0.14955991788323747, 0.13855004521222561),
    },
    "bcg, ablat and year": {
        "DL": (0.079038957809128341, 0.073935239146177112), "HE": (0.23561076081653401, 0.19202869573949347),
        "HS": (0.025135517359015484, 0.013079310940358106), "HSk": (0.039072753238259095, 0.021873910140157306),
        "SJ": (0.25322612318191423, 0.13326172934478631), "ML": (0.026873199314100305, 0.023584366717715341),
        "REML": (0.1107846969469105, 0.084460775459527654), "PM": (0.17163711572453369, 0.11763993838248148),
        "PMM": (0.19566661510248845, 0.12991436829160713), "GENQ": (0.14208869237301483, 0.13308664316731814),
    },
    # without an intercept metafor estimates tau² from yi − mean(yi), which the model is not indifferent to
    "bcg, ablat alone": {
        "DL": (0.39361436156785418, 0.30749387289585428), "HE": (0.30890503015088283, 0.19889864768788154),
        "HS": (0.32259369362076606, 0.20839826020913407), "HSk": (0.35125332938681297, 0.24539046621134458),
        "SJ": (0.32836361640024597, 0.14411800468520017), "SJIT": (0.29781539178578631, 0.16471993327433435),
        "DLIT": (0.29781539178578498, 0.16471993327433374), "ML": (0.26928592110006827, 0.13958272464478391),
        "REML": (0.29863532375054636, 0.15943842234896591), "EB": (0.29781539178578492, 0.16471993327433371),
        "PM": (0.29781539178578281, 0.16471993327433282), "PMM": (0.32144279447057134, 0.1751481597500669),
        "GENQ": (0.40411460686646145, 0.33749006296108647),
    },
}  # fmt: skip
FROM_METAFOR = [(name, method) for name, found in METAFOR.items() for method in found]


def exact(yi, vi, X, weights):
    return referee.exact(yi), referee.exact(vi), [referee.exact(row) for row in X], referee.exact(weights)


def close(found, truth, size, digits):
    return abs(mp.mpf(found) - truth) <= mp.mpf(10) ** -digits * size


def test_the_names_are_metafors():
    assert set(TAU2) == {
        "EE", "FE", "CE", "DL", "HE", "HS", "HSk", "SJ", "SJIT", "DLIT", "ML", "REML", "EB", "PM", "PMM", "GENQ", "GENQM",
    }  # fmt: skip


def test_the_list_of_sets_is_complete(designs):
    assert set(SETS) == set(designs)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("method", CLOSED)
def test_closed_forms_against_50_digits(method, name, designs):
    """To the digits of what tau² is a difference of."""
    y, v, X, weights = exact(*designs[name])
    found = TAU2[method].fit(*designs[name])
    tau2, se, size = referee.closed_tau2(method, y, v, X, weights)
    assert close(found.tau2, tau2, size, 13)
    assert close(found.se_tau2, se, se, 13)
    assert found.solve.at_zero == (tau2 == 0)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("method", SOLVED)
def test_solutions_against_50_digits(method, name, designs):
    y, v, X, _ = exact(*designs[name])
    found = TAU2[method].fit(*designs[name])
    tau2, se = referee.solved_tau2(method, y, v, X, found.tau2)
    assert close(found.tau2, tau2, tau2 + min(v), 13)
    assert close(found.se_tau2, se, se, 13)
    assert found.solve.converged
    if found.tau2 == 0.0:
        assert found.solve.at_zero
        assert referee.estimating_function(method, y, v, X, mp.mpf(0)) <= 0


@pytest.mark.parametrize("name", ["bcg", "bcg, ablat and year", "tau2 is 0", "effects of 1e-8", "k = 2", "k = p + 1"])
def test_genqm_against_many_digits(name, designs):
    with mp.workdps(25):
        y, v, X, weights = exact(*designs[name])
        found = TAU2["GENQM"].fit(*designs[name])
        tau2, se = referee.genqm(y, v, X, weights, found.tau2)
        assert close(found.tau2, tau2, tau2 + min(v), 12)
        assert close(found.se_tau2, se, se, 12)
        if found.tau2 == 0.0:
            forms = referee.Forms(y, v, X, weights)
            assert referee.form_cdf(forms.q(), v, forms) <= 0.5


@pytest.mark.parametrize(("name", "method"), FROM_METAFOR)
def test_against_metafor(name, method, designs):
    yi, *rest = designs[name]
    found = TAU2[method].fit(yi - yi.mean() if name.endswith("alone") else yi, *rest)
    digits = 1e-8 if name == "bcg, ablat and year" else 1e-12 if method in CLOSED else 1e-10
    assert (found.tau2, found.se_tau2) == pytest.approx(METAFOR[name][method], rel=digits)


def test_sj_from_a_start_of_ones_own(designs):
    """rma(yi, vi, data=dat, method="SJ", control=list(tau2.init=.05))"""
    found = TAU2["SJ"].fit(*designs["bcg"], tau2_init=0.05)
    assert (found.tau2, found.se_tau2) == pytest.approx((0.16208694806928114, 0.042122498987506224), rel=1e-12)


@pytest.mark.parametrize("method", ["GENQ", "GENQM"])
def test_weights_are_asked_for(method, designs):
    with pytest.raises(OptionError, match=f"method='{method}' needs weights="):
        TAU2[method].fit(*designs["bcg"][:3])


def test_genq_holds_dl_and_he(designs):
    for yi, vi, X, _ in designs.values():
        for name, weights in (("DL", 1.0 / vi), ("HE", np.ones(len(vi)))):
            one, other = TAU2["GENQ"].fit(yi, vi, X, weights), TAU2[name].fit(yi, vi, X)
            assert one.tau2 == pytest.approx(other.tau2, rel=1e-10, abs=1e-12 * vi.max())
            assert one.se_tau2 == pytest.approx(other.se_tau2, rel=1e-12)


def test_a_study_of_weight_0_does_not_count():
    rng = np.random.default_rng(1)
    yi, vi, w = rng.normal(size=8), rng.uniform(0.1, 1, 8), rng.uniform(1, 2, 8)
    w[3] = 0.0
    kept = w > 0
    for name in ("GENQ", "GENQM"):
        whole = TAU2[name].fit(yi, vi, np.ones((8, 1)), w)
        less = TAU2[name].fit(yi[kept], vi[kept], np.ones((7, 1)), w[kept])
        assert (whole.tau2, whole.se_tau2) == pytest.approx((less.tau2, less.se_tau2), rel=1e-11)


@pytest.mark.parametrize("method", RANDOM)
@pytest.mark.parametrize("power", [-8, -3, 1, 6])
def test_scale(method, power, designs):
    """A power of ten is not exact in binary, so the last digits may differ."""
    c = 10.0**power
    for name in ("bcg", "bcg, ablat", "k = 20", "tau2 is 0", "variances over 4 orders, p = 3"):
        yi, vi, X, weights = designs[name]
        plain, scaled = TAU2[method].fit(yi, vi, X, weights), TAU2[method].fit(yi * c, vi * c**2, X, weights)
        assert scaled.tau2 == pytest.approx(plain.tau2 * c**2, rel=1e-12, abs=1e-13 * c**2 * vi.max())
        assert scaled.se_tau2 == pytest.approx(plain.se_tau2 * c**2, rel=1e-12)


@pytest.mark.parametrize("method", RANDOM)
def test_order_shift_and_parametrisation_leave_it_alone(method, designs):
    for name in ("bcg", "bcg, ablat and year", "variances over 4 orders, p = 3"):
        yi, vi, X, weights = designs[name]
        p = X.shape[1]
        turn, order = np.eye(p) * 3.0 + 0.3 * np.tri(p).T, np.random.default_rng(2).permutation(len(yi))
        shifted = yi + (0.0 if method == "SJ" and p > 1 else X @ np.full(p, 0.01))
        plain = TAU2[method].fit(yi, vi, X, weights).tau2
        assert TAU2[method].fit(shifted[order], vi[order], (X @ turn)[order], weights[order]).tau2 == pytest.approx(
            plain, rel=1e-9
        )


@pytest.mark.parametrize("method", RANDOM)
def test_equal_effects_have_no_heterogeneity(method):
    found = TAU2[method].fit(np.full(4, 0.7), np.array([0.1, 0.2, 0.05, 0.4]), np.ones((4, 1)), np.ones(4))
    assert (found.tau2, found.solve.at_zero) == (0.0, True)
    assert found.se_tau2 >= 0.0


# rma(c(.10,.9,-.29,.41,.2), c(.1,.2,.15,.3,.2), method=…, weights=1:5, control=list(…, tau2.min=-.05)), metafor 5.2-1
BELOW_ZERO = {
    "DL": (0.012852800000000018, 0.13130685321688615), "HE": (0.0009300000000000419, 0.14098628461662507),
    "HS": (-0.023416049382716034, 0.094280904158206336), "HSk": (0.012396604938271624, 0.1263331578358973),
    "REML": (0.010271777175965602, 0.12485781021505311), "ML": (-0.047134924647142841, 0.060108447222073452),
    "PM": (0.013128286412107665, 0.12834427731735762), "EB": (0.013128286412107283, 0.12834427731735731),
    "DLIT": (0.013128286412107611, 0.12834427731735756), "PMM": (0.049520549475339987, 0.15660244083285216),
    "SJIT": (0.013128286412238524, 0.1283442773174612), "GENQ": (-0.043225882352941211, 0.17191975274552673),
}  # fmt: skip
# the same for c(.30,.32,.29,.31), c(.1,.2,.15,.3): all at the boundary
AT_THE_BOUNDARY = {
    "DL": 0.13778379803155377, "HE": 0.16083549221348983, "HS": 0.097979589711327128, "HSk": 0.13063945294843615,
    "REML": 0.083041247442893304, "ML": 0.059737729720022038, "PM": 0.080311139107645188, "PMM": 0.080311139107645188,
    "GENQ": 0.19897953950810404,
}  # fmt: skip


@pytest.mark.parametrize("method", BELOW_ZERO)
def test_a_lower_boundary_than_0(method):
    yi, vi = np.array([0.10, 0.9, -0.29, 0.41, 0.2]), np.array([0.1, 0.2, 0.15, 0.3, 0.2])
    found = TAU2[method].fit(yi, vi, np.ones((5, 1)), np.arange(1.0, 6.0), -0.05)
    assert (found.tau2, found.se_tau2) == pytest.approx(BELOW_ZERO[method], rel=1e-10, abs=1e-14)
    assert not found.solve.at_zero


@pytest.mark.parametrize("method", AT_THE_BOUNDARY)
def test_at_a_lower_boundary_than_0(method):
    yi, vi = np.array([0.30, 0.32, 0.29, 0.31]), np.array([0.1, 0.2, 0.15, 0.3])
    found = TAU2[method].fit(yi, vi, np.ones((4, 1)), np.arange(1.0, 5.0), -0.05)
    assert (found.tau2, found.solve.at_zero) == (-0.05, True)
    assert found.se_tau2 == pytest.approx(AT_THE_BOUNDARY[method], rel=1e-10)


@pytest.mark.parametrize("method", RANDOM)
def test_many_studies_need_little_memory(method):
    """A matrix of k x k would take 3 GB (GENQM: 32 MB)."""
    import tracemalloc

    k, rng = 2_000 if method == "GENQM" else 20_000, np.random.default_rng(4)
    vi = 10.0 ** rng.uniform(-0.5, 0.5, k)
    X, yi = np.column_stack([np.ones(k), rng.normal(size=k)]), rng.normal(0.0, np.sqrt(vi + 0.3))
    tracemalloc.start()
    found = TAU2[method].fit(yi, vi, X, np.ones(k))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.tau2 == pytest.approx(0.3, abs=0.6 if method == "SJ" else 0.05)
    assert peak < 60 * X.nbytes
