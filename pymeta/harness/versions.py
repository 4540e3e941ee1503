"""Version numbers as R writes them ("4.2.2", "3.8-1"), and ranges of them (">=3.8,<4")."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from itertools import zip_longest
from types import MappingProxyType

from pymeta.errors import OptionError

__all__ = ["compare_versions", "in_range", "parse_range", "version_key"]

_OPERATORS: Mapping[str, Callable[[int, int], bool]] = MappingProxyType(
    {">=": operator.ge, "<=": operator.le, "==": operator.eq, "!=": operator.ne, ">": operator.gt, "<": operator.lt}
)
_CLAUSE = re.compile(r"(>=|<=|==|!=|>|<)\s*(\d+(?:[.-]\d+)*)")
_VERSION = re.compile(r"\d+(?:[.-]\d+)*")


def version_key(version: str) -> tuple[int, ...]:
    """The numbers of an R version, for ordering: "3.8-1" -> (3, 8, 1). Raises OptionError on anything else."""
    if not _VERSION.fullmatch(version):
        raise OptionError(f"version={version!r}: not a version; write numbers joined by '.' or '-', e.g. '3.8-1'.")
    return tuple(int(part) for part in re.split(r"[.-]", version))


def compare_versions(a: str, b: str) -> int:
    """-1, 0 or 1 as `a` is before, the same as or after `b`; "3.8" and "3.8.0" are the same."""
    for x, y in zip_longest(version_key(a), version_key(b), fillvalue=0):
        if x != y:
            return -1 if x < y else 1
    return 0


def parse_range(text: str) -> tuple[tuple[str, str], ...]:
    """The (operator, version) clauses of a range such as ">=3.8,<4"; "" is any version."""
    clauses = [_CLAUSE.fullmatch(part.strip()) for part in text.split(",")] if text.strip() else []
    if not all(clauses):
        raise OptionError(f"range={text!r}: not a range; write e.g. '>=3.8,<4' (known: {' '.join(_OPERATORS)}).")
    return tuple((clause[1], clause[2]) for clause in clauses if clause)


def in_range(version: str, text: str) -> bool:
    """Whether `version` satisfies every clause of the range `text`."""
    return all(_OPERATORS[sign](compare_versions(version, bound), 0) for sign, bound in parse_range(text))
