"""The pooled effect without each study, and of more and more studies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pymeta.arrays import BoolArray, read_only
from pymeta.data.collation import text_key
from pymeta.effects.scales import ordered, scale_of
from pymeta.errors import DataError, OptionError
from pymeta.models.subsets import fit_of_some, fits_again, rows_of
from pymeta.results.data_rows import values_at
from pymeta.results.pooled import Pooled
from pymeta.results.refits import Cumulative, LeaveOneOut
from pymeta.results.tables import PooledTables
from pymeta.results.uni import UniResult

__all__ = ["cumul", "leave1out", "of_fits"]

_SHARED = ("QE", "QEp", "I2", "H2")
_OF_COEFFICIENTS = ("beta", "se", "zval", "pval", "ci_lb", "ci_ub")


def leave1out(
    result: UniResult | PooledTables, *, cluster: Any = None, transf: Any = None, targs: Any = None, digits: int = 4
) -> LeaveOneOut:
    """The model without each study in turn, or without each cluster.

    cluster : a value a row of the data, or the name of a column: the studies of one value are left out together
    transf : a function of arrays for estimate and bounds, or the name of one; targs : its further argument
    digits : decimal places that are printed

    NaN where a model cannot be fitted. Raises OptionError for a model with moderators, DataError for one study or cluster.
    Source: Viechtbauer & Cheung (2010), Research Synthesis Methods 1, 112. metafor: ``leave1out(result, cluster=)``
    """
    _plain(result, "leave1out")
    groups: list[Any] = rows_of(result)
    slab: Sequence[str] = _slab(result)
    if cluster is not None:
        groups = _at(result, "cluster", cluster)
        slab = [str(one) for one in sorted(set(groups), key=_key)]
    values = sorted(set(groups), key=_key)
    if len(values) < 2:
        what = "study" if cluster is None else "cluster"
        raise DataError(f"leave1out: there is 1 {what}, and nothing is left without it; it needs 2 or more")
    masks = [np.array([one != value for one in groups]) for value in values]
    return LeaveOneOut(slab=tuple(f"-{one}" for one in slab), digits=digits, **_refits(result, masks, transf, targs))


def cumul(
    result: UniResult | PooledTables,
    *,
    order: Any = None,
    transf: Any = None,
    targs: Any = None,
    collapse: bool = False,
    digits: int = 4,
) -> Cumulative:
    """The model of the first study, of the first two, and so on.

    order : a value a row of the data, or the name of a column, by which studies are added; ties stay as in the data
    collapse : studies with one value of `order` are added together
    transf, targs, digits : as in `leave1out`

    NaN where a model cannot be fitted; Differs from metafor: that has Q = 0 and H² = 1 of tables without any event.
    Raises OptionError for a model with moderators, and for collapse without order.
    Source: Lau et al. (1992), New England Journal of Medicine 327, 248. metafor: ``cumul(result, order=, collapse=)``
    """
    _plain(result, "cumul")
    if collapse and order is None:
        raise OptionError("collapse=True adds studies with one value of order= together; give order=")
    rows = rows_of(result)
    values = None if order is None else _at(result, "order", order)
    places = [*range(len(rows))] if values is None else sorted(range(len(rows)), key=lambda i: _key(values[i]))
    steps = [*range(1, len(places) + 1)]
    if values is not None and collapse:
        steps = [i for i in steps if i == len(places) or values[places[i]] != values[places[i - 1]]]
    last = [places[i - 1] for i in steps]
    slab = _slab(result)
    by = None if values is None else tuple(values[i] for i in last)
    return Cumulative(
        slab=tuple(map(str, by)) if collapse and by is not None else tuple(slab[i] for i in last),
        digits=digits,
        k=read_only(np.array(steps)),
        order=by,
        ids=None if collapse else read_only(np.array([rows[i] for i in last])),
        **_refits(result, [np.isin(np.arange(len(rows)), places[:i]) for i in steps], transf, targs),
    )


def _plain(result: UniResult | PooledTables, name: str) -> None:
    if not isinstance(result, UniResult | PooledTables):
        kind = result.__class__.__name__
        raise OptionError(f"{name}: not defined for a {kind}; it takes what rma, rma_mh and rma_peto return")
    if isinstance(result, UniResult) and result.moderated:
        raise OptionError(f"{name}: the model has moderators, and no one pooled effect; influence() takes such models")
    fits_again(result)


def _slab(result: UniResult | PooledTables) -> Sequence[str]:
    return result.slab if isinstance(result, PooledTables) else result.studies.slab


def _at(result: UniResult | PooledTables, argument: str, values: Any) -> list[Any]:
    return values_at(argument, values, result, rows_of(result))


def _key(value: Any) -> Any:
    return text_key(value) if isinstance(value, str) else value


def _refits(result: UniResult | PooledTables, masks: Sequence[BoolArray], transf: Any, targs: Any) -> dict[str, Any]:
    """The columns of the models of the studies in each mask."""
    fits = [fit_of_some(result, mask) for mask in masks]
    return of_fits(fits, isinstance(result, UniResult) and result.random, transf, targs)


def of_fits(fits: Sequence[Pooled | None], random: bool, transf: Any, targs: Any) -> dict[str, Any]:
    """The columns of these models, None where there is none; random : whether they have a tau²."""
    found: dict[str, Any] = {
        name: [np.nan if one is None else getattr(one, name)[0] for one in fits] for name in _OF_COEFFICIENTS
    }
    found |= {name: [np.nan if one is None else getattr(one, name) for one in fits] for name in _SHARED}
    found["tau2"] = [getattr(one, "tau2", np.nan) for one in fits] if random else []
    columns = {name: np.array(values, dtype=np.float64) for name, values in found.items()}
    renamed = {"beta": "estimate", "QE": "Q", "QEp": "Qp"}
    columns = {renamed.get(name, name): values for name, values in columns.items()}
    if transf is not None:
        scale, _ = scale_of(transf, targs)
        columns["estimate"] = scale(columns["estimate"])
        columns["ci_lb"], columns["ci_ub"] = ordered(scale, columns["ci_lb"], columns["ci_ub"])
        columns["se"] = np.full(len(fits), np.nan)
    numbers: dict[str, Any] = {name: read_only(values) for name, values in columns.items()}
    return {**numbers, "tau2": numbers["tau2"] if random else None, "transf": transf is not None, "fits": tuple(fits)}
