"""What people ask of a fit: predictions, intervals, tests, residuals and the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

import pymeta
from pymeta.data.specs import INTERCEPT
from pymeta.generics.predict import PREDTYPES
from pymeta.port.calls.adapter import Adapter, iterated
from pymeta.port.calls.asked import Asked, Unsupported
from pymeta.port.calls.effects import TRANSFORMS
from pymeta.port.calls.models import model_numbers, typical
from pymeta.port.calls.numbers import WHOLE, Numbers, below
from pymeta.port.pinned import not_excluded, pinned, pinned_deleted_z, pinned_deletions, pinned_intervals, reached
from pymeta.port.values import Reference
from pymeta.results.location_scale import LocationScaleResult
from pymeta.results.selection import SelectionResult
from pymeta.results.tests import Contrasts, LikelihoodRatio, WaldTests
from pymeta.results.uni import UniResult

__all__ = ["ADAPTERS"]


def _scaled(asked: Asked) -> dict[str, Any]:
    """The scale that is asked for, and the level."""
    transf = asked.function("transf", TRANSFORMS)
    given = asked.rest("level", "targs")
    return given if transf is None else {**given, "transf": transf}


# ---- Predictions -------------------------------------------------------------------------------------------------------


def _predict(asked: Asked) -> Any:
    model = asked.model("object")
    given = {**_scaled(asked), **asked.rest("newmods", "newscale", "intercept", "adjust", "hetvar", "newvi", "prob", "vcov")}
    given |= asked.rest(renamed={"pi.type": "predtype", "predtype": "predtype", "addx": "addx"})
    asked.read("slab", "addz")
    if asked.metafor < (5,) and given.get("predtype") not in (None, *PREDTYPES):
        del given["predtype"]  # older versions take what they do not know for the default
    if "newmods" in given:
        given["newmods"] = _by_name_or_place(given["newmods"], model)
        _check_width(given["newmods"], model, asked)
    return pymeta.predict(model, **given)


def _by_name_or_place(values: Any, model: Any) -> Any:
    """Values of moderators by their names, where all have one and there are several moderators; by place otherwise."""
    names = values.columns if isinstance(values, pd.DataFrame) else values.index if isinstance(values, pd.Series) else ()
    several = getattr(model, "p", 1) - (getattr(model, "names", ())[:1] == INTERCEPT) > 1
    named = len(names) > 0 and all(isinstance(name, str) and name for name in names)
    return values if not len(names) or (named and several) else values.to_numpy()


def _check_width(values: Any, model: Any, asked: Asked) -> None:
    """Only metafor 5 takes values with a column for the intercept."""
    if asked.metafor >= (5,) or not isinstance(model, UniResult) or model.names[:1] != INTERCEPT:
        return
    width = np.shape(values)[-1] if np.ndim(values) == 2 or model.p > 2 else 1  # of one moderator, a vector has its values
    if 1 < width == model.p:
        raise Unsupported("predict(newmods=) with a column for the intercept, which this metafor refuses")


def _predictions(found: Any, asked: Asked) -> Mapping[str, Any]:
    model = asked.used[0]
    numbers = {
        name.replace("_", "."): getattr(found, name) for name in ("pred", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "prob", "vcov")
    }
    numbers |= {"cr.lb": found.pi_lb, "cr.ub": found.pi_ub, "se": None if found.transf else found.se, "X": found.X}
    if asked.flag("vcov"):
        numbers = {f"pred${name}": values for name, values in numbers.items()} | {"vcov": found.vcov}
    if found.transf:
        numbers["se"] = np.full(len(found), np.nan)
    if isinstance(model, LocationScaleResult) and model.spec.X.shape[0] == len(found):
        numbers["Z"] = model.scale.design.X
    for name, ddf in (("ddf", found.ddf), ("pi.ddf", found.pi_ddf)):
        numbers[name] = None if ddf is None else np.full(len(found), ddf)
    numbers |= {"pi.se": found.pi_se}
    return numbers


def _effects(function: Callable[..., Any]) -> Callable[[Asked], Any]:
    return lambda asked: function(asked.model("x" if asked.has("x") else "object"), **_scaled(asked))


def _random_effects(found: Any, asked: Asked) -> Mapping[str, Any]:
    se = np.full(len(found.pred), np.nan) if found.transf else found.se
    return {"pred": found.pred, "se": se, "pi.lb": found.pi_lb, "pi.ub": found.pi_ub}


# ---- Intervals and tests -----------------------------------------------------------------------------------------------


def _confint(asked: Asked) -> Any:
    model = asked.model("object")
    asked.read("control")
    given = {**_scaled(asked), **asked.rest("fixed", "random", "type")}
    if isinstance(model, UniResult):  # R's own defaults: it refuses what has no tau2, unless fixed=TRUE is all that is asked
        given = {"fixed": False, "random": "random" in asked.parts() or "fixed" not in given, **given}
    return pymeta.confint(model, **given)


def _pinned_intervals(found: Any, asked: Asked, reference: Numbers) -> Any:
    """The same, as the numbers that R's bounds of tau2 make."""
    model = asked.used[0]
    vt = model.tau2 / (model.H2 - 1.0) if isinstance(model, UniResult) and model.H2 > 1.0 else typical(model)
    return pinned_intervals(found, vt, reference)


