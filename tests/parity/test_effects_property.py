"""Every measure on tables that Hypothesis draws, against the R that is here; test_drawn.py has tables for any machine.

For more examples, or another R: ``python -m tests.parity.test_effects_property [--examples N] [--rscript CMD]``, which names
every complaint and not the first only. Measures that this R does not know, or lacks a package for, are skipped.
"""

from __future__ import annotations

import argparse

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from pymeta.effects.measures import MEASURES
from pymeta.errors import DataError
from pymeta.harness import open_reference, plain
from tests.parity import drawn_grid, effect_grid
from tests.parity.drawn_tables import DRAWN, DRAWN_OF, Table, tables

EXAMPLES = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


def said_of(reference, table, *, noise):
    outcome = reference.run(drawn_grid.call_of([table], noise=noise), timeout=120)
    assert outcome.error is None, outcome.error
    return outcome


def noise_of(reference, table):
    """R's noise in the first case of a table; None where it cannot be taken."""
    return drawn_grid.noise_in(plain(said_of(reference, table, noise=True).value)[0][0])


def complaints(reference, measure, columns, asked, plant=None):
    """What speaks against pymeta; None where this R cannot say."""
    table = Table(measure.name, columns, asked)
    outcome = said_of(reference, table, noise=False)
    found = list(drawn_grid.judged([table], outcome, noise=lambda one: noise_of(reference, one), plant=plant))
    return [text for one in found for text in one.complaints] if found else None


@pytest.mark.parametrize("name", MEASURES)
def test_drawn_tables(name, worker, this_r_knows):
    if name not in this_r_knows:
        pytest.skip(f"the metafor that is here has no {name}; test_drawn.py holds it to recordings of newer ones")

    @EXAMPLES
    @given(drawn=tables(MEASURES[name]))
    def agrees(drawn):
        found = complaints(worker, MEASURES[name], *drawn)
        if found is None:
            pytest.skip(f"the R that is here lacks a package that {name} wants; test_drawn.py has recordings")
        assert found == []

    agrees()


@pytest.fixture(scope="session")
def this_r_knows(worker):
    return set(worker.run(effect_grid.names_call()).value.values)


def test_every_column_can_be_drawn():
    for measure in MEASURES.values():
        for layout in measure.layouts or measure.family.layouts:
            assert set(layout) <= DRAWN.keys() | DRAWN_OF.get(measure.family.name, {}).keys(), measure.name


PLAIN = {"ai": [12.0, 3.0], "bi": [30.0, 9.0], "ci": [5.0, 8.0], "di": [41.0, 2.0]}


def plain_complaints(worker, columns, plant=None):
    columns = {name: np.array(values, dtype=float) for name, values in columns.items()}
    return complaints(worker, MEASURES["OR"], columns, [{}], plant)


PLANTED = {
    "a variance in its 12th digit": lambda ours: ours.update(vi=ours["vi"] * (1 + 3e-12)),
    "an effect in its 12th digit": lambda ours: ours.update(yi=ours["yi"] * (1 + 3e-12)),
    "an effect that is missing": lambda ours: ours.update(yi=np.array([np.nan, ours["yi"][1]])),
    "an effect in another row": lambda ours: ours.update(yi=ours["yi"][::-1].copy()),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant, worker):
    assert plain_complaints(worker, PLAIN) == []
    assert plain_complaints(worker, PLAIN, PLANTED[plant])


def test_a_refusal_that_r_does_not_share_goes_red(worker, monkeypatch):
    monkeypatch.setattr(effect_grid, "ours", lambda case, columns: DataError("so it seems", argument="ai", row=2))
    assert "pymeta refuses and R does not" in plain_complaints(worker, PLAIN)[0]
    assert plain_complaints(worker, PLAIN | {"ai": [12.0, np.nan]}) == []


def test_an_answer_where_r_refuses_goes_red(worker, monkeypatch):
    monkeypatch.setattr(effect_grid, "ours", lambda case, columns: {"yi": np.zeros(2), "vi": np.ones(2)})
    assert "R raised" in plain_complaints(worker, PLAIN | {"ai": [12.0, -1.0]})[0]


def test_noise_excuses_what_r_has_lost_and_no_more(worker):
    """1 - r² of an r that is no power of 2 short of 1."""
    table = Table("COR", {"ri": np.array([1 - 1e-9, 0.5]), "ni": np.array([20.0, 20.0])}, [{}])
    ((theirs,),) = plain(said_of(worker, table, noise=True).value)
    noise = theirs["vi_noise"] / theirs["vi"]
    assert 1e-9 < noise[0] < 1e-6
    assert noise[1] < 1e-15


IF0ALL = {
    "OR": {"ai": [3, 0], "bi": [5, 4], "ci": [2, 0], "di": [7, 9]},
    "MPORC": {"ai": [3, 0], "bi": [5, 4], "ci": [2, 0], "di": [7, 9]},
    "IRR": {"x1i": [3, 0], "x2i": [2, 0], "t1i": [10, 20], "t2i": [20, 30]},
}


@pytest.mark.parametrize("name", IF0ALL)
def test_what_is_dropped_is_no_zero_to_if0all(name, worker):
    """Found by this file: rows that drop00 leaves out used to have `add` added to all others."""
    columns = {column: np.array(values, dtype=float) for column, values in IF0ALL[name].items()}
    assert complaints(worker, MEASURES[name], columns, [{"to": "if0all", "drop00": True}]) == []


def main():
    """Name all complaints, of each measure the smallest table that has them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rscript")
    parser.add_argument("--examples", type=int, default=300)
    parser.add_argument("measures", nargs="*", default=list(MEASURES))
    asked = parser.parse_args()
    with open_reference("worker", rscript=asked.rscript) as reference:
        for name in asked.measures:
            print(name, *complained(reference, MEASURES[name], asked.examples), sep="\n  ", flush=True)


def complained(reference, measure, examples):
    smallest = {}

    @settings(EXAMPLES, max_examples=examples, phases=[Phase.generate])
    @given(drawn=tables(measure))
    def collects(drawn):
        size = sum(map(len, drawn[0].values()))
        for found in complaints(reference, measure, *drawn) or ():
            kind = (found.split(":")[0], "nan" in found)
            if kind not in smallest or size < smallest[kind][0]:
                smallest[kind] = size, found, {column: values.tolist() for column, values in drawn[0].items()}

    collects()
    return [f"{found}\n    {columns}" for _, found, columns in smallest.values()]


if __name__ == "__main__":
    main()
