"""RVectors <-> what R's `serialize` makes of R values: the way that calls and answers travel. Both sides are C in R.

Source: the manual "R Internals", section "Serialization Formats"; version 2, which any R since 2.3 reads and can write.
`serialized` writes the binary form (XDR, big-endian), `deserialized` reads the text form, with doubles as hex floats
(``serialize(x, NULL, ascii = NA, version = 2)``): R writes no bytes to standard output. R takes what it is given on trust,
and crashes on a matrix that is shorter than it says; so what R would check of attributes is checked here.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Mapping
from io import BytesIO
from itertools import islice
from math import prod
from types import MappingProxyType
from typing import Any

import numpy as np

from pymeta.errors import BackendError, DataError
from pymeta.harness.codec import NA_INT, RVector
from pymeta.harness.hexfloats import read_doubles

__all__ = ["deserialized", "serialized"]

_VECTORS: Mapping[int, str] = MappingProxyType(
    {10: "lgl", 13: "int", 14: "dbl", 15: "cpl", 16: "chr", 19: "list", 24: "raw"}
)
_CODES: Mapping[str, int] = MappingProxyType({kind: code for code, kind in _VECTORS.items()} | {"i64": 14})
_SYMBOL, _PAIRS, _TEXT, _NOTHING, _REFERENCE = 1, 2, 9, 254, 255
_IS_OBJECT, _HAS_ATTRIBUTES, _HAS_TAG = 1 << 8, 1 << 9, 1 << 10
_LATIN1, _UTF8, _ASCII = 4 << 12, 8 << 12, 64 << 12
_LONG = 2**31

# ---- to R -------------------------------------------------------------------------------------------------------------

_INT = struct.Struct(">i").pack
_INTS = struct.Struct(">2i").pack
_HEAD = b"X\n" + struct.pack(">3i", 2, 0x00030500, 0x00020300)  # version 2, written by "R 3.5.0", for R 2.3.0 or later
_NULL = _INT(_NOTHING)
_NA_TEXT = _INTS(_TEXT, -1)
_ATTRIBUTE = _INTS(_PAIRS | _HAS_TAG, _SYMBOL)


def serialized(vector: RVector) -> bytes:
    """What ``serialize(x, NULL, version = 2)`` gives for the value, and ``unserialize`` or ``readRDS`` reads.

    Raises DataError, naming the place, for attributes that R would not let the value have.
    """
    parts = [_HEAD]
    _write(vector, parts.append, "value")
    return b"".join(parts)


def _write(vector: RVector, out: Callable[[bytes], None], place: str) -> None:
    if vector.kind == "null":
        out(_NULL)
        return
    code, values = _CODES[vector.kind], vector.values
    if not vector.attributes:
        out(_INT(code))
    else:
        _check_attributes(vector, place)
        has_class = vector.attribute("class") is not None
        out(_INT(code | _HAS_ATTRIBUTES | (_IS_OBJECT if has_class else 0)))
    count = len(values)
    out(_INT(count) if count < _LONG else struct.pack(">3i", -1, count >> 32, count & 0xFFFFFFFF))
    if vector.kind == "list":
        for i, value in enumerate(values, start=1):
            _write(value, out, f"{place}[[{i}]]")
    else:
        out(_CONTENT[vector.kind](values))
    if vector.attributes:
        for name, value in vector.attributes:
            out(_ATTRIBUTE + _text(name))
            _write(value, out, f"attr({place}, {name!r})")
        out(_NULL)


def _text(text: str | None) -> bytes:
    if text is None:
        return _NA_TEXT
    content = text.encode()
    return _INTS(_TEXT | (_ASCII if text.isascii() else _UTF8), len(content)) + content


def _swapped(dtype: str) -> Callable[[np.ndarray[Any, Any]], bytes]:
    return lambda values: values.astype(dtype).tobytes()


_CONTENT: Mapping[str, Callable[[Any], bytes]] = MappingProxyType(
    {
        "lgl": _swapped(">i4"),
        "int": _swapped(">i4"),
        "dbl": _swapped(">f8"),
        "i64": _swapped(">i8"),
        "cpl": _swapped(">c16"),
        "chr": lambda values: b"".join(map(_text, values)),
        "raw": bytes,
    }
)


def _check_attributes(vector: RVector, place: str) -> None:
    """Raise DataError for what R's ``attributes<-`` would refuse."""
    if len(vector.attributes) == 1 and vector.names is not None and len(vector.names) == len(vector):
        return  # names alone, as most
    given = dict(vector.attributes)
    if len(given) < len(vector.attributes):
        raise DataError(f"{place}: an attribute is given twice: {', '.join(name for name, _ in vector.attributes)}")
    for name, value in given.items():
        if (check := _CHECKS.get(name)) and (wrong := check(vector, value)):
            raise DataError(f"{place}: attribute {name}: {wrong}")
    if "dimnames" in given and "dim" not in given:
        raise DataError(f"{place}: attribute dimnames: it needs dim beside it")