def _intervals(found: Any, asked: Asked) -> Mapping[str, Any]:
    tables = {"fixed": found.fixed, "random": found.random}
    columns = ("estimate", "ci_lb", "ci_ub")
    return {
        name: np.array([[getattr(one, column) for column in columns] for _, one in part]) if part else None
        for name, part in tables.items()
    } | {"tau2.min": 0.0}


def _confint_scale(asked: Asked) -> Any:
    """Intervals of scale coefficients: of all, or of one, which R counts from 1."""
    model = asked.model("object")
    asked.read("control")
    if asked.flag("fixed"):
        return pymeta.confint(model, fixed=True, **_scaled(asked))
    found = pymeta.confint(model, **asked.rest("level"))
    one = asked.value("alpha")
    return found if one is None else replace(found, random=found.random[int(one) - 1 : int(one)])


def _scale_intervals(found: Any, asked: Asked) -> Mapping[str, Any]:
    if found.fixed:
        return {"fixed": np.array([[one.estimate, one.ci_lb, one.ci_ub] for _, one in found.fixed])}
    rows = [np.array([[one.estimate, one.ci_lb, one.ci_ub]]) for _, one in found.random]
    if len(rows) == 1:
        return {"random": rows[0]}
    return {below(part, "random"): row for part, row in zip(asked.parts(), rows, strict=False)}


def _pinned_scale_intervals(found: Any, asked: Asked, reference: Numbers) -> Any:
    """The same with R's bounds, where pymeta's are within R's tolerance, or beyond where R stopped searching.

    So they are where the likelihood does not fall at R's bound: then R lost the others' maximum on the way.
    """
    if found.fixed:
        return None
    model, made = asked.used[0], []
    for place, (name, own) in zip(_scale_intervals(found, asked), found.random, strict=True):
        low, high = reference[place].ravel()[1:]
        signs = [asked.answer_text(*place.split("$")[:-1], sign) for sign in ("lb.sign", "ub.sign")]
        for mine, bound, sign in ((own.ci_lb, low, signs[0]), (own.ci_ub, high, signs[1])):
            beyond = abs(mine - own.estimate) > abs(bound - own.estimate)
            if not reached(mine, bound, sign) and not (beyond and not_excluded(model, name, bound, found.level)):
                return None
        made.append((name, replace(own, ci_lb=low, ci_ub=high)))
    return replace(found, random=tuple(made))


