"""Run a case: pymeta beside R beside the paper, with three verdicts an outcome that are never mixed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pymeta.errors import BackendError, DataError, PymetaError
from pymeta.harness import Agreement, Environment, Outcome, Reference, answer, applicable, compare, plain, read_divergences
from pymeta.harness.calls import Condition
from pymeta.harness.divergences import Divergence
from pymeta.numerics.tails import chi2_upper
from pymeta.resources import shipped
from pymeta.results.mh import MHResult
from pymeta.results.uni import UniResult
from pymeta.validation import engines
from pymeta.validation.case import Case, OutcomeCase
from pymeta.validation.printed import Printed, consistent
from pymeta.validation.sources import quoted

__all__ = ["AGREE", "DISAGREE", "MISSING", "NOT_REPORTED", "Figure", "OutcomeReport", "Report", "validate"]

AGREE, DISAGREE = "agree", "disagree"
_NOTHING: Mapping[str, Any] = {}
NOT_REPORTED = "not_reported"  # the paper prints nothing to compare with; no failure
MISSING = "missing_reference"  # R has not answered; a failure


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed figure beside what pymeta computes for it, on the scale that people read."""

    name: str
    printed: str
    value: float
    holds: bool


@dataclass(frozen=True, slots=True, eq=False)
class OutcomeReport:
    """What came out for one outcome.

    result : pymeta's; ours, r : the quantities compared, r empty when R has not answered
    agreement : pymeta against R, None when R has not answered; why : then, the reason
    r_says : R's error and warnings
    figures : pymeta against the paper
    self_checks : the paper against itself, what was checked -> whether it can be
    """

    case: OutcomeCase
    result: UniResult | MHResult
    ours: Mapping[str, Any]
    r: Mapping[str, Any]
    agreement: Agreement | None
    why: str
    r_says: tuple[str, ...]
    figures: tuple[Figure, ...]
    self_checks: Mapping[str, bool]

    @property
    def vs_r(self) -> str:
        """pymeta against R: the agreement's verdict, or "missing_reference"."""
        return MISSING if self.agreement is None else self.agreement.verdict

    @property
    def vs_paper(self) -> str:
        """pymeta against the paper: does it round to every printed figure."""
        return _verdict([figure.holds for figure in self.figures])

    @property
    def paper_self(self) -> str:
        """The paper against itself: can its figures belong together."""
        return _verdict(list(self.self_checks.values()))

    @property
    def ok(self) -> bool:
        """Whether nothing disagrees and R has answered."""
        against_r = self.agreement is not None and self.agreement.ok
        return against_r and DISAGREE not in (self.vs_paper, self.paper_self)


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """A case that was run. note : why not another back end; environment : the R that answered, None when none has."""

    case: Case
    backend: str
    note: str
    environment: Environment | None
    outcomes: tuple[OutcomeReport, ...]

    @property
    def verdict(self) -> str:
        """ "agree" only when every verdict of every outcome allows it."""
        return AGREE if all(outcome.ok for outcome in self.outcomes) else DISAGREE

    def worst_first(self) -> list[OutcomeReport]:
        """Failures first, then by digits of agreement."""
        return sorted(self.outcomes, key=lambda o: (o.ok, o.agreement.worst_digits if o.agreement else -np.inf))


def validate(case: Case, reference: Reference, *, timeout: float = 60.0) -> Report:
    """Pool every outcome of `case` natively and in R, and judge both against each other and the paper.

    Raises DataError when pymeta cannot pool an outcome's rows, naming the outcome. What R cannot do is a verdict.
    """
    known = read_divergences(shipped("fixtures", "divergences.toml"))
    results = [_fitted(outcome) for outcome in case.outcomes]
    environments: list[Environment] = []
    reports = []
    for outcome, result in zip(case.outcomes, results, strict=True):
        asked = _ask(outcome, reference, timeout)
        environments += [one.environment for one in asked if isinstance(one, Outcome)]
        reports.append(_report(case, outcome, result, asked, known))
    return Report(case, reference.name, reference.note, environments[0] if environments else None, tuple(reports))


def _fitted(outcome: OutcomeCase) -> UniResult | MHResult:
    try:
        return engines.fitted(outcome)
    except (PymetaError, ArithmeticError) as error:
        raise DataError(_placed(outcome, error)) from None


def _placed(outcome: OutcomeCase, error: Exception) -> str:
    """An engine's refusal, with the file and line of the study it speaks of."""
    if not isinstance(error, DataError) or error.row is None or not outcome.rows.places:
        return f"outcome {outcome.name}: {error}"
    at = error.row - 1
    what = {"vi": "sampling variance"}.get(error.argument or "", error.argument)
    return f"{outcome.rows.places[at]} (study {quoted(outcome.rows.slab[at])}), {what}: {error.problem}"


