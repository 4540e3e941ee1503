"""Numbers and tables as plain text."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["aligned", "p_value"]


def p_value(p: float, *, equals: str = "= ", digits: int = 4) -> str:
    """A p-value as metafor prints it: "= 0.0312", or "< .0001" below what the digits can show."""
    floor = 10.0**-digits
    return f"< {str(f'{floor:.{digits}f}')[1:]}" if p < floor else f"{equals}{p:.{digits}f}"


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines with the first column to the left and the others to the right, two spaces between them."""
    widths = [max(len(row[j]) for row in [head, *rows]) for j in range(len(head))]
    return [
        "  ".join(cell.ljust(w) if j == 0 else cell.rjust(w) for j, (cell, w) in enumerate(zip(row, widths, strict=True)))
        for row in [head, *rows]
    ]
