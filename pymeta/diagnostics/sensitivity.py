"""A reviewer's list of questions about a meta-analysis, asked in one call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pymeta.diagnostics.asymmetry import ranktest, regtest
from pymeta.diagnostics.excess import tes
from pymeta.diagnostics.failsafe import fsn
from pymeta.diagnostics.henmi_copas import hc
from pymeta.diagnostics.influence import influence
from pymeta.diagnostics.limit_meta import limitmeta
from pymeta.diagnostics.pet_peese import pet_peese
from pymeta.diagnostics.puniform import puniform_star
from pymeta.diagnostics.refits import leave1out
from pymeta.diagnostics.small_study import TESTS as TABLE_TESTS
from pymeta.diagnostics.small_study import metabias
from pymeta.diagnostics.trimfill import ESTIMATORS as FILLING
from pymeta.diagnostics.trimfill import trimfill
from pymeta.effects.scales import Scale, ordered, scale_of
from pymeta.errors import OptionError, PymetaError
from pymeta.models.selection import selmodel
from pymeta.models.subsets import fits_again
from pymeta.models.uni import fit
from pymeta.models.vevea_woods import KINDS as GIVEN
from pymeta.models.vevea_woods import vevea_woods
from pymeta.results.peto import PetoResult
from pymeta.results.pooled import Pooled
from pymeta.results.sensitivity import Finding, Section, Sensitivity
from pymeta.results.tables import PooledTables
from pymeta.results.uni import UniResult

__all__ = ["sensitivity"]

METHODS = ("EE", "DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM", "PMM")
TESTS = ("z", "t", "knha")
SELECTION = (
    ("a step at p = .025", {"type": "stepfun", "steps": 0.025}),
    ("steps at p = .025 and .5", {"type": "stepfun", "steps": [0.025, 0.5]}),
    ("negative exponential", {"type": "negexp"}),
    ("beta", {"type": "beta"}),
    *((f"{kind} selection, weights given", {"type": "stepfun", **vevea_woods(kind)}) for kind in GIVEN),
)
"""Of selmodel: those that are estimated, and Vevea and Woods' four, which are not."""

_OF_TABLES = ("Harbord", "Peters")
_FEW = 10
"""Studies below which tests of asymmetry are usually not advised (Sterne et al., 2011)."""
_NAMED = 5


def sensitivity(
    result: UniResult | PooledTables, *, transf: Any = None, targs: Any = None, alpha: float = 0.10, digits: int = 4
) -> Sensitivity:
    """How a result changes with the method, without single studies, and if studies are missing: one frame and one page.

    result : a fit of rma, rma_mh or rma_peto; what an analysis is not defined for has a note in place of numbers
    transf : a function of arrays for estimates and bounds, or the name of one ("exp"); targs : its further argument
    alpha : below which p-value a test of bias is called significant in the sentences
    digits : decimal places that are shown

    The analyses: estimators of tau² by tests; Henmi and Copas' interval; each study left out; influential studies;
    Egger's and Begg and Mazumdar's tests (of 2x2 tables, Harbord's and Peters' too), excess significance, fail-safe N; trim
    and fill; PET-PEESE, limit meta-analysis, p-uniform*; selection models, by one-sided p-values in the estimate's
    direction, and with Vevea and Woods' weights.
    Raises OptionError for other results. metafor: has no such function; each analysis is the function of its name.
    """
    if not isinstance(result, UniResult | PooledTables):
        raise OptionError(f"sensitivity: a fit of rma(), rma_mh() or rma_peto() is needed, not a {type(result).__name__}")
    if not 0.0 < alpha < 1.0:
        raise OptionError(f"alpha={alpha!r}: needs a p-value between 0 and 1, such as 0.1")
    scale = None if transf is None else scale_of(transf, targs)[0]
    itself = _of(result, "the model", statistic=result.QE, statistic_pval=result.QEp, tests="heterogeneity, Q")
    asked = _Asked(result, alpha, digits, {one.term: one for one in itself}, scale)
    sections = [Section("The model", asked.itself(), tuple(map(asked.transformed, itself)))]
    for title, analyses, sentences in _KINDS:
        findings = tuple(analyses(result))
        sections.append(Section(title, sentences(asked, findings), tuple(map(asked.transformed, findings))))
    return Sensitivity(sections=tuple(sections), alpha=alpha, transf=transf is not None, digits=digits, fit=result)


# ---- the analyses ------------------------------------------------------------------------------------------------------


