"""Effects of 2x2 tables against 50 digits, probability theory and published numbers."""

import mpmath as mp
import numpy as np
import pytest
from scipy import stats

import pymeta
from pymeta.errors import DataError, OptionError

mp.mp.dps = 50

CELLS = ("ai", "bi", "ci", "di")
RISKS = ("LS", "AV", "H0")
KINDS = {
    "RR": RISKS,
    "OR": RISKS,
    "RD": (*RISKS, "UB"),
    "PETO": ("LS",),
    "AS": ("LS",),
    "PHI": ("LS", "CS", "ST"),
    "ZPHI": ("LS", "CS", "ST"),
    "YUQ": ("LS",),
    "YUY": ("LS",),
    "PBIT": ("LS",),
    "OR2D": RISKS,
    "OR2DN": RISKS,
    "OR2DL": RISKS,
}
EVERY = [(measure, vtype) for measure, vtypes in KINDS.items() for vtype in vtypes]
CORNERS = {
    "plain": (3, 10, 4, 9),
    "one each": (1, 1, 1, 1),
    "nearly all, both groups": (10**6, 1, 3 * 10**6, 2),
    "hardly any": (1, 10**9, 3, 2 * 10**9),
    "groups nearly alike": (4 * 10**7, 4 * 10**7 + 1, 4 * 10**7 - 1, 4 * 10**7 + 2),
    "nearly one diagonal": (10**7, 1, 2, 3 * 10**7),
    "nearly the other": (2, 10**8, 10**8, 1),
    "very different sizes": (41117, 70238, 1, 4),
    "not whole": (0.5, 12.75, 3.25, 0.0625),
}


def escalc(measure, rows, **options):
    found = pymeta.escalc(measure, **dict(zip(CELLS, zip(*rows, strict=True), strict=True)), **options)
    return found["yi"].to_numpy(), found["vi"].to_numpy()


def probit(p):
    return mp.sqrt(2) * mp.erfinv(2 * p - 1)


def phi(a, b, c, d):
    return (a * d - b * c) / mp.sqrt((a + b) * (c + d) * (a + c) * (b + d))


def effect(measure, a, b, c, d):
    n1, n2, N = a + b, c + d, a + b + c + d
    odds = mp.log(a * d / (b * c))
    with mp.workdps(80):
        probits = +(probit(a / n1) - probit(c / n2))
    return {
        "RR": mp.log(a * n2 / (c * n1)),
        "OR": odds,
        "RD": a / n1 - c / n2,
        "PETO": (a - n1 * (a + c) / N) * peto_variance(a, b, c, d),
        "AS": mp.asin(mp.sqrt(a / n1)) - mp.asin(mp.sqrt(c / n2)),
        "PHI": phi(a, b, c, d),
        "ZPHI": mp.atanh(phi(a, b, c, d)),
        "YUQ": (a * d - b * c) / (a * d + b * c),
        "YUY": (mp.sqrt(a * d) - mp.sqrt(b * c)) / (mp.sqrt(a * d) + mp.sqrt(b * c)),
        "PBIT": probits,
        "OR2D": odds * mp.sqrt(3) / mp.pi,
        "OR2DL": odds * mp.sqrt(3) / mp.pi,
        "OR2DN": odds / (mp.mpf(165) / 100),
    }[measure]


def peto_variance(a, b, c, d):
    n1, n2, N = a + b, c + d, a + b + c + d
    return N**2 * (N - 1) / (n1 * n2 * (a + c) * (b + d))


def variance(measure, vtype, a, b, c, d):
    """The delta method on two binomials, for one table alone (so that AV is LS); PETO's own."""
    n1, n2 = a + b, c + d
    p1, p2 = ((a + c) / (n1 + n2),) * 2 if vtype == "H0" else (a / n1, c / n2)
    if measure == "PETO":
        return peto_variance(a, b, c, d)
    if measure == "RD":
        less = 1 if vtype == "UB" else 0
        return p1 * (1 - p1) / (n1 - less) + p2 * (1 - p2) / (n2 - less)
    if measure in ("PHI", "ZPHI"):
        v = phi_variance("CS" if vtype == "LS" else vtype, a, b, c, d)
        return v / (1 - phi(a, b, c, d) ** 2) ** 2 if measure == "ZPHI" else v
    odds = 1 / (p1 * (1 - p1) * n1) + 1 / (p2 * (1 - p2) * n2)
    densities = [mp.exp(-(probit(p) ** 2) / 2) / mp.sqrt(2 * mp.pi) for p in (p1, p2)]
    return {
        "RR": (1 - p1) / (n1 * p1) + (1 - p2) / (n2 * p2),
        "OR": odds,
        "AS": 1 / (4 * n1) + 1 / (4 * n2),
        "YUQ": (1 - effect("YUQ", a, b, c, d) ** 2) ** 2 * odds / 4,
        "YUY": (1 - effect("YUY", a, b, c, d) ** 2) ** 2 * odds / 16,
        "PBIT": p1 * (1 - p1) / (n1 * densities[0] ** 2) + p2 * (1 - p2) / (n2 * densities[1] ** 2),
        "OR2D": odds * 3 / mp.pi**2,
        "OR2DL": odds * 3 / mp.pi**2,
        "OR2DN": odds / (mp.mpf(165) / 100) ** 2,
    }[measure]


