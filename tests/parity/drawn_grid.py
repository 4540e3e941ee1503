"""Drawn tables of every measure: how pymeta's answers are judged beside R's, and what R is asked of those that are kept.

Where 12 digits do not agree, it counts how much R's answer moves with the data moved a little, which tells how much of it is
rounding: it takes 1 - r² where r is next to 1. A difference of no more than that passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from pymeta.effects.measures import MEASURES
from pymeta.errors import DataError
from pymeta.harness import Call, Outcome, applicable, compare, plain
from pymeta.harness.agreement import VERDICTS, QuantityAgreement
from pymeta.harness.calls import Condition
from pymeta.harness.divergences import Divergence
from pymeta.resources import shipped
from tests.parity import effect_grid
from tests.parity.drawn_tables import ABOVE, Table, kept
from tests.parity.effect_grid import KINDS, PACKAGES, UNKNOWN, EffectCase, module_of
from tests.parity.judging import KNOWN

KIND_OF = {name: kind for kind in KINDS for name in module_of(kind).MEASURES}

# ---- What is known -------------------------------------------------------------------------------------------------------

POMP = ("two_means", "paired_means", "one_mean")
REFUSED_HERE = (
    (("partial_correlation",), "semi-partial correlation beyond ±1", "metafor 3.8 has such; later ones refuse them"),
    (("partial_correlation", "r2"), "0 predictors", "metafor takes regressions without one, whose t and R² are of nothing"),
    (POMP, "is not above the scale's minimum", "metafor has effects of such a scale where a spread is missing or pooled"),
)
"""What pymeta refuses and R does not: families, a part of what is said, the reason."""
REFUSED_THERE = (
    (MEASURES, "cannot compute outcomes", "metafor refuses data that have no effect in any row"),
    (("COR", "UCOR", "ZCOR"), "correlations are > 1 or < -1", "of a t-test of two people, rounded beyond 1 in metafor"),
)
"""What R refuses and pymeta does not: measures, a part of what is said, the reason; then pymeta has no effect, or ±1."""
EPS = 2.0**-52
CANCELS = {
    **dict.fromkeys(("YUQ", "YUY"), lambda yi, vi: vi * EPS / (1 - np.abs(yi))),  # (1 - y²)² of a y rounded to 16 digits
    **dict.fromkeys(("UCOR", "CLES", "AUC"), lambda yi, vi: EPS * np.ones_like(vi)),  # differences of numbers near 1
}
"""The error of R's variances, beyond the noise of its answers, from the effects and variances."""


@dataclass(frozen=True)
class Row:
    """A row of a case: pymeta's answer and R's, beside all of R's answer and all data."""

    case: EffectCase
    columns: Mapping[str, np.ndarray]
    ours: Mapping[str, np.ndarray]
    theirs: Mapping[str, np.ndarray]
    all_theirs: Mapping[str, np.ndarray]

    @property
    def averaged(self):
        return self.case.options.get("vtype") in ("AV", "AVHO")

    @property
    def near_one(self):
        """Correlations, whatever their scale, beyond 0.95, or none, on both sides."""
        return not any(abs(MEASURES[self.case.measure].display(side["yi"])[0]) < 0.95 for side in (self.ours, self.theirs))

    @property
    def at_one(self):
        return abs(MEASURES[self.case.measure].display(self.ours["yi"])[0]) > 1 - 1e-10

    @property
    def by_steps(self):
        """The same R², and a variance that steps of 1e-4 in the true R² may explain: its error, or too few steps for any."""
        (yi,), (vi,), (r_yi,), (r_vi,) = self.ours["yi"], self.ours["vi"], self.theirs["yi"], self.theirs["vi"]
        r2 = np.tanh(yi) ** 2 if self.case.measure == "ZR2F" else yi
        unit = (1.0 - r2**2) ** 2 if self.case.measure == "ZR2F" else 1.0
        if np.isnan(r_vi):
            return min(r2, 1.0 - r2) < 1e-4 and (np.isnan(r_yi) or abs(yi - r_yi) < 1e-12 * yi)
        return abs(yi - r_yi) < 1e-12 * yi and abs(vi - r_vi) * unit < 1e-4**2 / 4.0

    def neither(self, name):
        return bool(np.isnan([self.ours[name], self.theirs[name]]).all())


