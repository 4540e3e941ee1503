"""The functions that put data into another shape against metafor: what three versions said, and the one that is here."""

import numpy as np
import pytest

from pymeta.harness import Rule, applicable, compare, read_divergences
from pymeta.harness.backends.recorded import RecordedReference, environments
from pymeta.resources import shipped
from tests.parity import shaping_cases
from tests.parity.shaping_cases import CASES, call_of

RECORDED = shipped("fixtures", "recorded")
KNOWN = read_divergences(shipped("fixtures", "divergences.toml"))
VERSIONS = [slug for slug in environments(RECORDED) if "metafor" in slug]
TAILS = {"pval", "QMp", "Fp"}

UNKNOWN = {
    "is not an exported object": "pairmat came with 4.8",
    "unused argument (drop0": "dfround's drop0 came after 3.8",
    "invalid 'y' type in 'x && y'": "to.long's append takes names since 4.4",
    "subscript out of bounds": "vcalc took the values of obs for positions before 4.0",
    "this metafor has no fit.stats": "matreg has them since 5.0",
}
"""What an older metafor says of what it cannot do, and since when it can."""


def rules(ours):
    """Numbers are judged against a thousandth of the largest of their kind, tails by their logarithms, texts exactly."""
    return {name: _rule(name, np.asarray(value)) for name, value in ours.items()}


def _rule(name, values):
    if name in TAILS:
        return Rule("closed_p", allow_nan=True)
    if values.dtype.kind not in "fiu":
        return Rule("exact", allow_nan=True)
    largest = np.max(np.abs(values[~np.isnan(values)]), initial=0.0)
    return Rule("closed", scale=1e-3 * largest if largest > 0 else 1.0, allow_nan=True)


def complaints(outcome, plant=None):
    """What speaks against pymeta, and the cases that this R knows."""
    assert outcome.error is None, outcome.error
    versions = {"R": outcome.environment.r_version, **outcome.environment.packages}
    found, known = [], set()
    for case, said in zip(CASES, outcome.value.values, strict=True):
        name = f"shaping/{case.fun}/{case.name}"
        theirs, ours = dict(zip(said.names, said.values, strict=True)), dict(shaping_cases.ours(case))
        problem = theirs["error"].values[0] if "error" in theirs else ""
        if any(text in problem for text in UNKNOWN):
            continue
        known.add((case.fun, case.name))
        if plant is not None:
            plant(case, ours)
        if problem or ours.keys() != theirs.keys():
            found.append(f"{name}: pymeta {ours}, R {problem or list(theirs)}")
            continue
        agreement = compare(ours, theirs, rules(ours), divergences=applicable(KNOWN, name, versions))
        found += [f"{name}: {row}" for row in agreement.quantities if not agreement.ok and row.verdict != "agree"]
    return found, known


@pytest.mark.parametrize("version", VERSIONS)
def test_what_r_said(version):
    found, known = complaints(RecordedReference(RECORDED, version).run(call_of()))
    assert found == []
    assert len(known) == len(CASES) or version != VERSIONS[-1]


def test_what_r_says(worker):
    assert complaints(worker.run(call_of(), timeout=300))[0] == []


def test_every_case_has_its_name():
    assert len({(case.fun, case.name) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("fun", sorted(shaping_cases.HERE_DONE))
def test_a_planted_error_is_found(fun):
    """One number, or one text, of every function's answers is changed."""

    def plant(case, ours):
        if case.fun == fun:
            name = next(iter(ours))
            values = np.array(ours[name])
            number = values.dtype.kind in "fiu"
            ours[name] = values * (1.0 + 1e-11) + 1e-300 if number else ["other", *list(ours[name])[1:]]

    reference = RecordedReference(RECORDED, VERSIONS[-1])
    assert any(f"shaping/{fun}/" in row for row in complaints(reference.run(call_of()), plant)[0])
