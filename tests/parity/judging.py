"""How the cases of a grid are judged: by its rules, and by what fixtures/divergences.toml knows of a case in that R."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pymeta.harness import Agreement, Outcome, Rule, applicable, compare, read_divergences
from pymeta.harness.agreement import VERDICTS
from pymeta.harness.backends.recorded import environments
from pymeta.harness.calls import Condition
from pymeta.harness.divergences import Divergence
from pymeta.resources import shipped

RECORDED = shipped("fixtures", "parity")
KNOWN = read_divergences(shipped("fixtures", "divergences.toml"))
VERSIONS = [slug for slug in environments(RECORDED) if "metafor" in slug]
Planted = Mapping[str, tuple[str, str, Callable[[Any], Any]]]
"""What is planted -> in which data set, in which quantity, and how that is changed."""


def judge(
    name: str,
    ours: Mapping[str, Any] | Exception,
    theirs: Mapping[str, Any],
    rules: Mapping[str, Rule],
    outcome: Outcome,
    known: Sequence[Divergence] = KNOWN,
) -> Agreement:
    """One case; outcome : R's answer to the whole grid, which tells its versions. R's error is its "error"."""
    versions = {"R": outcome.environment.r_version, **outcome.environment.packages}
    said = Condition(("error",), str(theirs["error"])) if "error" in theirs else theirs
    return compare(ours, said, rules, divergences=applicable(known, name, versions))


def complaints_of(name: str, agreement: Agreement) -> list[str]:
    return [f"{name}: {row}" for row in agreement.quantities if not VERDICTS[row.verdict]]
