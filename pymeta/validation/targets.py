"""TARGETS, everything that can be fuzzed: each measure with each method that pools it, on data drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from pymeta.effects.measures import MEASURES, Measure
from pymeta.harness import Call, Rule, plain
from pymeta.harness.fuzzing import Target
from pymeta.validation import engines
from pymeta.validation.case import METHODS, POOLED, OutcomeCase
from pymeta.validation.rows import Rows

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["TARGETS"]

Row = tuple[float, ...]


def _tables() -> SearchStrategy[Row]:
    """ai, bi, ci, di: zeros not rare, no arm without patients; larger tables are for the parity tests' referee.

    A table that separates the groups completely is left out: its risk difference is 1 and the variance of Sato et al.
    exactly 0, which in R is rounding noise on either side of 0, so that R's answer to it is none.
    """
    from hypothesis import strategies as st

    cell = st.integers(0, 20) | st.integers(0, 400)
    table = st.tuples(cell, cell, cell, cell).filter(lambda row: row[0] + row[1] > 0 and row[2] + row[3] > 0)
    return table.filter(lambda row: row[0] + row[3] > 0 and row[1] + row[2] > 0)


def _means() -> SearchStrategy[Row]:
    """n1i, m1i, sd1i, n2i, m2i, sd2i, as a paper prints them; beyond 200 R's own J of SMD is short of 12 digits."""
    from hypothesis import strategies as st

    size, mean = st.integers(2, 20) | st.integers(2, 100), _hundredths(-10_000, 10_000)
    sd = _hundredths(1, 5_000)
    return st.tuples(size, mean, sd, size, mean, sd)


def _effects() -> SearchStrategy[Row]:
    """yi and vi, as a paper prints them."""
    from hypothesis import strategies as st

    return st.tuples(_hundredths(-1_000, 1_000), _hundredths(1, 500))


def _hundredths(low: int, high: int) -> SearchStrategy[float]:
    from hypothesis import strategies as st

    return st.integers(low, high).map(lambda n: n / 100.0)


_ROWS: Mapping[str, tuple[tuple[str, ...], Callable[[], SearchStrategy[Row]]]] = MappingProxyType(
    {
        "generic": (("yi", "vi"), _effects),
        "two_by_two": (("ai", "bi", "ci", "di"), _tables),
        "two_means": (("n1i", "m1i", "sd1i", "n2i", "m2i", "sd2i"), _means),
    }
)


def _target(measure: Measure, method: str) -> Target:
    names, rows = _ROWS[measure.family.name]

    def draw() -> SearchStrategy[list[Row]]:
        from hypothesis import strategies as st

        return st.lists(rows(), min_size=1, max_size=12)

    def outcome(data: list[Row]) -> OutcomeCase:
        columns = {name: np.array([row[i] for row in data], dtype=np.float64) for i, name in enumerate(names)}
        slab = tuple(f"Study {i + 1}" for i in range(len(data)))
        return OutcomeCase("fuzz", "fuzz", measure, method, 95.0, Rows(slab, columns), {})

    def python(data: list[Row]) -> Mapping[str, Any]:
        return engines.quantities(engines.fitted(outcome(data)))

    def call(data: list[Row]) -> Call:
        case = outcome(data)
        return engines.r_call(case, tightened=engines.is_iterative(case))

    def rules(data: list[Row], reference: Mapping[str, Any]) -> Mapping[str, Rule]:
        return engines.rules(outcome(data), {name: plain(value) for name, value in reference.items()})

    return Target(f"{measure.name}-{method}", draw, python, call, rules, _limits)


def _limits(data: list[Row], reference: Mapping[str, Any]) -> dict[str, float]:
    """What is left of 13 digits where R subtracts weights of very different size from each other.

    metafor works with P = W - WX(X'WX)^-1 X'W, whose elements cancel by the ratio of the largest weight to the smallest;
    a p-value loses the digits of z² on top. A wrong formula is wrong in the first digits, whatever the weights.
    """
    values = {name: plain(value) for name, value in reference.items()}
    vi, zval = (np.asarray(values.get(name, 1.0), dtype=np.float64) for name in ("vi", "zval"))
    if vi.size == 0 or not (vi > 0.0).all():
        return {}
    left = 13.0 - np.log10(vi.max() / vi.min())
    lost = np.log10(np.maximum(1.0, zval**2)).max()
    limits = {name: left - (lost if name == "pval" else 0.0) for name in values if name not in _EXACT}
    return {name: float(np.clip(limit, 1.0, 15.0)) for name, limit in limits.items()}


_EXACT = ("QE_df", "k", "slab", "yi", "vi")


TARGETS: Mapping[str, Target] = MappingProxyType(
    {
        target.name: target
        for measure in map(MEASURES.__getitem__, POOLED)
        for method in METHODS
        if method != "MH" or measure.family.name == "two_by_two"
        for target in [_target(measure, method)]
    }
)
