"""Differential testing: data drawn by Hypothesis, given to both sides, shrunk to the smallest on which they disagree."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pymeta.errors import BackendError, OptionError
from pymeta.harness.agreement import Agreement, Rule, answer, compare
from pymeta.harness.calls import Call, Condition, Reference
from pymeta.harness.reproducer import Comparison

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["Finding", "Target", "fuzz"]

_BATCH = 50  # examples between two looks at the clock; past failures are replayed at the start of each batch


@dataclass(frozen=True, slots=True)
class Target:
    """A Python function and the R function it must agree with, over everything a strategy draws.

    name : what a person calls it by
    draw : makes the strategy of the data; called once, so that Hypothesis is imported only where it is used
    python : data -> {quantity: values}; what it raises on purpose is an answer too
    call : data -> the call of R that must give the same quantities
    rules : data and R's quantities -> how each is judged
    limits : data and R's quantities -> the digits that R's own rounding leaves a quantity; {} where nothing is known of it
    """

    name: str
    draw: Callable[[], SearchStrategy[Any]]
    python: Callable[[Any], Mapping[str, Any]]
    call: Callable[[Any], Call]
    rules: Callable[[Any, Mapping[str, Any]], Mapping[str, Rule]]
    limits: Callable[[Any, Mapping[str, Any]], Mapping[str, float]] = lambda data, reference: {}


@dataclass(frozen=True, slots=True)
class Finding:
    """Data on which the two sides do not agree, as small as Hypothesis could make them."""

    data: Any
    comparison: Comparison
    agreement: Agreement


class _Disagreement(AssertionError):
    """What Hypothesis shrinks."""


def fuzz(
    target: Target,
    reference: Reference,
    *,
    seconds: float,
    database: Path,
    progress: Callable[[int, float], None] = lambda examples, elapsed: None,
    timeout: float = 20.0,
) -> tuple[Finding | None, int]:
    """Look for disagreement for `seconds`; what was found before, kept in `database`, is tried first.

    Returns the smallest finding or None, and the number of examples that were compared. Shrinking is not cut short by
    `seconds`. Raises OptionError when Hypothesis is not installed, BackendError when R dies on a call.
    """
    hypothesis = _hypothesis()
    examples = 0
    smallest: list[Finding] = []

    def check(data: Any) -> None:
        nonlocal examples
        examples += 1
        finding = _compared(target, reference, data, timeout)
        if finding is not None:
            smallest[:] = [finding]
            raise _Disagreement(f"{target.name}: {finding.agreement.verdict}")

    settings = hypothesis.settings(
        database=hypothesis.database.DirectoryBasedExampleDatabase(database),
        max_examples=_BATCH,
        deadline=None,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    batch = settings(hypothesis.given(target.draw())(_named(check, target.name)))
    start = time.monotonic()
    while not smallest and time.monotonic() - start < seconds:
        try:
            batch()
        except _Disagreement:
            break
        progress(examples, time.monotonic() - start)
    return (smallest[0] if smallest else None), examples


def _compared(target: Target, reference: Reference, data: Any, timeout: float) -> Finding | None:
    call = target.call(data)
    said = answer(reference.run(call, timeout=timeout))
    ours: Mapping[str, Any] | BaseException
    try:
        ours = target.python(data)
    except BackendError:
        raise
    except Exception as error:  # whatever Python raises is its answer; compare() tells a refusal from a defect
        ours = error
    known = {} if isinstance(said, Condition) else said
    rules = target.rules(data, known)
    agreement = compare(ours, said, rules, reference_digits=target.limits(data, known))
    return None if agreement.ok else Finding(data, Comparison(target.name, call, ours, rules), agreement)


def _named(check: Callable[[Any], None], name: str) -> Callable[[Any], None]:
    """Hypothesis files past failures under the test's name."""

    def fuzzed(data: Any) -> None:
        check(data)

    fuzzed.__qualname__ = fuzzed.__name__ = re.sub(r"\W", "_", f"fuzz_{name}")
    return fuzzed


def _hypothesis() -> Any:
    try:
        import hypothesis
        import hypothesis.database
    except ImportError:
        raise OptionError("fuzzing needs Hypothesis: pip install 'pymeta-parity[fuzz]'") from None
    return hypothesis
