"""A report for people at a terminal."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pymeta.show.table import Table as TextTable
from pymeta.show.text import clean, p_value
from pymeta.validation.report import paper_failures, r_failures, r_packages, self_failures
from pymeta.validation.run import AGREE, DISAGREE, MISSING, NOT_REPORTED, OutcomeReport, Report, displayed
from pymeta.validation.tables import quantities, studies

__all__ = ["data_sentence", "show"]

_LONGEST = 200  # characters of a label
_NARROWEST = 100  # a pipe or a log has no width; the table needs this much


def show(report: Report, console: Console, *, detail: bool = False) -> None:
    """Print the report: what answered, where the rows come from, one line an outcome, worst first, and what failed."""
    if not console.is_terminal:
        console.width = max(console.width, _NARROWEST)
    console.print(Text(_brief(report.case.title), style="bold"))
    console.print(Text.assemble("Reference: ", (report.backend, "bold"), f" ({r_packages(report)})"))
    for line in report.note.splitlines():
        console.print(Text(clean(line), style="dim"))
    console.print(Text(data_sentence(report), style="yellow" if report.case.data == "reconstruction" else ""))
    console.print(_summary(report))
    for outcome in report.worst_first():
        _failures(outcome, console)
        if detail:
            console.print(_drawn(quantities(outcome)), _drawn(studies(outcome)))
    _closing(report, console)


def data_sentence(report: Report) -> str:
    """Where the study rows come from, in a sentence that is always shown."""
    note = f" {clean(report.case.data_note)}" if report.case.data_note else ""
    return {
        "reconstruction": f"The study rows are a RECONSTRUCTION, not the trials' data.{note}",
        "published": f"Study rows: published.{note}",
        "extracted": f"Study rows: a person's own extraction{note and ',' + note}.",
    }[report.case.data]


def _brief(text: str) -> str:
    """A label that leaves room for the rest; the reports in files hold all of it."""
    shown = clean(text)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


def _summary(report: Report) -> Table:
    """A block of lines an outcome, so that what is to be compared stands one above the other."""
    table = Table(header_style="bold", box=box.HORIZONTALS, pad_edge=False)
    for head in ("Outcome", "", "Effect", "Interval", "p", "Verdict"):
        table.add_column(head, no_wrap=head != "Outcome", justify="right" if head in ("Effect", "Interval", "p") else "left")
    for outcome in report.worst_first():
        lines: list[tuple[str | Text, ...]] = [
            ("pymeta", *_pooled(displayed(outcome.case, outcome.ours)), ""),
            ("R", *_pooled(displayed(outcome.case, outcome.r)), _against_r(outcome)),
            ("paper", *_printed(outcome), _verdict(outcome.vs_paper)),
            ("paper itself", "", "", "", _verdict(outcome.paper_self)),
        ]
        columns = [Text("\n").join([_as_text(line[i]) for line in lines]) for i in range(5)]
        label = Text.assemble(_brief(outcome.case.label), ("\n" + _model(outcome), "dim"))
        table.add_row(label, *columns, end_section=True)
    return table


def _as_text(cell: str | Text) -> Text:
    return cell if isinstance(cell, Text) else Text(cell)


def _model(outcome: OutcomeReport) -> str:
    return f"{outcome.case.measure.name}, {outcome.case.method}, k = {outcome.result.k}"


def _pooled(values: Mapping[str, float]) -> tuple[str, str, str]:
    if not {"estimate", "ci_lb", "ci_ub", "pval"} <= values.keys():
        return "–", "–", "–"
    return (
        _number(values["estimate"]),
        f"{_number(values['ci_lb'])}, {_number(values['ci_ub'])}",
        p_value(values["pval"], equals=""),
    )


def _number(value: float) -> str:
    return f"{value:.4f}" if abs(value) < 1e6 else f"{value:.4g}"


def _printed(outcome: OutcomeReport) -> tuple[str, str, str]:
    said = {name: figure.text for name, figure in outcome.case.reported.items()}
    interval = f"{said.get('ci_lb', '–')}, {said.get('ci_ub', '–')}"
    return said.get("estimate", "–"), "–" if interval == "–, –" else interval, said.get("pval", "–")


def _against_r(outcome: OutcomeReport) -> Text:
    verdict = _verdict(outcome.vs_r)
    if outcome.agreement is not None and np.isfinite(outcome.agreement.worst_digits):
        verdict.append(f", {outcome.agreement.worst_digits:.1f} digits", style="dim")
    return verdict


def _verdict(verdict: str) -> Text:
    style = {AGREE: "green", NOT_REPORTED: "dim", "limited_by_r": "yellow", "known": "yellow"}.get(verdict, "bold red")
    return Text(verdict.replace("_", " "), style=style)


def _failures(outcome: OutcomeReport, console: Console) -> None:
    sections = (
        ("against R", r_failures(outcome)),
        ("against the paper", paper_failures(outcome) if outcome.vs_paper == DISAGREE else []),
        ("the paper against itself", self_failures(outcome)),
        ("R said", list(outcome.r_says) if outcome.vs_r != AGREE else []),
    )
    for name, lines in sections:
        if lines:
            console.print(Text(f"{_brief(outcome.case.label)}, {name}:", style="bold"))
            console.print(*(Padding(Text(clean(line)), (0, 0, 0, 2)) for line in lines))


def _drawn(table: TextTable) -> Table:
    drawn = Table(title=Text(_brief(table.title), style="bold"), title_justify="left", header_style="bold")
    for i, head in enumerate(table.columns):
        drawn.add_column(head, justify="right" if i else "left")
    for row in table.rows:
        drawn.add_row(*(Text(_brief(cell)) for cell in row))
    return drawn


def _closing(report: Report, console: Console) -> None:
    agreeing = sum(outcome.ok for outcome in report.outcomes)
    silent = sum(outcome.vs_r == MISSING for outcome in report.outcomes)
    style = "bold green" if report.verdict == AGREE else "bold red"
    text = f"{report.verdict.upper()}: {agreeing} of {len(report.outcomes)} outcomes without a disagreement"
    console.print(Text(text + (f"; R has not answered for {silent}" if silent else ""), style=style))
