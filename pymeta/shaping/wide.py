"""A table of groups as a table of comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from pymeta.errors import DataError, OptionError, no_such
from pymeta.shaping.frames import as_pandas, name_of, names_of
from pymeta.shaping.levels import codes, label, levels, shortened, whole

__all__ = ["to_wide"]


def to_wide(
    data: Any,
    study: Any,
    grp: Any,
    *,
    grpvars: Any,
    ref: Any = None,
    postfix: Sequence[str] = (".1", ".2"),
    addid: bool = True,
    addcomp: bool = True,
    adddesign: bool = True,
    minlen: int = 2,
    var_names: Sequence[str] = ("id", "comp", "design"),
) -> pd.DataFrame:
    """Each study's groups compared with one of them, a row a comparison.

    data : one row a study and group; study, grp, grpvars : names or positions (from 0) of the columns of studies, groups and
        what differs by group
    ref : the group that is compared with; default: the commonest. Where a study lacks it, its last group by name
    postfix : behind the names of the first and second group's columns
    addid, addcomp, adddesign : add the row's number, the two groups, all groups of the study; their names are `var_names`
    minlen : groups' names are cut there to the least length, from `minlen`, at which they differ

    A study of one group has a row with nothing to compare. Studies are ordered by name, and so are the groups in them.
    Raises OptionError for unknown columns and groups, DataError for missing studies or groups and names that clash.
    metafor: ``to.wide(data, study, grp, ref, grpvars, …)``
    """
    table = as_pandas("data", data).reset_index(drop=True)
    study_name, grp_name = name_of("study", study, table), name_of("grp", grp, table)
    for name, given, n in (("postfix", postfix, 2), ("var_names", var_names, 3)):
        if isinstance(given, str) or len(given) != n or len(set(given)) < n:
            raise OptionError(f"{name}={given!r}: needs {n} different texts")
    studies, groups = whole("study", table[study_name]), whole("grp", table[grp_name])
    order = _groups_in_order(groups, ref)
    place, short = codes(groups, order), _short_names(groups, minlen)
    rows = np.lexsort((place, codes(studies)))
    pairs, designs = _pairs(rows, codes(studies), groups, short)
    by_group = [grp_name, *(name for name in names_of("grpvars", grpvars, table) if name != grp_name)]
    out = _side_by_side(table, pairs, by_group, postfix)
    comparisons = [None if b < 0 else f"{short[groups[a]]}-{short[groups[b]]}" for a, b in pairs]
    added = (np.arange(1, len(out) + 1), comparisons, designs)
    for name, values, wanted in zip(var_names, added, (addid, addcomp, adddesign), strict=True):
        if wanted:
            out[name] = values
    return out


def _groups_in_order(groups: pd.Series, ref: Any) -> list[Any]:
    """The groups in order of their names, the one compared with last."""
    known = [group for group in levels(groups) if (groups == group).any()]
    if ref is not None and ref not in known:
        raise no_such("ref", ref, map(str, known), what="group")
    last = ref if ref is not None else max(known, key=lambda group: int((groups == group).sum()))
    return [group for group in known if group != last] + [last]


def _short_names(groups: pd.Series, minlen: int) -> dict[Any, str]:
    known = list(groups.unique())
    return dict(zip(known, shortened([label(group) for group in known], minlen), strict=True))


def _pairs(
    rows: np.ndarray[Any, Any], study: np.ndarray[Any, Any], groups: pd.Series, short: dict[Any, str]
) -> tuple[list[tuple[int, int]], list[str | None]]:
    """The rows compared, (first, second) from 0, second -1 where there is none; and each one's design."""
    pairs: list[tuple[int, int]] = []
    designs: list[str | None] = []
    for one in np.split(rows, np.flatnonzero(np.diff(study[rows])) + 1):
        *others, last = (int(row) for row in one)
        found = [(row, last) for row in others] or [(last, -1)]
        pairs += found
        designs += ["-".join(short[groups[row]] for row in one) if others else None] * len(found)
    return pairs, designs


def _side_by_side(
    table: pd.DataFrame, pairs: list[tuple[int, int]], by_group: list[Any], postfix: Sequence[str]
) -> pd.DataFrame:
    first = table.iloc[[a for a, _ in pairs]].reset_index(drop=True)
    second = table[by_group].reindex([b for _, b in pairs]).reset_index(drop=True)
    first = first.rename(columns={name: f"{name}{postfix[0]}" for name in by_group})
    second = second.rename(columns={name: f"{name}{postfix[1]}" for name in by_group})
    out = pd.concat([first, second], axis=1)
    if not out.columns.is_unique:
        raise DataError(f"would have two columns {out.columns[out.columns.duplicated()][0]!r}", argument="data")
    return out
