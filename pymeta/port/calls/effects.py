"""escalc and what shapes data around it; the transformations."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

import pymeta
from pymeta.port.calls.adapter import Adapter
from pymeta.port.calls.asked import Asked, Unsupported
from pymeta.port.calls.models import as_it_was, raw_columns
from pymeta.port.calls.numbers import WHOLE
from pymeta.port.values import Formula

__all__ = ["ADAPTERS", "TRANSFORMS"]

_ZEROS = ("add", "to", "drop00")


def _r_name(name: str) -> str:
    return name.replace("transf_", "transf.").replace("_", ".")


_OWN = {_r_name(name): getattr(pymeta, name) for name in pymeta.__all__ if name.startswith("transf_")}
_OLDER_NAMES = {"transf.logortord": "transf.lnortord", "transf.logortorr": "transf.lnortorr"}
TRANSFORMS: Mapping[str, Any] = {
    **_OWN,
    **{older: _OWN[newer] for older, newer in _OLDER_NAMES.items()},
    **{name: getattr(np, name) for name in ("exp", "expm1", "log", "log10", "log1p", "log2", "sqrt", "tanh", "sin")},
    "abs": np.abs,
    "atanh": np.arctanh,
    "plogis": special.expit,
    "pnorm": special.ndtr,
    "qlogis": special.logit,
    "qnorm": special.ndtri,
}
"""R functions that other functions take as `transf`."""


def _transform(name: str) -> Adapter:
    """A transformation itself: of a vector, further arguments by name."""

    def run(asked: Asked) -> Any:
        first = next(iter(asked.call.arguments), "xi")
        given = {n.replace(".", "_"): asked.value(n) for n in (*asked.call.arguments, *asked.call.dots) if n != first}
        targs = given.pop("targs", None)
        found = asked.value(first)
        values = np.atleast_1d(np.asarray(found, dtype=float))
        return TRANSFORMS[name](values, **given, **({} if targs is None else {"targs": targs}))

    return Adapter(run, lambda found, asked: {WHOLE: found})


# ---- escalc ------------------------------------------------------------------------------------------------------------


def _data(asked: Asked) -> dict[str, Any]:
    found = asked.value("data")
    if found is None:
        return {}
    if not isinstance(found, pd.DataFrame):
        raise Unsupported(f"{asked.name}(data=) that is no data frame")
    return {"data": found.rename(columns=str)}


def _escalc(asked: Asked) -> Any:
    if any(isinstance(asked.value(name), Formula) for name in ("formula", "measure") if asked.has(name)):
        raise Unsupported("escalc() with a formula")
    given = {
        **_data(asked),
        **raw_columns(asked),
        **asked.rest("yi", "vi", "sei", "flip", "vtype", "correct", "cutoff", *_ZEROS),
    }
    given |= asked.rest("var.names", "add.measure", "append", "replace")
    given |= {name: asked.positions(name) for name in ("subset", "include") if asked.has(name)}
    asked.read("slab")
    measure = asked.text("measure", "GEN")
    return pymeta.escalc(measure, **{**as_it_was(asked, measure), **given})


def _columns(found: Any, asked: Asked) -> Mapping[str, Any]:
    """A frame's columns, by name; by place where two have one name."""
    if isinstance(found, pd.DataFrame):
        return {str(name): found.iloc[:, i] for i, name in enumerate(found.columns)}
    return {"yi": found.yi, "vi": found.vi}


def _columns_or_matrix(found: Any, asked: Asked) -> Mapping[str, Any]:
    return _columns(found, asked) if asked.parts() else {WHOLE: found}


def _summary(asked: Asked) -> Any:
    data = asked.value("object")
    given: dict[str, Any] = {"out_names": ("sei", "zi", "pval", "ci.lb", "ci.ub")}
    given |= asked.rest("out.names", "var.names", "H0", "append", "replace", "level", "olim")
    transf = asked.function("transf", TRANSFORMS)
    names = data.attrs.get("attributes", {})
    if "var_names" not in given and "yi.names" in names:
        given["var_names"] = [_first(names["yi.names"]), _first(names["vi.names"])]
    return pymeta.summary_escalc(data, **given, **_scale(transf, asked))


def _scale(transf: Any, asked: Asked) -> dict[str, Any]:
    """The transformation; where R tells it nothing else: no tau2 for a mean, and the sizes that are kept beside effects."""
    if transf is None:
        return {}
    asked.read("ni")  # R gives transf nothing but the effects, which have their sizes with them
    if transf is pymeta.transf_ipft:
        sizes = (asked.raw("object") or {}).get("cols", {}).get("yi", {}).get("a", {}).get("ni")
        return {"transf": transf, "ni": asked.trace.value(sizes)}
    means = [TRANSFORMS[name] for name in TRANSFORMS if name.endswith((".int", ".mode"))]
    return {"transf": transf, **({"tau2": 0.0} if transf in means else {})}