def _anova(asked: Asked) -> Any:
    model = asked.model("object")
    other = asked.model("object2") if asked.has("object2") else None
    places = {name: _several(asked, name, _coefficients_of(model, name)) for name in ("btt", "att") if asked.has(name)}
    given = asked.rest("X", "Z", "rhs", "adjust", "refit", renamed={"L": "X"})
    return pymeta.anova(model, other, **places, **given)


def _pinned_ratio(found: Any, asked: Asked, reference: Numbers) -> Any:
    """The likelihood-ratio test of the models at the tau2 that R has for them, which may be those of fits made anew."""
    if not isinstance(found, LikelihoodRatio) or not {"tau2.f", "tau2.r"} <= set(reference):
        return None
    one, two = asked.used
    full, reduced = (one, two) if one.parms >= two.parms else (two, one)
    sides = []
    for model, letter in ((full, "f"), (reduced, "r")):
        anew = pymeta.update(model, method=found.method) if model.spec.method != found.method else model
        sides.append(pinned(anew, {"tau2": reference[f"tau2.{letter}"]}) if iterated(anew) else anew)
    return None if any(side is None for side in sides) else pymeta.anova(*sides)


def _tests(found: Any, asked: Asked) -> Mapping[str, Any]:
    if isinstance(found, LikelihoodRatio):
        return _likelihood_ratio(found)
    if isinstance(found, WaldTests):
        parts = zip(asked.parts(), found, strict=False)
        return {below(part, name): values for part, one in parts for name, values in _wald(one).items()}
    if isinstance(found, Contrasts):
        return _contrasts(found)
    return _wald(found)


def _wald(found: Any) -> dict[str, Any]:
    m, ddf = found.QMdf
    both = [m, np.nan if ddf is None else ddf]
    numbers = {"QM": found.QM, "QMdf": both, "QMp": found.QMp, "m": m, "k": found.k, "p": found.p, "ddf": ddf}
    numbers |= {"btt": np.asarray(found.btt) + 1, "rhs": found.rhs}
    return numbers | {"QS": found.QM, "QSdf": both, "QSp": found.QMp, "att": numbers["btt"], "q": found.p}


def _contrasts(found: Contrasts) -> dict[str, Any]:
    m, ddf = found.QMdf or (np.nan, None)
    numbers: dict[str, Any] = {
        "Xb": found.Xb[:, None],
        "se": found.se,
        "zval": found.zval,
        "pval": found.pval,
        "ddf": found.ddf,
    }
    numbers |= {"QM": found.QM, "QMdf": [m, np.nan if ddf is None else ddf], "QMp": found.QMp, "X": found.X, "L": found.X}
    return numbers | {"k": found.k, "p": found.p, "m": found.m, "rhs": found.rhs, "Lb": found.Xb[:, None], "Z": found.X}


def _likelihood_ratio(found: LikelihoodRatio) -> dict[str, Any]:
    numbers: dict[str, Any] = {"LRT": found.LRT, "pval": found.pval, "R2": found.R2}
    for side in "fr":
        parms = getattr(found, f"parms_{side}")
        numbers |= {
            f"fit.stats.{side}": tuple(getattr(found, f"fit_stats_{side}")),
            f"parms.{side}": parms,
            f"p.{side}": parms,
        }
        numbers |= {f"{name}.{side}": getattr(found, f"{name}_{side}") for name in ("QE", "tau2")}
    return numbers


def _vif(asked: Asked) -> Any:
    model = asked.model("x")
    asked.read("table")
    if isinstance(model, LocationScaleResult):
        raise Unsupported("vif() of a location-scale model")
    given = asked.rest("reestimate")
    if asked.has("btt"):
        found = _several(asked, "btt", len(model.beta))
        given["btt"] = found if (asked.raw("btt") or {}).get("k") == "list" else [found]
    return pymeta.vif(model, **given)


def _coefficients_of(model: Any, name: str) -> int:
    return len(model.alpha if name == "att" else model.beta)


