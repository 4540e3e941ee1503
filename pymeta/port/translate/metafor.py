"""metafor's functions -> pymeta's: the same arguments by the same names, rows and coefficients counted from 0."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pymeta
from pymeta.data.formulas.functions import FUNCTIONS as READ_IN_FORMULAS
from pymeta.port.syntax import Call, Constant, Name, Node, walk
from pymeta.port.translate.expressions import Rule, Translator, literal_text, matched
from pymeta.port.translate.formulas import formula_text, formula_variables, is_formula
from pymeta.port.translate.indexing import is_mask, left_out, positions
from pymeta.port.translate.scope import python_name
from pymeta.port.translate.values import Kind, Untranslatable, Value, build, call, constant, listed, origins

__all__ = ["FUNCTIONS", "PLOTS", "RULES", "why_not"]

_TABLES = "ai bi ci di n1i n2i x1i x2i t1i t2i"
_RAW = f"{_TABLES} m1i m2i sd1i sd2i xi mi ri ti fi pi sdi r2i ni"
_ZEROS = "add to drop00"
_LEFT_OUT = {"digits": "digits", "verbose": "", "control": "control", "progbar": "", "sparse": "sparse"}

_DRAWING = (
    "forest funnel plot regplot radial galbraith baujat labbe llplot gosh qqnorm addpoly "
    "abline text points lines axis par legend title segments polygon mtext rect "
    "arrows layout dev.off png pdf svg jpeg dev.new curve hist barplot boxplot "
    "profile influence.plot addpolygon image heatmap interaction.plot box grid "
)
PLOTS = frozenset(_DRAWING.split())
"""Functions that draw, or prepare drawing."""

FUNCTIONS = {
    name.replace("transf_", "transf.").replace("_", "."): f"pm.{name}"
    for name in pymeta.__all__
    if name.startswith("transf_")
}
"""metafor's transformations, as they are passed on: ``transf=transf.ilogit``."""


@dataclass(frozen=True, slots=True)
class _Target:
    """A function of pymeta.

    formals : R's arguments in their order; positional : how many of them pymeta takes by position
    masked : those that may name columns of `data`, or "*" for those that the formals list
    """

    name: str
    formals: tuple[str, ...]
    positional: int
    masked: tuple[str, ...]
    kind: Kind
    result: Any = None


def _t(name: str, formals: str, positional: int, masked: str, kind: Kind, result: Any = None) -> _Target:
    return _Target(name, tuple(formals.split()), positional, tuple(masked.split()), kind, result)


def _result(module: str, name: str) -> Any:
    from importlib import import_module

    return getattr(import_module(f"pymeta.{module}"), name)


