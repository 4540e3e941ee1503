"""Effect sizes as a table: `escalc` and what is made of its result."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import narwhals.stable.v1 as nw
import numpy as np
import pandas as pd

from pymeta.arrays import BoolArray, FloatArray
from pymeta.data.columns import column, frame, rows_chosen
from pymeta.data.specs import DataSpec
from pymeta.effects.asked import asked, is_number, percentage
from pymeta.effects.measures import Measure, measure_named
from pymeta.effects.records import Effects
from pymeta.effects.studies import effects_of
from pymeta.errors import DataError, LargeEffectWarning, OptionError
from pymeta.numerics.tails import normal_quantile, normal_two_sided

__all__ = ["escalc", "print_escalc", "summary_escalc"]

_STANDARDIZED = ("SMD", "SMDH", "SMD1", "SMD1H")
_SUMMARY = ("sei", "zi", "pval", "ci_lb", "ci_ub")


def escalc(
    measure: str,
    *,
    data: Any = None,
    slab: Any = None,
    flip: Any = None,
    subset: Any = None,
    include: Any = None,
    add: float | None = None,
    to: str = "only0",
    drop00: bool = False,
    vtype: Any = None,
    correct: bool = True,
    cutoff: float | None = 2.0,
    var_names: Sequence[str] = ("yi", "vi"),
    add_measure: bool = False,
    append: bool = True,
    replace: bool = True,
    **columns: Any,
) -> Any:
    """Effects and their sampling variances, one row a study.

    measure : a name in ``pymeta.MEASURES``, which says what data each needs; docs/measures.md has them all
    data : a data frame (pandas, polars, pyarrow) or another mapping of columns; the other arguments may name its columns
    slab : study labels
    flip : True, or True by row, turns the sign of effects; numbers multiply them (and their variances by the square)
    subset : rows to return; include : rows to compute, the others have no effect. A mask, or positions from 0
    add, to, drop00 : what to add to zero counts: `add` (default 0.5, for some measures 0) to the studies that `to` names
        ("only0", "all", "if0all", "none"); `drop00` leaves studies without any event, or with nothing but events, without
        an effect
    vtype : the kind of sampling variance, for all or by row; None is the measure's usual one
    correct : correct effects for their bias, where the measure knows how
    cutoff : warn of standardized mean differences beyond it; None: never
    var_names : what the columns are called; a third one is that of the measure's name
    add_measure : a column with the measure's name, where there is an effect
    append : put them behind the columns of `data`
    replace : False keeps effects, and variances, that are in `data` already
    columns : the data by the names of their arguments, such as ai, bi, ci, di; or yi with vi or sei of any measure

    Returns a frame of the kind of `data` (default: pandas); NaN where a study has no effect. A pandas frame's ``attrs``
    hold the measure's name, and labels are its index if `slab` is given.
    Raises OptionError for an unknown name or option, DataError for a value that cannot be, naming argument and row.
    Source: each measure's own, in ``pymeta.MEASURES``. metafor: ``escalc(measure, …, data=)``, which counts rows from 1
    """
    names = _names(var_names, add_measure)
    chosen = measure_named(measure)
    options = {"add": add, "to": to, "drop00": drop00, "vtype": vtype, "correct": correct}
    spec, rows = _spec_of_rows(chosen, columns, data, slab, subset, options)
    effects = _flipped(effects_of(spec), flip, data, rows)
    computed = np.ones(rows.size, dtype=bool) if include is None else rows_chosen("include", include, rows.size, data)
    effects = effects if include is None else _only(effects, computed[rows])
    _warn_of_large(chosen, effects, cutoff)
    new: dict[str, Any] = dict(zip(names, (*effects, np.where(np.isnan(effects.yi), "", chosen.name)), strict=False))
    table = frame(data) if append else None
    if table is not None:
        table = table.filter(rows.tolist())
        new = _beside(table, new, computed[rows], replace)
    out = pd.DataFrame(new) if table is None else _appended(table, new)
    if isinstance(out, pd.DataFrame):
        out.index = pd.Index(spec.slab) if slab is not None else out.index
        out.attrs = {"measure": chosen.name, "yi": names[0], "vi": names[1]}
    return out


def _names(var_names: Sequence[str], add_measure: bool) -> tuple[str, ...]:
    if isinstance(var_names, str) or not 2 <= len(var_names) <= 3 or len(set(var_names)) < len(var_names):
        raise OptionError(f"var_names={var_names!r}: needs two or three different names, such as ('yi', 'vi')")
    names = (*var_names, "measure")[:3]
    return tuple(names) if add_measure else tuple(names[:2])


def _spec_of_rows(
    measure: Measure, columns: Mapping[str, Any], data: Any, slab: Any, subset: Any, options: Mapping[str, Any]
) -> tuple[DataSpec, BoolArray]:
    """The spec of the rows in `subset`, and which of all rows these are."""
    looked_up = {name: column(name, values, data) for name, values in columns.items() if values is not None}
    k = max((np.size(values) for values in looked_up.values()), default=0)
    looked_up = {name: np.repeat(values, k) if np.ndim(values) == 0 else values for name, values in looked_up.items()}
    if subset is None:
        return asked(measure, looked_up, data, slab, **options), np.ones(k, dtype=bool)
    rows = rows_chosen("subset", subset, k, data)
    kept = {name: np.asarray(values)[rows] if len(values) == k else values for name, values in looked_up.items()}
    labels = None if slab is None else np.asarray(column("slab", slab, data), dtype=object)[rows]
    vtype = options["vtype"]
    if vtype is not None and not isinstance(vtype, str):
        options = {**options, "vtype": np.asarray(vtype)[rows]}
    return asked(measure, kept, None, labels, **options), rows


def _flipped(effects: Effects, flip: Any, data: Any, rows: BoolArray) -> Effects:
    if flip is None or flip is False:
        return effects
    given = np.asarray(column("flip", flip, data))
    factor = np.where(given, -1.0, 1.0) if given.dtype == bool else given.astype(np.float64)
    if factor.ndim and factor.shape != rows.shape:
        raise OptionError(f"flip: {factor.size} values for {rows.size} rows; give one, or one a row")
    factor = factor[rows] if factor.ndim else factor
    if not np.isfinite(factor).all():
        raise OptionError(f"flip={flip!r}: needs True or False, or numbers")
    return Effects(effects.yi * factor, effects.vi * factor**2)


def _only(effects: Effects, included: BoolArray) -> Effects:
    return Effects(np.where(included, effects.yi, np.nan), np.where(included, effects.vi, np.nan))


def _warn_of_large(measure: Measure, effects: Effects, cutoff: float | None) -> None:
    if cutoff is None or measure.name not in _STANDARDIZED:
        return
    if not is_number(cutoff) or cutoff < 0:
        raise OptionError(f"cutoff={cutoff!r}: needs a number of 0 or more, or None")
    large = np.abs(effects.yi) > cutoff
    if large.any():
        row = int(np.flatnonzero(large)[0])
        warnings.warn(
            f"{measure.name} in row {row + 1} is {effects.yi[row]:.4g}, beyond {cutoff:g} ({int(large.sum())} such rows): "
            "are standard errors given for standard deviations? cutoff=None silences this",
            LargeEffectWarning,
            stacklevel=3,
        )


def _beside(table: Any, new: Mapping[str, Any], computed: BoolArray, replace: bool) -> dict[str, Any]:
    """The new columns; where one is in the table already, what was not computed stays, or all that is there."""
    merged = dict(new)
    for name in set(new) & set(table.columns):
        old = table[name].to_numpy()
        missing = pd.isna(old) | (old == "")
        merged[name] = np.where(computed if replace else missing, new[name], old)
    return merged


def _appended(table: Any, new: Mapping[str, Any]) -> Any:
    native = table.to_native()
    if isinstance(native, pd.DataFrame):
        return native.assign(**new)
    series = [nw.new_series(name, values, backend=table.implementation) for name, values in new.items()]
    return table.with_columns(*series).to_native()


def summary_escalc(
    data: pd.DataFrame,
    *,
    out_names: Sequence[str] = _SUMMARY,
    var_names: Sequence[str] | None = None,
    H0: float = 0.0,
    append: bool = True,
    replace: bool = True,
    level: float = 95.0,
    olim: tuple[float, float] | None = None,
    transf: Callable[..., FloatArray] | None = None,
    **targs: Any,
) -> pd.DataFrame:
    """Each row's standard error, test of ``yi = H0`` and Wald-type interval, behind the columns of `data`.

    data : what `escalc` returned, as pandas
    out_names : what the new columns are called
    var_names : the columns of effects and variances; default: as `escalc` called them
    append : keep the other columns of `data`; replace : overwrite columns that are there already, but for what is NaN
    level : of the intervals, in percent, or as a share
    olim : the limits of what can be observed, to which effects and bounds are cut
    transf : applied to effects and bounds, with `targs` besides; variances and tests are left out then
    metafor: ``summary(dat, …)`` of an escalc object
    """
    if len(out_names) != len(_SUMMARY):
        raise OptionError(f"out_names={out_names!r}: needs {len(_SUMMARY)} names, for {', '.join(_SUMMARY)}")
    yi_name, vi_name = var_names or (data.attrs.get("yi", "yi"), data.attrs.get("vi", "vi"))
    for name in (yi_name, vi_name):
        if name not in data:
            raise DataError(f"has no column {name!r}; name effects and variances by var_names=", argument="data")
    yi, vi = data[yi_name].to_numpy(dtype=float), data[vi_name].to_numpy(dtype=float)
    new = dict(zip(out_names, _tests(yi - H0, vi, percentage(level)), strict=True))
    new = {yi_name: yi, **new, out_names[3]: new[out_names[3]] + H0, out_names[4]: new[out_names[4]] + H0}
    if transf is not None:
        data = data.drop(columns=[vi_name, *(name for name in out_names if name in data)])
        new = _transformed({name: new[name] for name in (yi_name, *out_names[3:])}, transf, targs)
    for name in (yi_name, *out_names[3:]) if olim is not None else ():
        new[name] = np.clip(new[name], *olim)  # type: ignore[misc]
    if not replace:
        new = {name: data[name].fillna(pd.Series(new[name], data.index)) if name in data else new[name] for name in new}
    kept = data if append else data[[name for name in (yi_name, vi_name) if name in data]]
    return kept.assign(**new)


def _tests(effect: FloatArray, vi: FloatArray, level: float) -> tuple[FloatArray, ...]:
    sei = np.sqrt(vi)
    with np.errstate(divide="ignore", invalid="ignore"):
        zi = effect / sei
    reach = normal_quantile((100.0 - level) / 200.0) * sei
    return sei, zi, normal_two_sided(zi), effect - reach, effect + reach


def _transformed(
    columns: dict[str, FloatArray], transf: Callable[..., FloatArray], targs: Mapping[str, Any]
) -> dict[str, FloatArray]:
    """Effects and bounds on another scale; a transformation that turns the scale round swaps the bounds."""
    yi, low, high = columns
    new = {name: np.asarray(transf(values, **targs), dtype=float) for name, values in columns.items()}
    bounds = np.sort([new[low], new[high]], axis=0)
    return {yi: new[yi], low: bounds[0], high: bounds[1]}


def print_escalc(data: pd.DataFrame, digits: int = 4) -> None:
    """Print a table of effects: what `escalc` and `summary_escalc` computed with so many digits, the rest as it is.

    metafor: ``print(dat, digits=…)``
    """
    computed = {data.attrs.get("yi", "yi"), data.attrs.get("vi", "vi"), *_SUMMARY} & set(data.columns)
    texts = {name: [_number(value, digits) for value in data[name]] for name in computed}
    print(data.assign(**texts).to_string())


def _number(value: float, digits: int) -> str:
    return "NA" if np.isnan(value) else f"{value:.{digits}f}"
