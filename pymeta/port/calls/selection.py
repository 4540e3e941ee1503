"""selmodel, and what people ask of its models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

import pymeta
from pymeta.models.selection import at, theta_of
from pymeta.port.calls.adapter import Adapter
from pymeta.port.calls.asked import Asked, Unsupported
from pymeta.port.calls.models import model_numbers
from pymeta.port.calls.numbers import Numbers, below
from pymeta.port.pinned import SECOND_DIFFERENCES, reached
from pymeta.port.values import Reference
from pymeta.results.selection import SelectionResult

__all__ = ["ADAPTERS"]

_LIMITS = {"delta.min": "delta_min", "delta.max": "delta_max", "pval.min": "pval_min"}
_SEARCH = ("init", "tol", "tau2.max")
"""Parts of names of control that do not change where the maximum is."""
_SLACK = 1e-4
"""How much lower pymeta's log-likelihood may be than R's, whose integrals have a tolerance of that size by default."""
_INTEGRALS = 3.5
"""Digits of a log-likelihood by integrals, for that reason."""


def _selmodel(asked: Asked) -> Any:
    x = asked.model("x")
    given = asked.rest("type", "alternative", "prec", "delta", "steps", "decreasing", "scaleprec")
    asked.read("skiphes", "skiphet", "defmap")
    if asked.has("subset"):
        given["subset"] = asked.positions("subset")
    given |= _control(asked) | {"type": _type(asked)}
    if str(given.get("prec", "")).endswith("ninv"):
        given["ni"] = _sizes(asked)
    return pymeta.selmodel(x, **given)


def _type(asked: Asked) -> str:
    """The kind of selection function, of which R takes as much of the name as tells it."""
    given = asked.text("type", "")
    fitting = [name for name in pymeta.SELECTIONS if name.startswith(given)]
    return fitting[0] if len(fitting) == 1 else given


def _control(asked: Asked) -> dict[str, Any]:
    given = asked.value("control") or {}
    given = given if isinstance(given, dict) else {}
    return {ours: given[theirs] for theirs, ours in _LIMITS.items() if theirs in given}


def _sizes(asked: Asked) -> Any:
    """The sample sizes that R keeps with the fit."""
    reference = asked.value("x")
    if not isinstance(reference, Reference):
        raise Unsupported("selmodel(prec=) of sample sizes that the trace does not hold")
    call = next(call for call in asked.trace.calls if call.id == reference.id)
    return asked.trace.value((asked.trace.raw(call.result) or {}).get("f", {}).get("ni"))


def _numbers(found: SelectionResult, asked: Asked) -> Mapping[str, Any]:
    parts = ("se", "zval", "pval", "ci.lb", "ci.ub")
    numbers = model_numbers(found) | {f"{name}.delta": getattr(found, f"{name.replace('.', '_')}_delta") for name in parts}
    names = ("delta", "vd", "ll", "ll0", "LRT", "LRTdf", "LRTp", "LRT.tau2", "LRTp.tau2", "ci.lb.tau2", "ci.ub.tau2")
    numbers |= {name: getattr(found, name.replace(".", "_")) for name in (*names, "pvals", "se.tau2")}
    gone = ("se.tau2", "ci.lb.tau2", "ci.ub.tau2", "LRT.tau2", "LRTp.tau2")
    numbers |= {name: np.nan for name in gone if numbers[name] is None}
    return numbers | {"ptable$k": found.ptable, "ptable": found.ptable, "deltas": len(found.delta), "s2w": 1.0}


def _theta(found: SelectionResult, reference: Numbers) -> Any:
    parts = [reference[name].ravel() for name in ("beta", "tau2", "delta")]
    if found.type in ("trunc", "truncest"):  # the weight beyond the cutpoint comes first, and the cutpoint is apart
        parts[2:] = [np.ones(1), parts[2][:1]]
    return np.concatenate(parts)


def _pinned(found: Any, asked: Asked, reference: Numbers) -> Any:
    """The model at R's parameters, if pymeta's are as likely; what has no standard error in R is held there."""
    if not isinstance(found, SelectionResult) or not {"beta", "tau2", "delta"} <= set(reference):
        return None
    theta = _theta(found, reference)
    if theta.shape != theta_of(found).shape or not np.isfinite(theta).all():
        return None
    held = [found.p] if found.solve.at_zero else []
    if "se.delta" in reference and not found.type.startswith("trunc"):
        free = np.isnan(found.selection.delta) & np.isnan(reference["se.delta"].ravel())
        held += [found.p + 1 + int(j) for j in np.flatnonzero(free)]
    cut = float(reference["delta"].ravel()[-1]) if found.type == "truncest" else None
    made = at(found, theta, held, cut)
    if made.ll > found.ll + _SLACK:
        return None
    return _without_errors(made) if np.isnan(reference.get("se", np.zeros(1))).all() else made


def _without_errors(found: SelectionResult) -> SelectionResult:
    """Where R could not invert its Hessian, and says so."""
    nothing, none = np.full(found.p, np.nan), np.full(len(found.delta), np.nan)
    errors = ("se", "zval", "pval", "ci_lb", "ci_ub")
    lost: dict[str, Any] = dict.fromkeys(errors, nothing)
    lost |= {f"{name}_delta": none for name in errors}
    lost |= {"vb": np.full_like(found.vb, np.nan), "vd": np.full_like(found.vd, np.nan)}
    lost |= dict.fromkeys(("QM", "QMp"), np.nan) | dict.fromkeys(("se_tau2", "ci_lb_tau2", "ci_ub_tau2"))
    return replace(found, **lost)


def _limits(asked: Asked, reference: Numbers) -> Mapping[str, float]:
    """Estimates are R's own once they are pinned; likelihoods are as exact as R's integrals."""
    closed = _type(asked) in ("stepfun", "trunc", "truncest")
    told = dict.fromkeys(("b", "beta", "tau2", "delta", "yi", "vi", "X", "pvals", "ptable$k"), 15.9)
    likelihoods = ("ll", "LRT", "fit.stats$ML", "LRTp")
    tails = {} if not closed else {f"pval{of}": _of_tail(reference.get(f"zval{of}")) for of in ("", ".delta")}
    return (
        told
        | dict.fromkeys(likelihoods, 6.0 if closed else _INTEGRALS)
        | {"LRTp": 4.0, "LRT.tau2": 3.5, "LRTp.tau2": 3.0}
        | tails
    )


def _of_tail(z: Any) -> float:
    """Digits of p-values whose z have those of R's second differences: z² times as much is wrong there."""
    size = np.nanmax(np.abs(np.atleast_1d(z)), initial=1.0) if z is not None else 1.0
    return max(1.0, float(SECOND_DIFFERENCES - 2.0 * np.log10(size)))


