"""Doubles <-> hex floats as C's %a writes them, a space between: exact, one text for one number, and fast for many.

R's missing value is ``NA``, every other NaN is ``NaN``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

__all__ = ["NA_BITS", "is_na_double", "read_doubles", "write_doubles"]

NA_BITS = 0x7FF00000000007A2
"""R's missing double."""

_HEX_FLOATS = re.compile(r"(?:-?0x[01](?:\.[0-9a-f]+)?p[+-][0-9]+|NA|NaN|-?Inf)")
_BLOCK = 1 << 13  # doubles treated at a time: what is made of them stays in the processor's cache
_SHORT = 2048  # characters below which reading word by word is faster
_U8 = np.dtype("<u8")

# What has no hex float is written and read as one that no double has, with the very bits that it would stand for.
_STAND_INS = (("NaN", "0x1.8p+1024"), ("NA", "0x1.00000000007a2p+1024"), ("Inf", "0x1p+1024"))
_NAN_BITS = 0x7FF8000000000000
_FRACTION = (1 << 52) - 1
_FRACTIONS = np.array([_FRACTION & -(1 << (52 - 4 * digits)) for digits in range(14)], dtype=_U8)


def _eights(words: Iterable[str]) -> np.ndarray[Any, Any]:
    """Words of up to 8 characters, each as one number that holds them."""
    return np.frombuffer(b"".join(word.encode().ljust(8, b"\0") for word in words), dtype=_U8)


# By sign and exponent as they stand in the upper 12 bits: what comes before the point, and what after the fraction.
_HEADS = _eights(f" {'-' * (top >> 11)}0x{min(top & 2047, 1)}" for top in range(4096))
_TAILS = _eights(f"p{max(top & 2047, 1) - 1023:+d}" for top in range(4096))


def write_doubles(values: np.ndarray[Any, Any]) -> str:
    """Hex floats as C's %a writes them, so that both sides write one text for one number."""
    blocks = (values[start : start + _BLOCK] for start in range(0, values.size, _BLOCK))
    return "".join(map(_write_block, blocks))[1:]


def _write_block(values: np.ndarray[Any, Any]) -> str:
    """Some hex floats, a space before each: rows of 32 characters are filled, then those that are 0 drop out."""
    finite = np.isfinite(values).all()
    bits = np.asarray(values.view(_U8) if finite else _without_payloads(values), dtype=_U8)
    top = (bits >> 52).astype(np.intp)
    rows = np.empty((bits.size, 4), dtype=_U8)
    rows[:, 0] = _HEADS[top]
    rows[:, 1:3] = np.frombuffer(bits.astype(">u8").tobytes().hex().encode(), dtype=_U8).reshape(-1, 2)
    rows[:, 3] = _TAILS[top]
    _trim(rows.view(np.uint8), bits)
    text = rows.tobytes().translate(None, b"\0").decode("ascii").replace("0x0p-1022", "0x0p+0")
    return text if finite else _replaced(text, [(stand_in, word) for word, stand_in in _STAND_INS])


def _trim(chars: np.ndarray[Any, Any], bits: np.ndarray[Any, Any]) -> None:
    """Of the 16 hex digits in the columns 8 to 23: a point in place of sign and exponent, no zeros at the end."""
    chars[:, 8:10] = 0
    chars[:, 10] = ord(".")
    at = np.arange(bits.size)
    for width in range(1, 15):
        if width < 14:  # the 14th is the point, which goes with the last digit
            at = at[(bits[at] & ((1 << 4 * width) - 1)) == 0]
        if not at.size:
            return
        chars[at, 24 - width] = 0


