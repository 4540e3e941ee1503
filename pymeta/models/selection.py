"""Selection models: meta-analysis of studies some of which were likelier to be seen than others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from pymeta.arrays import FloatArray, read_only
from pymeta.data.selection import SelectionSpec
from pymeta.errors import ConvergenceError
from pymeta.inference.wald import omnibus, quantile, two_sided, wald_z
from pymeta.models.selection_asked import checked, groups, p_values, step_table
from pymeta.models.selection_integrals import Smooth
from pymeta.models.selection_likelihood import SelectionModel, Steps, evaluate
from pymeta.models.selection_search import Problem, Selected, covariance, each_start, highest, highest_cut
from pymeta.models.selection_weights import SELECTIONS
from pymeta.models.uni import fit
from pymeta.numerics.solve import Solve
from pymeta.numerics.tails import chi2_upper, normal_quantile
from pymeta.results.selection import SelectionResult
from pymeta.results.uni import UniResult

__all__ = ["at", "null_of", "problem_of", "selmodel", "solved", "starts_of", "theta_of"]

_HELD = "a selection parameter is at the end of where it may be: it has no standard error, and the others' mean little"
_ZERO = "tau^2 is 0, the end of where it may be: it has no standard error"
_CUT = (
    "the cutpoint is that of the highest likelihood, at an effect: it has no standard error, and the others take it as known"
)
_SINGULAR = "the likelihood is flat at its maximum: there are no standard errors"
_SEEN = ("trunc", "truncest")


def selmodel(
    x: UniResult,
    type: str,
    *,
    alternative: str = "greater",
    prec: str | None = None,
    subset: Any = None,
    delta: float | Sequence[float] | None = None,
    steps: float | Sequence[float] | None = None,
    decreasing: bool = False,
    ni: Any = None,
    delta_min: float | Sequence[float] | None = None,
    delta_max: float | Sequence[float] | None = None,
    pval_min: float | None = None,
    scaleprec: bool = True,
) -> SelectionResult:
    """The model of a fit with selection of studies: beta, tau2 and the selection parameters delta by maximum likelihood.

    x : a fit of `rma` with the weights 1/(vi + tau2), with or without moderators; by any method, as ML takes its place; one
        without tau2 stays so, and a tau2 that was given is kept
    type : the selection function w(p), one of `SELECTIONS`: "beta", p^(δ₁−1) (1 − p)^(δ₂−1); "halfnorm", exp(−δp²);
        "negexp", exp(−δp); "logistic", 2 exp(−δp)/(1 + exp(−δp)); "power", (1 − p)^δ; "negexppow", exp(−δ₁ p^(1/δ₂));
        "stepfun", δ_j between steps j − 1 and j, the first of them 1; "trunc", δ for effects at or below a cutpoint, 1
        above; "truncest", the same with the cutpoint δ₂
    alternative : of the tests that p-values are of, "greater", "less" or "two.sided"
    prec : "sei", "vi", "ninv" or "sqrtninv", what to multiply δ by ("halfnorm", "negexp", "logistic", "power", "negexppow"),
        relative to the largest unless `scaleprec` is False; ni : sample sizes for the last two, a value a study or a row
    subset : the studies that selection applies to, a mask of the data's rows or positions from 0; default: all
    delta : values for the selection parameters, NaN for those to estimate; default: all are estimated
    steps : of "stepfun", between 0 and 1; "trunc", the cutpoint (default 0); "beta", two p-values beyond which w is
        constant; of the others but "truncest", a p-value below which w is 1
    decreasing : of "stepfun", whether no δ may be above the one before
    delta_min, delta_max : ends of the selection parameters, one or (d,); default: 0 (of "beta" 1e-5) and 100 (decreasing: 1)
    pval_min : p-values are kept this far from 0 and 1; default: 1e-5 of "beta" and "power", else 0

    The highest maximum that several starts lead to; standard errors by the observed information; intervals of tau2 and delta
    end where these may not go. Raises OptionError for what does not fit the type, DataError for too few studies or none with
    a small p-value, ConvergenceError where the likelihood has no maximum or is flat.
    Source: Hedges (1992); Vevea & Hedges (1995), Psychometrika 60, 419, eqs. 6 to 9; `SELECTIONS` names that of each type.
    metafor: ``selmodel(x, type, alternative=, prec=, subset=, delta=, steps=, decreasing=, control=list(delta.min=,
    delta.max=, pval.min=))``
    Differs from metafor: the maximum has all digits and is the highest, where that follows one start; tau2 and delta that
    are nearly 0 keep their standard errors, and those at 0 have none.
    """
    asked = checked(
        x, type, alternative, prec, subset, delta, steps, decreasing, ni, delta_min, delta_max, pval_min, scaleprec
    )
    spec = x.spec if not x.random else replace(x.spec, method="ML", methods=("ML",))
    null = fit(replace(spec, test="z"), x.call, x.notes)
    found, cut = solved(null, asked)
    if found.drifting:
        raise ConvergenceError(
            "the likelihood has no maximum: it rises, or stays, while parameters drift to infinity "
            f"(tau^2 {found.theta[null.p]:.3g}, delta {np.round(found.theta[null.p + 1 :], 3).tolist()}, and on); "
            "use fewer steps or another type, give delta, or bound it by delta_min= and delta_max="
        )
    if np.isnan(found.covariance[: null.p, : null.p]).any():
        raise ConvergenceError(
            "the likelihood is flat: it is the same, whatever some parameters are, as where no study can have a p-value, or "
            "an effect, on one side of a step; use other steps or another type, or give delta"
        )
    without = None
    if null.random and null.spec.tau2 is None:
        without = solved(null, asked, 0.0, [found.theta] if cut is None else [])[0].value
    return result_at(null, asked, found, cut, without)


def model_of(null: UniResult, asked: SelectionSpec, cut: float | None = None) -> SelectionModel:
    """The likelihood; where small effects are the significant ones, of the effects with the other sign."""
    sign = -1.0 if asked.alternative == "less" else 1.0
    yi, vi, selection = null.studies.yi, null.studies.vi, SELECTIONS[asked.type]
    two_sided = asked.alternative == "two.sided"
    weights: Smooth | Steps
    if selection.weigh is None:
        weights = groups(sign * yi, vi, asked, None if cut is None else sign * cut)
    else:
        weights = Smooth(selection, two_sided, asked.steps, asked.pval_min)
    deltas = 2 if asked.type in _SEEN else len(asked.delta)
    return SelectionModel(sign * yi, vi, sign * null.spec.X, weights, asked.affected, asked.precis, deltas)


def problem_of(null: UniResult, asked: SelectionSpec, tau2: float | None = None, cut: float | None = None) -> Problem:
    """What is to be searched. tau2 : where it is held; cut : the cutpoint of a truncation, where it is estimated."""
    p = null.p
    held = 0.0 if not null.random else tau2 if tau2 is not None else null.spec.tau2
    delta, low, high = asked.delta, asked.delta_min, asked.delta_max
    if asked.type in _SEEN:  # the weight above the cutpoint is 1, and the cutpoint is found in another way
        delta, low, high = (np.array([1.0, values[0]]) for values in (delta, low, high))
        cut = asked.steps[0] if asked.type == "trunc" else cut
    d = len(delta)
    given = np.concatenate([np.full(p, np.nan), [np.nan if held is None else held], delta])
    unit = _variance(null)
    sizes = np.full(d, SELECTIONS[asked.type].unit)
    return Problem(
        model_of(null, asked, cut),
        given,
        np.concatenate([np.full(p, -np.inf), [0.0], low]),
        np.concatenate([np.full(p, np.inf), [np.inf], high]),
        np.concatenate([np.full(p, np.sqrt(unit)), [unit], sizes]),
        tuple((p + j, p + 1 + j) for j in range(1, d)) if asked.decreasing else (),
    )


def _variance(null: UniResult) -> float:
    """A variance that is typical of the effects about their regression."""
    return float(np.median(null.studies.vi) + null.residuals @ null.residuals / null.k)


def solved(
    null: UniResult, asked: SelectionSpec, tau2: float | None = None, near: Sequence[FloatArray] = ()
) -> tuple[Selected, float | None]:
    """The highest maximum, and the cutpoint where that was estimated. near : more places to start from."""
    problem = problem_of(null, asked, tau2, 0.0 if asked.type == "truncest" else None)
    starts = [*near, *_starts(null, asked, problem)]
    if asked.type != "truncest":
        return highest(problem, starts), None
    sign = -1.0 if asked.alternative == "less" else 1.0
    if np.isnan(asked.delta[1]):
        found, cut = highest_cut(problem, starts)
        return found, sign * cut
    cut = float(asked.delta[1])
    return highest(problem_of(null, asked, tau2, cut), starts), cut


def _starts(null: UniResult, asked: SelectionSpec, problem: Problem) -> Iterator[FloatArray]:
    deltas = _deltas(asked, problem)
    return each_start(null.beta, null.tau2, 0.3 * _variance(null), deltas)


def starts_of(result: SelectionResult) -> Iterator[FloatArray]:
    """Where a search for a result's parameters begins."""
    null = null_of(result)
    return _starts(null, result.selection, problem_of(null, result.selection, cut=0.0))


