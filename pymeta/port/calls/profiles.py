"""profile(): likelihoods of tau2, scale coefficients and selection parameters away from their estimates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import pymeta
from pymeta.port.calls.adapter import Adapter
from pymeta.port.calls.asked import Asked
from pymeta.port.calls.numbers import WHOLE, Numbers, below
from pymeta.port.pinned import NUMERICAL_HESSIAN
from pymeta.results.predictions import Profile, Profiles, ScaleProfile, SelectionProfile

__all__ = ["ADAPTERS"]

_DRAWN = ("plot", "pch", "refline", "cline", "main", "xlab", "ylab", "ylim", "col", "lwd", "cex")
_SEARCHED = ("lltol", "startmethod")


def _profile(asked: Asked) -> Any:
    asked.read(*_DRAWN, *_SEARCHED)
    given = asked.rest("xlim", "steps", "tau2")
    if np.ndim(given.get("steps", ())) == 0:
        given["steps"] = int(given["steps"])
    for name in ("alpha", "delta"):  # R counts them from 1
        if asked.has(name):
            given[name] = int(np.atleast_1d(asked.value(name))[0]) - 1
    return pymeta.profile(asked.model("fitted"), **given)


def _each(found: Any, asked: Asked) -> list[tuple[str, Any]]:
    """The profiles and their places in R's answer."""
    if not isinstance(found, Profiles):
        return [(WHOLE, found)]
    return list(zip(asked.parts(), found, strict=False))


def _numbers(found: Any, asked: Asked) -> Mapping[str, Any]:
    numbers: dict[str, Any] = {}
    for place, one in _each(found, asked):
        numbers |= {below(place, name) if place else name: value for name, value in _of_one(one).items()}
    return {**numbers, "comps": len(found) if isinstance(found, Profiles) else 1}


def _of_one(found: Profile | ScaleProfile | SelectionProfile) -> dict[str, Any]:
    name, values = _values(found)
    bounds = {"beta": found.beta, "ci.lb": found.ci_lb, "ci.ub": found.ci_ub}
    numbers = {name: values, "ll": found.ll, "vc": found.estimate, "maxll": found.maxll, "comps": 1}
    numbers |= {"xlim": [values.min(), values.max()], **bounds}
    if isinstance(found, Profile):
        numbers |= {"I2": found.I2, "H2": found.H2}
    for bound, columns in bounds.items():
        numbers |= {f"{bound}${column}": columns[:, j] for j, column in enumerate(found.names)}
    return numbers


def _values(found: Profile | ScaleProfile | SelectionProfile) -> tuple[str, Any]:
    """The parameter, as R calls it, and its values."""
    if isinstance(found, Profile):
        return "tau2", found.tau2
    if isinstance(found, ScaleProfile):
        return "alpha", found.alpha
    return found.name.split(".")[0], found.value


def _pinned(found: Any, asked: Asked, reference: Numbers) -> Any:
    """The profiles at the places where R has them, which by default are spread over R's own intervals."""
    if asked.has("xlim"):  # a person's own places, which need no help
        return None
    model, made = asked.used[0], []
    for place, one in _each(found, asked):
        name, values = _values(one)
        theirs = reference.get(below(place, name) if place else name)
        if theirs is None or len(theirs) != len(values):
            return None
        made.append(pymeta.profile(model, steps=list(theirs), **_parameter(one, model)))
    return Profiles(tuple(made)) if isinstance(found, Profiles) else made[0]


def _parameter(found: Profile | ScaleProfile | SelectionProfile, model: Any) -> dict[str, Any]:
    """Of which parameter the profile is, as arguments."""
    if isinstance(found, Profile):
        return {}
    if isinstance(found, ScaleProfile):
        return {"alpha": list(model.scale.names).index(found.name)}
    return {"tau2": True} if found.name == "tau2" else {"delta": int(found.name.split(".")[1]) - 1}


def _of_search(asked: Asked, reference: Numbers) -> Mapping[str, float]:
    """R's search for the other scale coefficients ends where the likelihood has its digits, of which they have half."""
    return {place: NUMERICAL_HESSIAN for place in reference if {"beta", "ci.lb", "ci.ub"} & set(place.split("$"))}


ADAPTERS = {
    "profile.rma.uni": Adapter(_profile, _numbers, pin=_pinned),
    "profile.rma.ls": Adapter(_profile, _numbers, pin=_pinned, limits=_of_search),
    "profile.rma.uni.selmodel": Adapter(_profile, _numbers, pin=_pinned),
}
