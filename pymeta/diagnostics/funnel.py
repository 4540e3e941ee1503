"""The numbers of a funnel plot: where each study is, and in which contour of significance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from pymeta.arrays import FloatArray, as_vector, read_only
from pymeta.data.specs import INTERCEPT
from pymeta.data.studies import Studies
from pymeta.diagnostics.given import sizes_of, studies_of
from pymeta.effects.asked import percentage
from pymeta.errors import DataError, OptionError, no_such
from pymeta.inference.wald import two_sided
from pymeta.models.residuals import rstandard, rstudent, with_effects
from pymeta.results.funnel import Funnel
from pymeta.results.pooled import Pooled
from pymeta.results.tables import PooledTables
from pymeta.results.trimfill import TrimFillResult
from pymeta.results.uni import UniResult
from pymeta.results.weighing import model_weights

__all__ = ["OF_SIZES", "OF_SPREAD", "YAXES", "funnel"]

OF_SPREAD = ("sei", "vi", "seinv", "vinv")
"""What can be on the y-axis: standard errors, variances and their inverses; these have contours."""
OF_SIZES = ("ni", "ninv", "sqrtni", "sqrtninv", "lni")
"""Sample sizes, their inverses, roots and logarithms."""
YAXES = (*OF_SPREAD, *OF_SIZES, "wi")
"""All; "wi" are weights in percent."""
_RESIDUALS = {"rstandard": rstandard, "rstudent": rstudent}


class _Points(NamedTuple):
    """x, and se or None where only sizes were given; kept : (k,) which of the studies have a point."""

    x: FloatArray
    se: FloatArray | None
    kept: Any


def funnel(
    object: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    ni: Any = None,
    yaxis: str = "sei",
    level: float | Sequence[float] = (90.0, 95.0, 99.0),
    refline: float | None = None,
    addtau2: bool = False,
    type: str = "rstandard",
) -> Funnel:
    """The numbers of a (contour-enhanced) funnel plot.

    object : a fitted model, or effects (k,) with vi or sei, or with ni alone where that is all that yaxis needs
    yaxis : one of `YAXES`; ni : sample sizes for those that need them, one a study or a row of the data, or the name of a
        column
    level : of the contours, in percent, one or several: lines where p is 1 - level/100
    refline : the effect that the contours are about; default: a model's estimate, 0 for residuals and for plain effects;
        0 is what makes them contours of significance
    addtau2 : whether the contours have the variance between studies in them
    type : of a model with moderators, whose residuals are shown: one of "rstandard" and "rstudent", without the study

    x is each effect, y its precision; of residuals, y is that of the residual. A study without which the model cannot be
    fitted, and that it therefore meets exactly, has no residual and no point. `contours()` of the result has the lines.
    Raises OptionError for an unknown name or a level that is none, DataError for fewer than 2 studies.
    Source: Light & Pillemer (1984); Sterne & Egger (2001), J. of Clinical Epidemiology 54, 1046, of the axes; Peters,
    Sutton, Jones, Abrams & Rushton (2008), J. of Clinical Epidemiology 61, 991, of the contours.
    metafor: ``funnel(x, vi, sei, ni, yaxis=, level=, refline=, addtau2=, type=)``, which returns x, y, slab (and fill)
    Differs from metafor: level is the three of Peters et al. by default; ni is not remembered from `escalc`; a model that
    meets a study exactly has no point there, where metafor's is what rounding leaves; weights of tables that cannot all be
    seen are right, where metafor's are shifted.
    """
    if yaxis not in YAXES:
        raise no_such("yaxis", yaxis, YAXES, what="axis")
    if type not in _RESIDUALS:
        raise no_such("type", type, _RESIDUALS, what="type of residuals")
    levels = _levels(level)
    studies = _studies(object, vi, sei, ni, yaxis)
    points = _points(object, studies, type)
    residuals = _moderated(object)
    about = float(object.beta[0]) if isinstance(object, Pooled) and not residuals else 0.0
    about = about if refline is None else float(refline)
    if not np.isfinite(about):
        raise OptionError(f"refline={refline!r}: needs one number")
    tau2 = _tau2(object) if addtau2 else 0.0
    x, kept = points.x[points.kept], points.kept
    se = None if points.se is None else points.se[kept]
    pval = None if se is None else two_sided((x - about) / np.sqrt(se**2 + tau2), None)
    return Funnel(
        x=read_only(x),
        y=read_only(_y(object, studies, points.se, ni, yaxis)[kept]),
        slab=tuple(np.array(studies.slab, dtype=np.object_)[kept]),
        fill=object.fill if isinstance(object, TrimFillResult) else None,
        se=None if se is None else read_only(se),
        pval=None if pval is None else read_only(pval),
        yaxis=yaxis,
        levels=levels,
        refline=about,
        tau2=tau2,
    )


def _levels(level: float | Sequence[float]) -> tuple[float, ...]:
    levels = tuple(sorted({percentage(one) for one in np.atleast_1d(np.asarray(level)).tolist()}))
    if not levels:
        raise OptionError(f"level={level!r}: a contour needs a level, such as 95")
    return levels


def _moderated(object: Any) -> bool:
    """Whether effects have other means than one."""
    return isinstance(object, Pooled) and not isinstance(object, PooledTables) and object.names != INTERCEPT


def _studies(x: Any, vi: Any, sei: Any, ni: Any, yaxis: str) -> Studies:
    if isinstance(x, Pooled):
        studies = x.studies
    elif vi is None and sei is None and ni is not None and yaxis in OF_SIZES:
        yi = as_vector("x", x)
        if len(ni) != len(yi):
            raise DataError(f"funnel: {len(ni)} sample sizes for {len(yi)} effects")
        rows = np.flatnonzero(~np.isnan(yi))
        studies = Studies(yi[rows], np.full(len(rows), np.nan), tuple(str(row + 1) for row in rows), (), rows)
    else:
        return studies_of(x, vi, sei, "funnel", 2, "make no funnel")
    if studies.k < 2:
        raise DataError(f"funnel: {studies.k} studies make no funnel; it needs 2 or more")
    return studies


def _points(x: Any, studies: Studies, type: str) -> _Points:
    """Effects, or residuals of a model with moderators."""
    if not _moderated(x):
        se = None if np.isnan(studies.vi).any() else np.sqrt(studies.vi)
        return _Points(studies.yi, se, np.ones(studies.k, dtype=bool))
    if not isinstance(x, UniResult):
        raise OptionError(f"funnel: a {x.__class__.__name__} with moderators has no standardized residuals; use rma()")
    found = _RESIDUALS[type](x)
    kept = found.se > 0.0
    if kept.sum() < 2:
        raise DataError("funnel: the model meets nearly all studies exactly; fewer moderators leave a funnel")
    return _Points(found.resid, found.se, kept)


def _tau2(x: Any) -> float:
    tau2 = getattr(x, "tau2", None)
    if tau2 is None or np.ndim(tau2) != 0 or _moderated(x):
        raise OptionError("addtau2: there is no single tau² beside the standard errors; it takes models without moderators")
    return float(tau2)


def _y(x: Any, studies: Studies, se: FloatArray | None, ni: Any, yaxis: str) -> FloatArray:
    """(k,); of studies without a point, NaN or infinite where it is made of se."""
    if yaxis in OF_SIZES:
        if ni is None:
            raise OptionError(f"yaxis={yaxis!r} needs the sample sizes; give ni=")
        n = sizes_of(x, studies, ni, "funnel")
        return {"ni": n, "ninv": 1.0 / n, "sqrtni": np.sqrt(n), "sqrtninv": 1.0 / np.sqrt(n), "lni": np.log(n)}[yaxis]
    if yaxis == "wi":
        return _weights(x, studies)
    assert se is not None  # without them, _studies takes sizes only
    with np.errstate(divide="ignore"):
        return {"sei": se, "vi": se**2, "seinv": 1.0 / se, "vinv": 1.0 / se**2}[yaxis]


def _weights(x: Any, studies: Studies) -> FloatArray:
    """In percent of all."""
    if isinstance(x, PooledTables):
        return np.asarray(100.0 * x.weights[with_effects(x)] / x.weights.sum())
    w = model_weights(x) if isinstance(x, Pooled) else 1.0 / studies.vi  # type: ignore[arg-type]  # refuses what has none
    return np.asarray(100.0 * w / w.sum())
