"""Entries of divergences.toml that no recorded R meets any more are found."""

from dataclasses import replace
from functools import cache, partial

import pytest

from pymeta.harness.backends.recorded import RecordedReference
from pymeta.harness.divergences import Divergence
from tests.parity import (
    conversion_grid,
    drawn_grid,
    effect_grid,
    newmods_grid,
    shaping_cases,
    table_models_grid,
    transform_grid,
    uni_grid,
)
from tests.parity.by_dataset import BY_DATASET
from tests.parity.drawn_grid import tables_of
from tests.parity.judging import KNOWN, RECORDED, VERSIONS


def effects(reference, known):
    for kind in effect_grid.KINDS:
        for case, agreement in effect_grid.judged(kind, reference.run(effect_grid.call_of(kind)), known=known):
            yield case.name, agreement
        for one in drawn_grid.judged(tables_of(kind), reference.run(drawn_grid.call_of(tables_of(kind))), known=known):
            yield one.case.name, one


def table_models(reference, known):
    for kind in table_models_grid.KINDS:
        for case, agreement in table_models_grid.judged(kind, reference.run(table_models_grid.call_of(kind)), known=known):
            yield case.name, agreement


def conversions(reference, known):
    """metafor 3.8 has none, and is not asked."""
    if reference.environment in conversion_grid.VERSIONS:
        yield from of_grid(conversion_grid, reference, known)


def of_grid(grid, reference, known):
    for case, agreement in grid.judged(reference.run(grid.call_of()), known=known):
        yield case.known_as, agreement


def by_dataset(grid, reference, known):
    for dataset in grid.DATASETS:
        yield from grid.judged(dataset, reference.run(grid.call_of(dataset)), known=known)


GRIDS = {
    "effects/": effects,
    "transforms/": lambda *asked: of_grid(transform_grid, *asked),
    "conversions/": conversions,
    "tables/": table_models,
    "uni/": lambda *asked: by_dataset(uni_grid, *asked),
    "newmods/": lambda reference, known: newmods_grid.judged(reference.run(newmods_grid.call_of()), known),
    "shaping/": lambda *asked: of_grid(shaping_cases, *asked),
    **{f"{kind}/": partial(by_dataset, grid) for kind, grid in BY_DATASET.items()},
}


def met(known):
    """Which entry excuses which quantity of which case, in one R or another."""
    judged = [
        one
        for prefix, grid in GRIDS.items()
        for slug in VERSIONS
        if any(case.startswith(prefix) for entry in known for case in entry.case)
        for one in grid(RecordedReference(RECORDED, slug), known)
    ]
    rows = [(name, row) for name, agreement in judged for row in agreement.quantities if row.verdict == "known"]
    return {(row.divergence, name, row.name) for name, row in rows}


def idle(entries, found):
    """The entries that excuse nothing, by each of the quantities of which that is so."""
    complaints = []
    for entry in entries:
        if any(case.startswith(tuple(GRIDS)) for case in entry.case):
            quantities = {quantity for name, _, quantity in found if name == entry.id}
            alone = [replace(entry, quantity=pattern) for pattern in entry.quantity]
            complaints += [f"{entry.id}, {one.quantity[0]}" for one in alone if not any(map(one.covers, quantities))]
    return complaints


@cache
def met_by_the_shipped_ones():
    return met(KNOWN)


def test_every_entry_is_met_in_a_recorded_version():
    assert idle(KNOWN, met_by_the_shipped_ones()) == []


def entry(**given):
    fields = {"id": "DIV-999", "what": "w", "cause": "planted", "digits": 1.0, "some": True}
    return Divergence(**fields | given)


IDLE = {
    "a case that agrees": {"case": "transforms/transf_ztor/*", "quantity": "value"},
    "a case that is not there": {"case": "shaping/nothing/*", "quantity": "vi"},
    "a version that is not there": {"case": "conversions/*", "quantity": "vi", "packages": {"metafor": "<2"}},
    "a case of uni that agrees": {"case": "uni/DL/dat.bcg", "quantity": "tau2"},
    "a quantity that agrees": {"case": "conversions/conv_delta/*", "quantity": ["vi", "yi"]},
}


@pytest.mark.parametrize("plant", IDLE)
def test_an_idle_entry_goes_red(plant):
    planted = entry(**IDLE[plant])
    found = met_by_the_shipped_ones() | met((planted,))
    assert idle((*KNOWN, planted), found) == [f"DIV-999, {planted.quantity[-1]}"]


def test_an_entry_that_is_met_does_not():
    planted = entry(case="conversions/conv_delta/*", quantity="vi")
    assert idle((planted,), met((planted,))) == []
