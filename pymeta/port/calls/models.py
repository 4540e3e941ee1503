"""rma.uni, rma.mh, rma.peto, robust and update: fits, and the numbers of R's model objects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

import pymeta
from pymeta.data.formulas.functions import FUNCTIONS
from pymeta.effects.families import FAMILIES
from pymeta.inference.heterogeneity import typical_variance
from pymeta.port.calls.adapter import Adapter
from pymeta.port.calls.asked import Asked, Unsupported
from pymeta.port.values import Formula
from pymeta.results.location_scale import LocationScaleResult
from pymeta.results.pooled import Pooled
from pymeta.results.robust import RobustResult
from pymeta.results.tables import PooledTables
from pymeta.results.uni import UniResult

__all__ = ["ADAPTERS", "RAW", "model_numbers", "raw_columns", "typical", "with_formulas"]

RAW = tuple(sorted({name for family in FAMILIES.values() for name in family.accepts} - {"yi", "vi", "sei"}))
"""Names of the columns that effects are computed from."""

_ZEROS = ("add", "to", "drop00")
_SYNTACTIC = re.compile(r"[A-Za-z.][A-Za-z0-9._]*")
_HOW_R_GETS_THERE = frozenset(
    [
        "threshold",
        "maxiter",
        "stepadj",
        "tol",
        "tau2.max",
        "verbose",
        "optimizer",
        "optmethod",
        "optcontrol",
        "iter.max",
        "eval.max",
        "rel.tol",
        "abs.tol",
        "hessianCtrl",
        "hesspack",
        "hesspkg",
        "scaleX",
        "ncpus",
        "cl",
        "time",
        "parallel",
        "ll0check",
        "con",
        "intCtrl",
        "pdtol",
    ]
)

# ---- Fits --------------------------------------------------------------------------------------------------------------


def _rma(asked: Asked) -> Any:
    yi = asked.value("yi")
    given: dict[str, Any] = {"yi": formula_text(yi) if isinstance(yi, Formula) else yi}
    given |= asked.rest("vi", "sei", "weights", "measure", "vtype", "correct", "test", "level", "tau2", *_ZEROS)
    given |= raw_columns(asked)
    given |= {name: asked.flag(name, True) for name in ("intercept", "weighted")}
    given["method"] = asked.value("method", "REML")
    if asked.flag("knha") and not asked.has("test"):  # what it was called once
        given["test"] = "knha"
    given |= {name: asked.positions(name) for name in ("subset", "btt") if asked.has(name)}
    if asked.has("scale"):
        given |= {"att": asked.positions("att"), **asked.rest("link", "alpha")}
    asked.read("slab", "scale", "att")
    given |= with_formulas(asked, yi, "mods", "scale")
    control = _control(asked)
    if control:
        given["control"] = control
    return pymeta.rma(**{**as_it_was(asked, str(given.get("measure", ""))), **given})


def as_it_was(asked: Asked, measure: str) -> dict[str, Any]:
    """What gives the effects that this metafor computes: before 5.0-1 some ratios were not corrected for bias (DIV-004)."""
    return {"correct": False} if measure in _CORRECTED_SINCE_5 and asked.metafor < (5, 0, 1) else {}


_CORRECTED_SINCE_5 = ("ROM", "ROMC", "CVR", "CVRC")


def raw_columns(asked: Asked) -> dict[str, Any]:
    """The data that effects are computed from. A column that R did not look up matters to no number."""
    asked.read(*(name for name in RAW if not asked.has(name)))
    return {name: asked.value(name) for name in RAW if asked.has(name)}


def with_formulas(asked: Asked, yi: Any, *names: str) -> dict[str, Any]:
    """Arguments that may be formulas, and the frame of all variables that these need."""
    data = asked.value("data")
    found = {name: asked.value(name) for name in names if asked.has(name)}
    formulas = [one for one in (yi, *found.values()) if isinstance(one, Formula)]
    if not formulas:
        return {name: [one] if np.ndim(one) == 0 else one for name, one in found.items()}
    for formula in formulas:
        _check_functions(re.sub("`[^`]*`", "", formula_text(formula)))
        _check_contrasts(formula.text, (asked.raw("data") or {}).get("cols", {}), asked)
    columns: dict[str, Any] = {} if data is None else {str(name): data[name].array for name in data.columns}
    for formula in formulas:
        columns |= {name: values for name, values in formula.variables.items() if name not in columns}
    texts = {name: formula_text(one) if isinstance(one, Formula) else one for name, one in found.items()}
    return {**texts, "data": _frame(columns)}


def formula_text(formula: Formula) -> str:
    """Its text, with R's names of functions, and parts of frames, such as dat$x, in backticks as names of columns."""
    text = formula.text
    for given, name in formula.functions.items():
        text = re.sub(rf"(?<![\w.$`]){re.escape(given)}(?=\s*\()", name, text)
    for name in formula.variables:
        if not _SYNTACTIC.fullmatch(name):
            text = re.sub(rf"(?<![\w.$`]){re.escape(name)}(?![\w.$\[`])", lambda found: f"`{found[0]}`", text)
    outside = re.sub("`[^`]*`", "", text)
    if "$" in outside or "[" in outside:
        raise Unsupported("a formula with $ or [ of something that the trace does not hold")
    return text


