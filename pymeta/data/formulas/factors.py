"""The functions of a formula that make factors."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product

import numpy as np

from pymeta.arrays import FloatArray, IntArray
from pymeta.data.formulas.arguments import Arguments
from pymeta.data.formulas.contrasts import CONTRASTS
from pymeta.data.formulas.values import Factor, Texts, Truths, Value, as_factor, as_texts, recode
from pymeta.errors import OptionError, no_such

__all__ = ["contrasted", "cut", "droplevels", "factor", "interaction", "relevel"]


def factor(given: Arguments, ordered: bool = False) -> Value:
    """factor(x, levels, labels, exclude, ordered): of a factor, only the levels that have rows."""
    value = given["x"]
    is_ordered = given.flag("ordered", ordered or (isinstance(value, Factor) and value.ordered))
    if given.get("levels") is not None:
        made = recode(Texts(as_texts(value, given.text)), given.texts("levels"), is_ordered)
        return _labelled(made, given)
    learnt = given.remember(lambda: _levels(value, given))
    return _labelled(given.scope.within(value, learnt, is_ordered, given.text), given)


def _levels(value: Value, given: Arguments) -> tuple[str, ...]:
    made = as_factor(value, given.text)
    excluded = given.texts("exclude") if given.get("exclude") is not None else ()
    return tuple(level for i, level in enumerate(made.levels) if i in made.codes and level not in excluded)


def _labelled(made: Factor, given: Arguments) -> Factor:
    if given.get("labels") is None:
        return made
    labels = given.texts("labels")
    if len(labels) == 1 < len(made.levels):
        labels = tuple(f"{labels[0]}{i}" for i in range(1, len(made.levels) + 1))
    if len(labels) != len(made.levels):
        raise OptionError(f"{given.text}: {len(labels)} labels for the levels {', '.join(made.levels)}")
    renamed = tuple(dict.fromkeys(labels))  # labels that repeat join their levels
    place = np.array([renamed.index(label) for label in labels] + [-1])
    return replace(made, codes=place[made.codes], levels=renamed)


def _known(value: Value, given: Arguments) -> Factor:
    """A factor with the levels that it had first."""
    levels, ordered = given.remember(lambda: (as_factor(value, given.text).levels, as_factor(value, given.text).ordered))
    return given.scope.within(value, levels, ordered, given.text)


def relevel(given: Arguments) -> Value:
    """relevel(x, ref): ref, a level or its place from 1, becomes the first."""
    made = _known(given["x"], given)
    if made.ordered:
        raise OptionError(f"{given.text}: the levels of an ordered factor stay where they are")
    ref = given["ref"]
    names = given.texts("ref")
    if not isinstance(ref, Texts | Factor | Truths):
        place = int(given.number("ref", 1.0))
        names = (made.levels[place - 1],) if 1 <= place <= len(made.levels) else names
    if len(names) != 1 or names[0] not in made.levels:
        raise no_such("ref", names[0], made.levels, what="level")
    levels = (names[0], *(level for level in made.levels if level != names[0]))
    return recode(Texts(as_texts(made)), levels)


def droplevels(given: Arguments) -> Value:
    """droplevels(x): only the levels that have rows."""
    return factor(given)


def contrasted(given: Arguments) -> Value:
    """C(object, contr, base): a factor that is coded by other contrasts."""
    made = _known(given["object"], given)
    usual = "contr.poly" if made.ordered else "contr.treatment"
    asked = given.texts("contr")[0] if given.get("contr") is not None else usual
    kind = asked.removeprefix("contr.").removesuffix("()")
    if kind not in CONTRASTS:
        raise no_such("contr", kind, CONTRASTS, what="coding of a factor")
    base = given.number("base", 1.0)
    if base not in range(1, len(made.levels) + 1):
        raise OptionError(f"{given.text}: base is the place of a level, from 1 to {len(made.levels)}")
    numbered = asked.endswith("()") or given.get("base") is not None
    return replace(made, contrast=(kind, int(base) if numbered else None))


def interaction(given: Arguments) -> Value:
    """interaction(a, b, sep): every combination of levels, the first factor's vary fastest."""
    sep = given.texts("sep")[0] if given.get("sep") is not None else "."
    parts = given.remember(lambda: [as_factor(value, given.text).levels for value in given.rest])
    made = [given.scope.within(value, levels, False, given.text) for value, levels in zip(given.rest, parts, strict=True)]
    levels = tuple(sep.join(reversed(combination)) for combination in product(*reversed(parts)))
    codes, size = np.zeros_like(made[0].codes), 1
    for one in made:
        codes = np.where((codes < 0) | (one.codes < 0), -1, codes + size * one.codes)
        size *= len(one.levels)
    return Factor(codes, levels)


