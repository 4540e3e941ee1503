"""FUNCTIONS, the only list of functions that a formula may call; each does what R's of that name does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.data.formulas import factors
from pymeta.data.formulas.arguments import Arguments, Function
from pymeta.data.formulas.contrasts import Polynomials
from pymeta.data.formulas.values import Factor, Matrix, Numbers, Texts, Truths, Value, as_numbers, as_texts
from pymeta.errors import OptionError

__all__ = ["FUNCTIONS", "Arguments", "Function"]


def _same(given: Arguments) -> Value:
    return given["x"]


def _mathematical(function: Callable[[FloatArray], FloatArray], given: Arguments) -> Value:
    with np.errstate(all="ignore"):
        return Numbers(np.asarray(function(given.numbers("x")), dtype=np.float64))


def _log(given: Arguments) -> Value:
    x = given.numbers("x")
    base = given.number("base", np.e)
    exact: Mapping[float, Callable[[FloatArray], FloatArray]] = {np.e: np.log, 2.0: np.log2, 10.0: np.log10}
    with np.errstate(all="ignore"):
        return Numbers(exact[base](x) if base in exact else np.log(x) / np.log(base))


def _of_all(function: Callable[[FloatArray], float], given: Arguments) -> Value:
    """One number of a whole column: of the first table's, in later rows too."""
    x = given.numbers("x")

    def learn() -> float:
        kept = x[~np.isnan(x)]
        return float(function(kept)) if len(kept) and (given.flag("na.rm", False) or len(kept) == len(x)) else np.nan

    return Numbers(np.array([given.remember(learn)]))


def _sd(x: FloatArray) -> float:
    return float(x.std(ddof=1)) if len(x) > 1 else np.nan


def _parallel(function: Callable[[FloatArray, FloatArray], FloatArray], given: Arguments) -> Value:
    first, *others = [as_numbers(value, given.text) for value in given.rest]
    for other in others:
        first = function(first, other)
    return Numbers(first)


def _combined(given: Arguments) -> Value:
    """c(): values side by side."""
    if any(isinstance(value, Texts | Factor) for value in given.rest):
        return Texts(np.concatenate([as_texts(value, given.text) for value in given.rest]))
    return Numbers(np.concatenate([as_numbers(value, given.text) for value in given.rest]))


def _ifelse(given: Arguments) -> Value:
    test, yes, no = given.numbers("test"), given["yes"], given["no"]
    if isinstance(yes, Factor) or isinstance(no, Factor):
        raise OptionError(f"{given.text}: of a factor R would take the codes; write as.character() around it")
    texts = isinstance(yes, Texts) or isinstance(no, Texts)
    a, b = (as_texts(v, given.text) if texts else as_numbers(v, given.text) for v in (yes, no))
    missing = np.array(None if texts else np.nan)
    found = np.where(np.isnan(test), missing, np.where(test != 0, a, b))
    return Texts(found) if texts else (Truths if isinstance(yes, Truths) and isinstance(no, Truths) else Numbers)(found)


def _is_missing(given: Arguments) -> Value:
    return Truths(np.array([float(x is None) for x in as_texts(given["x"], given.text)]))


def _scale(given: Arguments) -> Value:
    """(x − mean) / sd, by those of the first table; or by numbers that are given."""
    x = given.numbers("x")

    def learn() -> tuple[float, float]:
        kept = x[~np.isnan(x)]
        center = _asked(given, "center", lambda: float(kept.mean()), 0.0)
        moved = kept - center
        return center, _asked(given, "scale", lambda: float(np.sqrt(moved @ moved / max(len(kept) - 1, 1))), 1.0)

    center, width = given.remember(learn)
    with np.errstate(all="ignore"):
        return Matrix(((x - center) / width)[:, None], ("",))


def _asked(given: Arguments, name: str, usual: Callable[[], float], without: float) -> float:
    """True: the usual; False: nothing; a number: that."""
    value = given.get(name)
    if value is not None and not isinstance(value, Truths):
        return given.number(name, 0.0)
    return usual() if given.flag(name, True) else without


