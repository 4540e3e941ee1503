"""Which parts of R's value are compared, where that is no flat list: said by the user, never guessed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pymeta.errors import DataError, OptionError
from pymeta.harness.agreement import Answer, answer
from pymeta.harness.calls import Condition, Outcome
from pymeta.harness.codec import RVector

__all__ = ["Pick", "Select", "Take", "picked", "r_answer"]


@dataclass(frozen=True, slots=True, init=False)
class Take:
    """Where in R's value a quantity is, and how much of it is taken.

    path : names or positions (from 0), one a level: lists, data frames (a column), vectors (one element); none at all is
        the whole value
    bare : take it without names and other attributes, dimensions excepted; refused for classes, whose numbers mean
        something else (factors, dates)

    ``Take("conf.int", 0)`` · ``Take("coefficients", "x")`` · ``Take("coefficients", bare=True)``
    """

    path: tuple[str | int, ...]
    bare: bool

    def __init__(self, *path: str | int, bare: bool = False) -> None:
        object.__setattr__(self, "path", path)
        object.__setattr__(self, "bare", bare)


Pick = Sequence[str] | Mapping[str, str | Take]
"""Names of R's elements, or quantity -> name or Take. By its name a single number comes without the name that R gave it
(``c(t = 2.1)``); longer vectors keep theirs, and so does whatever a Take takes, unless it is `bare`."""

Select = Callable[[RVector], Answer]
"""Makes the quantities of R's value, where a pick cannot."""


def r_answer(outcome: Outcome, pick: Pick | None = None, select: Select | None = None) -> Answer | Condition:
    """R's side of a comparison: what `pick` or `select` takes of the value, else all of a named list; or R's error."""
    if pick is not None and select is not None:
        raise OptionError("pick and select: give one of them, not both")
    if outcome.error is not None:
        return outcome.error
    if pick is not None:
        return picked(outcome.value, pick)
    return select(outcome.value) if select is not None else answer(outcome)


def picked(value: RVector, pick: Pick) -> dict[str, RVector]:
    """The quantities that `pick` names; one that R's value does not hold is left out, so that its absence is a verdict.

    Raises OptionError for a pick that is none, DataError where a name is there twice or a class would be lost.
    """
    found = {name: _taken(value, where) for name, where in places(pick).items()}
    return {name: vector for name, vector in found.items() if vector is not None}


def places(pick: Pick) -> dict[str, str | Take]:
    """Quantity -> where it is."""
    if isinstance(pick, Mapping):
        return dict(pick)
    if isinstance(pick, str) or not all(isinstance(name, str) for name in pick):
        raise OptionError(f"pick={pick!r}: give names, ('statistic', 'p.value'), or {{'t': Take('statistic')}}")
    return {name: name for name in pick}


def _taken(value: RVector, where: str | Take) -> RVector | None:
    if isinstance(where, str):
        found = _step(value, where)
        return None if found is None else _nameless_if_single(found)
    found = value
    for step in where.path:
        found = _step(found, step)
        if found is None:
            return None
    return _bare(found) if where.bare else found


def _step(vector: RVector, step: str | int) -> RVector | None:
    """One level down."""
    place = _position(vector, step)
    if place is None:
        return None
    if vector.kind == "list":
        found: RVector = vector.values[place]
        return found
    _refuse_class(vector)
    return RVector(vector.kind, vector.values[place : place + 1])


def _position(vector: RVector, step: str | int) -> int | None:
    if isinstance(step, int):
        return step if 0 <= step < len(vector) else None
    names = vector.names or ()
    if names.count(step) > 1:
        raise DataError(f"{step!r} names more than one element of R's answer; take it by position")
    return names.index(step) if step in names else None


def _nameless_if_single(vector: RVector) -> RVector:
    only_names = [name for name, _ in vector.attributes] == ["names"]
    return RVector(vector.kind, vector.values) if only_names and len(vector) == 1 and vector.kind != "list" else vector


def _bare(vector: RVector) -> RVector:
    _refuse_class(vector)
    return RVector(vector.kind, vector.values, tuple(pair for pair in vector.attributes if pair[0] == "dim"))


def _refuse_class(vector: RVector) -> None:
    found = vector.attribute("class")
    if found is not None:
        raise DataError(f"an R value of class {'/'.join(map(str, found.values))}: make it plain in an adapter")
