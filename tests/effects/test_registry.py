"""MEASURES as a whole: which there are, and that every row keeps the promises of the table."""

import importlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from pymeta.effects.families import FAMILIES
from pymeta.effects.measures import MEASURES
from tests.parity import effect_cases

LISTED = """
    RR OR PETO RD AS PHI ZPHI YUQ YUY RTET ZTET PBIT OR2D OR2DN OR2DL
    MPRD MPRR MPOR MPORC MPPETO MPORM
    IRR IRD IRSD
    MD POMPMD SMD SMDH SMD1 SMD1H ROM VR CVR RPB ZPB RBIS ZBIS D2OR D2ORN D2ORL
    COR UCOR ZCOR PCOR ZPCOR SPCOR ZSPCOR R2 ZR2 R2F ZR2F
    PR PLN PLO PRZ PAS PFT
    IR IRLN IRS IRFT
    MN POMPMN SMN MNLN SDLN CVLN
    MC POMPMC SMCC SMCR SMCRH SMCRP SMCRPH CLESCN AUCCN ROMC VRC CVRC
    ARAW AHW ABT
    REH CLES CLESN AUC AUCN HR HD GEN
"""
OPTIONS = {"vtype", "correct"}
K = 3


def test_the_measures_of_metafor():
    assert Counter(list(MEASURES)) == Counter(LISTED.split())


@pytest.mark.parametrize("measure", MEASURES.values(), ids=lambda measure: measure.name)
class TestEveryMeasure:
    def test_is_described(self, measure):
        for text in (measure.label, measure.short, measure.source, measure.formula):
            assert text.strip()
        assert np.isfinite(measure.null)

    def test_is_found_by_its_name_and_of_a_known_family(self, measure):
        assert MEASURES[measure.name] is measure
        assert FAMILIES[measure.family.name] is measure.family

    def test_takes_what_its_family_has(self, measure):
        derived = {"unexplained"}  # by the preparation of coefficients of determination
        assert set(measure.parameters) <= {*measure.family.accepts, *OPTIONS, *derived}
        for layout in measure.layouts:
            assert layout
            assert set(layout) <= set(measure.family.accepts)

    def test_offers_kinds_of_variance_that_it_tells_apart(self, measure):
        assert len(set(measure.vtypes)) == len(measure.vtypes) >= 1
        assert (len(measure.vtypes) > 1) == ("vtype" in measure.parameters)

    def test_has_nothing_to_say_of_missing_rows(self, measure):
        """No warning, no error: pytest makes an error of a warning."""
        columns = {name: np.full(K, np.nan) for name in measure.parameters if name not in OPTIONS}
        for vtype in measure.vtypes:
            for correct in (True, False):
                options = {"vtype": vtype, "correct": correct}
                wanted = {name: value for name, value in options.items() if name in measure.parameters}
                found = measure.effect(**{name: column.copy() for name, column in columns.items()}, **wanted)
                for values in found:
                    assert values.dtype == np.float64
                    assert values.shape == (K,)
                    assert np.isnan(values).all()

    def test_maps_its_null(self, measure):
        """`null` is on the scale that people read, so some pooled value must be shown as it; 0 for a difference or a log."""
        if measure.back is not None and measure.back is np.exp:
            assert measure.display(np.zeros(1))[0] == measure.null


def test_every_measure_is_compared_with_r_once():
    stems = sorted(path.stem for path in Path(effect_cases.__file__).parent.glob("*.py") if path.stem != "__init__")
    compared = Counter(
        name for stem in stems for name in importlib.import_module(f"{effect_cases.__name__}.{stem}").MEASURES
    )
    assert compared == Counter(list(MEASURES))
