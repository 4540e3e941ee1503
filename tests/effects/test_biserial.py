"""Point-biserial and biserial correlations: the definition on raw data, and 50 digits where the numbers get hard."""

import mpmath as mp
import numpy as np
import pytest

import pymeta
from pymeta.effects.biserial import biserial, biserial_z, point_biserial, point_biserial_z
from pymeta.errors import DataError
from tests.referee import exact

INPUTS = ("n1i", "m1i", "sd1i", "n2i", "m2i", "sd2i", "di", "ri", "ti", "pi")
KERNELS = {"RPB": point_biserial, "ZPB": point_biserial_z, "RBIS": biserial, "ZBIS": biserial_z}


def effects(measure, vtype="ST", **columns):
    k = len(next(iter(columns.values())))
    inputs = {name: np.asarray(columns.get(name, [np.nan] * k), dtype=float) for name in INPUTS}
    kinds = {"vtype": vtype} if measure in ("RPB", "ZPB") else {}
    return KERNELS[measure](**inputs, **kinds)


def truth(measure, d, n1, n2, vtype="ST"):
    """The published formulas, as they stand there."""
    d, n1, n2 = exact([d, n1, n2])
    N, m = n1 + n2, n1 + n2 - 2
    h, p, q = m / n1 + m / n2, n1 / N, n2 / N
    r = d / mp.sqrt(d**2 + h)
    if measure in ("RPB", "ZPB"):
        tate = (1 - r**2) ** 2 * (1 - 3 * r**2 / 2 + r**2 / (4 * p * q)) / N
        fixed = h**2 / (h + d**2) ** 3 * (1 / n1 + 1 / n2 + d**2 / (2 * N))
        v = tate if vtype == "CS" else fixed
    else:
        z = mp.findroot(lambda z: mp.log(mp.erfc(z / mp.sqrt(2)) / 2) - mp.log(p), -mp.sqrt(2) * mp.erfinv(2 * float(p) - 1))
        f = mp.npdf(z)
        r *= mp.sqrt(p * q) / f
        b2 = min(r**2, mp.mpf(1))
        v = (p * q / f**2 - (1.5 + (1 - p * z / f) * (1 + q * z / f)) * b2 + b2**2) / (N - 1)
    return (r, v) if measure[0] == "R" else (mp.atanh(r), v / (1 - r**2) ** 2)


HARD = {
    "ordinary": (0.7, 20, 25),
    "no difference": (0.0, 5, 900),
    "three people": (-1.0, 1, 2),
    "many beside few": (0.5, 437828, 8),
    "few beside many": (0.9, 1, 1e9),
    "large": (3e-4, 1e9, 2e9),
}


@pytest.mark.parametrize("row", HARD)
@pytest.mark.parametrize(
    ("measure", "vtype"), [("RPB", "ST"), ("RPB", "CS"), ("ZPB", "ST"), ("ZPB", "CS"), ("RBIS", "ST"), ("ZBIS", "ST")]
)
def test_fifty_digits(measure, vtype, row):
    d, n1, n2 = HARD[row]
    y, v = truth(measure, d, n1, n2, vtype)
    found = effects(measure, vtype, di=[d], n1i=[n1], n2i=[n2])
    assert found.yi[0] == pytest.approx(float(y), rel=2e-14)
    assert found.vi[0] == pytest.approx(float(v), rel=1e-13)


@pytest.mark.parametrize("measure", ["RPB", "ZPB"])
@pytest.mark.parametrize("vtype", ["ST", "CS"])
def test_a_correlation_near_one_keeps_its_digits(measure, vtype):
    """1 − r² is 0 in doubles, and metafor has no answer for the z."""
    y, v = truth(measure, 1e9, 20, 25, vtype)
    found = effects(measure, vtype, di=[1e9], n1i=[20], n2i=[25])
    assert found.yi[0] == pytest.approx(float(y), rel=1e-14)
    assert found.vi[0] == pytest.approx(float(v), rel=1e-14)


def test_a_point_biserial_correlation_is_pearsons_with_the_group():
    x, y = np.array([3.0, 5.0, 4.0, 9.0]), np.array([1.0, 2.0, 6.0, 3.0, 3.5])
    pearson = np.corrcoef(np.r_[np.ones(4), np.zeros(5)], np.r_[x, y])[0, 1]
    (found,), _ = effects(
        "RPB", n1i=[4], m1i=[x.mean()], sd1i=[x.std(ddof=1)], n2i=[5], m2i=[y.mean()], sd2i=[y.std(ddof=1)]
    )
    assert found == pytest.approx(pearson, rel=1e-14)


