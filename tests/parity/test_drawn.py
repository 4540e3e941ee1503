"""Every measure on the tables that were drawn and kept, against what three versions of R said: no R is needed."""

import numpy as np
import pytest

from pymeta.effects.measures import MEASURES
from pymeta.errors import DataError
from pymeta.harness.backends.recorded import RecordedReference
from tests.parity import drawn_grid, drawn_tables, effect_grid
from tests.parity.drawn_grid import INTEGRATED, tables_of
from tests.parity.effect_grid import KINDS, module_of
from tests.parity.judging import RECORDED, VERSIONS


def judged(kind, version, plant=None):
    tables = tables_of(kind)
    outcome = RecordedReference(RECORDED, version).run(drawn_grid.call_of(tables))
    return list(drawn_grid.judged(tables, outcome, plant=plant))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_r_said(kind, version):
    found = judged(kind, version)
    assert [text for one in found for text in one.complaints] == []
    assert {one.case.measure for one in found} == set(module_of(kind).MEASURES) or version != VERSIONS[-1]


def test_every_measure_has_its_tables():
    for name, measure in MEASURES.items():
        tables = [table for table in drawn_tables.kept() if table.measure == name]
        assert len(tables) == drawn_tables.TABLES
        assert all({one.get("vtype", measure.vtypes[0]) for one in table.options} == set(measure.vtypes) for table in tables)


EXTREMES = {
    **{
        f"{name} of 0": (name, lambda x: x == 0) for name in ("ai", "di", "xi", "m1i", "sd1i", "ri", "pi", "r2i", "fi", "yi")
    },
    **{f"{name} of ±1": (name, lambda x: abs(x) == 1) for name in ("ri", "pi", "r2i", "ai", "xi")},
    **{f"tiny {name}": (name, lambda x: x <= 2) for name in ("n1i", "ni")},
    **{f"huge {name}": (name, lambda x: x > 5e4) for name in ("n1i", "ni", "ai", "xi")},
    **{f"missing {name}": (name, np.isnan) for name in ("ai", "ni", "ri")},
}


@pytest.mark.parametrize("extreme", EXTREMES)
def test_the_tables_have_extremes(extreme):
    name, there = EXTREMES[extreme]
    assert any(there(table.columns[name]).any() for table in drawn_tables.kept() if name in table.columns)


def shifted(name):
    """Moves a quantity in its 12th digit: by its own size or, as effects are judged, by its standard error."""
    return lambda ours: ours.update({name: ours[name] + 3e-12 * np.fmax(abs(ours[name]), np.sqrt(ours["vi"]))})


PLANTED = {
    "a variance in its 12th digit": shifted("vi"),
    "an effect in its 12th digit": shifted("yi"),
    "effects that are missing": lambda ours: ours.update(yi=np.full_like(ours["yi"], np.nan)),
}


@pytest.mark.parametrize("plant", PLANTED)
@pytest.mark.parametrize("kind", KINDS)
def test_a_planted_error_goes_red(kind, plant):
    def changes(ours):
        if not isinstance(ours, DataError):
            PLANTED[plant](ours)

    red = {one.case.measure for one in judged(kind, VERSIONS[-1], changes) if one.complaints}
    # digits that R has not:
    excused = {"a variance in its 12th digit": INTEGRATED, "an effect in its 12th digit": INTEGRATED[:2]}.get(plant, ())
    assert red == set(module_of(kind).MEASURES) - set(excused)


def test_a_refusal_that_r_does_not_share_goes_red(monkeypatch):
    monkeypatch.setattr(effect_grid, "ours", lambda case, columns: DataError("so it seems", argument="yi", row=1))
    assert any("pymeta refuses and R does not" in text for one in judged("generic", VERSIONS[-1]) for text in one.complaints)
