"""What people ask of a fit about single studies: leave1out, cumul, influence and its parts, baujat."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

import pymeta
from pymeta.diagnostics.influence import influence_of
from pymeta.diagnostics.refits import of_fits
from pymeta.models.subsets import rows_of
from pymeta.port.calls.adapter import Adapter, iterated
from pymeta.port.calls.asked import Asked
from pymeta.port.calls.effects import TRANSFORMS
from pymeta.port.calls.numbers import WHOLE, Numbers
from pymeta.port.pinned import pinned

__all__ = ["ADAPTERS"]

_REFITS = ("estimate", "se", "zval", "pval", "ci_lb", "ci_ub", "Q", "Qp", "tau2", "I2", "H2", "k")
_INFLUENCE = ("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "QE_del", "hat", "weight")


def _refit(function: Callable[..., Any], *names: str) -> Callable[[Asked], Any]:
    def run(asked: Asked) -> Any:
        transf = asked.function("transf", TRANSFORMS)
        given = asked.rest("targs", *names)
        return function(asked.model("x"), **given, **({} if transf is None else {"transf": transf}))

    return run


def _solved(found: Any) -> bool:
    return any(iterated(fit) for fit in found.fits)


def _refits(found: Any, asked: Asked) -> Mapping[str, Any]:
    numbers = {name.replace("_", "."): getattr(found, name, None) for name in _REFITS}
    ids = getattr(found, "ids", None)
    numbers |= {"pvals": found.pval, "slab": found.slab, "level": 1.0 - asked.used[0].spec.level / 100.0}
    return {**numbers, "tval": found.zval, "ids": None if ids is None else ids + 1, "order": getattr(found, "order", None)}


def _of_model(function: Callable[..., Any], first: str) -> Callable[[Asked], Any]:
    return lambda asked: function(asked.model(first))


def _influence(found: Any, asked: Asked) -> Mapping[str, Any]:
    numbers = {f"inf${name.replace('_', '.')}": getattr(found, name) for name in _INFLUENCE}
    numbers |= {f"dfbs${name}": found.dfbs[:, j] for j, name in enumerate(found.names)}
    numbers |= {"inf$slab": found.slab, "dfbs$slab": found.slab}
    k, p = found.dfbs.shape
    return {
        **numbers,
        "ids": np.array(rows_of(asked.used[0])) + 1,
        "tau2": found.tau2,
        "QE": found.QE,
        "k": k,
        "p": p,
        "m": p,
    }  # m: of all, not of those tested


def _dfbetas(found: Any, asked: Asked) -> Mapping[str, Any]:
    return {**{name: found[name].to_numpy() for name in found.columns}, "slab": list(found.index)}


def _baujat(asked: Asked) -> Any:
    asked.read("xlim", "ylim", "xlab", "ylab", "cex", "symbol", "grid", "pch", "col", "bg", "bty", "las", "main", "lwd")
    return pymeta.baujat(asked.model("x"))


def _whole(found: Any, asked: Asked) -> Mapping[str, Any]:
    return {WHOLE: found}


def _places(found: Any, asked: Asked) -> Mapping[str, Any]:
    return {"x": found.x, "y": found.y, "ids": found.ids + 1, "slab": found.slab}


def _at(fits: Sequence[Any], tau2: Any) -> list[Any] | None:
    """The models at R's tau2; None where R's is the better one."""
    made = []
    for fit, value in zip(fits, tau2, strict=True):
        kept = fit is None or not iterated(fit) or value == fit.tau2
        made.append(fit if kept else pinned(fit, {"tau2": np.array([value])}))
        if made[-1] is None and fit is not None:
            return None
    return made


def _pinned_refits(found: Any, asked: Asked, reference: Numbers) -> Any:
    if "tau2" not in reference or len(reference["tau2"]) != len(found):
        return None
    fits = _at(found.fits, reference["tau2"])
    if fits is None:
        return None
    transf = asked.function("transf", TRANSFORMS)
    return replace(found, **of_fits(fits, True, transf, asked.value("targs")))


def _pinned_influence(found: Any, asked: Asked, reference: Numbers) -> Any:
    tau2 = reference.get("inf$tau2.del")
    fits = None if tau2 is None or len(tau2) != len(found.fits) else _at(found.fits, tau2)
    return None if fits is None else influence_of(asked.used[0], fits)


def _of_refits(asked: Asked, reference: Numbers) -> Mapping[str, float]:
    """Each study's number is of a model without it, whose tau2 R does not tell: some four digits, in standard deviations."""
    return dict.fromkeys(reference, 3.5) if iterated(asked.used[0]) else {}


_LEAVE1OUT = Adapter(_refit(pymeta.leave1out, "cluster"), _refits, iterative=_solved, pin=_pinned_refits)
_CUMUL = Adapter(_refit(pymeta.cumul, "order", "collapse"), _refits, iterative=_solved, pin=_pinned_refits)
ADAPTERS = {
    **{f"leave1out.rma.{kind}": _LEAVE1OUT for kind in ("uni", "mh", "peto")},
    **{f"cumul.rma.{kind}": _CUMUL for kind in ("uni", "mh", "peto")},
    "influence.rma.uni": Adapter(_of_model(pymeta.influence, "model"), _influence, pin=_pinned_influence),
    "cooks.distance.rma.uni": Adapter(_of_model(pymeta.cooks_distance, "model"), _whole, unit=1.0, limits=_of_refits),
    "dfbetas.rma.uni": Adapter(_of_model(pymeta.dfbetas, "model"), _dfbetas, unit=1.0, limits=_of_refits),
    "dffits.rma.uni": Adapter(_of_model(pymeta.dffits, "model"), _whole, unit=1.0, limits=_of_refits),
    "baujat.rma": Adapter(_baujat, _places, unit=1.0, limits=lambda asked, _: _of_refits(asked, {"y": np.empty(0)})),
}
