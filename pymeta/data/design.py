"""Moderators, as a formula, columns or a matrix -> the design X of a model, with metafor's names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pymeta.arrays import BoolArray, FloatArray, read_only
from pymeta.data.columns import column, frame, is_column
from pymeta.data.moderators import named_columns, numbers_of
from pymeta.errors import DataError, OptionError

__all__ = ["Design", "Encoder", "design", "new_rows", "without_redundant"]

_INTERCEPT = "intrcpt"
_TOLERANCE = 1e-7  # R's ``?qr``: a column is determined by others if less than this share of its length is left


@dataclass(frozen=True, slots=True)
class Encoder:
    """What new rows need.

    terms : of the formula, None for columns
    names : of the columns before any was left out; kept : places of those in the design among them
    memory : levels, polynomials, means, … that were learnt from the data, by the text of what learnt them
    """

    terms: Any
    names: tuple[str, ...]
    kept: tuple[int, ...]
    memory: Mapping[str, Any]
    argument: str

    @property
    def levels(self) -> dict[str, tuple[str, ...]]:
        """The levels of each factor, by its name in the formula."""
        listed = ((key.split(" ", 2), value) for key, value in self.memory.items() if key.startswith("levels of "))
        return {key[2]: value for key, value in listed}


@dataclass(frozen=True, slots=True)
class Design:
    """The design of a model.

    X : (n, p), a row a row of data, NaN where a moderator is missing; closed to writing
    names : of the coefficients, as metafor has them
    assign : for each column the number of its term from 1, 0 for the intercept
    terms : labels of the terms, as in R; for columns, their names
    formula : as given, None for columns
    intercept : whether there is one
    encoder : what `new_rows` needs, None where X is the intercept alone
    """

    X: FloatArray
    names: tuple[str, ...]
    assign: tuple[int, ...]
    terms: tuple[str, ...]
    formula: str | None
    intercept: bool
    encoder: Encoder | None = None


def design(mods: Any, data: Any, k: int, *, intercept: bool = True, argument: str = "mods") -> Design:
    """The design of `k` rows.

    mods : None for an intercept alone; a formula as R writes it, "~ ablat + factor(alloc) * year"; the name of a column of
        `data`; or numbers: one vector, an (k, m) array, a list of vectors or of names, a DataFrame or another mapping
    intercept : whether to put an intercept before columns; a formula says that itself, and this is then ignored, as by R
    argument : what errors call `mods`

    Texts, categoricals and bools are factors in a formula, coded by treatment contrasts, ordered ones by polynomials. Levels
    of texts are sorted as R sorts in a UTF-8 locale ("a" before "B"; in the plain C locale "B" is first, and then another
    level is the reference); a categorical keeps its order. A formula is read by a grammar of its own: it can call what
    ``FUNCTIONS`` lists, and nothing else.

    Raises OptionError for a formula that is not understood, an unknown column or function, and a model without columns;
    DataError for values that cannot be used, naming variable and row.
    Source: R's ``?formula``, ``?model.matrix``. metafor: ``rma(…, mods=, intercept=)``, whose X this is.
    Differs from metafor: columns without names are called X1, X2 (there .1, .2; one alone is "mods" in both); a named one
    keeps its name; factors among them are refused, where R may take their codes; poly() passes missing values over, where R
    stops; a value that cannot be computed, as log(-1), is an error, where R leaves the study out.
    """
    if mods is None:
        return _intercept_alone(k, intercept, argument)
    if isinstance(mods, str):
        return _from_formula(_formula(mods, data, argument), data, k, argument)
    return _from_columns(mods, data, k, intercept, argument)


def _intercept_alone(k: int, intercept: bool, argument: str) -> Design:
    if not intercept:
        raise OptionError(f"intercept=False needs {argument}=; a model without either has no coefficients")
    return Design(read_only(np.ones((k, 1))), (_INTERCEPT,), (0,), (), None, True)


def _formula(mods: str, data: Any, argument: str) -> str:
    """The formula, or that of the one column that is named."""
    if "~" in mods:
        return mods
    if is_column(mods, data):
        return f"~ `{mods}`"
    if mods.strip().replace("_", "").replace(".", "").isalnum():
        column(argument, mods, data)
    raise OptionError(f'{argument}={mods!r}: a formula begins with a tilde: "~ {mods.strip()}"')


def _from_formula(formula: str, data: Any, k: int, argument: str) -> Design:
    from pymeta.data.formulas.model import Model  # parsing is not needed to pool studies

    model = Model.learnt(formula, data, k, argument)
    names = tuple(_INTERCEPT if name == "(Intercept)" else name for name in model.names)
    if not names:
        raise OptionError(f'{argument}={formula!r}: a model without coefficients; "~ 1" has an intercept')
    encoder = Encoder(model.terms, names, tuple(range(len(names))), model.memory, argument)
    return Design(read_only(model.X), names, model.assign, model.terms.labels, formula, model.terms.intercept, encoder)


def _from_columns(mods: Any, data: Any, k: int, intercept: bool, argument: str) -> Design:
    named = named_columns(mods, data, argument)
    vectors = [numbers_of(name, values, k, argument) for name, values in named]
    names = tuple(name for name, _ in named)
    first = [np.ones(k)] if intercept else []
    X = np.column_stack(first + vectors)
    every = (_INTERCEPT,) * intercept + names
    assign = tuple(range(0 if intercept else 1, len(names) + 1))
    encoder = Encoder(None, every, tuple(range(len(every))), {}, argument)
    return Design(read_only(X), every, assign, names, None, intercept, encoder)


def new_rows(design: Design, newdata: Any) -> FloatArray:
    """The rows of `newdata` as rows of the design, (n, p); NaN where a moderator is missing.

    newdata : a DataFrame or a mapping, with the columns that the design was made from; single values are repeated
    Levels, polynomials, means and the like are those of the design's own data. Raises DataError for a level that is not
    among them, naming it and those that are, and for what is no number; OptionError for a column that is missing.
    metafor: ``predict(res, newmods=model.matrix(…))``, with the columns made by hand.
    """
    table, n = _table(newdata)
    encoder = design.encoder
    if encoder is None:
        return np.ones((n, 1))
    if encoder.terms is not None:
        from pymeta.data.formulas.model import Model

        X = Model.again(encoder.terms, encoder.memory, table, n)
    else:
        X = np.column_stack([_new_column(name, table, n) for name in encoder.names])
    kept = X[:, list(encoder.kept)]
    if design.intercept:
        kept[:, 0] = np.where(np.isnan(kept[:, 0]), np.nan, 1.0)
    return kept


def _new_column(name: str, table: Any, n: int) -> FloatArray:
    if name == _INTERCEPT:
        return np.ones(n)
    return numbers_of(name, column("newdata", name, table), n, "newdata")


def _table(newdata: Any) -> tuple[Any, int]:
    """New data with all columns of one length, and that length."""
    table = frame(newdata)
    if table is not None:
        return newdata, len(table)
    if not isinstance(newdata, Mapping):
        raise DataError(f"needs a DataFrame or another mapping of columns, got {newdata!r}", argument="newdata")
    n = max((len(values) for values in newdata.values() if _is_many(values)), default=1)
    return {name: values if _is_many(values) else [values] * n for name, values in newdata.items()}, n


def _is_many(values: Any) -> bool:
    return not isinstance(values, str) and hasattr(values, "__len__")


def without_redundant(design: Design, rows: BoolArray) -> tuple[Design, tuple[str, ...]]:
    """The design on `rows`, a mask (n,), without columns that earlier ones determine there; and the names of these.

    An intercept that is left implicit, a column of ones, becomes the intercept and the first column.
    metafor: "Redundant predictors dropped from the model."
    """
    X = design.X[np.asarray(rows, dtype=bool)]
    kept = independent(X)
    if not kept:
        raise DataError("all moderators are 0 in the rows that are used; leave them out", argument="mods")
    dropped = tuple(name for j, name in enumerate(design.names) if j not in kept)
    ones = [j for j in kept if bool((X[:, j] == 1.0).all())] if len(X) else []
    order = ones[:1] + [j for j in kept if j not in ones[:1]]
    names = tuple(_INTERCEPT if j in ones[:1] else design.names[j] for j in order)
    assign = tuple(0 if j in ones[:1] else design.assign[j] for j in order)
    encoder = design.encoder
    if encoder is not None:
        encoder = replace(encoder, kept=tuple(encoder.kept[j] for j in order))
    found = replace(design, X=read_only(X[:, order]), names=names, assign=assign, intercept=bool(ones), encoder=encoder)
    return found, dropped


def independent(X: FloatArray) -> list[int]:
    """The columns of X (n, p) that those before do not determine, by Gram-Schmidt, each step twice."""
    basis: list[FloatArray] = []
    kept: list[int] = []
    for j, column_ in enumerate(X.T):
        scale = float(np.abs(column_).max(initial=0.0))
        if scale == 0.0 or np.isnan(scale) or len(kept) == len(X):
            continue
        unit = column_ / scale
        rest = unit.copy()
        for _ in range(2):
            for direction in basis:
                rest = rest - (direction @ rest) * direction
        length = float(np.sqrt(rest @ rest))
        if length > _TOLERANCE * float(np.sqrt(unit @ unit)):
            basis.append(rest / length)
            kept.append(j)
    return kept
