"""The functions people call: columns, names and options are turned into a spec here, once."""

from __future__ import annotations

from typing import Any

import numpy as np

from pymeta.data.specs import INTERCEPT, UniSpec
from pymeta.effects.asked import asked
from pymeta.effects.measures import measure_named
from pymeta.effects.studies import studies_of
from pymeta.errors import OptionError, no_such
from pymeta.models import mh, revman, uni
from pymeta.results.mh import MHResult
from pymeta.results.uni import UniResult
from pymeta.tau2.methods import TAU2

__all__ = ["RMA_METHODS", "rma", "rma_mh"]

RMA_METHODS = (*TAU2, "revman5")


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
    add: float | None = None,
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
    level : of the intervals, in percent, or as a share
    add, to, drop00 : see `escalc`

    Rows with a missing value are left out and listed in the result's ``studies.dropped``.
    Raises OptionError for an unknown name or a level outside (0, 100), DataError for a value that cannot be, naming
    argument, row and value, and when no studies are left.
    metafor: ``rma(yi, vi, measure=…, method=…)``
    """
    if method not in RMA_METHODS:
        raise no_such("method", method, RMA_METHODS, what="method of rma")
    scale = measure_named(measure, revman.REVMAN5_MEASURES if method == "revman5" else None)
    given = {name: values for name, values in (("yi", yi), ("vi", vi), ("sei", sei)) if values is not None}
    source = measure_named("GEN") if given else scale
    if given and method == "revman5" and scale.family.name == "two_by_two":
        raise OptionError(f"method='revman5' pools {scale.name} from 2x2 tables (ai, bi, ci, di), not from yi and vi")
    spec = asked(source, {**given, **columns}, data, slab, method=method, level=level, add=add, to=to, drop00=drop00)
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
    add: float | None = None,
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
    chosen = measure_named(measure, mh.MH_MEASURES)
    return mh.fit(asked(chosen, columns, data, slab, method="MH", level=level, add=add, to=to, drop00=drop00))
