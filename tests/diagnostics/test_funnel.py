"""What funnel refuses, and what follows from one another."""

import numpy as np
import pytest

import pymeta

YI = np.array([0.10, 0.35, -0.20, 0.60, 0.05, 0.90])
VI = np.array([0.01, 0.04, 0.02, 0.09, 0.03, 0.16])
NI = np.arange(10.0, 70.0, 10.0)
TABLES = {"ai": [4, 6, 0, 3], "bi": [119, 300, 50, 228], "ci": [11, 29, 0, 11], "di": [128, 274, 40, 209]}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"object": YI[:1], "vi": VI[:1]}, "1 studies"),
        ({"object": YI}, "vi or sei"),
        ({"object": YI, "ni": NI}, "vi or sei"),
        ({"object": YI, "ni": NI[:3], "yaxis": "ni"}, "3 sample sizes for 6 effects"),
        ({"object": YI, "ni": -NI, "yaxis": "ni"}, "above 0"),
        ({"object": YI, "vi": VI, "yaxis": "lni"}, "give ni="),
        ({"object": YI, "vi": VI, "yaxis": "se"}, "sei"),
        ({"object": YI, "vi": VI, "level": 100}, "level"),
        ({"object": YI, "vi": VI, "level": (90, 0)}, "level"),
        ({"object": YI, "vi": VI, "level": ()}, "level"),
        ({"object": YI, "vi": VI, "refline": np.nan}, "refline"),
        ({"object": YI, "vi": VI, "type": "pearson"}, "pearson"),
        ({"object": YI, "vi": VI, "addtau2": True}, "no single tau"),
        ({"object": pymeta.rma(YI, VI, mods=NI), "addtau2": True}, "no single tau"),
        ({"object": pymeta.rma(YI, VI, mods=NI, scale=NI)}, "no standardized residuals"),
    ],
)
def test_what_it_refuses(given, said):
    with pytest.raises(pymeta.PymetaError, match=said):
        pymeta.funnel(**given)


def test_effects_are_where_they_are():
    found = pymeta.funnel(YI, VI)
    assert found.x.tolist() == YI.tolist()
    assert found.y.tolist() == np.sqrt(VI).tolist()
    assert found.refline == 0.0
    assert pymeta.funnel(pymeta.rma(YI, VI)).refline == pymeta.rma(YI, VI).beta[0]


def test_the_bands_are_of_z_tests():
    sei = np.sqrt(VI)
    z = np.array([0.0, 1.7, -1.9, 2.0, -2.5, 5.0])
    found = pymeta.funnel(z * sei, sei=sei)
    assert found.crossed.tolist() == [0, 1, 1, 2, 2, 3]
    assert found.bands[1:4] == ("0.05 < p <= 0.1", "0.05 < p <= 0.1", "0.01 < p <= 0.05")
    assert (found.bands[0], found.bands[-1]) == ("0.1 < p <= 1", "0 < p <= 0.01")


def test_sizes_alone_have_no_bands():
    found = pymeta.funnel(YI, ni=NI, yaxis="sqrtni")
    assert found.y.tolist() == np.sqrt(NI).tolist()
    assert (found.pval, found.crossed, found.bands) == (None, None, None)
    assert list(found.frame().columns) == ["x", "y", "slab"]
    with pytest.raises(pymeta.PymetaError, match="tells no standard error"):
        found.contours()


@pytest.mark.parametrize("yaxis", ["sei", "vi", "seinv", "vinv"])
@pytest.mark.parametrize("addtau2", [False, True])
def test_a_study_is_within_the_lines_it_has_not_crossed(yaxis, addtau2):
    fit = pymeta.rma(YI, VI)
    found = pymeta.funnel(fit, yaxis=yaxis, addtau2=addtau2)
    lines = found.contours(2001)
    assert len(lines) == 3 * 2001
    count = 0
    for _, line in lines.groupby("level"):
        low, high = (np.interp(found.y, line["y"], line[name]) for name in ("ci_lb", "ci_ub"))
        count = count + ((found.x < low) | (found.x > high))
    assert count.tolist() == found.crossed.tolist()


def test_axes_are_functions_of_one_another():
    fit = pymeta.rma(YI, VI, mods=NI)
    for kind in ("rstandard", "rstudent"):
        sei, vi, seinv, vinv = (pymeta.funnel(fit, yaxis=one, type=kind).y for one in ("sei", "vi", "seinv", "vinv"))
        assert vi == pytest.approx(sei**2, rel=1e-14)
        assert seinv == pytest.approx(1 / sei, rel=1e-14)
        assert vinv == pytest.approx(1 / vi, rel=1e-14)
    assert pymeta.funnel(fit).x.tolist() == pymeta.rstandard(fit).resid.tolist()


def test_a_study_that_is_met_exactly_has_no_point():
    alone = np.array([1.0, 0, 0, 0, 0, 0])
    for kind in ("rstandard", "rstudent"):
        found = pymeta.funnel(pymeta.rma(YI, VI, mods=alone), type=kind, yaxis="seinv")
        assert found.slab == ("2", "3", "4", "5", "6")
        assert np.isfinite(found.y).all()


def test_a_study_without_a_number_has_no_point():
    whole = pymeta.funnel(np.append(YI, np.nan), np.append(VI, 0.1), ni=np.append(NI, 70.0), yaxis="ni")
    assert whole.y.tolist() == NI.tolist()


def test_tables_without_an_effect_have_no_point_and_keep_their_weight():
    for fit in (pymeta.rma_mh(measure="RR", **TABLES), pymeta.rma_peto(**TABLES)):
        found = pymeta.funnel(fit, yaxis="wi")
        assert len(found.x) == fit.k_yi
        assert found.y.sum() == pytest.approx(100.0)
    sizes = np.sum([*TABLES.values()], axis=0)
    fit = pymeta.rma_mh(measure="RR", **TABLES)
    assert pymeta.funnel(fit, yaxis="ni", ni=sizes).y.tolist() == sizes[fit.studies.rows].tolist()


def test_a_column_of_the_models_data_may_be_the_sizes():
    data = {"y": YI, "v": VI, "n": NI}
    assert pymeta.funnel(pymeta.rma("y", "v", data=data), yaxis="ninv", ni="n").y.tolist() == (1 / NI).tolist()


def test_what_is_printed():
    found = pymeta.funnel(pymeta.trimfill(pymeta.rma(YI, VI), side="left"), refline=0)
    assert str(found).splitlines()[0] == "y: sei; contours about 0.0000"
    assert list(found.frame().columns) == ["x", "y", "slab", "fill", "pval", "crossed", "band"]
    assert found.frame()["fill"].sum() == found.fill.sum()
