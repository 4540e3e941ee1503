"""The numbers of a L'Abbé plot: the outcome of one group against that of the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from pymeta.arrays import read_only
from pymeta.data.specs import DataSpec
from pymeta.effects.asked import asked
from pymeta.effects.measures import MEASURES
from pymeta.effects.scales import scale_of
from pymeta.effects.studies import effects_of
from pymeta.errors import DataError, OptionError
from pymeta.results.labbe import Labbe
from pymeta.results.tables import PooledTables
from pymeta.results.uni import UniResult

__all__ = ["OUTCOMES", "labbe"]


OUTCOMES: Mapping[str, str] = MappingProxyType(
    {"RD": "PR", "RR": "PLN", "OR": "PLO", "AS": "PAS", "IRD": "IR", "IRR": "IRLN", "IRSD": "IRS"}
)
"""Measure of two groups -> that of one of them."""


def labbe(
    object: UniResult | PooledTables,
    *,
    flip: bool = False,
    add: float | None = None,
    to: str | None = None,
    transf: Any = None,
    targs: Any = None,
) -> Labbe:
    """The numbers of a L'Abbé plot.

    object : a fitted model without moderators, of one of the measures in `OUTCOMES`, that was given the tables or rates
    flip : False has the second group (ci, di) on the x-axis and the first on the y-axis
    add, to : what is done about zeros, in each group by itself; default: what the model did in its tables
    transf : a function of arrays for x and y, or the name of one; targs : its further argument

    Both are on the measure's scale: proportions (RD), their logarithms (RR), log odds (OR), arcsine roots (AS), rates (IRD),
    their logarithms (IRR) and roots (IRSD).
    Raises OptionError for other measures and models with moderators, DataError where the model was given effects alone.
    Source: L'Abbé, Detsky & O'Rourke (1987), Annals of Internal Medicine 107, 224.
    metafor: ``labbe(x, flip=, add=, to=, transf=, targs=)``, whose `ids` count from 1
    """
    if not isinstance(object, UniResult | PooledTables):
        raise OptionError(f"labbe: not for a {object.__class__.__name__}; it takes what rma() and rma_mh() return")
    if isinstance(object, UniResult) and object.moderated:
        raise OptionError("labbe: the model has moderators; the plot is about a single average, rma() without mods")
    spec = object.spec if isinstance(object, PooledTables) else _data_of(object)
    if spec.measure not in OUTCOMES:
        raise OptionError(f"labbe: measure {spec.measure!r} has no outcomes of groups; it is for {', '.join(OUTCOMES)}")
    rows = np.asarray(object.studies.rows)
    groups = [effects_of(one) for one in _groups(spec, add, to)]
    first, second = (one.yi[rows] for one in groups)
    vi = sum(one.vi[rows] for one in groups)
    if transf is not None:
        scale, _ = scale_of(transf, targs)
        first, second = scale(first), scale(second)
    x, y = (first, second) if flip else (second, first)
    return Labbe(
        x=read_only(x),
        y=read_only(y),
        precision=read_only(np.asarray(1.0 / np.sqrt(vi))),
        ids=read_only(rows),
        slab=tuple(object.studies.slab),
        measure=spec.measure,
    )


def _data_of(model: UniResult) -> DataSpec:
    """The tables that the model was given."""
    call = model.call
    measure = MEASURES[model.spec.measure]
    columns = {name: call[name] for name in measure.family.accepts if call.get(name) is not None}
    if call.get("yi") is not None or call.get("vi") is not None or not columns:
        raise DataError(
            "labbe: the model was given effects, not what they were made of; give rma() measure= and its columns"
        )
    options = {name: call[name] for name in ("add", "to", "drop00", "vtype", "correct")}
    return asked(measure, columns, call["data"], call["slab"], **options)


def _groups(spec: DataSpec, add: float | None, to: str | None) -> Iterator[DataSpec]:
    """The first and the second group, each with a treatment of zeros of its own."""
    rates = "x1i" in spec.inputs
    for events, others in (("x1i", "t1i"), ("x2i", "t2i")) if rates else (("ai", "bi"), ("ci", "di")):
        yield asked(
            MEASURES[OUTCOMES[spec.measure]],
            {"xi": spec.inputs[events], "ti" if rates else "mi": spec.inputs[others]},
            add=spec.add if add is None else add,
            to=spec.to if to is None else to,
        )