def phi_variance(vtype, *cells):
    """From phi's derivatives, which mpmath takes of phi itself."""
    with mp.workdps(60):
        slopes = [
            mp.diff(lambda x, i=i: phi(*cells[:i], x, *cells[i + 1 :]), cells[i], h=cells[i] * 1e-30) for i in range(4)
        ]
    a, b, c, d = cells
    if vtype == "ST":
        return a * b / (a + b) * (slopes[0] - slopes[1]) ** 2 + c * d / (c + d) * (slopes[2] - slopes[3]) ** 2
    mean = sum(n * s for n, s in zip(cells, slopes, strict=True)) / sum(cells)
    return sum(n * (s - mean) ** 2 for n, s in zip(cells, slopes, strict=True))


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize(("measure", "vtype"), EVERY)
def test_against_50_digits(measure, vtype, corner):
    row = CORNERS[corner]
    with mp.workdps(50):
        cells = [mp.mpf(cell) for cell in row]
        expected = effect(measure, *cells), variance(measure, vtype, *cells)
    yi, vi = (float(one[0]) for one in escalc(measure, [row], vtype=vtype, to="none"))
    assert abs(yi - expected[0]) <= 4e-15 * max(abs(expected[0]), mp.sqrt(expected[1]))
    assert abs(vi - expected[1]) <= 3e-14 * expected[1]


def test_published_effects_of_bcg():
    """Colditz et al. (1994), as in metafor's documentation: the first two trials."""
    rows = [(4, 119, 11, 128), (6, 300, 29, 274)]
    for measure, expected in {
        "RR": ([-0.8893, -1.5854], [0.3256, 0.1946]),
        "OR": ([-0.9387, -1.6662], [0.3571, 0.2081]),
    }.items():
        yi, vi = escalc(measure, rows)
        assert np.round(yi, 4).tolist() == expected[0]
        assert np.round(vi, 4).tolist() == expected[1]


def test_peto_is_of_the_hypergeometric_distribution():
    a, b, c, d = 7, 31, 12, 22
    null = stats.hypergeom(a + b + c + d, a + c, a + b)
    yi, vi = escalc("PETO", [(a, b, c, d)])
    assert vi[0] == pytest.approx(1 / null.var(), rel=1e-13)
    assert yi[0] == pytest.approx((a - null.mean()) / null.var(), rel=1e-13)


def test_phi_is_the_correlation_of_zeros_and_ones():
    a, b, c, d = 7, 31, 12, 22
    group, event = np.repeat([1, 1, 0, 0], [a, b, c, d]), np.repeat([1, 0, 1, 0], [a, b, c, d])
    assert escalc("PHI", [(a, b, c, d)])[0][0] == pytest.approx(np.corrcoef(group, event)[0, 1], rel=1e-13)


def test_the_risk_difference_under_the_null_is_pearsons_chi_square():
    yi, vi = escalc("RD", [(7, 31, 12, 22)], vtype="H0")
    chi2 = stats.chi2_contingency([[7, 31], [12, 22]], correction=False).statistic
    assert yi[0] ** 2 / vi[0] == pytest.approx(chi2, rel=1e-13)


def test_the_arcsine_difference_is_half_of_cohens_h():
    """Cohen (1988), table 6.2.2: h of .50 and .40 is .201."""
    assert round(2 * escalc("AS", [(50, 50, 40, 60)])[0][0], 3) == 0.201


def test_one_risk_for_all():
    """AV: the arms' risks are 6/30 and 9/36 in every table's variance; rows that lack an arm count in the other."""
    rows = [(2, 8, 5, 15), (4, 16, np.nan, 3), (np.nan, 5, 4, 12)]
    _, rd = escalc("RD", rows, vtype="AV")
    _, rr = escalc("RR", rows, vtype="AV")
    _, odds = escalc("OR", rows, vtype="AV")
    assert rd[0] == pytest.approx(0.2 * 0.8 / 10 + 0.25 * 0.75 / 20, rel=1e-15)
    assert rr[0] == pytest.approx(0.8 / 2 + 0.75 / 5, rel=1e-15)
    assert odds[0] == pytest.approx(1 / 1.6 + 1 / 3.75, rel=1e-15)
    assert np.isnan([rd[1:], rr[1:], odds[1:]]).all()