_UNI, _MH, _PETO = pymeta.UniResult, pymeta.MHResult, pymeta.PetoResult
_PREDICTIONS = _result("results.predictions", "Predictions")
_EFFECTS = _result("results.predictions", "RandomEffects")
_INTERVALS = _result("results.intervals", "ConfidenceIntervals")
_REFITS = _result("results.refits", "Refits")
_TESTS = "results.tests"
_RMA = (
    f"yi vi sei weights {_RAW} mods scale measure intercept data slab subset {_ZEROS} vtype method weighted test level "
    "btt att tau2 verbose digits control"
)
_MASKED = f"yi vi sei weights slab subset {_RAW}"
_MODELS = {
    "escalc": _t(
        "escalc",
        f"measure {_RAW} yi vi sei data slab flip subset include {_ZEROS} vtype correct cutoff var.names add.measure append "
        "replace digits",
        1,
        f"{_MASKED} flip include vtype",
        Kind.FRAME,
    ),
    "rma": _t("rma", _RMA, 2, _MASKED, Kind.MODEL, _UNI),
    "rma.uni": _t("rma", _RMA, 2, _MASKED, Kind.MODEL, _UNI),
    "rma.mh": _t(
        "rma_mh", f"{_TABLES} measure data slab subset {_ZEROS} correct level verbose digits", 0, _MASKED, Kind.MODEL, _MH
    ),
    "rma.peto": _t(
        "rma_peto", f"ai bi ci di n1i n2i data slab subset {_ZEROS} level verbose digits", 0, _MASKED, Kind.MODEL, _PETO
    ),
    "to.long": _t("to_long", f"measure {_RAW} data slab subset {_ZEROS} vlong append var.names", 1, _MASKED, Kind.FRAME),
    "to.table": _t("to_table", f"measure {_RAW} data slab subset {_ZEROS} rows cols", 1, _MASKED, Kind.FRAME),
    "vcalc": _t(
        "vcalc",
        "vi cluster subgroup obs type time1 time2 grp1 grp2 w1 w2 data rho phi rvars checkpd nearpd sparse",
        2,
        "vi cluster subgroup obs type time1 time2 grp1 grp2 w1 w2",
        Kind.MATRIX,
    ),
    "conv.2x2": _t(
        "conv_2x2",
        "ori ri x2i ni n1i n2i correct data include var.names append replace",
        0,
        "ori ri x2i ni n1i n2i include",
        Kind.FRAME,
    ),
    "conv.wald": _t(
        "conv_wald",
        "out ci.lb ci.ub zval pval n data include level transf check var.names append replace",
        0,
        "out ci.lb ci.ub zval pval n include level",
        Kind.FRAME,
    ),
    "conv.fivenum": _t(
        "conv_fivenum",
        "min q1 median q3 max n data include method dist transf test var.names append replace",
        0,
        "min q1 median q3 max n include",
        Kind.FRAME,
    ),
    "matreg": _t("matreg", "y x R n V cov means ztor nearpd level digits", 2, "", Kind.RESULT, pymeta.MatregResult),
}
_PREDICT = "object newmods intercept tau2.levels gamma2.levels addx level digits transf targs vcov"
_GENERICS = {
    "predict": _t("predict", _PREDICT, 2, "", Kind.RESULT, _PREDICTIONS),
    "confint": _t(
        "confint", "object parm level fixed random type digits transf targs verbose control", 1, "", Kind.RESULT, _INTERVALS
    ),
    "blup": _t("blup", "x level digits transf targs", 1, "", Kind.RESULT, _EFFECTS),
    "ranef": _t("ranef", "object level digits transf targs", 1, "", Kind.RESULT, _EFFECTS),
    "robust": _t(
        "robust",
        "x cluster adjust clubSandwich vcov digits",
        2,
        "cluster",
        Kind.MODEL,
        _result("results.robust", "RobustResult"),
    ),
    "vif": _t("vif", "x btt digits", 1, "", Kind.RESULT, _result("results.inflation", "Inflation")),
    "rstandard": _t("rstandard", "model digits type", 1, "", Kind.RESULT, _result("results.residuals", "Residuals")),
    "rstudent": _t("rstudent", "model digits", 1, "", Kind.RESULT, _result("results.residuals", "Residuals")),
    "residuals": _t("residuals", "object type", 1, "", Kind.VECTOR),
    "resid": _t("residuals", "object type", 1, "", Kind.VECTOR),
    "fitted": _t("fitted", "object", 1, "", Kind.VECTOR),
    "weights": _t("weights", "object type", 1, "", Kind.VECTOR),
    "hatvalues": _t("hatvalues", "model type", 1, "", Kind.VECTOR),
    "coef": _t("coef", "object", 1, "", Kind.VECTOR),
    "se": _t("se", "object", 1, "", Kind.VECTOR),
    "vcov": _t("vcov", "object type", 1, "", Kind.MATRIX),
    "model.matrix": _t("model_matrix", "object", 1, "", Kind.MATRIX),
    "logLik": _t("logLik", "object REML", 1, "", Kind.NUMBER),
    "deviance": _t("deviance", "object REML", 1, "", Kind.NUMBER),
    "AIC": _t("AIC", "object REML", 1, "", Kind.NUMBER),
    "BIC": _t("BIC", "object REML", 1, "", Kind.NUMBER),
    "AICc": _t("AICc", "object REML", 1, "", Kind.NUMBER),
    "nobs": _t("nobs", "object", 1, "", Kind.NUMBER),
    "df.residual": _t("df_residual", "object", 1, "", Kind.NUMBER),
    "formula": _t("formula", "x type", 1, "", Kind.TEXT),
    "leave1out": _t(
        "leave1out", "x cluster transf targs digits", 1, "cluster", Kind.RESULT, _result("results.refits", "Refits")
    ),
    "cumul": _t(
        "cumul", "x order transf targs collapse digits", 1, "order", Kind.RESULT, _result("results.refits", "Refits")
    ),
    "influence": _t("influence", "model digits progbar", 1, "", Kind.RESULT, _result("results.influence", "Influence")),
    "cooks.distance": _t("cooks_distance", "model progbar", 1, "", Kind.VECTOR),
    "dffits": _t("dffits", "model progbar", 1, "", Kind.VECTOR),
    "regtest": _t(
        "regtest", "x vi sei ni model predictor digits", 2, "", Kind.RESULT, _result("results.asymmetry", "RegressionTest")
    ),
    "ranktest": _t("ranktest", "x vi sei exact digits", 2, "", Kind.RESULT, _result("results.asymmetry", "RankTest")),
    "trimfill": _t(
        "trimfill", "x side estimator maxiter verbose ilim", 1, "", Kind.MODEL, _result("results.trimfill", "TrimFillResult")
    ),
    "fsn": _t(
        "fsn", "x vi sei type alpha target method exact digits", 2, "", Kind.RESULT, _result("results.failsafe", "FailSafeN")
    ),
    "tes": _t(
        "tes",
        "x vi sei H0 alternative alpha theta tau2 test tes.alternative tes.alpha digits",
        2,
        "",
        Kind.RESULT,
        _result("results.excess", "ExcessTest"),
    ),
    "hc": _t("hc", "object transf targs control digits", 1, "", Kind.RESULT, _result("results.henmi_copas", "HenmiCopas")),
    "selmodel": _t(
        "selmodel",
        "x type alternative prec delta steps decreasing digits",
        2,
        "",
        Kind.MODEL,
        _result("results.selection", "SelectionResult"),
    ),
}
_IN_FORMULAS = {
    *READ_IN_FORMULAS,
    *["~", "+", "-", "*", "/", ":", "^", "**", "|", "(", "$", "%in%", "==", "!=", "<", ">", "<=", ">=", "&", "!"],
}
_AGGREGATE = (
    "x",
    "cluster",
    "time",
    "obs",
    "V",
    "struct",
    "rho",
    "phi",
    "weighted",
    "checkpd",
    "fun",
    "na.rm",
    "addk",
    "subset",
    "select",
    "digits",
)
_RENAMED = {"intrcpt": "intercept", "pi.type": "predtype", "L": "X"}


