"""The same cases on two references: what moved from one R, or one version of a package, to the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pymeta.harness import Condition, Divergence, Outcome, Reference, answer, applicable, differences
from pymeta.harness.precision import CAP
from pymeta.validation import engines
from pymeta.validation.case import Case

__all__ = ["Move", "drift"]


@dataclass(frozen=True, slots=True)
class Move:
    """One quantity of one outcome that the two references tell differently.

    quantity : its name, or "(error)" where only one of them raised, or another error
    a, b : the element that moved most; digits : that are left in common
    cause : of the entry of divergences.toml that speaks of it on either side; ""
    """

    case: str
    quantity: str
    a: str
    b: str
    digits: float
    cause: str


def drift(
    cases: Sequence[Case], a: Reference, b: Reference, *, known: Sequence[Divergence] = (), timeout: float = 60.0
) -> Iterator[Move]:
    """Every quantity that moved by more than the last of 16 digits, in the order of the cases.

    Methods that iterate are asked under the default control and under the tightened one, as two cases.
    Raises BackendError when a reference cannot answer.
    """
    for case in cases:
        for outcome in case.outcomes:
            for tightened in (False, True) if engines.is_iterative(outcome) else (False,):
                call = engines.r_call(outcome, tightened=tightened)
                name = f"{case.name}/{outcome.name}" + (" (tightened)" if tightened else "")
                pair = a.run(call, timeout=timeout), b.run(call, timeout=timeout)
                entries = [entry for one in pair for entry in applicable(known, name, _versions(one))]
                yield from _moves(name, *pair, entries)


def _versions(outcome: Outcome) -> dict[str, str]:
    return {"R": outcome.environment.r_version, **outcome.environment.packages}


def _moves(case: str, a: Outcome, b: Outcome, entries: Sequence[Divergence]) -> Iterator[Move]:
    for change in differences(a, b, needed=CAP):
        quantity = _quantity(change.place, a)
        cause = next((f"{entry.id}: {entry.cause}" for entry in entries if entry.covers(quantity)), "")
        yield Move(case, quantity, change.old, change.new, change.digits, cause)


def _quantity(place: str, outcome: Outcome) -> str:
    """The quantity that a place such as `value$tau2[1]` lies in."""
    if place == "error" or isinstance(answer(outcome), Condition):
        return "(error)"
    return place.removeprefix("value$").partition("[")[0]
