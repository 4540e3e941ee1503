"""Whether two answers agree, by declared rules: structure first, then conditions, then digits.

An answer is flat, {quantity name: array, scalar or {name: scalar}}, or it is an error: an exception on Python's side,
a `Condition` on R's. Nothing is compared without a rule and nothing is broadcast, rounded or dropped on the way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pymeta.errors import BackendError, DataError, OptionError, PymetaError, no_such
from pymeta.harness.calls import Condition, Outcome
from pymeta.harness.codec import RVector
from pymeta.harness.divergences import Divergence
from pymeta.harness.precision import CAP, NOTHING, digits, p_digits, ulps
from pymeta.harness.quantities import Quantity, quantity

__all__ = ["ERROR", "KINDS", "VERDICTS", "Agreement", "Kind", "QuantityAgreement", "Rule", "answer", "compare", "succeeds"]

Verdict = Literal[
    "structure", "missing_in_python", "missing_in_reference", "disagree", "vanished", "limited_by_r", "known", "agree"
]

ERROR = "(error)"
"""The name of the one row of an agreement where a side raised."""

_SLACK = 0.1
"""Reference digits are known no better than this: both errors they compare have a sign."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of quantity: the digits it needs, and how they are counted.

    exact : equal or not, whatever the digits; the only kind for texts and booleans
    p_value : always relative, by logarithms when tiny
    """

    name: str
    digits: float
    what: str
    exact: bool = False
    p_value: bool = False


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind("closed", 12, "closed forms"),
            Kind("closed_p", 12, "p-values of closed forms", p_value=True),
            Kind("iterative", 8, "iterative solutions"),
            Kind("iterative_p", 6, "p-values of iterative solutions", p_value=True),
            Kind("exact", CAP, "counts, degrees of freedom, texts, booleans", exact=True),
        )
    }
)

VERDICTS: Mapping[Verdict, bool] = MappingProxyType(
    {
        "structure": False,
        "missing_in_python": False,
        "missing_in_reference": False,
        "disagree": False,
        "vanished": False,
        "limited_by_r": True,
        "known": True,
        "agree": True,
    }
)
"""Every verdict, worst first, and whether it counts as success."""

_GRAVITY: Mapping[str, int] = MappingProxyType({verdict: place for place, verdict in enumerate(VERDICTS)})


def succeeds(verdict: Verdict) -> bool:
    """Whether a verdict counts as success."""
    return VERDICTS[verdict]


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """What one quantity needs.

    kind : a name in `KINDS`
    scale : what near-zero values are measured against (an estimate against its standard error), a positive number
        or an array of the quantity's shape; None measures against the reference alone. Not for p-values and counts.
    allow_nan : whether a missing value on both sides is agreement
    """

    kind: str
    scale: ArrayLike | None = None
    allow_nan: bool = False

    def __post_init__(self) -> None:
        """Raise OptionError for an unknown kind or a scale that is none."""
        if self.kind not in KINDS:
            raise no_such("kind", self.kind, KINDS, what="kind of quantity")
        if self.scale is None:
            return
        kind, scale = KINDS[self.kind], np.array(self.scale, dtype=np.float64)
        if kind.exact or kind.p_value:
            raise OptionError(f"scale={self.scale!r}: {kind.what} are never judged against a scale; leave it out.")
        if not (np.isfinite(scale) & (scale > 0)).all():
            raise OptionError(f"scale={self.scale!r}: must be positive and finite throughout.")
        scale.flags.writeable = False
        object.__setattr__(self, "scale", scale)


@dataclass(frozen=True, slots=True)
class QuantityAgreement:
    """How one quantity fared; the numbers are those of its worst element.

    digits : of agreement; -inf where there is nothing to measure
    needed : what the rule's kind asks for
    ulps : doubles between the two; None where that has no meaning
    python, reference : the two values, or a description of the two structures
    where : "[2]", "[0, 1]" or "['x']", the worst element; "" for the quantity as a whole
    reference_digits : digits R has of its own; None when not known
    reason : why, in words; "" for plain agreement
    divergence : id of the entry that speaks of this quantity; ""
    """

    name: str
    verdict: Verdict
    digits: float
    needed: float
    ulps: int | None = None
    python: Any = None
    reference: Any = None
    where: str = ""
    reference_digits: float | None = None
    reason: str = ""
    divergence: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The fields for strict JSON; numbers that are not finite become "NaN", "Infinity" and "-Infinity"."""
        return {name: _json(getattr(self, name)) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a whole answer fared: the gravest verdict, the fewest digits, and each quantity in the rules' order."""

    verdict: Verdict
    worst_digits: float
    quantities: tuple[QuantityAgreement, ...]

    @property
    def ok(self) -> bool:
        """Whether the verdict counts as success."""
        return succeeds(self.verdict)

    def worst_first(self) -> tuple[QuantityAgreement, ...]:
        """The quantities by gravity of verdict, then by digits short of what is needed."""
        return tuple(sorted(self.quantities, key=lambda row: (_GRAVITY[row.verdict], row.digits - row.needed)))

    def to_dict(self) -> dict[str, Any]:
        """The record for strict JSON (see `QuantityAgreement.to_dict`)."""
        return {
            "verdict": self.verdict,
            "ok": self.ok,
            "worst_digits": _json(self.worst_digits),
            "quantities": [row.to_dict() for row in self.quantities],
        }


Answer = Mapping[str, Any]
"""Quantity name -> array, scalar, {name: scalar} or RVector."""


def answer(outcome: Outcome) -> Answer | Condition:
    """R's side of a comparison: the elements of the named list that a call returned, or the error it ended with.

    Raises DataError when R returned anything but a list whose names are all there and all different.
    """
    if outcome.error is not None:
        return outcome.error
    value = outcome.value
    names = value.names if isinstance(value, RVector) and value.kind == "list" else None
    if names is None or not all(names) or len(set(names)) < len(names):
        raise DataError("R's answer is not a list of uniquely named quantities; let the adapter make it one")
    return {str(name): element for name, element in zip(names, value.values, strict=True)}


def compare(
    python: Answer | BaseException,
    reference: Answer | Condition,
    rules: Mapping[str, Rule],
    *,
    default: Answer | None = None,
    reference_digits: Mapping[str, float] | None = None,
    divergences: Sequence[Divergence] = (),
) -> Agreement:
    """Compare two answers, quantity by quantity.

    python, reference : {quantity: values}, or the exception and the R error that came instead
    rules : quantity -> rule; one for every quantity of either side
    default : R's answer under its default control, when `reference` is the one under tightened control
    reference_digits : quantity -> digits R has of its own, when there is no tightened answer
    divergences : the entries that apply here (`divergences.applicable`)

    Raises OptionError when a quantity has no rule or the options contradict each other, DataError when two
    divergences cover one quantity. Whatever the answers hold is a verdict, never an exception.
    """
    known = _checked_reference_digits(reference_digits, default, rules)
    if isinstance(python, BaseException) or isinstance(reference, Condition):
        return _agreement([_settled(_conditions(python, reference), None, divergences)])
    _refuse_unruled(rules, python, reference)
    rows = []
    for name, rule in rules.items():
        row = _row(name, rule, python, reference)
        own = _own_digits(name, rule, default, reference) if default is not None else known.get(name)
        limit = None if default is not None or KINDS[rule.kind].exact else own
        rows.append(replace(_settled(row, limit, divergences), reference_digits=own))
    return _agreement(rows)


def _agreement(rows: Sequence[QuantityAgreement]) -> Agreement:
    if not rows:
        raise OptionError("rules={}: an answer without quantities proves nothing; declare at least one rule.")
    verdict = min((row.verdict for row in rows), key=lambda one: _GRAVITY[one])
    return Agreement(verdict, min(row.digits for row in rows), tuple(rows))


def _refuse_unruled(rules: Mapping[str, Rule], *answers: Answer) -> None:
    loose = list(dict.fromkeys(str(name) for answer in answers for name in answer if name not in rules))
    if loose:
        raise OptionError(f"rules: none for {', '.join(loose)}; nothing is compared by a default tolerance.")


def _checked_reference_digits(
    given: Mapping[str, float] | None, default: Answer | None, rules: Mapping[str, Rule]
) -> Mapping[str, float]:
    if given is None:
        return {}
    if default is not None:
        raise OptionError("reference_digits: give these or `default`, which they are computed from, not both.")
    for name, value in given.items():
        if name not in rules:
            raise no_such("reference_digits", name, rules, what="quantity")
        if not 1 <= value <= CAP:
            raise OptionError(f"reference_digits[{name!r}]={value!r}: must lie between 1 and {CAP:g}.")
    return given


# Conditions: both raise, or neither.


def _conditions(python: Answer | BaseException, reference: Answer | Condition) -> QuantityAgreement:
    """The one row of a comparison in which a side raised."""
    said = (_said(python), _said(reference))
    if not isinstance(reference, Condition):
        reason = "Python raised and R did not"
    elif not isinstance(python, BaseException):
        reason = "R raised and Python did not"
    elif not _refusal(python):
        reason = f"Python broke ({type(python).__name__}): that is no refusal, whatever R said"
    else:
        return QuantityAgreement(ERROR, "agree", CAP, CAP, python=said[0], reference=said[1], reason="both raised")
    return QuantityAgreement(ERROR, "disagree", NOTHING, CAP, python=said[0], reference=said[1], reason=reason)


def _refusal(error: BaseException) -> bool:
    """Whether an exception says no to its input; R's error must not hide a bug (TypeError, AttributeError)."""
    return isinstance(error, PymetaError | ValueError | ArithmeticError) and not isinstance(error, BackendError)


def _said(side: Answer | BaseException | Condition) -> str:
    if isinstance(side, BaseException):
        return f"{type(side).__name__}: {side}"
    return f"error: {side.message}" if isinstance(side, Condition) else "an answer"


# Structure, then numbers, of one quantity.


def _row(name: str, rule: Rule, python: Answer, reference: Answer) -> QuantityAgreement:
    """The bare comparison of one quantity: "agree", "disagree", "structure" or missing."""
    if name not in python or name not in reference:
        return _absent(name, rule, name in python, name in reference)
    try:
        x, r = _read(python[name], "Python's value"), _read(reference[name], "R's value")
    except DataError as error:
        return QuantityAgreement(name, "structure", NOTHING, KINDS[rule.kind].digits, reason=str(error))
    problem = _structure(x, r, rule)
    if problem:
        return _misshapen(name, rule, x, r, problem)
    _check_scale(name, rule, r)
    return _worst(name, rule, x, r)


def _absent(name: str, rule: Rule, in_python: bool, in_reference: bool) -> QuantityAgreement:
    needed = KINDS[rule.kind].digits
    if in_python:
        return QuantityAgreement(name, "missing_in_reference", NOTHING, needed, reason="R's answer lacks it")
    if in_reference:
        return QuantityAgreement(name, "missing_in_python", NOTHING, needed, reason="Python's answer lacks it")
    return QuantityAgreement(name, "structure", NOTHING, needed, reason="it has a rule and neither side has it")


def _read(value: object, owner: str) -> Quantity:
    try:
        return quantity(value)
    except DataError as error:
        raise DataError(f"{owner}: {error}") from error


def _misshapen(name: str, rule: Rule, x: Quantity, r: Quantity, reason: str) -> QuantityAgreement:
    needed = KINDS[rule.kind].digits
    return QuantityAgreement(name, "structure", NOTHING, needed, python=str(x), reference=str(r), reason=reason)


def _structure(x: Quantity, r: Quantity, rule: Rule) -> str:
    """What keeps two quantities from being compared element by element; "" if nothing does."""
    kinds = {x.kind, r.kind} - {"missing"}
    if x.shape != r.shape:
        return f"shapes differ: {x.shape} and {r.shape}"
    if len(kinds) > 1:
        return f"classes differ: {x.kind} and {r.kind}"
    if x.names != r.names:
        return f"names differ: {_names_text(x)} and {_names_text(r)}"
    if kinds & {"text", "boolean"} and not KINDS[rule.kind].exact:
        return f"a {kinds.pop()} is compared by kind 'exact' only, not {rule.kind!r}"
    return ""


def _check_scale(name: str, rule: Rule, r: Quantity) -> None:
    shape = np.shape(rule.scale) if rule.scale is not None else ()
    if shape not in ((), r.shape):
        raise OptionError(f"rules[{name!r}]: scale has shape {shape}, the quantity {r.shape}.")


def _worst(name: str, rule: Rule, x: Quantity, r: Quantity) -> QuantityAgreement:
    """Compare element by element and report the worst one."""
    kind = KINDS[rule.kind]
    scores = _scores(rule, x, r)
    if not scores.size:
        return QuantityAgreement(name, "agree", CAP, kind.digits, reason="both are empty")
    place = tuple(int(i) for i in np.unravel_index(np.argmin(scores), scores.shape))
    mine, theirs, found = x.at(place), r.at(place), float(scores[place])
    fine = found >= kind.digits
    return QuantityAgreement(
        name,
        "agree" if fine else "disagree",
        found,
        kind.digits,
        ulps=ulps(float(mine), float(theirs)) if _numeric(x, r, place) else None,
        python=mine,
        reference=theirs,
        where=x.label(place),
        reason="" if fine else _why(rule, bool(x.missing[place]), bool(r.missing[place])),
    )


def _scores(rule: Rule, x: Quantity, r: Quantity) -> NDArray[np.float64]:
    """Digits of each element; a missing value agrees with nothing, and with its like only where the rule says so."""
    kind = KINDS[rule.kind]
    if kind.exact:
        scores = _equal(x, r)
    elif kind.p_value:
        scores = p_digits(x.numbers(), r.numbers())
    else:
        scores = digits(x.numbers(), r.numbers(), rule.scale)
    scores[x.missing | r.missing] = NOTHING
    if rule.allow_nan:
        scores[x.missing & r.missing] = CAP
    return scores


def _equal(x: Quantity, r: Quantity) -> NDArray[np.float64]:
    """`CAP` where equal, less elsewhere. Python compares an int with a float without rounding; numpy does not."""
    same = [a == b for a, b in zip(x.values.ravel().tolist(), r.values.ravel().tolist(), strict=True)]
    if {x.kind, r.kind} <= {"number", "missing"}:
        near = np.minimum(digits(x.numbers(), r.numbers()), math.nextafter(CAP, 0))
    else:
        near = np.full(x.shape, NOTHING)
    return np.where(np.array(same, dtype=bool).reshape(x.shape), CAP, near)


def _numeric(x: Quantity, r: Quantity, place: tuple[int, ...]) -> bool:
    return x.kind == r.kind == "number" and not (x.missing[place] or r.missing[place])


def _why(rule: Rule, x_missing: bool, r_missing: bool) -> str:
    if x_missing and r_missing:
        return "missing on both sides, which the rule does not allow"
    if x_missing or r_missing:
        return f"missing on {'Python' if x_missing else 'R'}'s side only"
    return "not equal" if KINDS[rule.kind].exact else "fewer digits than needed"


# What may excuse a difference: R's own digits, or a known divergence.


def _own_digits(name: str, rule: Rule, default: Answer, tightened: Answer) -> float | None:
    """Digits of R's default answer against its tightened one; None where the two cannot be compared."""
    if name not in default or name not in tightened:
        return None
    row = _row(name, rule, default, tightened)
    return None if row.verdict == "structure" else row.digits


def _settled(row: QuantityAgreement, limit: float | None, divergences: Sequence[Divergence]) -> QuantityAgreement:
    """The row with its final verdict."""
    entry = _entry(row.name, divergences)
    if entry is not None:
        row = replace(row, divergence=entry.id)
        if row.verdict == "agree" and entry.some:
            return replace(row, divergence="")
        if row.verdict == "agree":
            return replace(row, verdict="vanished", reason=f"divergence {entry.id} has vanished: take it out")
        if row.verdict == entry.verdict and row.digits >= entry.digits:
            return replace(row, verdict="known", reason=entry.cause)
        row = replace(row, reason=f"{row.reason}; {_not_covered(entry)}")
    if row.verdict == "disagree" and limit is not None and row.digits >= limit - _SLACK:
        return replace(row, verdict="limited_by_r", reason=f"limited by R: {limit:.1f} digits")
    return row


def _entry(name: str, divergences: Sequence[Divergence]) -> Divergence | None:
    entries = [entry for entry in divergences if entry.covers(name)]
    if len(entries) > 1 and all(entry.some for entry in entries):  # two causes may meet; the wider one decides
        return min(entries, key=lambda entry: entry.digits)
    if len(entries) > 1:
        raise DataError(f"{name} is covered by {' and '.join(entry.id for entry in entries)}: narrow their patterns")
    return entries[0] if entries else None


def _not_covered(entry: Divergence) -> str:
    if entry.verdict != "disagree":
        return f"{entry.id} speaks of {entry.verdict}"
    return f"{entry.id} still needs {entry.digits:.1f} digits"


# Text and JSON.


def _names_text(side: Quantity) -> str:
    """The names; one axis without the clutter of two."""
    return str(side.names[0] if len(side.names) == 1 else side.names) if side.names else "none"


def _json(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
