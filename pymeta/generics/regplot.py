"""The numbers of a bubble plot."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np

from pymeta.arrays import FloatArray, as_vector, read_only
from pymeta.effects.scales import scale_of
from pymeta.errors import OptionError, no_such
from pymeta.generics.predict import predict
from pymeta.generics.simulate import limited
from pymeta.results.predictions import Predictions, RegressionPlot
from pymeta.results.uni import UniResult
from pymeta.results.weighing import model_weights

__all__ = ["regplot"]

_STEPS = 201


def regplot(
    result: UniResult,
    mod: int | str | None = None,
    *,
    pred: Predictions | None = None,
    xvals: Any = None,
    predlim: Sequence[float] | None = None,
    level: float | None = None,
    transf: Any = None,
    targs: Any = None,
    olim: Sequence[float] | None = None,
    psize: Any = None,
    plim: Sequence[float | None] = (0.5, 3.0),
    label: Any = False,
) -> RegressionPlot:
    """Points and line of effects against one moderator, the others held at their means.

    mod : the moderator's column in the design: its name, or what no other name contains, or its position from 0
    pred, xvals : predictions to draw as the line, such as of a curve, and the moderator's values they belong to
    xvals or predlim : where the line is drawn, or between which values; default: the range of the moderator
    level, transf, targs : as of `predict`; olim : limits that effects and bounds are moved to
    psize : sizes of the points: a number, one a study, "seinv" or "vinv"; default: by the square root of the weights
    plim : the smallest and largest size; None for one of them keeps sizes proportional, and a third number then is the
        smallest there may be
    label : which points are named: False, True or "all", "ciout" or "piout" (outside of the interval), a mask or positions

    metafor: ``regplot(result, mod=, …)``, which draws it and counts `mod` from 1
    """
    if not isinstance(result, UniResult) or not result.moderated:
        raise OptionError("regplot: needs a model with moderators")
    place = _place(result, mod)
    xi = result.spec.X[:, place]
    at_points = predict(result, newmods=_marginal(result, place, xi), level=level)
    if pred is None:
        xs = _line(xi, xvals, predlim)
        pred = predict(result, newmods=_marginal(result, place, xs), level=level)
        given = False
    else:
        xs, given = _of_given(xvals, pred), True
    shown = _Shown(transf, targs, olim)
    return RegressionPlot(
        mod=result.names[place],
        slab=tuple(result.studies.slab),
        rows=_rows(result),
        xi=read_only(xi.copy()),
        yi=shown.bounded(result.studies.yi),
        psize=read_only(_sizes(result, psize, plim)),
        label=_labelled(result, label, at_points),
        pred=None if given else shown.free(at_points.pred),
        xs=read_only(xs),
        line=shown.free(pred.pred),
        ci_lb=shown.bounded(pred.ci_lb),
        ci_ub=shown.bounded(pred.ci_ub),
        pi_lb=None if pred.pi_lb is None else shown.bounded(pred.pi_lb),
        pi_ub=None if pred.pi_ub is None else shown.bounded(pred.pi_ub),
    )


class _Shown:
    """Values as they are drawn: on another scale, within the limits of what can be observed."""

    def __init__(self, transf: Any, targs: Any, olim: Sequence[float] | None) -> None:
        self._scale = None if transf is None else scale_of(transf, targs)[0]
        self._olim = olim

    def free(self, values: FloatArray) -> FloatArray:
        return read_only(values.copy() if self._scale is None else self._scale(values))

    def bounded(self, values: FloatArray) -> FloatArray:
        found = self.free(values)
        return found if self._olim is None else read_only(limited(found, self._olim))


def _place(result: UniResult, mod: int | str | None) -> int:
    names = result.names
    if mod is None:
        moderators = [i for i, name in enumerate(names) if name != "intrcpt"]
        if len(moderators) > 1:
            raise OptionError(f"mod: which moderator? There are {', '.join(names[i] for i in moderators)}")
        return moderators[0]
    if isinstance(mod, str):
        found = [i for i, name in enumerate(names) if name == mod] or [i for i, name in enumerate(names) if mod in name]
        if len(found) > 1:
            raise OptionError(f"mod={mod!r}: may be {' or '.join(names[i] for i in found)}; give the whole name")
        if found:
            return found[0]
    elif isinstance(mod, Integral) and not isinstance(mod, bool) and 0 <= mod < len(names):
        return int(mod)
    raise no_such("mod", mod, names, what="column of the design")


def _marginal(result: UniResult, place: int, values: FloatArray) -> FloatArray:
    """Rows of the design with every other column at its mean."""
    rows = np.tile(result.spec.X.mean(axis=0), (len(values), 1))
    rows[:, place] = values
    return rows


def _line(xi: FloatArray, xvals: Any, predlim: Sequence[float] | None) -> FloatArray:
    if xvals is not None:
        return as_vector("xvals", xvals)
    limits = (xi.min(), xi.max()) if predlim is None else tuple(predlim)
    if len(limits) != 2:
        raise OptionError(f"predlim={predlim!r}: needs the two ends of the line")
    return np.linspace(float(limits[0]), float(limits[1]), _STEPS)


def _of_given(xvals: Any, pred: Predictions) -> FloatArray:
    if xvals is None or len(xs := as_vector("xvals", xvals)) != len(pred):
        raise OptionError(f"xvals: needs the moderator's values that the {len(pred)} predictions belong to")
    return xs


def _rows(result: UniResult) -> tuple[int, ...]:
    rows = result.studies.rows
    return tuple(range(result.k)) if rows is None else tuple(map(int, rows))


def _sizes(result: UniResult, psize: Any, plim: Sequence[float | None]) -> FloatArray:
    """Sizes of the points, between `plim`; areas are proportional to the weights where one end is None."""
    vi = result.studies.vi
    if psize is not None and not isinstance(psize, str):
        given = as_vector("psize", psize)
        if len(given) not in (1, result.k):
            raise OptionError(f"psize: {len(given)} sizes for {result.k} studies; give one, or one a study")
        return np.broadcast_to(given, (result.k,)).copy()
    if psize not in (None, "seinv", "vinv"):
        raise no_such("psize", psize, ("seinv", "vinv"), what="way to size points")
    raw = {"seinv": 1.0 / np.sqrt(vi), "vinv": 1.0 / vi}[psize] if psize else np.sqrt(model_weights(result))
    return _scaled(raw, plim)


def _scaled(raw: FloatArray, plim: Sequence[float | None]) -> FloatArray:
    if len(plim) not in (2, 3) or plim[0] is None is plim[1]:
        raise OptionError(f"plim={plim!r}: needs a smallest and a largest size, one of which may be None")
    low, high = plim[0], plim[1]
    if np.ptp(raw) <= 1e-14 * raw.max():
        return np.ones(len(raw))
    if high is None:
        sizes = raw / raw.min() * low
    elif low is None:
        sizes = raw / raw.max() * high
    else:
        sizes = low + (raw - raw.min()) / np.ptp(raw) * (high - low)
    floor = plim[2] if len(plim) == 3 else None
    return np.asarray(sizes if floor is None else np.maximum(sizes, floor))


def _labelled(result: UniResult, label: Any, at_points: Predictions) -> tuple[bool, ...]:
    k, yi = result.k, result.studies.yi
    if isinstance(label, bool) or label == "all":
        return (bool(label),) * k
    if isinstance(label, str):
        bounds = {"ciout": (at_points.ci_lb, at_points.ci_ub), "piout": (at_points.pi_lb, at_points.pi_ub)}
        if label not in bounds:
            raise no_such("label", label, ("all", *bounds), what="choice of points")
        lb, ub = bounds[label]
        if lb is None or ub is None:
            raise OptionError(f"label={label!r}: the model has no prediction interval; 'ciout' takes the other one")
        return tuple(((yi < lb) | (yi > ub)).tolist())
    chosen = np.zeros(k, dtype=bool)
    try:
        chosen[np.asarray(label)] = True
    except (IndexError, ValueError):
        raise OptionError(
            f"label={label!r}: needs positions of studies from 0 to {k - 1}, or True and False for each"
        ) from None
    return tuple(chosen.tolist())
