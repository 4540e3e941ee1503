"""Other people's texts on one line of a terminal."""

from __future__ import annotations

__all__ = ["clean"]


def clean(text: str, limit: int = 200) -> str:
    """`text` without line ends and the characters that a terminal obeys, cut at `limit`."""
    plain = "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
    return plain if len(plain) <= limit else f"{plain[: limit - 1]}…"
