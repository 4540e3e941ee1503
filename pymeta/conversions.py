"""What `escalc` needs, from what was reported instead: tables, means and standard deviations, variances, other scales."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from pymeta.arrays import BoolArray, FloatArray, as_vector, refuse
from pymeta.data.columns import column, frame, rows_chosen
from pymeta.effects import five_number_fits, five_numbers, reconstructed
from pymeta.effects.asked import percentage
from pymeta.effects.five_numbers import FiveNumbers, MeanSD
from pymeta.errors import ConversionWarning, DataError, OptionError, PymetaError, no_such
from pymeta.numerics.derivative import derivative

__all__ = ["conv_2x2", "conv_delta", "conv_fivenum", "conv_wald"]

_REPLACE = {"ifna": "ifna", "all": "all", "complete": "complete", False: "ifna", True: "all"}


# -- from a person's columns and back into their table


def _inputs(columns: Mapping[str, Any], data: Any) -> tuple[dict[str, FloatArray], int]:
    """The columns as vectors of one length, NaN for those not given; a single number stands for each row."""
    found = {name: column(name, values, data) for name, values in columns.items()}
    vectors = {name: as_vector(name, values) for name, values in found.items() if values is not None}
    lengths = {name: len(vector) for name, vector in vectors.items() if np.ndim(found[name]) > 0}
    if len(set(lengths.values())) > 1:
        raise DataError("columns of different lengths: " + ", ".join(f"{name} has {n}" for name, n in lengths.items()))
    k = next(iter(lengths.values()), 1)
    table = _table(data)
    if table is not None and vectors and len(table) != k:
        if lengths:
            raise DataError(f"has {len(table)} rows, {next(iter(lengths))} has {k}", argument="data")
        k = len(table)
    return {name: np.broadcast_to(vectors.get(name, np.nan), k).copy() for name in columns}, k


def _table(data: Any) -> pd.DataFrame | None:
    if data is None or isinstance(data, pd.DataFrame):
        return data
    known = frame(data)
    return pd.DataFrame(dict(data)) if known is None else known.to_pandas()


def _included(include: Any, k: int, data: Any) -> BoolArray:
    return np.ones(k, dtype=bool) if include is None else rows_chosen("include", include, k, data)


def _names(var_names: Sequence[str], count: int) -> tuple[str, ...]:
    if isinstance(var_names, str) or len(var_names) != count or len(set(var_names)) < count:
        raise OptionError(f"var_names={var_names!r}: needs {count} different names")
    return tuple(var_names)


def _effect_names(var_names: Sequence[str] | None, data: Any) -> tuple[str, ...]:
    known = getattr(data, "attrs", {})
    return _names((known.get("yi", "yi"), known.get("vi", "vi")) if var_names is None else var_names, 2)


def _how(replace: Any) -> str:
    if not isinstance(replace, str | bool) or replace not in _REPLACE:
        raise no_such("replace", str(replace), ["ifna", "all", "complete"], what="way to replace")
    return _REPLACE[replace]


def _taken(table: pd.DataFrame | None, name: str, new: FloatArray, replace: str) -> BoolArray:
    """The rows that get the new value: where there is one and, for "ifna", none is there yet."""
    free = np.ones(len(new), dtype=bool)
    if table is not None and name in table and replace == "ifna":
        free = table[name].isna().to_numpy()
    return free & ~np.isnan(new) if replace != "complete" else free


def _merged(table: pd.DataFrame | None, name: str, new: FloatArray, replace: str) -> FloatArray:
    """The new values where they are taken, elsewhere what is in the table."""
    if table is None or name not in table:
        return new
    return np.where(_taken(table, name, new, replace), new, table[name].to_numpy(dtype=np.float64, na_value=np.nan))


def _result(data: Any, new: Mapping[str, FloatArray], append: bool, replace: Any, attrs: Mapping[str, Any]) -> pd.DataFrame:
    """The new columns, behind those of `data` or in their place; ``attrs`` tells which values are new."""
    table, how = (_table(data) if append else None), _how(replace)
    if table is None:
        out = pd.DataFrame(dict(new))
    else:
        out = table.assign(**{name: _merged(table, name, values, how) for name, values in new.items()})
    out.attrs = {**getattr(data, "attrs", {}), **attrs}
    out.attrs["est"] = {name: _taken(table, name, values, how).tolist() for name, values in new.items()}
    return out


def _warn_of_rows(bad: BoolArray, text: str) -> None:
    if bad.any():
        rows = ", ".join(str(row + 1) for row in np.flatnonzero(bad)[:10]) + (", …" if bad.sum() > 10 else "")
        warnings.warn(text.format(rows=rows), ConversionWarning, stacklevel=3)


# -- 2x2 tables


def conv_2x2(
    *,
    ori: Any = None,
    ri: Any = None,
    x2i: Any = None,
    ni: Any = None,
    n1i: Any = None,
    n2i: Any = None,
    sens: Any = None,
    spec: Any = None,
    ppv: Any = None,
    npv: Any = None,
    correct: Any = True,
    drop01: bool = True,
    data: Any = None,
    include: Any = None,
    var_names: Sequence[str] = ("ai", "bi", "ci", "di"),
    append: bool = True,
    replace: str | bool = "ifna",
) -> pd.DataFrame:
    """Cells of 2x2 tables from their margins and another statistic.

    ori, ri, x2i : odds ratios, phi coefficients, or chi-square statistics with the sign of phi; the first that a row has
    ni, n1i, n2i : totals, ai + bi and ai + ci (so n2i is not escalc's)
    sens, spec, ppv, npv : for diagnostic studies, at least three of these and ni
    correct : whether chi-square statistics have Yates's correction, for all or by row
    drop01 : leave out diagnostic studies with a measure of 0 or 1
    data : a table whose columns the other arguments may name; include : rows to convert, a mask or positions from 0
    var_names : what the cells are called; append : put them into `data`
    replace : of columns that are there already, "ifna" (or False) only what is missing, "all" (or True) wherever there is
        a new value, "complete" everything

    Returns a DataFrame, NaN where there is no table; ``attrs["est"]`` tells which rows are from here. ConversionWarning
    where margins and statistic contradict each other. Raises DataError for a statistic or count that cannot be.
    metafor: ``conv.2x2(…)``, which counts rows from 1
    Source: Bonett (2007) for odds ratios.
    Differs from metafor: where measures of accuracy contradict each other its search may end elsewhere, or not at all; cells
    with the same fraction may be rounded another way.
    """
    names = _names(var_names, 4)
    given = {"ori": ori, "ri": ri, "x2i": x2i, "ni": ni, "n1i": n1i, "n2i": n2i}
    accuracy = {"sens": sens, "spec": spec, "ppv": ppv, "npv": npv}
    if all(values is None for values in (ori, ri, x2i, *accuracy.values())):
        raise OptionError("conv_2x2 needs ori, ri, x2i, or at least three of sens, spec, ppv, npv")
    inputs, k = _inputs({**given, **accuracy}, data)
    _check_tables(inputs)
    yates = _by_row("correct", correct, k, data)
    cells = np.column_stack(_cells(inputs, np.where(np.isnan(yates), 1.0, yates), drop01))
    cells[~_included(include, k, data)] = np.nan
    negative = np.asarray((cells < 0.0).any(axis=1))
    _warn_of_rows(negative, "margins and statistic contradict each other in row {rows}: a cell would be negative")
    cells[negative] = np.nan
    return _result(data, dict(zip(names, cells.T, strict=True)), append, replace, {})


def _by_row(name: str, values: Any, k: int, data: Any) -> FloatArray:
    vector = as_vector(name, column(name, values, data))
    if len(vector) not in (1, k):
        raise OptionError(f"{name}: {len(vector)} values for {k} rows; give one, or one a row")
    return np.broadcast_to(vector, k).copy()


def _check_tables(inputs: Mapping[str, FloatArray]) -> None:
    for name in ("ni", "n1i", "n2i"):
        refuse(name, inputs[name], inputs[name] < 0, "is negative; a count is 0 or more")
    for name in ("n1i", "n2i"):
        refuse(name, inputs[name], inputs[name] > inputs["ni"], "is more than the row's total, ni")
    refuse("ori", inputs["ori"], inputs["ori"] < 0, "is negative; an odds ratio is 0 or more")
    refuse("ri", inputs["ri"], np.abs(inputs["ri"]) > 1, "is no phi coefficient; these lie within -1 and 1")
    for name in ("sens", "spec", "ppv", "npv"):
        refuse(name, inputs[name], (inputs[name] < 0) | (inputs[name] > 1), "is no proportion; these lie within 0 and 1")


def _cells(inputs: Mapping[str, FloatArray], yates: FloatArray, drop01: bool) -> reconstructed.Table:
    ni, n1i, n2i = (np.round(inputs[name]) for name in ("ni", "n1i", "n2i"))
    by_odds = reconstructed.table_of_odds_ratio(inputs["ori"], ni, n1i, n2i)
    phi = reconstructed.phi_of_chi_square(inputs["x2i"], yates, ni, n1i, n2i)
    by_phi = reconstructed.table_of_phi(np.where(np.isnan(inputs["ri"]), phi, inputs["ri"]), ni, n1i, n2i)
    measures = np.array([inputs[name] for name in ("sens", "spec", "ppv", "npv")])
    if drop01:
        measures[:, ((measures == 0.0) | (measures == 1.0)).any(axis=0)] = np.nan
    by_accuracy = reconstructed.table_of_accuracy(measures[0], measures[1], measures[2], measures[3], inputs["ni"])
    whole = ~np.isnan(by_accuracy.ai), ~np.isnan(inputs["ori"])
    return reconstructed.Table(
        *(np.select(whole, cell[:2], cell[2]) for cell in zip(by_accuracy, by_odds, by_phi, strict=True))
    )


# -- means and standard deviations

_METHODS: Mapping[str, Callable[[FiveNumbers], MeanSD]] = {
    "default": five_numbers.luo_wan_shi,
    "luo/wan/shi": five_numbers.luo_wan_shi,
    "qe": five_number_fits.quantile_estimation,
    "blue": five_number_fits.blue,
}
_SIMULATED = ("bc", "mln")


def conv_fivenum(
    *,
    min: Any = None,
    q1: Any = None,
    median: Any = None,
    q3: Any = None,
    max: Any = None,
    n: Any = None,
    data: Any = None,
    include: Any = None,
    method: str = "default",
    dist: str | Sequence[str] = "norm",
    transf: bool = True,
    test: bool = True,
    var_names: Sequence[str] = ("mean", "sd"),
    append: bool = True,
    replace: str | bool = "ifna",
) -> pd.DataFrame:
    """Means and standard deviations from minimum, median, maximum; or quartiles and median; or all five; and sample sizes.

    method : "luo/wan/shi" (default), for normal or log-normal data; "qe", the nearest of five distributions; "blue", the
        best linear unbiased estimates for normal data
    dist : "norm" or "lnorm", for all or by row; transf : for "lnorm", back from the logarithms (both: "luo/wan/shi" only)
    test : leave out rows whose data, or logarithms, the numbers show to be skewed; not with "qe" where all are positive
    data, include, append, replace : as in `conv_2x2`; var_names : what means and standard deviations are called

    Returns a DataFrame, NaN where a sample is smaller than 5 or the numbers are none of those three selections;
    ``attrs["skewness"]`` has each row's ``tval``, ``crit``, ``sig`` and ``dist``, ``attrs["est"]`` which rows are from here.
    Raises DataError for numbers out of order and for log-normal ones that are not positive, OptionError for an unknown name.
    metafor: ``conv.fivenum(…)``, which has the tests as attributes of the means
    Differs from metafor: its methods "bc" and "mln" simulate, and are not offered; for "qe" and "blue" see
    ``pymeta.effects.five_number_fits``.
    """
    names = _names(var_names, 2)
    columns = {"min": min, "q1": q1, "median": median, "q3": q3, "max": max}
    if all(values is None for values in columns.values()):
        raise OptionError("conv_fivenum needs at least some of min, q1, median, q3, max")
    estimate = _method(method)
    inputs, k = _inputs({**columns, "n": n}, data)
    logs = _log_normal_rows(dist, k, data) & (estimate is five_numbers.luo_wan_shi)
    used = _included(include, k, data) & ~(inputs["n"] < 5)
    five = FiveNumbers(*(np.where(used, inputs[name], np.nan) for name in (*columns, "n")))
    _check_order(five)
    _check_positive(five, logs)
    skew = five_numbers.skewness(FiveNumbers(*(np.where(logs, y, x) for x, y in zip(five, five.logs(), strict=True))))
    found = _chosen(logs, (five_numbers.back_transformed if transf else five_numbers.log_normal)(five), estimate(five))
    tested = test and estimate is not five_number_fits.quantile_estimation
    out = skew.significant & (tested | (test & (_lowest(five) <= 0.0)))
    new = {name: np.where(out, np.nan, values) for name, values in zip(names, found, strict=True)}
    tests = {"tval": skew.tval, "crit": skew.crit, "sig": skew.significant, "dist": np.where(logs, "lnorm", "norm")}
    return _result(data, new, append, replace, {"skewness": {name: value.tolist() for name, value in tests.items()}})


def _method(method: str) -> Callable[[FiveNumbers], MeanSD]:
    if method in _SIMULATED:
        raise OptionError(
            f"method={method!r} is a simulation whose numbers change with every run, and not offered; try 'qe'"
        )
    if method not in _METHODS:
        raise no_such("method", method, _METHODS, what="method of conv_fivenum")
    return _METHODS[method]


def _log_normal_rows(dist: str | Sequence[str], k: int, data: Any) -> BoolArray:
    given = (
        [dist]
        if dist in ("norm", "lnorm")
        else column("dist", dist, data)
        if isinstance(dist, str) and data is not None
        else dist
    )
    kinds = [given] if isinstance(given, str) else list(given)
    for kind in kinds:
        if kind not in ("norm", "lnorm"):
            raise no_such("dist", str(kind), ["norm", "lnorm"], what="distribution here")
    if len(kinds) not in (1, k):
        raise OptionError(f"dist: {len(kinds)} values for {k} rows; give one, or one a row")
    return np.broadcast_to(np.array(kinds) == "lnorm", k).copy()


def _lowest(five: FiveNumbers) -> FloatArray:
    return np.asarray(np.fmin.reduce(np.array(five[:5])))


def _check_order(five: FiveNumbers) -> None:
    """Raise DataError for the first row whose numbers fall."""
    highest = five.a
    for name, values in zip(("q1", "median", "q3", "max"), five[1:5], strict=True):
        refuse(name, values, values < highest, "is smaller than a number before it; min <= q1 <= median <= q3 <= max")
        highest = np.fmax(highest, values)


def _check_positive(five: FiveNumbers, logs: BoolArray) -> None:
    for name, values in zip(("min", "q1", "median", "q3", "max"), five[:5], strict=True):
        refuse(name, values, logs & (values <= 0.0), "is not positive; log-normal data are (dist='lnorm')")


def _chosen(rows: BoolArray, yes: MeanSD, no: MeanSD) -> MeanSD:
    return MeanSD(np.where(rows, yes.mean, no.mean), np.where(rows, yes.sd, no.sd))


# -- variances


def conv_wald(
    *,
    out: Any = None,
    ci_lb: Any = None,
    ci_ub: Any = None,
    zval: Any = None,
    pval: Any = None,
    n: Any = None,
    data: Any = None,
    include: Any = None,
    level: Any = 95.0,
    transf: Callable[[FloatArray], FloatArray] | None = None,
    check: bool = True,
    var_names: Sequence[str] | None = None,
    append: bool = True,
    replace: str | bool = "ifna",
) -> pd.DataFrame:
    """Effects with sampling variances, from Wald-type intervals, tests or p-values.

    out, ci_lb, ci_ub : estimates and the bounds of their intervals; transf : to the scale on which these were computed
    zval, pval : for rows without an interval; pval is two-sided
    n : total sample sizes, kept in ``attrs["ni"]``
    level : of the intervals, in percent or as a share, for all or by row
    check : warn where an estimate is not about halfway between its bounds
    data, include, append, replace : as in `conv_2x2`
    var_names : what effects and variances are called; default: as in `data`, or yi and vi

    The variance is ((ub − lb)/(2 z))², without a lower bound ((ub − out)/z)², without an interval (y/zval)², where y is
    the effect that a row ends up with. Raises DataError for bounds in the wrong order and p-values outside [0, 1].
    metafor: ``conv.wald(…)``
    Differs from metafor: it does not mind the order of bounds, and an infinite new variance takes an old effect away.
    """
    names = _effect_names(var_names, data)
    columns = {"out": out, "ci_lb": ci_lb, "ci_ub": ci_ub, "zval": zval, "pval": pval}
    if all(values is None for values in columns.values()):
        raise OptionError("conv_wald needs at least some of out, ci_lb, ci_ub, zval, pval")
    inputs, k = _inputs({**columns, "n": n}, data)
    refuse("ci_lb", inputs["ci_lb"], inputs["ci_lb"] > inputs["ci_ub"], "is above the upper bound, ci_ub")
    refuse("pval", inputs["pval"], (inputs["pval"] < 0) | (inputs["pval"] > 1), "is no p-value; these lie within 0 and 1")
    yi, low, high = (_transformed(transf, inputs[name]) for name in ("out", "ci_lb", "ci_ub"))
    included, table = _included(include, k, data), _table(data)
    effects = _merged(table, names[0], np.where(included & np.isfinite(yi), yi, np.nan), _how(replace))
    vi = _wald_variances((low, yi, high), effects, inputs, _critical(level, k, data))
    new = dict(zip(names, _finite(np.where(included, yi, np.nan), np.where(included, vi, np.nan)), strict=True))
    if check:
        used = _taken(table if append else None, names[1], new[names[1]], _how(replace))
        off = np.abs(yi - (low + high) / 2.0) > 0.1 * np.abs(high - low) * (1.0 + 1e-12)
        _warn_of_rows(
            off & used, "the estimate is not halfway between the bounds in row {rows}: is this a Wald-type interval?"
        )
    sizes = {} if n is None else {"ni": inputs["n"].tolist()}
    return _result(data, new, append, replace, {**_escalc_attrs(names, data), **sizes})


def _transformed(transf: Callable[[FloatArray], FloatArray] | None, values: FloatArray) -> FloatArray:
    if transf is None:
        return values
    with np.errstate(all="ignore"):
        return np.asarray(transf(values), dtype=np.float64)


def _critical(level: Any, k: int, data: Any) -> FloatArray:
    shares = np.array([percentage(float(one)) for one in _by_row("level", level, k, data)]) / 100.0
    return np.asarray(-special.ndtri((1.0 - shares) / 2.0))


def _wald_variances(
    interval: tuple[FloatArray, FloatArray, FloatArray],
    effects: FloatArray,
    inputs: Mapping[str, FloatArray],
    critical: FloatArray,
) -> FloatArray:
    low, yi, high = interval
    with np.errstate(all="ignore"):
        z = np.where(np.isnan(inputs["zval"]), -special.ndtri(inputs["pval"] / 2.0), inputs["zval"])
        ways = (((high - low) / (2.0 * critical)) ** 2, ((high - yi) / critical) ** 2, (effects / z) ** 2)
        return np.select([~np.isnan(way) for way in ways], ways, np.nan)


def _finite(yi: FloatArray, vi: FloatArray) -> tuple[FloatArray, FloatArray]:
    """NaN in both where one of them is infinite."""
    lost = np.isinf(yi) | np.isinf(vi)
    return np.where(lost, np.nan, yi), np.where(lost, np.nan, vi)


def _escalc_attrs(names: Sequence[str], data: Any) -> dict[str, Any]:
    measure = getattr(data, "attrs", {}).get("measure", "GEN")
    return {"measure": measure, "yi": names[0], "vi": names[1]}


# -- other scales


def conv_delta(
    yi: Any = None,
    vi: Any = None,
    *,
    ni: Any = None,
    data: Any = None,
    include: Any = None,
    transf: Callable[..., FloatArray] | None = None,
    var_names: Sequence[str] | None = None,
    append: bool = True,
    replace: str | bool = "ifna",
    **targs: Any,
) -> pd.DataFrame:
    """Effects on another scale, f(yi), with variances by the delta method, vi f′(yi)².

    yi, vi : effects and variances
    transf : f, which takes an array, or else a number; such as those in ``pymeta.effects.transforms``
    targs : further arguments of f; a name of a column of `data` stands for the column, and what has one value a row is
        passed on for that row
    ni : total sample sizes, kept in ``attrs["ni"]``
    data, include, append, replace : as in `conv_2x2`; note that "ifna" keeps effects that are in `data` under the new names
    var_names : what the new effects and variances are called; default: as in `data`, or yi and vi

    NaN where f is not defined on both sides of yi. Raises DataError for a negative variance.
    metafor: ``conv.delta(yi, vi, transf=…)``
    Differs from metafor: the derivative has about 13 digits, numDeriv's 10 to 12; with ``append=FALSE`` metafor returns what
    is in `data` where that is not replaced, pymeta what it computed.
    """
    names = _effect_names(var_names, data)
    if transf is None or yi is None or vi is None:
        raise OptionError("conv_delta needs yi, vi and transf, the function to apply")
    inputs, k = _inputs({"yi": yi, "vi": vi, "ni": ni}, data)
    refuse("vi", inputs["vi"], inputs["vi"] < 0, "is negative; a sampling variance is 0 or more")
    function = _elementwise(transf, {name: _target(name, value, data) for name, value in targs.items()}, k)
    included = _included(include, k, data)
    effects = np.where(included, inputs["yi"], np.nan)
    moved = _transformed(function, effects)
    with np.errstate(all="ignore"):
        variances = inputs["vi"] * derivative(function, effects) ** 2
    new = dict(zip(names, _finite(moved, variances), strict=True))
    sizes = {} if ni is None else {"ni": np.where(included, inputs["ni"], np.nan).tolist()}
    return _result(data, new, append, replace, {**_escalc_attrs(names, data), **sizes})


def _target(name: str, value: Any, data: Any) -> Any:
    table = _table(data)
    return (
        np.asarray(column(name, value, data)) if isinstance(value, str) and table is not None and value in table else value
    )


def _elementwise(transf: Callable[..., FloatArray], targs: Mapping[str, Any], k: int) -> Callable[[FloatArray], FloatArray]:
    """`transf` of (k,) arrays, called number by number if it does not take them."""

    def whole(x: FloatArray) -> FloatArray:
        return np.asarray(transf(x, **targs), dtype=np.float64)

    def single(x: FloatArray) -> FloatArray:
        rows = [{name: value[i] if np.shape(value) == (k,) else value for name, value in targs.items()} for i in range(k)]
        return np.array([_or_nan(transf, one, row) for one, row in zip(x, rows, strict=True)])

    probe = np.full(k, np.nan)
    try:
        with np.errstate(all="ignore"):
            takes_arrays = whole(probe).shape == (k,) and k > 1
    except PymetaError:
        raise
    except (TypeError, ValueError):
        takes_arrays = False
    return whole if takes_arrays else single


def _or_nan(transf: Callable[..., Any], x: float, targs: Mapping[str, Any]) -> float:
    """NaN where `transf`, a function of numbers such as those in `math`, says that it is not defined."""
    try:
        return float(np.asarray(transf(float(x), **targs)).item())
    except PymetaError:
        raise
    except (ValueError, ArithmeticError):
        return np.nan
