"""fsn, trimfill, tes and hc: what selection of studies may have done to a meta-analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

import pymeta
from pymeta.diagnostics.excess import ALTERNATIVES, TESTS
from pymeta.diagnostics.failsafe import TYPES, with_drawer
from pymeta.diagnostics.trimfill import as_fields
from pymeta.models.uni import fit
from pymeta.port.calls.adapter import Adapter, iterated
from pymeta.port.calls.asked import Asked, Unsupported
from pymeta.port.calls.effects import TRANSFORMS
from pymeta.port.calls.models import model_numbers
from pymeta.port.calls.numbers import Numbers
from pymeta.port.pinned import pinned
from pymeta.port.values import Reference
from pymeta.results.excess import ExcessTest
from pymeta.results.failsafe import FailSafeN
from pymeta.results.henmi_copas import HenmiCopas
from pymeta.results.trimfill import TrimFillResult

__all__ = ["ADAPTERS"]


def _given(asked: Asked, first: str = "x") -> dict[str, Any]:
    """The model, or effects with their variances."""
    if isinstance(asked.value(first), Reference):
        asked.read("vi", "sei", "subset", "data")
        return {"x": asked.model(first)}
    given = {"x": asked.value(first), **asked.rest("vi", "sei")}
    asked.read("data")
    if not asked.has("subset"):
        return given
    chosen = asked.positions("subset")
    return {name: values[chosen] for name, values in given.items()}


# ---- fsn ---------------------------------------------------------------------------------------------------------------


def _fsn(asked: Asked) -> FailSafeN:
    old = asked.metafor < (4,)
    given = {**_given(asked, "yi" if old else "x"), **asked.rest("alpha", "target", "method", "exact")}
    found = str(asked.value("type", ""))
    if old and found == "REM":
        raise Unsupported("fsn(type=) of what became another method in metafor 4.0")
    fold = str if old else str.casefold
    kind = next((one for one in TYPES if found and fold(one).startswith(fold(found))), found)
    if len(given) > 1 and kind == "Orwin" and not asked.flag("weighted", not old):
        given = {name: value for name, value in given.items() if name not in ("vi", "sei")}
    asked.read("weighted")
    if kind and not isinstance(asked.value("x"), Reference):  # of a model, R always takes "General"
        given["type"] = kind
    return pymeta.fsn(**given)


def _of_fsn(found: FailSafeN, asked: Asked) -> Mapping[str, Any]:
    names = ("fsnum", "est", "tau2", "pval", "alpha", "target", "est_fsn", "tau2_fsn", "pval_fsn")
    return {**{name.replace("_", "."): getattr(found, name) for name in names}, "meanes": found.est}


def _pinned_fsn(found: FailSafeN, asked: Asked, reference: Numbers) -> FailSafeN | None:
    """By R's tau2, and with R's number: its search ends at the least number that does, or at the next."""
    return pinned_drawer(found, {name: float(values.flat[0]) for name, values in reference.items()})


def pinned_drawer(found: FailSafeN, said: Mapping[str, float]) -> FailSafeN | None:
    """The same by the tau2 and the number that R says; None where these are no answer."""
    if not found.fits or abs(said["fsnum"] - found.fsnum) > 1.0:
        return None
    observed = _at(found.fits[0], said["tau2"])
    made = None if observed is None else with_drawer(found, observed, said["fsnum"])
    if made is None or len(made.fits) == 1:
        return made
    whole = _at(made.fits[1], said["tau2.fsn"])
    if whole is None:
        return None
    return replace(made, est_fsn=float(whole.beta[0]), tau2_fsn=whole.tau2, pval_fsn=float(whole.pval[0]))


def _at(model: Any, tau2: float) -> Any:
    return pinned(model, {"tau2": np.array([tau2])}) if iterated(model) else model


# ---- trimfill ----------------------------------------------------------------------------------------------------------


def _trimfill(asked: Asked) -> TrimFillResult:
    """With k0 above 0, R's model has z-tests, intervals of 95% and an estimated tau2, whatever the model's own."""
    x = asked.model("x")
    given = {**asked.rest("side", "estimator", "ilim"), "maxiter": int(asked.value("maxiter", 100))}
    if "side" in given:
        given["side"] = next((side for side in ("left", "right") if side.startswith(given["side"])), given["side"])
    if "ilim" in given and not ((x.studies.yi >= given["ilim"][0]) & (x.studies.yi <= given["ilim"][1])).all():
        raise Unsupported("trimfill(ilim=) that effects at hand are beyond")
    spec = x.spec
    plain = replace(spec, test="z", level=95.0, tau2=None, tau2_min=0.0, tau2_init=None)
    same = (plain.test, plain.level, plain.tau2, plain.tau2_min) == (spec.test, spec.level, spec.tau2, spec.tau2_min)
    found = pymeta.trimfill(x if same else fit(plain), **given)
    return found if same or found.k0 else pymeta.trimfill(x, **{**given, "side": found.side})


def _of_trimfill(found: TrimFillResult, asked: Asked) -> Mapping[str, Any]:
    return model_numbers(found)


def _pinned_trimfill(found: TrimFillResult, asked: Asked, reference: Numbers) -> TrimFillResult | None:
    return pinned_fill(found, reference)


def pinned_fill(found: TrimFillResult, reference: Numbers) -> TrimFillResult | None:
    """With R's filled effects, which mirror at an average by R's tau2, and R's tau2 of all; None where these are others."""
    yi = reference["yi"]
    if not iterated(found) or len(yi) != found.k:
        return None
    apart = np.abs(yi - found.studies.yi) / np.sqrt(found.studies.vi)
    if apart[~found.fill].max() > 1e-9 or apart.max() > _MIRRORED:
        return None
    made = pinned(fit(replace(found.spec, studies=replace(found.studies, yi=yi))), reference)
    return None if made is None else replace(found, **as_fields(made))