def theta_of(result: SelectionResult) -> FloatArray:
    """A result's (beta, tau2, delta), as the likelihood takes them."""
    delta = np.array([1.0, result.delta[0]]) if result.type in _SEEN else result.delta
    return np.concatenate([result.beta, [result.tau2], delta])


def _deltas(asked: SelectionSpec, problem: Problem) -> Iterator[FloatArray]:
    d = problem.model.deltas
    for start in SELECTIONS[asked.type].starts:
        yield np.array(start if len(start) == d else (1.0, *(d - 1) * start), dtype=float)
    if asked.type == "stepfun" and d > 2:
        yield np.array([0.5**j for j in range(d)])


def at(result: SelectionResult, theta: FloatArray, held: Sequence[int] = (), cut: float | None = None) -> SelectionResult:
    """The model at other values of (beta, tau2, delta) as if these had been found. held : places without standard error."""
    null = null_of(result)
    problem = problem_of(null, result.selection, cut=cut)
    rows = np.eye(len(theta))[list(held)][:, problem.free]
    V, still = covariance(problem, theta, rows)
    value = evaluate(problem.model, theta).value
    found = Selected(theta, value, V, False, still, 1, 1)
    without = None if result.LRT_tau2 is None else result.ll - 0.5 * result.LRT_tau2
    return result_at(null, result.selection, found, cut, without)


