"""What metabias, limitmeta and lfk refuse, what follows from their definitions, and published numbers."""

import numpy as np
import pandas as pd
import pytest

import pymeta
from pymeta.diagnostics.small_study import TESTS

A = [3, 8, 2, 5, 9, 1, 7, 4, 6, 11, 2]
B = [20, 40, 12, 30, 55, 18, 60, 33, 22, 47, 61]
C = [6, 12, 7, 6, 13, 4, 8, 9, 9, 12, 5]
D = [18, 36, 9, 28, 49, 15, 59, 26, 21, 44, 50]
CELLS = {"ai": A, "bi": B, "ci": C, "di": D}
FIT = pymeta.rma(measure="OR", **CELLS)


# ---- Tables ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", TESTS)
def test_every_way_to_give_tables_is_the_same(method):
    tables = pymeta.metabias(method=method, **CELLS)
    frame = pd.DataFrame({"e1": A, "n1": np.add(A, B), "e2": C, "n2": np.add(C, D)})
    named = {"ai": "e1", "n1i": "n1", "ci": "e2", "n2i": "n2", "data": frame}
    fits = (pymeta.rma_mh(**CELLS), pymeta.rma_peto(**CELLS), FIT, pymeta.rma(measure="OR", **named))
    for fit in fits if "FIV" not in method else (fits[0], *fits[2:]):
        if isinstance(fit, pymeta.PetoResult) and method != "Harbord":
            continue  # its effects are Peto's
        assert pymeta.metabias(fit, method).frame().equals(tables.frame())
    assert pymeta.metabias(method=method, **named).bias == pytest.approx(tables.bias, rel=1e-14)


def test_harbord_by_hand():
    """Stata's way, Z/√V on √V without weights: its intercept is the bias."""
    a, b, c, d = (np.array(x, dtype=float) for x in (A, B, C, D))
    n, e = a + b + c + d, a + c
    Z, V = a - (a + b) * e / n, (a + b) * (c + d) * e * (b + d) / (n**2 * (n - 1))
    slope, intercept = np.polyfit(np.sqrt(V), Z / np.sqrt(V), 1)
    found = pymeta.metabias(method="Harbord", **CELLS)
    assert found.bias == pytest.approx(intercept, rel=1e-12)
    assert found.intercept == pytest.approx(slope, rel=1e-12)


@pytest.mark.parametrize("method", TESTS)
def test_groups_may_change_places(method):
    found = pymeta.metabias(method=method, **CELLS)
    turned = pymeta.metabias(method=method, ai=C, bi=D, ci=A, di=B)
    assert (turned.bias, turned.se_bias) == pytest.approx((-found.bias, found.se_bias), rel=1e-11)


def test_tables_that_say_nothing_are_left_out():
    found = pymeta.metabias(method="Peters", **CELLS)
    more = {name: [*cells, empty] for (name, cells), empty in zip(CELLS.items(), (0, 30, 0, 30), strict=True)}
    assert pymeta.metabias(method="Peters", **more) == found
    one = {name: [*cells, single] for (name, cells), single in zip(CELLS.items(), (0, 30, 2, 30), strict=True)}
    assert pymeta.metabias(method="Peters", **one).k == 12
    assert pymeta.metabias(method="Debray", **one).k == 11  # no events in a group: no weight


@pytest.mark.parametrize(
    ("x", "given", "said"),
    [
        (None, {"method": "Harbor", **CELLS}, "Did you mean 'Harbord'"),
        (None, {"method": "Harbord", "measure": "RR", **CELLS}, "method='Peters'"),
        (None, {"measure": "SMD", **CELLS}, "SMD"),
        (None, {**{name: cells[:9] for name, cells in CELLS.items()}}, "k_min= asks for fewer"),
        (None, {"k_min": 1, **{name: cells[:2] for name, cells in CELLS.items()}}, "need 3"),
        (FIT, CELLS, "not both"),
        (pymeta.rma(np.arange(12.0), np.ones(12)), {}, "not to tables"),
        (pymeta.rma_mh(measure="IRR", x1i=A, t1i=B, x2i=C, t2i=D), {}, "2x2 tables"),
        (pymeta.rma(measure="PHI", **CELLS), {}, "PHI"),
        ("a", {}, "2x2 tables"),
        (
            None,
            {"method": "Peters", "k_min": 3, "ai": [1, 2, 3], "bi": [9, 8, 7], "ci": [4, 5, 6], "di": [6, 5, 4]},
            "1/n is",
        ),
    ],
)
def test_what_metabias_refuses(x, given, said):
    with pytest.raises(pymeta.PymetaError, match=said):
        pymeta.metabias(x, **given)


def test_what_is_printed():
    lines = str(pymeta.metabias(method="Harbord", **CELLS)).splitlines()
    assert lines[0] == "Test of Small-Study Effects (Harbord; 11 studies; OR)"
    assert lines[-1].startswith("t = ")
    assert "df = 9" in lines[-1]
    assert str(pymeta.limitmeta(FIT)).splitlines()[0].startswith("Limit Meta-Analysis (beta0; k = 11; tau^2 = ")
    assert str(pymeta.lfk(FIT)).startswith("LFK index = ")


# ---- The limit ---------------------------------------------------------------------------------------------------------

