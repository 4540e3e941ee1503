"""Inverse-variance models as text that reads like metafor's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pymeta.show import text

if TYPE_CHECKING:
    from pymeta.results.uni import UniResult

__all__ = ["lines", "summary_lines"]

_STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"), (0.1, "."))
_LEGEND = "Signif. codes:  0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1"


def lines(result: UniResult) -> list[str]:
    """The model, its heterogeneity, the tests and the coefficients. metafor: ``print(rma(…))``."""
    return [_head(result), "", *_tau2(result), *_shares(result), "", *_tests(result), *_coefficients(result)]


def summary_lines(result: UniResult) -> list[str]:
    """The same with the statistics of fit. metafor: ``summary(rma(…))``."""
    head, *rest = lines(result)
    stats = result.fit_stats["REML" if result.spec.method == "REML" else "ML"]
    names, values = ["logLik", "deviance", "AIC", "BIC", "AICc"], [f"{value:.4f}" for value in stats]
    width = max(map(len, names + values))  # R prints a vector, whose columns are equally wide
    return [head, "", "  ".join(f"{name:>{width}}" for name in names), "  ".join(f"{v:>{width}}" for v in values), *rest]


def _head(result: UniResult) -> str:
    if not result.random:
        return f"{result.label} (k = {result.k})"
    given = result.spec.tau2 is not None and result.spec.method != "revman5"
    how = "user-specified tau^2 value" if given else f"tau^2 estimator: {result.spec.method}"
    return f"{result.label} (k = {result.k}; {how})"


def _tau2(result: UniResult) -> list[str]:
    if not result.random:
        return []
    what = "specified" if result.spec.tau2 is not None and result.spec.method != "revman5" else "estimated"
    kind = "residual" if result.moderated else "total"
    se = "" if result.se_tau2 is None else f" (SE = {result.se_tau2:.4f})"
    labels = [f"tau^2 ({what} amount of {kind} heterogeneity):", f"tau (square root of {what} tau^2 value):"]
    width = _width(result, labels)
    zero = result.tau2 == 0.0
    values = ["0" if zero else f"{result.tau2:.4f}", "0" if zero else f"{result.tau2**0.5:.4f}"]
    return [f"{labels[0]:{width}} {values[0]}{se}", f"{labels[1]:{width}} {values[1]}"]


def _shares(result: UniResult) -> list[str]:
    if result.moderated:
        labels = [
            "I^2 (residual heterogeneity / unaccounted variability):",
            "H^2 (unaccounted variability / sampling variability):",
            "R^2 (amount of heterogeneity accounted for):",
        ]
    else:
        labels = ["I^2 (total heterogeneity / total variability):", "H^2 (total variability / sampling variability):"]
    width = _width(result, labels)
    found = [f"{labels[0]:{width}} {result.I2:.2f}%", f"{labels[1]:{width}} {result.H2:.2f}"]
    return found if result.R2 is None else [*found, f"{labels[2]:{width}} {result.R2:.2f}%"]


def _width(result: UniResult, labels: Sequence[str]) -> int:
    """The longest label of the block, so that all its values begin in one column."""
    longest = 55 if result.moderated else 48
    return max(longest, *map(len, labels))


def _tests(result: UniResult) -> list[str]:
    residual = "Residual " if result.moderated else ""
    name = "QE" if result.moderated else "Q"
    found = [
        f"Test for {residual}Heterogeneity:",
        f"{name}(df = {result.QE_df}) = {result.QE:.4f}, p-val {text.p_value(result.QEp)}",
        "",
    ]
    if not result.moderated:
        return found
    places = _ranges([i + 1 for i in result.btt])
    if result.ddf is None:
        statistic = f"QM(df = {result.m})"
    else:
        statistic = f"F(df1 = {result.m}, df2 = {result.ddf:.0f})"
    plural = "s" if result.m > 1 else ""
    return [
        *found,
        f"Test of Moderators (coefficient{plural} {places}):",
        f"{statistic} = {result.QM:.4f}, p-val {text.p_value(result.QMp)}",
        "",
    ]


def _ranges(places: Sequence[int]) -> str:
    """Places from 1 as R writes them: "2:4,6"."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}:{run[-1]}" for run in runs)


def _coefficients(result: UniResult) -> list[str]:
    statistic = ["zval"] if result.ddf is None else ["tval", "df"]
    head = ["estimate", "se", *statistic, "pval", "ci.lb", "ci.ub", ""]
    cells = []
    for i in range(result.p):
        df = [] if result.ddf is None else [f"{result.ddf:.0f}"]
        estimates = [f"{column[i]:.4f}" for column in (result.beta, result.se, result.zval)]
        pval = text.p_value(float(result.pval[i]), equals="").replace(" ", "")
        bounds = [f"{column[i]:.4f}" for column in (result.ci_lb, result.ci_ub)]
        cells.append([*estimates, *df, pval, *bounds, _stars(float(result.pval[i]))])
    if result.moderated:
        head = ["", *head]
        cells = [[name, *row] for name, row in zip(result.names, cells, strict=True)]
    table = [line.rstrip() for line in text.aligned(head, cells, first="left" if result.moderated else "right")]
    return ["Model Results:", "", *table, "", "---", _LEGEND]


def _stars(p: float) -> str:
    return next((stars for bound, stars in _STARS if p <= bound), "")
