"""Tables for every measure: Hypothesis' strategies for them, and some that were drawn once and are kept.

``python -m tests.parity.drawn_tables`` draws drawn_tables.json anew, from a fixed seed; then R has to be asked anew as well,
by ``python -m tests.parity.record drawn [--rscript CMD]``. Another Hypothesis may draw others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import pymeta
from pymeta.effects.measures import MEASURES, Measure
from pymeta.errors import PymetaError

KEPT = Path(__file__).with_suffix(".json")
TABLES, DRAWS, SEED = 6, 60, 2026
"""How many tables of a measure are kept, of how many: Hypothesis begins with the simplest."""

# ---- What is drawn ------------------------------------------------------------------------------------------------------

COUNT = st.integers(0, 3) | st.integers(0, 60) | st.integers(0, 10**6)
SIZE = st.integers(1, 5) | st.integers(1, 60) | st.integers(1, 10**6)
BEYOND_ONE = st.integers(1, 5) | st.integers(1, 60) | st.integers(1, 10**5)


def rounded(low, high):
    """Numbers of any digits, but 0 or no less than 1e-9: nobody reports means of 1e-300."""
    return st.floats(low, high).map(lambda value: round(value, 9))


EIGHTHS = st.integers(-400, 400).map(lambda eighths: eighths / 8)
MEAN = EIGHTHS | rounded(-10, 10) | st.sampled_from([0.0, 1e-6, 1e6])
SPREAD = st.integers(1, 80).map(lambda eighths: eighths / 8) | rounded(1e-3, 1e3) | st.sampled_from([0.0, 1e-6, 1e6])
ENDS = st.sampled_from([0.0, 1.0, 1 - 2.0**-20, 1 - 1e-6, 1e-9, 0.5])
SHARE = rounded(0, 1) | st.integers(0, 100).map(lambda percent: percent / 100) | ENDS
P = SHARE | st.sampled_from([1e-12, 1e-100, 0.05])
SIGN = st.sampled_from([1.0, -1.0])
SIGNED = rounded(-5, 5) | st.integers(-40, 40).map(lambda tenths: tenths / 10) | st.sampled_from([1e-9, 50.0, -1e4])
TIME = st.integers(1, 1000) | rounded(1e-3, 1e6)
ABOVE_0 = rounded(1e-6, 1e6) | st.integers(1, 50).map(lambda tenths: tenths / 10)


def signed(values):
    return st.builds(lambda sign, value: sign * value, SIGN, values)


DRAWN = {
    **dict.fromkeys(("ai", "bi", "ci", "di", "xi", "x1i", "x2i"), COUNT),
    **dict.fromkeys(("n1i", "n2i", "ni"), SIZE),
    **dict.fromkeys(("m1i", "m2i", "mi", "mini"), MEAN),
    **dict.fromkeys(("sd1i", "sd2i", "sdi"), SPREAD),
    **dict.fromkeys(("t1i", "t2i"), TIME),
    "ri": signed(SHARE),
    "pi": signed(P),
    "r2i": SHARE,
    "ti": SIGNED,
    "yi": SIGNED,
    "vi": ABOVE_0,
    "sei": ABOVE_0,
    "fi": SIGNED.map(abs),
    "maxi": ABOVE_0,
}
"""What a column holds by its name, wherever the family does not say otherwise."""

DRAWN_OF = {
    "alpha": {"ai": SHARE | rounded(-3, 1), "mi": st.integers(2, 60)},
    "matched_pairs": {"pi": SHARE},
    "one_mean": {"mi": MEAN.map(abs) | MEAN},
    "partial_correlation": {"mi": st.integers(1, 20), "ni": BEYOND_ONE},
    "proportions": {"mi": COUNT},
    "r2": {"mi": st.integers(1, 20), "ni": BEYOND_ONE, "pi": P},
    "rates_one": {"ti": TIME},
    "two_groups_auc": {"ai": SHARE, "mi": SHARE},
    "two_means": {"ai": SHARE, "di": SIGNED},
    "paired_means": {"di": SIGNED},
}
ABOVE = {
    **{family: {"n1i": ("ai", 0), "n2i": ("ci", 0)} for family in ("two_by_two", "matched_pairs")},
    **{family: {"maxi": ("mini", 0)} for family in ("two_means", "paired_means", "one_mean")},
    **{family: {"ni": ("mi", 1)} for family in ("partial_correlation", "r2")},
    "proportions": {"ni": ("xi", 0)},
}
"""Columns that are drawn as what they have beyond another column and a constant."""
WRONG = st.sampled_from([-1.0, -0.25, 0.0, 1.5, 7.0])


@st.composite
def tables(draw, measure):
    """Columns by one of the measure's layouts, and what is asked of them: all its kinds of variance."""
    family = measure.family
    names = draw(st.sampled_from(measure.layouts or family.layouts))
    names += tuple(name for name in ("mi",) if family.name == "two_groups_auc" and draw(st.booleans()))
    kinds = DRAWN | DRAWN_OF.get(family.name, {})
    k = draw(st.integers(1, 8))
    columns = {name: np.array(draw(st.lists(kinds[name], min_size=k, max_size=k)), dtype=float) for name in names}
    for name, (other, more) in ABOVE.get(family.name, {}).items():
        if name in columns:
            columns[name] = columns[name] + columns[other] + more
    for row in range(k):
        for name in names:
            if draw(st.integers(0, 24)) == 24:
                columns[name][row] = np.nan
    if draw(st.integers(0, 9)) == 9:
        columns[draw(st.sampled_from(names))][draw(st.integers(0, k - 1))] = draw(WRONG)
    return columns, draw(options(measure))


