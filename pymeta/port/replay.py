"""The calls of a trace made again on pymeta, and set beside what R answered."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from pymeta.errors import PymetaError
from pymeta.harness.agreement import KINDS, Agreement, QuantityAgreement, compare
from pymeta.harness.divergences import Divergence, applicable, read_divergences
from pymeta.numerics.linalg import spans
from pymeta.port.buckets import CallReport, Replay, ScriptReport
from pymeta.port.calls.adapter import Adapter, iterated
from pymeta.port.calls.asked import Asked, Unsupported
from pymeta.port.calls.numbers import Numbers, plain, read_numbers
from pymeta.port.calls.registry import ADAPTERS
from pymeta.port.ignored import is_ignored
from pymeta.port.pinned import NUMERICAL_HESSIAN, conditioned_digits, is_of_scale
from pymeta.port.records import Lost, Trace, TracedCall, read_trace
from pymeta.port.rules import rules_of
from pymeta.port.values import Decoder, Reference
from pymeta.resources import shipped
from pymeta.results.location_scale import LocationScaleResult
from pymeta.results.uni import UniResult

__all__ = ["replay", "replay_trace"]

_LEFT = "left before its end"


@dataclass(slots=True)
class _Kept:
    """What is known of an earlier call: pymeta's result, that with R's tau2 in place of its own, or what is not supported.

    used : the earlier results that it was made of; refused : pymeta's error instead of a result
    """

    own: Any = None
    pinned: Any = None
    feature: str = ""
    used: list[Any] = field(default_factory=list)
    refused: Exception | None = None


@dataclass(slots=True)
class _Session:
    """The results of a script's calls so far; `pin` asks for models with R's own tau2."""

    kept: dict[int, _Kept] = field(default_factory=dict)
    pin: bool = False
    limited: bool = False
    """Whether a result was asked for that R's iteration has made, too, and otherwise."""

    def model(self, reference: Reference) -> Any:
        """See `Models`."""
        known = self.kept.get(reference.id, _Kept(feature=f"an object of class {reference.cls} that no kept call made"))
        self.limited = self.limited or known.pinned is not None
        if set(reference.changed) - {"slab", "digits", "call", "data"}:
            raise Unsupported(f"a {reference.cls} with fields that the script has set")
        found = known.pinned if self.pin and known.pinned is not None else known.own
        if found is None:
            raise Unsupported(known.feature or f"{reference.cls}: a result that pymeta does not have")
        if not reference.path:
            return found
        part = getattr(found, reference.path, None)
        if not isinstance(part, UniResult):
            raise Unsupported(f"{reference.cls}${reference.path}")
        return part

    def behind(self, reference: Reference) -> list[Any]:
        """See `Models`."""
        return self.kept[reference.id].used


def replay(traces: Collection[Trace | str | Path], *, only: Collection[str] = ()) -> Replay:
    """Replay traces, or files of them. only : R functions whose calls are reported; the others are made all the same."""
    read = [trace if isinstance(trace, Trace) else read_trace(trace) for trace in traces]
    return Replay(tuple(replay_trace(trace, only=only) for trace in read))


def replay_trace(trace: Trace, *, only: Collection[str] = (), script: str = "") -> ScriptReport:
    """Make each call of a trace on pymeta. script : what the report calls it; default: the name in the trace."""
    session = _Session()
    made = [_replayed(call, trace, session) for call in sorted(trace.calls, key=lambda call: call.ended)]
    reports = sorted(made, key=lambda report: report.id)
    reports += [_lost(number, one) for number, one in enumerate(trace.lost, len(reports) + 1)]
    wanted = [report for report in reports if not only or report.fun in only or _generic(report.fun) in only]
    return ScriptReport(
        script or trace.script or "",
        trace.status,
        tuple(wanted),
        "" if trace.stop is None else trace.stop.error,
        f"{trace.meta.get('R', '')}, {trace.meta.get('package', '')} {trace.meta.get('version', '')}".strip(", "),
        trace.light,
        {f"{one.fun}: {one.text}": one.times - one.kept for one in trace.capped},
    )


def _generic(fun: str) -> str:
    """predict.rma -> predict; rma.uni stays, and answers to rma too."""
    return "rma" if fun == "rma.uni" else fun.split(".", 1)[0]


def _lost(number: int, one: Lost) -> CallReport:
    return CallReport(number, one.fun, "", None, "unsupported", f"{one.fun}: not written by the tracer", one.error)


def _replayed(call: TracedCall, trace: Trace, session: _Session) -> CallReport:
    kept = session.kept[call.id] = _Kept()
    try:
        bucket = _made(call, trace, session, kept)
    except Unsupported as why:
        kept.feature = why.feature
        bucket = {"bucket": "unsupported", "feature": why.feature}
    return CallReport(call.id, call.fun, call.text, call.line, **bucket)


