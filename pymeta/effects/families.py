"""FAMILIES, the only list of the kinds of data that measures take; the checks stand beside each kind's measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pymeta.arrays import FloatArray
from pymeta.effects import (
    alpha,
    correlations,
    determination,
    generic,
    genotypes,
    matched_pairs,
    means,
    one_group,
    paired,
    partial_correlations,
    proportions,
    rates,
    superiority,
    two_by_two,
)
from pymeta.errors import DataError

__all__ = ["FAMILIES", "Family", "prepared"]

Columns = Mapping[str, FloatArray]


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of data.

    layouts : the sets of columns that will do for most of its measures, the preferred one first
    counts : the columns that count people, and are whole numbers in a published table
    prepare : a person's columns -> the measures' inputs, or DataError for the row that cannot be: the same sentence
        whether the rows came from an array, a DataFrame or a file
    adjusted : what `add`, `to` and `drop00` do to the inputs; None where no measure of the family knows them
    refuse_empty : raises DataError for the row whose group these leave empty; None where `prepare` has refused it
    extra : columns that some of its measures can use besides
    """

    name: str
    label: str
    layouts: tuple[tuple[str, ...], ...]
    counts: tuple[str, ...]
    prepare: Callable[[Columns], dict[str, FloatArray]]
    adjusted: Callable[..., dict[str, FloatArray]] | None = None
    refuse_empty: Callable[..., None] | None = None
    extra: tuple[str, ...] = ()

    accepts: tuple[str, ...] = field(init=False)
    """Every column that the family knows."""

    def __post_init__(self) -> None:
        known = dict.fromkeys((*(name for layout in self.layouts for name in layout), *self.extra))
        object.__setattr__(self, "accepts", tuple(known))


_FAMILIES = (
    Family("generic", "effects and variances", (("yi", "vi"), ("yi", "sei")), (), generic.prepare),
    Family(
        "matched_pairs",
        "pairs' 2x2 tables",
        (("ai", "bi", "ci", "di"), ("ai", "n1i", "ci", "n2i")),
        ("ai", "bi", "ci", "di", "n1i", "n2i"),
        matched_pairs.prepare,
        matched_pairs.adjusted,
        extra=("ri", "pi"),
    ),
    Family(
        "two_by_two",
        "2x2 tables",
        (("ai", "bi", "ci", "di"), ("ai", "n1i", "ci", "n2i")),
        ("ai", "bi", "ci", "di", "n1i", "n2i"),
        two_by_two.prepare,
        two_by_two.adjusted,
        two_by_two.refuse_empty,
    ),
    # -- matched pairs
    Family("genotypes", "genotypes", (("ai", "bi", "ci"),), ("ai", "bi", "ci"), genotypes.prepare),
    Family(
        "two_means",
        "two groups' means",
        (("n1i", "m1i", "sd1i", "n2i", "m2i", "sd2i"),),
        ("n1i", "n2i"),
        means.prepare,
        extra=("di", "ri", "ti", "pi", "ai", "mini", "maxi"),
    ),
    Family(
        "two_groups_auc",
        "areas under the curve of two groups",
        (("ai", "n1i", "n2i"),),
        ("n1i", "n2i"),
        superiority.prepare,
        extra=("mi",),
    ),
    # -- paired means, single means
    Family(
        "paired_means",
        "two means of the same people",
        (("m1i", "m2i", "sd1i", "sd2i", "ri", "ni"),),
        ("ni",),
        paired.prepare,
        extra=("di", "ti", "pi", "mini", "maxi"),
    ),
    Family("one_mean", "one group's mean", (("mi", "sdi", "ni"),), ("ni",), one_group.prepare, extra=("mini", "maxi")),
    # -- correlations, partial correlations, R2, alpha
    Family(
        "correlation",
        "correlations",
        (("ri", "ni"), ("ti", "ni"), ("pi", "ni")),
        ("ni",),
        correlations.prepare,
    ),
    Family(
        "partial_correlation",
        "partial correlations",
        (("ti", "ni", "mi"), ("pi", "ni", "mi"), ("ri", "ni", "mi")),
        ("ni", "mi"),
        partial_correlations.prepare,
        extra=("r2i",),
    ),
    Family(
        "r2",
        "coefficients of determination",
        (("r2i", "ni", "mi"), ("fi", "ni", "mi"), ("pi", "ni", "mi")),
        ("ni", "mi"),
        determination.prepare,
    ),
    Family("alpha", "Cronbach's alphas", (("ai", "mi", "ni"),), ("mi", "ni"), alpha.prepare),
    Family(
        "proportions",
        "proportions",
        (("xi", "ni"), ("xi", "mi")),
        ("xi", "mi", "ni"),
        proportions.prepare,
        proportions.adjusted,
    ),
    Family(
        "rates_two",
        "event rates of two groups",
        (("x1i", "x2i", "t1i", "t2i"),),
        ("x1i", "x2i"),
        rates.prepare_two,
        rates.adjusted_two,
    ),
    Family(
        "rates_one",
        "event rates",
        (("xi", "ti"),),
        ("xi",),
        rates.prepare_one,
        rates.adjusted_one,
    ),
)

FAMILIES: Mapping[str, Family] = MappingProxyType({family.name: family for family in _FAMILIES})


def prepared(family: Family, columns: Columns, layouts: tuple[tuple[str, ...], ...] = ()) -> dict[str, FloatArray]:
    """The inputs of the family's measures from a person's columns, one of whose `layouts` must be there.

    layouts : of one measure; default: the family's
    Raises DataError when a column is missing or unknown, when lengths differ, or for a value that cannot be.
    """
    layouts = layouts or family.layouts
    whole = any(set(layout) <= set(columns) for layout in layouts)
    if not whole or not set(columns) <= set(family.accepts):
        raise DataError(_no_layout(family, layouts, columns))
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise DataError("columns of different lengths: " + ", ".join(f"{name} has {n}" for name, n in lengths.items()))
    return family.prepare(columns)


def _no_layout(family: Family, layouts: tuple[tuple[str, ...], ...], columns: Columns) -> str:
    nearest = max(layouts, key=lambda layout: len(set(layout) & set(columns)))
    missing = [name for name in nearest if name not in columns]
    given = ", ".join(columns) or "nothing"
    ways = " or ".join(", ".join(layout) for layout in layouts)
    spare = [name for name in columns if name not in family.accepts]
    lack = f"; missing: {', '.join(missing)}" if missing else f"; leave out {', '.join(spare)}"
    return f"{family.label} are given by {ways}; got {given}{lack}"
