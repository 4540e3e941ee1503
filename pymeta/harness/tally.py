"""What the comparisons of a test run came to: counted, told in one line, and written down.

A check is plain data, so that it can travel from a worker of pytest-xdist to its controller.
"""

from __future__ import annotations

import json
import math
import platform
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pymeta.show.text import one_line

__all__ = ["Check", "Tally"]

FORMAT = 1
"""Of the JSON document of a run."""


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison that was asked for.

    what : "compared", "stale", "missing", "unanswered" (R, or the recording of it, failed) or "skipped"
    test, case, function : where, under which name, and of which R function
    keys : of the recordings it stands on
    environment : which R, as folders of recordings are named
    backend : how it was reached
    note : what to know of that, e.g. why it was not reached in another way
    agreement : `Agreement.to_dict()`
    r_says : warnings and messages of R
    drift : where live R and the recording differ, in words
    why : the reason of a skip, or the error
    reproducer : the folder with case.R and case.py
    """

    what: str
    test: str
    case: str = ""
    function: str = ""
    keys: list[str] = field(default_factory=list)
    environment: str = ""
    backend: str = ""
    note: str = ""
    agreement: dict[str, Any] | None = None
    r_says: list[str] = field(default_factory=list)
    drift: list[str] = field(default_factory=list)
    why: str = ""
    reproducer: str = ""

    @property
    def versions(self) -> str:
        """Which R answered, for people: "R 4.2.2, metafor 3.8.1"."""
        return self.environment.replace("_", ", ").replace("-", " ")

    @property
    def how(self) -> str:
        """How R was reached and what to know of that, for people; "" for recordings of which nothing is to be known."""
        note = one_line("; ".join(self.note.splitlines()))
        return ": ".join(part for part in (self.backend.replace("recorded", ""), note) if part)

    @property
    def ok(self) -> bool:
        """Whether it was made and succeeded."""
        return self.agreement is not None and bool(self.agreement["ok"]) and not self.drift

    def brief(self) -> str:
        """One line of JSON for a report that has room for no more: case, verdict, worst digits, reference."""
        digits = self.agreement["worst_digits"] if self.agreement else None
        verdict = self.agreement["verdict"] if self.agreement else self.what
        fields = {"case": self.case, "verdict": verdict, "digits": digits, "reference": self.environment}
        return json.dumps({**fields, "backend": self.backend, "ok": self.ok})

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Tally:
    """The checks of a run; `mode` is replay, live, verify or record."""

    mode: str
    checks: list[Check] = field(default_factory=list)

    def add(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Take in what a test report carries."""
        self.checks += [Check(**entry) for entry in entries]

    def of(self, what: str) -> list[Check]:
        """The checks that came to that."""
        return [check for check in self.checks if check.what == what]

    @property
    def keys(self) -> frozenset[str]:
        """The keys of every call that was made."""
        return frozenset(key for check in self.checks for key in check.keys)

    @property
    def divergences(self) -> frozenset[str]:
        """The ids of the known differences that a comparison met."""
        return frozenset(
            row["divergence"]
            for check in self.checks
            if check.agreement
            for row in check.agreement["quantities"]
            if row["divergence"]
        )

    def answered_by(self) -> list[dict[str, str]]:
        """The versions of R and its packages that answered, for each environment."""
        slugs = sorted({check.environment for check in self.checks if check.environment})
        return [dict(part.split("-", 1) for part in slug.split("_")) for slug in slugs]

    @property
    def ok(self) -> bool:
        """Whether nothing failed; what was skipped did not."""
        return all(check.ok or check.what == "skipped" for check in self.checks)

    def summary(self, unused: int) -> str:
        """The one line: what was compared, with which R, the worst digits, and what was not compared."""
        parts = [self._compared(), self._environments(), f"worst {self._worst()}"]
        counts = {what: len(self.of(what)) for what in ("stale", "missing", "unanswered")} | {"unused": unused}
        parts.append(", ".join(f"{count} {what}" for what, count in counts.items() if count or what != "unanswered"))
        return f"rref {self.mode}: {'; '.join(part for part in parts if part)}, {self._skipped()}"

    def document(self, run: Mapping[str, Any], unused: Sequence[str]) -> str:
        """The run as strict JSON; `run` is what the test runner knows of it."""
        document = {
            "format": FORMAT,
            "mode": self.mode,
            "ok": self.ok,
            "summary": self.summary(len(unused)),
            "versions": {"pymeta": _pymeta_version(), "python": platform.python_version()},
            "run": dict(run),
            "used": sorted(self.keys),
            "unused": list(unused),
            "checks": [check.to_dict() for check in self.checks],
        }
        return json.dumps(document, indent=1, ensure_ascii=True, allow_nan=False) + "\n"

    def _compared(self) -> str:
        verdicts = Counter(check.agreement["verdict"] for check in self.checks if check.agreement)
        drifted = sum(bool(check.drift) for check in self.checks)
        counts = [f"{count} {verdict}" for verdict, count in verdicts.most_common()]
        counts += [f"{drifted} unlike the recording"] if drifted else []
        return f"{verdicts.total()} compared" + (f" ({', '.join(counts)})" if counts else "")

    def _environments(self) -> str:
        found = {(check.versions, check.how) for check in self.checks if check.environment}
        told = [f"{versions} ({how})" if how else versions for versions, how in sorted(found)]
        return f"{'recorded with' if self.mode == 'replay' else 'live'} {' and '.join(told)}" if told else ""

    def _worst(self) -> str:
        worst = min(self._digits(), default=None, key=lambda one: one[0])
        if worst is None:
            return "nothing"
        found, place = f"{worst[0]:.1f}" if math.isfinite(worst[0]) else "no", one_line(worst[1], 80)
        return f"{found} digits ({place})"

    def _digits(self) -> Iterator[tuple[float, str]]:
        """The digits of every quantity with its place."""
        for check in self.checks:
            for row in check.agreement["quantities"] if check.agreement else ():
                yield float(row["digits"]), f"{row['name']} of {check.case}"

    def _skipped(self) -> str:
        reasons = Counter(one_line(check.why) for check in self.of("skipped"))
        told = "; ".join(f"{why}: {count}" if len(reasons) > 1 else why for why, count in reasons.items())
        return f"{reasons.total()} skipped" + (f" ({told})" if told else "")


def _pymeta_version() -> str:
    """Of the package that this file is in; not imported, for the harness knows nothing of the rest of it."""
    return str(sys.modules[__name__.partition(".")[0]].__version__)