def _poly(given: Arguments) -> Value:
    x = given.numbers("x")
    degree = given.number("degree", 1.0)
    different = len(np.unique(x[~np.isnan(x)]))
    if degree < 1 or degree % 1:
        raise OptionError(f"{given.text}: degree is a whole number from 1")
    labels = tuple(str(j) for j in range(1, int(degree) + 1)) if degree > 1 else ("",)
    if given.flag("raw", False):
        return Matrix(x[:, None] ** np.arange(1, int(degree) + 1), labels)
    if given.scope.learning and degree >= different:
        raise OptionError(f"{given.text}: x has {different} different values, and the degree must be below that")
    basis = given.remember(lambda: Polynomials.through(x[~np.isnan(x)], int(degree)))
    return Matrix(basis.at(x), labels)


def _as_numeric(given: Arguments) -> Value:
    value = given["x"]
    if isinstance(value, Factor):
        return Numbers(np.where(value.codes < 0, np.nan, value.codes + 1.0), whole=True)
    if not isinstance(value, Texts):
        return Numbers(as_numbers(value, given.text))
    try:
        return Numbers(np.array([np.nan if x is None else float(x) for x in value.values]))
    except ValueError as refused:
        raise OptionError(f"{given.text}: {refused}") from None


def _as_character(given: Arguments) -> Value:
    return Texts(as_texts(given["x"], given.text))


def _as_logical(given: Arguments) -> Value:
    x = given.numbers("x")
    return Truths(np.where(np.isnan(x), np.nan, (x != 0).astype(np.float64)))


_ELEMENTWISE: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    "sqrt": np.sqrt,
    "exp": np.exp,
    "expm1": np.expm1,
    "log2": np.log2,
    "log10": np.log10,
    "log1p": np.log1p,
    "abs": np.abs,
    "sign": np.sign,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "floor": np.floor,
    "ceiling": np.ceil,
    "trunc": np.trunc,
    "round": np.round,
}
_SUMMARIES: Mapping[str, Callable[[FloatArray], float]] = {
    "mean": np.mean,
    "median": np.median,
    "sd": _sd,
    "min": np.min,
    "max": np.max,
    "sum": np.sum,
}
FUNCTIONS: Mapping[str, Function] = {
    "I": Function(("x",), _same),
    "log": Function(("x", "base"), _log),
    **{name: Function(("x",), partial(_mathematical, function)) for name, function in _ELEMENTWISE.items()},
    **{name: Function(("x", "na.rm"), partial(_of_all, function)) for name, function in _SUMMARIES.items()},
    "pmin": Function((), partial(_parallel, np.minimum), rest=True),
    "pmax": Function((), partial(_parallel, np.maximum), rest=True),
    "c": Function((), _combined, rest=True),
    "ifelse": Function(("test", "yes", "no"), _ifelse),
    "is.na": Function(("x",), _is_missing),
    "scale": Function(("x", "center", "scale"), _scale),
    "poly": Function(("x", "degree", "raw"), _poly),
    "as.numeric": Function(("x",), _as_numeric),
    "as.character": Function(("x",), _as_character),
    "as.logical": Function(("x",), _as_logical),
    "factor": Function(("x", "levels", "labels", "exclude", "ordered"), factors.factor),
    "as.factor": Function(("x",), factors.factor),
    "ordered": Function(("x", "levels", "labels"), partial(factors.factor, ordered=True)),
    "as.ordered": Function(("x",), partial(factors.factor, ordered=True)),
    "relevel": Function(("x", "ref"), factors.relevel),
    "droplevels": Function(("x",), factors.droplevels),
    "cut": Function(("x", "breaks", "labels", "include.lowest", "right", "dig.lab"), factors.cut),
    "interaction": Function(("sep",), factors.interaction, rest=True),
    "C": Function(("object", "contr", "base"), factors.contrasted),
}
