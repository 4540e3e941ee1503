"""The functions people call: columns, names and options are turned into a spec here, once."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from pymeta.arrays import FloatArray, as_vector
from pymeta.data.specs import INTERCEPT, DataSpec, UniSpec
from pymeta.data.studies import labels
from pymeta.effects.families import FAMILIES, prepared
from pymeta.effects.measures import Measure, measure_named
from pymeta.effects.studies import effects_of, studies_of
from pymeta.effects.zero_cells import ADD_TO
from pymeta.errors import DataError, OptionError, no_such
from pymeta.models import mh, revman, uni
from pymeta.results.mh import MHResult
from pymeta.results.uni import UniResult
from pymeta.tau2.methods import TAU2

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RMA_METHODS", "escalc", "rma", "rma_mh"]

RMA_METHODS = (*TAU2, "revman5")


def escalc(
    measure: str,
    *,
    data: Any = None,
    slab: Any = None,
    add: float = 0.5,
    to: str = "only0",
    drop00: bool = False,
    append: bool = True,
    **columns: Any,
) -> pd.DataFrame:
    """Effects and their sampling variances, one row a study.

    measure : "RR", "OR", "RD" (ai, bi, ci, di or ai, n1i, ci, n2i) or "MD", "SMD" (n1i, m1i, sd1i, n2i, m2i, sd2i)
    data : a DataFrame or another mapping of columns; the other arguments may then be names of its columns
    slab : study labels, which become the index
    add, to, drop00 : what to add to the cells of which 2x2 tables ("only0", "all", "if0all", "none"); `drop00` leaves
        tables without any event, or with nothing but events, without an effect
    append : put yi and vi behind the columns of `data`

    Returns a DataFrame with the columns yi and vi, NaN where a study has no effect.
    Raises OptionError for an unknown measure or `to`, DataError for a value that cannot be.
    Source: each measure's own, in ``pymeta.MEASURES``. metafor: ``escalc(measure, …, data=)``
    """
    import pandas as pd

    spec = _spec(measure_named(measure), columns, data, slab, add=add, to=to, drop00=drop00)
    yi, vi = effects_of(spec)
    kept = pd.DataFrame(data).drop(columns=["yi", "vi"], errors="ignore") if data is not None and append else None
    index = kept.index if kept is not None else None
    effects = pd.DataFrame({"yi": yi, "vi": vi}, index=pd.Index(spec.slab) if slab is not None else index)
    return effects if kept is None else kept.set_axis(effects.index).join(effects)


def rma(
    yi: Any = None,
    vi: Any = None,
    *,
    sei: Any = None,
    measure: str = "GEN",
    method: str = "REML",
    data: Any = None,
    slab: Any = None,
    level: float = 95.0,
    add: float = 0.5,
    to: str = "only0",
    drop00: bool = False,
    **columns: Any,
) -> UniResult:
    """Pool effects by an equal-, fixed- or random-effects model.

    yi, vi or sei : effects with their sampling variances or standard errors, one a study; or else
    measure : what to compute from the raw data given as further arguments, as in `escalc`; beside yi, the scale they are on
    method : "EE", "FE", "CE", "DL", "REML"; or "revman5", random effects as Review Manager 5 computes them,
        which reads 2x2 tables itself and has its own rules for empty cells
    data : a DataFrame or another mapping of columns; the other arguments may then be names of its columns
    slab : study labels
    level : of the intervals, in percent
    add, to, drop00 : see `escalc`

    Rows with a missing value are left out and listed in the result's ``studies.dropped``.
    Raises OptionError for an unknown name or a level outside (0, 100), DataError for a value that cannot be, naming
    argument, row and value, and when no studies are left.
    metafor: ``rma(yi, vi, measure=…, method=…)``
    """
    if method not in RMA_METHODS:
        raise no_such("method", method, RMA_METHODS, what="method of rma")
    scale = measure_named(measure)
    given = {name: values for name, values in (("yi", yi), ("vi", vi), ("sei", sei)) if values is not None}
    source = measure_named("GEN") if given else scale
    if given and method == "revman5" and scale.family.name == "two_by_two":
        raise OptionError(f"method='revman5' pools {scale.name} from 2x2 tables (ai, bi, ci, di), not from yi and vi")
    spec = _spec(source, {**given, **columns}, data, slab, method=method, level=level, add=add, to=to, drop00=drop00)
    if method == "revman5":
        return revman.fit(spec)
    studies = studies_of(spec)
    return uni.fit(UniSpec(studies, np.ones((studies.k, 1)), INTERCEPT, scale.name, method, spec.level))


def rma_mh(
    *,
    measure: str = "OR",
    data: Any = None,
    slab: Any = None,
    level: float = 95.0,
    add: float = 0.5,
    to: str = "only0",
    drop00: bool = True,
    **columns: Any,
) -> MHResult:
    """Pool 2x2 tables by the Mantel-Haenszel method, under the equal-effects model.

    measure : "OR", "RR" or "RD"; the data are ai, bi, ci, di or ai, n1i, ci, n2i
    add, to, drop00 : for the study effects in the heterogeneity test; the estimate itself uses the tables as they are
    data, slab, level : see `rma`

    Raises as `rma` does, and DataError when the estimate is not defined for the tables.
    Source: Mantel & Haenszel (1959); see ``pymeta.models.mh`` for the variances.
    metafor: ``rma.mh(ai, bi, ci, di, measure=…)``, whose `add` and `to` for the estimate are always 0 here
    """
    chosen = measure_named(measure, family="two_by_two")
    return mh.fit(_spec(chosen, columns, data, slab, method="MH", level=level, add=add, to=to, drop00=drop00))


def _spec(
    measure: Measure,
    columns: Mapping[str, Any],
    data: Any,
    slab: Any,
    *,
    method: str = "",
    level: float = 95.0,
    add: float,
    to: str,
    drop00: bool,
) -> DataSpec:
    """What was asked, checked: every column a vector of one length, every option one of those there are."""
    if not (_is_number(level) and 0.0 < level < 100.0):
        raise OptionError(f"level={level!r}: needs a percentage between 0 and 100, such as 95")
    if not (_is_number(add) and np.isfinite(add) and add >= 0.0):
        raise OptionError(f"add={add!r}: needs a number of 0 or more, such as 0.5")
    if not isinstance(drop00, bool | np.bool_):
        raise OptionError(f"drop00={drop00!r}: needs True or False")
    if to not in ADD_TO:
        raise no_such("to", to, ADD_TO, what="way to choose studies")
    inputs = prepared(measure.family, _vectors(columns, data))
    k = len(next(iter(inputs.values())))
    chosen = None if slab is None else _column("slab", slab, data)
    return DataSpec(inputs, labels(chosen, k), measure.name, method, float(level), float(add), to, bool(drop00))


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _vectors(columns: Mapping[str, Any], data: Any) -> dict[str, FloatArray]:
    known = {name for family in FAMILIES.values() for name in family.accepts}
    for name in columns:
        if name not in known:
            raise no_such("argument", name, sorted(known), what="column argument")
    return {name: as_vector(name, _column(name, values, data)) for name, values in columns.items() if values is not None}


def _column(argument: str, values: Any, data: Any) -> Any:
    """`values`, or the column of `data` that it names."""
    if not isinstance(values, str):
        return values
    if data is None:
        raise DataError(f"{values!r} names a column, but no data= is given", argument=argument)
    if not (hasattr(data, "keys") and hasattr(data, "__getitem__")):
        raise DataError(f"needs a DataFrame or another mapping of columns, got {data!r}", argument="data")
    if values not in data:
        raise no_such(argument, values, [str(name) for name in data], what="column in data")
    return data[values]