def _ask(outcome: OutcomeCase, reference: Reference, timeout: float) -> list[Outcome | BackendError]:
    """R's answer, and for methods that iterate its answer under tightened control before it."""
    asked: list[Outcome | BackendError] = []
    for tightened in (True, False) if engines.is_iterative(outcome) else (False,):
        try:
            asked.append(reference.run(engines.r_call(outcome, tightened=tightened), timeout=timeout))
        except BackendError as error:
            asked.append(error)
    return asked


def _report(
    case: Case,
    outcome: OutcomeCase,
    result: UniResult | MHResult,
    asked: Sequence[Outcome | BackendError],
    known: Sequence[Divergence],
) -> OutcomeReport:
    ours = engines.quantities(result)
    failed = [one for one in asked if isinstance(one, BackendError)]
    answers = [one for one in asked if isinstance(one, Outcome)]
    agreement, r = (None, _NOTHING) if failed else _compared(case, outcome, ours, answers, known)
    return OutcomeReport(
        case=outcome,
        result=result,
        ours=ours,
        r=r,
        agreement=agreement,
        why=str(failed[0]) if failed else "",
        r_says=_conditions(answers),
        figures=_figures(outcome, displayed(outcome, ours)),
        self_checks=_self_checks(outcome),
    )


def _compared(
    case: Case, outcome: OutcomeCase, ours: Mapping[str, Any], answers: Sequence[Outcome], known: Sequence[Divergence]
) -> tuple[Agreement, Mapping[str, Any]]:
    """The agreement, and R's quantities as plain values."""
    said = [answer(one) for one in answers]
    environment = answers[0].environment
    entries = applicable(known, f"{case.name}/{outcome.name}", {"R": environment.r_version, **environment.packages})
    first, default = said[0], said[1] if len(said) > 1 else None
    r = _NOTHING if isinstance(first, Condition) else {name: _like(ours.get(name), value) for name, value in first.items()}
    agreement = compare(
        ours,
        first,
        engines.rules(outcome, r),
        default=None if default is None or isinstance(default, Condition) else default,
        divergences=entries,
    )
    return agreement, r


def _like(ours: Any, value: Any) -> Any:
    """R's value for a reader: R has no scalars, so a vector of length one is a number where ours is one."""
    found = plain(value)
    return found.item() if isinstance(ours, float) and isinstance(found, np.ndarray) and found.size == 1 else found


def _conditions(answers: Sequence[Outcome]) -> tuple[str, ...]:
    said = [f"error: {one.error.message}" for one in answers if one.error is not None]
    said += [f"warning: {warning.message}" for one in answers for warning in one.warnings]
    return tuple(dict.fromkeys(said))


def displayed(outcome: OutcomeCase, values: Mapping[str, Any]) -> dict[str, float]:
    """The pooled effect and its bounds on the scale that people read; the other numbers as they are."""
    effects = ("estimate", "ci_lb", "ci_ub")
    return {
        name: float(outcome.measure.display(np.array([value]))[0]) if name in effects else float(value)
        for name, value in values.items()
        if isinstance(value, float)
    }


def _figures(outcome: OutcomeCase, values: Mapping[str, float]) -> tuple[Figure, ...]:
    computed = {name: values.get(name, np.nan) for name in outcome.reported}
    return tuple(
        Figure(name, figure.text, computed[name], figure.holds(computed[name])) for name, figure in outcome.reported.items()
    )


def _self_checks(outcome: OutcomeCase) -> dict[str, bool]:
    """What the printed figures say about each other, whatever the study rows."""
    said = outcome.reported
    log = outcome.measure.back is not None
    checks = {}
    if {"estimate", "ci_lb", "ci_ub"} <= said.keys():
        pval = said.get("pval")
        name = "estimate, bounds" + (" and p" if pval else "")
        checks[name] = consistent(said["estimate"], said["ci_lb"], said["ci_ub"], pval, log=log, level=outcome.level)
    if {"QE", "QE_df"} <= said.keys() and np.isfinite([said["QE_df"].low, said["QE_df"].high]).all():
        checks |= _q_checks(said)
    return checks


def _q_checks(said: Mapping[str, Printed]) -> dict[str, bool]:
    """Q's p-value falls with Q and I² = (Q − df) / Q rises: their ends come from the ends of Q's interval."""
    Q, df = said["QE"], round((said["QE_df"].low + said["QE_df"].high) / 2)
    low, high = max(Q.low, 0.0), Q.high
    checks = {}
    if "QEp" in said:
        checks["Q, df and p"] = low <= high and _meet(said["QEp"], chi2_upper(high, df), chi2_upper(low, df))
    if "I2" in said:
        shares = [100.0 * max(0.0, 1.0 - df / q) if q > 0 else 0.0 for q in (low, high)]
        checks["Q, df and I²"] = low <= high and _meet(said["I2"], *shares)
    return checks


def _meet(figure: Printed, low: float, high: float) -> bool:
    return figure.low <= high and low <= figure.high


def _verdict(checks: Sequence[bool]) -> str:
    if not checks:
        return NOT_REPORTED
    return AGREE if all(checks) else DISAGREE