@st.composite
def options(draw, measure):
    """What is asked for: `add`, `to`, `drop00` as drawn, then each kind of variance, corrected or not."""
    common = {}
    if measure.family.adjusted is not None:
        default = 0.5 if measure.adds else 0.0
        common = {
            "add": draw(st.sampled_from([default, 0.5, 0.25, 1.0, 0.0])),
            "to": draw(st.sampled_from(["only0", "all", "if0all", "none"])),
            "drop00": draw(st.booleans()),
        }
        common = {name: value for name, value in common.items() if value not in (default, "only0", False)}
    corrections = (True, False) if "correct" in measure.parameters else (None,)
    asked = []
    for vtype, correct in product(measure.vtypes, corrections):
        of_variance = {} if len(measure.vtypes) == 1 else {"vtype": vtype}
        asked.append({**common, **of_variance, **({} if correct is None else {"correct": correct})})
    return asked


# ---- What is kept -------------------------------------------------------------------------------------------------------


class Table(NamedTuple):
    """One table of a measure, and the options by each of which it is asked."""

    measure: str
    columns: Mapping[str, np.ndarray]
    options: list[dict[str, Any]]


def kept() -> list[Table]:
    """The tables of the file; null is NaN."""
    rows = [json.loads(line) for line in KEPT.read_text(encoding="utf-8").splitlines()]
    return [
        Table(measure, {name: np.array(values, dtype=float) for name, values in columns.items()}, options)
        for measure, columns, options in rows
    ]


def drawn(measure: Measure) -> list[Table]:
    """One of each sixth of what is drawn: in turn the one with the most effects, and the first, whatever it is."""
    found: list[Table] = []

    @seed(f"{measure.name} {SEED}")
    @settings(max_examples=DRAWS, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(table=tables(measure))
    def collects(table):
        found.append(Table(measure.name, *table))

    collects()
    parts = [found[len(found) * i // TABLES : len(found) * (i + 1) // TABLES] for i in range(TABLES)]
    return [part[0] if i % 2 else max(part, key=effects_in) for i, part in enumerate(parts)]


def effects_in(table: Table) -> int:
    """How many rows have an effect by pymeta, as first asked; -1 where it refuses."""
    try:
        found = pymeta.escalc(table.measure, **table.columns, **table.options[0], cutoff=None)
    except PymetaError:
        return -1
    return int(np.isfinite(found["yi"] + found["vi"]).sum())


def main() -> None:
    """Write the file, a line a table."""
    lines = []
    for name, measure in MEASURES.items():
        for _, columns, options in drawn(measure):
            numbers = {key: [None if np.isnan(v) else v for v in values.tolist()] for key, values in columns.items()}
            lines.append(json.dumps([name, numbers, options]) + "\n")
    KEPT.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
