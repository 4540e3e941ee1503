"""Matrices of contrasts: between the groups of a wide table, and between a model's coefficients."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from pymeta.arrays import FloatArray
from pymeta.errors import DataError, OptionError, no_such
from pymeta.shaping.frames import as_pandas, name_of
from pymeta.shaping.levels import label, shortened, text_key, whole

__all__ = ["contrmat", "pairmat"]

_RESERVED = (
    *("if", "else", "repeat", "while", "function", "for", "next", "break", "in", "TRUE", "FALSE", "NULL", "Inf", "NaN"),
    *("NA", "NA_integer_", "NA_real_", "NA_complex_", "NA_character_"),
)


def contrmat(
    data: Any,
    grp1: Any,
    grp2: Any,
    *,
    last: Any = None,
    shorten: bool = False,
    minlen: int = 2,
    check: bool = True,
    append: bool = True,
) -> pd.DataFrame:
    """Which two groups each row compares: 1 for the first, -1 for the second, 0 for the others.

    grp1, grp2 : names or positions (from 0) of the columns of groups
    last : the group that comes last; default: the commonest second one. The others are ordered by name
    shorten : cut the groups' names to the least length, from `minlen`, at which they differ
    check : make the names valid names of R, as formulas need them
    append : behind the columns of `data`, or the contrasts alone

    Raises OptionError for an unknown column or group, DataError for missing groups and for names that `data` has already.
    metafor: ``contrmat(data, grp1, grp2, …)``
    """
    table = as_pandas("data", data)
    first, second = (
        [label(value) for value in whole(name, table[name_of(name, given, table)])]
        for name, given in (("grp1", grp1), ("grp2", grp2))
    )
    groups = sorted({*first, *second}, key=text_key)
    final = label(last) if last is not None else max(sorted(set(second), key=text_key), key=second.count)
    if final not in groups:
        raise no_such("last", last, groups, what="group")
    groups = [group for group in groups if group != final] + [final]
    names = shortened(groups, minlen) if shorten else groups
    names = _valid_names(names) if check else names
    contrasts = pd.DataFrame(_signs(first, second, groups), columns=names, index=table.index)
    if not append:
        return contrasts
    clash = [name for name in names if name in table.columns]
    if clash:
        raise DataError(
            f"has a column {clash[0]!r} already, which is a group; rename it or say append=False", argument="data"
        )
    return pd.concat([table, contrasts], axis=1)


def _signs(first: Sequence[str], second: Sequence[str], groups: Sequence[str]) -> FloatArray:
    ones, others = np.array(first, dtype=object)[:, None], np.array(second, dtype=object)[:, None]
    known = np.array(groups, dtype=object)
    return np.asarray((ones == known).astype(np.float64) - (others == known).astype(np.float64))


def _valid_names(names: Sequence[str]) -> list[str]:
    """Names as R's ``make.names(unique=TRUE)`` makes them: those that were valid keep theirs."""
    valid = [_valid_name(name) for name in names]
    taken = {new for old, new in zip(names, valid, strict=True) if new == old}
    used: set[str] = set()
    out = []
    for old, new in zip(names, valid, strict=True):
        name, i = new, 0
        while name in used or (name != old and name in taken):
            i += 1
            name = f"{new}.{i}"
        used.add(name)
        out.append(name)
    return out


def _valid_name(name: str) -> str:
    new = re.sub(r"[^\w.]", ".", name)
    if not re.match(r"(?:[^\W\d_]|\.(?!\d))", new):
        new = re.sub(r"[^\w.]", ".", f"X{name}")
    return f"{new}." if new in _RESERVED else new


def pairmat(x: Any, btt: Any, btt2: Any = None) -> pd.DataFrame:
    """The contrasts between each two of a model's coefficients.

    x : a fitted model, or the names of its coefficients
    btt : which coefficients are compared: positions from 0, or a regular expression that their names match
    btt2 : coefficients that come before the contrasts as they are

    Returns a row a contrast, a column a coefficient, to test or predict with. Raises OptionError where fewer than two are
    found. metafor: ``pairmat(x, btt, btt2)``, which counts from 1
    """
    names = [str(name) for name in getattr(x, "names", x)]
    if len(names) < 2:
        raise OptionError(f"x has one coefficient, {names!r}: there is nothing to compare it with")
    pairs = list(combinations(_positions("btt", btt, names), 2))
    if not pairs:
        raise OptionError(f"btt={btt!r} finds one coefficient; pairs need two")
    alone = [] if btt2 is None else _positions("btt2", btt2, names)
    rows = {names[i]: {i: 1.0} for i in alone} | {f"{names[i]}-{names[j]}": {i: -1.0, j: 1.0} for i, j in pairs}
    matrix = [[row.get(i, 0.0) for i in range(len(names))] for row in rows.values()]
    return pd.DataFrame(matrix, index=list(rows), columns=names)


def _positions(argument: str, wanted: Any, names: Sequence[str]) -> list[int]:
    if isinstance(wanted, str):
        found = [i for i, name in enumerate(names) if re.search(wanted, name)]
        if not found:
            raise no_such(argument, wanted, names, what="coefficient")
        return found
    several = [wanted] if np.ndim(wanted) == 0 else list(wanted)
    for i in several:
        if isinstance(i, bool) or not isinstance(i, int | np.integer) or not 0 <= i < len(names):
            raise OptionError(f"{argument}={wanted!r}: the positions of {len(names)} coefficients are 0 to {len(names) - 1}")
    return sorted({int(i) for i in several})
