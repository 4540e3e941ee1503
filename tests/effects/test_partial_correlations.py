import mpmath as mp
import numpy as np
import pytest

import pymeta
from pymeta.errors import DataError

ALOE = {
    "ti": [4.61, 6.19, 4.07, -0.77, 1.16],
    "ni": [218, 232, 156, 382, 259],
    "mi": [4, 7, 6, 19, 15],
    "r2i": [0.24, 0.455, 0.5, 0.327, 0.117],
}
ALL = ("PCOR", "ZPCOR", "SPCOR", "ZSPCOR")


def columns_of(measure, data):
    return {name: values for name, values in data.items() if name != "r2i" or "SP" in measure}


def test_the_documented_p_value():
    """escalc's help page: with pi=-0.07, mi=5 and ni=30 "a negative partial correlation of -0.3610"."""
    assert round(pymeta.escalc("PCOR", pi=[-0.07], mi=[5], ni=[30])["yi"][0], 4) == -0.3610


def test_semi_partial_variance_as_published():
    """Aloe & Becker (2012): (R⁴ − 2R² + R₀² + 1 − R₀⁴)/n, in 50 digits."""
    effects = pymeta.escalc("SPCOR", **ALOE)
    for row, (ti, n, m, r2i) in enumerate(zip(*ALOE.values(), strict=True)):
        with mp.workdps(50):
            t, r2 = mp.mpf(ti), mp.mpf(r2i)
            r = t * mp.sqrt(1 - r2) / mp.sqrt(n - m - 1)
            less = r2 - r * r
            v = (r2**2 - 2 * r2 + less + 1 - less**2) / n
            assert abs(effects["yi"][row] / r - 1) < 1e-15
            assert abs(effects["vi"][row] / v - 1) < 1e-15


def test_a_semi_partial_correlation_is_the_root_of_what_r2_gains():
    """Of a regression on real numbers: sr² = R² − R₀², sr² = r²(1 − R₀²) for the partial r, with the signs of t."""
    rng = np.random.default_rng(1)
    n, X = 40, rng.normal(size=(40, 3))
    y = X @ [0.5, -0.4, 0.3] + rng.normal(size=n)
    r2, r20 = (r_squared(y, X), r_squared(y, X[:, :2]))
    t = np.sqrt((r2 - r20) / (1 - r2) * (n - 4))
    partial = pymeta.escalc("PCOR", ti=[t], ni=[n], mi=[3])["yi"][0]
    semi = pymeta.escalc("SPCOR", ti=[t], ni=[n], mi=[3], r2i=[r2])["yi"][0]
    assert semi**2 == pytest.approx(r2 - r20, rel=1e-12)
    assert semi == pytest.approx(partial * np.sqrt(1 - r20), rel=1e-12)


def r_squared(y, X):
    design = np.column_stack([np.ones(len(y)), X])
    residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return 1 - residual @ residual / ((y - y.mean()) @ (y - y.mean()))


def test_a_partial_correlation_with_one_predictor_is_a_correlation():
    partial = pymeta.escalc("PCOR", ti=[2.5, -1], ni=[20, 9], mi=[1, 1])
    whole = pymeta.escalc("COR", ti=[2.5, -1], ni=[20, 9])
    np.testing.assert_allclose(partial, whole, rtol=1e-15)
    np.testing.assert_allclose(pymeta.escalc("ZPCOR", ri=[0.3], ni=[20], mi=[1]), pymeta.escalc("ZCOR", ri=[0.3], ni=[20]))


@pytest.mark.parametrize("measure", ["PCOR", "SPCOR", "ZSPCOR"])
def test_the_mean_is_weighted_by_people(measure):
    """ "AV" of equal correlations is "LS"; of unequal ones it is that of their mean, over each row's own Jacobian."""
    same = {"ri": [0.4, 0.4], "ni": [20, 50], "mi": [2, 3], "r2i": [0.5, 0.6]}
    av, ls = (pymeta.escalc(measure, **columns_of(measure, same), vtype=vtype)["vi"] for vtype in ("AV", "LS"))
    np.testing.assert_allclose(av, ls, rtol=1e-14)
    unequal = {**same, "ri": [0.6, 0.1]}
    mean = (20 * 0.6 + 50 * 0.1) / 70
    at_mean = pymeta.escalc(measure, **columns_of(measure, {**same, "ri": [mean, mean]}))["vi"]
    own = np.array([1 - 0.6**2, 1 - 0.1**2]) if measure == "ZSPCOR" else 1 - mean**2
    found = pymeta.escalc(measure, **columns_of(measure, unequal), vtype="AV")["vi"]
    np.testing.assert_allclose(found, at_mean * ((1 - mean**2) / own) ** 2, rtol=1e-13)


