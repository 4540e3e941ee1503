"""Every measure on tables that Hypothesis draws, against the R that is here.

For more examples, or another R: ``python -m tests.parity.test_effects_property [--examples N] [--rscript CMD]``, which names
every complaint and not the first only. Measures that this R does not know, or lacks a package for, are skipped, and the
recordings of newer Rs hold them (test_effects.py).

Where 12 digits do not agree, R is asked again with the data moved a little, which tells how much of its answer is rounding:
it takes 1 - r² where r is next to 1. A difference of no more than that passes.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pymeta.effects.measures import MEASURES
from pymeta.errors import DataError
from pymeta.harness import Call, applicable, compare, open_reference, plain
from pymeta.harness.agreement import VERDICTS
from pymeta.harness.calls import Condition
from pymeta.resources import shipped
from tests.parity import effect_grid
from tests.parity.effect_grid import KINDS, PACKAGES, EffectCase, module_of
from tests.parity.test_effects import KNOWN, UNKNOWN

KIND_OF = {name: kind for kind in KINDS for name in module_of(kind).MEASURES}
EXAMPLES = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)

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


# ---- What is known -------------------------------------------------------------------------------------------------------

POMP = ("two_means", "paired_means", "one_mean")
REFUSED_HERE = (
    (("two_by_two",), "the group is empty", "metafor fills an empty group where `add` does: see two_by_two.prepare"),
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
        """A correlation, whatever its scale, beyond 0.95, or none."""
        return not abs(MEASURES[self.case.measure].display(self.ours["yi"])[0]) < 0.95

    @property
    def at_one(self):
        return abs(MEASURES[self.case.measure].display(self.ours["yi"])[0]) > 1 - 1e-10

    def neither(self, name):
        return bool(np.isnan([self.ours[name], self.theirs[name]]).all())


OTHERWISE = (
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
    (("RTET", "ZTET"), lambda row: row.near_one, "DIV-017: R stops 1e-5 from the maximum; near 1 no digit of v is left"),
)
"""Rows in which R is known to be otherwise: measures, when, the reason."""
STEP, STEPS, NOISES = 2.0**-32, 16, 30.0
"""By which share of themselves the data are moved, how often, and how much R's noise may be multiplied."""

# ---- How it is judged ---------------------------------------------------------------------------------------------------


def said_by(reference, cases, *tables):
    """R's answers, by case, to each of the tables: numbers or its error; and the versions that gave them."""
    asked = [
        {"measure": case.measure, "data": str(i), "columns": list(case.columns), "options": r_options(case)}
        for i in range(len(tables))
        for case in cases
    ]
    data = {str(i): columns for i, columns in enumerate(tables)}
    call = Call("many_effects", {"data": data, "cases": asked}, shipped("r_reference", "effects.R"), packages=PACKAGES)
    outcome = reference.run(call, timeout=120)
    assert outcome.error is None, outcome.error
    answers, versions = plain(outcome.value), {"R": outcome.environment.r_version, **outcome.environment.packages}
    return [answers[i :: len(cases)] for i in range(len(cases))], versions


def r_options(case):
    return {name.replace("_", "."): value for name, value in case.options.items()}


def complaints(reference, measure, columns, asked, plant=None):
    """What speaks against pymeta; None where this R cannot say."""
    cases = [EffectCase(measure.name, "drawn", tuple(columns), one) for one in asked]
    variances = ("vtype", "correct")  # divergences are of these; what is added to zeros makes other data
    answers, versions = said_by(reference, cases, columns)
    found = []
    for case, (theirs,) in zip(cases, answers, strict=True):
        if any(text in str(theirs.get("error", "")).lower() for text in UNKNOWN):
            return None
        ours = effect_grid.ours(case, columns)
        if plant is not None:
            plant(ours)
        named = replace(case, options={name: case.options[name] for name in variances if name in case.options})
        found += judged(reference, case, columns, ours, theirs, applicable(KNOWN, named.name, versions))
    return found