OTHERWISE = (
    (
        ("GEN", "HR", "HD"),
        lambda row: row.neither("yi") or row.neither("vi") or np.isnan([row.theirs["yi"], row.theirs["vi"]]).all(),
        "where one number is NaN R has neither, but where it is NA the other stays: for pandas both are missing, as NA is",
    ),
    (MEASURES, lambda row: row.neither("yi"), "R has variances without effects"),
    (MEASURES, lambda row: row.theirs["vi"] < 0 and np.isnan(row.ours["vi"]), "R has variances below 0"),
    (
        ("SMCC", "SMCR", "SMD1", "CLES", "AUC"),
        lambda row: row.neither("vi") and not abs(row.ours["yi"]) > 0,
        "where neither has a variance R may have an effect, and pymeta one of 0",
    ),
    (
        ("SMD", "SMD1"),
        lambda row: row.averaged and np.isnan(row.all_theirs["vi"]).all(),
        "DIV-011: one row without a finite d takes R's average from all rows",
    ),
    (
        ("ROM",),
        lambda row: row.averaged and any(np.nanmin(row.columns[name]) <= 0 for name in ("m1i", "m2i")),
        "DIV-012: a mean of 0 or below spoils R's average coefficient of variation",
    ),
    (("RPB", "ZPB"), lambda row: row.at_one, "1 - r² has few digits in R, or none"),
    (
        ("ZR2", "ZR2F"),
        lambda row: row.ours["yi"] > 18.0 and np.isnan(row.theirs["yi"]),
        "R² is 1 in R where 1 - R² is below 1e-16",
    ),
    (
        ("R2F", "ZR2F"),
        lambda row: row.by_steps,
        "DIV-018: R sums over steps; the referee is pymeta's (test_determination.py)",
    ),
    (("RTET", "ZTET"), lambda row: row.near_one, "DIV-017: R stops 1e-5 from the maximum; near 1 no digit of v is left"),
)
"""Rows in which R is known to be otherwise: measures, when, the reason."""

STEP, STEPS, NOISES = 2.0**-32, 16, 30.0
"""By which share of themselves the data are moved, how often, and how much R's noise may be multiplied."""
INTEGRATED = ("RTET", "ZTET", "R2F", "ZR2F")
"""R takes minutes for so many integrals: their noise is not asked for."""

# ---- What R is asked ----------------------------------------------------------------------------------------------------


def call_of(tables: Sequence[Table], *, noise: bool = True) -> Call:
    """R's effects of the tables, and their noise if wished."""
    asked = [
        {
            "measure": table.measure,
            "columns": table.columns,
            "options": [r_options(options) for options in table.options],
            "above": {name: other for name, (other, _) in above(table).items()},
            "noise": noise and table.measure not in INTEGRATED,
        }
        for table in tables
    ]
    arguments = {"tables": asked, "step": STEP, "steps": STEPS}
    return Call("drawn_effects", arguments, shipped("r_reference", "noise.R"), packages=PACKAGES)


def r_options(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name.replace("_", "."): value for name, value in options.items()}


def above(table: Table) -> dict[str, tuple[str, int]]:
    """The columns of a table that go with another one when the data are moved."""
    of_family = ABOVE.get(MEASURES[table.measure].family.name, {})
    return {name: other for name, other in of_family.items() if name in table.columns}


def tables_of(kind: str) -> list[Table]:
    return [table for table in kept() if KIND_OF[table.measure] == kind]


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    yield from ((f"drawn-{kind}", call_of(tables_of(kind))) for kind in KINDS)


# ---- How it is judged ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Judged:
    """A case, how its quantities fared by the 12 digits and known divergences, and what still speaks against pymeta."""

    case: EffectCase
    quantities: Sequence[QuantityAgreement]
    complaints: list[str]


def judged(
    tables: Sequence[Table],
    outcome: Outcome,
    *,
    noise: Callable[[Table], Mapping[str, Any] | None] = lambda table: None,
    plant: Callable[[Any], None] | None = None,
    known: Sequence[Divergence] = KNOWN,
) -> Iterator[Judged]:
    """Each case that this R can be asked; noise : asks for a table's noise where the outcome has none yet."""
    versions = {"R": outcome.environment.r_version, **outcome.environment.packages}
    for table, answers in zip(tables, plain(outcome.value), strict=True):
        for options, theirs in zip(table.options, answers, strict=True):
            if any(text in str(theirs.get("error", "")).lower() for text in UNKNOWN):
                continue
            case = EffectCase(table.measure, "drawn", tuple(table.columns), options)
            ours = effect_grid.ours(case, table.columns)
            if plant is not None:
                plant(ours)
            variances = {name: options[name] for name in ("vtype", "correct") if name in options}
            named = replace(case, options=variances)  # divergences are of these; `add` makes other data
            entries = applicable(known, named.name, versions)
            ask = partial(noise, table._replace(options=[options]))
            yield Judged(named, *verdict(case, table.columns, ours, theirs, entries, ask))