@pytest.mark.parametrize("measure", ALL)
def test_ri_comes_first_then_ti_then_pi(measure):
    rest = columns_of(measure, {"ni": [20] * 3, "mi": [3] * 3, "r2i": [0.7] * 3})
    mixed = pymeta.escalc(measure, ri=[0.4, None, None], ti=[1, 1, None], pi=[0.5, 0.5, 0.5], **rest)
    alone = [
        pymeta.escalc(measure, **{name: [value] * 3}, **rest).iloc[0]
        for name, value in (("ri", 0.4), ("ti", 1), ("pi", 0.5))
    ]
    np.testing.assert_array_equal(mixed, alone)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"ni": [20, 0]}, "SPCOR: ni, row 2: 0 people; a study needs at least one"),
        ({"mi": [2, 0]}, "SPCOR: mi, row 2: 0 predictors; a regression has at least one"),
        ({"ni": [20, 3]}, "SPCOR: ni, row 2: 3 people are too few for the predictors (column mi); it takes two more"),
        ({"ri": [0.1, 1.1]}, "SPCOR: ri, row 2: 1.1 is no correlation; it lies between -1 and 1"),
        ({"pi": [0.1, -1.1]}, "SPCOR: pi, row 2: -1.1 is no p-value with a sign; it lies between -1 and 1"),
        ({"r2i": [0.5, 1.1]}, "SPCOR: r2i, row 2: 1.1 is no R²; it lies between 0 and 1"),
        ({"r2i": [-0.1, 0.5]}, "SPCOR: r2i, row 1: -0.1 is no R²; it lies between 0 and 1"),
        (
            {"ti": [2, 8]},
            "SPCOR: r2i, row 2: 0.5 and the test (column ti) make a semi-partial correlation beyond ±1; correct one of them",
        ),
    ],
)
def test_refusals(changed, message):
    data = {"ti": [2, 2], "ni": [20, 20], "mi": [2, 2], "r2i": [0.5, 0.5]}
    with pytest.raises(DataError) as caught:
        pymeta.escalc("SPCOR", **{**data, **changed})
    assert str(caught.value) == message


def test_a_p_value_that_r2_contradicts():
    with pytest.raises(DataError, match=r"r2i, row 1: 0.4 and the test \(column pi\) make"):
        pymeta.escalc("ZSPCOR", pi=[1e-300], ni=[30], mi=[3], r2i=[0.4])


def test_a_known_correlation_overrules_a_test_that_r2_contradicts():
    assert pymeta.escalc("SPCOR", ri=[0.3], ti=[80], ni=[20], mi=[2], r2i=[0.5])["yi"][0] == 0.3


@pytest.mark.parametrize("measure", ["SPCOR", "ZSPCOR"])
def test_semi_partial_correlations_need_r2(measure):
    with pytest.raises(DataError, match="missing: r2i"):
        pymeta.escalc(measure, ti=[2], ni=[20], mi=[2])


def test_a_correlation_beyond_r2_has_no_variance():
    """r² ≤ R² of any regression; where (1 − R²)² + R₀²(1 − R₀²) is below 0, there is the effect alone, as in metafor."""
    effects = pymeta.escalc("SPCOR", ri=[0.9, 0.3], ni=[20, 20], mi=[2, 2], r2i=[0.5, 0.0])
    assert effects["yi"].tolist() == [0.9, 0.3]
    assert effects["vi"].isna().tolist() == [True, False]


def test_the_smallest_studies():
    """One degree of freedom: Fisher's z has no variance, the partial correlation has."""
    data = {"ti": [1.5], "ni": [5], "mi": [3]}
    assert pymeta.escalc("ZPCOR", **data).isna().all(axis=None)
    np.testing.assert_allclose(pymeta.escalc("PCOR", **data)["vi"], [(1 - 1.5**2 / 3.25) ** 2 / 2], rtol=1e-14)


@pytest.mark.parametrize("measure", ["ZPCOR", "ZSPCOR"])
def test_a_perfect_correlation_has_no_fishers_z(measure):
    data = columns_of(measure, {"ri": [1, -1], "ni": [20, 20], "mi": [3, 3], "r2i": [1, 1]})
    assert pymeta.escalc(measure, **data).isna().all(axis=None)


@pytest.mark.parametrize("measure", ALL)
@pytest.mark.parametrize("missing", ["ti", "ni", "mi", "r2i"])
def test_rows_with_a_missing_value(measure, missing):
    data = columns_of(measure, {**ALOE, missing: [None, *ALOE[missing][1:]]})
    effects = pymeta.escalc(measure, **data)
    assert effects.isna().all(axis=1).tolist() == [missing in data, False, False, False, False]
    assert effects[1:].notna().all(axis=None)


def test_one_missing_row_does_not_spoil_the_mean():
    data = columns_of("PCOR", ALOE)
    whole = pymeta.escalc("PCOR", **{name: values[:4] for name, values in data.items()}, vtype="AV")
    gaps = pymeta.escalc("PCOR", **{**data, "ti": [*data["ti"][:4], None]}, vtype="AV")
    np.testing.assert_array_equal(gaps[:4], whole)
    assert gaps[4:].isna().all(axis=None)