THIRD_WAVE = np.array(
    [
        *((0.70913, 0.26085), (0.35486, 0.19636), (1.79117, 0.34557), (0.18245, 0.11778), (0.42185, 0.14481)),
        *((0.63000, 0.19600), (0.72488, 0.22466), (0.52866, 0.21046), (0.28400, 0.16800), (1.27510, 0.33715)),
        *((0.10360, 0.19470), (0.38840, 0.23080), (0.54070, 0.24430), (0.42620, 0.25794), (0.51542, 0.35122)),
        *((1.47973, 0.31532), (0.61257, 0.22664), (0.60000, 0.24900)),
    ]
)
"""The data ThirdWave of Harrer, Cuijpers, Furukawa & Ebert (2021), Doing Meta-Analysis with R; effects and errors."""


def test_a_published_limit_meta_analysis():
    """The book's chapter on publication bias, by metasens: -0.0345 [-0.3630; 0.2940], tau² 0.0820, Q 45.50."""
    found = pymeta.limitmeta(pymeta.rma(THIRD_WAVE[:, 0], sei=THIRD_WAVE[:, 1]))
    assert (found.beta, found.ci_lb, found.ci_ub) == pytest.approx((-0.0345, -0.3630, 0.2940), abs=2e-4)
    assert (found.tau2, found.Q) == pytest.approx((0.0820, 45.50), abs=5e-3)


def test_the_parts_of_q():
    found = pymeta.limitmeta(FIT)
    assert found.Q_small + found.Q_resid == pytest.approx(found.Q, rel=1e-13)
    lm = pymeta.regtest(FIT, model="lm")
    assert found.Q_small == pytest.approx(lm.zval**2 * found.Q_resid / (FIT.k - 2), rel=1e-10)


def test_without_heterogeneity_all_studies_say_the_same_in_the_limit():
    found = pymeta.limitmeta(pymeta.rma(THIRD_WAVE[:, 0], THIRD_WAVE[:, 1], method="EE"))
    assert np.ptp(found.limit) == 0.0
    egger = pymeta.regtest(pymeta.rma(THIRD_WAVE[:, 0], sei=THIRD_WAVE[:, 1], method="EE"))
    plain = pymeta.limitmeta(pymeta.rma(THIRD_WAVE[:, 0], sei=THIRD_WAVE[:, 1], method="EE"))
    assert plain.beta == pytest.approx(egger.est, rel=1e-12)
    assert len(plain.studies()) == 18


@pytest.mark.parametrize(
    ("fit", "given", "said"),
    [
        (pymeta.rma_mh(**CELLS), {}, "MHResult"),
        (pymeta.rma(measure="OR", mods=np.arange(11.0), **CELLS), {}, "moderators"),
        (FIT, {"method": "beta1"}, "Did you mean"),
        (pymeta.rma([1.0, 2.0], [1.0, 2.0]), {}, "3 studies"),
        (pymeta.rma([1.0, 2.0, 4.0], [1.0, 1.0, 1.0]), {}, "told from large"),
    ],
)
def test_what_limitmeta_refuses(fit, given, said):
    with pytest.raises(pymeta.PymetaError, match=said):
        pymeta.limitmeta(fit, **given)


# ---- The Doi plot ------------------------------------------------------------------------------------------------------


def test_published_indices():
    """What metasens::lfkindex says of two sets of data, as a web page's tests have it: 6.68755816 and 0.63617512."""
    yi = [0.05, 0.08, 0.12, 0.20, 0.55, 0.62, 0.85, 1.10, 1.35, 1.60]
    found = pymeta.lfk(yi, sei=[0.08, 0.09, 0.10, 0.12, 0.30, 0.33, 0.40, 0.48, 0.55, 0.62])
    assert (found.lfk, found.asymmetry) == (pytest.approx(6.68755816, abs=5e-9), "major")
    found = pymeta.lfk([-0.3, -0.1, 0.0, 0.1, 0.2, 0.35], sei=[0.2, 0.18, 0.15, 0.16, 0.19, 0.22])
    assert (found.lfk, found.asymmetry) == (pytest.approx(0.63617512, abs=5e-9), "no")


@pytest.mark.parametrize("unit", [1e-6, -1.0, 1e6])
def test_units_do_not_matter_and_sides_change_places(unit):
    yi, vi = THIRD_WAVE[:, 0], THIRD_WAVE[:, 1] ** 2
    whole = pymeta.lfk(yi * abs(unit), vi * unit**2)
    assert whole.lfk == pytest.approx(pymeta.lfk(yi, vi).lfk, rel=1e-9)
    mirrored = pymeta.lfk(-yi, vi)
    assert mirrored.lfk == pytest.approx(-pymeta.lfk(yi, vi).lfk, abs=0.05)  # ranks' halves are counted from one end


def test_the_order_of_rows_does_not_matter():
    yi, vi = THIRD_WAVE[:, 0].copy(), THIRD_WAVE[:, 1] ** 2
    yi[:4] = 0.4
    shuffled = np.random.default_rng(1).permutation(18)
    assert pymeta.lfk(yi[shuffled], vi[shuffled]).lfk == pymeta.lfk(yi, vi).lfk
    frame = pymeta.lfk(yi, vi).frame()
    assert frame["abs_zscore"].equals(frame["zscore"].abs())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (([1.0, 2.0], [1.0, 1.0]), "2 studies"),
        (([1.0, 1.0, 1.0], [1.0, 1.0, 2.0]), "no sides"),
        (([1.0, 2.0, 3.0], None), "vi or sei"),
    ],
)
def test_what_lfk_refuses(given, said):
    with pytest.raises(pymeta.PymetaError, match=said):
        pymeta.lfk(*given)