def test_a_kind_of_variance_by_row():
    rows = [(3, 10, 4, 9)] * 3
    _, mixed = escalc("PHI", rows, vtype=["ST", "CS", "LS"])
    stratified, multinomial = (escalc("PHI", rows[:1], vtype=vtype)[1][0] for vtype in ("ST", "CS"))
    assert mixed.tolist() == [stratified, multinomial, multinomial]
    assert stratified != multinomial


@pytest.mark.parametrize("measure", ["AS", "PHI", "ZPHI"])
def test_nothing_is_added_unless_asked(measure):
    empty, filled = [(0, 5, 4, 3)], [(0.5, 5.5, 4.5, 3.5)]
    assert [*map(list, escalc(measure, empty))] == [*map(list, escalc(measure, empty, to="none"))]
    assert [*map(list, escalc(measure, empty, add=0.5))] == [*map(list, escalc(measure, filled))]


@pytest.mark.parametrize("measure", sorted(set(KINDS) - {"AS", "PHI", "ZPHI"}))
def test_a_half_is_added_to_empty_cells(measure):
    both = [(0, 5, 4, 3), (2, 3, 4, 5)]
    assert [*map(list, escalc(measure, both))] == [*map(list, escalc(measure, [(0.5, 5.5, 4.5, 3.5), (2, 3, 4, 5)]))]


@pytest.mark.parametrize(
    ("measure", "row", "expected"),
    [
        ("RR", (0, 5, 4, 3), (np.nan, np.nan)),
        ("RR", (5, 0, 4, 0), (0, 0)),
        ("OR", (5, 0, 4, 3), (np.nan, np.nan)),
        ("RD", (0, 5, 0, 4), (0, 0)),
        ("PETO", (0, 5, 0, 4), (np.nan, np.nan)),
        ("PETO", (5, 0, 4, 0), (np.nan, np.nan)),
        ("AS", (0, 5, 0, 4), (0, 0.1125)),
        ("AS", (5, 0, 0, 4), (np.pi / 2, 0.1125)),
        ("PHI", (0, 5, 0, 4), (np.nan, np.nan)),
        ("PHI", (5, 0, 0, 4), (1, 0)),
        ("PHI", (0, 5, 4, 0), (-1, 0)),
        ("ZPHI", (5, 0, 0, 4), (np.nan, np.nan)),
        ("YUQ", (0, 5, 4, 3), (np.nan, np.nan)),
        ("YUY", (3, 5, 4, 0), (np.nan, np.nan)),
        ("PBIT", (3, 5, 4, 0), (np.nan, np.nan)),
    ],
)
def test_empty_cells_as_they_are(measure, row, expected):
    for found, value in zip(escalc(measure, [row], to="none"), expected, strict=True):
        assert found == pytest.approx([value], rel=1e-15, abs=0, nan_ok=True)


@pytest.mark.parametrize("measure", ["RD", "RR", "OR", "PETO"])
def test_fewer_than_one_person_have_no_negative_variance(measure):
    yi, vi = escalc(measure, [(0.2, 0.1, 0.1, 0.1)], **({"vtype": "UB"} if measure == "RD" else {}))
    assert np.isnan(yi[0]) == np.isnan(vi[0])
    assert not vi[0] < 0
    assert np.isnan(vi[0]) == (measure in ("RD", "PETO"))


@pytest.mark.parametrize(("measure", "vtype"), EVERY)
def test_rows_with_missing_counts(measure, vtype):
    rows = [(3, 10, 4, 9), *(tuple(np.nan if i == j else 5 for j in range(4)) for i in range(4)), (3, 10, 4, 9)]
    found = escalc(measure, rows, vtype=vtype)
    for values in found:
        assert np.isnan(values).tolist() == [False, *[True] * 4, False]


def test_others_are_filled_in_row_by_row():
    columns = {"ai": [3, 4, 5], "bi": [10, np.nan, 6], "ci": [4, 5, 1], "di": [9, np.nan, np.nan]}
    found = pymeta.escalc("OR", **columns, n1i=[13, 10, np.nan], n2i=[np.nan, 20, 8])
    expected = pymeta.escalc("OR", ai=[3, 4, 5], bi=[10, 6, 6], ci=[4, 5, 1], di=[9, 15, 7])
    assert (found == expected).all(axis=None)


