"""Pooled effects of subgroups of studies, and the test between them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from pymeta.api import rma
from pymeta.arrays import BoolArray, read_only
from pymeta.data.columns import column
from pymeta.data.design import Design
from pymeta.data.specs import UniSpec
from pymeta.data.studies import Studies
from pymeta.errors import DataError, OptionError
from pymeta.generics.anova import anova
from pymeta.models.uni import fit
from pymeta.numerics.tails import chi2_upper
from pymeta.results.data_rows import at_studies, rows_used
from pymeta.results.subgroups import Subgroups
from pymeta.results.tests import Contrasts
from pymeta.results.uni import UniResult
from pymeta.tau2.methods import TAU2

__all__ = ["subgroups"]


def subgroups(*args: Any, by: Any, tau2: str = "separate", **arguments: Any) -> Subgroups:
    """Pool each subgroup of studies, and test whether they differ.

    args : a fitted model without moderators, or what ``rma`` takes, with `arguments`
    by : the subgroup of each row of the data, or the name of a column
    tau2 : "separate": each subgroup has its own, and their estimates are compared by a chi-squared test, as RevMan does;
        "common": one for all, and the coefficients of one model are compared

    Raises OptionError for a model with moderators, DataError for a missing subgroup and where there is only one.
    Source: Borenstein et al. (2009), Introduction to Meta-Analysis, ch. 19; Deeks & Higgins (2010), for RevMan.
    metafor: separate: the QE of ``rma(estimates, sei=, method="FE")`` of each ``rma(yi, vi, subset=)``; common: the QM of
    ``rma(yi, vi, mods=~by)``
    """
    result = args[0] if args and isinstance(args[0], UniResult) else rma(*args, **arguments)
    if result.moderated:
        raise OptionError("mods: subgroups are of a model without moderators; use anova for moderators of more kinds")
    if tau2 not in ("separate", "common"):
        raise OptionError(f"tau2={tau2!r}: needs 'separate' or 'common'")
    labels = at_studies(result, "by", by)
    levels = _levels(column("by", by, result.call.get("data")), labels)
    if len(levels) < 2:
        raise DataError(f"all studies are in one subgroup, {levels[0]!r}; there is nothing to compare", argument="by")
    masks = [np.array([label == level for label in labels]) for level in levels]
    name = by if isinstance(by, str) else str(getattr(by, "name", None) or "subgroup")
    compare = _separate if tau2 == "separate" else _common
    return compare(result, name, tuple(map(str, levels)), masks, labels)


def _levels(given: Any, labels: Sequence[Hashable]) -> list[Any]:
    """Those that studies have: in the order of a categorical; sorted; or, where that cannot be, as they come."""
    present = list(dict.fromkeys(labels))
    order = getattr(getattr(given, "cat", given), "categories", None)
    if order is not None:
        return [level for level in order if level in set(present)]
    try:
        return sorted(present)
    except TypeError:
        return present


def _separate(
    result: UniResult, by: str, names: tuple[str, ...], masks: Sequence[BoolArray], labels: Sequence[Any]
) -> Subgroups:
    """Q between = Σ (b_g − b̄)²/se_g², about the mean b̄ with weights 1/se_g², with G − 1 degrees of freedom."""
    fits = tuple(_of_studies(result, mask) for mask in masks)
    b, w = np.array([one.beta[0] for one in fits]), np.array([1.0 / one.vb[0, 0] for one in fits])
    QB = float((w * (b - (w @ b) / w.sum()) ** 2).sum())
    df = len(fits) - 1
    return _subgroups(result, by, names, fits, None, (QB, (df, None), chi2_upper(QB, df)))


def _common(
    result: UniResult, by: str, names: tuple[str, ...], masks: Sequence[BoolArray], labels: Sequence[Any]
) -> Subgroups:
    if result.spec.method not in TAU2:
        raise OptionError("tau2='common': Review Manager 5 has separate ones only; use another method")
    X = read_only(np.column_stack(masks).astype(np.float64))
    G = len(names)
    design = Design(X, tuple(f"{by}{name}" for name in names), (1,) * G, (by,), None, False)
    model = fit(replace(result.spec, design=design, btt=tuple(range(G))), {})
    given = model.tau2 if model.random else None
    fits = tuple(fit(_spec_of(result.spec, mask, given)) for mask in masks)
    test = anova(model, X=np.eye(G)[1:] - np.eye(G)[0])
    assert isinstance(test, Contrasts)
    assert test.QM is not None
    assert test.QMdf is not None
    assert test.QMp is not None
    return _subgroups(result, by, names, fits, model, (test.QM, test.QMdf, test.QMp))


def _subgroups(
    result: UniResult,
    by: str,
    names: tuple[str, ...],
    fits: tuple[UniResult, ...],
    model: UniResult | None,
    test: tuple[float, tuple[int, float | None], float],
) -> Subgroups:
    QB, QB_df, QBp = test
    tau2 = "separate" if model is None else "common"
    return Subgroups(by=by, names=names, fits=fits, overall=result, model=model, tau2=tau2, QB=QB, QB_df=QB_df, QBp=QBp)


def _of_studies(result: UniResult, mask: BoolArray) -> UniResult:
    if result.spec.method in TAU2:
        return fit(_spec_of(result.spec, mask, result.spec.tau2))
    chosen = [row for row, there in zip(rows_used(result), mask, strict=True) if there]
    found: UniResult = rma(**_rows_of(result.call, chosen))
    return found


def _spec_of(spec: UniSpec, mask: BoolArray, tau2: float | None) -> UniSpec:
    places = np.flatnonzero(mask)
    slab = tuple(spec.studies.slab[int(i)] for i in places)
    return replace(
        spec,
        studies=Studies(spec.studies.yi[mask], spec.studies.vi[mask], slab),
        design=replace(spec.design, X=spec.X[mask]),
        weights=None if spec.weights is None else spec.weights[mask],
        tau2=tau2,
    )


_OPTIONS = ("method", "measure", "test", "level", "add", "to", "drop00", "vtype", "correct", "weighted", "intercept", "link")


def _rows_of(call: Mapping[str, Any], rows: Sequence[int]) -> dict[str, Any]:
    """The arguments of rma for some rows of the data: Review Manager 5's method reads raw data itself."""
    options = {name: value for name, value in call.items() if name in _OPTIONS}
    columns = {n: v for n, v in call.items() if n not in (*_OPTIONS, "data", "btt", "subset", "mods") and v is not None}
    found = {name: [*column(name, values, call.get("data"))] for name, values in columns.items()}
    return {**options, **{name: [values[row] for row in rows] for name, values in found.items()}}