def verdict(case, columns, ours, theirs, entries, noise):
    """The quantities as compared, and the complaints."""
    if isinstance(ours, DataError):
        return (), [] if refused(case, ours, theirs) else [f"{case.name}: pymeta refuses and R does not: {ours}"]
    if "error" in theirs and known_refusal(case, ours, theirs["error"]):
        return (), []
    numbers = {name: theirs[name] for name in ("yi", "vi") if name in theirs}
    judge = Condition(("error",), theirs["error"]) if "error" in theirs else numbers
    rules = effect_grid.rules(KIND_OF[case.measure], case, ours)
    compared = compare(ours, judge, rules, divergences=entries).quantities
    rows = differing(compared)
    if rows and "error" not in theirs:
        off = error_of_r(case, columns, numbers, noise_in(theirs) or noise())
        rows = list(one_by_one(case, columns, ours, numbers, off, entries))
    return compared, [f"{case.name}: {row}" for row in rows]


def differing(quantities):
    return [row for row in quantities if not VERDICTS[row.verdict]]


def refused(case, refusal, theirs):
    """Whether R says no to the row that pymeta does, or is known not to."""
    family = MEASURES[case.measure].family.name
    if any(family in families and text in str(refusal) for families, text, _ in REFUSED_HERE):
        return True
    return "error" in theirs or np.isnan([theirs["yi"][refusal.row - 1], theirs["vi"][refusal.row - 1]]).any()


def known_refusal(case, ours, said):
    """Whether R is known to refuse what pymeta has no effect of, or only that of a correlation of 1."""
    spoken_of = [text for names, text, _ in REFUSED_THERE if case.measure in names and text in said.lower()]
    if spoken_of == ["cannot compute outcomes"]:
        return not isinstance(ours, Exception) and bool(np.isnan(ours["yi"]).all())
    return bool(spoken_of)


def one_by_one(case, columns, ours, theirs, noise, entries):
    """The rows that differ by more than R's rounding, and in no way that is known."""
    for i in range(len(ours["yi"])):
        mine, his = ({name: side[name][i : i + 1] for name in ("yi", "vi")} for side in (ours, theirs))
        if any(known(Row(case, columns, mine, his, theirs)) for names, known, _ in OTHERWISE if case.measure in names):
            continue
        rules = effect_grid.rules(KIND_OF[case.measure], case, mine)
        for row in differing(compare(mine, his, rules, divergences=entries).quantities):
            with np.errstate(invalid="ignore"):
                apart = abs(mine[row.name][0] - his[row.name][0])
            if not apart <= NOISES * noise[row.name][i]:
                yield f"row {i + 1}: {row}, R's noise {noise[row.name][i]:.1e}"


def noise_in(answer):
    """The noise of an answer's yi and vi; None where that has none."""
    return {name: answer[f"{name}_noise"] for name in ("yi", "vi")} if "yi_noise" in answer else None


def error_of_r(case, columns, theirs, noise):
    """How far R's yi and vi may be off by row: by the noise, where it is known, and by what is known of its formulas."""
    found = {name: np.zeros(len(theirs[name])) for name in ("yi", "vi")}
    if case.measure in INTEGRATED:
        return found
    with np.errstate(all="ignore"):
        if noise is not None:
            found = {name: np.nan_to_num(np.array(noise[name], dtype=float)) for name in found}
        if case.measure in ("MPRD", "MPRR"):  # two shares next to 1, each of 16 digits, which no move may change
            found["yi"] += EPS
        if case.measure.startswith("SM"):  # J by differences of log-gammas, some n log n
            sizes = [values for name, values in columns.items() if name in ("n1i", "n2i", "ni")]
            for name in found:
                found[name] += np.nan_to_num(np.abs(theirs[name]) * EPS * np.sum(sizes, axis=0))
        found["vi"] += np.nan_to_num(CANCELS.get(case.measure, lambda yi, vi: 0.0)(theirs["yi"], theirs["vi"]))
    return found