def _wrong_names(vector: RVector, names: RVector) -> str:
    if names.kind != "chr" or len(names) != len(vector):
        return f"{len(names)} ({names.kind}) for {len(vector)} elements; one string (chr) each is needed"
    return ""


def _wrong_dim(vector: RVector, dim: RVector) -> str:
    if dim.kind != "int" or not len(dim) or min(dim.values) < 0 or prod(dim.values.tolist()) != len(vector):
        return f"{dim.values.tolist()} ({dim.kind}) for {len(vector)} elements; integers (int) with that product are needed"
    return ""


def _wrong_dimnames(vector: RVector, dimnames: RVector) -> str:
    dim = vector.attribute("dim")
    if dim is None:
        return "it needs dim beside it"
    if dimnames.kind != "list" or len(dimnames) != len(dim):
        return f"{len(dimnames)} ({dimnames.kind}) for {len(dim)} dimensions; a list of one entry each is needed"
    for size, names in zip(dim.values, dimnames.values, strict=True):
        if names.kind != "null" and (names.kind != "chr" or len(names) != size):
            return f"{len(names)} ({names.kind}) for an extent of {size}; as many strings (chr), or null, are needed"
    return ""


def _wrong_class(vector: RVector, classes: RVector) -> str:
    if classes.kind != "chr" or not len(classes):
        return f"{len(classes)} ({classes.kind}); strings (chr) are needed"
    if "factor" in classes.values and vector.kind != "int":
        return f"a factor is of integers (int), not {vector.kind}"
    return ""


def _wrong_levels(vector: RVector, levels: RVector) -> str:
    codes = vector.values[~vector.is_na()] if vector.kind == "int" else np.empty(0)
    classes = vector.attribute("class")
    if (
        classes is not None
        and "factor" in classes.values
        and codes.size
        and not 1 <= codes.min() <= codes.max() <= len(levels)
    ):
        return f"{len(levels)} for codes from {codes.min()} to {codes.max()}; one for each code is needed"
    return ""


def _wrong_row_names(vector: RVector, names: RVector) -> str:
    return "" if names.kind in ("int", "chr") else f"of kind {names.kind}; int or chr is needed"


def _wrong_tsp(vector: RVector, tsp: RVector) -> str:
    return "" if tsp.kind == "dbl" and len(tsp) == 3 else f"{len(tsp)} ({tsp.kind}); three numbers (dbl) are needed"


_CHECKS: Mapping[str, Callable[[RVector, RVector], str]] = MappingProxyType(
    {
        "names": _wrong_names,
        "dim": _wrong_dim,
        "dimnames": _wrong_dimnames,
        "class": _wrong_class,
        "levels": _wrong_levels,
        "row.names": _wrong_row_names,
        "tsp": _wrong_tsp,
    }
)


# ---- from R -----------------------------------------------------------------------------------------------------------


def deserialized(text: bytes) -> RVector:
    """The value of which R's text form this is; BackendError for anything else.

    A data frame's row names are there in full, names are the first attribute, NaNs have one payload, as in R's `attributes`
    and our recordings.
    """
    reader = _Reader(text)
    try:
        return reader.all()
    except (ValueError, IndexError, KeyError, TypeError, OverflowError) as error:
        at = reader.stream.tell()
        raise BackendError(f"malformed reply, before byte {at}: {error}: {text[max(0, at - 80) : at]!r}") from error


