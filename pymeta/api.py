"""The functions people call: columns, names and options are turned into a spec here, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Integral
from typing import Any

import numpy as np

from pymeta.arrays import BoolArray, FloatArray, IntArray, as_vector, read_only, refuse
from pymeta.data.columns import column, frame, rows_chosen
from pymeta.data.design import Design, design, without_redundant
from pymeta.data.scale import ScaleSpec
from pymeta.data.specs import UniSpec
from pymeta.data.studies import kept_studies
from pymeta.effects.asked import asked, is_number
from pymeta.effects.measures import MEASURES, measure_named
from pymeta.effects.studies import effects_of
from pymeta.errors import DataError, OptionError, no_such
from pymeta.models import location_scale, revman, uni
from pymeta.tau2.methods import TAU2

__all__ = ["RMA_METHODS", "rma"]

GENERIC = MEASURES["GEN"]
RMA_METHODS = (*TAU2, "revman5", "revman")


def rma(
    yi: Any = None,
    vi: Any = None,
    *,
    sei: Any = None,
    weights: Any = None,
    mods: Any = None,
    scale: Any = None,
    measure: str = "GEN",
    intercept: bool = True,
    data: Any = None,
    slab: Any = None,
    subset: Any = None,
    add: float | None = None,
    to: str = "only0",
    drop00: bool = False,
    vtype: Any = None,
    correct: bool = True,
    method: str | Sequence[str] = "REML",
    weighted: bool = True,
    test: str = "z",
    level: float = 95.0,
    btt: Any = None,
    att: Any = None,
    tau2: float | None = None,
    link: str = "log",
    alpha: Any = None,
    control: Mapping[str, Any] | None = None,
    **columns: Any,
) -> Any:
    """Pool effects, or regress them on moderators, by an equal-, fixed-, random- or mixed-effects model.

    yi, vi or sei : effects with their sampling variances or standard errors, one a study; yi may be a formula,
        "yi ~ ablat"; or a frame that `escalc` made; or else
    measure : what to compute from the raw data given as further arguments, as in `escalc`; beside yi, the scale they are on
    weights : one's own, in place of 1/(vi + tau²); weighted=False makes all equal
    mods : moderators: a formula as R writes it, "~ ablat + factor(alloc)", or vectors, a matrix or a frame, to which
        `intercept` adds one
    scale : predictors of tau² itself, as `mods`: a location-scale model, by "REML" or "ML"; link : "log" for log tau², or
        "identity"
    data : a DataFrame or another mapping of columns; the other arguments may then be names of its columns
    slab : study labels; subset : rows to use, a mask or positions from 0
    add, to, drop00, vtype, correct : see `escalc`
    method : the estimator of tau²: "EE", "FE", "CE" (none) or one of ``pymeta.TAU2``; several are tried in their order;
        or "revman5", random effects as Review Manager 5 computes them, which reads 2x2 tables itself and has its own rules
        for empty cells; or "revman", as it does since 2025: "REML" with test="hksj"
    test : of coefficients: "z"; "t"; "knha", also called "hksj"; "adhoc", that where it is not narrower
    level : of the intervals, in percent, or as a share
    btt : the coefficients of the omnibus test: positions from 0, or texts that their names contain; default: all but the
        intercept
    att : the scale coefficients of their omnibus test, as `btt`
    alpha : scale coefficients that are given, not estimated: a number each, or None or NaN to estimate it; one number is for
        all. These have no standard errors, and there is no omnibus test that includes one
    tau2 : a value to take for it
    control : "tau2_min", the least that an estimate of tau² may be, above minus the least variance; "tau2_init", where "SJ"
        starts. What steers metafor's iterations (threshold, maxiter, stepadj, tol, tau2_max, verbose) may be given, too, and
        changes nothing: every maximum is found, to its last digits

    Returns a UniResult; with `scale`, a LocationScaleResult.
    Rows with a missing value are left out and listed in the result's ``studies.dropped``.
    Raises OptionError for an unknown name or a level outside (0, 100), DataError for a value that cannot be, naming
    argument, row and value, when no studies are left, and when they are too few for the model.
    metafor: ``rma(yi, vi, mods=…, measure=…, method=…)``, which counts `btt` and `subset` from 1
    """
    call = {**locals(), **columns}
    del call["columns"]
    yi, vi, data, mods, measure = _effects_given(yi, vi, sei, data, mods, measure)
    if call["data"] is not data:
        call |= {"yi": yi, "vi": vi, "data": data, "measure": measure}
    methods = _methods(method)
    given = {name: values for name, values in (("yi", yi), ("vi", vi), ("sei", sei)) if values is not None}
    effect = measure_named(measure, revman.REVMAN5_MEASURES if methods[0].startswith("revman") else None)
    source = GENERIC if given else effect
    if given and methods == ("revman5",) and effect.family.name == "two_by_two":
        raise OptionError(f"method='revman5' pools {effect.name} from 2x2 tables (ai, bi, ci, di), not from yi and vi")
    asks = asked(
        source,
        {**given, **columns},
        data,
        slab,
        method=methods[0],
        level=level,
        add=add,
        to=to,
        drop00=drop00,
        vtype=vtype,
        correct=correct,
    )
    if methods == ("revman5",):
        plain = {"weights": weights, "mods": mods, "scale": scale, "subset": subset, "btt": btt, "tau2": tau2}
        _only_plain(plain, test)
        return revman.fit(asks, call)
    if methods == ("revman",):
        asks, methods, test = replace(asks, add=0.5, to="only0", drop00=True), ("REML",), "knha"
    yi, vi = effects_of(asks)
    n = len(yi)
    whole = design(mods, data, n, intercept=intercept)
    own = None if weights is None else _own_weights(weights, data, n)
    chosen = None if subset is None else rows_chosen("subset", subset, n, data)
    spread = None if scale is None else design(scale, data, n, argument="scale")
    lacking = None if mods is None and own is None and spread is None else _lacking(own, whole, spread)
    given_by = "vi" if sei is None else "sei"
    by_vi = (own is None and weighted) or TAU2[methods[0]].random
    studies = kept_studies(yi, vi, asks.slab, lambda: asks.complete, chosen, lacking, zero=not by_vi, spread=given_by)
    rows = np.asarray(studies.rows)
    used, redundant = (whole, ()) if mods is None and len(rows) == n else without_redundant(whole, _mask(rows, n))
    spec = UniSpec(
        studies,
        used,
        effect.name,
        methods[0],
        asks.level,
        methods,
        test=_test(test),
        weights=None if own is None else _positive(own[rows]),
        weighted=_yes_or_no("weighted", weighted),
        tau2=_tau2(tau2),
        btt=positions(btt, used, "btt"),
        **({} if control is None else _control(control, studies.vi, scale)),
    )
    notes: tuple[str, ...] = (f"redundant moderators left out: {', '.join(redundant)}",) if redundant else ()
    if spread is None:
        if alpha is not None:
            raise OptionError("alpha: gives scale coefficients, and the model has none; give their predictors, scale=")
        return uni.fit(spec, call, notes)
    predictors, unneeded = without_redundant(spread, _mask(rows, n))
    notes += (f"redundant scale predictors left out: {', '.join(unneeded)}",) if unneeded else ()
    wanted = None if att is None else positions(att, predictors, "att")
    return location_scale.fit(spec, ScaleSpec(predictors, link, wanted, alpha=_alpha(alpha, predictors)), call, notes)


def _effects_given(yi: Any, vi: Any, sei: Any, data: Any, mods: Any, measure: str) -> tuple[Any, Any, Any, Any, str]:
    """yi and vi where yi is a frame that `escalc` made, or a formula with moderators; and the measure that a frame tells."""
    if isinstance(yi, str) and "~" in yi:
        if mods is not None:
            raise OptionError(f"yi={yi!r} is a formula with moderators; leave mods= out, or make yi a column")
        left, right = yi.split("~", 1)
        return left.strip(), vi, data, f"~{right}", measure
    table = frame(yi) if hasattr(yi, "columns") else None
    if table is not None and data is None and vi is None and sei is None:
        marks = getattr(yi, "attrs", {})
        return marks.get("yi", "yi"), marks.get("vi", "vi"), yi, mods, marks.get("measure", measure)
    if isinstance(yi, str) and measure == "GEN":
        marks = getattr(data, "attrs", {})
        measure = marks.get("measure", measure) if marks.get("yi") == yi else measure
    return yi, vi, data, mods, measure


def _methods(method: str | Sequence[str]) -> tuple[str, ...]:
    names = (method,) if isinstance(method, str) else tuple(method)
    for name in names:
        if name not in RMA_METHODS:
            raise no_such("method", name, RMA_METHODS, what="method of rma")
    if not names or (len(names) > 1 and not set(names) <= set(TAU2)):
        raise OptionError(f"method={method!r}: needs one method, or several estimators of tau^2 to try in their order")
    return names


def _only_plain(given: Mapping[str, Any], test: str) -> None:
    """Review Manager 5 has one model, without any of these."""
    for name, value in given.items():
        if value is not None:
            raise OptionError(f"{name}: method='revman5' has no such option; another method has")
    if test != "z":
        raise OptionError(f"test={test!r}: method='revman5' has z-tests only; method='revman' has Hartung and Knapp's")


def _test(test: str) -> str:
    if test not in uni.TESTS:
        raise no_such("test", test, uni.TESTS, what="test of coefficients")
    return "knha" if test == "hksj" else test


def _own_weights(weights: Any, data: Any, n: int) -> FloatArray:
    own = as_vector("weights", column("weights", weights, data))
    if len(own) == 1:
        own = np.repeat(own, n)
    if len(own) != n:
        raise DataError(f"{len(own)} values for {n} studies; give one a study", argument="weights")
    refuse("weights", own, own < 0.0, "is no weight; it is 0 or more")
    return own


def _positive(own: FloatArray) -> FloatArray:
    if not own.any():
        raise DataError("all are 0; one study at least needs a weight", argument="weights")
    return read_only(own)


def _lacking(own: FloatArray | None, *designs: Design | None) -> BoolArray:
    """Which rows have no weight or no value of a moderator, (n,)."""
    columns = [design.X for design in designs if design is not None]
    return np.asarray(np.isnan(np.column_stack(columns if own is None else [*columns, own])).any(axis=1))


def _mask(rows: IntArray, n: int) -> BoolArray:
    mask = np.zeros(n, dtype=bool)
    mask[rows] = True
    return mask


def _yes_or_no(name: str, value: object) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise OptionError(f"{name}={value!r}: needs True or False")
    return bool(value)


def _tau2(tau2: float | None) -> float | None:
    if tau2 is not None and not (is_number(tau2) and 0.0 <= tau2 < np.inf):
        raise OptionError(f"tau2={tau2!r}: needs a number of 0 or more")
    return None if tau2 is None else float(tau2)


def _alpha(alpha: Any, predictors: Design) -> FloatArray | None:
    """Scale coefficients as they are given, (q,), NaN where they are not."""
    if alpha is None:
        return None
    names = predictors.names
    many = [alpha] * len(names) if is_number(alpha) else alpha
    try:
        given = np.array([np.nan if one is None else one for one in many], dtype=np.float64)
    except (TypeError, ValueError):
        given = np.zeros(0)
    if given.shape != (len(names),) or np.isinf(given).any():
        raise OptionError(f"alpha={alpha!r}: needs a number, or None, for each scale coefficient: {', '.join(names)}")
    return read_only(given)


_STEERING = ("threshold", "maxiter", "stepadj", "tol", "tau2_max", "verbose")
"""What there is to steer in metafor's iterations for tau², and here is not."""