def _several(asked: Asked, name: str, count: int) -> Any:
    """Coefficients out of so many, or lists of them where R has a list: texts, or places from 0."""
    if (asked.raw(name) or {}).get("k") != "list":
        return asked.positions(name, count)
    found = asked.value(name)
    each = found.values() if isinstance(found, dict) else found
    return [[one] if isinstance(one, str) else [int(place) - 1 for place in np.atleast_1d(one)] for one in each]


def _inflation(found: Any, asked: Asked) -> Mapping[str, Any]:
    columns: dict[str, Any] = {"m": found.m, "vif": found.vif, "sif": found.sif}
    numbers: dict[str, Any] = {"vifs": found.vif}
    for i, name in enumerate(asked.parts("vif")):
        if i < len(found.vif):
            numbers |= {below(below("vif", name), column): values[i] for column, values in columns.items()}
    model = asked.used[0] if asked.used else None
    if isinstance(model, UniResult):
        numbers |= {f"table${name}": values for name, values in _table(model).items()}
    return numbers


def _of_refits(asked: Asked, reference: Numbers) -> Mapping[str, float]:
    """With reestimate=TRUE each factor is of a model of its own, whose tau2 R does not tell: some four digits."""
    if not asked.flag("reestimate"):
        return {}
    return {place: 3.5 for place in reference if place.split("$")[-1] in ("vif", "sif", "vifs")}


def _frame_of(asked: Asked) -> Any:
    return asked.model("x")


def _frame_of_predictions(found: Any, asked: Asked) -> Mapping[str, Any]:
    """Of predictions, random effects or residuals, whose columns are called as R's, beside the rows of the design."""
    numbers = {name: getattr(found, name.replace(".", "_"), None) for name in asked.parts()}
    places = [name for name in asked.parts() if name.startswith("X.")]
    design = getattr(found, "X", None)
    if design is not None and design.shape[1] == len(places):
        numbers |= {name: design[:, j] for j, name in enumerate(places)}
    return numbers


def _frame_of_inflation(found: Any, asked: Asked) -> Mapping[str, Any]:
    return {"m": found.m, "vif": found.vif, "sif": found.sif}


def _frame_of_tests(found: Any, asked: Asked) -> Mapping[str, Any]:
    if isinstance(found, Contrasts):
        return {
            "estimate": found.Xb,
            "se": found.se,
            "zval": found.zval,
            "tval": found.zval,
            "df": found.ddf,
            "pval": found.pval,
        }
    if isinstance(found, LikelihoodRatio):
        table = found.frame()
        return {{"tau2": "tau^2", "R2": "R^2"}.get(name, name): table[name] for name in table.columns}
    tests = list(found) if isinstance(found, WaldTests) else [found]
    m = [one.m for one in tests]
    numbers = {"QM": [one.QM for one in tests], "df": m, "pval": [one.QMp for one in tests]}
    return {**numbers, "Fval": numbers["QM"], "df1": m, "df2": [one.QMdf[1] for one in tests]}


def _frame_of_intervals(found: Any, asked: Asked) -> Mapping[str, Any]:
    rows = found.random or found.fixed
    if not asked.parts():
        return {WHOLE: np.array([[one.estimate, one.ci_lb, one.ci_ub] for _, one in rows])}
    return {name.replace("_", "."): [getattr(one, name) for _, one in rows] for name in ("estimate", "ci_lb", "ci_ub")}


# ---- Numbers of a model ------------------------------------------------------------------------------------------------


def _of_model(function: Callable[..., Any], first: str, *more: str) -> Callable[[Asked], Any]:
    return lambda asked: function(asked.model(first), **asked.rest(*more))


def _whole(found: Any, asked: Asked) -> Mapping[str, Any]:
    return {WHOLE: found}


def _coef(asked: Asked) -> Any:
    return asked.model("object")