def _of(model: Pooled, analysis: str, **more: Any) -> list[Finding]:
    """What a model says of each of its coefficients."""
    return [
        Finding(
            analysis=analysis,
            term=name if len(model.beta) > 1 else "",
            k=model.k,  # type: ignore[attr-defined]  # every class of models has it
            estimate=float(model.beta[i]),
            ci_lb=float(model.ci_lb[i]),
            ci_ub=float(model.ci_ub[i]),
            pval=float(model.pval[i]),
            tau2=getattr(model, "tau2", None),
            includes_zero=_includes_zero(model.ci_lb[i], model.ci_ub[i]),
            **more,
        )
        for i, name in enumerate(model.names)
    ]


def _includes_zero(low: float | None, high: float | None) -> bool | None:
    return None if low is None or high is None else bool(low <= 0.0 <= high)


def _tried(analysis: str, run: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """What it found, or why it found nothing."""
    try:
        return list(run())
    except PymetaError as error:
        return [Finding(analysis=analysis, note=str(error))]


def _uni(result: Any, analysis: str) -> UniResult:
    if not isinstance(result, UniResult):
        raise OptionError(f"{analysis}: is defined for models of rma(), not for pooled tables")
    return result


def _methods(result: Any) -> Iterator[Finding]:
    def asked(method: str, test: str) -> list[Finding]:
        model = _uni(result, "estimators of tau²")
        fits_again(model)
        spec = replace(model.spec, method=method, methods=(method,), test=test, tau2=None, tau2_init=None)
        return _of(fit(spec), f"{method}, {test}")

    if not isinstance(result, UniResult):
        yield from _tried("estimators of tau²", lambda: asked("DL", "z"))
        return
    for method in METHODS:
        for test in TESTS:
            yield from _tried(f"{method}, {test}", lambda method=method, test=test: asked(method, test))  # type: ignore[misc]
    yield from _tried("Henmi and Copas", lambda: _henmi_copas(result))


def _henmi_copas(result: UniResult) -> Iterator[Finding]:
    found = hc(result)
    yield _interval("Henmi and Copas", result.k, found.beta, found.ci_lb, found.ci_ub, tau2=found.tau2)


def _left_out(result: Any) -> list[Finding]:
    def run() -> Iterator[Finding]:
        found = leave1out(result)
        for slab, model in zip(found.slab, found.fits, strict=True):
            name = f"without {slab.removeprefix('-')}"
            yield from _of(model, name) if model else [Finding(analysis=name, note="the rest cannot be fitted")]

    return _tried("each study left out", run)


def _influential(result: Any) -> list[Finding]:
    def run() -> Iterator[Finding]:
        found = influence(_uni(result, "influence"))
        for i in np.flatnonzero(found.is_infl):
            yield Finding(analysis=found.slab[i], statistic=float(found.cook_d[i]), tests="Cook's distance")

    return _tried("influence", run)


def _bias(result: Any) -> Iterator[Finding]:
    def egger() -> Iterator[Finding]:
        found = regtest(result)
        one = Finding(
            analysis="Egger's regression",
            k=result.k,
            statistic=found.zval,
            statistic_pval=found.pval,
            tests="asymmetry",
        )
        yield (
            one
            if found.est is None
            else replace(
                one,
                estimate=found.est,
                ci_lb=found.ci_lb,
                ci_ub=found.ci_ub,
                includes_zero=_includes_zero(found.ci_lb, found.ci_ub),
                note="the estimate is that of a study without error",
            )
        )

    def begg() -> Iterator[Finding]:
        found = ranktest(result)
        yield Finding(
            analysis="Begg and Mazumdar", k=found.k, statistic=found.tau, statistic_pval=found.pval, tests="asymmetry"
        )

    def tables(method: str) -> Iterator[Finding]:
        found = metabias(result, method, k_min=3)
        yield Finding(
            analysis=method, k=found.k, statistic=found.tval, statistic_pval=found.pval, tests="small-study effects"
        )

    def excess() -> Iterator[Finding]:
        found = tes(result)
        yield Finding(
            analysis="excess significance",
            k=found.k,
            statistic=found.OEratio,
            statistic_pval=found.pval,
            tests="observed by expected",
            note=f"{found.O} significant, {found.E:.1f} expected",
        )

    def drawer() -> Iterator[Finding]:
        found = fsn(result.studies.yi, result.studies.vi, type="Rosenthal")
        yield Finding(analysis="fail-safe N", k=found.k, statistic=found.fsnum, tests="null results", note="Rosenthal's")

    measure = "OR" if isinstance(result, PetoResult) else result.spec.measure
    for method in (one.name for one in TABLE_TESTS.values() if one.name in _OF_TABLES and measure in one.measures):
        if "ai" in result.call:
            yield from _tried(method, lambda method=method: tables(method))  # type: ignore[misc]
    for analysis, run in {
        "Egger's regression": egger,
        "Begg and Mazumdar": begg,
        "excess significance": excess,
        "fail-safe N": drawer,
    }.items():
        yield from _tried(analysis, run)


def _corrected(result: Any) -> Iterator[Finding]:
    def regression() -> Iterator[Finding]:
        model = _uni(result, "PET-PEESE")
        found = pet_peese(model, side=_side(model), alpha=0.10)
        for name, line in (("PET", found.pet), ("PEESE", found.peese)):
            chosen = "the one that PET's test chooses" if name == found.chosen else ""
            yield _interval(name, model.k, line.beta[0], line.ci_lb[0], line.ci_ub[0], pval=float(line.pval[0]), note=chosen)

    def limit() -> Iterator[Finding]:
        found = limitmeta(_uni(result, "limit meta-analysis"))
        told = {"statistic": found.Q_small, "statistic_pval": found.Q_small_p, "tests": "small-study effects, Q"}
        beta, low, high = found.beta, found.ci_lb, found.ci_ub
        yield _interval("limit meta-analysis", result.k, beta, low, high, pval=found.pval, tau2=found.tau2, **told)

    def uniform() -> Iterator[Finding]:
        model = _uni(result, "p-uniform*")
        found = puniform_star(model, side=_side(model))
        told: dict[str, Any] = {"statistic": found.L_pb, "statistic_pval": found.pval_pb, "tests": "publication bias, LRT"}
        yield _interval(
            "p-uniform*", model.k, found.est, found.ci_lb, found.ci_ub, pval=found.pval_0, tau2=found.tau2, **told
        )

    for analysis, run in {"PET-PEESE": regression, "limit meta-analysis": limit, "p-uniform*": uniform}.items():
        yield from _tried(analysis, run)


def _side(model: UniResult) -> str:
    """Where the effect is."""
    return "right" if model.studies.yi @ (1.0 / model.studies.vi) > 0.0 else "left"


def _interval(analysis: str, k: int, estimate: float, low: float, high: float, **more: Any) -> Finding:
    return Finding(
        analysis=analysis,
        k=k,
        estimate=float(estimate),
        ci_lb=float(low),
        ci_ub=float(high),
        includes_zero=_includes_zero(low, high),
        **more,
    )


def _filled(result: Any) -> Iterator[Finding]:
    def run(estimator: str) -> Iterator[Finding]:
        found = trimfill(result, estimator=estimator)
        note = f"{found.k0} filled in on the {found.side}"
        yield from _of(found, f"trim and fill, {estimator}", statistic=float(found.k0), tests="missing", note=note)

    for estimator in FILLING:
        yield from _tried(f"trim and fill, {estimator}", lambda estimator=estimator: run(estimator))  # type: ignore[misc]


def _selected(result: Any) -> Iterator[Finding]:
    def run(analysis: str, asked: dict[str, Any]) -> list[Finding]:
        model = _uni(result, "selection models")
        side = "greater" if _side(model) == "right" else "less"
        found = selmodel(model, **{"alternative": side, **asked})
        return _of(found, analysis, statistic=found.LRT, statistic_pval=found.LRTp, tests="selection, LRT")

    for analysis, asked in SELECTION:
        yield from _tried(analysis, lambda analysis=analysis, asked=asked: run(analysis, asked))  # type: ignore[misc]


# ---- the sentences -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asked:
    """The model, what it says of each coefficient, and how numbers are shown."""

    result: Any
    alpha: float
    digits: int
    model: dict[str, Finding]
    scale: Scale | None

    def transformed(self, one: Finding) -> Finding:
        """The same on the scale that is shown."""
        if self.scale is None or one.estimate is None:
            return one
        found = replace(one, estimate=float(self.scale(np.array([one.estimate]))[0]))
        if one.ci_lb is None or one.ci_ub is None:
            return found
        low, high = ordered(self.scale, np.array([one.ci_lb]), np.array([one.ci_ub]))
        return replace(found, ci_lb=float(low[0]), ci_ub=float(high[0]))

    def number(self, x: float | None) -> str:
        return "none" if x is None else f"{x:.{self.digits}f}"

    def itself(self) -> str:
        """Its estimates and intervals."""
        parts = []
        for one in map(self.transformed, self.model.values()):
            what = f"{one.term} is" if one.term else "The estimate is"
            interval = f"{self.number(one.ci_lb)} to {self.number(one.ci_ub)}"
            word = "includes" if one.includes_zero else "excludes"
            parts.append(f"{what} {self.number(one.estimate)}, its interval from {interval} {word} the value of no effect.")
        return f"{self.result.k} studies. {' '.join(parts)}"

    def compared(self, findings: Sequence[Finding], what: str) -> str:
        """From where to where the estimates go, and which intervals say otherwise than the model's."""
        there = [one for one in findings if one.estimate is not None]
        if not there:
            return _reasons(findings)
        spans = [self._span(term, [one for one in there if one.term == term]) for term in self.model]
        return f"{' '.join(spans)} {self._otherwise(there, what)}{_failures(findings)}"

    def _span(self, term: str, there: list[Finding]) -> str:
        shown = sorted(map(self.transformed, there), key=lambda one: one.estimate or 0.0)
        if not shown:
            return ""
        low, high = shown[0], shown[-1]
        name = term or "The estimate"
        ends = [f"{self.number(one.estimate)} ({one.analysis})" for one in (low, high)]
        return f"{name} goes from {ends[0]} to {ends[1]}."

    def _otherwise(self, there: list[Finding], what: str) -> str:
        others = [one for one in there if one.includes_zero != self.model[one.term].includes_zero]
        if not others:
            return f"No {what} changes whether the interval includes the value of no effect."
        share = f"In {len(others)} of {len(there)}"
        return f"{share} the interval {_words(others)} the value of no effect, unlike the model's: {_listed(others)}."


def _words(others: Sequence[Finding]) -> str:
    kinds = {one.includes_zero for one in others}
    return "includes or excludes" if len(kinds) > 1 else "includes" if True in kinds else "excludes"


def _listed(findings: Sequence[Finding]) -> str:
    names = [one.name for one in findings]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return "; ".join(names[:_NAMED]) + more


def _failures(findings: Sequence[Finding]) -> str:
    failed = [one for one in findings if one.failed]
    return f" Without an answer: {_listed(failed)}." if failed else ""


def _reasons(findings: Sequence[Finding]) -> str:
    reasons = list(dict.fromkeys(one.note for one in findings if one.failed))
    return f"Not done. {' '.join(reasons)}"


def _of_methods(asked: _Asked, findings: Sequence[Finding]) -> str:
    return asked.compared(findings, "choice of estimator or test")


def _of_left_out(asked: _Asked, findings: Sequence[Finding]) -> str:
    return asked.compared(findings, "single study")


def _of_influential(asked: _Asked, findings: Sequence[Finding]) -> str:
    if any(one.failed for one in findings):
        return _reasons(findings)
    if not findings:
        return "No study stands out."
    stands = "1 study stands" if len(findings) == 1 else f"{len(findings)} studies stand"
    return f"{stands} out by one of the usual cut-offs: {_listed(findings)}."


def _of_bias(asked: _Asked, findings: Sequence[Finding]) -> str:
    tested = [one for one in findings if one.statistic_pval is not None]
    signs = [one for one in tested if one.statistic_pval is not None and one.statistic_pval < asked.alpha]
    if not tested:
        return _reasons(findings)
    limit = f"p < {asked.alpha:g}"
    said = f"{len(signs)} of {len(tested)} tests see bias ({limit}): {_listed(signs)}."
    few = f" Below {_FEW} studies these tests have little power; here are {asked.result.k}."
    power = few if asked.result.k < _FEW else ""
    return (said if signs else f"No test sees bias ({limit}).") + power + _failures(findings)


def _of_filled(asked: _Asked, findings: Sequence[Finding]) -> str:
    there = [one for one in findings if not one.failed]
    if not there:
        return _reasons(findings)
    numbers = "; ".join(f"{one.analysis.split(', ')[1]}: {one.note}" for one in there)
    return f"{numbers}. {asked.compared(findings, 'estimator of missing studies')}"


def _of_corrected(asked: _Asked, findings: Sequence[Finding]) -> str:
    return asked.compared(findings, "correction")


def _of_selected(asked: _Asked, findings: Sequence[Finding]) -> str:
    signs = [one for one in findings if one.statistic_pval is not None and one.statistic_pval < asked.alpha]
    better = f" Selection fits better (p < {asked.alpha:g}) by: {_listed(signs)}." if signs else ""
    return asked.compared(findings, "kind of selection") + better


_KINDS: tuple[tuple[str, Callable[[Any], Iterable[Finding]], Callable[[_Asked, Sequence[Finding]], str]], ...] = (
    ("Estimators and tests", _methods, _of_methods),
    ("Each study left out", _left_out, _of_left_out),
    ("Influential studies", _influential, _of_influential),
    ("Tests of bias", _bias, _of_bias),
    ("Trim and fill", _filled, _of_filled),
    ("Corrected for small-study effects", _corrected, _of_corrected),
    ("Selection models", _selected, _of_selected),
)
"""The sections: a title, the analyses, and what they say."""
