"""Numbers and tables as plain text."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

__all__ = ["aligned", "clean", "is_unsafe", "one_line", "p_value"]

_UNSAFE = ("Cc", "Cf", "Cs", "Zl", "Zp")  # what a terminal obeys, and what reorders or hides the text around it


def p_value(p: float, *, equals: str = "= ", digits: int = 4) -> str:
    """A p-value as metafor prints it: "= 0.0312", or "< .0001" below what the digits can show."""
    floor = 10.0**-digits
    return f"< {str(f'{floor:.{digits}f}')[1:]}" if p < floor else f"{equals}{p:.{digits}f}"


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]], *, first: str = "left") -> list[str]:
    """Lines with the first column to the left, or as the others to the right, two spaces between them."""
    widths = [max(len(row[j]) for row in [head, *rows]) for j in range(len(head))]
    return [
        "  ".join(
            cell.ljust(w) if j == 0 and first == "left" else cell.rjust(w)
            for j, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in [head, *rows]
    ]


def clean(text: str) -> str:
    """`text` for a reader: line ends and tabs are spaces, other control characters and reordering marks a sign."""
    return "".join(" " if c in "\n\r\t" else "\ufffd" if is_unsafe(c) else c for c in text)


def one_line(text: str, limit: int = 200) -> str:
    """`text` for who looks for a fault: what `clean` makes spaces and signs is written as in code, cut at `limit`."""
    plain = "".join(c.encode("unicode_escape").decode("ascii") if is_unsafe(c) else c for c in text)
    return plain if len(plain) <= limit else f"{plain[: limit - 1]}…"


def is_unsafe(character: str) -> bool:
    """Whether a terminal may obey a character, or the text around it may look like another because of it."""
    return unicodedata.category(character) in _UNSAFE