def _control(control: Mapping[str, Any], vi: FloatArray, scale: Any) -> dict[str, float]:
    """The fields of a spec that `control` sets; names may be metafor's, with dots."""
    found = {}
    for given, value in control.items():
        name = given.replace(".", "_")
        if name not in ("tau2_min", "tau2_init", *_STEERING):
            raise no_such("control", given, ("tau2_min", "tau2_init", *_STEERING), what="control of rma")
        least = -float(vi.min()) if name == "tau2_min" else 0.0
        if name not in _STEERING:
            if not (is_number(value) and least < value < np.inf):
                raise OptionError(f"control: {given}={value!r}: needs a number above {least:.6g}")
            found[name] = float(value)
    if found and scale is not None:
        raise OptionError(f"control: a location-scale model knows no {', '.join(found)}; leave it out")
    return found


def positions(btt: Any, used: Design, argument: str) -> tuple[int, ...]:
    """The positions, from 0, of the coefficients that an omnibus test is about."""
    p = len(used.names)
    if btt is None:
        return tuple(range(1, p)) if used.intercept and p > 1 else tuple(range(p))
    wanted = [btt] if isinstance(btt, str | Integral) else list(btt)
    places: list[int] = []
    for one in wanted:
        if isinstance(one, str):
            places += _named(argument, one, used.names)
        elif isinstance(one, Integral) and not isinstance(one, bool) and 0 <= int(one) < p:
            places.append(int(one))
        else:
            raise OptionError(
                f"{argument}={btt!r}: there is no coefficient {one!r}; they are 0 to {p - 1}: {', '.join(used.names)}"
            )
    if not places:
        raise OptionError(f"{argument}={btt!r}: needs one coefficient at least")
    return tuple(sorted(set(places)))


def _named(argument: str, text: str, names: Sequence[str]) -> list[int]:
    found = [i for i, name in enumerate(names) if text in name]
    if not found:
        raise no_such(argument, text, names, what="coefficient")
    return found