def _model(target: _Target, t: Translator, node: Call) -> Value:
    """A function that takes `data` and names its columns."""
    given = matched(node, target.formals)
    data = t.value(given.pop("data")) if "data" in given else None
    if data is not None and data.kind is not Kind.FRAME:
        raise Untranslatable(f"data= is {data.kind.value}")
    positional: list[ast.expr] = []
    keywords: dict[str, ast.expr] = {}
    extra: dict[str, ast.expr] = {}
    for name in sorted(given, key=lambda name: target.formals.index(name) if name in target.formals else 99):
        if _is_left_out(t, name, given[name]):
            continue
        if name == "knha":
            keywords["test"] = constant("knha")
            continue
        _known(target, name)
        value = _argument(t, target, name, given[name], data, extra)
        by_place = name in target.formals[: target.positional] and len(positional) == target.formals.index(name)
        if by_place:
            positional.append(value)
        else:
            keywords[_renamed(name)] = value
    if data is not None:
        keywords["data"] = _with_more(data, extra)
    elif extra:
        keywords["data"] = ast.Dict([constant(name) for name in extra], list(extra.values()))
    if target.name == "escalc" and "measure" not in given:
        positional = [constant("GEN")]
    made = call(f"pm.{target.name}", *positional, **keywords)
    return _described(target, made, given, data)


def _known(target: _Target, name: str) -> None:
    if name not in target.formals and name not in _RENAMED:
        raise Untranslatable(f"`{target.name}` with the argument {name}")


def _is_left_out(t: Translator, name: str, node: Node) -> bool:
    """Arguments about R's printing and iterations, of which a note is left."""
    if name not in _LEFT_OUT:
        return isinstance(node, Constant) and node.value is None and not node.missing
    if name == "digits":
        t.scope.notes.append("left out: digits=, for R's printing")
    elif name == "control":
        t.scope.notes.append("left out: control=, which steers R's iterations")
    return True


def _renamed(name: str) -> str:
    found = _RENAMED.get(name, name)
    return found if found in ("min", "max", "type") else python_name(found)


def _with_more(data: Value, extra: dict[str, ast.expr]) -> ast.expr:
    """The data with the variables that a formula takes from elsewhere."""
    if not extra:
        return data.node
    return ast.Call(build("_0.assign", data.node), [], [ast.keyword(name, value) for name, value in extra.items()])


def _argument(
    t: Translator, target: _Target, name: str, node: Node, data: Value | None, extra: dict[str, ast.expr]
) -> ast.expr:
    if is_formula(node):
        return _formula(t, node, data, extra)
    if name in _OWN_WAY:
        return _OWN_WAY[name](t, node, data)
    return _masked(t, node, data) if name in target.masked else t.value(node).node