@pytest.mark.parametrize("measure", KERNELS)
def test_ways_to_the_same_correlation(measure):
    """d, r and t of one table; the groups in the other order turn the sign."""
    d, n1, n2 = 0.7, 20.0, 25.0
    h = 43 / n1 + 43 / n2
    sizes = {"n1i": [n1], "n2i": [n2]}
    first = effects(measure, di=[d], **sizes)
    for way in ({"ri": [d / np.sqrt(d**2 + h)]}, {"ti": [d / np.sqrt(1 / n1 + 1 / n2)]}):
        np.testing.assert_allclose(effects(measure, **way, **sizes), first, rtol=1e-14)
    turned = effects(measure, di=[-d], n1i=[n2], n2i=[n1])
    np.testing.assert_allclose(turned.yi, -first.yi, rtol=1e-14)
    np.testing.assert_allclose(turned.vi, first.vi, rtol=1e-14)


def test_a_kind_of_variance_is_of_the_sample_not_of_the_scale():
    """Fisher's z has r's variance over (1 − r²)², and LS is ST."""
    rows = {"di": [0.7, -2.0], "n1i": [20, 5], "n2i": [25, 50]}
    for vtype in ("ST", "CS"):
        r, z = effects("RPB", vtype, **rows), effects("ZPB", vtype, **rows)
        np.testing.assert_allclose(z.vi, r.vi / (1 - r.yi**2) ** 2, rtol=1e-13)
        np.testing.assert_allclose(np.tanh(z.yi), r.yi, rtol=1e-14)
    np.testing.assert_array_equal(effects("RPB", "LS", **rows), effects("RPB", "ST", **rows))
    assert (effects("RPB", "ST", **rows).vi != effects("RPB", "CS", **rows).vi).all()


def test_a_biserial_correlation_beyond_one():
    """It can pass 1: the variance is then that at 1, and there is no z."""
    rows = {"di": [3.0, 50.0], "n1i": [20, 20], "n2i": [25, 25]}
    found = effects("RBIS", **rows)
    assert (found.yi > 1).all()
    assert found.vi[0] == found.vi[1] > 0
    assert np.isnan(effects("ZBIS", **rows)).all()


@pytest.mark.parametrize("measure", KERNELS)
@pytest.mark.parametrize(
    "row",
    [
        {"n1i": 1, "n2i": 1, "di": 0.5},
        {"n1i": 1, "n2i": 1, "ri": 0.5},
        {"n1i": 20, "n2i": 25, "ri": 1},
        {"n1i": 20, "n2i": 25, "ri": -1},
        {"n1i": 20, "n2i": 25, "m1i": 1, "m2i": 0, "sd1i": 0, "sd2i": 0},
        {"n1i": 20, "n2i": 25},
        {"n1i": np.nan, "n2i": 25, "di": 0.5},
    ],
)
def test_no_correlation(measure, row):
    found = effects(measure, **{name: [value, value] for name, value in row.items()})
    assert np.isnan(found.yi).all()
    assert np.isnan(found.vi).all()


# ---- As people ask for them -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("measure", ["RPB", "ZPB"])
def test_a_kind_of_variance_for_each_row(measure):
    rows = {"di": [0.7, -2.0, 0.1], "n1i": [20, 5, 9], "n2i": [25, 50, 9]}
    mixed = pymeta.escalc(measure, **rows, vtype=["ST", "CS", "LS"])["vi"].to_numpy()
    fixed, sampled = effects(measure, "ST", **rows).vi, effects(measure, "CS", **rows).vi
    np.testing.assert_array_equal(mixed, [fixed[0], sampled[1], fixed[2]])


@pytest.mark.parametrize("measure", KERNELS)
@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"ri": 1.2}, "ri, row 1: 1.2 is outside [-1, 1]; a correlation lies within"),
        ({"pi": -1.5}, "pi, row 1: -1.5 is outside [-1, 1]; a p-value, with the sign of the effect, lies within"),
        ({"ri": 0.5, "n1i": 0}, "n1i, row 1: 0 patients; a group needs at least one"),
        ({"m1i": 0, "m2i": 1, "sd1i": 1, "sd2i": -1}, "sd2i, row 1: -1 is negative; a standard deviation is 0 or more"),
    ],
)
def test_refused(measure, row, problem):
    columns = {name: [value] for name, value in ({"n1i": 20, "n2i": 25} | row).items()}
    with pytest.raises(DataError) as error:
        pymeta.escalc(measure, **columns)
    assert str(error.value).endswith(problem)


def test_sizes_alone_are_no_correlation():
    with pytest.raises(DataError, match="missing"):
        pymeta.escalc("RPB", n1i=[20], n2i=[25])