class _Reader:
    """Goes through the words of a text, one a line."""

    def __init__(self, text: bytes) -> None:
        self.stream = BytesIO(text)
        self.line = self.stream.readline
        self.symbols: list[str] = []

    def all(self) -> RVector:
        if (self.line(), self.line()) != (b"A\n", b"2\n") or self.stream.getbuffer()[-1] != ord("\n"):
            raise ValueError("it does not begin and end as R's serialize() does")
        self.lines(2)  # who wrote it, and who may read it
        value = self.value()
        if self.line():
            raise ValueError("there is more after its end")
        return value

    def lines(self, count: int) -> bytes:
        """Several words, as they stand."""
        if count < _MANY:
            found = b"".join(islice(self.stream, count))
        else:
            found = self.stream.read(_length_of_lines(self.stream.getbuffer()[self.stream.tell() :], count))
        if not found.endswith(b"\n"):
            raise ValueError("it ends too soon")
        return found[:-1]

    def value(self) -> RVector:
        flags = int(self.line())
        if flags & 0xFF == _NOTHING:
            return _NO_VALUE
        kind = _VECTORS[flags & 0xFF]
        count = int(self.line())
        if count < 0:
            count = (int(self.line()) << 32) + int(self.line())
        values: Any = tuple([self.value() for _ in range(count)]) if kind == "list" else _READ[kind](self, count)
        if not flags & _HAS_ATTRIBUTES:
            return RVector.settled(kind, values, ())
        attributes = self.attributes()
        if kind == "chr" and _is_integer64(attributes):
            return RVector.settled("i64", _integers_of(values), attributes)
        return RVector.settled(kind, values, attributes)

    def attributes(self) -> tuple[tuple[str, RVector], ...]:
        pairs = []
        while (flags := int(self.line())) != _NOTHING:
            if flags & 0xFF != _PAIRS or not flags & _HAS_TAG:
                raise ValueError("attributes expected")
            name = self.symbol()
            value = self.value()
            pairs.append((name, _all_row_names(value) if name == "row.names" else value))
        return tuple(sorted(pairs, key=lambda pair: pair[0] != "names"))

    def symbol(self) -> str:
        flags = int(self.line())
        if flags & 0xFF == _REFERENCE:
            return self.symbols[(flags >> 8) - 1]
        if flags != _SYMBOL:
            raise ValueError("a symbol expected")
        self.symbols.append(self.string() or "")
        return self.symbols[-1]

    def string(self) -> str | None:
        flags = int(self.line())
        size = int(self.line())
        if size < 0:
            return None
        content = self.line()[:-1]
        if b"\\" in content:
            content = _ESCAPES.sub(_unescaped, content)
        if flags & 0xFF != _TEXT or len(content) != size:
            raise ValueError(f"a string of {size} bytes expected")
        return content.decode("latin-1" if flags & _LATIN1 else "utf-8")

    def doubles(self, count: int) -> np.ndarray[Any, Any]:
        return read_doubles(self.lines(count).replace(b"\n", b" ").decode("ascii")) if count else np.empty(0)

    def integers(self, count: int) -> np.ndarray[Any, Any]:
        words = self.lines(count).split() if count else []
        return np.array([NA_INT if word == b"NA" else int(word) for word in words], dtype=np.int32)

    def raw(self, count: int) -> bytes:
        return bytes.fromhex(self.lines(count).decode("ascii")) if count else b""


_READ: Mapping[str, Callable[[_Reader, int], Any]] = MappingProxyType(
    {
        "lgl": _Reader.integers,
        "int": _Reader.integers,
        "dbl": _Reader.doubles,
        "cpl": lambda reader, count: reader.doubles(2 * count).view(np.complex128),
        "chr": lambda reader, count: tuple([reader.string() for _ in range(count)]),
        "raw": _Reader.raw,
    }
)
_NO_VALUE = RVector("null", ())
_ESCAPES = re.compile(rb"\\([0-7]{3}|.)")
_LETTERS = MappingProxyType({b"n": b"\n", b"t": b"\t", b"v": b"\v", b"b": b"\b", b"r": b"\r", b"f": b"\f", b"a": b"\a"})


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code, 8)]) if len(code) == 3 else _LETTERS.get(code, code)


def _integers_of(words: tuple[str, ...]) -> np.ndarray[Any, Any]:
    return np.array([int(word, 16) for word in words], dtype=np.uint64).view(np.int64)


_MANY = 1000
_BLOCK = 1 << 20


def _length_of_lines(text: memoryview, count: int) -> int:
    """The bytes that the first `count` lines take."""
    start = 0
    while count and start < len(text):
        ends = np.flatnonzero(np.frombuffer(text[start : start + _BLOCK], np.uint8) == ord("\n"))[:count]
        start += int(ends[-1]) + 1 if ends.size else len(text)
        count -= ends.size
    return start


def _is_integer64(attributes: tuple[tuple[str, RVector], ...]) -> bool:
    return any(name == "class" and "integer64" in value.values for name, value in attributes)


def _all_row_names(names: RVector) -> RVector:
    """Row names 1 to n, which R keeps as NA and n or -n, in full."""
    if names.kind == "int" and len(names) == 2 and names.values[0] == NA_INT:
        return RVector("int", np.arange(1, abs(int(names.values[1])) + 1, dtype=np.int32))
    return names
