"""What came of a call, of a script and of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pymeta.harness.agreement import QuantityAgreement

__all__ = ["BUCKETS", "FAILED", "CallReport", "Replay", "ScriptReport"]

BUCKETS: Mapping[str, str] = {
    "disagree": "the numbers differ",
    "error_unmatched": "one of the two refused, the other answered",
    "unsupported": "pymeta has no such function or argument",
    "limited_by_r": "they agree in all digits that R has itself",
    "error_matched": "both refused",
    "not_numeric": "R's answer has no numbers",
    "agree": "every number agrees",
}
"""What can come of a call, worst first."""

FAILED = ("disagree", "error_unmatched")


@dataclass(frozen=True, slots=True)
class CallReport:
    """What came of one call.

    bucket : a name in `BUCKETS`; feature : what is not supported; reason : why, in words, "" for plain agreement
    digits : of agreement of the worst number; None where nothing was compared
    quantities : the numbers, worst first
    """

    id: int
    fun: str
    text: str
    line: int | None
    bucket: str
    feature: str = ""
    reason: str = ""
    digits: float | None = None
    quantities: tuple[QuantityAgreement, ...] = ()


@dataclass(frozen=True, slots=True)
class ScriptReport:
    """What came of a script's calls.

    status : of the run in R: "done", "stopped", …, see `Trace`; "not run" where there is no trace, and `problem` says why
    problem : what ended the script, "" if nothing did
    light : calls that are only counted, as they print; capped : how many of a repeated call were not kept
    """

    script: str
    status: str
    calls: tuple[CallReport, ...] = ()
    problem: str = ""
    r: str = ""
    light: Mapping[str, int] = field(default_factory=dict)
    capped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Replay:
    """What came of all scripts."""

    scripts: tuple[ScriptReport, ...]

    @cached_property
    def calls(self) -> tuple[CallReport, ...]:
        """The calls of all scripts."""
        return tuple(call for script in self.scripts for call in script.calls)

    @cached_property
    def totals(self) -> Mapping[str, int]:
        """How many calls there are, and in each bucket."""
        return _counted(self.calls)

    @cached_property
    def by_function(self) -> Mapping[str, Mapping[str, int]]:
        """The same by R function, the one with most calls first."""
        calls: dict[str, list[CallReport]] = {}
        for call in self.calls:
            calls.setdefault(call.fun, []).append(call)
        return {fun: _counted(calls[fun]) for fun in sorted(calls, key=lambda fun: (-len(calls[fun]), fun))}

    @cached_property
    def unsupported(self) -> Sequence[tuple[str, int]]:
        """Each feature that is not supported, with how many calls need it, the most wanted first."""
        return Counter(call.feature for call in self.calls if call.bucket == "unsupported").most_common()

    def fails(self, on: Sequence[str] = ("disagree",)) -> bool:
        """Whether the replay is a failure; a refusal of one side counts as a disagreement."""
        wanted: set[Any] = {bucket for name in on for bucket in (FAILED if name == "disagree" else (name,))}
        return any(self.totals[bucket] for bucket in wanted)


def _counted(calls: Sequence[CallReport]) -> dict[str, int]:
    found = Counter(call.bucket for call in calls)
    order = ("agree", "limited_by_r", "disagree", "unsupported", "error_matched", "error_unmatched", "not_numeric")
    return {"calls": len(calls), **{bucket: found[bucket] for bucket in order}}
