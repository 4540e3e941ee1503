"""Which counts are added to, and which studies are dropped."""

import numpy as np
import pytest

from pymeta.effects.zero_cells import added, corrected, uninformative
from pymeta.errors import OptionError

ZERO = np.array([False, True, False])


@pytest.mark.parametrize(
    ("to", "zero", "expected"),
    [
        ("only0", ZERO, [0, 0.25, 0]),
        ("all", ZERO, [0.25] * 3),
        ("if0all", ZERO, [0.25] * 3),
        ("if0all", ~ZERO & ZERO, [0] * 3),
        ("none", ZERO, [0] * 3),
    ],
)
def test_what_is_added(to, zero, expected):
    assert added(zero, add=0.25, to=to).tolist() == expected


def test_an_unknown_way():
    with pytest.raises(OptionError, match="to='only': no such way to choose studies"):
        added(ZERO, add=0.5, to="only")


def cells(*rows):
    return [np.array(cell, dtype=float) for cell in zip(*rows, strict=True)]


def test_all_four_cells_are_added_to():
    tables = cells((0, 5, 2, 3), (1, 5, 2, 3))
    assert [one.tolist() for one in corrected(*tables, add=0.5, to="only0", drop00=False)] == [
        [0.5, 1],
        [5.5, 5],
        [2.5, 2],
        [3.5, 3],
    ]


def test_tables_that_say_nothing_are_dropped_when_asked():
    tables = cells((0, 5, 0, 3), (5, 0, 3, 0), (0, 5, 2, 0), (5, 0, 2, 3))
    assert uninformative(*tables).tolist() == [True, True, False, False]
    dropped = corrected(*tables, add=0.5, to="only0", drop00=True)
    assert np.isnan(dropped).all(axis=0).tolist() == [True, True, False, False]
    assert not np.isnan(corrected(*tables, add=0.5, to="only0", drop00=False)).any()


def test_a_zero_beside_a_missing_cell_counts_for_all():
    """As in metafor: the row has no effect, but its zero has every table added to."""
    tables = cells((3, 10, 4, 9), (np.nan, 6, 0, 3))
    assert corrected(*tables, add=0.5, to="if0all", drop00=False)[0][0] == 3.5
