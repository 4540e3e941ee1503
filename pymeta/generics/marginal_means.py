"""Average effects at chosen moderators, averaged over the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from pymeta.arrays import FloatArray, read_only
from pymeta.data.columns import column
from pymeta.data.design import new_rows
from pymeta.data.formulas.syntax import Call, Name, Node
from pymeta.errors import OptionError, no_such
from pymeta.inference.wald import quantile
from pymeta.results.data_rows import at_studies
from pymeta.results.marginal import MarginalMeans
from pymeta.results.uni import UniResult

__all__ = ["WEIGHTS", "marginal_means"]

WEIGHTS = ("equal", "proportional", "outer", "cells")
"""How levels are averaged over: alike; as often as their combinations are in the data; as often as each is by itself; as
often as they are together with the level asked for."""

_MAKE_FACTORS = ("factor", "as.factor", "relevel", "C", "interaction")


@dataclass(frozen=True, slots=True)
class _Variable:
    """values : of the studies; levels : those of a factor, or the mean of numbers, or what the person said."""

    values: list[Any]
    levels: tuple[Any, ...]
    factor: bool


def marginal_means(
    result: UniResult,
    spec: str | Sequence[str] = (),
    *,
    at: Mapping[str, Any] | None = None,
    weights: str = "equal",
    level: float | None = None,
) -> MarginalMeans:
    """Estimated marginal means of a model that was given by a formula.

    spec : the variables to give means for, "alloc" or ["alloc", "type"]; none: one overall mean
    at : values of variables to use instead: {"ablat": [10, 30]}; a factor has its levels, numbers have their mean
    weights : how to average over the levels of the other variables, one of WEIGHTS; level : of the intervals, in percent

    Raises OptionError for a model without formula, an unknown variable, and a model from which moderators were dropped.
    Source: Searle, Speed & Milliken (1980), The American Statistician 34, 216.
    metafor: ``emmeans::emmeans(emmprep(result, at=), spec, weights=)``; Differs from emmeans: numbers of two values only are
    at their mean like all others, as with its ``cov.keep=character(0)``.
    """
    variables = _variables(result, dict(at or {}))
    wanted = [spec] if isinstance(spec, str) else list(spec)
    for name in wanted:
        if name not in variables:
            raise no_such("spec", name, variables, what="variable of the model")
    if weights not in WEIGHTS:
        raise no_such("weights", weights, WEIGHTS, what="way to average")
    others = [name for name in variables if name not in wanted]
    cells = list(product(*(variables[name].levels for name in wanted)))
    X = np.array([_average(result, variables, dict(zip(wanted, cell, strict=True)), others, weights) for cell in cells])
    return _means(
        result, X, {n: tuple(c[i] for c in cells) for i, n in enumerate(wanted)}, variables, others, weights, level
    )


def _means(
    result: UniResult,
    X: FloatArray,
    cells: Mapping[str, tuple[Any, ...]],
    variables: Mapping[str, _Variable],
    others: Sequence[str],
    weights: str,
    level: float | None,
) -> MarginalMeans:
    covariance = X @ result.vb @ X.T
    mean, se = X @ result.beta, np.sqrt(np.diag(covariance))
    wanted = result.spec.level if level is None else float(level)
    reach = quantile(wanted, result.ddf) * se
    return MarginalMeans(
        cells=cells,
        emmean=read_only(mean),
        se=read_only(se),
        ci_lb=read_only(mean - reach),
        ci_ub=read_only(mean + reach),
        df=result.ddf,
        vcov=read_only(covariance),
        X=read_only(X),
        grid={name: variables[name].levels for name in others},
        weights=weights,
        level=wanted,
    )


def _variables(result: UniResult, at: dict[str, Any]) -> dict[str, _Variable]:
    """The columns of data that the formula has, with the values to put in for each."""
    encoder = result.spec.design.encoder
    if result.moderated and (encoder is None or encoder.terms is None):
        raise OptionError("mods were given as columns; marginal means need a formula, such as mods='~ alloc + ablat'")
    if encoder is None or not result.moderated:
        found: dict[str, _Variable] = {}
    elif len(encoder.kept) < len(encoder.names):
        raise OptionError(
            "redundant moderators were left out of the model, so its marginal means are not defined; leave them out of mods"
        )
    else:
        found = {}
        for tree in encoder.terms.variables:
            for name, as_factor in _names(tree):
                if name not in found or as_factor:
                    found[name] = _variable(result, name, as_factor, at)
    for name in at:
        if name not in found:
            raise no_such("at", name, found, what="variable of the model")
    return found


def _names(tree: Node, inside: bool = False) -> Iterator[tuple[str, bool]]:
    """The columns in an expression, and whether they are made factors of."""
    if isinstance(tree, Name):
        yield tree.value, inside
    elif isinstance(tree, Call):
        for node in tree.operands:
            yield from _names(node, inside or tree.function in _MAKE_FACTORS)


def _variable(result: UniResult, name: str, as_factor: bool, at: Mapping[str, Any]) -> _Variable:
    values = at_studies(result, name, name)
    factor = as_factor or not all(
        isinstance(x, int | float | np.number) and not isinstance(x, bool | np.bool_) for x in values
    )
    if name in at:
        given = at[name]
        chosen = [given] if isinstance(given, str) or np.ndim(given) == 0 else list(given)
        return _Variable(values, tuple(chosen), factor)
    return _Variable(values, _levels(result, name, values) if factor else (float(np.mean(values)),), factor)


def _levels(result: UniResult, name: str, values: list[Any]) -> tuple[Any, ...]:
    """Those that studies have: in the order of a categorical, else sorted."""
    given = column(name, name, result.call.get("data"))
    order = getattr(getattr(given, "cat", given), "categories", None)
    present = set(values)
    return tuple(x for x in order if x in present) if order is not None else tuple(sorted(present))


def _average(
    result: UniResult, variables: Mapping[str, _Variable], cell: Mapping[str, Any], others: Sequence[str], weights: str
) -> FloatArray:
    """The average row of the design at one combination."""
    grid = list(product(*(variables[name].levels for name in others)))
    table = {**{n: [x] * len(grid) for n, x in cell.items()}, **{n: [g[i] for g in grid] for i, n in enumerate(others)}}
    if not table:
        return np.ones(1)
    rows = new_rows(result.spec.design, table)
    share = np.array([_weight(variables, cell, dict(zip(others, g, strict=True)), weights) for g in grid])
    if not share.sum() > 0.0:
        raise OptionError(f"weights={weights!r}: no study has {', '.join(f'{n}={x}' for n, x in cell.items())}; use 'equal'")
    return np.asarray(share @ rows / share.sum())


def _weight(variables: Mapping[str, _Variable], cell: Mapping[str, Any], point: Mapping[str, Any], weights: str) -> float:
    """How much one combination of the other variables counts."""
    factors = {name: x for name, x in point.items() if variables[name].factor}
    if weights == "equal" or not factors:
        return 1.0
    if weights == "outer":
        return float(np.prod([_matches(variables, {name: x}).mean() for name, x in factors.items()]))
    more = {name: x for name, x in cell.items() if variables[name].factor} if weights == "cells" else {}
    return float(_matches(variables, {**factors, **more}).mean())


def _matches(variables: Mapping[str, _Variable], wanted: Mapping[str, Any]) -> FloatArray:
    columns = [np.array([value == x for value in variables[name].values], dtype=float) for name, x in wanted.items()]
    return np.asarray(np.prod(columns, axis=0))
