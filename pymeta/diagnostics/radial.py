"""The numbers of a radial plot: effects and precisions in standard errors."""

from __future__ import annotations

import numpy as np

from pymeta.arrays import read_only
from pymeta.effects.asked import percentage
from pymeta.errors import OptionError
from pymeta.inference.wald import quantile
from pymeta.results.pooled import Pooled
from pymeta.results.radial import Radial
from pymeta.results.robust import RobustResult
from pymeta.results.tables import PooledTables
from pymeta.results.uni import UniResult

__all__ = ["radial"]


def radial(object: UniResult | PooledTables, *, center: bool = False, level: float | None = None) -> Radial:
    """The numbers of a radial plot, or Galbraith plot.

    object : a fitted model without moderators; center : whether effects are taken less the pooled one
    level : of the region of z-values about the line, in percent; default: the model's

    x = 1/s and y = yi/s with s² = v + tau² (v for models without tau²): a line from the origin through a point has the
    effect as its slope.
    Raises OptionError for models with moderators and those of other kinds.
    Source: Galbraith (1988), Statistics in Medicine 7, 889.
    metafor: ``radial(x, center=, level=)``, whose `ids` count from 1
    """
    if not isinstance(object, UniResult | PooledTables) or isinstance(object, RobustResult):
        kind = type(object).__name__
        raise OptionError(f"radial: not for a {kind}; it takes what rma(), rma_mh() and rma_peto() return")
    if isinstance(object, UniResult) and object.moderated:
        raise OptionError("radial: the model has moderators; the plot is about one line, and qqnorm() about residuals")
    confidence = percentage(object.spec.level if level is None else level)
    studies = object.studies
    s = np.sqrt(studies.vi + (object.tau2 if isinstance(object, UniResult) else 0.0))
    centre = float(object.beta[0])
    shift = centre if center else 0.0
    rows = np.arange(studies.k) if studies.rows is None else np.array(studies.rows)
    return Radial(
        x=read_only(1.0 / s),
        y=read_only((studies.yi - shift) / s),
        ids=read_only(rows),
        slab=tuple(studies.slab),
        slope=centre - shift,
        ci_lb=_bound(object, "ci_lb") - shift,
        ci_ub=_bound(object, "ci_ub") - shift,
        reach=quantile(confidence, None),
    )


def _bound(object: Pooled, name: str) -> float:
    return float(getattr(object, name)[0])
