"""Data sets that Hypothesis draws, one maker a family of measures."""

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st

settings.register_profile("pymeta", max_examples=25, deadline=None, derandomize=True, database=None)
settings.load_profile("pymeta")


def _numbers(draw, values, k):
    return np.array(draw(st.lists(values, min_size=k, max_size=k)), dtype=np.float64)


def _tables(draw, k):
    """Counts, zeros among them, and in the first study no zero: every ratio and Mantel-Haenszel are then defined."""
    columns = {name: _numbers(draw, st.integers(0, 60), k) for name in ("ai", "bi", "ci", "di")}
    for column in columns.values():
        column[0] += 1.0
    columns["bi"] += columns["ai"] == 0
    columns["di"] += columns["ci"] == 0
    return columns


def _two_means(draw, k):
    sizes, means, spreads = st.integers(2, 80), st.integers(-40, 40), st.integers(1, 30)
    makers = {"n": sizes, "m": means, "sd": spreads}
    return {f"{name}{group}i": _numbers(draw, values, k) for group in (1, 2) for name, values in makers.items()}


def _generic(draw, k):
    return {"yi": _numbers(draw, st.integers(-300, 300), k) / 64, "vi": _numbers(draw, st.integers(1, 400), k) / 64}


_MAKERS = {"two_by_two": _tables, "two_means": _two_means, "generic": _generic}


@pytest.fixture(scope="session")
def columns_of():
    """Family -> a strategy of its columns, of 2 to 8 studies."""

    @st.composite
    def strategy(draw, family):
        return _MAKERS[family](draw, draw(st.integers(2, 8)))

    return strategy
