"""Keep what R says to a case, so that it can be run where there is no R."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pymeta.harness import Reference, record
from pymeta.validation import engines
from pymeta.validation.case import Case

__all__ = ["record_case"]


def record_case(case: Case, reference: Reference, folder: Path) -> Iterator[Path]:
    """Record R's answer to every outcome, and the one under tightened control where the method iterates."""
    for outcome in case.outcomes:
        for tightened in (False, True) if engines.is_iterative(outcome) else (False,):
            call = engines.r_call(outcome, tightened=tightened)
            label = f"{case.name}-{outcome.name}" + ("-tightened" if tightened else "")
            yield record(call, reference.run(call), folder, label)
