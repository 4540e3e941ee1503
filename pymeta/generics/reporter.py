"""A paragraph each on what was done and what came out, in Markdown."""

from __future__ import annotations

from pymeta.effects.measures import MEASURES
from pymeta.errors import PymetaError
from pymeta.generics.predict import predict
from pymeta.models.residuals import rstudent
from pymeta.numerics.tails import normal_quantile
from pymeta.results.robust import RobustResult
from pymeta.results.selection import without_selection
from pymeta.results.uni import UniResult
from pymeta.tau2.methods import TAU2

__all__ = ["reporter"]

_ESTIMATORS = {
    "DL": "DerSimonian and Laird's estimator",
    "DLIT": "DerSimonian and Laird's iterated estimator",
    "HE": "Hedges' estimator",
    "HS": "Hunter and Schmidt's estimator",
    "HSk": "Hunter and Schmidt's estimator with a small-sample correction",
    "SJ": "Sidik and Jonkman's estimator",
    "SJIT": "Sidik and Jonkman's iterated estimator",
    "ML": "maximum likelihood",
    "REML": "restricted maximum likelihood",
    "EB": "the empirical Bayes estimator",
    "PM": "Paule and Mandel's estimator",
    "PMM": "the median-unbiased estimator of Paule and Mandel's kind",
    "GENQ": "the generalised Q-statistic estimator",
    "GENQM": "the median-unbiased generalised Q-statistic estimator",
    "revman5": "Review Manager 5's method",
}
_TESTS = {
    "z": "normal distributions",
    "t": "t-distributions",
    "knha": "the method of Knapp and Hartung",
    "adhoc": "the method of Knapp and Hartung, never with a smaller variance than without it",
}


def reporter(result: UniResult, *, digits: int = 2) -> str:
    """Two paragraphs in Markdown, "Methods" and "Results", with all numbers from the result.

    digits : of estimates; p-values have three. metafor: ``reporter(result)``, in other words
    """
    without_selection(result, "reporter")
    return f"## Methods\n\n{_methods(result)}\n\n## Results\n\n{_results(result, digits)}\n"


def _methods(result: UniResult) -> str:
    spec = result.spec
    parts = [f"The {_measure(result)} of {result.k} studies were analysed with {_model(result)}."]
    if result.random and spec.tau2 is not None and spec.method in TAU2:
        parts.append(f"The variance between studies, τ², was taken to be {spec.tau2:g}.")
    elif result.random:
        source = TAU2[spec.method].source if spec.method in TAU2 else "Deeks & Higgins (2010)"
        parts.append(
            f"The variance between studies, τ², was estimated by {_ESTIMATORS.get(spec.method, spec.method)}; see {source}."
        )
    if spec.weights is not None or not spec.weighted:
        parts.append(f"Studies had {'weights of our own choice' if spec.weighted else 'equal weights'}.")
    parts.append(
        f"The tests and {spec.level:g} % confidence intervals of the {_plural('coefficient', result.p)} "
        f"are based on {_tests(result)}."
    )
    parts.append("Heterogeneity was tested by Cochran's Q and is described by I².")
    if result.studies.dropped:
        n = len(result.studies.dropped)
        parts.append(f"{n} {'row was' if n == 1 else 'rows were'} left out: {_dropped(result)}.")
    return " ".join(parts)


def _measure(result: UniResult) -> str:
    label = MEASURES[result.spec.measure].label
    return f"effects (measure: {label})" if result.spec.measure != "GEN" else "effects"


def _model(result: UniResult) -> str:
    if not result.moderated:
        return _article(result.label.lower())
    terms = ", ".join(result.spec.design.terms) or ", ".join(result.names)
    kind = "mixed-effects" if result.random else "fixed-effects"
    return f"a {kind} meta-regression ({_plural('moderator', len(result.spec.design.terms))}: {terms})"


def _tests(result: UniResult) -> str:
    if isinstance(result, RobustResult):
        return f"cluster-robust variances ({result.robumethod}, {result.n} clusters)"
    return _TESTS[result.test]