def _check_functions(text: str) -> None:
    for name in re.findall(r"([A-Za-z.][A-Za-z0-9._]*)\s*\(", text):
        if name not in FUNCTIONS:
            raise Unsupported(f"a formula with {name}()")


def _check_contrasts(text: str, columns: Mapping[str, Any], asked: Asked) -> None:
    for name in _SYNTACTIC.findall(text):
        if (asked.trace.raw(columns.get(name)) or {}).get("con"):
            raise Unsupported("a factor with contrasts of its own")


def _frame(columns: Mapping[str, Any]) -> Any:
    """A frame of the columns; variables of another length, such as constants, cannot stand in it and stay beside it."""
    lengths = [len(values) for values in columns.values() if np.ndim(values) == 1 or isinstance(values, pd.Categorical)]
    rows = max(lengths, default=0)
    kept: dict[str, Any] = {}
    for name, values in columns.items():
        if np.ndim(values) == 2 and not isinstance(values, pd.Categorical):
            raise Unsupported("a formula with a matrix as a variable")
        kept[name] = [values] * rows if np.ndim(values) == 0 and not isinstance(values, pd.Categorical) else values
    if len({len(values) for values in kept.values()}) > 1:
        raise Unsupported("a formula whose variables differ in length")
    return pd.DataFrame(kept)


def _control(asked: Asked) -> dict[str, Any]:
    given = asked.value("control") or {}
    if not isinstance(given, dict):
        return {}
    odd = set(given) - _HOW_R_GETS_THERE - {"tau2.min", "tau2.init"}
    if odd:
        raise Unsupported(f"{asked.name}(control=list({min(odd)}=))")
    return {name.replace(".", "_"): given[name] for name in ("tau2.min", "tau2.init") if name in given}


def _tables(asked: Asked, fit: Any, *more: str) -> Any:
    given = {**raw_columns(asked), **asked.rest(*_ZEROS, "level", *more)}
    asked.read("slab", "data")
    if asked.has("subset"):
        given["subset"] = asked.positions("subset")
    return fit(**given)


def _robust(asked: Asked) -> Any:
    model = asked.model("x")
    if not isinstance(model, UniResult):
        raise Unsupported(f"robust() of {_class(model)}")
    cluster = asked.value("cluster")
    if cluster is None:
        raise Unsupported("robust() without cluster")
    return pymeta.robust(model, cluster, **asked.rest("adjust", "clubSandwich", "vcov"))


def _class(model: Any) -> str:
    return type(model).__name__


# ---- Numbers of R's objects --------------------------------------------------------------------------------------------

_SAME = [
    "se",
    "zval",
    "pval",
    "ci_lb",
    "ci_ub",
    "vb",
    "QE",
    "QEp",
    "QM",
    "QMp",
    "I2",
    "H2",
    "R2",
    "k",
    "p",
    "m",
    "parms",
    "tau2",
    "s2w",
    "MH",
    "MHdf",
    "MHp",
    "CO",
    "COdf",
    "COp",
    "TA",
    "TAdf",
    "TAp",
    "BD",
    "BDdf",
    "BDp",
    "k_yi",
    "k_pos",
    "QS",
    "QSp",
    "va",
    "link",
    "k0",
    "se_k0",
    "p_k0",
]


