"""R values as typed JSON, exact in both directions: the Python twin of r_reference/codec.R, which describes the form.

Python to R is `encode` (never a guess: what has no one R equivalent is a DataError that names the place); R to Python
is `decode`, which keeps everything R had in an `RVector`, and `plain`, which gives dicts, arrays and strings where those
lose nothing. In an `RVector` numbers are kept as R keeps them: a missing integer or logical is -2**31, a missing double
is the NaN whose payload is 1954; `is_na()` tells. NaNs of any other payload come back as NaN.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NoReturn

import numpy as np

from pymeta.errors import BackendError, DataError

__all__ = ["NA", "RVector", "decode", "encode", "plain", "r_value"]

_INT_MAX = 2**31 - 1
_NA_INT = -(2**31)
_NA_BITS = 0x7FF00000000007A2
_EXACT_DOUBLE = 2**53


class _NAType:
    """The type of `NA`, R's missing value, in lists given to `encode` and got from `plain`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NA"

    def __bool__(self) -> NoReturn:
        raise TypeError("NA is neither true nor false; ask `x is NA`")

    def __reduce__(self) -> str:
        return "NA"  # copies and pickles are the one NA


NA: Final = _NAType()


@dataclass(frozen=True, slots=True, eq=False)
class RVector:
    """An R value with its attributes, nothing lost.

    kind : "null", "dbl", "int", "lgl", "cpl", "i64", "raw", "chr" or "list"
    values : read-only array (float64, int32, int32, complex128, int64), bytes for "raw", tuple of str or None (NA) for
        "chr", tuple of RVector for "list", () for "null"
    attributes : (name, value) in R's order: names, dim, dimnames, class, levels, ...

    Two are equal if R would write them the same: NA is not NaN, and 0 is not -0.
    """

    kind: str
    values: Any
    attributes: tuple[tuple[str, RVector], ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise DataError(f"kind={self.kind!r}: no such kind of R value; allowed: {', '.join(_KINDS)}")
        object.__setattr__(self, "values", _KINDS[self.kind].settle(self.values))

    def __len__(self) -> int:
        return len(self.values)

    def __eq__(self, other: object) -> bool:
        return encode(self) == encode(other) if isinstance(other, RVector) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def attribute(self, name: str) -> RVector | None:
        """The attribute of that name, if there is one."""
        return next((value for key, value in self.attributes if key == name), None)

    @property
    def names(self) -> tuple[str | None, ...] | None:
        """The names of the elements, if they have any."""
        found = self.attribute("names")
        return found.values if found is not None and found.kind == "chr" else None

    def is_na(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which elements are R's NA; NaN is not one of them."""
        return _KINDS[self.kind].missing(self.values)


# ---- Python to R ------------------------------------------------------------------------------------------------------


def encode(obj: object) -> dict[str, Any]:
    """The JSON node of a Python value; see `r_value` for what becomes what."""
    return _node(r_value(obj))


def _node(vector: RVector) -> dict[str, Any]:
    node: dict[str, Any] = {"t": vector.kind}
    if vector.kind != "null":
        node["v"] = _KINDS[vector.kind].write(vector.values)
    if vector.attributes:
        node["a"] = [[name, _node(value)] for name, value in vector.attributes]
    return node


def r_value(obj: object, place: str = "value") -> RVector:
    """The R value of a Python value.

    None is NULL; bool, int, float, complex, str and bytes are vectors of length one (bytes: raw); lists and tuples of one
    such type are vectors, in which `NA` may stand and ints among floats are doubles; arrays of two or more dimensions are
    matrices; a dict is a named list; a list of dicts, arrays, lists or RVectors is an unnamed list. An int beyond R's 32
    bits becomes a double if that holds it exactly. Raises DataError, naming the place, for everything else.
    """
    if isinstance(obj, RVector):
        return obj
    for types, convert in _CONVERT:
        if isinstance(obj, types):
            return convert(obj, place)
    return _atomic([obj], place, lambda _: place)


def _named_list(obj: Mapping[Any, Any], place: str) -> RVector:
    for key in obj:
        if not isinstance(key, str):
            raise DataError(f"{place}: the name {key!r} is not a string")
    values = tuple(r_value(value, f"{place}[{key!r}]") for key, value in obj.items())
    return RVector("list", values, (("names", RVector("chr", _texts(obj, f"the names of {place}"))),))


def _from_array(array: np.ndarray[Any, Any], place: str) -> RVector:
    flat = array.ravel(order="F")  # R's order: the first index runs fastest
    if array.dtype.kind in "fc" and array.dtype.itemsize > {"f": 8, "c": 16}[array.dtype.kind]:
        raise DataError(f"{place}: {array.dtype} is wider than R's double")
    if array.dtype.kind == "f":
        vector = RVector("dbl", flat)
    elif array.dtype.kind == "c":
        vector = RVector("cpl", flat)
    elif array.dtype.kind in "biuU":
        vector = _atomic(flat.tolist(), place, empty=_KIND_OF_DTYPE[array.dtype.kind])
    else:
        raise DataError(f"{place}: an array of dtype {array.dtype} has no one R equivalent; give a list, or an RVector")
    if array.ndim < 2:
        return vector
    return RVector(vector.kind, vector.values, (("dim", RVector("int", array.shape)),))


def _from_sequence(items: Sequence[Any], place: str) -> RVector:
    if not items:
        raise DataError(f"{place}: an empty list has no type; give np.array([], dtype=...) or an RVector")
    nested = [_is_nested(item) for item in items]
    if all(nested):
        return RVector("list", tuple(r_value(item, f"{place}[{i}]") for i, item in enumerate(items)))
    if any(nested):
        i = nested.index(True)
        raise DataError(f"{place}[{i}]: {type(items[i]).__name__} in a list of plain values; make all of one sort")
    return _atomic(items, place)


def _is_nested(item: object) -> bool:
    return isinstance(item, RVector) or any(isinstance(item, types) for types, _ in _CONVERT)


_CONVERT: tuple[tuple[Any, Callable[[Any, str], RVector]], ...] = (
    (type(None), lambda obj, place: RVector("null", ())),
    (Mapping, _named_list),
    (np.ndarray, _from_array),
    (bytes, lambda obj, place: RVector("raw", obj)),
    (list | tuple, _from_sequence),
)


def _atomic(
    items: Sequence[Any], place: str, at: Callable[[int], str] | None = None, *, empty: str | None = None
) -> RVector:
    """A vector of plain values that are all of one type, or NA."""
    at = at or (lambda i: f"{place}[{i}]")
    kinds = [_kind_of(item, at, i) for i, item in enumerate(items)]
    present = {kind for kind in kinds if kind != "NA"}
    kind = "dbl" if present == {"int", "dbl"} else min(present, default=empty or "lgl")
    if len(present) > 1 and kind != "dbl":
        i = next(i for i, found in enumerate(kinds) if found not in {kinds[0], "NA"})
        raise DataError(f"{at(i)}: {items[i]!r} ({kinds[i]}) in a list that began with {items[0]!r} ({kinds[0]})")
    return _BUILD[kind](items, at)


def _kind_of(item: object, at: Callable[[int], str], i: int) -> str:
    for kind, types in _PYTHON_TYPES.items():
        if isinstance(item, types):
            return kind
    advice = "; use .to_numpy() or .to_dict('list')" if type(item).__module__.startswith("pandas") else ""
    raise DataError(f"{at(i)}: {type(item).__module__}.{type(item).__qualname__} has no R equivalent{advice}")


_KIND_OF_DTYPE = {"b": "lgl", "i": "int", "u": "int", "U": "chr"}

_PYTHON_TYPES: Mapping[str, Any] = MappingProxyType(
    {
        "NA": _NAType,
        "lgl": (bool, np.bool_),  # before int, of which bool is one
        "int": (int, np.integer),
        "dbl": (float, np.float32, np.float16),  # np.float64 is a float; np.longdouble would lose digits
        "cpl": (complex, np.complex64),
        "chr": str,
    }
)


def _build_integers(items: Sequence[Any], at: Callable[[int], str]) -> RVector:
    if any(item is not NA and abs(int(item)) > _INT_MAX for item in items):
        return _build_doubles(items, at)
    return RVector("int", [_NA_INT if item is NA else int(item) for item in items])


def _build_doubles(items: Sequence[Any], at: Callable[[int], str]) -> RVector:
    for i, item in enumerate(items):
        if isinstance(item, int | np.integer) and not _is_exact_double(int(item)):
            raise DataError(f"{at(i)}: {item} is an integer that neither an R integer nor a double holds exactly")
    values = np.array([np.nan if item is NA else float(item) for item in items], dtype=np.float64)
    values.view(np.uint64)[[item is NA for item in items]] = _NA_BITS
    return RVector("dbl", values)


def _is_exact_double(number: int) -> bool:
    try:
        return int(float(number)) == number
    except OverflowError:
        return False


def _build_complex(items: Sequence[Any], at: Callable[[int], str]) -> RVector:
    parts = [part for item in items for part in ((NA, NA) if item is NA else (item.real, item.imag))]
    return RVector("cpl", _build_doubles(parts, at).values.view(np.complex128))


def _build_logicals(items: Sequence[Any], at: Callable[[int], str]) -> RVector:
    return RVector("lgl", [_NA_INT if item is NA else int(item) for item in items])


def _build_texts(items: Sequence[Any], at: Callable[[int], str]) -> RVector:
    return RVector("chr", [None if item is NA else _text(item, at(i)) for i, item in enumerate(items)])


_BUILD: Mapping[str, Callable[[Sequence[Any], Callable[[int], str]], RVector]] = MappingProxyType(
    {
        "dbl": _build_doubles,
        "int": _build_integers,
        "lgl": _build_logicals,
        "cpl": _build_complex,
        "chr": _build_texts,
    }
)


def _text(text: str, place: str) -> str:
    if "\0" in text:
        raise DataError(f"{place}: {text!r} holds a NUL character, which no R string can")
    if not text.isascii() and re.search("[\ud800-\udfff]", text):
        raise DataError(f"{place}: {text!r} holds half a surrogate pair, which is no character")
    return str(text)


def _texts(items: Iterable[str], place: str) -> tuple[str, ...]:
    return tuple(_text(item, place) for item in items)


# ---- R to Python ------------------------------------------------------------------------------------------------------


def decode(node: object) -> RVector:
    """The R value of a JSON node; BackendError, naming the place, if the node is malformed."""
    return _decode(node, "value")


def _decode(node: object, place: str) -> RVector:
    if not isinstance(node, dict) or node.get("t") not in _KINDS or not node.keys() <= {"t", "v", "a"}:
        raise BackendError(f"malformed value: {place} is not an object of t, v and a: {str(node)[:80]}")
    kind = node["t"]
    try:
        values = _KINDS[kind].read(node.get("v"), place)
        attributes = tuple((str.__str__(name), _decode(sub, f"attr({place}, {name!r})")) for name, sub in node.get("a", ()))
        return RVector(kind, values, attributes)
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise BackendError(f"malformed value: {place} ({kind}): {str(error)[:200]}") from error


def plain(vector: RVector) -> Any:
    """Everyday Python for an R value where that loses nothing, else the RVector itself.

    NULL is None; a list whose names are unique and all there is a dict; an unnamed list a tuple. Without attributes:
    doubles are an array (in which NA keeps its payload), one string a str, several a list; integers and logicals an array,
    or a list with `NA` in it; a matrix without dimnames an array of its shape. Everything else (factors, dates, data
    frames, named vectors, vectors of NA only, integer64) stays an RVector.
    """
    if vector.kind == "list":
        return _plain_list(vector)
    if vector.attributes:
        return _plain_matrix(vector)
    return _KINDS[vector.kind].plain(vector)


def _plain_list(vector: RVector) -> Any:
    if not vector.attributes:
        return tuple(plain(value) for value in vector.values)
    names = vector.names
    if len(vector.attributes) > 1 or names is None or not all(names) or len(set(names)) < len(names):
        return vector
    return {name: plain(value) for name, value in zip(names, vector.values, strict=True)}


def _plain_matrix(vector: RVector) -> Any:
    dim = vector.attribute("dim")
    bare = plain(RVector(vector.kind, vector.values))
    if dim is None or len(vector.attributes) > 1 or len(dim) < 2 or not isinstance(bare, np.ndarray):
        return vector
    return bare.reshape(tuple(dim.values), order="F")


# ---- the kinds --------------------------------------------------------------------------------------------------------

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


def _write_doubles(values: np.ndarray[Any, Any]) -> str:
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
    nan = np.where(_is_na_double(values), np.uint64(_NA_BITS), np.uint64(_NAN_BITS))
    return np.where(np.isnan(values), nan, values.view(np.uint64))


def _replaced(text: str, pairs: Iterable[tuple[str, str]]) -> str:
    for old, new in pairs:
        text = text.replace(old, new)
    return text


def _read_doubles(text: str, place: str) -> np.ndarray[Any, Any]:
    """The doubles of hex floats. Long texts are read by arithmetic that checks nothing, then written and compared."""
    if len(text) >= _SHORT and text.isascii():
        finite = "N" not in text and "I" not in text
        values = np.concatenate([_read_block(block) for block in _blocks(text if finite else _replaced(text, _STAND_INS))])
        if _write_doubles(values) == text:
            return values
    return _read_words(text.split(" ") if text else [], place)


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


def _read_words(words: list[str], place: str) -> np.ndarray[Any, Any]:
    for i, word in enumerate(words):
        if not _HEX_FLOATS.fullmatch(word):
            raise BackendError(f"malformed value: {place}[{i}] cannot be read: {word[:40]!r}")
    values = np.array([float.fromhex("NaN" if word == "NA" else word) for word in words], dtype=np.float64)
    values.view(np.uint64)[[word == "NA" for word in words]] = _NA_BITS
    return values


def _is_na_double(values: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    bits = np.ascontiguousarray(values).view(np.uint64)
    return np.asarray(np.isnan(values) & ((bits & np.uint64(0xFFFFFFFF)) == np.uint64(1954)), dtype=np.bool_)


def _is_na_complex(values: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray(_is_na_double(values.view(np.float64)).reshape(-1, 2).any(axis=1))


def _is_na_integer(values: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray(values == _NA_INT)


def _is_na_integer64(values: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray(values == np.iinfo(np.int64).min)


def _read_integers(text: str, place: str) -> list[int]:
    return [_NA_INT if word == "NA" else _integer(word, place) for word in text.split(" ") if text]


def _integer(word: str, place: str) -> int:
    if not re.fullmatch("-?[0-9]{1,10}", word) or abs(int(word)) > _INT_MAX:
        raise BackendError(f"malformed value: {place} is no R integer: {word[:40]!r}")
    return int(word)


def _is_na_text(values: tuple[str | None, ...]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.array([value is None for value in values], dtype=np.bool_)


def _read_integer64(text: str, place: str) -> np.ndarray[Any, Any]:
    if not re.fullmatch("(?:[0-9a-f]{16}(?: (?=.)|$))*", text):
        raise BackendError(f"malformed value: {place} is no integer64: {text[:40]!r}")
    return np.array([int(word, 16) for word in text.split()], dtype=np.uint64).view(np.int64)


_LOGICAL_WORDS = MappingProxyType({"TRUE": 1, "FALSE": 0, "NA": _NA_INT})


def _read_logicals(text: str, place: str) -> list[int]:
    words = text.split(" ") if text else []
    for word in words:
        if word not in _LOGICAL_WORDS:
            raise BackendError(f"malformed value: {place} is no R logical: {word[:40]!r}")
    return [_LOGICAL_WORDS[word] for word in words]


def _write_logicals(values: np.ndarray[Any, Any]) -> str:
    return " ".join("NA" if value == _NA_INT else "TRUE" if value else "FALSE" for value in values.tolist())


def _write_integers(values: np.ndarray[Any, Any]) -> str:
    return " ".join("NA" if value == _NA_INT else str(value) for value in values.tolist())


def _read_texts(items: list[str | None], place: str) -> list[str | None]:
    if not isinstance(items, list):
        raise BackendError(f"malformed value: {place} (chr) wants an array of strings")
    return items


def _settle_texts(items: Iterable[str | None]) -> tuple[str | None, ...]:
    settled = tuple(items)
    for item in settled:
        if item is not None and not isinstance(item, str):
            raise DataError(f"chr wants strings or None (NA), not {item!r}")
    return settled


def _settle_list(items: Iterable[RVector]) -> tuple[RVector, ...]:
    settled = tuple(items)
    for item in settled:
        if not isinstance(item, RVector):
            raise DataError(f"list wants RVectors, not {item!r}")
    return settled


def _settle_array(dtype: type) -> Callable[[Any], np.ndarray[Any, Any]]:
    def settle(values: Any) -> np.ndarray[Any, Any]:
        given = np.asarray(values)
        array: np.ndarray[Any, Any] = np.array(given, dtype=dtype).reshape(-1)
        if (
            given.size
            and given.dtype != dtype
            and not np.array_equal(array, given.reshape(-1), equal_nan=given.dtype.kind == "f")
        ):
            raise DataError(f"{given.dtype} values that {np.dtype(dtype)} does not hold exactly")
        array.setflags(write=False)
        return array

    return settle


def _plain_integers(vector: RVector) -> Any:
    dtype = np.bool_ if vector.kind == "lgl" else np.int64
    if not (missing := vector.is_na()).any():
        return vector.values.astype(dtype)
    if missing.all():
        return vector
    values = vector.values.astype(dtype).tolist()
    return [NA if na else value for na, value in zip(missing, values, strict=True)]


def _plain_texts(vector: RVector) -> Any:
    if all(value is None for value in vector.values):  # none at all, too: an empty list would not say of what
        return vector
    return vector.values[0] if len(vector) == 1 else [NA if value is None else value for value in vector.values]


def _none_missing(values: Any) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.zeros(len(values), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class _Kind:
    """How the values of one kind are settled in an RVector, written, read, asked for NA and made plain."""

    settle: Callable[[Any], Any]
    write: Callable[[Any], Any]
    read: Callable[[Any, str], Any]
    missing: Callable[[Any], np.ndarray[Any, np.dtype[np.bool_]]]
    plain: Callable[[RVector], Any]


_KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "null": _Kind(settle=tuple, write=str, read=lambda v, place: (), missing=_none_missing, plain=lambda vector: None),
        "dbl": _Kind(
            settle=_settle_array(np.float64),
            write=_write_doubles,
            read=_read_doubles,
            missing=_is_na_double,
            plain=lambda vector: vector.values,
        ),
        "int": _Kind(
            settle=_settle_array(np.int32),
            write=_write_integers,
            read=_read_integers,
            missing=_is_na_integer,
            plain=_plain_integers,
        ),
        "lgl": _Kind(
            settle=_settle_array(np.int32),
            write=_write_logicals,
            read=_read_logicals,
            missing=_is_na_integer,
            plain=_plain_integers,
        ),
        "cpl": _Kind(
            settle=_settle_array(np.complex128),
            write=lambda values: _write_doubles(values.view(np.float64)),
            read=lambda v, place: _read_doubles(v, place).view(np.complex128),
            missing=_is_na_complex,
            plain=lambda vector: vector.values,
        ),
        "i64": _Kind(
            settle=_settle_array(np.int64),
            write=lambda values: " ".join(f"{value:016x}" for value in values.view(np.uint64).tolist()),
            read=_read_integer64,
            missing=_is_na_integer64,
            plain=lambda vector: vector,
        ),
        "raw": _Kind(
            settle=bytes,
            write=bytes.hex,
            read=lambda v, place: bytes.fromhex(v),
            missing=_none_missing,
            plain=lambda vector: vector.values,
        ),
        "chr": _Kind(
            settle=_settle_texts,
            write=list,
            read=_read_texts,
            missing=_is_na_text,
            plain=_plain_texts,
        ),
        "list": _Kind(
            settle=_settle_list,
            write=lambda values: [_node(value) for value in values],
            read=lambda v, place: [_decode(item, f"{place}[[{i}]]") for i, item in enumerate(v, start=1)],
            missing=_none_missing,
            plain=lambda vector: vector,
        ),
    }
)