def null_of(result: SelectionResult) -> UniResult:
    """The model without selection, by maximum likelihood."""
    return fit(result.spec, result.call)


def result_at(
    null: UniResult, asked: SelectionSpec, found: Selected, cut: float | None, without: float | None
) -> SelectionResult:
    """The model with the parameters that were found; without : the log-likelihood of the same without tau2."""
    p, level, studies = null.p, null.spec.level, null.studies
    theta, V = found.theta, found.covariance
    beta, tau2, vb = theta[:p], float(theta[p]), V[:p, :p]
    lost = bool(np.isnan(vb).any())
    se_tau2 = float(np.sqrt(V[p, p])) if np.isfinite(V[p, p]) else None
    reach = quantile(level, None) * (se_tau2 or 0.0)
    QM, QMp = (np.nan, np.nan) if lost else omnibus(beta, vb, null.spec.btt, None)
    LRT, LRTdf = max(0.0, 2.0 * (found.value - _ll(null))), _tested(asked)
    het = None if without is None else max(0.0, 2.0 * (found.value - without))
    return SelectionResult(
        spec=null.spec,
        selection=asked,
        call=null.call,
        studies=studies,
        label=null.label,
        names=null.names,
        beta=read_only(beta.copy()),
        vb=read_only(vb.copy()),
        **{name: read_only(values) for name, values in wald_z(beta, vb, level)._asdict().items()},
        QM=QM,
        QMp=QMp,
        QE=np.nan,
        QE_df=null.QE_df,
        QEp=np.nan,
        I2=np.nan,
        H2=np.nan,
        random=null.random,
        tau2=tau2,
        se_tau2=se_tau2,
        ci_lb_tau2=None if se_tau2 is None else max(0.0, tau2 - reach),
        ci_ub_tau2=None if se_tau2 is None else tau2 + reach,
        **_of_delta(asked, theta[p + 1 :], V[p + 1 :, p + 1 :], cut, level),
        ll=found.value,
        ll0=_ll(null),
        LRT=LRT,
        LRTdf=LRTdf,
        LRTp=chi2_upper(LRT, LRTdf) if LRTdf else np.nan,
        LRT_tau2=het,
        LRTp_tau2=None if het is None else chi2_upper(het, 1.0),
        ptable=step_table(studies, asked),
        pvals=read_only(np.clip(p_values(studies.yi, studies.vi, asked.alternative), asked.pval_min, 1.0 - asked.pval_min)),
        solve=Solve(True, f"highest maximum from {found.starts} starts", found.evaluations, bool(found.held[p])),
        notes=(*null.notes, *_notes(asked, found, p, lost, cut)),
    )


def _ll(null: UniResult) -> float:
    return null.fit_stats["ML"].logLik


def _tested(asked: SelectionSpec) -> int:
    freed = np.isnan(asked.delta)
    return int(freed[: SELECTIONS[asked.type].tested].sum())


def _notes(asked: SelectionSpec, found: Selected, p: int, lost: bool, cut: float | None) -> Iterator[str]:
    if found.held[p]:
        yield _ZERO
    if found.held[p + 1 :].any():
        yield _HELD
    if lost:
        yield _SINGULAR
    if cut is not None and np.isnan(asked.delta[1]):
        yield _CUT


def _of_delta(asked: SelectionSpec, delta: FloatArray, vd: FloatArray, cut: float | None, level: float) -> dict[str, Any]:
    """The selection parameters, their tests and their intervals, which end where they may not go."""
    if asked.type in _SEEN:
        more = [] if cut is None else [cut]
        V = np.full((1 + len(more), 1 + len(more)), np.nan)
        V[0, 0] = vd[1, 1]
        delta, vd = np.array([delta[1], *more]), V
    null = np.broadcast_to(SELECTIONS[asked.type].null, len(delta))
    se = np.sqrt(vd.diagonal())
    zval = (delta - null) / se
    reach = normal_quantile((100.0 - level) / 200.0) * se
    found = {
        "delta": delta.copy(),
        "vd": vd.copy(),
        "se_delta": se,
        "zval_delta": zval,
        "pval_delta": two_sided(zval, None),
        "ci_lb_delta": np.maximum(delta - reach, np.where(np.isinf(asked.delta_min), -np.inf, 0.0)),
        "ci_ub_delta": np.minimum(delta + reach, 1.0 if asked.decreasing else np.inf),
    }
    return {name: read_only(np.asarray(values)) for name, values in found.items()}