def _plural(word: str, n: int) -> str:
    return word if n == 1 else f"{word}s"


def _dropped(result: UniResult) -> str:
    return "; ".join(f"{d.slab} ({d.reason})" for d in result.studies.dropped)


def _results(result: UniResult, digits: int) -> str:
    parts = _moderators(result, digits) if result.moderated else _average(result, digits)
    return " ".join([*parts, _heterogeneity(result, digits), *_outliers(result, digits)])


def _average(result: UniResult, digits: int) -> list[str]:
    what = (
        "average effect"
        if result.random
        else "common effect"
        if result.label != "Fixed-Effects Model"
        else "weighted mean effect"
    )
    parts = [f"The estimated {what} was {_estimate(result, 0, digits)}."]
    measure = MEASURES[result.spec.measure]
    if measure.back is not None:
        b, low, high = (f"{measure.display(x[:1])[0]:.{digits}f}" for x in (result.beta, result.ci_lb, result.ci_ub))
        parts.append(f"As {_article(measure.short.lower())}, that is {b} ({result.spec.level:g} % CI {low} to {high}).")
    found = predict(result)
    if found.pi_lb is not None and found.pi_ub is not None:
        low, high = f"{found.pi_lb[0]:.{digits}f}", f"{found.pi_ub[0]:.{digits}f}"
        parts.append(f"The true effects of {result.spec.level:g} % of such studies are expected between {low} and {high}.")
    return parts


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _estimate(result: UniResult, place: int, digits: int) -> str:
    low, high = f"{result.ci_lb[place]:.{digits}f}", f"{result.ci_ub[place]:.{digits}f}"
    ddf = float(result.dfs[place]) if isinstance(result, RobustResult) else result.ddf
    name = "z" if ddf is None else f"t({ddf:.3g})"
    test = f"{name} = {result.zval[place]:.2f}, {_p(float(result.pval[place]))}"
    return f"{result.beta[place]:.{digits}f} ({result.spec.level:g} % CI {low} to {high}; {test})"


def _p(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _moderators(result: UniResult, digits: int) -> list[str]:
    m, ddf = result.QMdf
    statistic = f"QM({m})" if ddf is None else f"F({m}, {ddf:.3g})"
    tested = ", ".join(result.names[i] for i in result.btt)
    parts = [f"The omnibus test of {tested} gave {statistic} = {result.QM:.2f}, {_p(result.QMp)}."]
    rows = "; ".join(f"{name} {_estimate(result, i, digits)}" for i, name in enumerate(result.names))
    parts.append(f"The estimated {_plural('coefficient', result.p)}: {rows}.")
    if result.R2 is not None and result.random:
        parts.append(f"The moderators account for {result.R2:.1f} % of τ².")
    return parts


def _heterogeneity(result: UniResult, digits: int) -> str:
    if result.QE_df == 0:
        return "Heterogeneity cannot be told from so few studies."
    rest = "residual " if result.moderated else ""
    tau2 = f"τ² = {result.tau2:.{max(digits, 4)}f}, " if result.random else ""
    test = f"Q({result.QE_df}) = {result.QE:.2f}, {_p(result.QEp)}"
    return f"The test of {rest}heterogeneity gave {test}; {tau2}I² = {result.I2:.1f} %."


def _outliers(result: UniResult, digits: int) -> list[str]:
    """Studentised residuals beyond a Bonferroni-corrected bound of 5 %."""
    try:
        found = rstudent(result)
    except PymetaError:
        return []
    bound = normal_quantile(0.025 / result.k)
    beyond = [f"{name} ({z:.{digits}f})" for name, z in zip(found.slab, found.z, strict=True) if abs(z) > bound]
    if not beyond:
        return [f"No study's studentised residual is beyond ±{bound:.{digits}f}."]
    return [f"Studentised residuals beyond ±{bound:.{digits}f}: {', '.join(beyond)}."]
