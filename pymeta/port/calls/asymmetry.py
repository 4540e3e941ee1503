"""ranktest and regtest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pymeta
from pymeta.diagnostics.asymmetry import of_fit
from pymeta.port.calls.adapter import Adapter, iterated
from pymeta.port.calls.asked import Asked
from pymeta.port.calls.models import model_numbers
from pymeta.port.calls.numbers import Numbers, below
from pymeta.port.pinned import pinned
from pymeta.port.values import Reference
from pymeta.results.asymmetry import LeastSquares

__all__ = ["ADAPTERS", "sizes"]


def _given(asked: Asked) -> dict[str, Any]:
    """The model, or effects with their variances."""
    given = asked.rest("vi", "sei", "ni")
    asked.read("data")
    if asked.has("subset"):
        chosen = asked.positions("subset")
        given = {name: values[chosen] for name, values in given.items()}
        return {**given, "x": asked.value("x")[chosen]}
    return {**given, "x": asked.model("x") if isinstance(asked.value("x"), Reference) else asked.value("x")}


def _ranktest(asked: Asked) -> Any:
    return pymeta.ranktest(**_given(asked), **asked.rest("exact"))


def _regtest(asked: Asked) -> Any:
    given = {**_given(asked), **asked.rest("model", "predictor")}
    asked.read("ret.fit")
    if "ni" not in given and str(given.get("predictor", "sei")) not in ("sei", "vi"):
        given["ni"] = sizes(asked)
    return pymeta.regtest(**given)


def sizes(asked: Asked) -> Any:
    """The sample sizes that R remembers beside the effects, or with the model."""
    found = asked.value("x")
    if isinstance(found, Reference):
        call = next(call for call in asked.trace.calls if call.id == found.id)
        return asked.trace.value((asked.trace.raw(call.result) or {}).get("f", {}).get("ni"))
    return asked.trace.value((asked.raw("x") or {}).get("a", {}).get("ni"))


def _ranks(found: Any, asked: Asked) -> Mapping[str, Any]:
    return {"tau": found.tau, "pval": found.pval}


def _regression(found: Any, asked: Asked) -> Mapping[str, Any]:
    numbers = {"zval": found.zval, "pval": found.pval, "dfs": found.ddf, "ddf": found.ddf, "est": found.est}
    numbers |= {"ci.lb": found.ci_lb, "ci.ub": found.ci_ub}
    fit = found.fit
    if isinstance(fit, LeastSquares):
        parts = {"coefficients": fit.beta, "residuals": fit.residuals, "weights": fit.weights, "df.residual": fit.df}
        parts |= {"fitted.values": fit.fitted, "rank": len(fit.beta)}
    else:
        parts = model_numbers(fit)
    return numbers | {below("fit", name): values for name, values in parts.items()}


def _pinned(found: Any, asked: Asked, reference: Numbers) -> Any:
    """The test in the model at R's tau2."""
    if not iterated(found.fit):
        return None
    made = pinned(found.fit, {name.removeprefix("fit$"): values for name, values in reference.items()})
    return None if made is None else of_fit(made, found.predictor, made.spec.level)


ADAPTERS = {
    "ranktest": Adapter(_ranktest, _ranks),
    "regtest": Adapter(_regtest, _regression, iterative=lambda found: iterated(found.fit), pin=_pinned),
}