def model_numbers(result: Pooled) -> dict[str, Any]:
    """What R's object holds, by R's names."""
    found = {name.replace("_", "."): getattr(result, name, None) for name in _SAME}
    found |= {"beta": result.beta[:, None], "b": result.beta[:, None], "yi": result.studies.yi, "vi": result.studies.vi}
    found |= {"k.eff": result.studies.k, "tau2.f": getattr(result, "tau2", 0.0)}
    stats = result.fit_stats  # type: ignore[attr-defined]
    found |= {f"fit.stats${name}": tuple(stats[name]) for name in ("ML", "REML")}
    if isinstance(result, PooledTables):
        return found | _of_tables(result)
    found |= _of_uni(result)
    if isinstance(result, LocationScaleResult):
        found |= _of_scale(result)
    if isinstance(result, RobustResult):
        found |= _of_robust(result)
    return found


def _of_tables(result: PooledTables) -> dict[str, Any]:
    return {
        "beta": result.beta,
        "b": result.beta,
        "vb": result.se[:, None] ** 2,
        "tau2": 0.0,
        "p": 1,
        "p.eff": 1,
        "m": 1,
        "btt": 1,
        "k.eff": result.k,
    }


def _of_uni(result: Any) -> dict[str, Any]:
    X, k = result.spec.X, result.studies.k
    m, ddf = result.QMdf
    found = {
        "X": X,
        "M": np.diag(result.studies.vi + result.tau2),
        "se.tau2": getattr(result, "se_tau2", None),
        "btt": np.asarray(result.btt) + 1,
        "QMdf": [m, np.nan if ddf is None else ddf],
        "p.eff": result.p,
        "ddf": result.ddf,
        "dfs": result.ddf,
        "vt": typical(result),
    }
    if result.spec.weights is not None:
        found["weights"] = result.spec.weights
    return found | {"k": k}


def typical(result: Any) -> Any:
    """The typical sampling variance, of which I2 is the counterpart: tau2/(H2 - 1) where there is a tau2."""
    vi, X = result.studies.vi, result.spec.X
    if len(vi) == X.shape[1]:
        return 0.0
    return typical_variance(vi, X) if vi.all() else None


def _of_scale(result: LocationScaleResult) -> dict[str, Any]:
    m, ddf = result.QSdf
    return {
        "alpha": result.alpha[:, None],
        **{f"{name}.alpha": getattr(result, f"{name.replace('.', '_')}_alpha") for name in _WALD},
        "Z": result.scale.design.X,
        "q": result.q,
        "alphas": result.q,
        "att": np.asarray(result.att) + 1,
        "m.alpha": m,
        "QSdf": [m, np.nan if ddf is None else ddf],
        "ddf.alpha": result.ddf_alpha,
        "se.tau2": None,
    }


_WALD = ("se", "zval", "pval", "ci.lb", "ci.ub")


def _of_robust(result: RobustResult) -> dict[str, Any]:
    ddf = result.dfs if result.satterthwaite else result.ddf
    found = {"n": result.n, "tcl": result.tcl, "vbest": result.vbest, "ddf": ddf, "dfs": ddf, "meat": _meat(result)}
    table = {"beta": result.beta, "SE": result.se, "tstat": result.zval, "df_Satt": result.dfs, "p_Satt": result.pval}
    bounds = {"beta": result.beta, "SE": result.se, "df": result.dfs, "CI_L": result.ci_lb, "CI_U": result.ci_ub}
    m, df = result.QMdf
    test = {"Fstat": result.QM, "delta": 1.0 if m == 1 else None, "df_num": m, "df_denom": df, "p_val": result.QMp}
    for ours, theirs, numbers in (
        ("coef_test", "coef_test", table),
        ("conf_int", "conf_test", bounds),
        ("Wald_test", "wald_test", test),
    ):
        for name, values in numbers.items():
            found[f"sandwiches${ours}${name}"] = found[f"{theirs}${name}"] = values
    return found


def _meat(result: RobustResult) -> Any:
    """As R keeps it: products of residuals within clusters, study by study."""
    together = result.cluster[:, None] == result.cluster
    return np.where(together, np.outer(result.residuals, result.residuals), 0.0)


def _model(result: Any, asked: Asked) -> Mapping[str, Any]:
    return model_numbers(result)


ADAPTERS = {
    "rma.uni": Adapter(_rma, _model),
    "rma.mh": Adapter(lambda asked: _tables(asked, pymeta.rma_mh, "measure", "correct"), _model),
    "rma.peto": Adapter(lambda asked: _tables(asked, pymeta.rma_peto), _model),
    "robust.rma.uni": Adapter(_robust, _model),
    "update.rma": Adapter(_rma, _model),  # made by the fit inside of it
}
