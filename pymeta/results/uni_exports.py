"""Inverse-variance models as plain data, LaTeX and HTML."""

from __future__ import annotations

from html import escape
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pymeta.results.uni import UniResult

__all__ = ["exported", "html_table", "latex_table"]

_COLUMNS = ("beta", "se", "zval", "pval", "ci_lb", "ci_ub")
_NUMBERS = ("k", "p", "m", "parms", "tau2", "se_tau2", "I2", "H2", "R2", "QE", "QE_df", "QEp", "QM", "QMp", "s2w", "ddf")
_LATEX = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"} | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\^{}"}
)


def exported(result: UniResult) -> dict[str, Any]:
    """Names and numbers as lists, floats, texts and None."""
    spec = result.spec
    asked = {"measure": spec.measure, "method": spec.method, "test": spec.test, "level": spec.level, "label": result.label}
    coefficients = [
        {"term": name, **{column: _plain(getattr(result, column)[i]) for column in _COLUMNS}}
        for i, name in enumerate(result.names)
    ]
    studies = [
        {"slab": slab, "yi": _plain(yi), "vi": _plain(vi)}
        for slab, yi, vi in zip(result.studies.slab, result.studies.yi, result.studies.vi, strict=True)
    ]
    return {
        **asked,
        "formula": spec.design.formula,
        "coefficients": coefficients,
        "vb": [[_plain(x) for x in row] for row in result.vb],
        **{name: _plain(getattr(result, name)) for name in _NUMBERS},
        "fit_stats": {kind: {n: _plain(x) for n, x in s._asdict().items()} for kind, s in result.fit_stats.items()},
        "studies": studies,
        "dropped": [{"row": d.row, "slab": d.slab, "reason": d.reason} for d in result.studies.dropped],
        "notes": list(result.notes),
    }


def _plain(value: Any) -> float | int | None:
    if value is None or isinstance(value, int):
        return value
    number = float(np.asarray(value))
    return number if isfinite(number) else None


def _rows(result: UniResult, digits: int) -> tuple[list[str], list[list[str]]]:
    statistic = "z" if result.ddf is None else "t"
    head = ["", "estimate", "se", statistic, "p", "lower", "upper"]
    columns = [getattr(result, name) for name in _COLUMNS]
    rows = [[name, *(f"{column[i]:.{digits}f}" for column in columns)] for i, name in enumerate(result.names)]
    return head, rows


def latex_table(result: UniResult, digits: int) -> str:
    """Coefficients in a tabular of the package booktabs; names are text."""
    head, rows = _rows(result, digits)
    body = [" & ".join([row[0].translate(_LATEX), *(f"${cell}$" for cell in row[1:])]) + r" \\" for row in rows]
    top = [r"\begin{tabular}{lrrrrrr}", r"\toprule", " & ".join(head) + r" \\", r"\midrule"]
    return "\n".join([*top, *body, r"\bottomrule", r"\end{tabular}"])


def html_table(result: UniResult) -> str:
    """Coefficients and the line of heterogeneity, for notebooks; names are text."""
    head, rows = _rows(result, 4)
    cells = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    tau2 = f", tau² = {result.tau2:.4f}" if result.random else ""
    more = f"k = {result.k}{tau2}, I² = {result.I2:.1f}%, Q({result.QE_df}) = {result.QE:.2f}"
    title = escape(f"{result.label}, {result.spec.method}")
    return f"<table><caption>{title}: {more}</caption><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"