def _masked(t: Translator, node: Node, data: Value | None) -> ast.expr:
    """A column by its name, or what is computed of columns."""
    if isinstance(node, Name) and data is not None and _has(t, data, node.text):
        return constant(node.text)
    with t.scope.within(data):
        return t.value(node).node


def _has(t: Translator, data: Value, name: str) -> bool:
    return name in data.columns if data.columns is not None else name not in t.scope.variables


def _formula(t: Translator, node: Node, data: Value | None, extra: dict[str, ast.expr]) -> ast.expr:
    for name in formula_variables(node):
        if name == "." or (data is not None and _has(t, data, name)):
            continue
        if not name.isidentifier():
            raise Untranslatable(f"a formula with `{name}`, which is not in data")
        extra[name] = t.scope.find(name).array().node
    for column, value in _dollars(t, node):
        if data is None or not _has(t, data, column):
            extra[column] = value
    for inner in walk(node):
        if isinstance(inner, Call) and inner.name not in _IN_FORMULAS:
            raise Untranslatable(f"a formula with `{inner.name}`")
    return constant(formula_text(node))


def _dollars(t: Translator, node: Node) -> list[tuple[str, ast.expr]]:
    """What a formula takes from frames by ``dat$x``."""
    if not isinstance(node, Call):
        return []
    if node.name == "$" and isinstance(node.values[1], Name):
        return [(node.values[1].text, t.value(node).node)]
    return [found for value in node.values for found in _dollars(t, value)]


def _rows(t: Translator, node: Node, data: Value | None) -> ast.expr:
    if isinstance(node, Name) and data is not None and data.columns is not None and node.text in data.columns:
        return constant(node.text)
    with t.scope.within(data):
        gone = left_out(t, node)
        if gone is not None:
            if data is None:
                raise Untranslatable("rows left out by number without data=")
            return build("~np.isin(np.arange(len(_0)), _1)", data.node, gone)
        if isinstance(node, Call) and node.name not in (":", "c", "which"):
            found = t.value(node)
            if is_mask(found) or found.of == "bool":
                return found.array().node
        return positions(t, node)


def _coefficients(t: Translator, node: Node, data: Value | None = None) -> ast.expr:
    if literal_text(node) is not None:
        return constant(literal_text(node))
    if isinstance(node, Call) and node.name == "list":
        return listed([_coefficients(t, value) for value in node.values])
    if isinstance(node, Call) and node.name == "c" and all(literal_text(value) is not None for value in node.values):
        return t.value(node).node
    return positions(t, node)


def _moderators(t: Translator, node: Node, data: Value | None) -> ast.expr:
    if isinstance(node, Call) and node.name == "cbind" and data is not None:
        names = [value.text for value in node.values if isinstance(value, Name) and _has(t, data, value.text)]
        if len(names) == len(node.values) and not any(argument.name for argument in node.arguments):
            return listed([constant(name) for name in names])
    if isinstance(node, Name) and data is not None and _has(t, data, node.text):
        return constant(node.text)
    with t.scope.within(data):
        return t.value(node).array().node


_OWN_WAY = {"subset": _rows, "btt": _coefficients, "att": _coefficients, "mods": _moderators, "scale": _moderators}


def _described(target: _Target, node: ast.expr, given: dict[str, Node], data: Value | None) -> Value:
    """What is known of the answer."""
    if target.kind is Kind.MODEL:
        moderated = "mods" in given or is_formula(given.get("yi", Constant(None)))
        result = pymeta.LocationScaleResult if "scale" in given else target.result
        return Value(node, Kind.MODEL, result=result, single=not moderated, data=data)
    if target.name != "escalc":
        return Value(node, target.kind, "number" if target.kind is Kind.MATRIX else "", result=target.result)
    return Value(node, Kind.FRAME, columns=_columns_after(given, data), effects=True)


def _columns_after(given: dict[str, Node], data: Value | None) -> dict[str, str] | None:
    """The columns that escalc leaves."""
    named = given.get("var.names")
    texts = [literal_text(value) for value in named.values] if isinstance(named, Call) else ["yi", "vi"]
    new = {text: "number" for text in texts if text is not None}
    append = given.get("append")
    appended = not (isinstance(append, Constant) and append.value is False)
    if data is None or not appended:
        return new
    return None if data.columns is None else {**data.columns, **new}


