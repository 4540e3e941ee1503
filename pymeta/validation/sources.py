"""Files that other people wrote: read as text or refused, and quoted in an error without obeying or drowning in them."""

from __future__ import annotations

import codecs
from pathlib import Path
from reprlib import Repr

from pymeta.errors import DataError

__all__ = ["quoted", "read_text"]

_LARGEST = 50_000_000  # bytes; a thousand times the largest meta-analysis there is

_repr = Repr()
_repr.maxstring = _repr.maxother = _repr.maxlong = 80


def read_text(path: Path) -> str:
    """The text of the file `path`, UTF-8 with or without a byte order mark.

    Raises DataError for what is not there, is not an ordinary file (a folder, a pipe, a device), is too large or is
    not UTF-8, and then names the line.
    """
    try:
        if path.exists() and not path.is_file():
            raise DataError(f"{path}: is {'a folder' if path.is_dir() else 'a pipe or a device'}; name a file")
        if path.stat().st_size > _LARGEST:
            raise DataError(f"{path}: is larger than {_LARGEST // 1_000_000} MB; this is not a table of studies")
        content = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        problem = "UTF-16" if utf16 else f"not UTF-8 (byte 0x{content[error.start]:02x})"
        raise DataError(f"{path}, line {line}: {problem}; save the file as UTF-8 ('CSV UTF-8' in Excel)") from None


def quoted(value: object) -> str:
    """`value` for an error message: in quotes, without control characters, and cut in the middle when it is long."""
    try:
        return _repr.repr(value)
    except ValueError:  # Python does not write out a whole number of thousands of digits
        return "a number without end"
