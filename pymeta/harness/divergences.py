"""Known differences from R: a table with a cause for each, the only way to loosen what agreement needs."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pymeta.errors import DataError, OptionError
from pymeta.harness.versions import in_range, parse_range

__all__ = ["Divergence", "applicable", "read_divergences", "unmatched"]

_ID = re.compile(r"[A-Z]+-\d+")
_VERDICTS = ("disagree", "structure", "missing_in_python", "missing_in_reference")
_REQUIRED = ("id", "what", "quantity", "case", "cause")
_PATTERNS = ("quantity", "case")


@dataclass(frozen=True, slots=True)
class Divergence:
    """One known difference.

    id : "DIV-012"; never used twice
    what : the difference, in one sentence
    quantity, case : shell patterns (`fnmatch`), matched with case; one of several will do
    digits : the digits that are still needed; -inf lets any difference pass, NaN and errors included
    cause : why the two differ and which of them is right
    verdict : what the comparison would say without this entry
    some : the difference shows in some of the cases that the patterns take in, not in each: then agreement is no sign that
        it has vanished, only that no case at all has met it (`unmatched`)
    packages : R package -> range of versions that the difference is known in; "R" is R itself
    link : where it was reported or is explained
    """

    id: str
    what: str
    quantity: str | Sequence[str]
    case: str | Sequence[str]
    cause: str
    digits: float
    verdict: str = "disagree"
    some: bool = False
    packages: Mapping[str, str] = field(default_factory=dict)
    link: str = ""

    def __post_init__(self) -> None:
        """One pattern may stand for a list of one."""
        for name in _PATTERNS:
            given = getattr(self, name)
            object.__setattr__(self, name, (given,) if isinstance(given, str) else tuple(given))

    def covers(self, quantity: str) -> bool:
        """Whether this entry speaks of `quantity`."""
        return any(fnmatchcase(quantity, pattern) for pattern in self.quantity)

    def speaks_of(self, case: str) -> bool:
        """Whether this entry may apply to `case`, whatever the versions."""
        return any(fnmatchcase(case, pattern) for pattern in self.case)

    def known_in(self, versions: Mapping[str, str]) -> bool:
        """Whether each package of this entry is present in a version inside its range."""
        return all(name in versions and in_range(versions[name], span) for name, span in self.packages.items())


def read_divergences(path: Path) -> tuple[Divergence, ...]:
    """The entries of a divergences file (TOML; the format is in the comments of fixtures/divergences.toml).

    Raises DataError, naming file and entry, for an unknown or missing key, an empty cause, a second entry of one
    id, a version range or size that is none.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path}: cannot be read as TOML: {error}") from error
    tables = document.get("divergence", [])
    if document.keys() - {"divergence"} or not isinstance(tables, list):
        raise DataError(f"{path}: holds [[divergence]] entries and nothing else; found: {', '.join(document)}")
    entries = tuple(_entry(table, f"{path}: entry {place}") for place, table in enumerate(tables, start=1))
    _refuse_twins(entries, path)
    return entries


def applicable(entries: Iterable[Divergence], case: str, versions: Mapping[str, str]) -> tuple[Divergence, ...]:
    """The entries that speak of `case` as R of these versions answers it ({"R": "4.2.2", "metafor": "3.8.1"})."""
    return tuple(entry for entry in entries if entry.speaks_of(case) and entry.known_in(versions))


def unmatched(entries: Sequence[Divergence], used: Iterable[str]) -> tuple[Divergence, ...]:
    """The entries whose id is not among `used`, the ids that comparisons reported: they excuse nothing any more."""
    seen = set(used)
    return tuple(entry for entry in entries if entry.id not in seen)


def _refuse_twins(entries: Sequence[Divergence], path: Path) -> None:
    ids = [entry.id for entry in entries]
    twins = sorted({name for name in ids if ids.count(name) > 1})
    if twins:
        raise DataError(f"{path}: more than one entry is called {', '.join(twins)}")


def _entry(table: object, place: str) -> Divergence:
    """One checked entry; `place` opens every complaint."""
    if not isinstance(table, dict):
        raise DataError(f"{place}: is not a [[divergence]] table")
    place = f"{place} ({table['id']})" if isinstance(table.get("id"), str) else place
    allowed = {one.name for one in fields(Divergence)} | {"size"}
    unknown = [key for key in table if key not in allowed]
    if unknown:
        raise DataError(f"{place}: unknown key {', '.join(unknown)}; allowed: {', '.join(sorted(allowed))}")
    _check_texts(table, place)
    return Divergence(
        **{key: table[key] for key in _REQUIRED},
        digits=_floor(table, place),
        verdict=table.get("verdict", "disagree"),
        some=table.get("some", False),
        packages=_ranges(table.get("packages", {}), place),
        link=table.get("link", ""),
    )


def _patterns(table: Mapping[str, Any], key: str) -> tuple[Any, ...]:
    """The entry's texts under that key: one, or where it holds patterns a list of them."""
    value = table.get(key)
    return tuple(value) if isinstance(value, list) and key in _PATTERNS else (value,)


def _check_texts(table: Mapping[str, Any], place: str) -> None:
    for key in _REQUIRED:
        texts = _patterns(table, key)
        if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
            raise DataError(f"{place}: needs a {key!r} that says something")
    if not isinstance(table.get("some", False), bool):
        raise DataError(f"{place}: some={table['some']!r} is neither true nor false")
    if not _ID.fullmatch(table["id"]):
        raise DataError(f"{place}: id={table['id']!r} is not of the form DIV-012")
    if not isinstance(table.get("link", ""), str):
        raise DataError(f"{place}: link={table['link']!r} is not a text")
    if table.get("verdict", "disagree") not in _VERDICTS:
        raise DataError(f"{place}: verdict={table['verdict']!r}; allowed: {', '.join(_VERDICTS)}")


def _floor(table: Mapping[str, Any], place: str) -> float:
    """The digits an entry still needs, given as such or as the largest relative error."""
    given = [key for key in ("digits", "size") if key in table]
    if table.get("verdict", "disagree") != "disagree":
        if given:
            raise DataError(f"{place}: {given[0]} has no meaning for verdict={table['verdict']!r}")
        return -math.inf
    if len(given) != 1:
        raise DataError(f"{place}: needs either 'digits' (still needed) or 'size' (largest relative error)")
    value = table[given[0]]
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        raise DataError(f"{place}: {given[0]}={value!r} is not a number")
    if given[0] == "digits":
        return float(value)
    if value <= 0:
        raise DataError(f"{place}: size={value!r} is not positive")
    return -math.log10(value)


def _ranges(packages: object, place: str) -> Mapping[str, str]:
    if not isinstance(packages, dict) or not all(isinstance(span, str) for span in packages.values()):
        raise DataError(f"{place}: packages={packages!r} is not a table of version ranges, {{metafor = '>=3.8,<4'}}")
    for name, span in packages.items():
        try:
            parse_range(span)
        except OptionError as error:
            raise DataError(f"{place}: packages.{name}: {error}") from error
    return MappingProxyType(dict(packages))