def _fitted(t: Translator, node: Call) -> Value:
    """The first argument, where it is a fitted model."""
    if not node.arguments:
        raise Untranslatable(f"`{node.name}` of nothing")
    found = t.value(node.arguments[0].value)
    if found.kind not in (Kind.MODEL, Kind.UNKNOWN):
        raise Untranslatable(f"`{node.name}` of {found.kind.value}")
    return found


def _generic(target: _Target, t: Translator, node: Call) -> Value:
    """A function of a fitted model."""
    result = _fitted(t, node)
    given = matched(node, target.formals)
    given.pop(target.formals[0])
    keywords: dict[str, ast.expr] = {}
    positional = [result.node]
    for name, value in given.items():
        if _is_left_out(t, name, value):
            continue
        if name == "REML" and not isinstance(value, Constant):
            raise Untranslatable(f"`{node.name}` of several models")
        if name not in target.formals and not (target.name == "predict" and name in _PREDICT_MORE):
            raise Untranslatable(f"`{node.name}` with the argument {name}")
        translated = _of_generic(t, name, value, result)
        if target.positional == 2 and name == target.formals[1]:
            positional.append(translated) if target.name == "robust" else keywords.__setitem__(name, translated)
        else:
            keywords[_renamed(name)] = translated
    made = call(f"pm.{target.name}", *positional, **keywords)
    single = result.single and target.kind is not Kind.MATRIX and "newmods" not in given
    single = single and target.name in ("coef", "se", "predict", "robust")
    return Value(made, target.kind, "number", result=target.result, single=single, data=result.data)


_PREDICT_MORE = ("newscale", "adjust", "pi.type", "predtype", "hetvar", "newvi", "newdata")


def _of_generic(t: Translator, name: str, node: Node, result: Value) -> ast.expr:
    if name in ("btt", "att"):
        return _coefficients(t, node)
    if name in ("cluster", "order"):
        return _cluster(t, node, result)
    found = t.value(node)
    if name == "newmods" and found.kind is Kind.SERIES and not origins(found.node):
        return _by_name(found.node)
    return found.array().node if found.kind is Kind.POSITIONS else found.node


def _by_name(node: ast.expr) -> ast.expr:
    """A vector with names as a dict: pymeta goes by the names, as metafor does."""
    written = isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Dict)
    return node.args[0] if isinstance(node, ast.Call) and written else build("_0.to_dict()", node)


def _cluster(t: Translator, node: Node, result: Value) -> ast.expr:
    with t.scope.within(result.data if isinstance(node, Name) else None):
        return t.value(node).node


def _anova(t: Translator, node: Call) -> Value:
    result = _fitted(t, node)
    positional, keywords = [result.node], {}
    several = False
    kind = "WaldTest"
    for argument in node.arguments[1:]:
        if _is_left_out(t, argument.name, argument.value):
            continue
        name = _RENAMED.get(argument.name, argument.name)
        if name not in ("", "object2", "btt", "X", "rhs", "adjust", "refit", "att", "Z"):
            raise Untranslatable(f"`anova` with the argument {name}")
        if name in ("", "object2"):
            other = None if isinstance(argument.value, Call) else t.value(argument.value)
            if other is not None and other.kind is Kind.MODEL:
                positional.append(other.node)
                kind = "LikelihoodRatio"
                several = len(positional) > 2
                continue
            name = "btt"
        kind = "Contrasts" if name == "X" else kind
        keywords[name] = _coefficients(t, argument.value) if name in ("btt", "att") else t.value(argument.value).node
    if several:
        raise Untranslatable("`anova` of more than two models")
    return Value(call("pm.anova", *positional, **keywords), Kind.RESULT, result=_result(_TESTS, kind))


def _summary(t: Translator, node: Call) -> Value:
    x = t.value(node.values[0])
    if x.kind is Kind.FRAME and x.effects:
        return _of_effects(t, node, x)
    if x.kind is not Kind.MODEL:
        raise Untranslatable(f"`summary` of {x.kind.value}")
    for argument in node.arguments[1:]:
        if not _is_left_out(t, argument.name, argument.value):
            raise Untranslatable(f"`summary` with the argument {argument.name}")
    return replace(x, summary=x.result is not _MH and x.result is not _PETO)


