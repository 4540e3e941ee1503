"""The numbers of a normal QQ plot of residuals."""

from __future__ import annotations

import numpy as np
from scipy import special

from pymeta.arrays import read_only
from pymeta.errors import DataError, OptionError, no_such
from pymeta.models.residuals import rstandard, rstudent
from pymeta.results.location_scale import LocationScaleResult
from pymeta.results.qqnorm import NormalQuantiles
from pymeta.results.robust import RobustResult
from pymeta.results.tables import PooledTables
from pymeta.results.uni import UniResult

__all__ = ["TYPES", "qqnorm"]

TYPES = ("rstandard", "rstudent")
_FEW = 10


def qqnorm(object: UniResult | LocationScaleResult | PooledTables, *, type: str = "rstandard") -> NormalQuantiles:
    """Standardized residuals beside the normal quantiles that they would have.

    object : a fitted model; type : "rstandard", or "rstudent", of each study from a model without it

    y are residuals in the order of the studies, x the normal quantile of (i - a)/(k + 1 - 2a) for the i-th smallest, with
    a = 3/8 for 10 or fewer and 1/2 otherwise. A study that the model meets exactly has no residual and no point.
    Raises OptionError for models of other kinds, DataError for fewer than 2 residuals.
    Source: Blom (1958) and Hazen (1914) for a; Wang & Bushman (1998), Psychological Methods 3, 46.
    metafor: ``qqnorm(y, type=)``, which returns x and y; the envelope, which it draws by random numbers, is not made
    """
    if not isinstance(object, UniResult | LocationScaleResult | PooledTables) or isinstance(object, RobustResult):
        kind = object.__class__.__name__
        raise OptionError(f"qqnorm: not for a {kind}; it takes what rma(), rma_mh() and rma_peto() return")
    if type not in TYPES:
        raise no_such("type", type, TYPES, what="type of residuals")
    if object.k < 2:
        raise DataError("qqnorm: 1 study has no residual; it needs 2 or more")
    if isinstance(object, LocationScaleResult):
        if type == "rstudent":
            raise OptionError("qqnorm: type='rstudent' is not for a location-scale model; use type='rstandard'")
        found = rstandard(object)
    else:
        found = (rstandard if type == "rstandard" else rstudent)(object)
    there = np.isfinite(found.z)
    z = found.z[there]
    k = len(z)
    if k < 2:
        raise DataError(f"qqnorm: {k} studies have a residual; it needs 2 or more")
    a = 0.375 if k <= _FEW else 0.5
    x = np.empty(k)
    x[np.argsort(z, kind="stable")] = special.ndtri((np.arange(1.0, k + 1.0) - a) / (k + 1.0 - 2.0 * a))
    slab = tuple(np.array(found.slab, dtype=np.object_)[there])
    return NormalQuantiles(x=read_only(x), y=read_only(z), slab=slab, type=type)
