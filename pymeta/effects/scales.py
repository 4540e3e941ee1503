"""Predictions and bounds on another scale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.effects.transforms import TRANSFORMS
from pymeta.errors import OptionError, no_such

__all__ = ["Scale", "ordered", "scale_of"]

Scale = Callable[[FloatArray], FloatArray]
_OF_NUMPY = ("exp", "tanh", "sqrt", "square", "log")


def scale_of(transf: Any, targs: Any = None, tau2: float | None = None) -> tuple[Scale, bool]:
    """The transformation, and whether it is the mean or mode of one, which makes no bounds of a prediction interval.

    transf : a function of arrays, or the name of one: "exp", "transf_ztor", "ztor"
    tau2 : what a mean or mode is to use where `targs` has none
    """
    function = _named(transf) if isinstance(transf, str) else transf
    if not callable(function):
        raise OptionError(f"transf={transf!r}: needs a function of arrays, such as np.exp, or the name of one")
    averages = any(function is TRANSFORMS[name] for name in TRANSFORMS if name.endswith(("_int", "_mode")))
    more = targs if targs is not None else tau2 if averages else None

    def scale(values: FloatArray) -> FloatArray:
        with np.errstate(all="ignore"):
            try:
                found = np.asarray(function(values) if more is None else function(values, more), dtype=np.float64)
            except TypeError as error:
                raise OptionError(f"transf={transf!r}: needs a function of arrays, such as np.exp ({error})") from error
        if found.shape != values.shape:
            raise OptionError(f"transf={transf!r}: gives {found.size} numbers for {values.size}; needs as many")
        return found

    return scale, averages


def _named(name: str) -> Callable[..., Any]:
    if name in _OF_NUMPY:
        return getattr(np, name)  # type: ignore[no-any-return]
    known = {**TRANSFORMS, **{long.removeprefix("transf_"): function for long, function in TRANSFORMS.items()}}
    if name.replace(".", "_") not in known:
        raise no_such("transf", name, (*_OF_NUMPY, *TRANSFORMS), what="transformation")
    return known[name.replace(".", "_")]


def ordered(scale: Scale, lb: FloatArray, ub: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Bounds on the other scale, the smaller one first."""
    a, b = scale(lb), scale(ub)
    return np.minimum(a, b), np.maximum(a, b)
