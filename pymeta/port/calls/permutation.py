"""permutest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

import pymeta
from pymeta.arrays import FloatArray
from pymeta.models import location_scale, uni
from pymeta.port.calls.adapter import Adapter, iterated
from pymeta.port.calls.asked import Asked, Unsupported
from pymeta.port.calls.numbers import WHOLE, Numbers, read_numbers
from pymeta.port.pinned import pinned
from pymeta.port.values import Reference
from pymeta.results.location_scale import LocationScaleResult
from pymeta.results.permutation import PermutationTest, ScalePermutationTest
from pymeta.results.uni import UniResult

__all__ = ["ADAPTERS"]

_OPTIONS = ("alternative", "p2defn", "stat", "comptol")
_SEARCH = ("tol", "maxiter", "distfac", "extendInt")
_ITERATED = 3.0
"""Digits of statistics under permutation whose tau2 R iterates to its default threshold, or of location-scale models."""


def _permutest(asked: Asked) -> Any:
    given = asked.rest("exact", "iter")
    if given.get("exact") == "i" and asked.metafor < (5,):
        raise Unsupported("permutest(exact='i'), which metafor before 5 cannot do")
    if asked.value("permci"):
        raise Unsupported("permutest(permci=), whose limits are where R's search stopped among ever new permutations")
    for name in ("btt", "att"):
        if asked.has(name):
            given[name] = asked.positions(name)
    control = asked.value("control") or {}
    if odd := set(control) - {*_OPTIONS, *_SEARCH}:
        raise Unsupported(f"permutest(control=list({min(odd)}=))")
    given |= {name: control[name] for name in _OPTIONS if name in control}
    if "iter" in given:
        given["iter"] = int(given["iter"])
    state = asked.call.rng
    if state not in (False, "unset"):
        given["seed"] = np.array(asked.trace.value(state), dtype=np.int64)
    return pymeta.permutest(_own(asked.model("x")), **given)


def _own(model: Any) -> Any:
    """The fit of the data by pymeta, where the model has taken R's tau2: one of the permutations is the data's."""
    if type(model) is UniResult and iterated(model):
        return uni.fit(model.spec, model.call)
    return location_scale.fit(model.spec, model.scale) if isinstance(model, LocationScaleResult) else model


def _numbers(found: Any, asked: Asked) -> Mapping[str, Any]:
    if not isinstance(found, PermutationTest):
        return {WHOLE: np.atleast_1d(np.array(found, dtype=np.float64))}
    model, names = found.model, found.model.names
    numbers: dict[str, Any] = {"pval": found.pval, "QMp": found.QMp, "beta": model.beta[:, None], "se": model.se}
    numbers |= {
        "zval": model.zval,
        "ci.lb": found.ci_lb,
        "ci.ub": found.ci_ub,
        "QM": model.QM,
        "QMdf": _pair(model.QMdf),
        "ddf": model.ddf,
    }
    numbers |= {"k": model.k, "p": model.p, "m": model.m, "dfs": model.ddf, "exact.iter": found.exact_iter}
    numbers |= {"btt": np.array(model.btt) + 1.0, "QM.perm": found.QM_perm}
    numbers |= _columns("zval.perm", names, found.zval_perm) | _columns("beta.perm", names, found.beta_perm)
    return numbers | _scale(found) if isinstance(found, ScalePermutationTest) else numbers


def _scale(found: ScalePermutationTest) -> dict[str, Any]:
    model: Any = found.model
    names = model.scale.names
    numbers: dict[str, Any] = {"pval.alpha": found.pval_alpha, "QSp": found.QSp, "QS": model.QS, "QSdf": _pair(model.QSdf)}
    numbers["alpha"] = model.alpha[:, None]
    for name in ("se_alpha", "zval_alpha", "ci_lb_alpha", "ci_ub_alpha", "ddf_alpha"):
        numbers[name.replace("_", ".")] = getattr(model, name)
    numbers |= {
        "att": np.array(model.att) + 1.0,
        "q": model.q,
        "m.alpha": len(model.att),
        "Z.exact.iter": found.Z_exact_iter,
    }
    if len(found.QS_perm):
        numbers |= {"QS.perm": found.QS_perm, **_columns("zval.alpha.perm", names, found.zval_alpha_perm)}
        numbers |= _columns("alpha.perm", names, found.alpha_perm)
    return numbers


def _pair(df: tuple[int, float | None]) -> list[float]:
    return [float(df[0]), np.nan if df[1] is None else df[1]]


def _columns(name: str, names: tuple[str, ...], table: FloatArray) -> dict[str, Any]:
    return {f"{name}${one}": table[:, j] for j, one in enumerate(names)}


def _limits(asked: Asked, reference: Numbers) -> Mapping[str, float]:
    """Each permutation's fit is one that R stopped early."""
    model = asked.model("x")
    if not iterated(model):
        return {}
    shares = ("pval", "QMp", "pval.alpha", "QSp") if isinstance(model, LocationScaleResult) else ()
    return {name: _ITERATED for name in reference if ".perm" in name or name in shares}


def _pinned(found: Any, asked: Asked, reference: Numbers) -> Any:
    """The test with R's model."""
    given = asked.value("x")
    if not isinstance(found, PermutationTest) or not iterated(found.model) or not isinstance(given, Reference):
        return None
    call = next(call for call in asked.trace.calls if call.id == given.id)
    made = pinned(found.model, read_numbers(call.result, asked.trace.raw))
    return None if made is None else replace(found, model=made, ci_lb=made.ci_lb, ci_ub=made.ci_ub)


def _coefficients(asked: Asked) -> Any:
    return asked.model("object")


def _table(found: PermutationTest, asked: Asked) -> Mapping[str, Any]:
    model = found.model
    kind = {"zval": model.zval} if model.ddf is None else {"tval": model.zval, "df": np.full(len(model.beta), model.ddf)}
    limits = {"ci.lb": found.ci_lb, "ci.ub": found.ci_ub}
    return {"estimate": model.beta, "se": model.se, **kind, "pval": found.pval, **limits}


_TEST = Adapter(_permutest, _numbers, iterative=lambda found: True, pin=_pinned, limits=_limits)
ADAPTERS = {
    "permutest.rma.uni": _TEST,
    "permutest.rma.ls": _TEST,
    "coef.permutest.rma.uni": Adapter(_coefficients, _table),
}