def _coefficients(model: Any, asked: Asked) -> Mapping[str, Any]:
    if asked.call.fun == "coef.summary.rma":
        return _table(model)
    if isinstance(model, LocationScaleResult):
        return {"beta": model.beta, "alpha": model.alpha}
    if isinstance(model, SelectionResult):
        return {"beta": model.beta, "delta": model.delta}
    return {WHOLE: model.beta}


def _table(model: Any) -> dict[str, Any]:
    names = {"estimate": "beta", "se": "se", "zval": "zval", "tval": "zval", "df": "ddf", "pval": "pval", "ci.lb": "ci_lb"}
    names |= {"ci.ub": "ci_ub"}
    found = {theirs: getattr(model, ours, None) for theirs, ours in names.items()}
    if found["df"] is not None and np.ndim(found["df"]) == 0:
        found["df"] = np.full(len(model.beta), found["df"])
    location = {f"beta${name}": values for name, values in found.items()}
    if isinstance(model, LocationScaleResult):
        scale = {
            "estimate": model.alpha,
            **{n: getattr(model, f"{o}_alpha") for n, o in list(names.items())[1:4:1] if n != "df"},
        }
        scale |= {"pval": model.pval_alpha, "ci.lb": model.ci_lb_alpha, "ci.ub": model.ci_ub_alpha}
        location |= {f"alpha${name}": values for name, values in scale.items()}
    return found | location


def _summary(asked: Asked) -> Any:
    return asked.model("object")


def _vcov(asked: Asked) -> Any:
    model = asked.model("object")
    kind = asked.text("type", "fixed")
    asked.read("complete")
    if isinstance(model, LocationScaleResult) and kind == "fixed":
        return {"beta": model.vb, "alpha": model.va}
    if isinstance(model, SelectionResult) and not asked.has("type"):
        return {"beta": model.vb, "delta": model.vd}
    return pymeta.vcov(model, kind) if asked.has("type") else pymeta.vcov(model)


def _maybe_parts(found: Any, asked: Asked) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {WHOLE: found}


def _fitted(asked: Asked) -> Any:
    model = asked.model("object")
    location = pymeta.fitted(model)
    if not isinstance(model, LocationScaleResult):
        return location
    return {"location": location, "scale": model.scale.design.X @ model.alpha}


def _weights(asked: Asked) -> Any:
    return pymeta.weights(asked.model("object"), **asked.rest("type"))


def _fit_stats(asked: Asked) -> Any:
    models = [asked.model("object"), *_others(asked)]
    return models, asked.value("REML")


def _others(asked: Asked) -> list[Any]:
    return [asked.model(name) for name in asked.call.dots if isinstance(asked.value(name), Reference)]


def _statistics(found: Any, asked: Asked) -> Mapping[str, Any]:
    models, REML = found
    rows = [_likelihoods(model, REML) for model in models]
    if len(rows) == 1:
        return {WHOLE: np.array(rows[0])[:, None]}
    return dict(zip(asked.parts(), rows, strict=True))


def _likelihoods(model: Any, REML: bool | None) -> tuple[float, ...]:
    stats = model.fit_stats
    restricted = model.spec.method == "REML" if REML is None else REML
    return tuple(stats["REML" if restricted else "ML"])


def _criterion(name: str) -> Callable[[Asked], Any]:
    def run(asked: Asked) -> Any:
        function = getattr(pymeta, "AICc" if asked.flag("correct") else name)
        models = [asked.model("object"), *_others(asked)]
        given = asked.rest("REML")
        found = [function(model, **given) for model in models]
        return found[0] if len(models) == 1 else {"df": [m.parms for m in models], function.__name__: found}

    return run


def _degrees(asked: Asked) -> Any:
    return pymeta.df_residual(asked.model("object"))


# ---- Residuals ---------------------------------------------------------------------------------------------------------


def _standardized(function: Callable[..., Any]) -> Callable[[Asked], Any]:
    return lambda asked: function(asked.model("model"), **asked.rest("type"))


def _residuals(found: Any, asked: Asked) -> Mapping[str, Any]:
    return {"resid": found.resid, "se": found.se, "z": found.z}


