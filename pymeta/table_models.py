"""The functions people call to pool tables themselves: `rma_mh` and `rma_peto`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from pymeta.arrays import BoolArray
from pymeta.data.columns import rows_chosen
from pymeta.data.specs import DataSpec
from pymeta.effects.asked import asked
from pymeta.effects.measures import MEASURES, Measure, measure_named
from pymeta.errors import OptionError, no_such
from pymeta.models import mh, peto
from pymeta.results.mh import MHResult
from pymeta.results.peto import PetoResult

__all__ = ["rma_mh", "rma_peto"]

_NOTHING = {"add": 0.0, "to": "none", "drop00": False}
"""What is done about zeros in the tables that are pooled, unless asked otherwise."""


def rma_mh(
    *,
    measure: str = "OR",
    data: Any = None,
    slab: Any = None,
    subset: Any = None,
    add: float | Sequence[float] | None = 0.5,
    to: str | Sequence[str] = "only0",
    drop00: bool | Sequence[bool] = True,
    correct: bool = True,
    level: float = 95.0,
    **columns: Any,
) -> MHResult:
    """Pool 2x2 tables, or events in person-times, by the Mantel-Haenszel method, under the equal-effects model.

    measure : "OR", "RR" or "RD"; the data are ai, bi, ci, di or ai, n1i, ci, n2i; or "IRR" or "IRD": x1i, t1i, x2i, t2i
    add, to, drop00 : what to do about zeros, as in `escalc`. One value is for the study effects in the heterogeneity test,
        and the estimate uses the tables as they are; of two, the second is for the estimate
    correct : whether the tests of association have the continuity correction
    data, slab, subset, level : see `rma`

    Raises as `rma` does, and DataError when the estimate is not defined for the tables.
    Source: Mantel & Haenszel (1959); see ``pymeta.models.mh`` for the variances and ``pymeta.inference.stratified`` for the
    tests.
    metafor: ``rma.mh(ai, bi, ci, di, measure=…)``, which counts `subset` from 1. Differs from metafor: that gives NA or a
    standard error of 0 where the estimate is not defined, and an infinite Q where a study effect's variance is 0.
    """
    call = {name: value for name, value in locals().items() if name != "columns"} | columns
    chosen = measure_named(measure, (*mh.MH_MEASURES, *mh.RATE_MEASURES))
    zeros = _zeros(add, to, drop00)
    specs, rows = _specs(chosen, columns, data, slab, subset, zeros, method="MH", level=level, correct=correct)
    return replace(mh.fit(*specs, rows), call=call)


def rma_peto(
    *,
    data: Any = None,
    slab: Any = None,
    subset: Any = None,
    add: float | Sequence[float] | None = 0.5,
    to: str | Sequence[str] = "only0",
    drop00: bool | Sequence[bool] = True,
    level: float = 95.0,
    **columns: Any,
) -> PetoResult:
    """Pool the odds ratios of 2x2 tables by Peto's method, under the equal-effects model.

    The data are ai, bi, ci, di or ai, n1i, ci, n2i; the other arguments are those of `rma_mh`. For rare events and effects
    that are not large; groups of very different sizes bias it.

    Raises as `rma` does, and DataError when one of the outcomes is in no table.
    Source: Yusuf, Peto, Lewis, Collins & Sleight (1985). metafor: ``rma.peto(ai, bi, ci, di)``
    """
    call = {name: value for name, value in locals().items() if name != "columns"} | columns
    zeros = _zeros(add, to, drop00)
    specs, rows = _specs(MEASURES["PETO"], columns, data, slab, subset, zeros, method="PETO", level=level)
    return replace(peto.fit(*specs, rows), call=call)


def _zeros(add: Any, to: Any, drop00: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The options for the study effects and for the tables that are pooled."""
    pairs = {name: _pair(name, value) for name, value in (("add", add), ("to", to), ("drop00", drop00))}
    return {name: pair[0] for name, pair in pairs.items()}, {name: pair[1] for name, pair in pairs.items()}


def _pair(name: str, value: Any) -> tuple[Any, Any]:
    if not isinstance(value, list | tuple | np.ndarray):
        return value, _NOTHING[name]
    if len(value) not in (1, 2):
        raise OptionError(f"{name}={value!r}: needs one value, or two: for the study effects and for the pooled tables")
    return value[0], value[1] if len(value) == 2 else _NOTHING[name]


def _specs(
    measure: Measure,
    columns: Mapping[str, Any],
    data: Any,
    slab: Any,
    subset: Any,
    zeros: tuple[dict[str, Any], dict[str, Any]],
    **options: Any,
) -> tuple[tuple[DataSpec, DataSpec], BoolArray | None]:
    """What is asked of the study effects and of the tables, and the rows of the subset."""
    for name in columns:
        if name not in measure.family.accepts:
            raise no_such("argument", name, measure.family.accepts, what=f"column argument of {measure.name}")
    effects, tables = (asked(measure, columns, data, slab, **one, **options) for one in zeros)
    if subset is None:
        return (effects, tables), None
    chosen = rows_chosen("subset", subset, len(effects.slab), data)
    # a row outside of the subset counts for nothing, nor does a zero in it
    inputs = {name: np.where(chosen, values, np.nan) for name, values in effects.inputs.items()}
    return (replace(effects, inputs=inputs), replace(tables, inputs=inputs)), chosen
