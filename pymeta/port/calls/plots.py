"""funnel, radial, qqnorm and labbe: the numbers of what metafor draws, which it returns unseen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import pymeta
from pymeta.diagnostics.funnel import OF_SIZES
from pymeta.port.calls.adapter import Adapter, iterated
from pymeta.port.calls.asked import Asked, Unsupported
from pymeta.port.calls.asymmetry import sizes
from pymeta.port.calls.effects import TRANSFORMS
from pymeta.port.calls.numbers import Numbers
from pymeta.results.funnel import Funnel
from pymeta.results.labbe import Labbe
from pymeta.results.qqnorm import NormalQuantiles
from pymeta.results.radial import Radial

__all__ = ["ADAPTERS"]

_DRAWN = (
    *("xlim", "ylim", "xlab", "ylab", "slab", "steps", "at", "atransf", "targs", "back", "shade", "hlines", "lty", "pch"),
    *(
        "pch.fill",
        "col",
        "bg",
        "label",
        "offset",
        "legend",
        "las",
        "cex",
        "cex.axis",
        "cex.lab",
        "bty",
        "lwd",
        "main",
        "mgp",
    ),
    *("colci", "colref", "colbox", "level", "refline", "refline2", "level2", "addtau2", "ci.res", "tcl", "font", "family"),
)
"""Arguments that change how points are drawn, and the lines about them, but not where they are."""


def _funnel(asked: Asked) -> Funnel:
    asked.read(*_DRAWN)
    given = {"object": asked.model("x"), **asked.rest("yaxis", "type")}
    if given.get("yaxis") in OF_SIZES:
        given["ni"] = sizes(asked)
    return pymeta.funnel(**given)


def _funnel_of_effects(asked: Asked) -> Funnel:
    asked.read(*_DRAWN, "data")
    given = {"object": asked.value("x"), **asked.rest("vi", "sei", "ni")}
    if asked.has("subset"):
        chosen = asked.positions("subset")
        given = {name: values[chosen] for name, values in given.items()}
    given |= asked.rest("yaxis")
    if given.get("yaxis") in OF_SIZES and "ni" not in given:
        given["ni"] = sizes(asked)
    return pymeta.funnel(**given)


def _points(found: Funnel, asked: Asked) -> Mapping[str, Any]:
    return {"x": found.x, "y": found.y}


def _radial(asked: Asked) -> Radial:
    asked.read(*_DRAWN, "zlim", "zlab", "atz", "aty", "transf", "arc.res")
    return pymeta.radial(asked.model("x"), **asked.rest("center"))


def _radial_points(found: Radial, asked: Asked) -> Mapping[str, Any]:
    return {"x": found.x, "y": found.y, "ids": found.ids + 1}


def _labbe(asked: Asked) -> Labbe:
    asked.read(*_DRAWN, "lim", "ci", "pi", "grid")
    transf = asked.function("transf", TRANSFORMS)
    given = asked.rest("flip", "add", "to", "targs")
    return pymeta.labbe(asked.model("x"), **given, **({} if transf is None else {"transf": transf}))


def _outcomes(found: Labbe, asked: Asked) -> Mapping[str, Any]:
    """The symbols are R's default, unless they were given: then they and sizes restate an argument."""
    if asked.has("plim") or asked.has("psize"):
        raise Unsupported("labbe(plim=, psize=), sizes of points")
    k = len(found.x)
    pch = np.broadcast_to(np.asarray(asked.value("pch", 21), dtype=float), k)
    return {"x": found.x, "y": found.y, "cex": found.sizes(), "ids": found.ids + 1, "pch": pch}


def _qqnorm(asked: Asked) -> NormalQuantiles:
    asked.read(*_DRAWN, "grid", "envelope", "bonferroni", "reps", "smooth", "bass", "pos", "seed")
    return pymeta.qqnorm(asked.model("y"), **asked.rest("type"))


def _quantiles(found: NormalQuantiles, asked: Asked) -> Mapping[str, Any]:
    return {"x": found.x, "y": found.y}


def _digits_of_deleted(asked: Asked, reference: Numbers) -> Mapping[str, float]:
    """Each study's residual is of a model without it, whose tau2 R does not tell."""
    deleted = asked.used and asked.text("type", "rstandard") == "rstudent"
    if deleted and asked.name == "funnel" and not asked.used[0].moderated:
        return {}
    return dict.fromkeys(reference, 3.5) if deleted and iterated(asked.used[0]) else {}


ADAPTERS = {
    "funnel.rma": Adapter(_funnel, _points, limits=_digits_of_deleted),
    "funnel.default": Adapter(_funnel_of_effects, _points),
    "labbe.rma": Adapter(_labbe, _outcomes, iterative=lambda found: False),
    "radial.rma": Adapter(_radial, _radial_points, unit=1.0),
    **{
        f"qqnorm.rma.{kind}": Adapter(_qqnorm, _quantiles, unit=1.0, limits=_digits_of_deleted)
        for kind in ("uni", "mh", "peto")
    },
}