def _first(value: Any) -> Any:
    return value if isinstance(value, str) else value[0]


# ---- Shaping -----------------------------------------------------------------------------------------------------------


def _shaped(function: Callable[..., Any], *names: str, first: str = "") -> Callable[[Asked], Any]:
    """A function that takes `data`, columns and options under R's names."""

    def run(asked: Asked) -> Any:
        given = {**_data(asked), **asked.rest(*names)}
        given |= {name: asked.positions(name) for name in ("subset", "include") if asked.has(name)}
        transf = asked.function("transf", TRANSFORMS) if "transf" in asked.call.arguments else None
        given |= {} if transf is None else {"transf": transf}
        asked.read("slab")
        return function(*([asked.value(first)] if first else []), **given)

    return run


def _long(function: Callable[..., Any], *names: str) -> Callable[[Asked], Any]:
    def run(asked: Asked) -> Any:
        given = {**_data(asked), **raw_columns(asked), **asked.rest(*_ZEROS, *names)}
        if asked.has("subset"):
            given["subset"] = asked.positions("subset")
        asked.read("slab")
        return function(asked.text("measure", ""), **given)

    return run


def _tables(found: Any, asked: Asked) -> Mapping[str, Any]:
    """R's array: groups by outcomes by studies."""
    columns = found.select_dtypes("number").to_numpy(dtype=float)
    groups = len(columns) // len(found.index.unique(level=0)) if isinstance(found.index, pd.MultiIndex) else 1
    return {WHOLE: columns.reshape(-1, groups, columns.shape[1]).transpose(1, 2, 0)}


def _vcalc(asked: Asked) -> Any:
    given = {**_data(asked), **asked.rest(*_VCALC), "rvars": asked.columns("rvars")}
    return pymeta.vcalc(asked.value("vi"), **given)


def _to_wide(asked: Asked) -> Any:
    given = asked.rest("ref", "addid", "addcomp", "adddesign", "minlen", "var.names")
    if asked.has("postfix"):
        given["postfix"] = [one if isinstance(one, str) else f"{one:g}" for one in asked.value("postfix")]
    places = {name: asked.positions(name) for name in ("study", "grp", "grpvars")}
    single = {name: one[0] if isinstance(one, list) and len(one) == 1 else one for name, one in places.items()}
    return pymeta.to_wide(asked.value("data"), single["study"], single["grp"], grpvars=places["grpvars"], **given)


def _whole(found: Any, asked: Asked) -> Mapping[str, Any]:
    return {WHOLE: found}


def _blocks(asked: Asked) -> Any:
    matrices = [asked.value(name) for name in asked.call.dots if name != "order"]
    found = [one for given in matrices for one in _each(given)]
    return pymeta.bldiag(*found, **asked.rest("order"))


def _each(given: Any) -> list[Any]:
    if isinstance(given, dict):
        return list(given.values())
    return list(given) if isinstance(given, list) else [given]


def _split(asked: Asked) -> Any:
    if asked.has("fun"):
        raise Unsupported("blsplit(fun=)")
    return pymeta.blsplit(asked.value("x"), asked.value("cluster"), **asked.rest("sort"))


def _parts(found: Any, asked: Asked) -> Mapping[str, Any]:
    return dict(zip(asked.parts(), found.values(), strict=True))


def _contrasts(asked: Asked) -> Any:
    given = asked.rest("last", "shorten", "minlen", "check", "append")
    return pymeta.contrmat(asked.value("data"), asked.value("grp1"), asked.value("grp2"), **given)


def _correlations(asked: Asked) -> Any:
    x = asked.value("x")
    if isinstance(x, Formula):  # ri ~ var1 + var2 | study
        x = [name for name in re.split(r"[~+|\s]+", x.text) if name]
    given = {**_data(asked), **asked.rest("rtoz", "nfun")}
    return pymeta.rcalc(x, asked.value("ni"), **given)


def _correlated(found: Any, asked: Asked) -> Mapping[str, Any]:
    return {"V": found.V, **{f"dat${name}": found.dat[name] for name in found.dat.columns}}


def _vec2mat(asked: Asked) -> Any:
    asked.read("dimnames")
    return pymeta.vec2mat(asked.value("x"), **asked.rest("diag", "corr"))


def _replaced(asked: Asked) -> Any:
    return pymeta.replmiss(asked.value("x"), asked.value("y"), **_data(asked))