def _without_payloads(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The bits, those of each NaN being R's NA or the one NaN that is written."""
    nan = np.where(is_na_double(values), np.uint64(NA_BITS), np.uint64(_NAN_BITS))
    return np.where(np.isnan(values), nan, values.view(np.uint64))


def _replaced(text: str, pairs: Iterable[tuple[str, str]]) -> str:
    for old, new in pairs:
        text = text.replace(old, new)
    return text


def read_doubles(text: str) -> np.ndarray[Any, Any]:
    """The doubles of hex floats; ValueError for what is none.

    Long texts are read by arithmetic that checks nothing, then written and compared.
    """
    if len(text) >= _SHORT and text.isascii():
        finite = "N" not in text and "I" not in text
        values = np.concatenate([_read_block(block) for block in _blocks(text if finite else _replaced(text, _STAND_INS))])
        if write_doubles(values) == text:
            return values
    return _read_words(text.split(" ") if text else [])


def _blocks(text: str) -> Iterator[bytes]:
    """The text in pieces that end where a word ends; a space after each piece."""
    start = 0
    while start < len(text):
        end = text.find(" ", start + 20 * _BLOCK)
        end = len(text) if end < 0 else end
        yield text[start:end].encode("ascii") + b" "
        start = end + 1


def _read_block(text: bytes) -> np.ndarray[Any, Any]:
    """The doubles of words that a writer like ours wrote; nonsense, but nothing worse, for any other text."""
    chars = np.frombuffer(text + b" " * 32, dtype=np.uint8)
    eights: np.ndarray[Any, Any] = np.ndarray((len(text) + 24,), dtype=_U8, buffer=chars, strides=(1,))  # from each place on
    ends = np.flatnonzero(chars[: len(text)] == ord(" "))
    powers = np.flatnonzero(chars == ord("p"))
    if powers.size != ends.size:
        return np.empty(0)
    starts = np.concatenate([[0], ends[:-1] + 1])
    negative = chars[starts] == ord("-")
    starts += negative
    fraction = (_nibbles(eights[starts + 4]) << 20) | (_nibbles(eights[starts + 12]) >> 12)
    fraction &= _FRACTIONS[np.clip(powers - starts - 4, 0, 13)]
    exponent = _decimals(eights[powers + 2], ends - powers - 2)
    exponent = np.where(chars[powers + 1] == ord("-"), -exponent, exponent) + 1023
    exponent[chars[starts + 2] != ord("1")] = 0  # zeros and denormals
    bits = (negative.astype(_U8) << 63) | (exponent.astype(_U8) << 52) | fraction
    return np.asarray(bits.view(np.float64))


def _nibbles(eight: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The 32 bits that 8 hex digits stand for, the first digit in the lowest byte: single ones, then pairs, then fours."""
    eight = (eight & 0x0F0F0F0F0F0F0F0F) + ((eight >> 6) & 0x0101010101010101) * 9
    eight = ((eight << 4) | (eight >> 8)) & 0x00FF00FF00FF00FF
    eight = ((eight << 8) | (eight >> 16)) & 0x0000FFFF0000FFFF
    return np.asarray(((eight << 16) | (eight >> 32)) & 0xFFFFFFFF)


def _decimals(eight: np.ndarray[Any, Any], digits: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The numbers that the first one to four of 8 characters stand for, the first in the lowest byte."""
    eight = eight << (8 * np.clip(8 - digits, 0, 7)).astype(_U8)  # the last digit into the highest byte
    units, tens, hundreds, thousands = (((eight >> shift) & 15).astype(np.int64) for shift in (56, 48, 40, 32))
    return np.asarray(units + 10 * tens + 100 * hundreds + 1000 * thousands)


def _read_words(words: list[str]) -> np.ndarray[Any, Any]:
    for i, word in enumerate(words):
        if not _HEX_FLOATS.fullmatch(word):
            raise ValueError(f"[{i}] cannot be read: {word[:40]!r}")
    values = np.array([float.fromhex("NaN" if word == "NA" else word) for word in words], dtype=np.float64)
    if "NA" in words:
        values.view(np.uint64)[[word == "NA" for word in words]] = NA_BITS
    return values


def is_na_double(values: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which doubles are R's NA: NaNs whose payload is 1954."""
    bits = np.ascontiguousarray(values).view(np.uint64)
    return np.asarray(np.isnan(values) & ((bits & np.uint64(0xFFFFFFFF)) == np.uint64(1954)), dtype=np.bool_)
