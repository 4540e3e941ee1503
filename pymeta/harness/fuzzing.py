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

_BATCH = 50  # examples Hypothesis draws at a time; past failures are replayed at the start of each batch
_GRACE = 5.0  # seconds that a finding may be shrunk for at least, however late it was made


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


class _TimeUp(KeyboardInterrupt):
    """Ends Hypothesis at once, as Ctrl-C does, with its database whole; any other exception it would shrink."""


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

    Returns the smallest finding or None, and the number of examples that were compared. What is found late is shrunk for
    some 5 s more, then the smallest so far is returned; the next search in this database finds it again, and Hypothesis
    does not shrink it further. Only a call of R that hangs makes a search longer, by `timeout`.

    Raises OptionError when Hypothesis is not installed, BackendError when R dies on a call or does not answer.
    """
    hypothesis = _hypothesis()
    search = _Search(target, reference, timeout, progress, time.monotonic(), seconds)
    settings = hypothesis.settings(
        database=hypothesis.database.DirectoryBasedExampleDatabase(database),
        phases=[hypothesis.Phase.reuse, hypothesis.Phase.generate, hypothesis.Phase.shrink],
        max_examples=_BATCH,
        deadline=None,
        verbosity=hypothesis.Verbosity.quiet,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    batch = settings(hypothesis.given(target.draw())(_named(search.check, target.name)))
    try:
        while not search.over():
            batch()
    except _Disagreement:
        return search.latest, search.examples  # Hypothesis ends by showing the smallest once more
    except (_TimeUp, BackendError, hypothesis.errors.Flaky):
        if search.smallest is None and search.failure is None and not search.over():
            raise  # a strategy that draws differently each time
    if search.smallest is None and search.failure is not None:
        raise search.failure
    return search.smallest, search.examples


@dataclass(slots=True)
class _Search:
    """One search: what it has compared and found, and until when it may go on.

    latest, smallest : of the findings; which is smaller is for Hypothesis to say, and guessed where it is cut short
    failure : how R failed to answer
    """

    target: Target
    reference: Reference
    timeout: float
    progress: Callable[[int, float], None]
    start: float
    seconds: float
    examples: int = 0
    latest: Finding | None = None
    smallest: Finding | None = None
    failure: BackendError | None = None

    def over(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() - self.start >= self.seconds

    def check(self, data: Any) -> None:
        """Compare on these data; what is raised is what Hypothesis shrinks."""
        if self.over():
            raise _TimeUp
        self.examples += 1
        self.progress(self.examples, time.monotonic() - self.start)
        try:
            finding = _compared(self.target, self.reference, data, self.timeout)
        except BackendError as error:
            self._late()
            self.failure = error
            raise
        if finding is not None:
            self._keep(finding)
            raise _Disagreement(f"{self.target.name}: {finding.agreement.verdict}")

    def _keep(self, finding: Finding) -> None:
        self._late()
        self.latest = finding
        if self.smallest is None or len(repr(finding.data)) <= len(repr(self.smallest.data)):
            self.smallest = finding

    def _late(self) -> None:
        """At the first finding or failure, see that there is time to shrink it."""
        if self.smallest is None and self.failure is None:
            self.seconds = max(self.seconds, time.monotonic() - self.start + _GRACE)


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
    limits = target.limits(data, known)
    agreement = compare(ours, said, rules, reference_digits=limits)
    comparison = Comparison(target.name, call, ours, rules, reference_digits=limits)
    return None if agreement.ok else Finding(data, comparison, agreement)


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
