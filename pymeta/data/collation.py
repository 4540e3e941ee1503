"""The order of texts in R."""

from __future__ import annotations

import unicodedata
from typing import Any

__all__ = ["text_key"]

# Unicode's default collation (CLDR root), as far as labels go: blanks, punctuation, symbols, digits, letters
_SIGNS = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"


def text_key(text: str) -> tuple[Any, ...]:
    """A key that sorts texts as R's ``sort`` does in a UTF-8 locale: letters before their case and their accents.

    R in the plain C locale sorts capitals first; there the order of levels is another one.
    """
    split = unicodedata.normalize("NFD", text)
    base = [char for char in split if not unicodedata.combining(char)]
    accents = tuple(char for char in split if unicodedata.combining(char))
    return tuple(map(_weight, base)), accents, tuple(char.isupper() for char in base), text


def _weight(char: str) -> tuple[int, int]:
    if char in _SIGNS:
        return 0, _SIGNS.index(char)
    return (1, int(char)) if char in "0123456789" else (2, ord(char.casefold()[0]))