_MIRRORED = 1e-3
"""How far R's filled effects may be from pymeta's, in standard errors: it stops with some five digits of tau2."""


# ---- tes ---------------------------------------------------------------------------------------------------------------


def _tes(asked: Asked) -> ExcessTest:
    """Of a model, R takes its own theta and tau2, whatever is given beside it."""
    given = _given(asked)
    own = isinstance(asked.value("x"), Reference)
    more = {} if own else asked.rest("theta", "tau2")
    asked.read("theta", "tau2")
    given |= {**more, **asked.rest("H0", "alpha", "tes.alpha")}
    for name, allowed in (("alternative", ALTERNATIVES), ("tes.alternative", ALTERNATIVES), ("test", TESTS)):
        if asked.has(name):
            text = asked.text(name, "")
            given[name.replace(".", "_")] = next((one for one in allowed if one.startswith(text)), text)
    return pymeta.tes(**given)


def _of_tes(found: ExcessTest, asked: Asked) -> Mapping[str, Any]:
    names = ("k", "O", "E", "OEratio", "X2", "pval", "power", "theta")
    limits = found.theta_lim if isinstance(found.theta_lim, tuple) else (found.theta_lim,)
    limit = np.array([np.nan if one is None else one for one in limits])
    return {**{name: getattr(found, name) for name in names}, "theta.lim": limit, "tes.alpha": found.tes_alpha}


def _digits_of_tes(asked: Asked, reference: Numbers) -> Mapping[str, float]:
    """R's search for the limit stops early, and so does its integration of power where there is a tau2."""
    searched = {"theta.lim": 3.0}
    tau2 = getattr(asked.used[0], "tau2", 0.0) if asked.used else asked.value("tau2", 0.0)
    if not np.any(tau2):
        return searched
    return {**searched, "power": 5.0, "E": 5.0, "OEratio": 5.0, "X2": 3.0, "pval": 3.0}


# ---- hc ----------------------------------------------------------------------------------------------------------------


def _hc(asked: Asked) -> HenmiCopas:
    transf = asked.function("transf", TRANSFORMS)
    asked.read("control")
    return pymeta.hc(asked.model("object"), **asked.rest("targs"), **({} if transf is None else {"transf": transf}))


def _of_hc(found: HenmiCopas, asked: Asked) -> Mapping[str, Any]:
    names = ("beta", "se", "ci.lb", "ci.ub", "tau2", "beta.rma", "se.rma", "ci.lb.rma", "ci.ub.rma", "tau2.rma")
    numbers = {name: getattr(found, name.replace(".", "_")) for name in names}
    return numbers if found.se is None else {**numbers, "beta.rma": [[found.beta_rma]]}


def _digits_of_hc(asked: Asked, reference: Numbers) -> Mapping[str, float]:
    """R searches for the quantile to a ten-thousandth, unless it is told to go on, and integrates to some seven digits."""
    return dict.fromkeys(("ci.lb", "ci.ub"), 6.0 if asked.has("control") else 3.0)


ADAPTERS = {
    "fsn": Adapter(_fsn, _of_fsn, iterative=lambda found: any(map(iterated, found.fits)), pin=_pinned_fsn),
    "trimfill.rma.uni": Adapter(_trimfill, _of_trimfill, pin=_pinned_trimfill),
    "tes": Adapter(_tes, _of_tes, limits=_digits_of_tes),
    "hc.rma.uni": Adapter(_hc, _of_hc, iterative=lambda found: True, limits=_digits_of_hc),
}
