"""A comparison that failed, as text: a table of the quantities, what R said, and how to see it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pymeta.harness.agreement import Agreement, QuantityAgreement, succeeds
from pymeta.show.text import aligned, one_line

__all__ = ["Disagreement", "comparison_text"]

_SHOWN = 20
_HEAD = ("quantity", "Python", "R", "digits", "needed", "ulp", "R's own")


class Disagreement(AssertionError):
    """Python and R do not agree, or R and its recording do not; the text is the table."""


def comparison_text(agreement: Agreement, *, title: str, r_says: Sequence[str] = (), more: Sequence[str] = ()) -> str:
    """The table, worst quantity first, under a title and above R's warnings and further lines."""
    bad = [row for row in agreement.worst_first() if not succeeds(row.verdict)]
    lines = [f"{one_line(title)}: {agreement.verdict}", *table(bad[:_SHOWN] or agreement.worst_first()[:_SHOWN])]
    fine = len(agreement.quantities) - len(bad)
    lines += [f"... and {len(bad) - _SHOWN} more that fail"] if len(bad) > _SHOWN else []
    lines += [f"... and {fine} more that agree"] if bad and fine else []
    lines += [_NAMES] if any("names differ" in row.reason for row in bad) else []
    return "\n".join([*lines, *(f"R said: {one_line(said, 300)}" for said in r_says), *more])


_NAMES = "R's names are compared too: give Python's value as {name: value}, or pick={...: Take(..., bare=True)}"


def table(rows: Sequence[QuantityAgreement]) -> list[str]:
    """Lines of the quantities' table; R's own digits only where they are known."""
    width = len(_HEAD) if any(row.reference_digits is not None for row in rows) else len(_HEAD) - 1
    lines = aligned(_HEAD[:width], [_cells(row)[:width] for row in rows])
    reasons = ["reason", *(f"{row.verdict}: {one_line(row.reason, 200)}" if row.reason else row.verdict for row in rows)]
    return [f"  {line}  {reason}" for line, reason in zip(lines, reasons, strict=True)]


def _cells(row: QuantityAgreement) -> tuple[str, ...]:
    own = "" if row.reference_digits is None else f"{row.reference_digits:.1f}"
    ulp = "" if row.ulps is None else str(row.ulps)
    values = (_value(row.python), _value(row.reference))
    return (one_line(row.name + row.where, 40), *values, f"{row.digits:.1f}", f"{row.needed:g}", ulp, own)


def _value(value: Any) -> str:
    return "" if value is None else one_line(value if isinstance(value, str) else repr(value), 40)