def judged(reference, case, columns, ours, theirs, entries):
    if isinstance(ours, DataError):
        return [] if refused(case, ours, theirs) else [f"{case.name}: pymeta refuses and R does not: {ours}"]
    if "error" in theirs and known_refusal(case, ours, theirs["error"]):
        return []
    judge = Condition(("error",), theirs["error"]) if "error" in theirs else theirs
    rules = effect_grid.rules(KIND_OF[case.measure], case, ours)
    rows = differing(compare(ours, judge, rules, divergences=entries))
    if rows and isinstance(judge, dict):
        slow = effect_grid.takes_long(case)  # R takes minutes for so many integrals
        noise = {"yi": 0 * ours["yi"], "vi": 0 * ours["vi"]} if slow else noise_of(reference, case, columns, theirs)
        rows = list(one_by_one(case, columns, ours, theirs, noise, entries))
    return [f"{case.name}: {row}" for row in rows]


def differing(agreement):
    return [row for row in agreement.quantities if not VERDICTS[row.verdict]]


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
        for row in differing(compare(mine, his, rules, divergences=entries)):
            with np.errstate(invalid="ignore"):
                apart = abs(mine[row.name][0] - his[row.name][0])
            if not apart <= NOISES * noise[row.name][i]:
                yield f"row {i + 1}: {row}, R's noise {noise[row.name][i]:.1e}"


def moved(columns, family, step):
    """The data a little nearer to 0, by a share of each that differs; sizes go with their parts, so zeros stay zeros."""
    above = ABOVE.get(family, {})
    share = {name: step * STEP * (1 + 0.3 * i) for i, name in enumerate(sorted(columns))}
    near = {name: values * (1 - share[name]) for name, values in columns.items()}
    for name in above.keys() & columns.keys():
        other = above[name][0]
        near[name] = near[other] + (columns[name] - columns[other]) * (1 - share[name])
    return near


def noise_of(reference, case, columns, theirs):
    """The noise of R's yi and vi by row, from their differences of third order; 0 where these cannot be taken.

    Source: Moré & Wild (2011), Estimating computational noise: E[Δ³]² = 20 σ² if the function itself is smooth.
    """
    near = [moved(columns, MEASURES[case.measure].family.name, step) for step in range(STEPS)]
    (answers,), _ = said_by(reference, [case], *near)
    found = {name: np.zeros(len(theirs[name])) for name in ("yi", "vi")}
    with np.errstate(all="ignore"):
        if not any("error" in answer for answer in answers):
            for name in found:
                third = np.diff(np.array([answer[name] for answer in answers], dtype=float), n=3, axis=0)
                found[name] = np.nan_to_num(np.sqrt(np.mean(third**2, axis=0) / 20))
        if "correct" in MEASURES[case.measure].parameters:  # J by differences of log-gammas, some n log n
            sizes = [values for name, values in columns.items() if name in ("n1i", "n2i", "ni")]
            for name in found:
                found[name] += np.nan_to_num(np.abs(theirs[name]) * EPS * np.sum(sizes, axis=0))
        found["vi"] += np.nan_to_num(CANCELS.get(case.measure, lambda yi, vi: 0.0)(theirs["yi"], theirs["vi"]))
    return found


# ---- The tests ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MEASURES)
def test_drawn_tables(name, worker, this_r_knows):
    if name not in this_r_knows:
        pytest.skip(f"the metafor that is here has no {name}; test_effects.py holds it to recordings of newer ones")

    @EXAMPLES
    @given(drawn=tables(MEASURES[name]))
    def agrees(drawn):
        found = complaints(worker, MEASURES[name], *drawn)
        if found is None:
            pytest.skip(f"the R that is here lacks a package that {name} wants; test_effects.py has recordings")
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
    columns, case = {"ri": np.array([1 - 1e-9, 0.5]), "ni": np.array([20.0, 20.0])}, EffectCase("COR", "drawn", ("ri", "ni"))
    (((theirs,),), _) = said_by(worker, [case], columns)
    noise = noise_of(worker, case, columns, theirs)["vi"] / theirs["vi"]
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