def _made(call: TracedCall, trace: Trace, session: _Session, kept: _Kept) -> dict[str, Any]:
    adapter = ADAPTERS.get(call.fun)
    if adapter is None:
        raise Unsupported(call.fun)
    for option in set(call.options) - {"na.action"}:
        raise Unsupported(f"options({option}=)")
    asked = Asked(call, trace, session)
    session.limited = False
    if call.fun == "update.rma":
        own: Any = _of_update(call, trace, session)
    else:
        own = _answer(adapter, asked)
    if "na.action" in call.options and any(_left_out(model) for model in (own, *_flat(asked.used))):
        raise Unsupported("options(na.action=) where rows are left out")
    if isinstance(own, Exception):
        kept.refused = own
    if call.error is not None:
        return _after_error(call.error, own)
    if isinstance(own, Exception):
        return _refused(own)
    kept.own = own
    kept.used = asked.used
    reference = _reference(call, trace)
    if not reference:
        return {"bucket": "not_numeric", "reason": "R's answer has no numbers"}
    try:
        return _compared(adapter, asked, session, kept, reference)
    except Unsupported:
        raise
    except Exception as error:  # a shape of R's answer that nobody thought of must not end the replay
        return {"bucket": "error_unmatched", "reason": f"not comparable: {type(error).__name__}: {error}"}


def _of_update(call: TracedCall, trace: Trace, session: _Session) -> Any:
    """What the fit inside of the update gave, which is a call of its own."""
    inside = [one.id for one in trace.calls if one.via == "update.rma" and one.id > call.id]
    known = session.kept.get(min(inside, default=-1))
    if known is not None and known.refused is not None:
        return known.refused
    if known is None or known.own is None:
        raise Unsupported("update.rma" if known is None else known.feature or "update.rma")
    session.kept[call.id].pinned = known.pinned
    return known.own


