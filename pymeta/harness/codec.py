"""R values in Python, and as typed JSON for files, exact in both directions.

    NULL       {"t":"null"}
    double     {"t":"dbl","v":"0x1.8p+1 NA NaN -Inf"}     hex floats, so every bit survives
    integer    {"t":"int","v":"1 NA 3"}
    logical    {"t":"lgl","v":"TRUE FALSE NA"}
    complex    {"t":"cpl","v":"0x1p+0 0x0p+0"}            real and imaginary parts in turn
    integer64  {"t":"i64","v":"00000000000000ff"}         the bits, 16 hex digits each (doubles to base R, many NaN)
    raw        {"t":"raw","v":"00ff"}
    character  {"t":"chr","v":["a",null]}                 null is NA
    list       {"t":"list","v":[node, ...]}

Attributes follow as ordered pairs: ``"a":[["names",node],["class",node]]``. Recordings and their keys are made of this.

A Python value's R equivalent is `r_value` (never a guess: what has none is a DataError that names the place); an `RVector`
keeps everything R had, and `plain`, which gives dicts, arrays and strings where those
lose nothing. In an `RVector` numbers are kept as R keeps them: a missing integer or logical is -2**31, a missing double
is the NaN whose payload is 1954; `is_na()` tells. NaNs of any other payload come back as NaN.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NoReturn, Self

import numpy as np

from pymeta.errors import BackendError, DataError
from pymeta.harness.hexfloats import NA_BITS, is_na_double, read_doubles, write_doubles

__all__ = ["NA", "NA_INT", "RVector", "decode", "encode", "plain", "r_value"]

_INT_MAX = 2**31 - 1
NA_INT = -(2**31)
"""R's missing integer or logical."""
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

    @classmethod
    def settled(cls, kind: str, values: Any, attributes: tuple[tuple[str, RVector], ...]) -> Self:
        """One whose parts are known to be what they should be: nothing is checked, arrays are made read-only."""
        made = object.__new__(cls)
        if isinstance(values, np.ndarray):
            values.setflags(write=False)
        object.__setattr__(made, "kind", kind)
        object.__setattr__(made, "values", values)
        object.__setattr__(made, "attributes", attributes)
        return made

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
    return RVector("int", [NA_INT if item is NA else int(item) for item in items])


def _build_doubles(items: Sequence[Any], at: Callable[[int], str]) -> RVector:
    for i, item in enumerate(items):
        if isinstance(item, int | np.integer) and not _is_exact_double(int(item)):
            raise DataError(f"{at(i)}: {item} is an integer that neither an R integer nor a double holds exactly")
    values = np.array([np.nan if item is NA else float(item) for item in items], dtype=np.float64)
    values.view(np.uint64)[[item is NA for item in items]] = NA_BITS
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
    return RVector("lgl", [NA_INT if item is NA else int(item) for item in items])


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


class _MalformedError(ValueError):
    """What is wrong with a node, and the way to it, which grows as the error passes the nodes around it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.way: list[str | int] = []

    def __str__(self) -> str:
        place = "value"
        for step in reversed(self.way):
            place = f"{place}[[{step}]]" if isinstance(step, int) else f"attr({place}, {step!r})"
        return f"malformed value: {place}{self.args[0]}"


def decode(node: object) -> RVector:
    """The R value of a JSON node; BackendError, naming the place, if the node is malformed."""
    try:
        return _decode(node)
    except _MalformedError as error:
        raise BackendError(str(error)) from error


def _decode(node: object) -> RVector:
    tag = node.get("t") if isinstance(node, dict) else None
    kind = _KINDS.get(tag) if isinstance(tag, str) else None
    if kind is None or not isinstance(node, dict) or not node.keys() <= _KEYS:
        raise _MalformedError(f" is not an object of t, v and a: {str(node)[:80]}")
    try:
        values = kind.read(node.get("v"))
        attributes = tuple([_read_attribute(*pair) for pair in node["a"]]) if "a" in node else ()
    except _MalformedError:
        raise
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise _MalformedError(f" ({node['t']}): {str(error)[:200]}") from error
    return RVector.settled(node["t"], values, attributes)


_KEYS = frozenset("tva")


def _read_attribute(name: str, node: object) -> tuple[str, RVector]:
    try:
        return str.__str__(name), _decode(node)
    except _MalformedError as error:
        error.way.append(name)
        raise


def _read_list(nodes: list[object]) -> tuple[RVector, ...]:
    values = []
    for node in nodes:
        try:
            values.append(_decode(node))
        except _MalformedError as error:
            error.way.append(len(values) + 1)
            raise
    return tuple(values)


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


def _is_na_complex(values: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray(is_na_double(values.view(np.float64)).reshape(-1, 2).any(axis=1))


def _is_na_integer(values: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray(values == NA_INT)


def _is_na_integer64(values: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray(values == np.iinfo(np.int64).min)


def _read_integers(text: str) -> np.ndarray[Any, Any]:
    words = text.split(" ") if text else []
    return np.array([NA_INT if word == "NA" else _integer(word) for word in words], dtype=np.int32)


def _integer(word: str) -> int:
    if not re.fullmatch("-?[0-9]{1,10}", word) or abs(int(word)) > _INT_MAX:
        raise ValueError(f"no R integer: {word[:40]!r}")
    return int(word)


def _is_na_text(values: tuple[str | None, ...]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.array([value is None for value in values], dtype=np.bool_)


def _read_integer64(text: str) -> np.ndarray[Any, Any]:
    if not re.fullmatch("(?:[0-9a-f]{16}(?: (?=.)|$))*", text):
        raise ValueError(f"no integer64: {text[:40]!r}")
    return np.array([int(word, 16) for word in text.split()], dtype=np.uint64).view(np.int64)


_LOGICAL_WORDS = MappingProxyType({"TRUE": 1, "FALSE": 0, "NA": NA_INT})


def _read_logicals(text: str) -> np.ndarray[Any, Any]:
    words = text.split(" ") if text else []
    for word in words:
        if word not in _LOGICAL_WORDS:
            raise ValueError(f"no R logical: {word[:40]!r}")
    return np.array([_LOGICAL_WORDS[word] for word in words], dtype=np.int32)


def _write_logicals(values: np.ndarray[Any, Any]) -> str:
    return " ".join("NA" if value == NA_INT else "TRUE" if value else "FALSE" for value in values.tolist())


def _write_integers(values: np.ndarray[Any, Any]) -> str:
    return " ".join("NA" if value == NA_INT else str(value) for value in values.tolist())


def _read_texts(items: list[str | None]) -> tuple[str | None, ...]:
    if not isinstance(items, list):
        raise TypeError("an array of strings is needed")
    return _settle_texts(items)


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
    read: Callable[[Any], Any]
    missing: Callable[[Any], np.ndarray[Any, np.dtype[np.bool_]]]
    plain: Callable[[RVector], Any]


_KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "null": _Kind(settle=tuple, write=str, read=lambda v: (), missing=_none_missing, plain=lambda vector: None),
        "dbl": _Kind(
            settle=_settle_array(np.float64),
            write=write_doubles,
            read=read_doubles,
            missing=is_na_double,
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
            write=lambda values: write_doubles(values.view(np.float64)),
            read=lambda v: read_doubles(v).view(np.complex128),
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
            read=bytes.fromhex,
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
            read=_read_list,
            missing=_none_missing,
            plain=lambda vector: vector,
        ),
    }
)
