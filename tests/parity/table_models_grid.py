"""rma_mh and rma_peto on real, random and hard tables, with every option: one call of R for tables, one for rates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import pymeta
from pymeta.errors import DataError
from pymeta.harness import Agreement, Call, Outcome, Rule, plain
from pymeta.harness.divergences import Divergence
from tests.parity.judging import KNOWN, judge

HERE = Path(__file__).parent
PACKAGES = ("metafor", "metadat")
COLUMNS = {"tables": ["ai", "n1i", "ci", "n2i"], "rates": ["x1i", "t1i", "x2i", "t2i"]}
MEASURES = {"tables": ("OR", "RR", "RD", "PETO"), "rates": ("IRR", "IRD")}
KINDS = tuple(COLUMNS)
NUMBERS = ("beta", "se", "zval", "pval", "ci_lb", "ci_ub", "QE", "QEp", "I2", "H2", "k", "k_yi")
TESTS = ("MH", "MHp", "CO", "COp", "BD", "BDp", "TA", "TAp")
RANDOM = 2
OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"drop00": False},
    {"add": 0.0, "to": "none"},
    {"add": 0.25, "to": "all"},
    {"add": [0.5, 0.25], "to": ["only0", "only0"]},
    {"add": [0.5, 0.5], "to": ["only0", "if0all"], "drop00": [True, True]},
    {"add": [1.0, 2.0], "to": ["if0all", "all"], "drop00": [False, True]},
    {"subset": "half"},
)
ASKED = (
    *OPTIONS,
    {"correct": False},
    {"level": 90.0},
    {"drop00": [True, True]},
    {"add": 0.25, "to": "if0all"},
    {"add": [0.5, 0.25]},
    {"to": ["all", "all"]},
)
EDGES = {
    "one table": ((3, 20, 5, 21),),
    "one table, no events in one arm": ((0, 20, 5, 21),),
    "one table, no events": ((0, 20, 0, 21),),
    "two tables, one of them empty": ((3, 20, 5, 21), (0, 40, 0, 40)),
    "empty cells of every kind": (
        (0, 20, 3, 21), (4, 20, 0, 21), (20, 20, 11, 21), (7, 20, 21, 21), (0, 20, 0, 21), (20, 20, 21, 21),
    ),
    "no events in group 1": ((0, 20, 3, 20), (0, 30, 5, 30), (0, 40, 1, 40)),
    "nothing but events in group 2": ((3, 20, 20, 20), (5, 30, 30, 30)),
    "groups of one": ((0, 1, 1, 1), (1, 1, 0, 1), (1, 1, 1, 1), (0, 1, 0, 1), (1, 1, 0, 1)),
    "huge odds ratios": ((999, 1000, 1, 1000), (1990, 2000, 3, 1500), (40, 41, 1, 50)),
    "no effects without corrections": ((0, 10, 3, 10), (3, 10, 0, 9)),
    "a difference below a half": ((4, 14, 4, 14), (5, 16, 5, 17)),
    "missing values": ((4, 14, np.nan, 14), (0, 16, 5, np.nan), (3, 20, 9, 21), (5, 19, 2, 21)),
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A measure of one data set, with options."""

    measure: str
    data: str
    options: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return "rates" if self.measure in MEASURES["rates"] else "tables"

    @property
    def name(self) -> str:
        """What divergences know it by; a pair is "0.5|0.25": brackets mean something else in their patterns."""
        pairs = {key: "|".join(map(str, x)) if isinstance(x, list) else x for key, x in self.options.items()}
        return f"tables/{self.measure}{''.join(f',{key}={value}' for key, value in pairs.items())}/{self.data}"


PRINTED = (
    (Case("OR", "dat.bcg", {}), True),
    (Case("OR", "dat.hine1989", {"correct": False}), False),
    (Case("OR", "one table", {"level": 90.0}), False),
    (Case("OR", "random 1", {"add": [0.5, 0.25], "to": ["only0", "all"]}), True),
    (Case("RR", "dat.li2007", {"level": 90.0}), False),
    (Case("RD", "dat.nielweise2007", {"drop00": False}), True),
    (Case("IRR", "dat.nielweise2008", {}), False),
    (Case("IRR", "dat.hart1999", {"correct": False}), True),
    (Case("IRD", "dat.hart1999", {}), False),
    (Case("PETO", "dat.yusuf1985", {}), False),
    (Case("PETO", "dat.collins1985b", {"level": 99.0}), True),
)
"""Cases whose text is compared, and whether it is the summary."""


@cache
def _table() -> pd.DataFrame:
    return pd.read_csv(HERE / "table_data.csv")


def _random(kind: str, seed: int) -> np.ndarray:
    """Twelve rows with few events, some with none in either group or, in small groups, nothing else."""
    rng = np.random.default_rng([seed, len(kind)])
    n1, n2 = rng.integers(2, 60, 12), rng.integers(2, 60, 12)
    risk = rng.choice([0.02, 0.1, 0.5, 0.97], 12)
    if kind == "rates":
        rates = (n1 * 10.5, n2 * 9.25)
        return np.column_stack([rng.poisson(n1 * risk / 3), rates[0], rng.poisson(n2 * risk / 4), rates[1]])
    return np.column_stack([rng.binomial(n1, risk), n1, rng.binomial(n2, risk), n2])


@cache
def data_of(kind: str) -> dict[str, dict[str, np.ndarray]]:
    """Real, random and hard sets: columns by name."""
    columns, rows = COLUMNS[kind], _table()
    sets = {
        str(name): group[columns].to_numpy(dtype=float)
        for name, group in rows.groupby("data")
        if group[columns].notna().any().all()
    }
    sets |= {f"random {seed}": _random(kind, seed) for seed in range(RANDOM)}
    sets |= {name: np.array(edge, dtype=float) for name, edge in EDGES.items()}
    return {name: dict(zip(columns, np.asarray(matrix, dtype=float).T, strict=True)) for name, matrix in sets.items()}