def _confint(asked: Asked) -> Any:
    """Intervals of tau2 and selection parameters, which R counts from 1."""
    model = asked.model("object")
    asked.read("control")
    if asked.flag("fixed"):
        return pymeta.confint(model, fixed=True, **asked.rest("level"))
    delta = asked.value("delta")
    if delta is not None and not isinstance(delta, bool):
        delta = [int(one) - 1 for one in np.atleast_1d(delta)]
    return pymeta.confint(model, **asked.rest("level", "tau2"), **({} if delta is None else {"delta": delta}))


def _groups(found: Any) -> list[list[Any]]:
    """Rows by parameter, as R has them: tau2 and tau together."""
    groups: list[list[Any]] = []
    for name, one in found.fixed or found.random:
        if name == "tau":
            groups[-1].append(one)
        elif found.fixed and groups:
            groups[0].append(one)
        else:
            groups.append([one])
    return groups


def _intervals(found: Any, asked: Asked) -> Mapping[str, Any]:
    tables = [np.array([[one.estimate, one.ci_lb, one.ci_ub] for one in group]) for group in _groups(found)]
    kind = "fixed" if found.fixed else "random"
    if len(tables) == 1:
        return {kind: tables[0]}
    return {below(part, kind): table for part, table in zip(asked.parts(), tables, strict=False)}


def _pinned_intervals(found: Any, asked: Asked, reference: Numbers) -> Any:
    """The same with R's numbers, where pymeta's are within R's tolerance of them: 1.2e-4 of uniroot."""
    mine = _intervals(found, asked)
    if found.fixed or set(mine) != set(reference):
        return None
    near = all(
        reached(float(a), float(b), "")
        for place in mine
        for a, b in zip(np.ravel(mine[place])[1:3], np.ravel(reference[place], order="C")[1:3], strict=True)
    )
    return _Told(reference) if near else None


class _Told(dict[str, Any]):
    """R's own intervals."""

    fixed = ()
    random = ()


def _intervals_or_told(found: Any, asked: Asked) -> Mapping[str, Any]:
    return found if isinstance(found, _Told) else _intervals(found, asked)


ADAPTERS = {
    "selmodel.rma.uni": Adapter(_selmodel, _numbers, pin=_pinned, limits=_limits),
    "confint.rma.uni.selmodel": Adapter(_confint, _intervals_or_told, iterative=lambda _: True, pin=_pinned_intervals),
}