def _pairs(asked: Asked) -> Any:
    places = {name: asked.positions(name) for name in ("btt", "btt2") if asked.has(name)}
    return pymeta.pairmat(asked.model("x"), **places)


def _aggregate(asked: Asked) -> Any:
    data = asked.value("x")
    names = (
        "cluster",
        "time",
        "obs",
        "V",
        "struct",
        "rho",
        "phi",
        "weighted",
        "checkpd",
        "na.rm",
        "addk",
        "select",
        "var.names",
    )
    given = asked.rest(*names)
    if asked.has("fun"):
        raise Unsupported("aggregate(fun=)")
    if asked.has("subset"):
        given["subset"] = asked.positions("subset")
    yi, vi = (_first(data.attrs.get("attributes", {}).get(f"{n}.names", n)) for n in ("yi", "vi"))
    return pymeta.aggregate(data, var_names=given.pop("var_names", [yi, vi]), **given)


def _matreg(asked: Asked) -> Any:
    R = asked.value("R")
    given = asked.rest("n", "V", "cov", "means", "ztor", "nearpd", "level")
    names = list(R.columns) if isinstance(R, pd.DataFrame) else None
    return pymeta.matreg(_place(asked.value("y"), names), _places(asked.value("x"), names), R=R, **given)


def _place(value: Any, names: list[str] | None) -> Any:
    return value if isinstance(value, str) else int(value) - 1


def _places(value: Any, names: list[str] | None) -> Any:
    return None if value is None else [_place(one, names) for one in np.atleast_1d(np.asarray(value, dtype=object))]


def _regression(found: Any, asked: Asked) -> Mapping[str, Any]:
    table = {name.replace("_", "."): getattr(found, name) for name in ("beta", "se", "pval", "ci_lb", "ci_ub")}
    table |= {f"{found.test}val": found.stat, "df": found.df if found.df is None else np.full(len(found.beta), found.df)}
    numbers = {name: getattr(found, name) for name in ("vb", "R2", "R2adj", "F", "Fp", "Fdf", "QM", "QMp", "QMdf")}
    stats = {f"fit.stats${kind}": list(values.values()) for kind, values in found.fit_stats.items()}
    more: dict[str, Any] = {"sigma2.ml": found.sigma2_ml, "sigma2.reml": found.sigma2_reml}
    if found.QMdf is not None:
        more["QMdf"] = [found.QMdf, np.nan]
    if found.Fdf is not None:
        more["F"] = [found.F, *found.Fdf]
    return {**{f"tab${name}": values for name, values in table.items()}, **numbers, **stats, **more}


_VCALC = [
    "cluster",
    "subgroup",
    "obs",
    "type",
    "time1",
    "time2",
    "grp1",
    "grp2",
    "w1",
    "w2",
    "rho",
    "phi",
    "checkpd",
    "nearpd",
]
_NUMBERS = ("min", "q1", "median", "q3", "max", "n")
_CONV = ("var.names", "append", "replace")

ADAPTERS = {
    "escalc": Adapter(_escalc, _columns),
    "summary.escalc": Adapter(_summary, _columns),
    "aggregate.escalc": Adapter(_aggregate, _columns),
    "to.long": Adapter(_long(pymeta.to_long, "vlong", "append", "var.names"), _columns),
    "to.table": Adapter(_long(pymeta.to_table, "rows", "cols"), _tables),
    "to.wide": Adapter(_to_wide, _columns),
    "vcalc": Adapter(_vcalc, _whole),
    "conv.2x2": Adapter(_shaped(pymeta.conv_2x2, "ori", "ri", "x2i", "ni", "n1i", "n2i", "correct", *_CONV), _columns),
    "conv.wald": Adapter(
        _shaped(pymeta.conv_wald, "out", "ci.lb", "ci.ub", "zval", "pval", "n", "level", "check", *_CONV), _columns
    ),
    "conv.fivenum": Adapter(_shaped(pymeta.conv_fivenum, *_NUMBERS, "method", "dist", "test", *_CONV), _columns),
    "bldiag": Adapter(_blocks, _whole),
    "blsplit": Adapter(_split, _parts),
    "contrmat": Adapter(_contrasts, _columns_or_matrix),
    "rcalc": Adapter(_correlations, _correlated),
    "vec2mat": Adapter(_vec2mat, _whole),
    "replmiss": Adapter(_replaced, _whole),
    "pairmat": Adapter(_pairs, _whole),
    "conv.delta": Adapter(_shaped(pymeta.conv_delta, "yi", "vi", "ni", *_CONV), _columns),
    "matreg": Adapter(_matreg, _regression),
    **{name: _transform(name) for name in TRANSFORMS if name.startswith("transf.")},
}