def test_rounding_of_a_size_is_forgiven():
    """metafor stops here: 0.1 + 0.2 is not 0.3."""
    columns = {"ai": [0.1], "bi": [0.2], "ci": [4.0], "di": [9.0], "n2i": [13.0]}
    assert pymeta.escalc("RD", **columns, n1i=[0.3])["yi"][0] == pytest.approx(1 / 3 - 4 / 13, rel=1e-14)


PLAIN = {"ai": [1, 3], "bi": [1, 10], "ci": [1, 4], "di": [1, 9]}
SIZES = {"ai": [1, 3], "n1i": [2, 13], "ci": [1, 4], "n2i": [2, 13]}


@pytest.mark.parametrize(
    ("columns", "name", "value", "message"),
    [
        (PLAIN, "ai", -1, "ai, row 2: -1 is negative; a number of events is 0 or more"),
        (PLAIN, "bi", -1, "bi, row 2: -1 is negative; a number of patients is 0 or more"),
        (PLAIN, "ci", -0.5, "ci, row 2: -0.5 is negative; a number of events is 0 or more"),
        (PLAIN, "di", -1, "di, row 2: -1 is negative; a number of patients is 0 or more"),
        (SIZES, "ai", 14, "ai, row 2: 14 events are more than the group has patients (column n1i); correct one of them"),
        (SIZES, "n2i", 3, "ci, row 2: 4 events are more than the group has patients (column n2i); correct one of them"),
        (SIZES, "n2i", 0, "n2i, row 2: 0 patients; a group needs at least one"),
        ({**PLAIN, "n1i": [2, 13]}, "bi", 11, "n1i, row 2: 13 is not ai + bi; correct one of the three"),
        ({**PLAIN, "n2i": [2, 13]}, "n2i", 13.0001, "n2i, row 2: 13.0001 is not ci + di; correct one of the three"),
    ],
)
@pytest.mark.parametrize("measure", KINDS)
def test_counts_that_cannot_be(measure, columns, name, value, message):
    with pytest.raises(DataError) as error:
        pymeta.escalc(measure, **{**columns, name: [columns[name][0], value]})
    assert str(error.value) == f"{measure}: {message}"


EMPTY = {"ai": [0, 3, 5], "bi": [0, 7, 5], "ci": [2, 2, 6], "di": [5, 9, 4]}
BOTH_EMPTY = EMPTY | {"ci": [0, 2, 6], "di": [0, 9, 4]}
FILLED = {  # metafor 5.2-1: escalc("OR", …)
    "only0": [0.788457360364270, 0.656779536389070, -0.405465108108164],
    "all": [0.788457360364270, 0.572861014685443, -0.367724780125318],
    "if0all": [0.788457360364270, 0.572861014685443, -0.367724780125318],
}


@pytest.mark.parametrize("to", FILLED)
def test_an_empty_group_that_add_fills(to):
    np.testing.assert_allclose(pymeta.escalc("OR", **EMPTY, to=to)["yi"], FILLED[to], rtol=1e-12)
    sizes = {"ai": EMPTY["ai"], "n1i": [0, 10, 10], "ci": EMPTY["ci"], "n2i": [7, 11, 10]}
    np.testing.assert_allclose(pymeta.escalc("OR", **sizes, to=to)["yi"], FILLED[to], rtol=1e-12)


def test_a_table_without_anybody_is_dropped_where_drop00_says():
    """As metafor: and then it is no zero to "if0all"."""
    kept = FILLED["only0"][1:]
    np.testing.assert_allclose(
        pymeta.escalc("OR", **BOTH_EMPTY, to="if0all", drop00=True)["yi"], [np.nan, *kept], rtol=1e-12
    )
    np.testing.assert_allclose(pymeta.escalc("OR", **BOTH_EMPTY)[["yi", "vi"]], [[0, 8], *rows(EMPTY)[1:]], rtol=1e-12)


def rows(columns):
    return pymeta.escalc("OR", **columns).to_numpy()


@pytest.mark.parametrize("asked", [{"to": "none"}, {"add": 0}])
@pytest.mark.parametrize("measure", KINDS)
def test_an_empty_group_that_nothing_fills(measure, asked):
    with pytest.raises(DataError) as error:
        pymeta.escalc(measure, **EMPTY, **asked)
    said = "bi, row 1: 0 and no ai either: the group is empty; leave the row out, or fill it by add= and to="
    assert str(error.value) == f"{measure}: {said}"


@pytest.mark.parametrize(("measure", "vtype"), [("RR", "UB"), ("PHI", "AV"), ("PETO", "AV"), ("RD", "ST")])
def test_a_kind_of_variance_that_is_none(measure, vtype):
    with pytest.raises(OptionError, match=f"vtype='{vtype}'"):
        escalc(measure, [(3, 10, 4, 9)], vtype=vtype)