def _answer(adapter: Adapter, asked: Asked) -> Any:
    """pymeta's result, or the exception that came instead."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            found = adapter.run(asked)
            for name in asked.unread:
                raise Unsupported(f"{asked.name}({name}=)")
            return found
        except Unsupported:
            raise
        except Exception as error:  # whatever happens in there is a verdict on the call, and not the end of the replay
            return error


def _after_error(error: str, own: Any) -> dict[str, Any]:
    if error.startswith(_LEFT):
        return {"bucket": "not_numeric", "reason": "the script left R's call before its end"}
    if isinstance(own, PymetaError | ValueError | ArithmeticError):
        return {"bucket": "error_matched", "reason": f"R: {error}; pymeta: {own}"}
    if isinstance(own, Exception):
        return {"bucket": "error_unmatched", "reason": f"R: {error}; pymeta broke: {type(own).__name__}: {own}"}
    return {"bucket": "error_unmatched", "reason": f"R refused ({error}); pymeta answered"}


def _left_out(result: Any) -> bool:
    """Whether a model lacks rows of its data, which is all that na.action is about."""
    return bool(getattr(getattr(result, "studies", None), "dropped", ()))


def _refused(own: Exception) -> dict[str, Any]:
    if isinstance(own, PymetaError):
        return {"bucket": "error_unmatched", "reason": f"R answered; pymeta refused: {own}"}
    return {"bucket": "error_unmatched", "reason": f"R answered; pymeta broke: {type(own).__name__}: {own}"}


def _reference(call: TracedCall, trace: Trace) -> Numbers:
    found = read_numbers(call.result, Decoder(trace.data).raw)
    return {place: values for place, values in found.items() if not is_ignored(call.fun, place)}


def _compared(adapter: Adapter, asked: Asked, session: _Session, kept: _Kept, reference: Numbers) -> dict[str, Any]:
    solved = adapter.iterative(kept.own) or session.limited or any(iterated(model) for model in _flat(asked.used))
    first = _against(adapter, kept.own, asked, reference, iterative=solved)
    rows = {row.name: row for row in first.quantities}
    missing = [name for name, row in rows.items() if row.verdict == "missing_in_python"]
    failing = [row for row in rows.values() if row.verdict not in (*_FINE, "missing_in_python")]
    verdict = "agree" if all(row.verdict == "agree" for row in rows.values()) else "limited_by_r"
    if iterated(kept.own):
        kept.pinned = adapter.pin(kept.own, asked, reference)
    if failing:
        verdict = "limited_by_r" if _limited(adapter, asked, session, kept, reference) else "disagree"
    if missing and verdict != "disagree":
        raise Unsupported(f"{asked.name}()${missing[0] or '(value)'}")
    return {"bucket": verdict, "digits": first.worst_digits, "quantities": first.worst_first(), **_words(verdict, first)}


_FINE = ("agree", "limited_by_r", "known")


def _words(verdict: str, agreement: Agreement) -> dict[str, str]:
    worst = agreement.worst_first()[0]
    if verdict == "agree":
        return {}
    known = sorted({row.divergence for row in agreement.quantities if row.verdict == "known"})
    if known:
        return {"reason": f"known difference: {', '.join(known)}"}
    if verdict == "limited_by_r":
        return {"reason": f"limited by R: {worst.name or 'the value'} has {worst.digits:.1f} digits"}
    return {"reason": _sentence(worst)}


def _sentence(row: QuantityAgreement) -> str:
    why = f" ({row.reason})" if row.reason else ""
    return (
        f"{row.name}{row.where}: pymeta {row.python!r}, R {row.reference!r}; {row.digits:.1f} of {row.needed:g} digits{why}"
    )


def _flat(used: list[Any]) -> list[Any]:
    return [one for model in used for one in (model if isinstance(model, list) else [model])]


def _against(adapter: Adapter, result: Any, asked: Asked, reference: Numbers, *, iterative: bool) -> Agreement:
    mine = _numbers(adapter, result, asked, reference)
    rules = rules_of(reference, iterative=iterative, unit=adapter.unit)
    digits = min((conditioned_digits(model) for model in _flat([result, *asked.used])), default=16.0)
    limits = {name: digits for name, rule in rules.items() if rule.kind != "exact" and digits < KINDS[rule.kind].digits}
    if any(isinstance(model, LocationScaleResult) for model in _flat([result, *asked.used])):
        limits |= {name: min(digits, NUMERICAL_HESSIAN) for name in rules if is_of_scale(name)}
    limits |= {name: value for name, value in adapter.limits(asked, reference).items() if name in reference}
    return compare(mine, reference, rules, reference_digits=limits, divergences=_known(asked, result))


@cache
def _divergences() -> tuple[Divergence, ...]:
    return read_divergences(shipped("fixtures", "divergences.toml"))


def _known(asked: Asked, result: Any) -> tuple[Divergence, ...]:
    """Known differences of this metafor: cases "replay/FUN", "replay/FUN/MEASURE"; of escalc with options, and its grid.

    And "replay/no-intercept/FUN" of models whose design spans none.
    """
    measure = asked.value("measure") if asked.has("measure") else None
    fun = asked.call.fun
    cases = [f"replay/{fun}", f"replay/{fun}/{measure}"]
    if fun == "escalc":
        options = [f"{name}={asked.value(name)}" for name in ("vtype", "correct") if asked.has(name)]
        named = ",".join([str(measure), *options])
        cases += [f"replay/{fun}/{named}", f"effects/{named}/replayed"]
    if any(_lacks_intercept(model) for model in _flat([result, *asked.used])):
        cases.append(f"replay/no-intercept/{fun}")
    versions = {"metafor": ".".join(map(str, asked.metafor))}
    entries = [one for case in cases for one in applicable(_divergences(), case, versions)]
    return tuple({entry.id: entry for entry in entries}.values())


def _lacks_intercept(model: Any) -> bool:
    return isinstance(model, UniResult) and not model.spec.design.intercept and not spans(model.spec.X, np.ones(model.k))


def _numbers(adapter: Adapter, result: Any, asked: Asked, reference: Numbers) -> dict[str, Any]:
    """pymeta's numbers at the places where R has some, in the shapes that a comparison needs."""
    found = adapter.numbers(result, asked)
    mine: dict[str, Any] = {}
    for place in reference:
        whole = place.rsplit(" (", 1)[0]
        if place in found:
            none = found[place] is None and np.isnan(reference[place]).all()  # each has the number, and no value for it
            mine[place] = reference[place] if none else plain(found[place])
        elif whole in found and whole != place:
            mine[place] = _part(plain(found[whole]), place, reference[place])
    return {place: values for place, values in mine.items() if values is not None}


def _part(values: Any, place: str, reference: Any) -> Any:
    """Of a value too long for the trace: its length, its sum or how it begins."""
    flat = values.ravel(order="F")
    if place.endswith("(length)"):
        return np.array([float(flat.size)])
    return plain(np.nansum(flat)) if place.endswith("(sum)") else flat[: reference.size]


def _limited(adapter: Adapter, asked: Asked, session: _Session, kept: _Kept, reference: Numbers) -> bool:
    """Whether all agree once pymeta takes what R's iterations found, and that is no better than pymeta's own."""
    result = kept.own
    if session.limited or any(iterated(model) for model in _flat(asked.used)):
        session.pin = True
        try:
            asked = Asked(asked.call, asked.trace, session)
            result = _answer(adapter, asked)
        finally:
            session.pin = False
        if isinstance(result, Exception):
            return False
    found = adapter.pin(result, asked, reference)
    if found is None:
        found = result
    if found is kept.own:
        return False
    kept.pinned = found
    return _fine(_against(adapter, found, asked, reference, iterative=True))


def _fine(agreement: Agreement) -> bool:
    return all(row.verdict in (*_FINE, "missing_in_python") for row in agreement.quantities)