def _pinned_deletions(found: Any, asked: Asked, reference: Numbers) -> Any:
    model = asked.used[0]
    return pinned_deletions(model, found, reference) if type(model) is UniResult else None


def _pinned_z(found: Any, asked: Asked, reference: Numbers) -> Any:
    """The z of deleted residuals at the tau2 that R has without each study."""
    model = asked.used[0]
    if asked.text("type", "response") != "rstudent" or type(model) is not UniResult:
        return None
    return pinned_deleted_z(model, found, reference[WHOLE])


ADAPTERS = {
    "predict.rma": Adapter(_predict, _predictions),
    "predict.rma.ls": Adapter(_predict, _predictions),
    "blup.rma.uni": Adapter(_effects(pymeta.blup), _random_effects),
    "ranef.rma.uni": Adapter(_effects(pymeta.ranef), _random_effects),
    "confint.rma.uni": Adapter(_confint, _intervals, iterative=lambda _: True, pin=_pinned_intervals),
    "confint.rma.ls": Adapter(_confint_scale, _scale_intervals, iterative=lambda _: True, pin=_pinned_scale_intervals),
    "confint.rma.mh": Adapter(_confint, _intervals),
    "confint.rma.peto": Adapter(_confint, _intervals),
    "anova.rma": Adapter(_anova, _tests, pin=_pinned_ratio),
    "vif.rma": Adapter(_vif, _inflation, limits=_of_refits),
    "as.data.frame.anova.rma": Adapter(_frame_of, _frame_of_tests),
    "as.data.frame.confint.rma": Adapter(_frame_of, _frame_of_intervals, iterative=lambda _: True),
    "as.data.frame.list.rma": Adapter(_frame_of, _frame_of_predictions),
    "as.data.frame.vif.rma": Adapter(_frame_of, _frame_of_inflation),
    "coef.rma": Adapter(_coef, _coefficients),
    "coef.summary.rma": Adapter(_coef, _coefficients),
    "summary.rma": Adapter(_summary, lambda found, asked: model_numbers(found)),
    "vcov.rma": Adapter(_vcov, _maybe_parts),
    "weights.rma.uni": Adapter(_weights, _whole),
    "weights.rma.mh": Adapter(_weights, _whole),
    "weights.rma.peto": Adapter(_weights, _whole),
    "fitted.rma": Adapter(_fitted, _maybe_parts),
    "residuals.rma": Adapter(_of_model(pymeta.residuals, "object", "type"), _whole, pin=_pinned_z),
    **{f"rstandard.rma.{kind}": Adapter(_standardized(pymeta.rstandard), _residuals) for kind in ("uni", "mh", "peto")},
    **{f"rstudent.rma.{kind}": Adapter(_standardized(pymeta.rstudent), _residuals) for kind in ("mh", "peto")},
    "rstudent.rma.uni": Adapter(_standardized(pymeta.rstudent), _residuals, pin=_pinned_deletions),
    "hatvalues.rma.uni": Adapter(_of_model(pymeta.hatvalues, "model", "type"), _whole),
    "model.matrix.rma": Adapter(_of_model(pymeta.model_matrix, "object"), _whole),
    "logLik.rma": Adapter(_of_model(pymeta.logLik, "object", "REML"), _whole),
    "deviance.rma": Adapter(_of_model(pymeta.deviance, "object", "REML"), _whole),
    "AIC.rma": Adapter(_criterion("AIC"), _maybe_parts),
    "BIC.rma": Adapter(_criterion("BIC"), _maybe_parts),
    "formula.rma": Adapter(_of_model(pymeta.formula, "x", "type"), lambda found, asked: {}),
    "fitstats.rma": Adapter(_fit_stats, _statistics),
    "nobs.rma": Adapter(_of_model(pymeta.nobs, "object"), _whole),
    "df.residual.rma": Adapter(_degrees, _whole),
}