def cases_of(kind: str) -> Iterator[Case]:
    for measure in MEASURES[kind]:
        for name in data_of(kind):
            for options in ASKED if name.startswith("dat.") else OPTIONS:
                if "correct" not in options or measure in ("OR", "IRR"):
                    yield Case(measure, name, options)


def call_of(kind: str) -> Call:
    cases = list(cases_of(kind))
    arguments = {
        "data": data_of(kind),
        "options": [dict(options) or None for options in ASKED],
        "measure": [case.measure for case in cases],
        "set": [case.data for case in cases],
        "asked": np.array([ASKED.index(case.options) + 1 for case in cases]),
    }
    return Call("table_fits", arguments, HERE / "table_models.R", packages=PACKAGES)


def printed_call(case: Case, *, summarised: bool) -> Call:
    """What R prints of a case."""
    arguments = {"columns": data_of(case.kind)[case.data], "measure": case.measure, "options": dict(case.options) or None}
    return Call("table_print", {**arguments, "summarised": summarised}, HERE / "table_models.R", packages=PACKAGES)


def fitted(case: Case) -> Any:
    columns = data_of(case.kind)[case.data]
    options = dict(case.options)
    if "subset" in options:
        options["subset"] = np.arange(len(columns[COLUMNS[case.kind][0]])) % 2 == 0
    if case.measure == "PETO":
        return pymeta.rma_peto(**columns, **options)
    return pymeta.rma_mh(measure=case.measure, **columns, **options)


@cache
def answers(kind: str) -> tuple[Mapping[str, Any] | DataError, ...]:
    """pymeta's answers to all cases, once for all versions of R."""
    return tuple(_answer(case) for case in cases_of(kind))


def _answer(case: Case) -> Mapping[str, Any] | DataError:
    try:
        return ours(fitted(case))
    except DataError as refusal:
        return refusal


def ours(result: Any) -> dict[str, Any]:
    found = {name: float(np.ravel(getattr(result, name))[0]) for name in NUMBERS}
    tests = {name: getattr(result, name, None) for name in TESTS}
    found |= {name: np.nan if value is None else value for name, value in tests.items()}
    found |= {kind: np.asarray(stats) for kind, stats in result.fit_stats.items()}
    return {**found, "weights": np.diag(pymeta.weights(result, type="matrix")) if result.k > 1 else np.array([np.nan])}


def of_r(theirs: np.ndarray) -> dict[str, Any]:
    places = np.cumsum([len(NUMBERS) + len(TESTS), 5, 5])
    numbers, ml, reml, weights = np.split(theirs, places)
    return {**dict(zip((*NUMBERS, *TESTS), map(float, numbers), strict=True)), "ML": ml, "REML": reml, "weights": weights}


def undefined(theirs: np.ndarray | str) -> bool:
    """Whether R, too, has no estimate: an error, NA, or a standard error of 0 or of what rounding leaves of it."""
    if isinstance(theirs, str):
        return True
    found = of_r(theirs)
    return not (np.isfinite(found["beta"]) and found["se"] > 1e-7) or np.isinf(found["QE"])


def rules(found: Mapping[str, Any]) -> dict[str, Rule]:
    """Estimates and bounds are judged against the standard error, statistics against 1."""
    closed = {name: Rule("closed", scale=found["se"], allow_nan=True) for name in ("beta", "ci_lb", "ci_ub")}
    closed |= {name: Rule("closed", scale=1.0, allow_nan=True) for name in ("zval", "QE", "I2", "H2", "ML", "REML")}
    closed |= {name: Rule("closed", scale=1.0, allow_nan=True) for name in ("MH", "CO", "BD", "TA")}
    closed |= {name: Rule("closed_p", allow_nan=True) for name in ("pval", "QEp", "MHp", "COp", "BDp", "TAp")}
    heaviest = float(np.nanmax(found["weights"], initial=1e-3))
    closed |= {"se": Rule("closed"), "weights": Rule("closed", scale=heaviest, allow_nan=True)}
    return {**closed, "k": Rule("exact"), "k_yi": Rule("exact")}


def judged(
    kind: str,
    outcome: Outcome,
    plant: Callable[[Any], None] | None = None,
    known: Sequence[Divergence] = KNOWN,
    data: str | None = None,
) -> Iterator[tuple[Case, Agreement]]:
    """Each case, of one data set if named, and how it fared; plant : changes pymeta's answers first.

    Where R has no estimate, in its way, pymeta's refusal agrees.
    """
    assert outcome.error is None, outcome.error
    for case, answer, theirs in zip(cases_of(kind), answers(kind), plain(outcome.value), strict=True):
        if data not in (None, case.data) or (isinstance(answer, DataError) and undefined(theirs)):
            continue
        if isinstance(answer, DataError) or isinstance(theirs, str):
            said = {"error": theirs} if isinstance(theirs, str) else of_r(theirs)
            yield case, judge(case.name, answer, said, {}, outcome, known)
            continue
        mine = dict(answer)
        if plant is not None:
            plant(mine)
        yield case, judge(case.name, mine, of_r(theirs), rules(mine), outcome, known)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    yield from ((f"tables-{kind}", call_of(kind)) for kind in KINDS)
    for i, (case, summarised) in enumerate(PRINTED):
        yield f"tables-printed-{i}", printed_call(case, summarised=summarised)