def _of_effects(t: Translator, node: Call, x: Value) -> Value:
    allowed = ("out.names", "var.names", "H0", "append", "replace", "level", "olim", "transf")
    keywords: dict[str, ast.expr] = {}
    for argument in node.arguments[1:]:
        if _is_left_out(t, argument.name, argument.value):
            continue
        if argument.name not in allowed:
            raise Untranslatable(f"`summary` with the argument {argument.name}")
        keywords[python_name(argument.name)] = t.value(argument.value).node
    new = dict.fromkeys(("sei", "zi", "pval", "ci.lb", "ci.ub"), "number")
    columns = None if "out_names" in keywords or x.columns is None else {**x.columns, **new}
    if columns is not None:
        columns = {python_name(name) if name in new else name: of for name, of in columns.items()}
    return Value(call("pm.summary_escalc", x.node, **keywords), Kind.FRAME, columns=columns, effects=True)


def _update(t: Translator, node: Call) -> Value:
    result = _fitted(t, node)
    keywords: dict[str, ast.expr] = {}
    data = result.data
    moderated = not result.single
    for argument in node.arguments[1:]:
        if _is_left_out(t, argument.name, argument.value):
            continue
        if argument.name == "data":
            data = t.value(argument.value)
            keywords["data"] = data.node
    for argument in node.arguments[1:]:
        name = argument.name or ("mods" if is_formula(argument.value) else "")
        if name in ("data", *_LEFT_OUT):
            continue
        if not name or name not in _MODELS["rma"].formals:
            raise Untranslatable("`update` with an argument that `rma` has not")
        extra: dict[str, ast.expr] = {}
        keywords[_renamed(name)] = _argument(t, _MODELS["rma"], name, argument.value, data, extra)
        if extra:
            raise Untranslatable("`update` with a formula of variables that are not in data")
        moderated = moderated or name == "mods"
    return replace(result, node=call("pm.update", result.node, **keywords), single=not moderated, data=data, summary=False)


def _fit_statistics(t: Translator, node: Call) -> Value:
    models = [t.value(argument.value) for argument in node.arguments if not argument.name]
    if len(models) != len(node.arguments) or any(model.kind is not Kind.MODEL for model in models):
        raise Untranslatable("`fitstats` of something else than models")
    return Value(call("pm.fitstats", *(model.node for model in models)), Kind.FRAME)


def _coef(t: Translator, node: Call) -> Value:
    x = t.value(node.values[0])
    if x.kind is Kind.MODEL and x.summary:
        return Value(build("_0.tidy()", x.node), Kind.FRAME)
    if x.kind is Kind.MODEL and x.result not in (_UNI, _result("results.robust", "RobustResult")):
        return Value(build("_0.beta", x.node), Kind.VECTOR, "number", single=x.single)
    return _generic(_GENERICS["coef"], t, node)


def _transformation(function: str, t: Translator, node: Call) -> Value:
    parts = [t.number(argument.value) for argument in node.arguments]
    if any(argument.name for argument in node.arguments):
        raise Untranslatable(f"`{node.name}` with names")
    return Value(call(function, *(part.node for part in parts)), parts[0].kind, "number", single=parts[0].single)


def _aggregate(t: Translator, node: Call) -> Value:
    formals = _AGGREGATE
    given = matched(node, formals)
    data = t.value(given.pop("x"))
    if data.kind is not Kind.FRAME or not data.effects:
        raise Untranslatable("`aggregate` of something else than effects that escalc made")
    keywords: dict[str, ast.expr] = {}
    for name, value in given.items():
        if _is_left_out(t, name, value):
            continue
        if name not in formals or name in ("V", "fun", "subset", "select"):
            raise Untranslatable(f"`aggregate` with the argument {name}")
        keywords[_renamed(name)] = _masked(t, value, data) if name in ("cluster", "time", "obs") else t.value(value).node
    cluster = keywords.pop("cluster", None)
    if cluster is None:
        raise Untranslatable("`aggregate` without cluster")
    return Value(call("pm.aggregate", data.node, cluster, **keywords), Kind.FRAME, columns=data.columns, effects=True)


def why_not(name: str) -> str:
    """The reason, for a function without a rule."""
    if name in PLOTS:
        return "a plot, and pymeta has no plots yet"
    if not name:
        return "a function that is computed"
    return f"`{name}` has no translation"


def _rule(function: Callable[..., Value], target: _Target) -> Rule:
    return partial(function, target)


RULES: dict[str, Rule] = {
    **{name: _rule(_model, target) for name, target in _MODELS.items()},
    **{name: _rule(_generic, target) for name, target in _GENERICS.items()},
    **{name: partial(_transformation, function) for name, function in FUNCTIONS.items()},
    "anova": _anova,
    "summary": _summary,
    "update": _update,
    "fitstats": _fit_statistics,
    "coef": _coef,
    "aggregate": _aggregate,
}