def cut(given: Arguments) -> Value:
    """cut(x, breaks, labels, include.lowest, right, dig.lab): intervals between breaks, or so many of equal width."""
    x, right, lowest = given.numbers("x"), given.flag("right", True), given.flag("include.lowest", False)
    breaks = given.remember(lambda: _breaks(x, given))
    codes = np.searchsorted(breaks, x, side="left" if right else "right") - 1
    edge = (x == breaks[0]) if right else (x == breaks[-1])
    codes = np.where(edge & lowest, 0 if right else len(breaks) - 2, codes)
    outside = np.isnan(x) | (codes < 0) | (codes > len(breaks) - 2)
    codes = np.where(outside, -1, codes).astype(np.int_)
    return _labelled_cut(codes, breaks, right, lowest, given)


def _breaks(x: FloatArray, given: Arguments) -> FloatArray:
    breaks = np.sort(given.numbers("breaks"))
    if len(breaks) > 1:
        if len(np.unique(breaks)) < len(breaks) or np.isnan(breaks).any():
            raise OptionError(f"{given.text}: breaks must be different numbers")
        return breaks
    low, high = float(np.nanmin(x)), float(np.nanmax(x))
    if not (breaks[0] >= 2 and low < high):
        raise OptionError(f"{given.text}: breaks are the limits of the intervals, or their number from 2")
    made = np.linspace(low, high, int(breaks[0]) + 1)
    made[[0, -1]] = low - (high - low) / 1000.0, high + (high - low) / 1000.0
    return made


def _labelled_cut(codes: IntArray, breaks: FloatArray, right: bool, lowest: bool, given: Arguments) -> Factor:
    labels = given.get("labels")
    if labels is not None and not isinstance(labels, Truths):
        names = given.texts("labels")
        if len(names) != len(breaks) - 1:
            raise OptionError(f"{given.text}: {len(names)} labels for {len(breaks) - 1} intervals")
        return Factor(codes, names)
    if labels is not None and not given.flag("labels", True):
        raise OptionError(f"{given.text}: labels=FALSE makes numbers; write as.numeric(cut(...))")
    return Factor(codes, _intervals(breaks, right, lowest, int(given.number("dig.lab", 3.0))))


def _intervals(breaks: FloatArray, right: bool, lowest: bool, digits: int) -> tuple[str, ...]:
    """ "(30,40]", with as many digits as tell the breaks apart, at most 12."""
    limits = next(
        limits
        for d in range(digits, max(12, digits) + 1)
        if len(set(limits := [_short(x, d) for x in breaks])) == len(breaks) or d == max(12, digits)
    )
    opening, closing = ("(", "]") if right else ("[", ")")
    names = [f"{opening}{a},{b}{closing}" for a, b in pairwise(limits)]
    if lowest and right:
        names[0] = "[" + names[0][1:]
    elif lowest:
        names[-1] = names[-1][:-1] + "]"
    return tuple(names)


def _short(x: float, digits: int) -> str:
    return {"inf": "Inf", "-inf": "-Inf"}.get(text := f"{x:.{digits}g}", text)
