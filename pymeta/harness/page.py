"""The comparisons of a test run as one HTML file that needs nothing else: no network, and for reading no script either."""

from __future__ import annotations

import json
import math
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pymeta.harness.agreement import VERDICTS
from pymeta.harness.precision import CAP
from pymeta.harness.tally import Check

__all__ = ["to_html"]

_TEMPLATES = Path(__file__).resolve().parent / "templates"
_DRIFTED = "drifted"

_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "structure": "other structure",
        "missing_in_python": "missing in Python",
        "missing_in_reference": "missing in R",
        "disagree": "disagree",
        "vanished": "known difference vanished",
        _DRIFTED: "unlike the recording",
        "stale": "stale recording",
        "missing": "missing recording",
        "unanswered": "unanswered",
        "skipped": "skipped",
        "limited_by_r": "limited by R",
        "known": "known divergence",
        "agree": "agree",
    }
)
"""What came of a quantity or of a check, gravest first, and how it is called on the page."""

_GRAVITY = {verdict: place for place, verdict in enumerate(_WORDS)}
_LEDGERS = {"known": "Known divergences", "limited_by_r": "Limited by R"}
_MARKS = {"limited_by_r": "R", "known": "K"}
_FINE = {verdict for verdict, fine in VERDICTS.items() if fine} | {"skipped"}

MODES: Mapping[str, str] = MappingProxyType(
    {
        "replay": "answers came from recordings; no R was asked",
        "live": "R was asked",
        "verify": "R was asked, and its answers held against the recordings",
        "record": "R was asked, and its answers recorded",
    }
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One quantity of one check, as every table of the page shows it.

    row : what `QuantityAgreement.to_dict` gave
    """

    row: Mapping[str, Any]

    @property
    def verdict(self) -> str:
        """The verdict's name."""
        return str(self.row["verdict"])

    @property
    def words(self) -> str:
        """The verdict for people."""
        return _WORDS[self.verdict]

    @property
    def digits(self) -> float:
        """Of agreement."""
        return float(self.row["digits"])

    @property
    def shown(self) -> str:
        """The digits, as text."""
        return f"{self.digits:.1f}" if math.isfinite(self.digits) else "none"

    @property
    def own(self) -> str:
        """R's own digits, as text; "" where they are not known."""
        own = self.row["reference_digits"]
        return "" if own is None else f"{float(own):.1f}"

    @property
    def mark(self) -> str:
        """What tells the verdict without colour."""
        return _MARKS.get(self.verdict, "") if self.verdict in _FINE else "✗"

    @property
    def shade(self) -> str:
        """The class of its colour: the verdict, and where that is agreement how far the digits exceed what is needed."""
        if self.verdict != "agree":
            return self.verdict if self.verdict in _FINE else "fail"
        spare = self.digits - self.row["needed"]
        return "best" if spare >= 3 or self.digits >= CAP else "good" if spare >= 1 else "near"

    @property
    def told(self) -> str:
        """All of it in a sentence."""
        row = self.row
        reason = f": {row['reason']}" if row["reason"] else ""
        return f"{row['name']}{row['where']}: {self.shown} digits, {row['needed']:g} needed; {self.words}{reason}"


@dataclass(frozen=True, slots=True)
class Item:
    """One check, as every part of the page shows it; `place` is its number on the page."""

    check: Check
    place: int

    @property
    def name(self) -> str:
        """The case's name, else the test's."""
        return self.check.case or self.check.test

    @property
    def verdict(self) -> str:
        """What came of it."""
        return _verdict(self.check)

    @property
    def words(self) -> str:
        """The same for people."""
        return _WORDS[self.verdict]

    @property
    def fails(self) -> bool:
        """Whether it is a failure."""
        return self.verdict not in _FINE

    @property
    def gravity(self) -> int:
        """The place of the verdict among all, 0 for the gravest."""
        return _GRAVITY[self.verdict]

    @property
    def alone(self) -> bool:
        """Whether its verdict is not that of a quantity."""
        return not self.check.agreement or self.verdict == _DRIFTED

    @property
    def cells(self) -> Mapping[str, Cell]:
        """Its quantities by name."""
        agreement = self.check.agreement
        return {row["name"]: Cell(row) for row in agreement["quantities"]} if agreement else {}

    @property
    def worst(self) -> Cell | None:
        """The quantity of fewest digits."""
        return min(self.cells.values(), key=lambda cell: cell.digits, default=None)

    @property
    def worst_first(self) -> list[Cell]:
        """The quantities, those that fail first, then by digits short of what is needed."""
        return sorted(self.cells.values(), key=lambda cell: (_GRAVITY[cell.verdict], cell.digits - cell.row["needed"]))


def to_html(document: str) -> str:
    """The JSON document of a run (`Tally.document`) as a page, failures first; every text is escaped."""
    run = json.loads(document)
    items = _items([Check(**entry) for entry in run["checks"]])
    script = "".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in ("sort.js", "run.js"))
    return _environment().get_template("run.html.j2").render(
        run=run,
        items=items,
        quantities=list(dict.fromkeys(name for item in items for name in item.cells)),
        counts=_counts(items),
        ledgers=[(verdict, title, list(_entries(items, verdict))) for verdict, title in _LEDGERS.items()],
        verdicts=_verdicts(items),
        references=_references(items),
        modes=MODES,
        words=_WORDS,
        style=Markup((_TEMPLATES / "run.css").read_text(encoding="utf-8")),
        script=Markup(script),
        digest=b64encode(sha256(script.encode()).digest()).decode(),
    )  # fmt: skip


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _verdict(check: Check) -> str:
    if check.agreement is None:
        return check.what
    return _DRIFTED if check.drift and check.agreement["ok"] else str(check.agreement["verdict"])


def _items(checks: Sequence[Check]) -> list[Item]:
    """The checks, those that fail first, the skipped ones last, otherwise as they came."""
    in_order = sorted(checks, key=lambda check: (_verdict(check) in _FINE, check.what == "skipped"))
    return [Item(check, place) for place, check in enumerate(in_order, 1)]


def _counts(items: Sequence[Item]) -> list[tuple[str, int, int]]:
    """Of each verdict that there is: its words, how many checks came to it, and how many quantities."""
    checks = Counter(item.verdict for item in items)
    quantities = Counter(cell.verdict for item in items for cell in item.cells.values())
    return [(_WORDS[one], checks[one], quantities[one]) for one in _WORDS if checks[one] or quantities[one]]


def _entries(items: Sequence[Item], verdict: str) -> Iterator[tuple[Item, Cell]]:
    """Every quantity of that verdict with its check."""
    for item in items:
        yield from ((item, cell) for cell in item.cells.values() if cell.verdict == verdict)


def _verdicts(items: Sequence[Item]) -> list[str]:
    """The verdicts to choose from: those of quantities, and of checks that have none."""
    met = {cell.verdict for item in items for cell in item.cells.values()} | {item.verdict for item in items if item.alone}
    return [verdict for verdict in _WORDS if verdict in met]


def _references(items: Sequence[Item]) -> list[tuple[str, str, str, int]]:
    """Which R answered, how it was reached, what is to be known of that, and how often."""
    found = Counter((one.check.versions, one.check.backend, one.check.note) for one in items if one.check.environment)
    return [(*reference, times) for reference, times in sorted(found.items())]
