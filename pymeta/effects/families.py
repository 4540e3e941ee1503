"""What kinds of data the measures take: the arguments of each kind and the checks on them.

A family's `prepare` turns a person's columns into its measures' inputs, or raises DataError for the row that
cannot be: the same sentence whether the rows came from an array, a DataFrame or a file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pymeta.arrays import FloatArray, refuse
from pymeta.data.studies import NO_VARIANCE
from pymeta.errors import DataError

__all__ = ["FAMILIES", "Family", "prepared"]

Columns = Mapping[str, FloatArray]


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of data.

    layouts : the sets of columns that will do, the preferred one first
    counts : the columns that count people, and are whole numbers in a published table
    """

    name: str
    label: str
    layouts: tuple[tuple[str, ...], ...]
    counts: tuple[str, ...]
    prepare: Callable[[Columns], dict[str, FloatArray]]

    @property
    def accepts(self) -> tuple[str, ...]:
        """Every column that one of the layouts knows."""
        return tuple(dict.fromkeys(name for layout in self.layouts for name in layout))


def _tables(columns: Columns) -> dict[str, FloatArray]:
    """The four cells; the others of a group are its size less its events where only the size is given."""
    cells = dict(columns)
    for events, others, size in (("ai", "bi", "n1i"), ("ci", "di", "n2i")):
        refuse(events, cells[events], cells[events] < 0, "is negative; a number of events is 0 or more")
        if size in cells:
            refuse(size, cells[size], cells[size] <= 0, "patients; a group needs at least one")
            over = cells[events] > cells[size]
            refuse(
                events,
                cells[events],
                over,
                f"events are more than the group has patients (column {size}); correct one of them",
            )
            cells[others] = cells.pop(size) - cells[events]
        refuse(others, cells[others], cells[others] < 0, "is negative; a number of patients is 0 or more")
        refuse(
            others,
            cells[others],
            cells[events] + cells[others] == 0,
            f"and no {events} either: the group is empty; leave the row out",
        )
    return {name: cells[name] for name in ("ai", "bi", "ci", "di")}


def _two_groups(columns: Columns) -> dict[str, FloatArray]:
    for size in ("n1i", "n2i"):
        refuse(size, columns[size], columns[size] < 1, "patients; a group needs at least one")
    for sd in ("sd1i", "sd2i"):
        refuse(sd, columns[sd], columns[sd] < 0, "is negative; a standard deviation is 0 or more")
    return dict(columns)


def _generic(columns: Columns) -> dict[str, FloatArray]:
    values = dict(columns)
    if "sei" in values:
        refuse("sei", values["sei"], values["sei"] < 0, "is negative; a standard error is above 0")
        refuse("sei", values["sei"], values["sei"] == 0, NO_VARIANCE.replace("sampling variance", "standard error"))
        values["vi"] = values.pop("sei") ** 2
    _check_variances(values["vi"])
    return values


def _check_variances(vi: FloatArray) -> None:
    """Raise DataError for a sampling variance that is negative or zero."""
    refuse("vi", vi, vi < 0, "is negative; a sampling variance is above 0")
    refuse("vi", vi, vi == 0, NO_VARIANCE)


_FAMILIES = (
    Family("generic", "effects and variances", (("yi", "vi"), ("yi", "sei")), (), _generic),
    Family(
        "two_by_two",
        "2x2 tables",
        (("ai", "bi", "ci", "di"), ("ai", "n1i", "ci", "n2i")),
        ("ai", "bi", "ci", "di", "n1i", "n2i"),
        _tables,
    ),
    Family("two_means", "two groups' means", (("n1i", "m1i", "sd1i", "n2i", "m2i", "sd2i"),), ("n1i", "n2i"), _two_groups),
)

FAMILIES: Mapping[str, Family] = MappingProxyType({family.name: family for family in _FAMILIES})


def prepared(family: Family, columns: Columns) -> dict[str, FloatArray]:
    """The inputs of the family's measures from a person's columns.

    Raises DataError when the columns fit no layout, have different lengths, or hold a value that cannot be.
    """
    if not any(set(layout) == set(columns) for layout in family.layouts):
        raise DataError(_no_layout(family, columns))
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise DataError("columns of different lengths: " + ", ".join(f"{name} has {n}" for name, n in lengths.items()))
    return family.prepare(columns)


def _no_layout(family: Family, columns: Columns) -> str:
    nearest = max(family.layouts, key=lambda layout: len(set(layout) & set(columns)))
    missing = [name for name in nearest if name not in columns]
    given = ", ".join(columns) or "nothing"
    ways = " or ".join(", ".join(layout) for layout in family.layouts)
    spare = [name for name in columns if name not in nearest]
    lack = f"; missing: {', '.join(missing)}" if missing else f"; leave out {', '.join(spare)}"
    return f"{family.label} are given by {ways}; got {given}{lack}"
