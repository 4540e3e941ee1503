"""The grid: every measure by every method on real data sets, pymeta against metafor; a registry entry cannot be without."""

import pytest

from pymeta.api import RMA_METHODS
from pymeta.effects.measures import MEASURES as EVERY_MEASURE
from pymeta.tau2.methods import TAU2
from pymeta.validation.case import POOLED as POOLED_MEASURES
from tests.parity import uni_grid

MEASURES = {name: EVERY_MEASURE[name] for name in POOLED_MEASURES}
METHODS = ("EE", "FE", "CE", "DL", "REML", "revman5", "MH")  # the other estimators of tau² are in test_uni.py

DATASETS = {
    "two_by_two": (
        "dat.bcg",
        "dat.nielweise2007",  # empty cells
        "dat.hine1989",
        "dat.li2007",
        "dat.collins1985a",  # empty cells, empty studies
        "dat.collins1985b",
        "dat.yusuf1985",
    ),
    "two_means": ("dat.normand1999", "dat.curtis1998", "dat.senn2013"),
    "generic": ("dat.molloy2014", "dat.konstantopoulos2011"),
}

GRID = [
    (dataset, measure.name, method)
    for measure in MEASURES.values()
    for dataset in DATASETS.get(measure.family.name, ())
    for method in METHODS
    if method != "MH" or measure.family.name == "two_by_two"
]

BEYOND_R = {
    # R's log-gammas cost its Hedges' g three digits (13 left), and the tails magnify that; the referee has pymeta right.
    ("dat.normand1999", "SMD"): {"pval", "QEp", "yi"},
    ("dat.senn2013", "SMD"): {"pval", "QEp", "QE", "H2", "yi", "zval"},
    # Variances over nine orders of magnitude, of which R warns: its Q has 11.998 digits.
    ("dat.curtis1998", "MD"): {"QE", "H2"},
}
"""Quantities in which R, not pymeta, may be short of digits; each is proved by the referee where it occurs."""


@pytest.mark.parametrize(("dataset", "measure", "method"), GRID)
def test_every_measure_by_every_method(dataset, measure, method, metadat, outcome, judge):
    rows = metadat(dataset)
    found = judge(outcome(measure, method, rows["columns"], slab=rows["slab"], name=f"{dataset}/{measure}-{method}"))
    assert found.complaints == ()
    assert found.beyond_r <= BEYOND_R.get((dataset, measure), set())


def test_every_registry_entry_has_a_parity_case():
    assert {measure for _, measure, _ in GRID} == set(MEASURES)
    assert {method for _, _, method in GRID} == set(METHODS)
    others = {case["method"] for dataset in uni_grid.DATASETS for case in uni_grid.cases_of(dataset)}
    assert {*METHODS, *others, *uni_grid.WITHOUT_R, "revman"} == {*TAU2, *RMA_METHODS, "MH"}
    assert set(DATASETS) == {measure.family.name for measure in MEASURES.values()}


def test_the_data_sets_are_the_hard_ones(metadat):
    empty = metadat("dat.nielweise2007")["columns"]
    assert (empty["ai"] == 0).any()
    both = metadat("dat.collins1985a")["columns"]
    assert ((both["ai"] == 0) & (both["ci"] == 0)).any()
    assert len(metadat("dat.curtis1998")["slab"]) == 102


PLANTED = {
    "an estimate in its 12th digit": lambda ours: ours.update(estimate=ours["estimate"] * (1 + 3e-12)),
    "a p-value in its 9th digit": lambda ours: ours.update(pval=ours["pval"] * (1 + 1e-9)),
    "one study's variance": lambda ours: ours.update(vi=ours["vi"] * 1.000001),
    "a label": lambda ours: ours.update(slab=[*ours["slab"][1:], "another"]),
    "a study too many": lambda ours: ours.update(k=ours["k"] + 1),
    "a quantity that is gone": lambda ours: ours.pop("QEp"),
    "se(tau2) where there is none": lambda ours: ours.update(se_tau2=0.0),
    "I2 as a share": lambda ours: ours.update(I2=ours["I2"] / 100),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant, metadat, outcome, judge):
    rows = metadat("dat.bcg")
    case = outcome("RR", "EE", rows["columns"], slab=rows["slab"])
    assert judge(case).complaints == ()
    try:
        found = judge(case, PLANTED[plant]).complaints
    except ValueError as unruled:  # a quantity without a rule is refused outright
        found = (str(unruled),)
    assert found
