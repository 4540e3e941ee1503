"""What a person asks of a selection model, checked once; and p-values with the steps between which they lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import special

from pymeta.arrays import FloatArray, IntArray, as_vector, read_only
from pymeta.data.columns import column, rows_chosen
from pymeta.data.selection import SelectionSpec
from pymeta.data.studies import Studies
from pymeta.effects.asked import is_number
from pymeta.errors import DataError, OptionError, no_such
from pymeta.models.selection_likelihood import Steps
from pymeta.models.selection_weights import SELECTIONS, Selection
from pymeta.results.data_rows import rows_used, values_at
from pymeta.results.uni import UniResult

__all__ = ["ALTERNATIVES", "PRECISIONS", "checked", "groups", "p_values", "step_table"]

ALTERNATIVES = ("greater", "less", "two.sided")
PRECISIONS = ("sei", "vi", "ninv", "sqrtninv")

Several = float | Sequence[float] | None


def checked(
    x: Any,
    type: str,
    alternative: str,
    prec: str | None,
    subset: Any,
    delta: Several,
    steps: Several,
    decreasing: bool,
    ni: Any,
    delta_min: Several,
    delta_max: Several,
    pval_min: float | None,
    scaleprec: bool,
) -> SelectionSpec:
    """Every argument of `selmodel`, or what is wrong with it."""
    _check_model(x)
    if type not in SELECTIONS:
        raise no_such("type", type, SELECTIONS, what="selection model")
    if alternative not in ALTERNATIVES:
        raise no_such("alternative", alternative, ALTERNATIVES, what="alternative")
    selection = SELECTIONS[type]
    cuts = _steps(selection, alternative, steps)
    if not isinstance(decreasing, bool | np.bool_):
        raise OptionError(f"decreasing={decreasing!r}: needs True or False")
    if decreasing and type != "stepfun":
        raise OptionError(f"decreasing=True: is of type='stepfun'; {type!r} has no steps to decrease")
    n = {"stepfun": len(cuts)}.get(type, len(selection.null))
    low = _several("delta_min", delta_min, n, 1e-5 if selection.open else selection.least)
    high = _several("delta_max", delta_max, n, 1.0 if decreasing else 100.0)
    if (low < 0.0).any() or (low > high).any():
        raise OptionError(f"delta_min, delta_max: {low.tolist()} needs to be 0 or more, and below {high.tolist()}")
    if type == "truncest":
        low[1], high[1] = -np.inf, np.inf
    asked = SelectionSpec(
        type=type,
        alternative=alternative,
        steps=cuts,
        prec=prec,
        precis=read_only(_precision(x, selection, prec, ni, scaleprec)),
        affected=read_only(_affected(x, subset)),
        delta=read_only(_delta(selection, delta, n, low, high)),
        delta_min=read_only(low),
        delta_max=read_only(high),
        decreasing=decreasing,
        pval_min=_pval_min(selection, pval_min),
    )
    if decreasing and (np.diff(asked.delta[~np.isnan(asked.delta)]) > 0.0).any():
        raise OptionError(f"delta={delta!r}: rises, and decreasing=True says that it does not")
    _check_seen(x.studies, asked)
    return asked


def _check_model(x: Any) -> None:
    if type(x) is not UniResult:
        raise OptionError(f"x: a selection model is made of a fit of rma() without scale=, not of a {type(x).__name__}")
    if x.spec.weights is not None or not x.spec.weighted:
        raise OptionError("x: was fitted with weights of its own, which a likelihood has no place for; leave weights out")
    least = x.p + 1 + int(x.random and x.spec.tau2 is None)
    if x.k < least:
        raise DataError(f"selmodel: {x.k} studies are too few for this model and its selection; it needs {least} or more")
    if not x.studies.vi.all():
        raise DataError("selmodel: a variance is 0, and such a study has no p-value; leave it out")


def _steps(selection: Selection, alternative: str, steps: Several) -> tuple[float, ...]:
    name = selection.name
    given = np.sort(as_vector("steps", steps)) if steps is not None else np.zeros(0)
    if name in ("trunc", "truncest"):
        if alternative == "two.sided":
            raise OptionError(f"alternative='two.sided': type={name!r} has one cutpoint; use 'greater' or 'less'")
        if name == "truncest" and len(given):
            raise OptionError(f"steps={steps!r}: type='truncest' estimates its cutpoint; use type='trunc', or delta= for it")
        if len(given) > 1 or not np.isfinite(given).all():
            raise OptionError(f"steps={steps!r}: type='trunc' has one cutpoint, a number")
        return tuple(given.tolist()) or ((0.0,) if name == "trunc" else ())
    if name == "stepfun":
        if not len(given):
            raise OptionError("steps: type='stepfun' needs p-values between which it is constant, such as steps=0.025")
        given = np.unique(given)
        if not (given[0] > 0.0 and given[-1] <= 1.0):
            raise OptionError(f"steps={steps!r}: are p-values, above 0 and at most 1")
        if given[0] == 1.0:
            raise OptionError(
                "steps=1: needs a step below 1, where the function may change; the last one, 1, may be left out"
            )
        return tuple(given.tolist()) if given[-1] == 1.0 else (*given.tolist(), 1.0)
    if len(given) not in (0, selection.threshold):
        raise OptionError(f"steps={steps!r}: type={name!r} takes {('one', 'two')[selection.threshold - 1]}, or none")
    if len(given) and not (given[0] > 0.0 and given[-1] < 1.0 and len(set(given)) == len(given)):
        raise OptionError(f"steps={steps!r}: are different p-values, above 0 and below 1")
    return tuple(given.tolist())


def _several(name: str, values: Several, n: int, usual: float) -> FloatArray:
    infinite = isinstance(values, float) and values == np.inf
    found = np.array([usual if values is None else np.inf]) if values is None or infinite else as_vector(name, values)
    if len(found) not in (1, n) or np.isnan(found).any():
        raise OptionError(f"{name}={values!r}: needs one value, or one for each of {n} selection parameters")
    return np.array(np.broadcast_to(found, n))


def _delta(selection: Selection, delta: Several, n: int, low: FloatArray, high: FloatArray) -> FloatArray:
    given = np.array([np.nan]) if delta is None else as_vector("delta", delta)
    if len(given) not in (1, n):
        raise OptionError(f"delta={delta!r}: type={selection.name!r} has {n} here; give each, NaN for what to estimate")
    found = np.array(np.broadcast_to(given, n))
    if selection.name == "stepfun" and np.isnan(found[0]):
        found[0] = 1.0
    known = ~np.isnan(found)
    least = 0.0 if selection.name != "truncest" else np.array([0.0, -np.inf])
    wrong = known & ((found < least) | (selection.open & (found <= 0.0)) | ~np.isfinite(found))
    if wrong.any():
        above = "above 0" if selection.open else "0 or more"
        raise OptionError(f"delta={delta!r}: a selection parameter of type={selection.name!r} is {above}")
    return found


def _pval_min(selection: Selection, pval_min: float | None) -> float:
    if pval_min is None:
        return selection.censored
    if not (selection.censored > 0.0 and is_number(pval_min) and 0.0 < pval_min < 0.5):
        raise OptionError(f"pval_min={pval_min!r}: is of types 'beta' and 'power', above 0 and below 0.5")
    return float(pval_min)


def _precision(x: UniResult, selection: Selection, prec: str | None, ni: Any, scaled: bool) -> FloatArray:
    if prec is None:
        return np.ones(x.k)
    if prec not in PRECISIONS:
        raise no_such("prec", prec, PRECISIONS, what="measure of precision")
    if not selection.precision:
        able = ", ".join(name for name, one in SELECTIONS.items() if one.precision)
        raise OptionError(f"prec={prec!r}: type={selection.name!r} has no place for it; {able} have")
    found = x.studies.vi if prec == "vi" else np.sqrt(x.studies.vi) if prec == "sei" else _of_sizes(x, prec, ni)
    return found / found.max() if scaled else np.array(found)


def _of_sizes(x: UniResult, prec: str, ni: Any) -> FloatArray:
    if ni is None:
        raise OptionError(f"prec={prec!r} needs the sample sizes; give ni=")
    if not isinstance(ni, str) and len(ni) == x.k:
        n = as_vector("ni", ni)
    else:
        n = as_vector("ni", values_at("ni", ni, x, rows_used(x)))
    if not (n > 0.0).all():
        raise DataError("a sample size is above 0, in each study", argument="ni")
    return 1.0 / n if prec == "ninv" else 1.0 / np.sqrt(n)


def _affected(x: UniResult, subset: Any) -> np.ndarray:
    if subset is None:
        return np.ones(x.k, dtype=bool)
    values = np.asarray(column("subset", subset, x.call.get("data")))
    if values.dtype == bool and len(values) == x.k:
        chosen = values.copy()
    else:
        rows = rows_used(x)
        whole = len(values) if values.dtype == bool else max(rows) + 1 + len(x.studies.dropped)
        if whole <= max(rows):
            raise OptionError(f"subset: a mask of {whole} for data with {max(rows) + 1} rows or more")
        chosen = rows_chosen("subset", values, whole)[rows]
    if not chosen.any():
        raise DataError("no study is chosen, so that none is selected; leave subset out", argument="subset")
    return chosen


def _check_seen(studies: Studies, asked: SelectionSpec) -> None:
    """A step without p-values: nothing tells the weights that are relative to it; or one whose studies were never seen."""
    if asked.type in ("trunc", "truncest") and asked.delta[0] == 0.0:
        raise DataError("0 says that no effect on one side of the cutpoint is seen; give more than 0", argument="delta")
    table = step_table(studies, asked)
    if table is None or asked.type != "stepfun":
        return
    if (table[asked.delta == 0.0] > 0).any():
        raise DataError("0 says that no such p-value is seen, but there are some; give more than 0", argument="delta")
    if table[0] or not np.isnan(asked.delta).any():
        return
    raise DataError(
        f"no p-value is {asked.steps[0]:g} or less, which the other steps are relative to: delta would be infinite; "
        "use a larger first step, or another alternative=",
        argument="steps",
    )


# ---- P-values -----------------------------------------------------------------------------------------------------------


def p_values(yi: FloatArray, vi: FloatArray, alternative: str) -> FloatArray:
    """P-values of the tests that effects are 0, (k,)."""
    z = yi / np.sqrt(vi)
    if alternative == "two.sided":
        return np.asarray(special.erfc(np.abs(z) / np.sqrt(2.0)))
    return np.asarray(special.ndtr(-z if alternative == "greater" else z))


def step_table(studies: Studies, asked: SelectionSpec) -> IntArray | None:
    """How many p-values of affected studies lie between the steps, (c,); None where steps are no p-values, or none."""
    if not asked.steps or asked.type in ("trunc", "truncest", "beta"):
        return None
    p = p_values(studies.yi, studies.vi, asked.alternative)[asked.affected]
    ends = asked.steps if asked.steps[-1] == 1.0 else (*asked.steps, 1.0)
    return np.bincount(np.searchsorted(ends, p), minlength=len(ends))


def groups(yi: FloatArray, vi: FloatArray, asked: SelectionSpec, cut: float | None) -> Steps:
    """The steps as limits of effects, from −∞ to ∞, and where each affected study lies. yi : large is significant."""
    y, se = yi[asked.affected], np.sqrt(vi[asked.affected])
    n = len(y)
    end = np.full((1, n), np.inf)
    if cut is not None:
        return Steps(np.concatenate([-end, np.full((1, n), cut), end]), (1, 0), np.where(y > cut, 0, 1))
    two_sided = asked.alternative == "two.sided"
    alphas = np.array(asked.steps[:-1])
    limits = -special.ndtri(alphas / 2.0 if two_sided else alphas)[:, None] * se  # falling in alpha
    p = p_values(y, se**2, "two.sided" if two_sided else "greater")
    group = np.searchsorted(asked.steps, p)
    last = len(alphas)
    if two_sided:
        owners = (*range(last), *range(last, -1, -1))
        return Steps(np.concatenate([-end, -limits, limits[::-1], end]), owners, group)
    return Steps(np.concatenate([-end, limits[::-1], end]), tuple(range(last, -1, -1)), group)
